"""Numbers that are the expected ones when rounded to as many decimals; everything else as it is expected.

3.14159 is right where 3.14 is expected. Texts are compared word by word, lists element by element.
"""

import re

NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)")


def check(input: object, expected: object, actual: object) -> bool:
    """Return whether two outputs are equal when the actual numbers are rounded as the expected ones are."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(check(input, *pair) for pair in zip(expected, actual, strict=True))
    if isinstance(expected, str) and isinstance(actual, str):
        words, answers = expected.split(), actual.split()
        return len(words) == len(answers) and all(map(same_word, words, answers))
    if isinstance(expected, float) and isinstance(actual, (int, float)) and not isinstance(actual, bool):
        return same_word(repr(expected), repr(actual))
    return type(expected) is type(actual) and expected == actual


def same_word(expected: str, actual: str) -> bool:
    """Return whether two words are the same, or a number that rounds to the expected one, which has a point."""
    if expected == actual:
        return True
    if not NUMBER.fullmatch(expected) or not NUMBER.fullmatch(actual) or "." not in expected:
        return False
    decimals = len(expected.partition(".")[2])
    half_a_unit = 0.5 * 10.0**-decimals
    return abs(float(expected) - float(actual)) <= half_a_unit * (1 + 1e-9)
