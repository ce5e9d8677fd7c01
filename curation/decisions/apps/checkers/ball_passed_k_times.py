"""Accept any order of the dinosaurs in which the ball is passed exactly K times (train/1135).

The ball goes from each dinosaur to the next taller one: to every one that is taller than all before it.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a permutation with K + 1 prefix maxima."""
    numbers = [int(token) for token in input.split()[1:]]
    tokens = map(int, actual.split())
    cases = zip(numbers[::2], numbers[1::2], strict=True)
    return all(_passes(list(islice(tokens, n)), n) == k for n, k in cases) and next(tokens, None) is None


def _passes(heights: list[int], n: int) -> int:
    if sorted(heights) != list(range(1, n + 1)):
        return -1
    return len({max(heights[: i + 1]) for i in range(n)}) - 1
