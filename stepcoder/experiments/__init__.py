"""Experiments with the trainer: the ablation, the learning curves, the signal in the gradient."""
