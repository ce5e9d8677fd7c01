"""Generated problems: what the unit tests see of an action, and what fine-tuning sees."""

import itertools
from collections import Counter

import pytest

from apps_plus.errors import InputError
from harness.judging.judge import judge
from harness.sandbox import Sandbox
from stepcoder.curriculum import stage_starts
from stepcoder.toys.tasks import CODES, FAMILIES, actions_of, make_tasks, noisy_programs, with_actions

TESTED = {"deep": range(6), "wide": (3, 4, 5, 12, 13, 14), "nested": range(6, 12)}
"""Of each family, the actions that the unit tests run, from the top."""


def verdicts(sandbox, task, program):
    return {str(judged.verdict) for judged in judge(sandbox, program, task.problem)}


def with_mistakes(task, places):
    """The canonical solution with other codes at these actions."""
    return with_actions(task, tuple((code + (n in places)) % CODES for n, code in enumerate(actions_of(task.solution))))


families = pytest.mark.parametrize("family", FAMILIES)


# ---- the problems


@families
def test_the_canonical_solution_passes(sandbox, family):
    for task in make_tasks(family, 3, seed=1):
        assert verdicts(sandbox, task, task.solution) == {"passed"}


@families
def test_every_wrong_code_of_a_tested_action_fails_a_test(sandbox, family):
    [task] = make_tasks(family, 1, seed=0)
    right = actions_of(task.solution)
    for place, code in itertools.product(TESTED[family], range(CODES)):
        program = with_actions(task, (*right[:place], code, *right[place + 1 :]))
        passes = verdicts(sandbox, task, program) == {"passed"}
        assert passes == (code == right[place]), (place, code)


@families
def test_two_mistakes_do_not_make_up_for_one_another(sandbox, family):
    [task] = make_tasks(family, 1, seed=0)
    for places in itertools.combinations(TESTED[family], 2):
        assert "wrong_answer" in verdicts(sandbox, task, with_mistakes(task, places))


@families
def test_actions_that_no_test_runs_are_free(sandbox, family):
    [task] = make_tasks(family, 1, seed=0)
    free = set(range(FAMILIES[family].actions)) - set(TESTED[family])
    assert verdicts(sandbox, task, with_mistakes(task, free)) == {"passed"}


@pytest.mark.parametrize(
    ("family", "stage", "tested"), [("nested", 0, 0), ("nested", 1, 4), ("deep", 0, 2), ("wide", 0, 3)]
)
def test_how_many_tested_actions_a_stage_leaves_to_write(sandbox, family, stage, tested):
    """The first stage of *nested* leaves none: every program passes it, so that a run's pass rate begins at 1."""
    [task] = make_tasks(family, 1, seed=0)
    start = stage_starts(task.solution, task.problem.conditionals)[stage]
    given = len(actions_of(task.solution[:start]))
    left = range(given, FAMILIES[family].actions)
    assert sum(place in TESTED[family] for place in left) == tested
    assert (verdicts(sandbox, task, with_mistakes(task, left)) == {"passed"}) == (not tested)


@families
def test_coverage_names_the_tested_actions(family):
    [task] = make_tasks(family, 1, seed=0)
    with Sandbox(trace=True) as tracing:
        executed = frozenset().union(*(j.execution.lines for j in judge(tracing, task.solution, task.problem)))
    actions = [number for number, line in enumerate(task.solution.splitlines(), 1) if "append" in line]
    assert [place for place, line in enumerate(actions) if line in executed] == list(TESTED[family])


@pytest.mark.parametrize(("family", "conditionals"), [("deep", 6), ("wide", 6), ("nested", 12)])
def test_conditionals_stand_on_lines_of_their_own(family, conditionals):
    [task] = make_tasks(family, 1, seed=0)
    starts = [conditional.start_line for conditional in task.problem.conditionals]
    assert len(set(starts)) == conditionals
    lines = task.solution.splitlines()
    assert all(lines[start - 1].strip().startswith(("if", "elif")) for start in starts)
    assert all(lines[start - 1].endswith(":") for start in starts)


@families
def test_the_problems_of_a_family_differ_in_their_codes_only(family):
    first, second = make_tasks(family, 2, seed=0)
    assert first.solution != second.solution
    assert with_actions(first, actions_of(second.solution)) == second.solution


@families
def test_the_prompt_names_the_problem_and_not_its_codes(family):
    for seed in (0, 1):
        assert [task.prompt for task in make_tasks(family, 3, seed)] == ["# task 0\n", "# task 1\n", "# task 2\n"]


@families
def test_a_problem_survives_its_row(family):
    [task] = make_tasks(family, 1, seed=0)
    assert type(task.problem).from_row(task.problem.to_row()) == task.problem


def test_the_same_seed_gives_the_same_problems_however_many():
    assert make_tasks("deep", 5, seed=3)[:2] == make_tasks("deep", 2, seed=3)
    assert make_tasks("deep", 2, seed=3) != make_tasks("deep", 2, seed=4)


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="'dep': there are deep, wide, nested"):
        make_tasks("dep", 1, seed=0)


@pytest.mark.parametrize("count", [5, 7])
def test_other_actions_must_be_as_many(count):
    [task] = make_tasks("deep", 1, seed=0)
    with pytest.raises(ValueError, match="deep/0000"):
        with_actions(task, (0,) * count)


# ---- the noise


def test_noise_has_the_shares_that_were_asked_for():
    [task] = make_tasks("deep", 1, seed=0)
    right = actions_of(task.solution)
    kinds = Counter(
        {0: "right", 1: "systematic"}.get((code - wanted) % CODES, "other")
        for program in noisy_programs(task, 2000, seed=0, right=0.3, systematic=0.5)
        for code, wanted in zip(actions_of(program), right, strict=True)
    )
    shares = {kind: count / kinds.total() for kind, count in kinds.items()}
    assert shares == pytest.approx({"right": 0.3, "systematic": 0.5, "other": 0.2}, abs=0.02)


def test_other_mistakes_are_every_other_digit():
    [task] = make_tasks("deep", 1, seed=0)
    programs = noisy_programs(task, 500, seed=0, right=0, systematic=0)
    wanted = actions_of(task.solution)[0]
    assert {actions_of(program)[0] for program in programs} == set(range(CODES)) - {wanted, (wanted + 1) % CODES}


@families
def test_noise_touches_the_actions_only(family):
    [task] = make_tasks(family, 1, seed=0)
    for program in noisy_programs(task, 20, seed=0):
        assert with_actions(task, actions_of(program)) == program


def test_without_noise_every_program_is_the_solution():
    [task] = make_tasks("wide", 1, seed=0)
    assert set(noisy_programs(task, 5, seed=0, right=1.0, systematic=0.0)) == {task.solution}


def test_noise_is_seeded_for_each_problem():
    first, second = make_tasks("deep", 2, seed=0)
    assert noisy_programs(first, 3, seed=1) == noisy_programs(first, 3, seed=1)
    assert noisy_programs(first, 3, seed=1) != noisy_programs(first, 3, seed=2)
    assert noisy_programs(first, 3, seed=1) != noisy_programs(second, 3, seed=1)
