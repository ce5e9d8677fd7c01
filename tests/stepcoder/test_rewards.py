"""The rewards of a judged program: the table of ``stepcoder.rewards``, row by row."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import REWARDS, Verdict
from stepcoder.records import Reward
from stepcoder.rewards import (
    ErrorKind,
    RewardFunction,
    coderl_reward,
    error_kind,
    pass_rate_reward,
    ppocoder_reward,
    rltf_reward,
    stepcoder_reward,
    weighted_pass_rates,
)

SOLUTION = "n = int(input())\nprint(n * 2)\n"
ALL: tuple[RewardFunction, ...] = (stepcoder_reward, coderl_reward, ppocoder_reward, rltf_reward, pass_rate_reward)

EXECUTION = {
    "passed": 1.0,
    "wrong_answer": -0.3,
    "output_limit": -0.3,
    "runtime_error": -0.6,
    "timeout": -0.6,
    "memory_limit": -0.6,
    "scratch_limit": -0.6,
    "thread_limit": -0.6,
    "process_limit": -0.6,
    "compile_error": -1.0,
}
"""The first column of the table, for every verdict that is a program's own."""

LIMITS = ("timeout", "memory_limit", "scratch_limit", "thread_limit", "process_limit")

verdicts = st.sampled_from([Verdict(name) for name in EXECUTION])


def outcome(verdict: str, passed: int = 0, total: int = 4, **fields: Any) -> JudgedProgram:
    return JudgedProgram(Verdict(verdict), passed, total, **fields)


@st.composite
def outcomes(draw: st.DrawFn) -> JudgedProgram:
    total = draw(st.integers(0, 30))
    return JudgedProgram(
        draw(verdicts),
        draw(st.integers(0, total)),
        total,
        error_type=draw(st.sampled_from(["", "SyntaxError", "TabError", "ValueError", "RecursionError", "Mine"])),
        error_line=draw(st.none() | st.integers(-1, 40)),
    )


# --- the outcome of the tests --------------------------------------------------------------------------------------


def test_the_table_has_every_verdict_but_our_own_faults() -> None:
    assert set(EXECUTION) == {str(verdict) for verdict in Verdict} - {"harness_error"}


@pytest.mark.parametrize(("verdict", "earned"), EXECUTION.items())
def test_stepcoder_and_coderl_pay_by_the_outcome(verdict: str, earned: float) -> None:
    expected = Reward({"unit_tests": earned})
    assert stepcoder_reward(outcome(verdict), "any program", SOLUTION) == expected
    assert coderl_reward(outcome(verdict), "any program", SOLUTION) == expected


@pytest.mark.parametrize("function", ALL)
def test_a_fault_of_the_harness_earns_nothing_either_way(function: RewardFunction) -> None:
    with pytest.raises(ValueError, match="is not the program's fault"):
        function(outcome("harness_error"), SOLUTION, SOLUTION)


# --- PPOCoder ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "earned"), EXECUTION.items())
@pytest.mark.parametrize(
    ("program", "syntax", "data_flow"),
    [
        (SOLUTION, 1, 1),
        ("count = int(input())\nprint(count * 7)  # renamed\n", 1, 1),
        ("n = int(input())\n", 3 / 7, 0),  # the assignment and two calls; not the print, its call, n * 2, the module
        ("n = input()\nprint(n)\n", 1 / 7, 1),  # one call without arguments, and the one read of n
        ("n = int(input(\n", 0, 0),
        ("", 0, 0),
    ],
    ids=["the solution", "renamed", "half", "other", "does not parse", "empty"],
)
def test_ppocoder_adds_the_matches(verdict: str, earned: float, program: str, syntax: float, data_flow: float) -> None:
    reward = ppocoder_reward(outcome(verdict), program, SOLUTION)
    assert reward.parts == pytest.approx({"execution": earned, "syntax": syntax, "data_flow": data_flow})
    assert reward.total == pytest.approx(earned + syntax + data_flow)
    assert not reward.lines


# --- RLTF ----------------------------------------------------------------------------------------------------------

