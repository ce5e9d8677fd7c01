"""Printed output of the scoring commands, on stdout. No decisions are made here."""
