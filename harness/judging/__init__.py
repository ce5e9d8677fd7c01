"""From a model's answer to the program that is judged: one function for scoring, generation and training alike."""
