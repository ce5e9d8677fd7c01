"""The share of a reference's data-flow edges that a program has; edges and fractions are counted by hand."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcoder.data_flow_match import COMES_FROM, COMPUTED_FROM, Edge, data_flow, data_flow_match

SUM = "n = int(input())\ns = 0\nfor i in range(n):\n    s = s + i\nprint(s)\n"
EUCLID = (
    "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n\nprint(gcd(*map(int, input().split())))\n"
)
MANY = """import sys
def f(xs, k=1, *rest, key=None):
    best: list[int] = [x * k for x in xs if x]
    with open(key) as file, file:
        for row, (a, *b) in enumerate(file):
            best[row] += a
    if (m := max(best)) > k:
        rest = lambda y, z=m: y + z
    try:
        del a
    except ValueError as error:
        raise error
    match b:
        case [first, *others] | {"k": first, **others}:
            first = others
    return rest
"""
PROGRAMS = (SUM, EUCLID, MANY)


def read(variable: int, times: int = 1) -> dict[Edge, int]:
    return {(variable, COMES_FROM, frozenset((variable,))): times}


def computed(variable: int, *sources: int) -> dict[Edge, int]:
    return {(variable, COMPUTED_FROM, frozenset(sources)): 1}


@pytest.mark.parametrize(
    ("source", "edges"),
    [
        ("x = 1", {}),
        ("print(len('x'))", {}),  # builtins are no variables
        ("x = 1\nprint(x)", read(0)),
        ("x = 1\ny = x + x", read(0, 2) | computed(1, 0)),
        ("x = 1\nx += 1", read(0) | computed(0, 0)),
        ("x = y = 1\nx = y = x * y", read(0) | read(1) | computed(0, 0, 1) | computed(1, 0, 1)),
        ("x = y = 1\nx, y = y, x", read(0) | read(1) | computed(1, 0) | computed(0, 1)),
        ("x = y = 1\nx, *y = y, x", read(0) | read(1) | computed(0, 0, 1) | computed(1, 0, 1)),
        ("x = [1]\ni = 0\nx[i] = i", read(0, 2) | computed(1, 0) | read(1)),
        ("x = 1\nx.a.b = x.c", read(0, 2) | computed(0, 0)),
        ("def f(a): return a", read(0)),
        ("def f(a, b=1, *, c=a, d): return f(c)", read(0) | computed(1, 0) | read(2) | read(1)),
        ("a = 1\nf = lambda b=a: b", read(0) | computed(1, 0) | read(1) | computed(2, 0, 1)),
        ("x = [1]\ny = [i for i in x]", read(0) | computed(1, 0) | read(1) | computed(2, 0, 1)),
        (
            "x = {}\ny = {k: v for k, v in x}",
            read(0) | computed(1, 0) | computed(2, 0) | read(1) | read(2) | computed(3, 0, 1, 2),
        ),
        ("x = 1\nfor i in range(x): print(i)", read(0) | computed(1, 0) | read(1)),
        ("x = 1\nwith x as y, x: pass", read(0, 2) | computed(1, 0)),
        ("x = 1\nif (y := x): print(y)", read(0) | computed(1, 0) | read(1)),
        ("x = 1\nmatch x:\n case [a, 1, *b]: print(b)", read(0) | computed(1, 0) | computed(2, 0) | read(2)),
        ("def f(x: int, y: x) -> x: z: x = y", read(0) | computed(1, 0)),  # annotations are no data flow
        ("import a.b as c, d.e\nx = c + d", read(0) | read(1) | computed(2, 0, 1)),
    ],
)
def test_the_edges_of_a_data_flow(source: str, edges: dict[Edge, int]) -> None:
    assert data_flow(source) == Counter(edges)


@pytest.mark.parametrize("source", [*PROGRAMS, "", "pass", "print(1)"])
def test_a_program_matches_itself(source: str) -> None:
    assert data_flow_match(source, source) == 1.0


@given(st.sampled_from(PROGRAMS), st.permutations("abcdefghijklmnopqrstuvwxyz"))
def test_renaming_variables_does_not_change_the_match(source: str, letters: list[str]) -> None:
    names = "n s i a b gcd f xs k rest key best x file row m y z error first others sys".split()
    new = dict(zip(names, (f"{letter}_" for letter in letters), strict=False))
    renamed = re.sub(r"(?<![\"'])\b[a-z]+\b", lambda found: new.get(found[0], found[0]), source)
    assert renamed != source
    assert data_flow(renamed) == data_flow(source)
    assert data_flow_match(renamed, source) == data_flow_match(source, renamed) == 1.0


@pytest.mark.parametrize(
    ("program", "reference", "share"),
    [
        ("x = 1\nx += 2", "x = 3\nx = x - 1", 1),
        ("# nothing", SUM, 0),
        (SUM, "print(1)", 0),  # a reference without data flow
        ("x = 1\nprint(x)", "x = 1\ny = x\nprint(x)", 1 / 3),
        ("x = 1\nprint(x)\nprint(x)\nprint(x)", "x = 1\ny = x\nprint(x)", 2 / 3),
        ("x = 1\ny = x", "x = 1\ny = x\nz = y", 2 / 4),
        ("x = y = 1\nz = x - y", "x = y = 1\nz = y - x", 1),  # that sources change places is not seen
    ],
)
def test_the_share_of_the_reference_that_the_program_has(program: str, reference: str, share: float) -> None:
    assert data_flow_match(program, reference) == pytest.approx(share)


@pytest.mark.parametrize(
    "odd", ["x = ", "x = 1\0", "x = '\ud800'", "(" * 10_000, "-" * 50_000 + "1", "x = 1\n" * 100_000]
)
def test_a_program_that_does_not_parse_matches_nothing(odd: str) -> None:
    assert data_flow(odd) is None
    assert data_flow_match(odd, SUM) == data_flow_match(SUM, odd) == data_flow_match(odd, odd) == 0.0


NAMES = [a + b for a in "abcdeghjklmpqrstuvxyz" for b in "0123456789"]


@pytest.mark.parametrize(
    "long",
    [
        "=".join(NAMES * 60) + "=" + "+".join(NAMES),
        ",".join(NAMES * 60) + ",x=" + ",".join(NAMES * 30),
        "[x for x in " * 90 + "[" + ",".join(NAMES * 50) + "]" + "]" * 90,
        "x = " + "(x := " * 90 + "[" + ",".join(NAMES * 50) + "]" + ")" * 90,
        "x;" * 10_000,
        "if x: x = 1\n" + "elif x: x = x\n" * 500,
    ],
    ids=["a chain of targets", "many targets", "comprehensions", "bindings in bindings", "many reads", "elif"],
)
def test_long_programs_are_read_whole(long: str) -> None:
    source = "".join(f"{name} = 1\n" for name in NAMES) + "x = 1\n" + long
    assert data_flow_match(source, source) == 1.0


@given(st.text(), st.sampled_from(PROGRAMS))
def test_a_match_is_a_share(text: str, reference: str) -> None:
    assert 0 <= data_flow_match(text, reference) <= 1
    assert 0 <= data_flow_match(f"{text}\n{reference}", reference) <= 1
