"""Writes records in the formats that model hubs and shared databases read."""
