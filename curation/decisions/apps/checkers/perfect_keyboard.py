"""Accept any keyboard on which neighbours of the password are neighbours; NO only where it is expected (train/0062)."""

from itertools import pairwise
from string import ascii_lowercase


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a keyboard, or the NO that is expected."""
    ours, best = iter(actual.split()), iter(expected.split())
    for password in input.split()[1:]:
        answer = next(best)
        if next(ours) != answer:
            return False
        if answer == "YES":
            next(best)
            if not _fits(next(ours), password):
                return False
    return next(ours, None) is None


def _fits(keyboard: str, password: str) -> bool:
    if "".join(sorted(keyboard)) != ascii_lowercase:
        return False
    places = [keyboard.index(letter) for letter in password]
    return all(abs(a - b) == 1 for a, b in pairwise(places))
