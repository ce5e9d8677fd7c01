"""Solve rates from counts of samples, and the columns and bins that they give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from curation.difficulty.solve_rates import (
    BINS,
    NO_SAMPLES,
    ModelSamples,
    bin_of,
    columns_of,
    pooled,
    rates_of,
    solve_rate,
    summarise_rates,
)

PROBLEM = Problem("train/0", "?", "print()", None, UnitTests((), ()), "", (), Comparison.EXACT, "interview", "")
A = ModelSamples("a", "a.jsonl", "00", {"train/0": (4, 1), "train/1": (4, 4)})
B = ModelSamples("b", "b.jsonl", "11", {"train/0": (6, 3)})


def problems(*ids: str) -> list[Problem]:
    return [replace(PROBLEM, problem_id=problem_id) for problem_id in ids]


def test_a_rate_has_wilsons_interval() -> None:
    rate = solve_rate("a", 10, 4)
    assert (rate.samples, rate.passed, rate.rate) == (10, 4, 0.4)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.1682, 0.6873)


@pytest.mark.parametrize(("passed", "end"), [(0, 0.0), (8, 1.0)])
def test_an_interval_ends_at_nothing_and_at_all(passed: int, end: float) -> None:
    rate = solve_rate("a", 8, passed)
    assert end in (rate.low, rate.high)
    assert rate.high - rate.low == pytest.approx(0.3244, abs=1e-4)


def test_a_problem_has_a_rate_for_each_model_with_samples() -> None:
    assert [rate.model for rate in rates_of("train/0", [A, B])] == ["a", "b"]
    assert [rate.model for rate in rates_of("train/1", [A, B])] == ["a"]


def test_the_rate_over_all_models_is_that_of_all_samples() -> None:
    whole = pooled(rates_of("train/0", [A, B]))
    assert whole is not None
    assert (whole.samples, whole.passed, whole.rate) == (10, 4, 0.4)
    assert pooled(()) is None


def test_a_problem_without_samples_has_no_rate() -> None:
    columns = columns_of(problems("train/0", "train/9"), [A, B])
    assert columns["solve_rate"] == {"train/0": 0.4}
    assert columns["solve_rates"]["train/9"] == []
    assert columns["solve_rates"]["train/0"][0] | {"low": 0, "high": 0} == {
        "model": "a",
        "samples": 4,
        "passed": 1,
        "rate": 0.25,
        "low": 0,
        "high": 0,
    }


@pytest.mark.parametrize(
    ("rate", "name"),
    [(0.0, "never"), (0.01, "to 25%"), (0.25, "to 25%"), (0.5, "to 50%"), (0.51, "to 75%"), (0.99, "below 100%")],
)
def test_a_rate_is_in_the_bin_that_ends_with_it(rate: float, name: str) -> None:
    assert bin_of(rate) == name
    assert (bin_of(1.0), bin_of(None)) == ("always", NO_SAMPLES)


def test_the_summary_counts_every_problem_once() -> None:
    summary = summarise_rates(problems("train/0", "train/1", "train/9"), [A, B], ["interview", "hard"])
    assert [bin for bin, by_tier in summary["bins"].items() if by_tier["total"]] == ["to 50%", "always", NO_SAMPLES]
    assert all(by_tier["hard"] == 0 for by_tier in summary["bins"].values())
    assert list(summary["bins"]) == [*BINS, NO_SAMPLES]
    first = summary["models"][0]
    assert (first["problems"], first["samples"], first["passed"], first["mean_rate"]) == (2, 8, 5, 0.625)
