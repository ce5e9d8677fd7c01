"""The processes that hold untrusted programs, and what runs inside them. Standard library only."""
