"""The same words in any order and on any line."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same words."""
    return sorted(actual.split()) == sorted(expected.split())
