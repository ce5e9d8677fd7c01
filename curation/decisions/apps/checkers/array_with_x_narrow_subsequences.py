"""Accept any array with exactly X subsequences in which maximum and minimum differ by less than d (train/2001).

There always is one, so that -1 is wrong: k equal numbers make 2^k - 1 such subsequences, and numbers of groups that are
d apart add up. After the first (in order of size) of a subsequence, any of the numbers less than d above it may be in.
"""

from bisect import bisect_left


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the array has X narrow subsequences."""
    x, d = map(int, input.split())
    n, *array = [int(token) for token in actual.split()]
    if not 1 <= n <= 10_000 or len(array) != n or not all(1 <= number < 10**18 for number in array):
        return False
    array.sort()
    found = 0
    for i, smallest in enumerate(array):
        found += 1 << (bisect_left(array, smallest + d) - i - 1)
        if found > x:
            return False
    return found == x
