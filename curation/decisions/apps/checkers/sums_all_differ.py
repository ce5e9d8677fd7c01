"""Accept any set B whose sums with A all differ (train/2309).

There always is one: up to 99 numbers of B and 9,900 differences of A exclude fewer than 10^6 numbers from being next.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a set of as many numbers, 1 to 10^6."""
    given, tokens = map(int, input.split()), iter(actual.split())
    for _ in range(next(given)):
        n = next(given)
        a = list(islice(given, n))
        if next(tokens) != "YES":
            return False
        b = [int(token) for token in islice(tokens, n)]
        if len(b) != n or not all(1 <= number <= 10**6 for number in b):
            return False
        if len({x + y for x in a for y in b}) != n * n:
            return False
    return next(tokens, None) is None
