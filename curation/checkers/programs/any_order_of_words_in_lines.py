"""On each line the same words, in any order; the lines in the order that is expected."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether each line has the expected words."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the words of each line, sorted."""
    return [sorted(line.split()) for line in text.strip().splitlines()]
