"""Accept any numbers up to 10^9 whose bitwise ANDs are the given ones (train/2142)."""

from itertools import permutations


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether all ANDs of two different numbers are those of the matrix."""
    n, *matrix = [int(token) for token in input.split()]
    numbers = [int(token) for token in actual.split()]
    if len(numbers) != n or not all(0 <= number <= 10**9 for number in numbers):
        return False
    return all(numbers[i] & numbers[j] == matrix[n * i + j] for i, j in permutations(range(n), 2))
