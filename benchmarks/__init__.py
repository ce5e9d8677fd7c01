"""Side-by-side measurements of the sandbox; never run by the test command."""
