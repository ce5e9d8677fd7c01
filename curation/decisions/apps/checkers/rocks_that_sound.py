"""Accept any room of rocks that makes at least x sounds, as the statement moves them (train/2310)."""

MOVES = {"^": (-1, 0), "v": (1, 0), "<": (0, -1), ">": (0, 1)}
Rocks = dict[tuple[int, int], str]


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the first rock, activated, leads to enough sounds."""
    n, x = map(int, input.split())
    *rows, row, column = actual.split()
    if len(rows) != n or any(len(line) != n or set(line) - {*MOVES, "."} for line in rows):
        return False
    rocks = {(i, j): rock for i, line in enumerate(rows) for j, rock in enumerate(line) if rock != "."}
    first = int(row) - 1, int(column) - 1
    return first in rocks and _sounds(n, rocks, first, x) >= x


def _sounds(n: int, rocks: Rocks, active: tuple[int, int], enough: int) -> int:
    """Count the sounds up to ``enough``; rocks that activate one another in a circle without moving make no more."""
    sounds = 0
    silent: set[tuple[int, int]] = set()
    while sounds < enough and active not in silent:
        silent.add(active)
        rock = rocks.pop(active)
        down, right = MOVES[rock]
        place, ahead = active, (active[0] + down, active[1] + right)
        while ahead not in rocks and 0 <= ahead[0] < n and 0 <= ahead[1] < n:
            place, ahead = ahead, (ahead[0] + down, ahead[1] + right)
        rocks[place] = rock
        if place != active:
            sounds += 1
            silent.clear()
        if ahead not in rocks:
            break
        active = ahead
    return sounds
