"""The same first line (the objective value), and after it as many lines, each with as many words."""


def check(input: object, expected: str, actual: str) -> bool:
    """Return whether the first lines are equal and the others have the same shape; not what the others say."""
    return read(actual) == read(expected)


def read(text: str) -> tuple[list[str], list[int]]:
    """Return the words of the first line, and the number of words of each further line."""
    first, *rest = text.strip().splitlines() or [""]
    return first.split(), [len(line.split()) for line in rest]
