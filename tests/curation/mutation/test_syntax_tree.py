"""Walking over syntax trees."""

from __future__ import annotations

import ast

from curation.mutation.syntax_tree import children, walk

PROGRAM = '''
import os.path as p
from math import *
@cache
async def f(a: int, /, b=1, *c, d, e=2, **g) -> str:
    """Doc."""
    global h
    async with a as (i, *j):
        await b
    return f"{a!r:>{b}}" if not -a else {**g, 1: {x for x in c if x < 3 <= 4}}
class K(object, metaclass=M):
    x: int = lambda y=1: (yield y)
    del x[1:2, ...]
try:
    while (n := 1) and a.b: n += 1; continue
except (E, F) as error:
    raise error from None
else:
    assert a is not b, "c"
match a:
    case {"k": [1, *_], **rest} | P(1, q=None) as whole if a @ b:
        pass
'''
SILENT = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def test_every_node_is_met_once_but_contexts_and_operators():
    tree = ast.parse(PROGRAM)
    met = walk(tree)
    assert set(met) == {node for node in ast.walk(tree) if not isinstance(node, SILENT)}
    assert len(met) == len(set(met))


def test_a_node_comes_before_those_below_it():
    tree = ast.parse(PROGRAM)
    place = {node: i for i, node in enumerate(walk(tree))}
    assert all(place[node] < place[child] for node in place for child in children(node))


def test_children_are_those_directly_below():
    tree = ast.parse(PROGRAM)
    for node in walk(tree):
        expected = [child for child in ast.iter_child_nodes(node) if not isinstance(child, SILENT)]
        assert children(node) == expected


def test_nodes_of_some_classes_are_found_also_below_others():
    [call] = walk(ast.parse("x = [f(y)]"), {ast.Call})
    assert ast.unparse(call) == "f(y)"
