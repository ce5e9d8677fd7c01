"""The words yes, no, true and false in any letter case; all other words as they are expected, line by line."""

WORDS = {"yes", "no", "true", "false"}


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether both outputs have the same words on each line, apart from the case of yes and no."""
    return read(actual) == read(expected)


def read(text: str) -> list[list[str]]:
    """Return the words of each line, with yes and no in lower case."""
    lines = text.strip().splitlines()
    return [[word.lower() if word.lower() in WORDS else word for word in line.split()] for line in lines]
