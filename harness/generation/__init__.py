"""Generate samples: prompts, backends (transformers, servers, vLLM), the samples file."""
