"""Compare two models problem by problem."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_plus.errors import InputError
from harness.judging.verdict import Verdict
from harness.scoring.paired_comparison import MCNEMAR, SIGN_FLIP, compare, format_p, mcnemar, sign_flip
from harness.scoring.results import SampleResult


def rows(passed: dict[str, Sequence[int]], tiers: dict[str, str] | None = None) -> list[SampleResult]:
    """Return results from ``{"a": [1, 0]}``: two samples of problem a, the first passes."""
    return [
        SampleResult(task_id, sample, (tiers or {}).get(task_id, ""), Verdict.PASSED if p else Verdict.WRONG_ANSWER)
        for task_id, samples in passed.items()
        for sample, p in enumerate(samples)
    ]


def singles(passed: str) -> list[SampleResult]:
    """Return results from ``"+-+"``: one sample for each of three problems."""
    return rows({f"p{i}": [c == "+"] for i, c in enumerate(passed)})


def test_single_samples_are_compared_by_mcnemars_test() -> None:
    told = compare(singles("++--+"), singles("+-+++"))
    assert told.test.name == MCNEMAR
    assert (told.test.a_better, told.test.b_better) == (1, 2)
    assert (told.overall.a.value, told.overall.b.value) == (0.6, 0.8)
    assert told.overall.b_minus_a.value == pytest.approx(0.2)
    assert [flip.task_id for flip in told.a_better] == ["p1"]
    assert [flip.task_id for flip in told.b_better] == ["p2", "p3"]


def test_problems_that_differ_equally_are_in_the_order_of_their_numbers() -> None:
    """Results are in the order in which programs ended, which says nothing."""
    ids = ["H/10", "H/9", "H/81", "G/x", "H/009b", "10", "9"]
    told = compare(rows({i: [1] for i in ids}), rows({i: [0] for i in ids}))
    assert [flip.task_id for flip in told.a_better] == ["9", "10", "G/x", "H/9", "H/009b", "H/10", "H/81"]


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (0, 5, 0.0625),
        (5, 0, 0.0625),
        (1, 9, 22 / 1024),
        (3, 7, 352 / 1024),
        (0, 10, 2 / 1024),
    ],
)
def test_mcnemars_exact_p_is_that_of_fair_coins(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)


@given(st.lists(st.sampled_from([-1, -0.75, -0.5, -0.25, 0, 0.1, 0.2, 0.3, 1 / 3]), max_size=8))
@settings(deadline=None, max_examples=25)
def test_the_sign_flip_p_is_the_share_of_sign_assignments_that_differ_as_much(differences: list[float]) -> None:
    observed = abs(sum(differences))
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product([1, -1], repeat=len(differences))
    ]
    exact = sum(total >= observed - 1e-9 for total in sums) / len(sums)
    assert sign_flip(differences) == pytest.approx(exact, abs=0.01)


def test_several_samples_are_compared_by_flipping_signs() -> None:
    told = compare(rows({"x": [1, 1, 1, 1], "y": [0, 0], "z": [1]}), rows({"x": [0, 1], "y": [1, 1], "z": [1]}))
    assert told.test.name == SIGN_FLIP
    [lost], [won] = told.a_better, told.b_better
    assert (lost.task_id, lost.a_passed, lost.a_samples, lost.b_passed, lost.b_samples) == ("x", 4, 4, 1, 2)
    assert (won.task_id, won.difference) == ("y", 1.0)


def test_the_largest_differences_come_first() -> None:
    a = rows({"small": [1, 1, 1, 1], "large": [1, 1, 1, 1], "none": [0] * 4})
    b = rows({"small": [1, 1, 1, 0], "large": [0, 0, 0, 0], "none": [0] * 4})
    assert [flip.task_id for flip in compare(a, b).a_better] == ["large", "small"]


def test_only_problems_that_both_have_count() -> None:
    told = compare(rows({"x": [1], "y": [1], "only a": [1]}), rows({"y": [0], "x": [1], "only b": [0]}))
    assert told.n_problems == 2
    assert (told.overall.a.value, told.overall.b.value) == (1.0, 0.5)
    assert (told.only_in_a, told.only_in_b) == (("only a",), ("only b",))
    assert "1 problem that only A has samples of left out: only a" in told.notes


def test_results_of_different_benchmarks_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="no problem in common"):
        compare(rows({"HumanEval/0": [1]}), rows({"Mbpp/2": [1]}))


def test_a_sample_that_could_not_be_judged_is_left_out() -> None:
    fault = SampleResult("x", 1, "", Verdict.HARNESS_ERROR)
    told = compare([*rows({"x": [1]}), fault], rows({"x": [1]}))
    assert told.overall.a.value == 1.0
    assert told.test.name == MCNEMAR
    assert told.notes == ("A: samples that could not be judged (harness_error) left out: 1",)


def test_each_tier_has_its_difference() -> None:
    tiers = {"x": "interview", "y": "introductory", "z": "interview"}
    told = compare(rows({"x": [1], "y": [1], "z": [0]}, tiers), rows({"x": [0], "y": [1], "z": [0]}, tiers))
    assert list(told.groups) == ["overall", "introductory", "interview"]
    assert [difference.b_minus_a.value for difference in told.groups.values()] == pytest.approx([-1 / 3, 0, -0.5])
    assert [difference.b_minus_a.n_problems for difference in told.groups.values()] == [3, 1, 2]


# --- noise ---------------------------------------------------------------------------------------------------------


def test_a_clear_difference_is_unlikely_to_be_noise() -> None:
    told = compare(singles("+" * 50 + "-" * 50), singles("+" * 80 + "-" * 20))
    difference = told.overall.b_minus_a
    assert 0.15 < difference.low < 0.3 < difference.high < 0.45
    assert told.conclusion == "unlikely to be noise: the interval does not contain 0 (p < 0.001)"


def test_a_small_difference_may_be_noise() -> None:
    told = compare(singles("+-" * 5 + "-" * 90), singles("-+" * 5 + "+" + "-" * 89))
    assert told.conclusion == "may be noise: the interval contains 0 (p = 1.00)"


def test_equal_results_may_be_noise_and_are_not_certain_to_be_equal() -> None:
    told = compare(singles("+-" * 50), singles("+-" * 50))
    difference = told.overall.b_minus_a
    assert difference.low == -difference.high < 0
    assert told.conclusion.startswith("may be noise")


def test_pairing_makes_the_difference_surer_than_the_scores_are() -> None:
    told = compare(singles("+-" * 100), singles("+-" * 95 + "++" * 5))
    width = told.overall.b_minus_a.high - told.overall.b_minus_a.low
    assert width < (told.overall.a.high - told.overall.a.low) / 2


@given(st.text("+-", min_size=1, max_size=20), st.randoms())
@settings(deadline=None, max_examples=15)
def test_the_other_way_round_is_the_opposite(passed: str, random: object) -> None:
    other = "".join(random.choice("+-") for _ in passed)  # type: ignore[attr-defined]
    told, back = compare(singles(passed), singles(other)), compare(singles(other), singles(passed))
    assert told.overall.b_minus_a.value == pytest.approx(-back.overall.b_minus_a.value)
    assert told.overall.b_minus_a.low <= told.overall.b_minus_a.value <= told.overall.b_minus_a.high
    assert told.test.p_value == pytest.approx(back.test.p_value)
    assert [flip.task_id for flip in told.a_better] == [flip.task_id for flip in back.b_better]


def test_the_order_of_lines_does_not_matter() -> None:
    a, b = rows({"x": [1, 0], "y": [0, 0], "z": [1, 1]}), rows({"x": [1, 1], "y": [0, 1], "z": [0, 1]})
    told, again = compare(a, b), compare(a[::-1], b[::-1])
    assert (told.groups, told.test) == (again.groups, again.test)


@pytest.mark.parametrize(("p", "shown"), [(1.0, "p = 1.00"), (0.0312, "p = 0.031"), (0.0009, "p < 0.001")])
def test_p_is_told_to_two_or_three_places(p: float, shown: str) -> None:
    assert format_p(p) == shown


def test_a_comparison_is_one_json_object() -> None:
    told = json.loads(json.dumps(compare(singles("+-"), singles("++")).to_json()))
    assert told["pass_at_1"]["overall"]["b_minus_a"]["value"] == 0.5
    assert told["b_better"] == [
        {"task_id": "p1", "tier": "", "a_passed": 0, "a_samples": 1, "b_passed": 1, "b_samples": 1}
    ]
