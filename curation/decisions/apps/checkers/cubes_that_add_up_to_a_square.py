"""Accept any N numbers from 1 to 1000 whose cubes add up to a square (train/1684)."""

from math import isqrt


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such an array."""
    lengths = [int(token) for token in input.split()[1:]]
    lines = [line for line in actual.splitlines() if line.strip()]
    return len(lines) == len(lengths) and all(map(_fits, lines, lengths))


def _fits(line: str, n: int) -> bool:
    array = [int(token) for token in line.split()]
    if len(array) != n or not all(1 <= number <= 1000 for number in array):
        return False
    total = sum(number**3 for number in array)
    return isqrt(total) ** 2 == total
