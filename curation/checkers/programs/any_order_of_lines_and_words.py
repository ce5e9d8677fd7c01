"""The same lines in any order, and the words of each line in any order."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same lines, apart from the order of their words."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the sorted words of each line, with the lines sorted."""
    return sorted(sorted(line.split()) for line in text.strip().splitlines())
