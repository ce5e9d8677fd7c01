"""Accept any colouring with as much green as the expected one, which has the most (train/0821)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line colours the intervals of its case as well as the expected line."""
    given, lines, best = map(int, input.split()), actual.split(), expected.split()
    cases = []
    for _ in range(next(given)):
        n = next(given)
        cases.append([(next(given), next(given)) for _ in range(n)])
    if len(lines) != len(cases):
        return False
    return all(_green(c, line) >= _green(c, other) for c, line, other in zip(cases, lines, best, strict=True))


def _green(intervals: list[tuple[int, int]], colours: str) -> int:
    """Return the length that both colours cover; raises ValueError if the colours are not 0 or 1 for each."""
    if set(colours) - {"0", "1"}:
        raise ValueError("a colour other than 0 and 1")
    changes = []
    for (left, right), colour in zip(intervals, colours, strict=True):
        changes += [(left, colour == "1", 1), (right, colour == "1", -1)]
    covering = [0, 0]
    green = before = 0
    for x, colour_index, change in sorted(changes):
        if all(covering):
            green += x - before
        covering[colour_index] += change
        before = x
    return green
