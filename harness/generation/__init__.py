"""Asks models for programs: prompts, backends, samples files."""
