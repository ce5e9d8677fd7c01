"""Find mutants that are very probably equivalent to their program: they answer alike on a large pool of valid inputs.

Mutants with the same bytecode are never made (``mutants``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from curation.mutation.mutants import Mutant
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from harness.sandbox.execution import Execution, Limits
from harness.tracing.coverage import union


@dataclass(frozen=True, slots=True)
class Pool:
    """Valid inputs, with what the canonical solution answers to each."""

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    limits: Limits
    """Of a mutant on these inputs."""
    executed: frozenset[int] | None = None
    """Lines of the canonical solution that run on any of them; None: not known."""


SCOPE_OPERATORS = frozenset({"deleted_statement", "swapped_statements"})
"""Operators that may change a program where they do not run: an assignment makes its name local in a whole function."""
POOL_SECONDS = 0.5
"""Processor time of the canonical solution on a pool, after which it is not doubled: a slow one gets a smaller pool."""
SMALLEST_POOL = 125


def run_pool(runner: MutantRunner, canonical: str, inputs: Sequence[Any]) -> Pool:
    """Return the inputs of a pool on which the canonical solution finishes, with its answers.

    Raises HarnessFaultError where the sandbox failed.
    """
    patient = replace(runner, limits=replace(runner.limits, program_seconds=None, stop_after_timeout=False))
    executions: list[Execution] = []
    while len(executions) < len(inputs) and sum(execution.seconds for execution in executions) < POOL_SECONDS:
        size = max(SMALLEST_POOL, len(executions))  # it doubles, so that its size seldom depends on the machine
        executions += patient.execute(canonical, inputs[len(executions) : len(executions) + size], trace=True)
    answers = [runner.answer(execution) for execution in executions]
    kept = [i for i, answer in enumerate(answers) if answer is not None]
    return Pool(
        tuple(inputs[i] for i in kept),
        tuple(answer[0] for answer in answers if answer is not None),
        mutant_limits(runner.limits, [executions[i] for i in kept]),
        union(executions[i] for i in kept),
    )


def probably_equivalent(runner: MutantRunner, mutant: Mutant, pool: Pool) -> bool:
    """Return whether a mutant answers like the canonical solution on a whole pool; false for an empty pool.

    A mutant whose line never runs on the pool answers alike, and need not run. Else inputs are tried in growing batches
    until one differs. Raises as ``MutantRunner.run``.
    """
    if not pool.inputs:
        return False
    if pool.executed is not None and mutant.line not in pool.executed and mutant.operator not in SCOPE_OPERATORS:
        return True
    return not replace(runner, limits=pool.limits).kills(mutant.source, pool.inputs, pool.outputs)
