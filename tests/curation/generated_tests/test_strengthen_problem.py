"""Strengthening one problem, with a model of its inputs that proposes what the test says."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

import curation.generated_tests.strengthen_problem as strengthen_module
from apps_plus.problem import Comparison, GeneratedTest, Problem, Tests, ToleranceKind, dump_json, load_json
from curation.generated_tests.candidate import Candidate, Risk
from curation.generated_tests.guide_mutants import ENOUGH_KILLS, FIRST_SHARE, Mutants
from curation.generated_tests.problem_runs import FEW_INPUTS, MOST_OVERRUNS, SLOWER_VOTER, ProblemRuns
from curation.generated_tests.search import Budget
from curation.generated_tests.strengthen_problem import StrengthenOptions, admits_several, strengthen_problem
from curation.generated_tests.voters import choose_voters
from curation.mutation import run_mutants
from curation.mutation.bundle import Question
from curation.mutation.measure_strength import StrengthSettings, measure_strength
from curation.mutation.program_steps import GENERATED_STEPS, STEPS
from curation.mutation.run_mutants import MutantRunner
from curation.records import SolutionResult, VerifiedProblem
from harness.sandbox.execution import Ended, Execution, Limits


@dataclass
class Proposals:
    """Proposes these inputs, and no neighbours."""

    inputs: list[Any]
    risk: Risk = Risk.SEEN

    def accepts(self, value: Any) -> bool:
        return True

    def candidates(self, rng: random.Random) -> Iterator[Candidate]:
        for value in self.inputs:
            yield Candidate(value, "random", self.risk)

    def neighbours(self, value: Any, rng: random.Random) -> Iterator[Candidate]:
        return iter(())


ABSOLUTE = [
    "def f(x):\n    if x < 0:\n        return -x\n    return x\n",
    "def f(x):\n    return abs(x)\n",
    "def f(x):\n    return max(x, -x)\n",
    "def f(n):\n    return n if n > 0 else 0 - n\n",
    "def f(value):\n    return int((value * value) ** 0.5 + 0.5)\n",
    "import math\ndef f(x):\n    return int(math.fabs(x))\n",
]
STEPS_KEPT = 100
"""The canonical solution's, in a vote."""
ALWAYS_POSITIVE = "def f(x):\n    return x\n"
"""Passes the given tests, and is wrong."""


def problem(solutions: list[str], question: str = "Return the absolute value.", **changes: Any) -> VerifiedProblem:
    return replace(
        VerifiedProblem(
            "train/0001",
            "train",
            "introductory",
            "",
            question,
            "",
            entry_point="f",
            tests=dump_json({"inputs": [[3], [10]], "outputs": [3, 10]}),
            solutions=tuple(SolutionResult(i, "passed") for i in range(len(solutions))),
            sources={str(i): source for i, source in enumerate(solutions)},
            canonical=0,
            canonical_source=solutions[0],
        ),
        **changes,
    )


SMALL = [[n] for n in range(-30, 31)]


def strengthened(
    sandbox, solutions=ABSOLUTE, inputs=SMALL, risk=Risk.SEEN, tests=15, checker="", is_settled=False, **changes
):
    proposals = Proposals(inputs, risk)
    options = StrengthenOptions(tests)
    return strengthen_problem(
        problem(solutions, **changes), sandbox, options, lambda *_: proposals, checker, is_settled
    )


@pytest.fixture(scope="module")
def usual(sandbox):
    return strengthened(sandbox)


def test_tests_are_generated_up_to_the_number_asked_for(usual):
    assert len(usual.tests) == 13  # and two are given
    assert usual.left_alone == ""


def test_expected_outputs_are_those_of_the_solutions(usual):
    assert list(usual.tests.outputs) == [abs(given[0]) for given in usual.tests.inputs]


def test_the_strongest_test_is_first_and_kills_what_the_given_tests_do_not(usual):
    assert usual.tests.inputs[0][0] < 0
    assert usual.guides.after > usual.guides.before


def test_each_test_names_its_origin_and_its_votes(usual):
    first = usual.tests.generated[0]
    assert (first.test, first.generator, first.risk, first.seed) == (2, "random", "seen", 0)
    assert first.votes == first.voters == len(usual.voters) == 5


def test_given_inputs_are_not_generated_again(usual):
    assert [3] not in usual.tests.inputs


def test_a_second_run_gives_the_same(sandbox, usual):
    again = strengthened(sandbox)
    assert replace(again, effort=usual.effort) == usual


