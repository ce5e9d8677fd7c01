"""Accept any array whose windows of length K all have the XOR X (train/1679)."""

from itertools import accumulate
from operator import xor

MOST = 10**18


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such an array."""
    numbers = [int(token) for token in input.split()[1:]]
    lines = [line for line in actual.splitlines() if line.strip()]
    cases = list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))
    return len(lines) == len(cases) and all(_fits(line, *case) for line, case in zip(lines, cases, strict=True))


def _fits(line: str, n: int, k: int, x: int) -> bool:
    array = [int(token) for token in line.split()]
    if len(array) != n or not all(0 <= number <= MOST for number in array):
        return False
    xors = [0, *accumulate(array, xor)]
    return all(xors[i + k] ^ xors[i] == x for i in range(n - k + 1))
