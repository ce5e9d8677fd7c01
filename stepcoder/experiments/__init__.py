"""Experiments with the trainer: ablation, learning curves and plots, signal-to-noise ratio of the gradient."""
