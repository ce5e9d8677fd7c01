"""Accept any words, as few as expected, whose reversal lets all be said one after another (train/0000).

Words are arcs between 0 and 1: a path takes all of them if it changes sides evenly, and words that never change sides
are met where both sides have some only if another word leads across.
"""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such words, or the -1 that is expected."""
    given = iter(input.split())
    ours, best = map(int, actual.split()), map(int, expected.split())
    for _ in range(int(next(given))):
        words = list(islice(given, int(next(given))))
        reversed_words, fewest = _take(ours), _take(best)
        if reversed_words is None or fewest is None:
            if reversed_words != fewest:
                return False
            continue
        if len(set(reversed_words)) != len(reversed_words) or len(reversed_words) != len(fewest):
            return False
        if not all(1 <= word <= len(words) for word in reversed_words):
            return False
        for word in reversed_words:
            words[word - 1] = words[word - 1][::-1]
        if len(set(words)) != len(words) or not _can_be_said(words):
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int]) -> list[int] | None:
    """Take -1, which is None, or a count and so many words; raises ValueError if there are fewer."""
    count = next(numbers)
    if count == -1:
        return None
    words = list(islice(numbers, count))
    if len(words) != count:
        raise ValueError("fewer words than stated")
    return words


def _can_be_said(words: list[str]) -> bool:
    sides = [word[0] + word[-1] for word in words]
    across, back = sides.count("01"), sides.count("10")
    return abs(across - back) <= 1 and (across + back > 0 or len(set(sides)) == 1)
