"""Accept any permutation with the given prefix maxima; -1 only where it is expected (train/0091)."""

from collections.abc import Iterator
from itertools import accumulate, islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a permutation, or the -1 that is expected."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n = next(given)
        maxima = list(islice(given, n))
        permutation = _take(ours, n)
        if _take(best, n) == [-1]:
            if permutation != [-1]:
                return False
        elif sorted(permutation) != list(range(1, n + 1)) or list(accumulate(permutation, max)) != maxima:
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int], n: int) -> list[int]:
    """Take -1, or n numbers."""
    first = next(numbers)
    return [first] if first == -1 else [first, *islice(numbers, n - 1)]
