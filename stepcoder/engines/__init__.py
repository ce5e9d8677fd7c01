"""StepCoder's curriculum and loss mask inside other people's trainers."""
