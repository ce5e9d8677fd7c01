"""Accept any maze with exactly T ways from corner to corner (train/2253)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the maze is small enough, its doors are different, and it has T ways."""
    n, m, count, *numbers = [int(token) for token in actual.split()]
    if not (1 <= n <= 50 and 1 <= m <= 50 and 0 <= count <= 300) or len(numbers) != 4 * count:
        return False
    doors = set(zip(numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True))
    if len(doors) != count or not all(_is_door(*door, n, m) for door in doors):
        return False
    ways = {(1, 1): 1}
    for x in range(1, n + 1):
        for y in range(1, m + 1):
            for before in ((x - 1, y), (x, y - 1)):
                if before in ways and (*before, x, y) not in doors:
                    ways[x, y] = ways.get((x, y), 0) + ways[before]
    return ways.get((n, m), 0) == int(input)


def _is_door(x1: int, y1: int, x2: int, y2: int, n: int, m: int) -> bool:
    return (x2 - x1, y2 - y1) in ((0, 1), (1, 0)) and min(x1, y1) >= 1 and x2 <= n and y2 <= m
