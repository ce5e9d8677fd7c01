"""The steps that a raw problem goes through, from its text to its place in the dataset."""
