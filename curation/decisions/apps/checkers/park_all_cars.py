"""Accept any at most 20000 moves that park every car; -1 only where it is expected (train/2047)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the moves, carried out, park every car."""
    n, k, *cells = [int(token) for token in input.split()]
    count, *moves = [int(token) for token in actual.split()]
    if expected.split() == ["-1"] or count == -1:
        return expected.split() == actual.split()
    if len(moves) != 3 * count or not 0 <= count <= 20_000:
        return False
    rows = [cells[n * row : n * (row + 1)] for row in range(4)]
    at = {rows[row][column]: (row, column) for row in (1, 2) for column in range(n) if rows[row][column]}
    taken = set(at.values())
    for car, row, column in zip(moves[::3], moves[1::3], moves[2::3], strict=True):
        space = (row - 1, column - 1)
        if not (0 <= space[0] < 4 and 0 <= space[1] < n) or space in taken:
            return False
        if abs(at[car][0] - space[0]) + abs(at[car][1] - space[1]) != 1:
            return False
        if space[0] in (0, 3) and rows[space[0]][space[1]] != car:
            return False
        taken.remove(at[car])
        taken.add(space)
        at[car] = space
    return all(row in (0, 3) for row, _ in at.values()) and len(at) == k
