"""Numbers with a decimal point within a tolerance, relative or absolute; everything else as it is expected.

Where an integer is expected the answer must be that integer. Texts are compared word by word, lists element by element.
"""

import re

TOLERANCE = 1e-6
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def check(input: object, expected: object, actual: object) -> bool:
    """Return whether two outputs are equal within the tolerance."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(check(input, *pair) for pair in zip(expected, actual, strict=True))
    if isinstance(expected, str) and isinstance(actual, str):
        words, answers = expected.split(), actual.split()
        return len(words) == len(answers) and all(map(same_word, words, answers))
    if isinstance(expected, float) and isinstance(actual, (int, float)) and not isinstance(actual, bool):
        return is_close(expected, float(actual))
    return type(expected) is type(actual) and expected == actual


def same_word(expected: str, actual: str) -> bool:
    """Return whether two words are the same, or numbers within the tolerance."""
    if expected == actual:
        return True
    if not NUMBER.fullmatch(expected) or not NUMBER.fullmatch(actual):
        return False
    if expected.lstrip("+-").isdigit():
        return float(actual) == int(expected)
    return is_close(float(expected), float(actual))


def is_close(expected: float, actual: float) -> bool:
    """Return whether two numbers differ by at most the tolerance."""
    return abs(expected - actual) <= TOLERANCE * max(1.0, abs(expected))
