"""The problems that a TASK names: loading each benchmark, and judging as its authors do."""
