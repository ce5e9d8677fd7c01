"""Accept any at most 4n/7 spots whose closing leaves no path of two tracks (train/0006)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the closed spots of every case leave no path of two tracks."""
    given, tokens = map(int, input.split()), map(int, actual.split())
    for _ in range(next(given)):
        n, m = next(given), next(given)
        tracks = [(next(given), next(given)) for _ in range(m)]
        spots = list(islice(tokens, count := next(tokens)))
        closed = set(spots)
        if not 0 <= 7 * count <= 4 * n or len(spots) != count or len(closed) != count:
            return False
        if not all(1 <= spot <= n for spot in spots):
            return False
        left = [(x, y) for x, y in tracks if x not in closed and y not in closed]
        if {x for x, _ in left} & {y for _, y in left}:
            return False
    return next(tokens, None) is None
