"""Accept the most subsequences whose sorting sorts the whole sequence, in any order (train/2096)."""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether there are as many as expected, and each holds the places that its numbers have when sorted."""
    n, *numbers = [int(token) for token in input.split()]
    by_size = sorted(range(n), key=numbers.__getitem__)
    place = {index + 1: rank + 1 for rank, index in enumerate(by_size)}
    tokens = map(int, actual.split())
    if next(tokens) != (most := int(expected.split()[0])):
        return False
    groups = [_take_group(tokens) for _ in range(most)]
    if next(tokens, None) is not None:
        return False
    if sorted(index for group in groups for index in group) != list(range(1, n + 1)):
        return False
    return all({place[index] for index in group} == set(group) for group in groups)


def _take_group(tokens: Iterator[int]) -> list[int]:
    """Take a size and so many indices; raises ValueError if there are none, or fewer."""
    size = next(tokens)
    group = list(islice(tokens, size))
    if len(group) != size or not group:
        raise ValueError("no index, or fewer than stated")
    return group
