"""Accept any schedule of the expected cost, which is minimal (train/2051)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the minutes are allowed, and the stated cost is the expected one and true."""
    n, k, *costs = [int(token) for token in input.split()]
    stated, *minutes = [int(token) for token in actual.split()]
    if sorted(minutes) != list(range(k + 1, k + n + 1)):
        return False
    delays = [minute - planned for planned, minute in enumerate(minutes, 1)]
    if min(delays) < 0:
        return False
    return stated == int(expected.split()[0]) == sum(map(int.__mul__, delays, costs))
