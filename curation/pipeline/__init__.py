"""The steps from a raw problem to the dataset; ``steps`` lists them in order."""
