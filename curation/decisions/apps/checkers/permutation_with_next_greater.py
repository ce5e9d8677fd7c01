"""Accept any permutation in which the next greater numbers stand where known; -1 only as expected (train/2315)."""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a permutation, or the -1 that is expected."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n = next(given)
        known = list(islice(given, n))
        permutation = _take(ours, n)
        if _take(best, n) == [-1]:
            if permutation != [-1]:
                return False
            continue
        if sorted(permutation) != list(range(1, n + 1)):
            return False
        if not all(place in (-1, found) for place, found in zip(known, _next_greater(permutation), strict=True)):
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int], n: int) -> list[int]:
    """Take -1, or n numbers."""
    first = next(numbers)
    return [first] if first == -1 else [first, *islice(numbers, n - 1)]


def _next_greater(permutation: list[int]) -> list[int]:
    """Return for each place that of the next greater number, from 1; n + 1 where there is none."""
    found = [len(permutation) + 1] * len(permutation)
    waiting: list[int] = []  # places whose next greater number is still to come, the smallest number last
    for place, number in enumerate(permutation):
        while waiting and permutation[waiting[-1]] < number:
            found[waiting.pop()] = place + 1
        waiting.append(place)
    return found
