"""The same words on each line, with letters in any case."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same words on each line, apart from letter case."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the words of each line in lower case."""
    return [line.lower().split() for line in text.strip().splitlines()]
