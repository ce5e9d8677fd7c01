"""Accept any order of the cells, from (1, 1), in which no two jumps are by the same vector (train/2256).

There always is one: take the first and the last cell that are left, in turns.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the order visits every cell once by different vectors."""
    n, m = map(int, input.split())
    numbers = [int(token) for token in actual.split()]
    xs, ys = numbers[::2], numbers[1::2]
    if len(xs) != n * m or len(ys) != n * m or (xs[0], ys[0]) != (1, 1):
        return False
    if min(xs) < 1 or max(xs) > n or min(ys) < 1 or max(ys) > m:
        return False
    cells = {x * (m + 1) + y for x, y in zip(xs, ys, strict=True)}
    pairs = zip(xs, ys, xs[1:], ys[1:], strict=False)
    vectors = {(x2 - x1) * (2 * m + 1) + y2 - y1 for x1, y1, x2, y2 in pairs}  # a number for each vector
    return len(cells) == n * m and len(vectors) == n * m - 1
