"""Accept any permutation that the sorted segments may come from (train/2365)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether each segment of a case lies together, and one ends at each position but the first."""
    given, tokens = map(int, input.split()), map(int, actual.split())
    for _ in range(next(given)):
        n = next(given)
        permutation = list(islice(tokens, n))
        if sorted(permutation) != list(range(1, n + 1)):
            return False
        position = {number: place for place, number in enumerate(permutation, 1)}
        ends = set()
        for _ in range(n - 1):
            places = sorted(position[number] for number in islice(given, next(given)))
            if places != list(range(places[0], places[-1] + 1)):
                return False
            ends.add(places[-1])
        if ends != set(range(2, n + 1)):
            return False
    return next(tokens, None) is None
