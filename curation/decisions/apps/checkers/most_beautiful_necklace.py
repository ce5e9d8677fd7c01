"""Accept any necklace of all beads with the expected number of beautiful cuts, which is maximal (train/2020)."""

from collections import Counter


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the beads are the given ones, and the stated number of cuts is the expected one and true."""
    _, *counts = [int(token) for token in input.split()]
    number, necklace = actual.split()
    wanted = {chr(ord("a") + colour): count for colour, count in enumerate(counts)}
    if Counter(necklace) != wanted:
        return False
    return int(number) == int(expected.split()[0]) == _palindromic_rotations(necklace)


def _palindromic_rotations(text: str) -> int:
    """Count the rotations that are palindromes (Manacher: the longest palindrome around each centre)."""
    spread = "|".join(text + text)
    radius = [0] * len(spread)
    centre = right = 0
    for i in range(len(spread)):
        reach = min(radius[2 * centre - i], right - i) if i < right else 0
        while i - reach - 1 >= 0 and i + reach + 1 < len(spread) and spread[i - reach - 1] == spread[i + reach + 1]:
            reach += 1
        radius[i] = reach
        if i + reach > right:
            centre, right = i, i + reach
    # The rotation by s takes the letters s to s + n - 1, which stand at 2 s to 2 (s + n - 1) in the spread text.
    n = len(text)
    return sum(radius[2 * s + n - 1] >= n - 1 for s in range(n))
