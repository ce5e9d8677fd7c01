"""Accept any first moves of a shortest way to the jackpot (train/2078).

From left to right, the digits say how often each pair must be changed: so the fewest coins are the sum of these, and
a way is shortest if it never makes a change that another takes back.
"""

PRINTED = 100_000


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the coins are the fewest, and the moves are allowed and need no more; -1 only where impossible."""
    _, a, b = input.split()
    digits = [int(digit) for digit in a]
    changes = _changes(digits, [int(digit) for digit in b])
    coins, *moves = [int(token) for token in actual.split()]
    if changes is None:
        return [coins, *moves] == [-1]
    if coins != sum(map(abs, changes)) or len(moves) != 2 * min(coins, PRINTED):
        return False
    for place, change in zip(moves[::2], moves[1::2], strict=True):
        if change not in (1, -1) or not 1 <= place < len(digits) or changes[place - 1] * change <= 0:
            return False
        changes[place - 1] -= change
        digits[place - 1] += change
        digits[place] += change
        if digits[0] < 1 or not all(0 <= digits[i] <= 9 for i in (place - 1, place)):
            return False
    return True


def _changes(digits: list[int], wanted: list[int]) -> list[int] | None:
    """Return how much to add to each pair of neighbours; None if no moves lead there."""
    changes = []
    carried = 0
    for digit, other in zip(digits, wanted, strict=True):
        carried = other - digit - carried
        changes.append(carried)
    return None if changes.pop() else changes
