"""The share of a reference's subtrees that a program has; the fractions are counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcoder.syntax_match import LONGEST_SOURCE, syntax_match, tree_of

LOOP = "def f(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n"

ODD = {
    "null bytes": "x = 1\0",
    "surrogates": "x = '\ud800'",
    "nested brackets": "(" * 10_000,
    "nested operators": "-" * 50_000 + "1",
    "a long sum": "x = 1" + " + 1" * 10_000,
    "a long chain of elif": "if x: pass\n" + "elif x: pass\n" * 4_000,
    "a hundred thousand lines": "x = 1\n" * 100_000,
    "digits": "9" * 50_000,
    "an indented end": "if x:\n    ",
    "prose": "Here is the program:",
}
"""Programs that Python does not parse, or not everywhere."""

STATEMENTS = ("x = 1", "y = x + 1", "f(x)", "for i in x: f(i)", "if x: y = x", "def f(a, b=x): return a", "pass")
programs = st.lists(st.sampled_from(STATEMENTS), max_size=6).map("\n".join)


@pytest.mark.parametrize("source", [LOOP, "", "pass", "x", "'text alone'", "lambda: 0", "match x:\n case [1, *y]: y"])
def test_a_program_matches_itself(source: str) -> None:
    assert syntax_match(source, source) == 1.0


@pytest.mark.parametrize(
    "same",
    [
        LOOP.replace("s ", "total ").replace("return s", "return total"),
        LOOP.replace("range", "count").replace("f(", "g("),
        LOOP.replace("0", "17"),
        "# a comment\n" + LOOP,
        LOOP.replace("    ", "\t"),
        LOOP.replace("    s = 0", "    '''What it does.'''\n    s = (0)"),
        "\ufeff" + LOOP,
    ],
    ids=["variables", "functions", "numbers", "comments", "layout", "docstrings", "byte order mark"],
)
def test_only_the_structure_counts(same: str) -> None:
    assert same != LOOP
    assert syntax_match(same, LOOP) == syntax_match(LOOP, same) == 1.0


@pytest.mark.parametrize(
    ("program", "reference", "share"),
    [
        ("x = 1; y = a + b", "x = a + b", 2 / 3),  # the sum and the assignment, not the module
        ("x = a - b", "x = a + b", 0),
        ("x = a + 1", "x = a + b", 0),
        ("x = '1'", "x = 1", 0),
        ("f(x)", "f(x)\nf(x)", 2 / 5),  # a statement and its call; the reference has two, and the module
        ("f(x)\nf(x)\nf(x)", "f(x)\nf(x)", 4 / 5),
        ("print(f(x))", "f(x)\nf(x)", 1 / 5),  # one call, not the statement
        ("while a: f(x)", "for b in a: f(x)", 2 / 4),
        ("for b in a: pass\nelse: f(x)", "for b in a: f(x)", 2 / 4),  # where a statement stands counts
    ],
)
def test_the_share_of_the_reference_that_the_program_has(program: str, reference: str, share: float) -> None:
    assert syntax_match(program, reference) == pytest.approx(share)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_program_that_does_not_parse_matches_nothing(odd: str) -> None:
    if tree_of(odd) is not None:
        pytest.skip("this Python parses it")
    assert syntax_match(odd, LOOP) == syntax_match(LOOP, odd) == syntax_match(odd, odd) == 0.0


def test_a_program_that_is_too_long_is_not_parsed() -> None:
    assert tree_of("#" * LONGEST_SOURCE) is not None
    assert tree_of("#" * (LONGEST_SOURCE + 1)) is None


@pytest.mark.filterwarnings("error")
def test_the_warnings_of_a_program_are_nobodys() -> None:
    assert syntax_match(r"x = '\d' is 1", r"x = '\d' is 1") == 1.0


@given(st.text() | programs, st.text() | programs)
def test_a_match_is_a_share(program: str, reference: str) -> None:
    assert 0 <= syntax_match(program, reference) <= 1


@given(programs, programs)
def test_a_program_that_contains_the_reference_misses_at_most_the_module(program: str, reference: str) -> None:
    apart = syntax_match(program, reference)
    together = syntax_match(f"{program}\n{reference}", reference)
    assert together >= apart or apart == 1.0
