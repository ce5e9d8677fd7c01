from __future__ import annotations

import random

import pytest

from curation.generated_tests.standard_input.edge_lists import EdgeList, is_connected

TREE = EdgeList((), 0, 1, 2, 0, True, True, False, False, False, False)
CONNECTED = EdgeList((), 0, 1, 2, 0, False, True, False, False, False, False)


@pytest.mark.parametrize("kind", [TREE, CONNECTED])
@pytest.mark.parametrize("seed", range(10))
def test_a_sample_is_a_connected_graph_with_so_many_edges(kind: EdgeList, seed: int) -> None:
    edges = kind.sample(12, 11, random.Random(seed))
    assert edges is not None
    assert len(edges) == 11
    assert is_connected(12, edges)
    assert kind.holds(12, edges)


@pytest.mark.parametrize("kind", [TREE, CONNECTED])
def test_nothing_is_drawn_for_a_graph_that_has_too_few_edges(kind: EdgeList) -> None:
    rng = random.Random(0)
    before = rng.getstate()
    assert kind.sample(10**12, 5, rng) is None
    assert rng.getstate() == before


def test_a_tree_has_one_edge_less_than_nodes() -> None:
    assert TREE.sample(5, 5, random.Random(0)) is None
    assert CONNECTED.sample(5, 5, random.Random(0)) is not None
