"""Accept any permutation with the least sum of LIS and LDS (train/2023).

LIS * LDS is at least n (Erdos and Szekeres), and blocks of LIS numbers in descending order of blocks reach it.
"""

from bisect import bisect_left


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the output is a permutation of 1 to n, and its LIS and LDS have the least sum."""
    n = int(input)
    permutation = [int(token) for token in actual.split()]
    if sorted(permutation) != list(range(1, n + 1)):
        return False
    least = min(lis + -(-n // lis) for lis in range(1, n + 1))
    return _lis(permutation) + _lis(permutation[::-1]) == least


def _lis(numbers: list[int]) -> int:
    ends: list[int] = []  # ends[i]: the smallest last number of an increasing subsequence of length i + 1
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)
