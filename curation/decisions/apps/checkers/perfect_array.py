"""Accept any array of numbers from 1 to 100 in which every subarray's length divides its sum (train/1671)."""

from itertools import accumulate, islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a perfect array of its length."""
    tokens = map(int, actual.split())
    lengths = map(int, input.split()[1:])
    return all(_is_perfect(list(islice(tokens, n)), n) for n in lengths) and next(tokens, None) is None


def _is_perfect(array: list[int], n: int) -> bool:
    if len(array) != n or not all(1 <= number <= 100 for number in array):
        return False
    sums = [0, *accumulate(array)]
    return all((sums[j] - sums[i]) % (j - i) == 0 for i in range(n) for j in range(i + 1, n + 1))
