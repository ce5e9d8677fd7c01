"""Accept the most subsequences whose sorting sorts the whole sequence, in any order (train/2096)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether there are as many as expected, and each holds the places that its numbers have when sorted."""
    n, *numbers = [int(token) for token in input.split()]
    by_size = sorted(range(n), key=numbers.__getitem__)
    place = {index + 1: rank + 1 for rank, index in enumerate(by_size)}
    tokens = iter(actual.split())
    count = int(next(tokens))
    groups = [[int(token) for token in islice(tokens, int(next(tokens)))] for _ in range(count)]
    if count != int(expected.split()[0]) or next(tokens, None) is not None or not all(groups):
        return False
    if sorted(index for group in groups for index in group) != list(range(1, n + 1)):
        return False
    return all({place[index] for index in group} == set(group) for group in groups)
