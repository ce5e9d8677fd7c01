"""Accept equally frequent letters in any order, as long as the same letters stay together (train/0240)."""

from collections import Counter
from itertools import groupby


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether the string has the letters of the input, in groups, the most frequent first."""
    if not isinstance(actual, str):
        return False
    groups = [(letter, len(list(group))) for letter, group in groupby(actual)]
    sizes = [size for _, size in groups]
    return dict(groups) == Counter(input[0]) and len(actual) == len(input[0]) and sizes == sorted(sizes, reverse=True)
