"""Measure how difficult problems are for models: solve rates of samples, as columns; choose problems by them."""
