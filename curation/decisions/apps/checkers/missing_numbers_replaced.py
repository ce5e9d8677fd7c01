"""Accept any k that makes the largest difference the expected one, which is minimal (train/0059)."""

from itertools import islice, pairwise


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the stated difference of every case is the expected one, and that of the array with its k."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        array = list(islice(given, next(given)))
        stated, k = next(ours), next(ours)
        least, _ = next(best), next(best)
        if not 0 <= k <= 10**9:
            return False
        filled = [k if number == -1 else number for number in array]
        if not stated == least == max(abs(a - b) for a, b in pairwise(filled)):
            return False
    return next(ours, None) is None
