"""The same lines in any order; the words of each line in the order that is expected."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same lines."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the words of each line, with the lines sorted."""
    return sorted(line.split() for line in text.strip().splitlines())
