"""Accept any two permutations that obey the signs, of minimum and of maximum LIS (train/0053).

A run of k signs ``<`` forces an increasing subsequence of k + 1 numbers, and one can be made that has no longer. An
increasing subsequence takes at most one number of each maximal run of ``>``, and there are as many of these as signs
``<``, plus one.
"""

from bisect import bisect_left
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a permutation with the shortest LIS, then one with the longest."""
    given = input.split()[1:]
    tokens = map(int, actual.split())
    for n, signs in zip(map(int, given[::2]), given[1::2], strict=True):
        shortest, longest = (list(islice(tokens, n)) for _ in range(2))
        if not (_obeys(shortest, n, signs) and _obeys(longest, n, signs)):
            return False
        if _lis(shortest) != 1 + max(map(len, signs.split(">"))) or _lis(longest) != 1 + signs.count("<"):
            return False
    return next(tokens, None) is None


def _obeys(permutation: list[int], n: int, signs: str) -> bool:
    if sorted(permutation) != list(range(1, n + 1)):
        return False
    return all((a < b) == (sign == "<") for a, b, sign in zip(permutation, permutation[1:], signs, strict=False))


def _lis(numbers: list[int]) -> int:
    ends: list[int] = []  # ends[i]: the smallest last number of an increasing subsequence of length i + 1
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)
