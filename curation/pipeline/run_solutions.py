"""Run the solutions of a problem on its tests, and repair those that do not run as written.

Copies of a solution run once. Judging is in ``judge_runs``, further runs are in ``run_again``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.problem import DictKeys
from curation.pipeline.missing_annotations import missing_annotations
from harness.judging.judge import JudgedTest
from harness.judging.judged_program import JudgedProgram, summarize_tests
from harness.judging.late_annotations import EVALUATED_LATE, with_eager_annotations
from harness.judging.repair_program import MAX_ROUNDS, propose, with_import
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program


class HarnessFaultError(Exception):
    """The sandbox failed, even on its retry: a fault of the harness, not of the program or the problem."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs programs on the inputs of one problem."""

    sandbox: Sandbox
    entry_point: str | None
    inputs: Sequence[Any]
    limits: Limits
    dict_keys: DictKeys = DictKeys.STR

    def run(self, source: str, seed: int = 0) -> list[Execution]:
        """Run a program on every input, in one process."""
        return self.run_on(source, self.inputs, seed)

    def run_on(self, source: str, inputs: Sequence[Any], seed: int = 0, trace: bool | None = None) -> list[Execution]:
        """Run a program on some inputs. Raises HarnessFaultError where the sandbox failed even on its retry."""
        program = Program(source, self.entry_point)
        executions = self.sandbox.execute(
            program, inputs, self.limits, seed=seed, dict_keys=self.dict_keys, trace=trace
        )
        for execution in executions:
            if execution.ended is Ended.HARNESS_ERROR:
                raise HarnessFaultError(execution.message)
        return executions

    def run_alone(self, source: str, seed: int = 0) -> list[Execution]:
        """Run a program on every input, each in a process of its own; stop where ``run`` would stop."""
        executions: list[Execution] = []
        seconds, budget = 0.0, self.limits.program_seconds or float("inf")
        for given in self.inputs:
            if executions and executions[-1].ended in (Ended.TIMEOUT, Ended.NOT_RUN):
                executions.append(Execution(Ended.NOT_RUN))
            elif seconds > budget:
                executions.append(Execution(Ended.OUT_OF_BUDGET))
            else:
                executions.append(self.run_on(source, [given], seed)[0])
                seconds += executions[-1].seconds
        return executions


@dataclass(slots=True)
class SolutionRun:
    """One solution and its executions, one for each test."""

    index: int
    source: str
    """With ``repairs`` applied."""
    executions: list[Execution]
    repairs: tuple[str, ...] = ()
    same_as: int | None = None
    """Index of the earlier solution with the same text."""
    verdicts: list[Verdict] = field(default_factory=list)
    alone: bool = False
    """True if each input ran in a process of its own, since an earlier call broke a later one."""
    stable: bool = True
    """False if a second run, with other seeds, gave other answers."""

    @property
    def outcome(self) -> JudgedProgram:
        """The summary of its first run over the tests."""
        return summarize_tests([JudgedTest(*test) for test in zip(self.verdicts, self.executions, strict=True)])

    @property
    def passed(self) -> bool:
        """True if it is stable and passes every test."""
        return self.stable and all(verdict is Verdict.PASSED for verdict in self.verdicts)

    @property
    def votes(self) -> bool:
        """True if its outputs count as votes: not a copy's, an unstable program's, or those of one cut short."""
        return self.stable and self.same_as is None and not self.cut_short

    @property
    def cut_short(self) -> bool:
        """True if its time for all tests ended before the last test; which test that is depends on the machine."""
        return any(execution.ended is Ended.OUT_OF_BUDGET for execution in self.executions)


def run_solutions(runner: Runner, solutions: Sequence[str]) -> list[SolutionRun]:
    """Run each solution once on every test, repaired where it does not run as written."""
    runs: list[SolutionRun] = []
    first_with: dict[str, int] = {}
    for index, source in enumerate(solutions):
        original = first_with.setdefault(source, index)
        if original == index:
            runs.append(SolutionRun(index, *run_repaired(runner, source)))
        else:
            runs.append(replace(runs[original], index=index, same_as=original))
    return runs


def run_repaired(runner: Runner, source: str) -> tuple[str, list[Execution], tuple[str, ...]]:
    """Run a program as written; if it fails for a mechanical reason, run it repaired.

    Returns the source, its executions and the names of its repairs: none if no repair helped.
    """
    as_written = None
    repairs = []
    known = _run_with_imports(runner, source)
    if known is not None:
        repaired, executions, rounds = known
        repairs.append("missing_import")
    else:
        repaired, executions, rounds = source, _run(runner, source), 0
        as_written = executions
    for _ in range(rounds, MAX_ROUNDS):
        step = _repair_once(runner, repaired, executions)
        if step is None:
            break
        name, repaired, executions = step
        if name not in repairs:
            repairs.append(name)
    if not repairs or not any(execution.ended is Ended.FINISHED for execution in executions):
        return source, _run(runner, source) if as_written is None else as_written, ()
    return repaired, executions, tuple(repairs)


def _run(runner: Runner, source: str) -> list[Execution]:
    """Run a program on every input; one with an undefined name in an annotation fails, as it does before Python 3.14.

    Else a build made under 3.14 would release canonical solutions that run under no earlier version.
    """
    executions = runner.run(source)
    if not EVALUATED_LATE or executions[0].ended is Ended.COMPILE_ERROR:
        return executions
    eager = with_eager_annotations(source)
    if eager is None:
        return executions
    [failure] = runner.run_on(eager, runner.inputs[:1])
    if failure.ended is not Ended.EXCEPTION or failure.exception != "NameError":
        return executions
    return [failure] * len(executions)


def _run_with_imports(runner: Runner, source: str) -> tuple[str, list[Execution], int] | None:
    """Run a program with the imports that its annotations are known to lack, without the runs that would show it.

    Returns the source, its executions and the number of imports; None where nothing is known to be missing, or the
    program does not run as predicted.
    """
    names = missing_annotations(source)[: MAX_ROUNDS - 1]
    if not names:
        return None
    repaired = source
    for name in names:
        repaired = with_import(repaired, name) or repaired
    executions = _run(runner, repaired)
    failure = _mechanical_failure(executions)
    still_missing = f"name '{names[-1]}' is not defined"
    if failure is not None and (failure.ended is Ended.COMPILE_ERROR or failure.message == still_missing):
        return None
    return repaired, executions, len(names)


def _repair_once(runner: Runner, source: str, executions: list[Execution]) -> tuple[str, str, list[Execution]] | None:
    """Return the first repair after which the program compiles, or fails later than before, or for another reason."""
    failure = _mechanical_failure(executions)
    if failure is None:
        return None
    fallback = None
    for name, candidate in propose(source, runner.entry_point, failure):
        attempt = _run(runner, candidate)
        new = _mechanical_failure(attempt)
        if new is None or (new.ended is not Ended.COMPILE_ERROR and new.message != failure.message):
            return name, candidate, attempt
        if fallback is None and new.ended is Ended.COMPILE_ERROR and (new.line or 0) > (failure.line or 0):
            fallback = name, candidate, attempt
    return fallback


def _mechanical_failure(executions: list[Execution]) -> Execution | None:
    kinds = (Ended.COMPILE_ERROR, Ended.EXCEPTION)
    return next((execution for execution in executions if execution.ended in kinds), None)