def with_wrong_held_out(held_out: str = ALWAYS_POSITIVE) -> tuple[list[str], int]:
    """Return solutions of which the given one is held out: who it is depends on hashes, so a comment is tried."""
    for number in range(1000):
        solutions = [*ABSOLUTE[:5], f"{held_out}# {number}\n"]
        if choose_voters(problem(solutions)).held_out == (5,):
            return solutions, 5
    raise AssertionError("no comment makes the last solution held out")


def test_a_wrong_held_out_solution_is_reported_and_changes_nothing(sandbox):
    solutions, wrong = with_wrong_held_out()
    result = strengthened(sandbox, solutions)
    assert {failure.solution for failure in result.failures} == {wrong}
    assert len(result.tests) == 13
    failure = result.failures[0]
    position = failure.test - 2
    assert failure.actual == str(result.tests.inputs[position][0])


BUSY = """import time
def f(x):
    start = time.process_time()
    while x in {slow_on} and time.process_time() - start < {seconds}:
        pass
    return abs(x)
"""
"""Right, and slow on some inputs."""


def test_a_held_out_solution_may_take_the_time_that_a_released_test_allows(sandbox):
    solutions, _ = with_wrong_held_out(BUSY.format(slow_on=[-7], seconds=0.7))
    result = strengthened(sandbox, solutions, [[-7], [-8], [8]])
    assert [-7] in result.tests.inputs
    assert result.failures == ()


def test_of_a_held_out_solution_that_is_too_slow_one_timeout_is_reported(sandbox, monkeypatch):
    monkeypatch.setattr(strengthen_module, "Limits", lambda: Limits(cpu_seconds=0.2))
    solutions, slow = with_wrong_held_out(BUSY.format(slow_on=[-7, -8], seconds=60))
    result = strengthened(sandbox, solutions, [[-7], [-8], [8]])
    assert [(failure.solution, failure.actual) for failure in result.failures] == [(slow, "timeout")]


def test_two_voters_that_agree_elect_inputs_of_low_risk(sandbox):
    result = strengthened(sandbox, ABSOLUTE[:2])
    assert result.tests.inputs
    assert {(test.votes, test.voters) for test in result.tests.generated} == {(2, 2)}
    assert strengthened(sandbox, ABSOLUTE[:2], risk=Risk.OPEN).left_alone == "none_elected"


def test_more_voters_can_be_asked_for(sandbox):
    options, proposals = StrengthenOptions(min_voters=3), Proposals(SMALL)
    result = strengthen_problem(problem(ABSOLUTE[:2]), sandbox, options, lambda *_: proposals)
    assert (result.left_alone, result.detail) == ("few_voters", "2 of 3")


def test_one_voter_is_too_few(sandbox):
    result = strengthened(sandbox, ABSOLUTE[:1])
    assert (result.left_alone, result.detail) == ("few_voters", "1 of 2")
    assert result.judges.mutants == 0 or result.judges.before == result.judges.after


def test_without_a_model_a_problem_is_left_alone(sandbox):
    result = strengthen_problem(problem(ABSOLUTE), sandbox, StrengthenOptions(), lambda *_: None)
    assert result.left_alone == "no_model"


def test_open_inputs_need_five_votes(sandbox):
    few = ABSOLUTE[:4]
    assert strengthened(sandbox, few, risk=Risk.OPEN).left_alone == "none_elected"
    assert len(strengthened(sandbox, few, risk=Risk.SEEN).tests) == 13


def test_solutions_that_part_ways_leave_evidence_and_no_tests(sandbox):
    wrong = ["def f(x):\n    return x * 1\n", "def f(x):\n    y = x\n    return y\n", ALWAYS_POSITIVE]
    result = strengthened(sandbox, ABSOLUTE[:4] + wrong, inputs=[[n] for n in range(-9, 0)])
    assert (result.left_alone, len(result.tests)) == ("parted", 0)
    parted = result.parted[0]
    assert parted.for_expected + sum(len(option.solutions) for option in parted.options) == parted.voters
    assert parted.expected == str(-int(parted.options[0].output))


def test_a_statement_that_allows_several_answers_gets_no_tests(sandbox):
    question = "Return the absolute value. If there are several answers, print any of them."
    assert strengthened(sandbox, question=question).left_alone == "several_answers"


def test_a_decided_problem_gets_tests_whatever_its_statement_says(sandbox, usual):
    question = "Return the absolute value. If there are several answers, print any of them."
    decided = strengthened(sandbox, question=question, is_settled=True)
    assert (decided.left_alone, decided.tests) == ("", usual.tests)


