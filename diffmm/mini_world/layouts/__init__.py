"""Layouts: the folders and files of real data sets."""
