"""Accept any N numbers from 1 to 1000 whose cubes add up to a square (train/1684)."""

from itertools import islice
from math import isqrt


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such an array of its length."""
    tokens = map(int, actual.split())
    lengths = map(int, input.split()[1:])
    return all(_fits(list(islice(tokens, n)), n) for n in lengths) and next(tokens, None) is None


def _fits(array: list[int], n: int) -> bool:
    if len(array) != n or not all(1 <= number <= 1000 for number in array):
        return False
    total = sum(number**3 for number in array)
    return isqrt(total) ** 2 == total
