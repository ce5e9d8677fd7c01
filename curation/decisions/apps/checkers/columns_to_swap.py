"""Accept any columns, as few as expected, whose swaps make both rows permutations (train/2398)."""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such columns, or the -1 that is expected."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n = next(given)
        rows = [list(islice(given, n)) for _ in range(2)]
        columns, fewest = _take(ours), _take(best)
        if columns is None or fewest is None:
            if columns != fewest:
                return False
            continue
        if len(set(columns)) != len(columns) or len(columns) != len(fewest):
            return False
        if not all(1 <= column <= n for column in columns):
            return False
        for column in columns:
            rows[0][column - 1], rows[1][column - 1] = rows[1][column - 1], rows[0][column - 1]
        if any(sorted(row) != list(range(1, n + 1)) for row in rows):
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int]) -> list[int] | None:
    """Take -1, which is None, or a count and so many columns; raises ValueError if there are fewer."""
    count = next(numbers)
    if count == -1:
        return None
    columns = list(islice(numbers, count))
    if len(columns) != count:
        raise ValueError("fewer columns than stated")
    return columns
