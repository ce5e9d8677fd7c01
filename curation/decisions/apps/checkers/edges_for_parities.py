"""Accept any subset of edges that gives the wanted parities of degrees; -1 only where none exists (train/2217).

In a connected graph, one exists unless every parity is wanted and their sum is odd.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the edges give every vertex its parity, or there is -1 where none do."""
    n, m, *numbers = [int(token) for token in input.split()]
    wanted, ends = numbers[:n], numbers[n:]
    count, *edges = [int(token) for token in actual.split()]
    if -1 not in wanted and sum(wanted) % 2:
        return [count, *edges] == [-1]
    if len(edges) != count or len(set(edges)) != count or not all(1 <= edge <= m for edge in edges):
        return False
    degrees = [0] * (n + 1)
    for edge in edges:
        degrees[ends[2 * edge - 2]] += 1
        degrees[ends[2 * edge - 1]] += 1
    return all(parity in (-1, degree % 2) for parity, degree in zip(wanted, degrees[1:], strict=True))
