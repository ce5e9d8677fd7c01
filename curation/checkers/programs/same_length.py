"""A list with as many elements, or a text with as many characters; not what they are."""


def check(input: object, expected: object, actual: object) -> bool:
    """Return whether both are lists, or both texts, of the same length."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected)
    return isinstance(expected, str) and isinstance(actual, str) and len(actual.strip()) == len(expected.strip())
