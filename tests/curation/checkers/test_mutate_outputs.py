"""Mutated outputs: each differs from the output it was made from, in the way that it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_plus.problem import dump_json
from curation.checkers.mutate_outputs import MAX_CHARACTERS, SWAPPED, mutated_outputs

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3),
)


def by_change(expected: Any) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {}
    for mutation in mutated_outputs(expected):
        made.setdefault(mutation.change, []).append(mutation.output)
    return made


def test_a_text_of_several_lines() -> None:
    made = by_change("2\n10 20\n30 40\n")
    assert made["changed"] == ["3\n10 20\n30 40", "2\n10 21\n30 40", "2\n10 20\n30 41"]
    assert "10 20\n30 40" in made["dropped"]
    assert "2\n10 20\n40" in made["dropped"]
    assert "2\n10 20\n30 40\n30 40" in made["doubled"]
    assert "2\n10 20\n10 20" in made["replaced"]
    assert "10 20\n2\n30 40" in made[SWAPPED]
    assert "2\n10 20\n40 30" in made[SWAPPED]
    assert made["truncated"] == ["2\n10 2"]
    assert made["empty"] == [""]


def test_one_word() -> None:
    assert by_change("Yes\n") == {"changed": ["Yea"], "truncated": ["Y"], "empty": [""]}
    assert by_change("-1")["changed"] == ["0"]
    assert by_change("9.75")["changed"] == ["10.75"]
    assert by_change("ba")["changed"] == ["bb"]


def test_values() -> None:
    made = by_change([1, 2, 3])
    assert made["changed"] == [[2, 2, 3], [1, 3, 3], [1, 2, 4]]
    assert made["replaced"] == [[1, 2, 2]]  # [2, 2, 3] is there already, as a change of the first element
    assert made["dropped"] == [[2, 3], [1, 2]]
    assert made["doubled"] == [[1, 1, 2, 3], [1, 2, 3, 3]]
    assert made[SWAPPED] == [[2, 1, 3], [3, 2, 1]]
    assert made["empty"] == [[], None]
    assert [[3, 2], [5]] in by_change([[2, 3], [5]])[SWAPPED]
    assert by_change({"a": 1, "b": "x"})["dropped"] == [{"b": "x"}, {"a": 1}]
    assert by_change(True) == {"changed": [False], "empty": [None]}
    assert by_change(7) == {"changed": [8], "empty": [None]}


def test_a_long_output_is_not_mutated() -> None:
    assert mutated_outputs("1 " * MAX_CHARACTERS) == []


@settings(max_examples=60, deadline=None)
@given(VALUES | st.text("01 \nab.", max_size=12))
def test_every_mutation_is_new_and_different(expected: Any) -> None:
    outputs = [dump_json(mutation.output) for mutation in mutated_outputs(expected)]
    assert len(set(outputs)) == len(outputs)
    assert dump_json(expected) not in outputs


@pytest.mark.parametrize("expected", ["", "\n", [], None])
def test_nothing_is_left_of_an_empty_output(expected: Any) -> None:
    assert all(mutation.output != expected for mutation in mutated_outputs(expected))
