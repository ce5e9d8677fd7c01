"""Accept any signs that leave every longer sum positive, and the sum as small as expected (train/1362).

A part of more than three numbers is made of parts of two and three, so that these are enough to look at.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line has the numbers with such signs, and the sum of the expected line."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n = next(given)
        numbers, signed, expected_numbers = (list(islice(each, n)) for each in (given, ours, best))
        if [abs(number) for number in signed] != numbers or sum(signed) != sum(expected_numbers):
            return False
        if any(sum(signed[i : i + length]) <= 0 for length in (2, 3) for i in range(n - length + 1)):
            return False
    return next(ours, None) is None
