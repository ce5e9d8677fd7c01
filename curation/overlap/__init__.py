"""Measure how much of APPS+ is in a benchmark (lines, statements, whole programs), and choose what a build drops for it."""
