"""Accept any string that differs from each given one in at most one place; -1 only where expected (train/2382)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such a string, or the -1 that is expected."""
    given, best, lines = iter(input.split()), expected.split(), actual.split()
    if len(lines) != int(next(given)):
        return False
    for line, expected_line in zip(lines, best, strict=True):
        n, m = int(next(given)), int(next(given))
        strings = list(islice(given, n))
        if "-1" in (line, expected_line):
            if line != expected_line:
                return False
        elif (
            len(line) != m
            or not (line.isascii() and line.isalpha() and line.islower())
            or any(sum(map(str.__ne__, line, string)) > 1 for string in strings)
        ):
            return False
    return True
