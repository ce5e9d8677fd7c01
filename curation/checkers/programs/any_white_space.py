"""The same words in the same order, with any white space between them."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same words."""
    return actual.split() == expected.split()
