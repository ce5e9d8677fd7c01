"""Accept any matching of n edges or independent set of n vertices (train/2344).

One of both always exists: a matching that cannot grow and has fewer than n edges leaves more than n vertices, none of
them neighbours.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has n different edges without a common end, or n vertices without an edge."""
    given, tokens = map(int, input.split()), iter(actual.split())
    for _ in range(next(given)):
        n, m = next(given), next(given)
        edges = [(next(given), next(given)) for _ in range(m)]
        kind = next(tokens)
        chosen = {int(token) for token in islice(tokens, n)}
        if len(chosen) != n or min(chosen) < 1 or max(chosen) > (m if kind == "Matching" else 3 * n):
            return False
        if kind == "Matching":
            if len({vertex for index in chosen for vertex in edges[index - 1]}) != 2 * n:
                return False
        elif kind != "IndSet" or any(u in chosen and v in chosen for u, v in edges):
            return False
    return next(tokens, None) is None
