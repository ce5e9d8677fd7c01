"""Runs untrusted programs in a sandbox and judges them."""
