"""Build APPS+ from raw APPS: the pipeline, the overlap with benchmarks, the review of flagged problems."""
