"""Accept any set with the expected maximum, which is minimal, that generates the given set (train/2157).

Halving leads from a number to all that generate it, so that numbers form a tree. The set generates the other if no part
of the tree holds more of its numbers than of the other's.
"""

from collections import Counter


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the numbers are different, generate the given ones, and have the expected maximum."""
    n, *wanted = [int(token) for token in input.split()]
    numbers = [int(token) for token in actual.split()]
    if len(numbers) != n or len(set(numbers)) != n or min(numbers) < 1:
        return False
    if max(numbers) != max(int(token) for token in expected.split()):
        return False
    surplus: Counter[int] = Counter()
    for each, change in ((wanted, 1), (numbers, -1)):
        for number in each:
            while number:
                surplus[number] += change
                number //= 2
    return min(surplus.values()) >= 0
