"""Find mutants that are very probably equivalent to their program: they answer alike on a large pool of valid inputs.

Mutants with the same bytecode are never made (``mutants``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from curation.mutation.mutant_programs import MutantPrograms
from curation.mutation.mutants import Mutant
from curation.mutation.program_steps import are_small
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from harness.sandbox.execution import Execution, Limits
from harness.tracing.coverage import union


@dataclass(frozen=True, slots=True)
class Pool:
    """Valid inputs, with what the canonical solution answers to each."""

    canonical: str
    """The canonical solution."""
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    limits: Limits
    """Of a mutant on these inputs."""
    executed: frozenset[int] | None = None
    """Lines of the canonical solution that run on any of them; None: not known."""


SCOPE_OPERATORS = frozenset({"deleted_statement", "swapped_statements"})
"""Operators that may change a program where they do not run: an assignment makes its name local in a whole function."""
POOL_STEPS = 10_000
"""Steps (``program_steps``) of the canonical solution on an input, above which it is left out of the pool."""
POOL_SECONDS = 0.2
"""Processor time of the canonical solution on a pool after which it grows no more: a slow one gets a smaller pool."""
INPUT_SECONDS = 0.1
"""Processor time of the canonical solution on an input of the pool at most: what built-in functions do is no step."""
BATCHES = (50, 150)
"""Inputs of the first batch of a pool and of the second; the third is the rest."""


def run_pool(runner: MutantRunner, canonical: str, inputs: Sequence[Any]) -> Pool:
    """Return the inputs of a pool on which the canonical solution finishes, with its answers.

    Raises HarnessFaultError where the sandbox failed.
    """
    limits = replace(runner.limits, cpu_seconds=INPUT_SECONDS, program_seconds=1.0, stop_after_timeout=False)
    patient = replace(runner, limits=limits)
    tried: list[Any] = []
    executions: list[Execution] = []
    start = 0
    for size in (*BATCHES, len(inputs)):
        batch = inputs[start : start + size]
        if not batch or sum(execution.seconds for execution in executions) >= POOL_SECONDS:
            break
        small = are_small(patient.execute, canonical, runner.entry_point, batch, POOL_STEPS)
        fit = [given for given, is_small in zip(batch, small, strict=True) if is_small]
        executions += patient.execute(canonical, fit, trace=True) if fit else []
        tried += fit
        start += size
    answers = [runner.answer(execution) for execution in executions]
    kept = [i for i, answer in enumerate(answers) if answer is not None]
    return Pool(
        canonical,
        tuple(tried[i] for i in kept),
        tuple(answer[0] for answer in answers if answer is not None),
        mutant_limits(runner.limits, [executions[i] for i in kept], POOL_STEPS),
        union(executions[i] for i in kept),
    )


def probably_equivalent(runner: MutantRunner, mutants: Sequence[Mutant], pool: Pool) -> list[bool]:
    """Return for each mutant whether it answers like the canonical solution on a whole pool; false for an empty pool.

    A mutant whose line never runs on the pool answers alike, and need not run. Raises as ``MutantRunner.survive``.
    """
    if not pool.inputs:
        return [False] * len(mutants)
    tried = [mutant for mutant in mutants if pool.executed is None or may_change(mutant, pool.executed)]
    quick = replace(runner, limits=pool.limits)
    programs = MutantPrograms(pool.canonical, runner.entry_point).of(tried, POOL_STEPS)
    survive = quick.survive(programs, pool.inputs, pool.outputs)
    differ = {mutant.mutant_id for mutant, lives in zip(tried, survive, strict=True) if not lives}
    return [mutant.mutant_id not in differ for mutant in mutants]


def may_change(mutant: Mutant, executed: frozenset[int]) -> bool:
    """Return whether a mutant may answer otherwise than its program where these lines of the program run."""
    return mutant.line in executed or mutant.operator in SCOPE_OPERATORS
