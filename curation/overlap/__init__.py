"""Measure how much of APPS+ is in a benchmark: lines, statements, whole programs. Choose what a build drops for it."""
