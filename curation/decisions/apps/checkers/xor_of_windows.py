"""Accept any array whose windows of length K all have the XOR X (train/1679)."""

from itertools import accumulate, islice
from operator import xor

MOST = 10**18


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such an array of N numbers."""
    numbers = [int(token) for token in input.split()[1:]]
    tokens = map(int, actual.split())
    cases = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    return all(_fits(list(islice(tokens, n)), n, k, x) for n, k, x in cases) and next(tokens, None) is None


def _fits(array: list[int], n: int, k: int, x: int) -> bool:
    if len(array) != n or not all(0 <= number <= MOST for number in array):
        return False
    xors = [0, *accumulate(array, xor)]
    return all(xors[i + k] ^ xors[i] == x for i in range(n - k + 1))