PROGRAM = "n = int(input())\nif n:\n    print(n / 0)\nprint(n)\n\n# the end\n"  # the last line is 6


@pytest.mark.parametrize(
    ("verdict", "passed", "coarse", "adaptive"),
    [
        ("passed", 4, 1.0, 0.0),
        ("wrong_answer", 0, -0.3, 0.0),
        ("wrong_answer", 1, -0.3, 1.3 / 4),
        ("wrong_answer", 3, -0.3, 1.3 * 3 / 4),
        ("output_limit", 2, -0.3, 1.3 / 2),
        ("runtime_error", 3, -0.6, 0.0),  # only programs that run and fail
        ("timeout", 3, -0.6, 0.0),
        ("compile_error", 0, -1.0, 0.0),
    ],
)
def test_rltf_pays_programs_that_fail_by_the_share_of_tests_passed(
    verdict: str, passed: int, coarse: float, adaptive: float
) -> None:
    parts = rltf_reward(outcome(verdict, passed), PROGRAM, SOLUTION).parts
    assert parts["coarse"] == coarse
    assert parts["adaptive"] == pytest.approx(adaptive)


def test_rltf_without_tests_has_no_share() -> None:
    assert rltf_reward(outcome("wrong_answer", 0, 0), PROGRAM, SOLUTION).total == -0.3


@pytest.mark.parametrize(
    ("verdict", "error_type", "line", "kind"),
    [
        ("runtime_error", "ZeroDivisionError", 3, "line"),
        ("runtime_error", "ValueError", 1, "line"),
        ("runtime_error", "NameError", 4, "line"),
        ("runtime_error", "MyOwnError", 6, "line"),
        ("runtime_error", "RecursionError", 3, "global"),
        ("runtime_error", "RuntimeError", 3, "ignore"),
        ("runtime_error", "EntryPointMissing", None, "ignore"),
        ("runtime_error", "SIGSEGV", None, "ignore"),
        ("runtime_error", "KeyError", 0, "ignore"),  # no line of the program
        ("runtime_error", "KeyError", 99, "ignore"),
        *((limit, "", line, "global") for limit in LIMITS for line in (None, 3)),
        ("compile_error", "SyntaxError", 3, "line"),
        ("compile_error", "SyntaxError", 4, "line"),  # a comment follows
        ("compile_error", "SyntaxError", 6, "global"),  # it ends before it is whole
        ("compile_error", "IndentationError", 3, "ignore"),
        ("compile_error", "TabError", 3, "ignore"),
        ("compile_error", "ValueError", None, "ignore"),  # null bytes
        ("compile_error", "RecursionError", None, "ignore"),
        ("wrong_answer", "", None, "ignore"),
        ("wrong_answer", "ValueError", 3, "ignore"),
        ("output_limit", "", 3, "ignore"),
        ("passed", "", None, "ignore"),
    ],
)
def test_rltf_penalises_the_line_of_the_error_or_the_whole_program(
    verdict: str, error_type: str, line: int | None, kind: str
) -> None:
    judged = outcome(verdict, error_type=error_type, error_line=line)
    assert error_kind(judged, PROGRAM) is ErrorKind(kind)
    reward = rltf_reward(judged, PROGRAM, SOLUTION)
    assert reward.lines == ({line: -0.3} if kind == "line" else {})
    assert reward.parts["fine"] == (-0.3 if kind == "global" else 0.0)


# --- what holds of all of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [stepcoder_reward, coderl_reward, ppocoder_reward])
@given(worse=verdicts, better=verdicts)
def test_a_better_verdict_never_earns_less(function: RewardFunction, worse: Verdict, better: Verdict) -> None:
    if (REWARDS[worse] or 0) > (REWARDS[better] or 0):
        worse, better = better, worse
    assert function(outcome(worse), PROGRAM, SOLUTION).total <= function(outcome(better), PROGRAM, SOLUTION).total


