"""On each line the same characters in any order, white space aside: an anagram of the expected output."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether each line has the expected characters."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the sorted characters of each line."""
    return [sorted("".join(line.split())) for line in text.strip().splitlines()]
