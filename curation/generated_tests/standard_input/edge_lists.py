"""Edge lists: a block of ``u v`` rows whose ends are numbered from 1 to ``n``, as a tree or a graph."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from curation.generated_tests.standard_input.scopes import Path


@dataclass(frozen=True, slots=True)
class EdgeList:
    """A block of edges and what all given graphs share."""

    path: Path
    """The body that holds the block."""
    block: int
    """Index of the block in that body."""
    source: int
    target: int
    """Slots of the two ends."""
    nodes: int
    """Slot of the number of nodes."""
    is_tree: bool
    is_connected: bool
    has_loops: bool
    has_repeats: bool
    """True if two edges join the same nodes."""
    is_directed: bool
    """True if edges ``u v`` and ``v u`` both occur, which two of an undirected graph without repeats do not."""
    is_rooted_first: bool
    """True if the first end is always the smaller one."""

    def holds(self, nodes: int, edges: Sequence[tuple[int, int]]) -> bool:
        """Return whether a graph is one of this kind."""
        if any(not 1 <= end <= nodes for edge in edges for end in edge):
            return False
        if self.is_rooted_first and any(u > v for u, v in edges):
            return False
        if not self.has_loops and any(u == v for u, v in edges):
            return False
        if not self.has_repeats and _has_repeats(edges, self.is_directed):
            return False
        return not (self.is_connected or self.is_tree) or is_connected(nodes, edges)

    def sample(self, nodes: int, count: int, rng: random.Random) -> list[tuple[int, int]] | None:
        """Return a random graph of this kind; None where there is none with so many edges."""
        if nodes < 1 or (nodes == 1 and count and not self.has_loops):
            return None
        is_whole = self.is_tree or self.is_connected
        if is_whole and (count < nodes - 1 or (self.is_tree and count != nodes - 1)):
            return None
        edges = _random_tree(nodes, rng) if is_whole else []
        taken = {self._key(edge) for edge in edges}
        for _ in range(20 * count + 50):
            if len(edges) >= count:
                break
            edge = (rng.randint(1, nodes), rng.randint(1, nodes))
            if (edge[0] == edge[1] and not self.has_loops) or (not self.has_repeats and self._key(edge) in taken):
                continue
            taken.add(self._key(edge))
            edges.append(edge)
        if len(edges) < count:
            return None
        rng.shuffle(edges)
        edges = [edge if rng.random() < 0.5 else edge[::-1] for edge in edges]
        if self.is_rooted_first:
            edges = [(min(edge), max(edge)) for edge in edges]
        return edges

    def _key(self, edge: tuple[int, int]) -> tuple[int, int]:
        return edge if self.is_directed and not self.is_rooted_first else (min(edge), max(edge))


def describe_graphs(
    path: Path,
    block: int,
    source: int,
    target: int,
    nodes: int,
    graphs: Sequence[tuple[int, Sequence[tuple[int, int]]]],
    kinds: frozenset[str],
) -> EdgeList | None:
    """Return what all given graphs share; None where they are no edge lists.

    Args:
        path: The body that holds the block of edges.
        block: Index of the block in the body.
        source: Slot of the first ends.
        target: Slot of the second ends.
        nodes: Slot of the number of nodes.
        graphs: For each given graph the number of nodes and its edges.
        kinds: Kinds of promises that the statement mentions: a property that it does not mention may be chance,
            but is kept all the same.
    """
    if not any(edges for _, edges in graphs) or any(
        not 1 <= end <= count for count, edges in graphs for edge in edges for end in edge
    ):
        return None
    trees = all(len(edges) == count - 1 and is_connected(count, edges) for count, edges in graphs)
    connected = all(is_connected(count, edges) for count, edges in graphs)
    directed = any(_has_repeats(edges, False) and not _has_repeats(edges, True) for _, edges in graphs)
    total = sum(len(edges) for _, edges in graphs)
    rooted = all(u < v for _, edges in graphs for u, v in edges) and total >= 8
    loops = any(u == v for _, edges in graphs for u, v in edges)
    repeats = any(_has_repeats(edges, directed) for _, edges in graphs)
    is_graph = trees or kinds & {"tree", "connected", "simple"}
    if not is_graph and total < 4:
        return None
    return EdgeList(path, block, source, target, nodes, trees, connected, loops, repeats, directed, rooted)


def is_connected(nodes: int, edges: Sequence[tuple[int, int]]) -> bool:
    """Return whether every node is reached from every other, edges taken both ways."""
    parent = list(range(nodes + 1))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    parts = nodes
    for u, v in edges:
        a, b = root(u), root(v)
        if a != b:
            parent[a] = b
            parts -= 1
    return parts <= 1


def _has_repeats(edges: Sequence[tuple[int, int]], directed: bool) -> bool:
    keys = [edge if directed else (min(edge), max(edge)) for edge in edges]
    return len(set(keys)) < len(keys)


def _random_tree(nodes: int, rng: random.Random) -> list[tuple[int, int]]:
    """Return a random tree of one of four shapes: any, a path, a star, a long one with short branches."""
    shape = rng.choice(("any", "any", "path", "star", "long"))
    names = list(range(1, nodes + 1))
    rng.shuffle(names)
    edges = []
    for index in range(1, nodes):
        parent = rng.randrange(index)
        if shape == "path":
            parent = index - 1
        elif shape == "star":
            parent = 0
        elif shape == "long":
            parent = max(0, index - rng.randint(1, 3))
        edges.append((names[parent], names[index]))
    return edges
