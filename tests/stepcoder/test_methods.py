"""The table of methods, row by row: what each rewards, which tokens count, and where it begins."""

import pytest

from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from stepcoder.assemble_program import assemble
from stepcoder.divergence import LocatedProgram
from stepcoder.methods import METHODS, method_named
from stepcoder.records import Task

SOLUTION = "def f(x):\n    if x:\n        return 1\n    return 2\n"
TASK = Task(
    Problem(
        "train/1", "", SOLUTION, "f", UnitTests(([1],), (1,)), "", find_conditionals(SOLUTION), Comparison.EXACT, "", ""
    ),
    "",
)
OFFSETS = [(0, 10), (10, 20), (20, 37), (37, 50), (50, 50)]
"""A token for every line, and the end of text."""
OUTCOME = JudgedProgram(Verdict.PASSED, 1, 1, executed=frozenset({1, 2, 3}))

ALL, RAN, RANDOM = "all", "ran", "random"


@pytest.mark.parametrize(
    ("name", "mask", "starts"),
    [
        ("ppo", ALL, (0,)),
        ("stepcoder", RAN, (10, 0)),
        ("stepcoder-no-cccs", RAN, (0,)),
        ("stepcoder-no-fgo", ALL, (10, 0)),
        ("stepcoder-random-mask", RANDOM, (10, 0)),
        ("ppocoder", ALL, (0,)),
        ("rltf", ALL, (0,)),
        ("coderl", ALL, (0,)),
        ("grpo", ALL, (0,)),
        ("dr_grpo", ALL, (0,)),
        ("dapo", ALL, (0,)),
        ("rloo", ALL, (0,)),
        ("egca", ALL, (0,)),
        ("pass-rate", ALL, (0,)),
        ("pass-rate-weighted", ALL, (0,)),
    ],
)
def test_row(name, mask, starts):
    method = METHODS[name]
    found = method.mask(OFFSETS, assemble("", SOLUTION), OUTCOME, 0)
    expected = {ALL: (True,) * 5, RAN: (True, True, True, False, True)}
    if mask is RANDOM:
        assert sum(found) == 4
        assert len({method.mask(OFFSETS, assemble("", SOLUTION), OUTCOME, seed) for seed in range(20)}) > 1
    else:
        assert found == expected[mask]
    curriculum = method.curriculum([TASK], 0.5, 1, 0)
    seen = [curriculum.start(TASK.task_id)]
    while curriculum.observe(TASK.task_id, curriculum.stage(TASK.task_id), 1, 1):
        seen.append(curriculum.start(TASK.task_id))
    assert tuple(seen) == starts


@pytest.mark.parametrize(
    ("name", "starts"),
    [("r3", {10, 0}), ("prefix-mix", {10, 0}), ("adaback", range(len(SOLUTION))), ("bread", {0})],
)
def test_rows_that_draw_where_a_group_begins(name, starts):
    method = METHODS[name]
    assert method.mask(OFFSETS, assemble("", SOLUTION), OUTCOME, 0) == (True,) * 5
    curriculum = method.curriculum([TASK], 0.5, 4, 0)
    found = {curriculum.draw(TASK.task_id, seed)[1] for seed in range(200)}
    assert found <= set(starts)
    assert len(found) > min(len(starts), 10) - 1


def test_egca_counts_the_tokens_of_the_lines_that_an_error_was_located_at():
    """And all where there are none: of a right program, and of one whose lines are all in the prefix."""
    failed = {"verdict": Verdict.WRONG_ANSWER, "tests_passed": 0, "tests_total": 1, "executed": frozenset({1, 2, 3})}
    whole, rest = assemble("", SOLUTION), assemble(SOLUTION[:10], SOLUTION[10:])
    mask = METHODS["egca"].mask
    assert mask(OFFSETS, whole, LocatedProgram(**failed, suspects=frozenset({3})), 0) == (
        *(False, False, True, False, False),
    )
    assert mask(OFFSETS, whole, LocatedProgram(**failed), 0) == (True,) * 5
    later = [(start - 10, end - 10) for start, end in OFFSETS[1:]]
    assert mask(later, rest, LocatedProgram(**failed, suspects=frozenset({1})), 0) == (True,) * 4
    assert METHODS["egca"].locate and not METHODS["grpo"].locate


def test_every_method_but_sft_pays_more_for_passing():
    failed = JudgedProgram(Verdict.COMPILE_ERROR, 0, 1, failed_tests=(0,))
    for name, method in METHODS.items():
        if method.fine_tunes:
            assert name == "sft"
        elif method.group_reward is not None:
            passing, failing = method.group_reward([OUTCOME, failed])
            assert passing.total > failing.total
        else:
            assert method.reward(OUTCOME, SOLUTION, SOLUTION).total > method.reward(failed, "def", SOLUTION).total


def test_an_unknown_method_is_answered_with_those_there_are():
    with pytest.raises(InputError, match=r"no method 'a2c': choose one of sft, ppo, stepcoder"):
        method_named("a2c")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("GRPO", "grpo"), ("stepcoderr", "stepcoder"), ("Dr-GRPO", "dr_grpo"), ("pass_rate", "pass-rate")],
)
def test_a_misspelt_method_is_told_the_right_name(typed: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"no method '{typed}': did you mean {meant}\? choose one of sft, "):
        method_named(typed)
