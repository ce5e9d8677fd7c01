"""Generate tests: infer the grammar of a problem's inputs, propose inputs, let accepted solutions vote, choose few."""