@dataclass
class TwoKinds(Proposals):
    """Proposes negative inputs as one kind, others as another."""

    def candidates(self, rng: random.Random) -> Iterator[Candidate]:
        for value in self.inputs:
            yield Candidate(value, "negative" if value[0] < 0 else "positive", self.risk)


def test_a_decided_problem_gets_no_test_of_a_kind_on_which_solutions_part(sandbox):
    solutions = [
        *ABSOLUTE[:4],
        "def f(x):\n    return x * 1\n",
        "def f(x):\n    y = x\n    return y\n",
        ALWAYS_POSITIVE,
    ]
    model = TwoKinds([[n] for n in range(-3, 60)])
    result = strengthen_problem(problem(solutions), sandbox, StrengthenOptions(), lambda *_: model, is_settled=True)
    assert (result.left_alone, len(result.tests)) == ("", 13)
    assert {test.generator for test in result.tests.generated} == {"positive"}
    assert result.parted
    negative = TwoKinds([[n] for n in range(-30, 0)])
    result = strengthen_problem(problem(solutions), sandbox, StrengthenOptions(), lambda *_: negative, is_settled=True)
    assert (result.left_alone, len(result.tests)) == ("parted", 0)


def test_a_checker_judges_the_voters(sandbox):
    checker = "def check(given, expected, actual):\n    return abs(actual) == abs(expected)\n"
    both = [*ABSOLUTE[:3], "def f(x):\n    return -abs(x)\n"]
    result = strengthened(sandbox, both, inputs=SMALL[:20], comparison="checker", checker=checker)
    assert len(result.tests) == 13
    assert all(test.votes == 4 for test in result.tests.generated)


def test_slow_inputs_are_no_tests(sandbox):
    slow = "def f(x):\n    while x < -7:\n        pass\n    return abs(x)\n"
    result = strengthened(sandbox, [*ABSOLUTE[:3], slow], inputs=[[n] for n in range(-9, 0)])
    assert all(given[0] >= -7 for given in result.tests.inputs)


def test_search_ends_where_every_candidate_of_the_first_round_is_too_slow_for_voters(sandbox):
    slow = "def f(x):\n    for _ in range(400_000): pass\n    return abs(x)\n"
    result = strengthened(sandbox, [*ABSOLUTE[:2], slow, slow + "# again\n"], [[n] for n in range(-300, 0)])
    assert result.left_alone == "none_elected"
    assert result.effort.candidates == Budget().candidates


def test_a_given_input_that_takes_long_for_its_steps_runs_to_its_end(sandbox, monkeypatch):
    monkeypatch.setattr("curation.generated_tests.problem_runs.FAR_SECONDS", 0.02)
    long = "def f(x):\n    return sum(range(10**7)) * 0 + abs(x)\n"
    runs = ProblemRuns(problem([long], tests=dump_json({"inputs": [[-5]], "outputs": [5]})), sandbox)
    [execution], limit = runs.trace_given()
    assert (execution.result, limit) == ("5", None)
    assert Mutants.make(runs, [execution], limit).given.limits.cpu_seconds > 2 * execution.seconds


def test_given_inputs_that_take_many_steps_run_with_the_limit_that_one_of_them_keeps(sandbox):
    turns = "def f(x):\n    for _ in range(abs(x)): pass\n    return abs(x)\n"
    inputs = [[-5], [400_000], [-500_000], [350_000]]
    tests = dump_json({"inputs": inputs, "outputs": [abs(given[0]) for given in inputs]})
    runs = ProblemRuns(problem([turns], tests=tests), sandbox)
    executions, limit = runs.trace_given()
    assert [execution.result for execution in executions] == ["5", "400000", "500000", "350000"]
    assert all(execution.lines for execution in executions)
    assert limit == 1_000_000
    all_of_them, all_large_ones, one, one_again, it_and_the_others = 4, 3, 1, 1, 3
    assert runs.effort().inputs == {"canonical": all_of_them + all_large_ones + one + one_again + it_and_the_others}


def test_a_canonical_solution_that_takes_long_answers_few_inputs_of_each_round(sandbox, monkeypatch):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    asked = []
    run_counted = ProblemRuns._run_counted

    def out_of_budget_after_seven(self, inputs, steps, limits):
        asked.append(len(inputs))
        executions = run_counted(self, inputs, steps, limits)
        return [*executions[:7], *[Execution(Ended.OUT_OF_BUDGET)] * (len(inputs) - 7)]

    monkeypatch.setattr(ProblemRuns, "_run_counted", out_of_budget_after_seven)
    for _ in range(2):
        answers = runs.answers_within([[n] for n in range(9)], 30_000)
        assert [answer and answer[0].output for answer in answers] == [*range(FEW_INPUTS), *[None] * (9 - FEW_INPUTS)]
    assert asked == [9, FEW_INPUTS]


