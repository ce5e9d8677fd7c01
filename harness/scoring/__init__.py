"""Scores models: benchmarks and samples in, verdicts, pass@k with intervals and the errors by kind out."""
