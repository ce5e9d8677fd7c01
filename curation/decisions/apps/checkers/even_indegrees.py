"""Accept any direction of the edges that makes every indegree even; -1 only where none exists (train/1451).

The indegrees add up to the number of edges; a connected graph with an even number of edges has such a direction.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a direction, or -1 where the number of edges is odd."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n, m = int(next(given)), int(next(given))
        edges = [(int(next(given)), int(next(given))) for _ in range(m)]
        if m % 2:
            if next(tokens) != "-1":
                return False
            continue
        directions = list(islice(tokens, m))
        if len(directions) != m or not set(directions) <= {"0", "1"}:
            return False
        indegrees = [0] * (n + 1)
        for (u, v), direction in zip(edges, directions, strict=True):
            indegrees[u if direction == "1" else v] += 1
        if any(indegree % 2 for indegree in indegrees):
            return False
    return next(tokens, None) is None
