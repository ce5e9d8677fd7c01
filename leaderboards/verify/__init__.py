"""Verify a record: check it for contradictions, and run a random part of its samples again."""