@given(st.integers(1, 50), st.data())
def test_passing_more_tests_never_earns_less_by_rltf(total: int, data: st.DataObject) -> None:
    more = data.draw(st.integers(0, total - 1))
    fewer = data.draw(st.integers(0, more))
    error, less, rest, passed = (
        rltf_reward(judged, PROGRAM, SOLUTION).total
        for judged in (
            outcome("runtime_error", more, total, error_type="RuntimeError"),
            outcome("wrong_answer", fewer, total),
            outcome("wrong_answer", more, total),
            outcome("passed", total, total),
        )
    )
    assert error < less <= rest < passed


@pytest.mark.parametrize("function", ALL)
@given(judged=outcomes(), program=st.text(), solution=st.text())
def test_no_program_makes_a_reward_raise(
    function: RewardFunction, judged: JudgedProgram, program: str, solution: str
) -> None:
    reward = function(judged, program, solution)
    assert -1.3 <= reward.total <= 3
    assert all(line >= 1 and penalty == -0.3 for line, penalty in reward.lines.items())


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    "odd",
    ["x = 1\0", "x = '\ud800'", "(" * 10_000, "-" * 50_000 + "1", "x = 1" + " + x" * 10_000, "x = 1\n" * 100_000],
    ids=["null bytes", "surrogates", "brackets", "signs", "a long sum", "a hundred thousand lines"],
)
def test_odd_programs_are_judged_too(function: RewardFunction, odd: str) -> None:
    judged = outcome("compile_error", error_type="SyntaxError", error_line=1)
    assert function(judged, odd, SOLUTION).parts.keys() == function(judged, "", odd).parts.keys()


@pytest.mark.parametrize("function", ALL)
def test_the_parts_are_the_same_for_every_outcome(function: RewardFunction) -> None:
    assert len({tuple(function(outcome(verdict), PROGRAM, SOLUTION).parts) for verdict in EXECUTION}) == 1


def test_rewards_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from stepcoder.rewards import *; from harness.judging.verdict import Verdict\n"
        "solution = 'a = b = 1\\nc, d = [a, b]\\nprint(c + d + a)'\n"
        "print(ppocoder_reward(JudgedProgram(Verdict.PASSED, 1, 1), 'e = 1\\nd, c = [e, e]\\nprint(c)', solution))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1


# ---- the share of tests, on a group of four roll-outs and four tests

GROUP = (
    outcome("passed", 4),
    outcome("wrong_answer", 3, failed_tests=(3,)),
    outcome("runtime_error", 2, failed_tests=(2, 3)),
    outcome("compile_error", 0, failed_tests=(0, 1, 2, 3)),
)
"""The tests are passed by 3, 3, 2 and 1 of the four: they weigh 1/4, 1/4, 2/4 and 3/4, together 7/4."""


def test_pass_rate_pays_the_share_of_tests() -> None:
    assert [pass_rate_reward(one, "", "").total for one in GROUP] == [1.0, 0.75, 0.5, 0.0]


def test_weighted_tests_pay_more_the_fewer_pass_them() -> None:
    assert [reward.total for reward in weighted_pass_rates(GROUP)] == pytest.approx([1.0, 4 / 7, 2 / 7, 0.0])


def test_a_test_that_none_passes_takes_its_share_from_all() -> None:
    """Tests 2 and 3 weigh 1 and 1; tests 0 and 1, which all pass, nothing."""
    failing = (outcome("wrong_answer", 2, failed_tests=(2, 3)),) * 4
    assert [reward.total for reward in weighted_pass_rates(failing)] == [0.0] * 4


def test_where_all_pass_each_earns_one() -> None:
    assert [reward.total for reward in weighted_pass_rates([outcome("passed", 4)] * 4)] == [1.0] * 4
    assert pass_rate_reward(outcome("passed", 0, 0), "", "").total == 1.0
    assert pass_rate_reward(outcome("compile_error", 0, 0), "", "").total == 0.0


def test_groups_on_different_tests_are_refused() -> None:
    with pytest.raises(ValueError, match=r"different numbers of tests: \[3, 4\]"):
        weighted_pass_rates([outcome("passed", 4), outcome("passed", 3, 3)])
