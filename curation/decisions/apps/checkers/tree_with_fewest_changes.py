"""Accept any array of parents that makes a tree with the expected number of changes, which is minimal (train/2095)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the array is a rooted tree, and the stated number of changes is the expected one and true."""
    n, *before = [int(token) for token in input.split()]
    stated, *parents = [int(token) for token in actual.split()]
    if len(parents) != n or not _is_tree(parents):
        return False
    return stated == int(expected.split()[0]) == sum(map(int.__ne__, before, parents))


def _is_tree(parents: list[int]) -> bool:
    """Return whether exactly one vertex, numbered from 1, is its own parent, and every other leads to it."""
    n = len(parents)
    roots = [vertex for vertex, parent in enumerate(parents, 1) if parent == vertex]
    if len(roots) != 1 or not all(1 <= parent <= n for parent in parents):
        return False
    leads_to_root = {roots[0]}
    for vertex in range(1, n + 1):
        path: list[int] = []
        while vertex not in leads_to_root and len(path) <= n:
            path.append(vertex)
            vertex = parents[vertex - 1]
        if len(path) > n:  # a cycle
            return False
        leads_to_root.update(path)
    return True