def test_no_answer_is_a_number_that_readers_of_json_refuse(sandbox):
    powers = [
        "def f(x):\n    return 10 ** x\n",
        "def f(n):\n    return int('1' + '0' * n)\n",
        "def f(x):\n    return pow(10, x)\n",
    ]
    given = problem(powers, "Return a power.", tests=dump_json({"inputs": [[1]], "outputs": [10]}))
    proposals = Proposals([[2], [4299], [4300], [5000]])
    result = strengthen_problem(given, sandbox, StrengthenOptions(9), lambda *_: proposals)
    assert sorted(result.tests.inputs) == [[2], [4299]]


def test_no_mutant_runs_where_every_candidate_is_too_large(sandbox):
    turning = "def f(x):\n    for _ in range(abs(x)):\n        pass\n    return abs(x)\n"
    result = strengthened(sandbox, [turning, *ABSOLUTE[1:]], inputs=[[n] for n in range(-40_020, -40_000)])
    assert result.left_alone == "none_elected"
    assert "guides" not in result.effort.runs


def test_chosen_tests_are_confirmed_each_alone_where_calls_may_leave_something(sandbox, usual, monkeypatch):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    assert [runs.may_keep_state(before + ABSOLUTE[0]) for before in ("", "seen = []\n")] == [False, True]
    monkeypatch.setattr(ProblemRuns, "may_keep_state", lambda self, source: True)
    result = strengthened(sandbox)
    assert result.tests == usual.tests
    all_at_once = 1
    assert result.effort.runs["canonical"] == usual.effort.runs["canonical"] - all_at_once + len(result.tests)


def test_the_canonical_solution_votes_for_its_own_answers_without_another_run(sandbox):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    assert runs.vote([0, 1], [[3], [-4]], [3, 4], STEPS_KEPT) == [{0: "", 1: ""}] * 2
    assert runs.effort().runs == {"voters": 1}


def test_a_canonical_solution_that_keeps_state_runs_to_vote(sandbox):
    runs = ProblemRuns(problem([KEEPS_STATE, *ABSOLUTE]), sandbox)
    assert runs.vote([0], [[n] for n in range(9)], list(range(9)), STEPS_KEPT) == [{0: ""}] * 9
    failing = 6
    # all in one process, those that fail in another, the first that fails again alone, then each
    assert runs.effort().inputs == {"voters": 9 + failing + 1 + failing}


COUNTS_DOWN = "def f(x):\n    while x > 0:\n        x -= 1\n    return x == 0\n"


def test_a_voter_with_many_more_steps_than_the_canonical_solution_is_too_slow(sandbox):
    runs = ProblemRuns(problem([ABSOLUTE[0], COUNTS_DOWN]), sandbox)
    most = SLOWER_VOTER * STEPS_KEPT
    votes = runs.vote([1], [[3], [most - 10], [most + 10], [4]], [True] * 4, STEPS_KEPT)
    assert votes == [{1: ""}, {1: ""}, {}, {1: ""}]


def test_a_voter_that_was_too_slow_a_few_times_runs_no_further(sandbox):
    runs = ProblemRuns(problem([ABSOLUTE[0], COUNTS_DOWN]), sandbox)
    large = [[10**9]] * MOST_OVERRUNS
    assert runs.vote([1], [*large, [1]], [True] * (MOST_OVERRUNS + 1), STEPS_KEPT) == [{}] * (MOST_OVERRUNS + 1)
    assert runs.vote([1], [*large[1:], [1]], [True] * MOST_OVERRUNS, STEPS_KEPT)[-1] == {1: ""}


def test_a_voter_that_hides_that_it_took_too_many_steps_has_no_vote(sandbox):
    hides = (
        "def f(x):\n    try:\n        for _ in range(x): pass\n    except: return x\n    return x if x < 9 else -1\n"
    )
    runs = ProblemRuns(problem([ABSOLUTE[0], hides]), sandbox)
    given = 2 * SLOWER_VOTER * STEPS_KEPT
    assert runs.vote([1], [[8], [9], [given]], [8, 9, given], STEPS_KEPT) == [{1: ""}, {1: "-1"}, {}]


