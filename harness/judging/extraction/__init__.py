"""From what a model wrote to the program in it: Markdown, bare code, reasoning, special tokens."""
