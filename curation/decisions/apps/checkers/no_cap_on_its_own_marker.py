"""Accept any rearrangement of the caps without a match; ``No`` only where none exists (train/0734).

One exists exactly if no colour has more than half of the markers.
"""

from collections import Counter
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a valid rearrangement, or ``No`` where there is none."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        colours = [int(token) for token in islice(given, n)]
        possible = 2 * max(Counter(colours).values()) <= n
        if next(tokens) != ("Yes" if possible else "No"):
            return False
        if possible:
            caps = [int(token) for token in islice(tokens, n)]
            if sorted(caps) != sorted(colours) or any(map(int.__eq__, caps, colours)):
                return False
    return next(tokens, None) is None
