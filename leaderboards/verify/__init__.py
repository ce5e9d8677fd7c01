"""Checks a record by running a random part of its samples again."""
