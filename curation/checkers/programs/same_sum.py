"""As many numbers with the same sum; of a text, its words; of a list, its elements at every level."""

import re
from fractions import Fraction

NUMBER = re.compile(r"[+-]?\d{1,1000}(\.\d{1,1000})?")


def check(input: object, expected: object, actual: object) -> bool:
    """Return whether both outputs are as many numbers with the same sum; a word that is no number is refused."""
    numbers, answers = read(expected), read(actual)
    return len(numbers) == len(answers) and sum(numbers) == sum(answers)


def read(output: object) -> list[Fraction]:
    """Return the numbers of an output."""
    if isinstance(output, list):
        return [number for item in output for number in read(item)]
    if isinstance(output, str) and all(map(NUMBER.fullmatch, output.split())):
        return [Fraction(word) for word in output.split()]
    if isinstance(output, (int, float)) and not isinstance(output, bool):
        return [Fraction(output)]
    raise ValueError(f"{output!r} is no number")
