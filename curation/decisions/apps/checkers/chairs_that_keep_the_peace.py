"""Accept any n chairs of 4n where no number divides another and no two are coprime (train/0044)."""

from itertools import combinations, islice
from math import gcd


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the chairs seat the kids of every case."""
    tokens = map(int, actual.split())
    kids = map(int, input.split()[1:])
    return all(_is_peaceful(list(islice(tokens, n)), n) for n in kids) and next(tokens, None) is None


def _is_peaceful(chairs: list[int], n: int) -> bool:
    if len(set(chairs)) != n or len(chairs) != n or not all(1 <= chair <= 4 * n for chair in chairs):
        return False
    return all(gcd(a, b) not in (1, a, b) for a, b in combinations(chairs, 2))
