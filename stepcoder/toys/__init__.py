"""Small problems and small models that the trainer makes itself, to be tried and tested without a download."""
