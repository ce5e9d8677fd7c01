"""Accept any permutation with the given indices as its only LIS; NO only where it is expected (train/0724).

An index is in some LIS if the longest increasing subsequences that end and that begin there add up to one. Only one LIS
exists if these are as many indices as it is long.
"""

from bisect import bisect_left
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a permutation, or the NO that is expected."""
    given, ours, best = map(int, input.split()), iter(actual.split()), iter(expected.split())
    for _ in range(next(given)):
        n, k = next(given), next(given)
        indices = list(islice(given, k))
        answer = next(best)
        if next(ours) != answer:
            return False
        if answer == "YES":
            for _ in range(n):
                next(best)
            permutation = [int(token) for token in islice(ours, n)]
            if sorted(permutation) != list(range(1, n + 1)) or _indices_in_some_lis(permutation) != indices:
                return False
    return next(ours, None) is None


def _indices_in_some_lis(permutation: list[int]) -> list[int]:
    ending = _lis_ending_at_each(permutation)
    beginning = _lis_ending_at_each([-number for number in reversed(permutation)])[::-1]
    longest = max(ending)
    return [i for i, (a, b) in enumerate(zip(ending, beginning, strict=True), 1) if a + b - 1 == longest]


def _lis_ending_at_each(numbers: list[int]) -> list[int]:
    ends: list[int] = []  # ends[i]: the smallest last number of an increasing subsequence of length i + 1
    lengths = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
        lengths.append(place + 1)
    return lengths
