"""Accept any at most 2n replacements by the MEX that make the array non-decreasing (train/0073)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the operations of every case, carried out, leave a non-decreasing array."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        array = [int(token) for token in islice(given, n)]
        count = int(next(tokens))
        places = [int(token) for token in islice(tokens, count)]
        if not 0 <= count <= 2 * n or len(places) != count or not all(1 <= place <= n for place in places):
            return False
        for place in places:
            array[place - 1] = _mex(array)
        if array != sorted(array):
            return False
    return next(tokens, None) is None


def _mex(array: list[int]) -> int:
    present = set(array)
    return next(number for number in range(len(array) + 1) if number not in present)
