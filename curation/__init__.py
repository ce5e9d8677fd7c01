"""Raw APPS in, APPS+ out: the pipeline, and the decisions of its reviewers."""
