"""Accept any pairs of numbers with a common divisor, as many as expected (train/2187)."""

from math import gcd


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the pairs are as many as stated and expected, and each apple is in at most one."""
    n = int(input)
    count, *apples = [int(token) for token in actual.split()]
    if count != int(expected.split()[0]) or len(apples) != 2 * count or len(set(apples)) != len(apples):
        return False
    return all(1 <= apple <= n for apple in apples) and all(
        gcd(a, b) > 1 for a, b in zip(apples[::2], apples[1::2], strict=True)
    )
