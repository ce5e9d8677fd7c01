"""Accept any 1 to 2n swaps between two words that make them equal, and No only where none do (train/0067).

They can be made equal if and only if every letter occurs an even number of times in both together.
"""

from collections import Counter


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every Yes, in any case of letters, comes with such swaps, and every No is right."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n, first, second = int(next(given)), list(next(given)), list(next(given))
        can_be_equal = all(count % 2 == 0 for count in Counter(first + second).values())
        if next(tokens).lower() != ("yes" if can_be_equal else "no"):
            return False
        if not can_be_equal:
            continue
        count = int(next(tokens))
        if not 1 <= count <= 2 * n:
            return False
        for _ in range(count):
            i, j = int(next(tokens)) - 1, int(next(tokens)) - 1
            if not (0 <= i < n and 0 <= j < n):
                return False
            first[i], second[j] = second[j], first[i]
        if first != second:
            return False
    return next(tokens, None) is None
