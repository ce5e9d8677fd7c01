"""Accept any graph of 3 to 100 vertices with exactly k triangles (train/2102)."""

from itertools import combinations


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the matrix is that of an undirected graph without loops, with k triangles."""
    first, *rows = actual.split()
    n = int(first)
    if not 3 <= n <= 100 or len(rows) != n or any(len(row) != n or set(row) - {"0", "1"} for row in rows):
        return False
    if any(rows[i][i] == "1" for i in range(n)) or any(rows[i][j] != rows[j][i] for i, j in combinations(range(n), 2)):
        return False
    masks = [int(row, 2) for row in rows]
    closed = sum((masks[i] & masks[j]).bit_count() for i, j in combinations(range(n), 2) if rows[i][j] == "1")
    return closed == 3 * int(input)
