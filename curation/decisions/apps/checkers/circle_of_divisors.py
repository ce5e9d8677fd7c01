"""Accept any order of the divisors that needs as few moves as the expected one (train/0079)."""

from collections.abc import Iterator
from math import gcd


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has all divisors above 1, and the minimal number of moves, which its order needs."""
    ours, best = _cases(actual), _cases(expected)
    for n in map(int, input.split()[1:]):
        (circle, moves), (_, fewest) = next(ours), next(best)
        coprime = sum(gcd(circle[i - 1], circle[i]) == 1 for i in range(len(circle)))
        if sorted(circle) != _divisors(n) or not moves == coprime == fewest:
            return False
    return next(ours, None) is None


def _cases(output: str) -> Iterator[tuple[list[int], int]]:
    lines = [line.split() for line in output.splitlines() if line.strip()]
    for circle, moves in zip(lines[::2], lines[1::2], strict=True):
        yield [int(token) for token in circle], int(" ".join(moves))


def _divisors(n: int) -> list[int]:
    small = [d for d in range(1, int(n**0.5) + 1) if n % d == 0]
    return sorted({*small, *(n // d for d in small)} - {1})
