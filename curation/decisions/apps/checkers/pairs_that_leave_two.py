"""Accept any erasing of pairs that leaves the number 2 (train/0033).

No less than 2 can be left: the half of a sum with a number above 1, rounded up, is above 1 again.
"""

from collections import Counter


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case says 2, and its pairs, erased in turn, leave it."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        board = Counter(range(1, n + 1))
        if int(next(tokens)) != 2:
            return False
        for _ in range(n - 1):
            pair = int(next(tokens)), int(next(tokens))
            board.subtract(pair)
            if any(board[number] < 0 for number in pair):
                return False
            board[(sum(pair) + 1) // 2] += 1
        if board[2] != 1:
            return False
    return next(tokens, None) is None
