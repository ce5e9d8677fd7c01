"""The same first word (the objective value), and after it as many words."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether the first words are equal and as many follow; not what the others say."""
    return read(actual) == read(expected)


def read(text: str) -> tuple[list[str], int]:
    """Return the first word, and the number of all words."""
    words = text.split()
    return words[:1], len(words)
