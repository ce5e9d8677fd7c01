"""Accept any tree whose edges cut off components of exactly the marked sizes; -1 only where none exists (train/2330).

Cutting an edge leaves components of i and n - i vertices, and a leaf is one of 1. Where the marks allow that, a path
from which leaves hang has the marked sizes.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the edges make such a tree, or the output is -1 where there is none."""
    marks = input.strip()
    n = len(marks)
    possible = marks[0] == "1" and marks[-1] == "0" and marks[:-1] == marks[-2::-1]
    ends = [int(token) for token in actual.split()]
    if not possible or ends == [-1]:
        return not possible and ends == [-1]
    if len(ends) != 2 * (n - 1) or not all(1 <= vertex <= n for vertex in ends):
        return False
    sizes = _component_sizes(n, list(zip(ends[::2], ends[1::2], strict=True)))
    return sizes == {size for size, mark in enumerate(marks, 1) if mark == "1"}


def _component_sizes(n: int, edges: list[tuple[int, int]]) -> set[int]:
    """Return the sizes of the components that each edge of a tree cuts off; raises ValueError if it is none."""
    neighbours: list[list[int]] = [[] for _ in range(n + 1)]
    for u, v in edges:
        neighbours[u].append(v)
        neighbours[v].append(u)
    parent, order = {1: 0}, [1]
    for vertex in order:
        for near in neighbours[vertex]:
            if near not in parent:
                parent[near] = vertex
                order.append(near)
    if len(order) != n:
        raise ValueError("not connected")
    below = [1] * (n + 1)
    for vertex in reversed(order[1:]):
        below[parent[vertex]] += below[vertex]
    return {size for vertex in order[1:] for size in (below[vertex], n - below[vertex])}
