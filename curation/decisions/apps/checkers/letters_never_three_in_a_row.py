"""Accept any string of A letters a and B letters b without three equal ones in a row (train/0492)."""


def check(input: list[int], expected: str, actual: object) -> bool:
    """Return whether the string has so many of both letters, and nothing else, and never three in a row."""
    a, b = input
    if not isinstance(actual, str) or (actual.count("a"), actual.count("b"), len(actual)) != (a, b, a + b):
        return False
    return "aaa" not in actual and "bbb" not in actual
