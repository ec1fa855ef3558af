"""Scenes: objects and their places, before anything is drawn."""
