"""Measures how much of APPS+ stands in a benchmark: by lines, by statements, by whole programs."""
