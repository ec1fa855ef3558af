"""Scenes: what is where, before anything is drawn."""
