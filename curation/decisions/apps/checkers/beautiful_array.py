"""Accept any array of equal window sums that contains the given one; -1 only where none exists (train/0072).

All windows of k have the same sum exactly if each number equals the one k places before it. So at most k different
numbers occur, and k different numbers, repeated, are enough.
"""

from itertools import islice

MOST = 10_000


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a beautiful array, or -1 where the array has more than k different numbers."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n, k = int(next(given)), int(next(given))
        array = [int(token) for token in islice(given, n)]
        m = int(next(tokens))
        if m == -1:
            if len(set(array)) <= k:
                return False
            continue
        new = [int(token) for token in islice(tokens, m)]
        if not n <= m <= MOST or len(new) != m or not all(1 <= number <= n for number in new):
            return False
        if new[k:] != new[:-k] or not _contains(new, array):
            return False
    return next(tokens, None) is None


def _contains(numbers: list[int], subsequence: list[int]) -> bool:
    rest = iter(numbers)
    return all(number in rest for number in subsequence)
