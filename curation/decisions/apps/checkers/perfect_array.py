"""Accept any array of numbers from 1 to 100 in which every subarray's length divides its sum (train/1671)."""

from itertools import accumulate


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is a perfect array of its case's length."""
    lengths = [int(token) for token in input.split()[1:]]
    lines = [line for line in actual.splitlines() if line.strip()]
    return len(lines) == len(lengths) and all(map(_is_perfect, lines, lengths))


def _is_perfect(line: str, n: int) -> bool:
    array = [int(token) for token in line.split()]
    if len(array) != n or not all(1 <= number <= 100 for number in array):
        return False
    sums = [0, *accumulate(array)]
    return all((sums[j] - sums[i]) % (j - i) == 0 for i in range(n) for j in range(i + 1, n + 1))
