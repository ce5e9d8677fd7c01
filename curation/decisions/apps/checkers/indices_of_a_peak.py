"""Accept any three indices with the largest value in the middle; NO only where there are none (train/0061).

Where some exist, some three neighbours are such, too.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such indices, or NO where there are none; both in any case of letters."""
    given, tokens = map(int, input.split()), iter(actual.split())
    for _ in range(next(given)):
        n = next(given)
        p = list(islice(given, n))
        possible = any(a < b > c for a, b, c in zip(p, p[1:], p[2:], strict=False))
        if next(tokens).upper() != ("YES" if possible else "NO"):
            return False
        if possible:
            i, j, k = (int(next(tokens)) for _ in range(3))
            if not 1 <= i < j < k <= n or not p[i - 1] < p[j - 1] > p[k - 1]:
                return False
    return next(tokens, None) is None