def test_a_voter_sees_nothing_of_what_others_did_to_the_process(sandbox):
    deeper = "import sys\ndef f(x):\n    sys.setrecursionlimit(100_000)\n    return x\n"
    deep = "def f(x):\n    return 1 + f(x - 1) if x else 0\n"
    runs = ProblemRuns(problem([ABSOLUTE[0], deeper, deep]), sandbox)
    assert runs.vote([1, 2], [[5], [3000]], [5, 3000], 10 * STEPS_KEPT) == [{1: "", 2: ""}, {1: "", 2: None}]


def test_scripts_vote(sandbox):
    scripts = ["print(input())", "n = int(input())\nfor _ in range(n): pass\nprint(n)", "print(int(input()) % 7)"]
    tests = dump_json({"inputs": ["1\n"], "outputs": ["1\n"]})
    runs = ProblemRuns(problem(scripts, tests=tests, entry_point=None), sandbox)
    large = 10 * SLOWER_VOTER * STEPS_KEPT
    votes = runs.vote([1, 2], ["3\n", "8\n", f"{large}\n"], ["3\n", "8\n", f"{large}\n"], STEPS_KEPT)
    assert votes == [{1: "", 2: ""}, {1: "", 2: "1"}, {2: str(large % 7)}]


def test_voters_that_keep_no_state_run_in_one_process(sandbox):
    runs = ProblemRuns(problem([*ABSOLUTE, "import sys\nsys.kept = []\ndef f(x):\n    return abs(x)\n"]), sandbox)
    votes = runs.vote(range(7), [[3], [-4]], [3, 4], STEPS_KEPT)
    assert votes == [dict.fromkeys(range(7), "")] * 2
    assert runs.effort().runs == {"voters": 2}


SEES_COUNTING = "def f(x):\n    return abs(x) + ('_left_' in globals())\n"
SWALLOWS = """\
def f(x):
    total = 0
    try:
        for _ in range(abs(x)):
            total += 1
    except:
        pass
    return total
"""
DEEP = "def f(x):\n    return 0 if x == 0 else 1 + f(abs(x) - 1)\n"


@pytest.mark.parametrize(
    ("canonical", "inputs"), [(SEES_COUNTING, SMALL), (SWALLOWS, [[-40_000], *SMALL]), (DEEP, [[-600], *SMALL])]
)
def test_answers_are_those_of_the_program_that_is_not_counted(sandbox, canonical, inputs):
    result = strengthened(sandbox, [canonical, *ABSOLUTE[1:]], inputs)
    assert result.canonical is None
    assert len(result.tests) == 13
    assert list(result.tests.outputs) == [abs(given[0]) for given in result.tests.inputs]


def test_an_answer_that_counting_steps_changes_is_no_test(sandbox, monkeypatch):
    monkeypatch.setattr("curation.generated_tests.problem_runs._SEES_COUNTING", re.compile("(?!)"))
    one_more = [source.replace("return ", "return 1 + ") for source in ABSOLUTE[1:]]
    result = strengthened(sandbox, [SEES_COUNTING, *one_more])
    assert not result.tests.inputs
    assert result.left_alone == "enough_tests"  # some were elected


def test_the_time_that_given_tests_take_together_says_nothing_of_steps(sandbox):
    slow = "def f(x):\n    sum(range(5_000_000))\n    return abs(x)\n"
    tests = dump_json({"inputs": [[n] for n in range(30)], "outputs": list(range(30))})
    runs = ProblemRuns(problem([slow], tests=tests), sandbox)
    executions, steps = runs.trace_given()
    assert {execution.ended for execution in executions} == {Ended.FINISHED}
    assert steps == min(STEPS)


def test_a_static_method_is_counted(sandbox):
    source = "class Solution:\n    @staticmethod\n    def f(x):\n        return abs(x)\n"
    assert len(strengthened(sandbox, [source, *ABSOLUTE[1:]]).tests) == 13


def test_a_script_that_imports_a_slow_library_on_every_input_is_left_alone(sandbox):
    script = "import pandas\nprint(abs(int(input())))\n"
    tests = dump_json({"inputs": ["3\n"], "outputs": ["3\n"]})
    given = problem([script] * 4, entry_point=None, tests=tests)
    result = strengthen_problem(given, sandbox, StrengthenOptions(), lambda *_: Proposals(SMALL))
    assert result.left_alone == "too_slow"


