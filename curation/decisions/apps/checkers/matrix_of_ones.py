"""Accept any matrix with a ones in each row and b in each column; NO only where none exists (train/4757).

One exists exactly if both counts give the same number of ones.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a matrix, or NO where there is none."""
    given, tokens = map(int, input.split()), iter(actual.split())
    for _ in range(next(given)):
        n, m, a, b = (next(given) for _ in range(4))
        possible = n * a == m * b
        if next(tokens) != ("YES" if possible else "NO"):
            return False
        if possible:
            rows = [next(tokens) for _ in range(n)]
            if any(len(row) != m or set(row) - {"0", "1"} or row.count("1") != a for row in rows):
                return False
            if any(column.count("1") != b for column in zip(*rows, strict=True)):
                return False
    return next(tokens, None) is None
