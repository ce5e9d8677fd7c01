"""EvalPlus's tests: compare a program with the reference solution on many inputs.

The reference runs in a sandbox, once for each problem, and gives a digest of each expected output (``references``). The
program's process sends digests of its answers; only where one differs do the answers themselves leave it, to be
compared by EvalPlus's rules (``rules``) in another process (``judge``). No process of the program knows a digest of an
expected output: to send the same one, it must know the answer.
"""
