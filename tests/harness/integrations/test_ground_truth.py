"""What an exported row carries of a problem."""

from __future__ import annotations

import pytest

import apps_plus
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, DictKeys, Problem, ToleranceKind
from apps_plus.problem import Tests as UnitTests
from harness.integrations.ground_truth import dump_ground_truth, load_ground_truth

JUDGED_BY = ("problem_id", "entry_point", "comparison", "rule", "dict_keys", "checker")


def problem(**fields) -> Problem:
    usual = {
        "problem_id": "train/0001",
        "question": "The sum.",
        "canonical_solution": "def f(*a): return sum(a)",
        "entry_point": "f",
        "tests": UnitTests(([1, 2],), (3,)),
        "starter_code": "",
        "conditionals": (),
        "comparison": Comparison.EXACT,
        "difficulty": "introductory",
        "url": "",
    }
    return Problem(**{**usual, **fields})


def test_all_that_judging_needs_comes_back(sample_build):
    dataset = apps_plus.load(sample_build)
    for split in ("train", "validation", "test"):
        for original in dataset[split]:
            loaded = load_ground_truth(dump_ground_truth(original))
            assert [getattr(loaded, name) for name in JUDGED_BY] == [getattr(original, name) for name in JUDGED_BY]
            assert (loaded.tests.inputs, loaded.tests.outputs) == (original.tests.inputs, original.tests.outputs)


def test_neither_the_statement_nor_the_solution_is_in_it():
    assert "The sum" not in dump_ground_truth(problem())
    assert "return sum" not in dump_ground_truth(problem())


def test_every_way_of_comparing_comes_back():
    stated = problem(comparison=Comparison.FLOAT, tolerance=1e-3, tolerance_kind=ToleranceKind.RELATIVE)
    checked = problem(comparison=Comparison.CHECKER, checker="def check(a, b, c): return True", dict_keys=DictKeys.INT)
    unordered = problem(comparison=Comparison.UNORDERED, cases="blocks")
    for one in (stated, checked, unordered):
        loaded = load_ground_truth(dump_ground_truth(one))
        assert (loaded.rule, loaded.checker, loaded.dict_keys) == (one.rule, one.checker, one.dict_keys)


def test_integers_of_any_length_and_half_surrogate_pairs_survive():
    tests = UnitTests(([10**5000, "\ud800"],), ("\udfff",))
    text = dump_ground_truth(problem(tests=tests))
    text.encode()  # UTF-8 can write it
    assert load_ground_truth(text).tests == tests


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "column 2"), ("[]", "list"), ('{"problem_id": "a"}', "it has no 'entry_point'"), ("", "Expecting value")],
)
def test_an_invalid_text_is_told_with_what_to_do(text, told):
    with pytest.raises(InputError, match="export the build again") as raised:
        load_ground_truth(text)
    assert told in str(raised.value)
