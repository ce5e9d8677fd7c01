"""As many lines that are not blank; not what they say."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same number of lines."""
    return count(actual) == count(expected)


def count(text: str) -> int:
    """Return the number of lines that are not blank."""
    return sum(bool(line.strip()) for line in text.splitlines())
