"""The programs of the catalogue: each file is a whole checker, which runs in the sandbox as it is."""
