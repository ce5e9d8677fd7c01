"""Accept any tree with k leaves whose farthest two are as near as in the expected one (train/2044)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the wires make a tree with k leaves, and its stated distance is the expected one and true."""
    n, k = map(int, input.split())
    stated, *ends = [int(token) for token in actual.split()]
    if len(ends) != 2 * (n - 1) or not all(1 <= node <= n for node in ends):
        return False
    neighbours: list[list[int]] = [[] for _ in range(n + 1)]
    for u, v in zip(ends[::2], ends[1::2], strict=True):
        neighbours[u].append(v)
        neighbours[v].append(u)
    order, _ = _by_distance(1, neighbours)
    if len(order) != n or sum(len(nodes) == 1 for nodes in neighbours) != k:
        return False
    _, diameter = _by_distance(order[-1], neighbours)
    return stated == int(expected.split()[0]) == diameter


def _by_distance(start: int, neighbours: list[list[int]]) -> tuple[list[int], int]:
    """Return the nodes that can be reached, nearest first, and the distance of the last."""
    distance = {start: 0}
    order = [start]
    for node in order:
        for near in neighbours[node]:
            if near not in distance:
                distance[near] = distance[node] + 1
                order.append(near)
    return order, distance[order[-1]]
