"""Accept any permutation whose neighbours' maxima add up to K; -1 only where it is expected (train/1249)."""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a permutation, or the -1 that is expected."""
    numbers = [int(token) for token in input.split()[1:]]
    ours, best = map(int, actual.split()), map(int, expected.split())
    for n, k in zip(numbers[::2], numbers[1::2], strict=True):
        permutation = _take(ours, n)
        if _take(best, n) == [-1]:
            if permutation != [-1]:
                return False
        elif sorted(permutation) != list(range(1, n + 1)) or sum(map(max, permutation, permutation[1:])) != k:
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int], n: int) -> list[int]:
    """Take -1, or n numbers."""
    first = next(numbers)
    return [first] if first == -1 else [first, *islice(numbers, n - 1)]
