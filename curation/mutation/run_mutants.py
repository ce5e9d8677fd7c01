"""Run mutants of a canonical solution on inputs, and tell which inputs kill them.

An input kills a mutant that does not give the expected output there: it answers differently, raises, or takes much
longer than the canonical solution: more than three times the steps that this one keeps (``program_steps``), which are
the same on every machine. A limit on the time is left for what built-in functions do, and for programs whose steps are
not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, ComparisonRule, DictKeys, Problem
from curation.mutation.bundle import NOT_RUN, Question, run_bundled, smallest_first
from curation.mutation.kept_state import may_keep_state
from curation.mutation.mutant_programs import SLOWER, MutantProgram
from curation.mutation.program_steps import STEPS
from curation.mutation.run_checker import run_checker
from curation.pipeline.run_solutions import HarnessFaultError, Runner
from harness.judging.judge import verdict_of_checker
from harness.judging.verdict import Expected, Verdict, expect, value_of, verdict_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

SHORTEST_SECONDS = 0.1
"""Processor time that every mutant gets on an input: shorter times measure the machine, not the program."""
SLOWER_COUNTED = 10
SHORTEST_SECONDS_COUNTED = 0.5
"""The same for mutants whose steps are counted, far from what these take: the load of the machine decides nothing."""
SHORTEST_SECONDS_FEW = 0.2
"""The same where the canonical solution keeps the least limit on its steps, which take mutants a few milliseconds."""
LEAST_OUTPUT = 1 << 20
"""Bytes that every mutant may print or return on an input, as a voter may."""
LONGEST_WAIT = 10.0
"""Wall-clock seconds for an input: a mutant that waits for what never comes ends then."""
FIRST_BATCH = 2
"""Inputs that mutants run on first, the smallest; those that live get four times as many each time."""


def mutant_limits(limits: Limits, canonical: Sequence[Execution], steps: int | None = None) -> Limits:
    """Return the limits of a mutant: some times what the canonical solution took and gave on an input, and on all.

    Args:
        limits: Those of the problem's programs, which stay the upper bound.
        canonical: Executions of the canonical solution on inputs like those that the mutant gets.
        steps: The steps that the canonical solution keeps on each of these, if those of the mutant are limited by them.
    """
    slower, shortest, inputs = SLOWER, SHORTEST_SECONDS, 2
    if steps is not None:
        few = steps <= min(STEPS)
        slower, shortest, inputs = SLOWER_COUNTED, SHORTEST_SECONDS_FEW if few else SHORTEST_SECONDS_COUNTED, 8
    seconds = [execution.seconds for execution in canonical]
    most = max(slower * max(seconds, default=0.0), shortest)
    total = max(slower * sum(seconds), inputs * shortest)
    longest = max((len(execution.output or execution.result or "") for execution in canonical), default=0)
    return replace(
        limits,
        output_bytes=min(limits.output_bytes, max(round(SLOWER * longest), LEAST_OUTPUT)),
        cpu_seconds=min(limits.cpu_seconds, most),
        wall_seconds=min(limits.wall_seconds, LONGEST_WAIT),
        program_seconds=min(limits.program_seconds or total, total),
        stop_after_timeout=True,
    )


@dataclass(frozen=True)
class MutantRunner:
    """Runs mutants on inputs of one problem, compared by the problem's rule."""

    sandbox: Sandbox
    entry_point: str | None
    dict_keys: DictKeys
    rule: ComparisonRule
    checker: str
    """Source of the checker where ``rule.comparison`` is ``checker``."""
    limits: Limits
    """Of one mutant: see ``mutant_limits``."""

    @classmethod
    def of_problem(cls, sandbox: Sandbox, problem: Problem, limits: Limits) -> MutantRunner:
        """Return the runner of a released problem."""
        return cls(sandbox, problem.entry_point, problem.dict_keys, problem.rule, problem.checker, limits)

    def survive(self, programs: Sequence[MutantProgram], inputs: Sequence[Any], outputs: Sequence[Any]) -> list[bool]:
        """Return for each mutant whether no input kills it. All run together (``bundle``).

        A few small inputs are tried first, then more and more, each time on those that are still alive. A mutant is not
        tried further where it did not run on an input.

        Raises:
            HarnessFaultError: The sandbox failed, even on its retry.
            InputError: The checker does not work.
        """
        return self.survive_expected(programs, inputs, expect(outputs, self.entry_point is not None, self.rule))

    def survive_expected(
        self, programs: Sequence[MutantProgram], inputs: Sequence[Any], expected: Sequence[Expected]
    ) -> list[bool]:
        """Return the same as ``survive``, from expected outputs with how each is compared. Raises likewise."""
        alive, survive = list(range(len(programs))), [True] * len(programs)
        by_size = smallest_first(inputs)
        for start, end in _batches(len(inputs)):
            given, wanted = [inputs[i] for i in by_size[start:end]], [expected[i] for i in by_size[start:end]]
            questions = [Question(programs[i].running, given) for i in alive]
            executed = self._execute_each(questions)
            judged = self._judge_each(executed, given, wanted)
            for i, executions, suspected in zip(list(alive), executed, judged, strict=True):
                killed = self._confirmed(programs[i], executions, suspected, given, wanted)
                survive[i] = True not in killed
                if True in killed or None in killed:
                    alive.remove(i)
        return survive

    def _execute_each(self, questions: Sequence[Question]) -> list[list[Execution]]:
        def run(program: str, inputs: Sequence[Any], limits: Limits) -> list[Execution]:
            return replace(self, limits=limits).execute(program, inputs)

        return run_bundled(run, questions, self.entry_point, self.limits)

    def execute(self, source: str, inputs: Sequence[Any], *, trace: bool = False) -> list[Execution]:
        """Run a program on inputs, in one process. Raises HarnessFaultError where the sandbox failed."""
        return self._runner.run_on(source, inputs, trace=trace)

    def kills_of(
        self, source: str, executions: Sequence[Execution], inputs: Sequence[Any], outputs: Sequence[Any]
    ) -> list[bool | None]:
        """Return which inputs kill a program, from its executions on them; None where it did not run.

        Raises as ``survive``.
        """
        expected = expect(outputs, self.entry_point is not None, self.rule)
        killed = self._judge(executions, inputs, expected)
        return self._confirmed(MutantProgram(source), executions, killed, inputs, expected)

    def answer(self, execution: Execution) -> tuple[Any] | None:
        """Return the answer of a program, in a tuple: a text, or a returned value; None where it gave none."""
        if execution.ended is not Ended.FINISHED:
            return None
        if self.entry_point is None:
            return (execution.output,)
        value = value_of(execution)
        return (value.value,) if value is not None else None

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self.sandbox, self.entry_point, (), self.limits, self.dict_keys)

    def _confirmed(
        self,
        program: MutantProgram,
        executions: Sequence[Execution],
        killed: Sequence[bool | None],
        inputs: Sequence[Any],
        expected: Sequence[Expected],
    ) -> list[bool | None]:
        """Return which inputs kill a mutant, confirmed where an earlier call may have caused a failure.

        The first input that fails after others runs again alone. If it passes then, every other such input does, too.
        A script starts anew on each input (``Sandbox.execute``), and needs no confirmation.
        """
        killed = list(killed)
        suspected = [i for i, kill in enumerate(killed) if kill and not executions[i].alone]
        if not suspected or self.entry_point is None or not may_keep_state(program.source):
            return killed
        first_kill = killed.index(True)
        if first_kill not in suspected:
            return killed
        for i in suspected:
            killed[i] = self._kills_alone(program.running, inputs[i], expected[i])
            if i == first_kill and killed[i]:
                break
        return killed

    def _kills_alone(self, source: str, given: Any, expected: Expected) -> bool:
        executions = self.execute(source, [given])
        return self._judge(executions, [given], [expected])[0] is True

    def _judge(
        self, executions: Sequence[Execution], inputs: Sequence[Any], expected: Sequence[Expected]
    ) -> list[bool | None]:
        if self.rule.comparison is Comparison.CHECKER:
            return self._judge_by_checker(executions, inputs, expected)
        return [
            None if execution.ended in NOT_RUN else verdict_of(execution, test) is not Verdict.PASSED
            for execution, test in zip(executions, expected, strict=True)
        ]

    # ---- checkers

    def _judge_each(
        self, programs: Sequence[Sequence[Execution]], inputs: Sequence[Any], expected: Sequence[Expected]
    ) -> list[list[bool | None]]:
        """Judge the executions of several mutants on the same inputs: a checker gets all their answers at once."""
        if self.rule.comparison is not Comparison.CHECKER:
            return [self._judge(executions, inputs, expected) for executions in programs]
        n, count = len(inputs), len(programs)
        every = [execution for executions in programs for execution in executions]
        killed = self._judge_by_checker(every, [*inputs] * count, [*expected] * count)
        return [killed[i * n : (i + 1) * n] for i in range(count)]

    def _judge_by_checker(
        self, executions: Sequence[Execution], inputs: Sequence[Any], expected: Sequence[Expected]
    ) -> list[bool | None]:
        """Judge with the problem's checker, in few processes."""
        killed: list[bool | None] = [None if e.ended in NOT_RUN else True for e in executions]
        answers = {i: answer for i, execution in enumerate(executions) if (answer := self.answer(execution))}
        questions = {i: [inputs[i], expected[i].output, answer[0]] for i, answer in answers.items()}
        verdicts = self._check(list(questions.values()))
        for (i, question), verdict in zip(questions.items(), verdicts, strict=True):
            if verdict is Verdict.HARNESS_ERROR:
                self._refuse_broken(question)
            killed[i] = verdict is not Verdict.PASSED
        return killed

    def _check(self, questions: Sequence[list[Any]]) -> list[Verdict]:
        return [verdict_of_checker(answer) for answer in run_checker(self.sandbox, self.checker, questions)]

    def _refuse_broken(self, question: Sequence[Any]) -> None:
        """Raise InputError unless the checker accepts the expected output: then the mutant's output overloaded it."""
        if self._check([[question[0], question[1], question[1]]])[0] is not Verdict.PASSED:
            raise InputError("the checker of the problem fails on an expected output: correct the checker")


def _batches(count: int) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of the inputs of each process."""
    start, size = 0, FIRST_BATCH
    while start < count:
        yield start, min(start + size, count)
        start, size = start + size, 4 * size


__all__ = ["HarnessFaultError", "MutantRunner", "mutant_limits"]
