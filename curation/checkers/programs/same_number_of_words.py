"""As many lines, each with as many words; not what they say."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same number of words on each line."""
    return read(actual) == read(expected)


def read(text: str) -> list[int]:
    """Return the number of words of each line."""
    return [len(line.split()) for line in text.strip().splitlines()]
