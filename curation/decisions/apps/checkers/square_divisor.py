"""Accept any P of 2 to 10^18 whose square divides the product (train/1103)."""

from itertools import islice
from math import prod

MOST = 10**18


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such a P."""
    given, tokens = map(int, input.split()), map(int, actual.split())
    for _ in range(next(given)):
        product = prod(islice(given, next(given)))
        p = next(tokens)
        if not 2 <= p <= MOST or product % p**2:
            return False
    return next(tokens, None) is None
