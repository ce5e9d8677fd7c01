"""Accept any directions of the free edges, in any order, without a cycle; NO only where none exist (train/2399).

They exist exactly if the edges that are directed already make no cycle.
"""

from itertools import islice

Edge = tuple[int, int]


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has all its edges, directed without a cycle, or NO where there is one already."""
    given, tokens = iter(map(int, input.split())), iter(actual.split())
    for _ in range(next(given)):
        n, m = next(given), next(given)
        edges = [(next(given), next(given), next(given)) for _ in range(m)]
        fixed = {(x, y) for is_directed, x, y in edges if is_directed}
        possible = _has_no_cycle(n, fixed)
        if next(tokens) != ("YES" if possible else "NO"):
            return False
        if possible:
            ends = [int(token) for token in islice(tokens, 2 * m)]
            directed = set(zip(ends[::2], ends[1::2], strict=True))
            if not fixed <= directed or len(directed) != m or not _has_no_cycle(n, directed):
                return False
            if {(min(edge), max(edge)) for edge in directed} != {(min(x, y), max(x, y)) for _, x, y in edges}:
                return False
    return next(tokens, None) is None


def _has_no_cycle(n: int, edges: set[Edge]) -> bool:
    """Remove vertices that no edge enters, until none is left (Kahn)."""
    after: dict[int, list[int]] = {}
    entering = [0] * (n + 1)
    for x, y in edges:
        after.setdefault(x, []).append(y)
        entering[y] += 1
    free = [vertex for vertex in range(1, n + 1) if not entering[vertex]]
    for vertex in free:
        for near in after.get(vertex, ()):
            entering[near] -= 1
            if not entering[near]:
                free.append(near)
    return len(free) == n
