"""Accept any split of the edges into triples that share a vertex; NO only where it is expected (train/0568)."""

from collections.abc import Iterator


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a split, each edge once, or the NO that is expected."""
    given, ours, best = map(int, input.split()), iter(actual.split()), iter(expected.split())
    for _ in range(next(given)):
        n = next(given)
        edges = sorted(_edge(next(given), next(given)) for _ in range(n - 1))
        answer = next(best)
        if next(ours) != answer:
            return False
        if answer == "YES":
            for _ in range(4 * (n - 1) // 3):
                next(best)
            if edges != sorted(_edges_of_triples(ours, (n - 1) // 3)):
                return False
    return next(ours, None) is None


def _edge(u: int, v: int) -> tuple[int, int]:
    return min(u, v), max(u, v)


def _edges_of_triples(tokens: Iterator[str], count: int) -> Iterator[tuple[int, int]]:
    for _ in range(count):
        a, b, c, d = (int(next(tokens)) for _ in range(4))
        yield from (_edge(a, b), _edge(a, c), _edge(a, d))
