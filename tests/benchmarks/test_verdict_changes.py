"""Compare the verdicts of runs, before and after the policy, and count the changes by cause and by load."""

from __future__ import annotations

from benchmarks.verdict_causes import Cause, Judged, Repeats
from benchmarks.verdict_changes import Run, changes, other_answers, rate, report, tables
from harness.sandbox.execution import Limits

LIMITS = Limits(cpu_seconds=4.0, wall_seconds=40.0)
PASSED = Judged("passed", slowest=3.7, answers="a")
WRONG = Judged("wrong_answer", answers="b")
LATE = Judged("timeout", timed_out=4.1, unsure=True)
FIRST = Run("round 1, 1 worker", "1 worker", {"x": PASSED, "y": WRONG}, {"x": PASSED, "y": WRONG}, seconds=10.0)
BUSY = Run(
    "round 1, busy", "busy", {"x": LATE, "y": WRONG}, {"x": PASSED, "y": WRONG}, reruns=1, in_doubt=1, seconds=20.0
)
NAMES = {"x": "train/0001#0", "y": "train/0001#1"}


def test_only_solutions_that_both_runs_judged_are_compared() -> None:
    assert [change.key for change in changes({"x": PASSED, "y": PASSED}, {"y": WRONG, "z": WRONG})] == ["y"]


def test_another_detail_of_the_same_verdict_is_no_change() -> None:
    assert changes({"x": WRONG}, {"x": Judged("wrong_answer", "test 3", answers="c", slowest=1.0)}) == []


def test_other_answers_with_the_same_verdict_are_counted_apart() -> None:
    others = {"x": Judged("passed", answers="z"), "y": WRONG}
    assert other_answers({"x": PASSED, "y": WRONG}, others) == 1
    assert other_answers({"x": LATE}, {"x": Judged("timeout", answers="z")}) == 0


def test_a_change_that_the_policy_takes_back_counts_before_it_only() -> None:
    counts = report([FIRST, BUSY], {"x": Repeats([PASSED])}, NAMES, LIMITS)
    [row] = counts["runs"]
    assert (row["verdicts"], row["before"], row["after"], row["reruns"]) == (2, 1, 0, 1)
    found = counts["causes"][str(Cause.PROCESSOR_TIME)]
    assert (found["before"], found["after"]) == ({"busy": 1}, {})
    [example] = found["examples"].items()
    assert example == (
        "train/0001#0",
        "passed (3.70 s) -> timeout (4.10 s); repeated alone 1 passed (different answers: 1, 3.70 to 3.70 s)",
    )


def test_the_tables_have_a_row_for_each_run_and_for_each_cause() -> None:
    again = Run("round 2, 1 worker", "1 worker", FIRST.before, FIRST.after)
    lines = list(tables(report([FIRST, BUSY, again], {}, NAMES, LIMITS)))
    assert "| round 1, 1 worker | 2 |  |  |  |  | 0 | 0 | 0 |  | 10 s |" in lines
    assert (
        "| round 1, busy | 2 | 1 | 50,000.0 (9,453 to 90,547) | 0 | 0.0 (0 to 65,762) | 1 | 1 | 0 | 0 | 20 s |" in lines
    )
    assert lines[-4].startswith("| changes before and after the policy, by cause | 1 worker | busy |")
    assert lines[-2] == ("| time limit: processor time near it | 0, 0 | 1, 0 | 25,000.0, 0.0 | `train/0001#0` |")
    assert lines[-1] == "| all | 0, 0 | 1, 0 | 25,000.0, 0.0 |  |"
    assert {line.count("|") for line in lines[:5]} == {12}


def test_the_examples_of_a_cause_are_bounded() -> None:
    keys = [str(number) for number in range(9)]
    first = Run("first", "1 worker", dict.fromkeys(keys, PASSED), dict.fromkeys(keys, PASSED))
    other = Run("other", "1 worker", dict.fromkeys(keys, WRONG), dict.fromkeys(keys, WRONG))
    counts = report([first, other], {}, {key: f"p#{key}" for key in keys}, LIMITS)
    assert len(counts["causes"][str(Cause.UNEXPLAINED)]["examples"]) == 9
    assert list(tables(counts))[-2].count("`p#") == 3


def test_a_rate_is_per_hundred_thousand_with_its_interval() -> None:
    assert rate(3, 200_000) == "1.5 (1 to 4)"
    assert rate(0, 0) == "-"
