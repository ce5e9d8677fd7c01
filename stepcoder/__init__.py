"""StepCoder's trainer: PPO with a curriculum of code-completion subtasks and a loss mask over unexecuted code."""