@pytest.mark.parametrize("shortest", ["SHORTEST_SECONDS_FEW", "SHORTEST_SECONDS_COUNTED"])
def test_judges_need_the_canonical_solution_again_only_where_it_is_slow(shortest, sandbox, monkeypatch):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    mutants = Mutants.make(runs, *runs.trace_given())
    ran = []
    execute = MutantRunner.execute

    def executed(self, source, inputs, **named):
        ran.append(source)
        return execute(self, source, inputs, **named)

    monkeypatch.setattr(MutantRunner, "execute", executed)
    quick = mutants.count_judges(Tests((), ()))
    assert ABSOLUTE[0] not in ran
    monkeypatch.setattr(run_mutants, shortest, 1e-9)
    monkeypatch.setattr(run_mutants, "SLOWER_COUNTED", 1e6)
    assert mutants.count_judges(Tests((), ())) == quick
    assert ABSOLUTE[0] in ran


def test_a_guide_that_dies_easily_runs_on_some_inputs_only(sandbox):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    mutants = Mutants.make(runs, runs.trace_given()[0], 30_000)
    guides, inputs = sorted(mutants.guides), [[n] for n in range(-20, 20)]
    outputs = [abs(n) for [n] in inputs]
    first = [position for position in range(len(inputs)) if position % FIRST_SHARE == 0]
    n_easy = 0
    for guide, killed in zip(guides, mutants.kill(guides, inputs, outputs), strict=True):
        alone = [mutants.kill([guide], [given], [output])[0] for given, output in zip(inputs, outputs, strict=True)]
        every = {position for position, by in enumerate(alone) if by}
        is_easy = len(every.intersection(first)) >= ENOUGH_KILLS
        assert killed == (every.intersection(first) if is_easy else every)
        n_easy += is_easy
    assert 0 < n_easy < len(guides)


ENDLESS_WHERE_ODD = """
def f(a):
    total, n = 0, abs(a)
    while n > 0:
        total, n = total + 1, n - 1
    return total
"""


def test_a_guide_that_never_ends_is_killed_by_its_steps_and_runs_no_further(sandbox):
    runs = ProblemRuns(problem([ENDLESS_WHERE_ODD, *ABSOLUTE]), sandbox)
    mutants = Mutants.make(runs, runs.trace_given()[0], 30_000)
    endless = [i for i, guide in mutants.guides.items() if "n + 1" in guide.source]
    assert endless
    for guide in endless:
        [program] = mutants.programs.of([mutants.guides[guide]], 30_000)
        question = Question(program.running, [[0], [3], [4]])
        [ran] = runs.run_each([question], "guides", mutants.generated.limits)
        assert [execution.ended for execution in ran] == [Ended.FINISHED, Ended.EXCEPTION, Ended.NOT_RUN]
        assert mutants.kill([guide], [[0], [3], [4]], [0, 3, 4]) == [{1}]


def test_where_steps_are_not_counted_the_time_limits_mutants(sandbox):
    runs = ProblemRuns(problem(ABSOLUTE), sandbox)
    mutants = Mutants.make(runs, runs.trace_given()[0], None)
    assert mutants.given.steps is mutants.generated.steps is None
    programs = mutants.programs.of([*mutants.guides.values(), *mutants.judges], None)
    assert all(program.running == program.source for program in programs)
    assert mutants.given.limits.cpu_seconds == mutants.generated.limits.cpu_seconds == run_mutants.SHORTEST_SECONDS


WAITS = """
def f(a):
    turns = 30 ** 2
    while turns > 0:
        turns -= 1
    return abs(a)
"""


def test_a_mutant_is_killed_by_three_times_the_steps_that_the_canonical_solution_keeps_on_such_a_test(sandbox):
    """Given tests are mostly small: a mutant that loops need not take as many steps there as on a generated one."""
    runs = ProblemRuns(problem([WAITS, *ABSOLUTE]), sandbox)
    mutants = Mutants.make(runs, *runs.trace_given())
    assert (mutants.given.steps, mutants.generated.steps) == (min(STEPS), GENERATED_STEPS)
    [slower] = [i for i, guide in mutants.guides.items() if "30 ** 3" in guide.source]  # right after 27,000 turns
    assert slower not in mutants.surviving_guides()
    assert mutants.kill([slower], [[3]], [3]) == [frozenset()]


LOOPS = """
def f(a):
    {first} = 30 ** 2
    while {first} > 0:
        {first} -= 1
    {second} = abs(a) ** 2
    while {second} > 0:
        {second} -= 1
    return abs(a)
"""
"""Its mutants with ``30 ** 3`` and ``abs(a) ** 3`` turns answer alike. So named, both are judges, or both guides."""
JUDGES, GUIDES = LOOPS.format(first="turns", second="second"), LOOPS.format(first="left", second="t")
LARGER = Tests(([30],), (30,), (GeneratedTest(2, "random", "seen", 0, 6, 6),))
"""Takes 27,000 turns of a mutant, 900 of its program."""


