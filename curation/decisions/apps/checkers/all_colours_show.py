"""Accept any strokes that cover all cells and let every colour show; -1 only where expected (train/2031)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the strokes show every colour on cells that are all painted, or there is the expected -1."""
    n, m, *lengths = [int(token) for token in input.split()]
    places = [int(token) for token in actual.split()]
    if expected.split() == ["-1"] or places == [-1]:
        return places == [-1] and expected.split() == ["-1"]
    if len(places) != m or not all(1 <= p <= n - length + 1 for p, length in zip(places, lengths, strict=True)):
        return False
    next_empty = list(range(n + 2))  # leads from each cell to the first from it on that no later stroke covers
    painted = 0
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        shown = 0
        cell = _find(next_empty, place)
        while cell < place + length:
            next_empty[cell] = cell + 1
            shown += 1
            cell = _find(next_empty, cell)
        if not shown:
            return False
        painted += shown
    return painted == n


def _find(next_empty: list[int], cell: int) -> int:
    while next_empty[cell] != cell:
        next_empty[cell] = next_empty[next_empty[cell]]
        cell = next_empty[cell]
    return cell
