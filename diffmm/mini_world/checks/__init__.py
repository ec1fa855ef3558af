"""Checks of the annotations of a scene against each other."""
