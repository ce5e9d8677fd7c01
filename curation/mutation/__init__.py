"""Measure how strong the tests of a problem are: the share of its canonical solution's mutants that they reject."""
