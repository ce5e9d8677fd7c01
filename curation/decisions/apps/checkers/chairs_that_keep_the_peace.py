"""Accept any n chairs of 4n where no number divides another and no two are coprime (train/0044)."""

from itertools import combinations
from math import gcd


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line seats the kids of its case."""
    counts = [int(token) for token in input.split()[1:]]
    lines = actual.strip().splitlines()
    return len(lines) == len(counts) and all(map(_is_peaceful, lines, counts))


def _is_peaceful(line: str, n: int) -> bool:
    chairs = [int(token) for token in line.split()]
    if len(set(chairs)) != n or len(chairs) != n or not all(1 <= chair <= 4 * n for chair in chairs):
        return False
    return all(gcd(a, b) not in (1, a, b) for a, b in combinations(chairs, 2))
