"""Leaderboards of result records: ranking with uncertainty, comparison, verification, export and a static site."""
