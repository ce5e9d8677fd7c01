"""Accept any partition of the expected goodness, which is minimal (train/2018)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the stated goodness is the expected one, and that of the partition."""
    n, h, *numbers = [int(token) for token in input.split()]
    stated, *groups = [int(token) for token in actual.split()]
    if len(groups) != n or not set(groups) <= {1, 2}:
        return False
    first, second = (sorted(a for a, g in zip(numbers, groups, strict=True) if g == group) for group in (1, 2))
    return stated == int(expected.split()[0]) == _goodness(first, second, h)


def _goodness(first: list[int], second: list[int], h: int) -> int:
    """Return the largest minus the smallest value of f; both lists are sorted."""
    values = [sum(pair) for group in (first, second) if len(group) > 1 for pair in (group[:2], group[-2:])]
    if first and second:
        values += [first[0] + second[0] + h, first[-1] + second[-1] + h]
    return max(values) - min(values)