def released(given: VerifiedProblem, new: Tests) -> Problem:
    """Return the problem with generated tests."""
    tests = load_json(given.tests)
    tests = Tests((*tests["inputs"], *new.inputs), (*tests["outputs"], *new.outputs), new.generated)
    names = ("problem_id", "question", "entry_point", "difficulty", "tolerance", "cases")
    kept = {name: getattr(given, name) for name in names}
    rule = {"comparison": Comparison(given.comparison), "tolerance_kind": ToleranceKind(given.tolerance_kind)}
    source = given.canonical_source
    return Problem(canonical_solution=source, tests=tests, starter_code="", conditionals=(), url="", **kept, **rule)


def test_a_judge_may_take_more_steps_on_generated_tests_than_on_small_given_ones(sandbox):
    given = problem([JUDGES, *ABSOLUTE])
    runs = ProblemRuns(given, sandbox)
    mutants = Mutants.make(runs, *runs.trace_given())
    kills = mutants.count_judges(LARGER)
    measured = measure_strength(sandbox, released(given, LARGER), StrengthSettings(pool=0), Limits())
    assert (measured.mutants, measured.killed) == (kills.mutants, kills.after)
    slow = {judge.mutant_id: judge.source for judge in mutants.judges if "** 3" in judge.source}
    assert len(slow) == 2
    [lives] = [slow[survivor.mutant_id] for survivor in measured.survivors if survivor.mutant_id in slow]
    assert "abs(a) ** 3" in lives


def test_a_guide_may_take_more_steps_on_generated_tests_than_on_small_given_ones(sandbox):
    runs = ProblemRuns(problem([GUIDES, *ABSOLUTE]), sandbox)
    mutants = Mutants.make(runs, *runs.trace_given())
    slow = {i: guide.source for i, guide in mutants.guides.items() if "** 3" in guide.source}
    assert len(slow) == 2
    living = mutants.surviving_guides()
    [lives] = [i for i in slow if i in living]
    assert "abs(a) ** 3" in slow[lives]
    others = frozenset(living) - {lives}
    counted = mutants.count_guides(LARGER, others)
    assert counted.after - counted.before == len(others)


COUNTS = """
def f(a):
    n = 0
    for _ in range(abs(a)):
        n += 1
    if n > 5000:
        n += 0
    return n
"""


def test_candidates_may_take_more_steps_than_small_given_tests(sandbox):
    candidates = [[n] for n in range(-60, 0)] + [[n] for n in range(-5020, -5000)]
    result = strengthened(sandbox, [COUNTS, *ABSOLUTE[:3]], candidates)
    assert any(given < -5000 for [given] in result.tests.inputs)


KEEPS = """
seen = [0]

def f(n):
    while len(seen) <= n:
        seen.append(len(seen))
    return seen[n]
"""


def test_what_a_given_test_leaves_behind_counts_for_the_next_as_it_does_when_strength_is_measured(sandbox):
    given = problem([KEEPS, *ABSOLUTE], tests=dump_json({"inputs": [[20_000], [45_000]], "outputs": [20_000, 45_000]}))
    runs = ProblemRuns(given, sandbox)
    executions, steps = runs.trace_given()
    assert steps == GENERATED_STEPS  # 45,000 would be too many anew
    kills = Mutants.make(runs, executions, steps).count_judges(Tests((), ()))
    measured = measure_strength(sandbox, released(given, Tests((), ())), StrengthSettings(pool=0), Limits())
    assert (measured.mutants, measured.killed) == (kills.mutants, kills.after)


def test_judges_on_given_tests_are_compared_as_all_outputs_tell(sandbox):
    """A real number among the new outputs makes given whole ones at its place real, and 0.001 off is right there."""
    source = "def f(number):\n    return [number / 8, number / 2 - 0 / 1000]\n"
    tests = dump_json({"inputs": [[6], [20]], "outputs": [[0.75, 3], [2.5, 10]]})
    rule = {"comparison": "float", "tolerance": 0.01, "tolerance_kind": "absolute"}
    given = problem([source] * 4, tests=tests, **rule)
    runs = ProblemRuns(given, sandbox)
    mutants = Mutants.make(runs, *runs.trace_given())
    new = Tests(([5],), ([0.625, 2.5],), (GeneratedTest(2, "random", "seen", 0, 4, 4),))
    kills, alone = mutants.count_judges(new), mutants.count_judges(Tests((), ()))
    assert kills.before <= kills.after
    assert kills.before < alone.before
    measured = measure_strength(sandbox, released(given, new), StrengthSettings(pool=0), Limits())
    assert (measured.mutants, measured.killed) == (kills.mutants, kills.after)


