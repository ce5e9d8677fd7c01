"""Accept any letters for the question marks that leave no letter twice in a row (train/2473)."""

from itertools import pairwise


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether only question marks were replaced, by small letters, and neighbours differ."""
    given = input[0]
    if not isinstance(actual, str) or len(actual) != len(given):
        return False
    if not all(new == old or (old == "?" and "a" <= new <= "z") for old, new in zip(given, actual, strict=True)):
        return False
    return "?" not in actual and all(a != b for a, b in pairwise(actual))
