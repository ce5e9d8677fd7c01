"""Accept any packing of all ducks with at most two colours a box (train/1376)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case fills each box with K ducks of two colours, and packs all ducks."""
    given, tokens = map(int, input.split()), map(int, actual.split())
    for _ in range(next(given)):
        n, k = next(given), next(given)
        left = list(islice(given, n + 1))
        for _ in range(n):
            c1, m1, c2, m2 = islice(tokens, 4)
            if m1 + m2 != k or not (0 <= m1 <= k and 0 <= c1 <= n and 0 <= c2 <= n):
                return False
            left[c1] -= m1
            left[c2] -= m2
        if any(left):
            return False
    return next(tokens, None) is None
