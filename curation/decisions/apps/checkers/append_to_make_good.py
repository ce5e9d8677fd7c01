"""Accept any at most 3 numbers that make the sum twice the XOR (train/0116)."""

from functools import reduce
from itertools import islice
from operator import xor

MOST = 10**18


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the appended numbers make the array of every case good."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        array = [int(token) for token in islice(given, int(next(given)))]
        count = int(next(tokens))
        new = [int(token) for token in islice(tokens, count)]
        if not 0 <= count <= 3 or len(new) != count or not all(0 <= number <= MOST for number in new):
            return False
        array += new
        if sum(array) != 2 * reduce(xor, array):
            return False
    return next(tokens, None) is None
