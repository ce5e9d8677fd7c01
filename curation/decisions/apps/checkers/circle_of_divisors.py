"""Accept any order of the divisors that needs as few moves as the expected one (train/0079)."""

from itertools import islice
from math import gcd


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has all divisors above 1, and the minimal number of moves, which its order needs."""
    ours, best = map(int, actual.split()), map(int, expected.split())
    for n in map(int, input.split()[1:]):
        divisors = _divisors(n)
        circle, moves = list(islice(ours, len(divisors))), next(ours)
        *_, fewest = islice(best, len(divisors) + 1)
        coprime = sum(gcd(circle[i - 1], circle[i]) == 1 for i in range(len(circle)))
        if sorted(circle) != divisors or not moves == coprime == fewest:
            return False
    return next(ours, None) is None


def _divisors(n: int) -> list[int]:
    small = [d for d in range(1, int(n**0.5) + 1) if n % d == 0]
    return sorted({*small, *(n // d for d in small)} - {1})
