"""Accept any earlier numbers with the XOR of the number; 0 only where it is expected (train/2175)."""

from collections.abc import Iterator
from functools import reduce
from itertools import islice
from operator import xor


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every number has such indices, each at most once, or the 0 that is expected."""
    _, *numbers = [int(token) for token in input.split()]
    ours, best = map(int, actual.split()), map(int, expected.split())
    for place, number in enumerate(numbers):
        indices, expected_indices = _take(ours), _take(best)
        if bool(indices) != bool(expected_indices):
            return False
        if indices and not (min(indices) >= 0 and max(indices) < place and len(set(indices)) == len(indices)):
            return False
        if indices and reduce(xor, (numbers[index] for index in indices)) != number:
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int]) -> list[int]:
    """Take a count and so many indices; raises ValueError if there are fewer."""
    count = next(numbers)
    indices = list(islice(numbers, count))
    if len(indices) != count:
        raise ValueError("fewer indices than stated")
    return indices
