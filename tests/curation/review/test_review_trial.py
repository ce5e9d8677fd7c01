"""Changes are tried before they are decided: a trial gives the result of the next build."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flawed_problems import ANY_DIVISOR, QUEUE
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.errors import InputError
from apps_plus.problem import GeneratedTest, Tests, dump_json, load_json
from apps_plus.raw import open_raw
from curation.pipeline.steps import verify_problem
from curation.records import SolutionResult, VerifiedProblem
from curation.review.changes import normalize_changes
from curation.review.queue import Item, Queue
from curation.review.rerun import SolutionOutput, run_solution, solution_source
from curation.review.trial import try_changes
from curation.review_decisions import Changes
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits

FIRST, ADDING, CHOOSING, LAST = QUEUE
ALWAYS = "def check(given, expected, actual):\n    return True\n"
SAME = "def check(given, expected, actual):\n    return expected.split() == actual.split()\n"
ALL_CHANGES = [
    (FIRST, Changes({"1": "15"})),
    (FIRST, Changes({"1": "15"}, canonical=3)),
    (FIRST, Changes({"1": "15"}, canonical=5)),
    (FIRST, Changes({"1": "15"}, canonical=4)),
    (FIRST, Changes({"0": "4", "1": "15"})),
    (FIRST, Changes(checker=ALWAYS)),
    (ADDING, Changes({"2": "102"})),
    (ADDING, Changes(canonical=4)),
    (ADDING, Changes(canonical=0)),
    (ADDING, Changes(comparison="float")),
    (CHOOSING, Changes({"0": "1", "1": "1"})),
    (CHOOSING, Changes(checker=ANY_DIVISOR)),
    (CHOOSING, Changes(comparison="tokens")),
    (FIRST, Changes({"1": "21"}, inputs={"1": "[7]"})),
    (FIRST, Changes(dropped_tests=(1,))),
    (ADDING, Changes({"2": "7"}, inputs={"2": "3 4"}, dropped_tests=(0,))),
    (CHOOSING, Changes({"1": "1"}, comparison="tokens", dropped_tests=(0,))),
]


@pytest.mark.parametrize(("problem_id", "changes"), ALL_CHANGES)
def test_a_trial_says_what_a_build_says_from_the_raw_problem(
    queue: Queue, sandbox: Sandbox, flawed_raw: Path, problem_id: str, changes: Changes
) -> None:
    trial = try_changes(sandbox, queue.item(problem_id), changes, queue.limits())
    raw = next(problem for problem in open_raw(flawed_raw) if problem.problem_id == problem_id)
    built = verify_problem(raw, sandbox, queue.limits(), trial.changes)
    for name in (
        "tests",
        "comparison",
        "tolerance",
        "tolerance_kind",
        "cases",
        "dict_keys",
        "solutions",
        "votes",
        "suggestion",
        "canonical",
        "canonical_source",
    ):
        assert getattr(trial.problem, name) == getattr(built, name), name
    assert (trial.error == "") == (built.canonical is not None)


def test_every_solution_runs_again_with_results_before_and_after(queue: Queue, sandbox: Sandbox) -> None:
    item = queue.item(FIRST)
    trial = try_changes(sandbox, item, Changes({"1": "15"}))
    assert trial.before == item.problem.solutions
    assert [result.code for result in trial.before] == ["output_mismatch"] * 4 + ["runtime_error", "output_mismatch"]
    assert [result.code for result in trial.after] == ["passed"] * 4 + ["runtime_error", "passed"]
    assert (trial.passed_before, trial.passed_after) == (0, 4)  # the last is a copy
    assert (trial.canonical, trial.error) == (0, "")
    assert trial.after[3].repairs == ("missing_import",)
    assert trial.after[5].same_as == 0


def test_the_first_of_the_passing_solutions_that_needs_no_repair_is_canonical_unless_another_is_chosen(
    queue: Queue, sandbox: Sandbox
) -> None:
    for canonical in (None, 0, 1, 3, 5):
        trial = try_changes(sandbox, queue.item(FIRST), Changes({"1": "15"}, canonical=canonical))
        assert trial.canonical == (canonical or 0)
        assert trial.problem.canonical_source == solution_source(queue.item(FIRST).problem, canonical or 0)


def test_generated_inputs_expect_the_answers_of_the_solution_that_is_chosen(queue: Queue, sandbox: Sandbox) -> None:
    item = queue.item(FIRST)
    given = Tests.from_json(item.problem.tests)
    parted = GeneratedTest(len(given), "small", "seen", 0, votes=2, voters=4)
    tests = Tests((*given.inputs, given.inputs[0]), (*given.outputs, -1), (parted,)).to_json()
    item = replace(item, problem=replace(item.problem, tests=tests))
    assert "no solution passes" in try_changes(sandbox, item, Changes({"1": "15"})).error
    trial = try_changes(sandbox, item, Changes({"1": "15"}, canonical=3))
    assert (trial.canonical, trial.error) == (3, "")
    assert Tests.from_json(trial.problem.tests).outputs[len(given)] == given.outputs[0]


@pytest.mark.parametrize(
    ("problem_id", "changes", "told"),
    [
        (FIRST, Changes({"1": "17"}), "no solution passes the tests of train/0001 as changed"),
        (FIRST, Changes({"1": "15"}, canonical=4), "solution 4 does not pass .* NameError"),
        (CHOOSING, Changes(checker="def other(): pass\n"), "does not work"),
        (CHOOSING, Changes(checker="def check(:\n"), "does not work"),
        (FIRST, Changes({"9": "15"}), "no test 9"),
        (FIRST, Changes(), "changes nothing"),
    ],
)
def test_what_no_build_can_apply_is_an_error_in_one_line(
    queue: Queue, sandbox: Sandbox, problem_id: str, changes: Changes, told: str
) -> None:
    trial = try_changes(sandbox, queue.item(problem_id), changes)
    assert re.search(told, trial.error)
    assert "\n" not in trial.error
    assert "retract" not in trial.error  # nothing is decided yet
    assert trial.canonical is None


def test_where_the_build_kept_no_sources_nothing_can_be_tried(queue: Queue, sandbox: Sandbox) -> None:
    item = queue.item(FIRST)
    bare = Item(replace(item.problem, sources={}), item.digest, item.reasons)
    trial = try_changes(sandbox, bare, Changes({"1": "15"}))
    assert "kept no sources" in trial.error
    assert (trial.after, trial.canonical) == ((), None)


def with_sources(item: Item, source: str) -> Item:
    """The item with another program for every solution."""
    return replace(item, problem=replace(item.problem, sources=dict.fromkeys(item.problem.sources, source)))


def test_a_program_whose_answers_are_chance_passes_no_trial(queue: Queue, sandbox: Sandbox) -> None:
    chance = "a, b = map(int, input().split())\nprint(a + b + hash('a') % 1000003)\n"
    trial = try_changes(sandbox, with_sources(queue.item(ADDING), chance), Changes({"2": "102"}))
    assert {result.code for result in trial.after} == {"nondeterministic"}


def test_a_program_that_an_earlier_call_breaks_is_judged_on_each_test_alone(queue: Queue, sandbox: Sandbox) -> None:
    forgetful = "seen = []\ndef f(x):\n    seen.append(x)\n    return 3 * x if len(seen) == 1 else 0\n"
    trial = try_changes(sandbox, with_sources(queue.item(FIRST), forgetful), Changes({"1": "15"}))
    assert {result.code for result in trial.after} == {"passed"}


def test_where_time_for_all_tests_is_short_one_solution_is_given_what_it_needs(queue: Queue, sandbox: Sandbox) -> None:
    slow = "import time\nwhile time.process_time() < 0.1: pass\na, b = map(int, input().split())\nprint(a + b)\n"
    hurry = Limits(program_seconds=0.05)
    trial = try_changes(sandbox, with_sources(queue.item(ADDING), slow), Changes({"2": "102"}), hurry)
    assert [result.code for result in trial.after] == ["passed", *["unfinished"] * 4]
    assert trial.canonical == 0


def test_limits_hold_in_a_trial(queue: Queue, sandbox: Sandbox) -> None:
    endless = with_sources(queue.item(ADDING), "while True: pass\n")
    trial = try_changes(sandbox, endless, Changes({"2": "102"}), Limits(cpu_seconds=0.05, program_seconds=0.1))
    assert {result.code for result in trial.after} == {"timeout"}


# ---- what a solution answers


def test_a_solutions_answers_can_be_asked_for(queue: Queue, sandbox: Sandbox) -> None:
    assert run_solution(sandbox, queue.item(FIRST), 0, 1) == [SolutionOutput("15", Ended.FINISHED)]
    assert [answer.text for answer in run_solution(sandbox, queue.item(ADDING), 0)] == ["3\n", "10\n", "102\n"]
    (raised,) = run_solution(sandbox, queue.item(FIRST), 4, 1)
    assert (raised.text, raised.ended) == (None, Ended.EXCEPTION)
    assert raised.detail.startswith("NameError: name 'g'")


@pytest.mark.parametrize(
    ("solution", "test", "told"), [(0, 3, "no test 3"), (0, -1, "no test -1"), (9, 0, "solution 9")]
)
def test_answers_that_are_not_there_are_named(
    queue: Queue, sandbox: Sandbox, solution: int, test: int, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        run_solution(sandbox, queue.item(FIRST), solution, test)


def test_a_copy_has_the_source_of_the_first(queue: Queue) -> None:
    problem = queue.item(FIRST).problem
    assert solution_source(problem, 5) == solution_source(problem, 0)


# ---- changes in one form


def problem_of(outputs: list[Any], entry_point: str | None) -> VerifiedProblem:
    return VerifiedProblem(
        "train/0001",
        "train",
        "",
        "",
        "",
        "",
        entry_point,
        dump_json({"inputs": outputs, "outputs": outputs}),
        solutions=(SolutionResult(0, "passed"), SolutionResult(1, "passed")),
    )


@pytest.mark.parametrize(
    ("entry_point", "written", "fitted"),
    [
        (None, {"0": "a \r\n b\n\n"}, {"0": "a\n b"}),
        (None, {"00": "b"}, {"0": "b"}),
        (None, {"1": "y\n", "0": "b"}, {"0": "b"}),
        ("f", {"0": "[ 1,2 ]"}, {"0": "[1,2]"}),
        ("f", {"0": '"\\u00e9"'}, {"0": '"é"'}),
        ("f", {"0": "9" * 5000}, {"0": "9" * 5000}),
    ],
)
def test_outputs_are_written_in_one_form(
    entry_point: str | None, written: dict[str, str], fitted: dict[str, str]
) -> None:
    assert normalize_changes(problem_of(["x", "y"], entry_point), Changes(written)).outputs == fitted


@given(st.text(), st.text())
def test_changes_that_fit_are_left_as_they_are_the_second_time(expected: str, text: str) -> None:
    problem = problem_of([expected], None)
    once = normalize_changes(problem, Changes({"0": text}, canonical=1))
    assert normalize_changes(problem, once) == once


def test_a_checker_says_how_outputs_are_compared() -> None:
    assert normalize_changes(problem_of(["x"], None), Changes(checker=ALWAYS)).comparison == "checker"


@pytest.mark.parametrize(("answer", "fine"), [("False", False), ("True", True)])
def test_a_checker_decides_who_passes(queue: Queue, sandbox: Sandbox, answer: str, fine: bool) -> None:
    checker = f"def check(given, expected, actual):\n    return {answer}\n"
    trial = try_changes(sandbox, queue.item(CHOOSING), Changes(checker=checker))
    assert [result.code == "passed" for result in trial.after] == [fine] * 4
    assert (trial.error == "") is fine


# ---- bad inputs


def test_the_answers_to_a_changed_input_are_counted_and_say_what_to_expect(queue: Queue, sandbox: Sandbox) -> None:
    changes = Changes(inputs={"2": "3 4"}, dropped_tests=(0,))
    trial = try_changes(sandbox, queue.item(ADDING), changes, queue.limits())
    (new,) = trial.new_inputs
    assert (new.test, new.answer.strip(), new.solutions, new.voters, new.is_expected) == (2, "7", 5, 5, False)
    assert "5 of 5 solutions answer the changed input of test 2 with '7', not with the expected output" in (
        new.description
    )
    both = replace(changes, outputs={"2": "7"})
    trial = try_changes(sandbox, queue.item(ADDING), both, queue.limits())
    assert [new.is_expected for new in trial.new_inputs] == [True]
    assert trial.error == ""
    assert load_json(trial.problem.tests)["inputs"] == ["5 5\n", "3 4\n"]


@pytest.mark.parametrize(
    ("problem_id", "changes", "told"),
    [
        (ADDING, Changes(dropped_tests=(0, 1, 2)), "no test would be left: drop the problem"),
        (ADDING, Changes(dropped_tests=(3,)), "no test 3"),
        (ADDING, Changes({"1": "9"}, dropped_tests=(1,)), "test 1 is left out and changed"),
        (ADDING, Changes(inputs={"2": "100 2"}), "changes nothing"),
        (FIRST, Changes(inputs={"1": "7"}), "not a list of arguments in JSON (it must be the list of the arguments)"),
        (FIRST, Changes(inputs={"1": "[7"}), "not a list of arguments in JSON"),
        (FIRST, Changes(inputs={"1": "[NaN]"}), "not a list of arguments in JSON"),
        (FIRST, Changes(inputs={"9": "[7]"}), "no test 9"),
    ],
)
def test_changes_of_inputs_that_do_not_fit_are_refused(
    queue: Queue, problem_id: str, changes: Changes, told: str
) -> None:
    with pytest.raises(InputError) as raised:
        normalize_changes(queue.item(problem_id).problem, changes)
    assert told in str(raised.value)


def test_a_checker_is_tried_on_outputs_with_one_small_change(queue: Queue, sandbox: Sandbox) -> None:
    lax = try_changes(sandbox, queue.item(ADDING), Changes(checker=ALWAYS), queue.limits())
    assert lax.mutations.startswith("the checker rejects 0 of ")
    assert lax.accepted is not None and lax.accepted.output != lax.accepted.expected
    strict = try_changes(sandbox, queue.item(ADDING), Changes(checker=SAME), queue.limits())
    assert strict.accepted is None
    rejected, tried = re.findall(r"\d+", strict.mutations)
    assert rejected == tried != "0"
