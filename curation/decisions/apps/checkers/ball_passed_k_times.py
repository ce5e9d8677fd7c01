"""Accept any order of the dinosaurs in which the ball is passed exactly K times (train/1135).

The ball goes from each dinosaur to the next taller one: to every one that is taller than all before it.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is a permutation with K + 1 prefix maxima."""
    numbers = [int(token) for token in input.split()[1:]]
    lines = [line for line in actual.splitlines() if line.strip()]
    cases = list(zip(numbers[::2], numbers[1::2], strict=True))
    return len(lines) == len(cases) and all(_passes(line, n) == k for line, (n, k) in zip(lines, cases, strict=True))


def _passes(line: str, n: int) -> int:
    heights = [int(token) for token in line.split()]
    if sorted(heights) != list(range(1, n + 1)):
        return -1
    return len({max(heights[: i + 1]) for i in range(n)}) - 1
