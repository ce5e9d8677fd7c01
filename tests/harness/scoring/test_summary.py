"""The summary of ``evaluate --json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from apps_plus.errors import InputError
from harness.judging.verdict import Verdict
from harness.scoring.results import SampleResult
from harness.scoring.summary import common_errors, groups, last_results, summarise

TIERS = {"x": "competition", "y": "introductory", "z": "introductory"}
SHORT = {
    "+": "passed",
    "-": "wrong_answer",
    "e": "runtime_error",
    "t": "timeout",
    "c": "compile_error",
    "!": "harness_error",
}


def result(task_id: str, sample: int = 0, verdict: str = "passed", **fields: Any) -> SampleResult:
    return SampleResult(task_id, sample, TIERS.get(task_id, ""), Verdict(verdict), **fields)


def samples(**verdicts: str) -> list[SampleResult]:
    """Return results from ``x="+-"``: two samples of problem x, the first passes."""
    return [result(i, n, SHORT[short]) for i, shorts in verdicts.items() for n, short in enumerate(shorts)]


def summary(results: Sequence[SampleResult], *ks: int) -> dict[str, Any]:
    return summarise("apps+", TIERS, results, ks or (1,))


def test_overall_is_the_mean_over_problems_not_over_tiers_or_samples() -> None:
    told = summary(samples(x="+", y="----", z="+-"))
    assert told["pass_at_k"]["overall"]["1"]["value"] == pytest.approx((1 + 0 + 0.5) / 3)
    assert told["pass_at_k"]["introductory"]["1"]["value"] == pytest.approx(0.25)
    assert (told["task"], told["n_problems"], told["n_samples"], told["n_benchmark_problems"]) == ("apps+", 3, 7, 3)


def test_each_number_has_its_interval_and_how_it_was_made() -> None:
    entry = summary(samples(x="+", y="-", z="+"))["pass_at_k"]["overall"]["1"]
    low, high = entry.pop("ci95")
    assert 0 < low < 2 / 3 < high < 1
    assert entry == {"value": 2 / 3, "method": "wilson", "n_problems": 3}


def test_tiers_come_in_the_order_of_apps_then_others() -> None:
    tiers = {"a": "odd", "b": "competition", "c": "introductory", "d": ""}
    assert list(groups(tiers)) == ["overall", "introductory", "competition", "odd", ""]
    assert list(groups({"a": "", "b": ""})) == ["overall"]
    assert groups({"a": "overall", "b": "odd"})["overall"] == ["a", "b"]


def test_timeouts_are_runtime_errors_and_counted_apart() -> None:
    told = summary(samples(x="+-ettc", y="+"))
    counts = {"passed": 1, "failure": 1, "runtime_error": 3, "timeout": 2, "compile_error": 1}
    assert told["categories"]["competition"] == counts
    assert told["categories"]["overall"] == counts | {"passed": 2}
    assert told["verdicts"]["competition"] == {
        "passed": 1, "wrong_answer": 1, "runtime_error": 1, "timeout": 2, "compile_error": 1,
    }  # fmt: skip


def test_exceptions_are_counted_by_type_the_commonest_first() -> None:
    errors = [("x", "ValueError"), ("x", "KeyError"), ("y", "KeyError"), ("y", "SIGSEGV")]
    results = [result(i, n, "runtime_error", exception=e) for n, (i, e) in enumerate(errors)]
    results.append(result("y", 9, "compile_error", exception="SyntaxError"))
    results.append(result("y", 10, "wrong_answer", exception="AssertionError"))
    told = summary(results)["exceptions"]
    assert list(told["overall"]["runtime_error"].items()) == [("KeyError", 2), ("SIGSEGV", 1), ("ValueError", 1)]
    assert told["overall"]["compile_error"] == {"SyntaxError": 1}
    assert told["competition"] == {"runtime_error": {"KeyError": 1, "ValueError": 1}, "compile_error": {}}


# --- results that do not count ---------------------------------------------------------------------------------------


def test_our_faults_are_no_samples_of_the_program() -> None:
    told = summary(samples(x="+!", y="+", z="!"))
    assert told["pass_at_k"]["overall"]["1"]["value"] == 1.0
    assert (told["n_problems"], told["n_samples"]) == (2, 4)
    assert told["categories"]["overall"]["harness_error"] == 2
    assert told["problems_missing"] == {"count": 1, "ids": ["z"]}
    assert "2 samples could not be judged (harness_error): not part of pass@k" in told["remarks"]


def test_without_faults_of_ours_there_is_no_such_category() -> None:
    assert "harness_error" not in summary(samples(x="+", y="+", z="-"))["categories"]["overall"]


def test_problems_without_samples_are_named() -> None:
    told = summary(samples(y="+"))
    assert told["problems_missing"] == {"count": 2, "ids": ["x", "z"]}
    assert "pass@k is over the 1 of 3 problems that have samples; without: x, z" in told["remarks"]
    assert "competition: no problem has samples" in told["remarks"]
    assert list(told["pass_at_k"]) == ["overall", "introductory"]


def test_many_missing_problems_are_counted_and_some_named() -> None:
    told = summarise("humaneval", {f"p{i}": "" for i in range(10)}, [SampleResult("p0", 0, "", Verdict.PASSED)])
    assert (
        "pass@k is over the 1 of 10 problems that have samples; without: p1, p2, p3, p4, p5 and 4 more"
        in told["remarks"]
    )
    assert told["problems_missing"]["count"] == 9


def test_results_of_unknown_problems_are_left_out_and_said() -> None:
    told = summary([*samples(x="+", y="+", z="+"), result("nowhere", 0, "wrong_answer")])
    assert (told["n_samples"], told["pass_at_k"]["overall"]["1"]["value"]) == (3, 1.0)
    assert "1 sample left out: the benchmark has no problem nowhere" in told["remarks"]


def test_the_last_result_of_a_sample_counts() -> None:
    results = [result("x", 0, "timeout"), result("y"), result("x", 0, "passed"), result("z")]
    assert [r.verdict for r in last_results(results)] == ["passed"] * 3
    told = summary(results)
    assert told["n_samples"] == 3
    assert "1 result left out: their samples have a later result" in told["remarks"]


def test_a_k_that_cannot_be_computed_is_said_once() -> None:
    told = summary(samples(x="++", y="+-", z="-"), 1, 2)
    assert list(told["pass_at_k"]["overall"]) == ["1"]
    assert list(told["pass_at_k"]["competition"]) == ["1", "2"]
    assert [r for r in told["remarks"] if "pass@2" in r] == [
        "pass@2 was not computed: 1 of 3 problems have fewer than 2 samples (z has 1 sample)"
    ]


def test_a_bootstrap_over_few_problems_is_not_to_be_relied_on() -> None:
    told = summary(samples(x="+-", y="++", z="--"))
    assert "too few problems for a reliable interval: overall, introductory" in told["remarks"]
    assert not any("too few" in remark for remark in summary(samples(x="+", y="-", z="+"))["remarks"])


def test_no_results_are_no_number() -> None:
    told = summary([])
    assert told["pass_at_k"] == {"overall": {}}
    assert "pass@1 was not computed: no problem has samples" in told["remarks"]


def test_there_is_no_pass_at_0() -> None:
    with pytest.raises(InputError, match="no pass@0"):
        summary(samples(x="+"), 0)


# --- other counts --------------------------------------------------------------------------------------------------


def test_base_tests_are_scored_apart_where_there_are_any() -> None:
    results = [
        result("x", base=Verdict.PASSED),
        result("y", verdict="wrong_answer", base=Verdict.PASSED),
        result("z", verdict="compile_error", base=Verdict.COMPILE_ERROR),
    ]
    told = summary(results)
    assert told["pass_at_k"]["overall"]["1"]["value"] == pytest.approx(1 / 3)
    assert told["base"]["pass_at_k"]["overall"]["1"]["value"] == pytest.approx(2 / 3)
    assert told["base"]["categories"]["overall"]["passed"] == 2
    assert "base" not in summary([replace(r, base=None) for r in results])


def test_reruns_and_processor_time_add_up() -> None:
    timed_out = [result("x", 0, "timeout", reruns=1, seconds=1.5), result("y", 0, reruns=2, seconds=0.5)]
    told = summary([*timed_out, result("z")])
    assert (told["reruns"], told["processor_seconds"]) == (3, 2.0)
    assert any(remark.startswith("2 samples ran again alone") and "1 timed out" in remark for remark in told["remarks"])


def test_timeouts_that_did_not_run_again_are_counted() -> None:
    told = summary([result("x", 0, "timeout", unsure=True), result("y", 0, "timeout"), result("z")])
    assert told["reruns"] == 0
    assert [remark[:52] for remark in told["remarks"]] == ["1 sample timed out on a busy machine and did not run"]


def test_the_order_of_lines_does_not_matter() -> None:
    results = samples(x="+-t", y="++e", z="---")
    assert summary(results[::-1], 1, 3) == summary(results, 1, 3)


def test_a_summary_is_one_json_object() -> None:
    told = summary(samples(x="+", y="e", z="!"), 1, 10)
    assert json.loads(json.dumps(told)) == told


# --- errors --------------------------------------------------------------------------------------------------------


def test_errors_are_ranked_with_the_most_typical_example() -> None:
    results = [
        result("x", 0, "runtime_error", exception="KeyError", detail="KeyError: 'odd'"),
        result("x", 1, "runtime_error", exception="KeyError", detail="KeyError: 3, line 7"),
        result("y", 0, "runtime_error", exception="KeyError", detail="KeyError: 12, line 5"),
        result("y", 1, "timeout"),
        result("y", 2),
    ]
    first, second = common_errors(results)
    assert (first.error, first.category, first.count, first.share) == ("KeyError", "runtime_error", 3, 0.75)
    assert (first.n_problems, first.task_id, first.sample, first.detail) == (2, "x", 1, "KeyError: 3, line 7")
    assert (second.error, second.category, second.count) == ("timeout", "runtime_error", 1)
    assert second.to_json()["example"] == {"task_id": "y", "sample": 1, "detail": ""}


@pytest.mark.parametrize(
    ("verdict", "exception", "named"),
    [
        ("wrong_answer", "AssertionError", "wrong_answer"),
        ("memory_limit", "MemoryError", "memory_limit"),
        ("runtime_error", "SIGSEGV", "SIGSEGV"),
        ("runtime_error", "", "runtime_error"),
        ("compile_error", "IndentationError", "IndentationError"),
        ("harness_error", "", "harness_error"),
    ],
)
def test_an_error_is_named_by_its_exception_or_its_verdict(verdict: str, exception: str, named: str) -> None:
    [error] = common_errors([result("x", 0, verdict, exception=exception)])
    assert error.error == named


def test_only_the_top_errors_are_given() -> None:
    results = [result("x", n, "runtime_error", exception=f"E{n}") for n in range(5)]
    assert [len(common_errors(results, top)) for top in (2, 10, None)] == [2, 5, 5]
    assert [error.share for error in common_errors(results, 2)] == [0.2, 0.2]


def test_where_all_pass_there_are_no_errors() -> None:
    assert common_errors([result("x")]) == []
