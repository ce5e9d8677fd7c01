"""Accept 1 and 0 for true and false, as Python's == does (train/3254)."""


def check(input: list[int], expected: bool, actual: object) -> bool:
    """Return whether the answer is the expected truth value, or its number."""
    return isinstance(actual, int) and actual == expected
