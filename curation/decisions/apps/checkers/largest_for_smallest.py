"""Accept any order of A that gives the largest numbers of A to the smallest of B (train/2320).

F(n, k) is (n + 1) / (k + 1): only such an order is best, and which of equal numbers of B gets what does not matter.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the numbers are those of A and do not grow from smaller to larger numbers of B."""
    m, *numbers = [int(token) for token in input.split()]
    a, b = numbers[:m], numbers[m:]
    order = [int(token) for token in actual.split()]
    given = [number for _, number in sorted(zip(b, order, strict=True), key=lambda pair: (pair[0], -pair[1]))]
    return given == sorted(a, reverse=True)
