"""Checkers for problems with several right answers: a catalogue, and proposals from it for a reviewer."""
