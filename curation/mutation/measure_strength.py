"""Measure the strength of one problem's tests: run the mutants that judge, and trace the canonical solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.problem import Problem
from curation.mutation.branches import branch_program
from curation.mutation.equivalence import probably_equivalent, run_pool
from curation.mutation.mutant_programs import MutantPrograms
from curation.mutation.mutants import Mutant, make_mutants
from curation.mutation.pool import pool_of
from curation.mutation.program_steps import GENERATED_STEPS, fewer, steps_kept
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from curation.mutation.score import ProblemStrength, Survivor, count_operators
from harness.judging.verdict import expect
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits
from harness.tracing.coverage import executable_lines, union

STRENGTH_VERSION = 8
"""Raised whenever a change may change the strength of some problem."""


@dataclass(frozen=True, slots=True)
class StrengthSettings:
    """The settings on which a strength depends, besides the problem."""

    mutants: int = 100
    """Mutants of a problem at most; half of them are guides, which are not run."""
    pool: int = 500
    """Valid inputs on which survivors are compared with the canonical solution."""


STEP_LIMITS = Limits(cpu_seconds=0.5, program_seconds=2.0, stop_after_timeout=False)
"""Of the canonical solution while its steps are counted."""
USUAL_SETTINGS = StrengthSettings()


def measure_strength(sandbox: Sandbox, problem: Problem, settings: StrengthSettings, limits: Limits) -> ProblemStrength:
    """Measure the strength of a problem's tests.

    Raises:
        HarnessFaultError: The sandbox failed, even on its retry.
        InputError: The problem's checker does not work.
    """
    inputs, outputs = problem.tests.inputs, problem.tests.outputs
    measured = ProblemStrength(problem.problem_id, len(inputs), len(problem.tests.generated))
    runner = MutantRunner.of_problem(sandbox, problem, limits)
    source = problem.canonical_solution
    n_given = len(inputs) - len(problem.tests.generated)
    executions = runner.execute(source, inputs)
    if any(kill is not False for kill in runner.kills_of(source, executions, inputs, outputs)):
        return replace(measured, fault="the canonical solution does not pass every test here")
    count = replace(runner, limits=STEP_LIMITS).execute
    steps = steps_kept(count, source, problem.entry_point, inputs[:n_given])
    divisor = fewer(source, problem.entry_point, steps)
    made = make_mutants(source, settings.mutants // divisor, is_script=problem.entry_point is None)
    judges = [mutant for mutant in made if not mutant.is_guide]
    programs = MutantPrograms(source, problem.entry_point)
    expected = expect(outputs, problem.entry_point is not None, problem.rule)

    def surviving(mutants: Sequence[Mutant], start: int, end: int, steps: int | None) -> list[Mutant]:
        quick = replace(runner, limits=mutant_limits(limits, executions[:end], steps))
        survive = quick.survive_expected(programs.of(mutants, steps), inputs[start:end], expected[start:end])
        return [mutant for mutant, lives in zip(mutants, survive, strict=True) if lives]

    alive = surviving(judges, 0, n_given, steps)
    if n_given < len(inputs):
        if steps is not None:
            steps = steps_kept(count, source, problem.entry_point, inputs[n_given:], max(steps, GENERATED_STEPS))
        alive = surviving(alive, n_given, len(inputs), steps)
    pool_size, survivors = _compare_on_pool(runner, problem, alive, settings)
    return replace(
        measured,
        fewer=divisor,
        mutants=len(judges),
        killed=len(judges) - len(alive),
        survivors=survivors,
        operators=count_operators(judges, survivors),
        pool=pool_size,
        lines=_count_lines(runner, source, inputs),
        branches=_count_branches(runner, source, inputs),
    )


def _compare_on_pool(
    runner: MutantRunner, problem: Problem, alive: Sequence[Mutant], settings: StrengthSettings
) -> tuple[int, tuple[Survivor, ...]]:
    """Return the size of the pool, and the survivors, each compared with the canonical solution on it."""
    if not alive:
        return 0, ()
    pool = run_pool(runner, problem.canonical_solution, pool_of(problem, settings.pool))
    equivalent = probably_equivalent(runner, alive, pool)
    survivors = (
        Survivor(mutant.mutant_id, mutant.operator, mutant.line, is_equivalent)
        for mutant, is_equivalent in zip(alive, equivalent, strict=True)
    )
    return len(pool.inputs), tuple(survivors)


def _count_lines(runner: MutantRunner, source: str, inputs: Sequence[Any]) -> tuple[int, int] | None:
    """Return how many lines with code run on the inputs, and how many there are."""
    executable, executed = executable_lines(source), _executed(runner, source, inputs)
    return None if executable is None or executed is None else (len(executable & executed), len(executable))


def _count_branches(runner: MutantRunner, source: str, inputs: Sequence[Any]) -> tuple[int, int] | None:
    """Return how many branches are taken on the inputs, and how many there are."""
    program = branch_program(source)
    executed = _executed(runner, program.source, inputs) if program is not None else None
    return None if program is None or executed is None else (program.count(executed), len(program.lines))


def _executed(runner: MutantRunner, source: str, inputs: Sequence[Any]) -> frozenset[int] | None:
    """Return the lines that run on any input; None where that is not known: it is slower when it is traced."""
    executions = runner.execute(source, inputs, trace=True)
    return None if any(e.ended is not Ended.FINISHED for e in executions) else union(executions)