def test_an_input_whose_answer_is_beyond_what_the_statement_says_has_none(sandbox):
    question = "Return the absolute value. The answer fits in a 32-bit integer."
    inputs = [[5], [2**31 - 1], [2**31], [-(2**40)]]
    answers = ProblemRuns(problem(ABSOLUTE, question), sandbox).answers(inputs)
    assert [answer and answer.output for answer in answers] == [5, 2**31 - 1, None, None]
    answers = ProblemRuns(problem(ABSOLUTE, "Return the absolute value."), sandbox).answers(inputs)
    assert [answer and answer.output for answer in answers] == [5, 2**31 - 1, 2**31, 2**40]


def test_enough_given_tests_are_left_alone_unless_more_is_killed(sandbox):
    everything = dump_json({"inputs": SMALL, "outputs": [abs(given[0]) for given in SMALL]})
    proposals = Proposals([[n] for n in range(-60, -30)])
    result = strengthen_problem(problem(ABSOLUTE, tests=everything), sandbox, StrengthenOptions(), lambda *_: proposals)
    assert result.left_alone == "enough_tests"


def test_any_order_needs_no_checker_where_outputs_are_compared_so():
    question = "Return the numbers in any order."
    assert admits_several(problem(ABSOLUTE, question))
    assert not admits_several(problem(ABSOLUTE, question, comparison="unordered"))
    assert not admits_several(problem(ABSOLUTE, "Print any of them.", comparison="checker"))
    assert admits_several(problem(ABSOLUTE, "Print any of them.", comparison="unordered"))


def test_the_search_goes_on_while_mutants_live(sandbox):
    """The first round proposes what kills nothing: what does comes only after it."""
    first = [[n] for n in range(100, 100 + Budget().candidates)]
    result = strengthened(sandbox, inputs=[*first, *SMALL])
    assert result.effort.candidates > Budget().candidates
    assert result.tests.inputs[0][0] < 0


def test_the_search_fills_up_though_its_first_round_kills_every_mutant(sandbox):
    """Of a hundred inputs the first round votes on 24; forty tests need further rounds."""
    found = strengthened(sandbox, inputs=[[n] for n in range(-150, 150)], tests=40)
    assert len(found.tests) == 38


def test_inputs_that_too_few_voters_could_elect_are_not_voted_on(sandbox):
    found = strengthened(sandbox, solutions=ABSOLUTE[:4], inputs=[[n] for n in range(-400, 400)], risk=Risk.OPEN)
    assert found.left_alone == "none_elected"
    assert found.effort.candidates == 0


def test_another_solution_takes_the_place_of_a_canonical_one_that_voters_outvote(sandbox):
    result = strengthened(sandbox, [ALWAYS_POSITIVE, *ABSOLUTE])
    assert result.canonical is not None
    assert result.canonical not in result.held_out
    assert result.voters[0] == result.canonical
    assert 0 not in result.voters
    assert list(result.tests.outputs) == [abs(given[0]) for given in result.tests.inputs]
    assert any(given[0] < 0 for given in result.tests.inputs)


KEEPS_STATE = "calls = []\ndef f(x):\n    calls.append(x)\n    return abs(x) + max(0, len(calls) - 3)\n"


def test_a_canonical_solution_that_keeps_state_gives_way_to_one_that_does_not(sandbox):
    result = strengthened(sandbox, [KEEPS_STATE, *ABSOLUTE])
    assert result.canonical not in (None, 0)
    assert list(result.tests.outputs) == [abs(given[0]) for given in result.tests.inputs]


def test_the_canonical_solution_that_a_reviewer_settled_remains(sandbox):
    result = strengthened(sandbox, [ALWAYS_POSITIVE, *ABSOLUTE], is_settled=True)
    assert result.canonical is None


def test_a_solution_that_was_repaired_takes_no_place(sandbox):
    sources = [ALWAYS_POSITIVE, *ABSOLUTE]
    repaired = tuple(SolutionResult(i, "passed", repairs=("dedent",) if i else ()) for i in range(len(sources)))
    verified = replace(problem(sources), solutions=repaired)
    result = strengthen_problem(verified, sandbox, StrengthenOptions(), lambda *_: Proposals(SMALL))
    assert result.canonical is None
