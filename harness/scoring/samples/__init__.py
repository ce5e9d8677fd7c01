"""Files of samples: every format, the problem that each sample answers, and the program in it."""
