"""Measure the overlap of APPS+ with a benchmark: of lines, of statements, of whole programs."""
