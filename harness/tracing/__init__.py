"""Trace the lines that a program runs: the data, the picture, and the command ``trace``."""
