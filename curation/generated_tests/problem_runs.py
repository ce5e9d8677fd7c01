"""Run programs of one problem on inputs, and judge their answers against the canonical solution's.

The only module of this package that runs programs; it counts every run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, DictKeys, dump_json, load_json
from curation.generated_tests.answer_bounds import is_within, largest_answer
from curation.generated_tests.strengthened import Effort
from curation.generated_tests.voting import NO_ANSWER
from curation.mutation.bounded_program import TOO_MANY_STEPS, CountedProgram
from curation.mutation.bundle import Question, run_bundled
from curation.mutation.kept_state import may_keep_state
from curation.mutation.program_steps import GENERATED_STEPS, STEPS, is_small
from curation.mutation.run_checker import run_checker
from curation.pipeline.consensus import answer_of
from curation.pipeline.judge_runs import Judge, judge_by_comparison
from curation.pipeline.run_solutions import HarnessFaultError
from curation.records import VerifiedProblem
from harness.judging.comparison import normalize_text
from harness.judging.judge import verdict_of_checker
from harness.judging.stateless_scripts import is_stateless
from harness.judging.verdict import Expected, Verdict, value_of, verdict_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

QUICK_LIMITS = Limits(
    cpu_seconds=0.25,
    wall_seconds=20.0,
    memory_bytes=512 << 20,
    output_bytes=1 << 20,
    program_seconds=0.75,
    stop_after_timeout=False,
)
"""Of a held-out solution on the generated tests; what does not pass runs again under the limits of a released test."""
FAR_SECONDS = 1.0
"""Processor time on an input of a program with a limit on its steps, far from what most steps take: it ends what
built-in functions do, which are no steps, and the load of the machine decides little."""
MOST_SECONDS = 5.0
"""Processor time of the canonical solution on the candidates of a round, of which most problems take a tenth."""
FEW_INPUTS = 5
"""Candidates of a round that it answers where it takes longer: no more than that time allows in any case."""
SECONDS_OF_STEPS = 3e-6
"""Processor time for each step where that is more."""
LONGEST_SECONDS = 4.0
"""The limit of a released test."""
LONGEST_LIMITS = replace(QUICK_LIMITS, cpu_seconds=LONGEST_SECONDS, program_seconds=None)
"""Of the canonical solution where its steps are not counted."""
SLOWER_VOTER = 8
"""Times the steps that the canonical solution keeps, after which a voter is too slow for an input."""
MOST_VOTER_STEPS = 400_000
"""Steps of a voter on an input at most."""
MOST_OVERRUNS = 3
"""Inputs that a voter may be too slow for; it does not run on those after them, which are larger."""
TOO_SLOW = frozenset(
    {Ended.TIMEOUT, Ended.NOT_RUN, Ended.OUT_OF_BUDGET, Ended.MEMORY_LIMIT, Ended.OUTPUT_LIMIT, Ended.SIGNAL}
)
"""Ends that say that an input is too large for a solution, not that its answer is another."""

_SEES_COUNTING = re.compile(
    r"\b(?:try|with|thread\w*|_thread|concurrent|asyncio|atexit|exec|eval|globals|locals|vars|dir|inspect|_getframe"
    r"|__(?!(?:init|name|main|lt|eq|hash|len|str|repr|iter|next|call|getitem)__)\w+__|traceback|gc|weakref)\b"
)
"""Text of a program whose answer may depend on its steps being counted: it may catch the error, outlive it in a thread,
or look at its own names."""
_HUGE_INTEGER = re.compile(r"\d{4301}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The canonical solution's answer to an input."""

    output: Any
    """The expected output of a test: the text, or the value."""
    lines: frozenset[int]
    """Lines that ran."""
    seconds: float


@dataclass(slots=True)
class ProblemRuns:
    """Runs the programs of one problem."""

    problem: VerifiedProblem
    sandbox: Sandbox
    checker: str = ""
    """Source of the checker if the comparison is ``checker``."""
    given_inputs: list[Any] = field(init=False)
    given_outputs: list[Any] = field(init=False)
    candidates: int = 0
    """Inputs tried so far."""
    _runs: Counter[str] = field(default_factory=Counter)
    _inputs: Counter[str] = field(default_factory=Counter)
    _seconds: Counter[str] = field(default_factory=Counter)
    _traced: dict[str, Execution] = field(default_factory=dict)
    """The last traced execution of the canonical solution on each input, by its JSON text."""
    _counted: CountedProgram | None = field(init=False)
    _lines: dict[int, int] = field(init=False)
    """The line of the canonical solution of each line of it that is counted."""
    _programs: dict[tuple[int, int], str] = field(default_factory=dict)
    """The source that counts its steps, by voter and limit."""
    _takes_long: bool = False
    """True once the canonical solution took more than ``MOST_SECONDS`` on a round's candidates."""
    _largest_answer: int | None = field(init=False)
    """The largest number that an answer may hold by the statement; None: it says nothing."""

    def __post_init__(self) -> None:
        tests = load_json(self.problem.tests)
        self.given_inputs, self.given_outputs = tests["inputs"], tests["outputs"]
        self._counted = CountedProgram.of(self.problem.canonical_source, self.problem.entry_point)
        self._lines = self._counted.lines() if self._counted is not None else {}
        largest = largest_answer(self.problem.question)
        self._largest_answer = largest if all(is_within(output, largest) for output in self.given_outputs) else None

    @property
    def call_based(self) -> bool:
        """True if the tests call a function."""
        return self.problem.entry_point is not None

    @property
    def dict_keys(self) -> DictKeys:
        """The type of the keys of dict arguments."""
        return DictKeys(self.problem.dict_keys)

    def source(self, solution: int) -> str:
        """Return the source of a solution, repaired where that was needed."""
        if solution == self.problem.canonical:
            return self.problem.canonical_source
        return self.problem.sources[str(solution)]

    def effort(self) -> Effort:
        """Return what was run so far."""
        seconds = {part: round(seconds / 1e6, 3) for part, seconds in self._seconds.items()}
        return Effort(self.candidates, dict(self._runs), dict(self._inputs), seconds)

    def run(
        self, source: str, inputs: Sequence[Any], part: str, limits: Limits = QUICK_LIMITS, *, trace: bool = False
    ) -> list[Execution]:
        """Run a program on inputs, in one process; count it as a part of the effort. Raises HarnessFaultError."""
        program = Program(source, self.problem.entry_point)
        executions = self.sandbox.execute(program, inputs, limits, dict_keys=self.dict_keys, trace=trace)
        if fault := next((e for e in executions if e.ended is Ended.HARNESS_ERROR), None):
            raise HarnessFaultError(fault.message)
        self._runs[part] += 1
        self._inputs[part] += len(inputs)
        self._seconds[part] += round(1e6 * sum(execution.seconds for execution in executions))
        return executions

    def run_each(
        self, questions: Sequence[Question], part: str, limits: Limits, overruns: int = 1
    ) -> list[list[Execution]]:
        """Run programs that are no danger to each other, each on its inputs, in few processes (``run_bundled``).

        Raises likewise.
        """

        def run(program: str, inputs: Sequence[Any], shared: Limits) -> list[Execution]:
            return self.run(program, inputs, part, shared)

        return run_bundled(run, questions, self.problem.entry_point, limits, overruns)

    def trace_given(self) -> tuple[list[Execution], int | None]:
        """Run the canonical solution on the given tests, traced.

        Returns:
            The executions, and the limit on steps that all keep; None where some keep none.
        """
        found: dict[int, Execution] = {}

        def run(which: Sequence[int], limit: int) -> list[Execution]:
            limits = replace(_far_limits(limit), stop_after_timeout=True)
            executions = self._run_counted([self.given_inputs[i] for i in which], limit, limits)
            found.update((i, one) for i, one in zip(which, executions, strict=True) if is_small(one))
            return executions

        count = len(self.given_inputs)
        for limit in STEPS:
            rest = [i for i in range(count) if i not in found]
            probe = rest if limit <= GENERATED_STEPS else rest[:1]  # one that takes more tells that the limit is low
            executions = run(probe, limit)
            if len(probe) < len(rest) and all(map(is_small, executions)):
                executions += run(rest[1:], limit)
            if len(found) == count:
                return [found[i] for i in range(count)], limit
            if any(execution.ended is Ended.TIMEOUT for execution in executions):  # more steps take no less time
                break
        rest = [i for i in range(count) if i not in found]
        limits = replace(LONGEST_LIMITS, stop_after_timeout=True)  # its time sets that of the mutants
        uncounted = self.run_canonical([self.given_inputs[i] for i in rest], limits)
        found |= dict(zip(rest, uncounted, strict=True))
        return [found[i] for i in range(count)], None

    def answers_within(self, inputs: Sequence[Any], steps: int) -> list[tuple[Answer | None] | None]:
        """Return the canonical solution's answer to each input, in a tuple; None where it takes more steps.

        Where it takes much time for its steps, only the first few inputs are answered.
        """
        limits = replace(_far_limits(steps), program_seconds=MOST_SECONDS)
        executions = self._run_counted(inputs[:FEW_INPUTS] if self._takes_long else inputs, steps, limits)
        if any(one.ended is Ended.OUT_OF_BUDGET for one in executions):
            self._takes_long = True
        if self._takes_long:  # how many were answered in that time depends on the machine
            del executions[FEW_INPUTS:]
        answers = [(self._usable(one),) if is_small(one) else None for one in executions]
        return [*answers, *[None] * (len(inputs) - len(answers))]

    def _run_counted(self, inputs: Sequence[Any], steps: int, limits: Limits) -> list[Execution]:
        """Run the canonical solution on inputs, traced, with a limit on its steps, if they can be counted.

        Where counting may have changed what it did, it runs again without.
        """
        bounded = self._counted.bounded(steps) if self._counted is not None else None
        if bounded is None:
            return self.run_canonical(inputs, limits)
        executions = [
            replace(one, lines=one.lines and frozenset(self._lines[at] for at in one.lines if at in self._lines))
            for one in self.run(bounded, inputs, "canonical", limits, trace=True)
        ]
        may_differ = _SEES_COUNTING.search(self.problem.canonical_source) is not None
        again = [
            i for i, one in enumerate(executions) if is_small(one) and (may_differ or one.ended is not Ended.FINISHED)
        ]
        if again:
            uncounted = self.run_canonical([inputs[i] for i in again], limits)
            for i, execution in zip(again, uncounted, strict=True):
                executions[i] = execution
        self._remember(inputs, executions)
        return executions

    def run_canonical(self, inputs: Sequence[Any], limits: Limits) -> list[Execution]:
        """Run the canonical solution on inputs, traced."""
        executions = self.run(self.problem.canonical_source, inputs, "canonical", limits, trace=True)
        self._remember(inputs, executions)
        return executions

    def _remember(self, inputs: Sequence[Any], executions: Sequence[Execution]) -> None:
        small = ((given, one) for given, one in zip(inputs, executions, strict=True) if is_small(one))
        self._traced.update((dump_json(given), one) for given, one in small)

    def traced(self, inputs: Sequence[Any]) -> list[Execution] | None:
        """Return the traced executions of the canonical solution on inputs; None where it has not run on all."""
        known = [self._traced.get(dump_json(given)) for given in inputs]
        return None if None in known else [execution for execution in known if execution is not None]

    def answers(self, inputs: Sequence[Any]) -> list[Answer | None]:
        """Return the canonical solution's answer to each input, its steps not counted; None where it has no usable one.

        One that is larger than the statement says of answers tells that the input is none of the problem's.
        """
        return list(map(self._usable, self.run_canonical(inputs, LONGEST_LIMITS)))

    def _usable(self, execution: Execution) -> Answer | None:
        answer = self._answer(execution)
        return answer if answer and is_within(answer.output, self._largest_answer) else None

    def _answer(self, execution: Execution) -> Answer | None:
        if execution.ended is not Ended.FINISHED:
            return None
        if self.call_based:
            value = value_of(execution)
            if value is None or value.value is None or not _is_finite(value.value):
                return None
            output = value.value
        else:
            output = normalize_text(execution.output) + "\n"
            if not output.strip():
                return None
        return Answer(output, execution.lines or frozenset(), execution.seconds)

    def judge(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> Judge:
        """Return a judge of a program's executions on inputs, by the problem's comparison or its checker."""
        rule = self.problem.rule
        if rule.comparison is Comparison.CHECKER:
            return lambda executions: self._check(inputs, outputs, executions)
        n_given = len(self.given_outputs)
        every = judge_by_comparison([*self.given_outputs, *outputs], self.call_based, rule)
        padding = [Execution(Ended.NOT_RUN)] * n_given  # which numbers are real depends on all outputs of the problem
        return lambda executions: every([*padding, *executions])[n_given:]

    def judge_each(
        self, programs: Sequence[Sequence[Execution]], inputs: Sequence[Any], outputs: Sequence[Any]
    ) -> list[list[Verdict]]:
        """Judge the executions of several programs on the same inputs: a checker gets all their answers at once."""
        if self.problem.rule.comparison is not Comparison.CHECKER:
            return list(map(self.judge(inputs, outputs), programs))
        n, count = len(inputs), len(programs)
        every = [execution for executions in programs for execution in executions]
        verdicts = self._check([*inputs] * count, [*outputs] * count, every)
        return [verdicts[i * n : (i + 1) * n] for i in range(count)]

    def _check(self, inputs: Sequence[Any], outputs: Sequence[Any], executions: Sequence[Execution]) -> list[Verdict]:
        """Judge executions with the problem's checker, in few processes. Raises InputError if it fails."""
        answers = [self._answer(execution) for execution in executions]
        questions = [
            [given, output, answer.output]
            for given, output, answer in zip(inputs, outputs, answers, strict=True)
            if answer is not None
        ]
        checked = iter(run_checker(self.sandbox, self.checker, questions))
        verdicts = []
        for execution, answer in zip(executions, answers, strict=True):
            if answer is None:
                verdicts.append(verdict_of(execution, Expected(None, call_based=True)))
                continue
            verdict = verdict_of_checker(next(checked))
            if verdict is Verdict.HARNESS_ERROR:
                raise InputError(
                    f"the checker that a decision gives {self.problem.problem_id} does not work: retract it"
                )
            verdicts.append(verdict)
        return verdicts

    def vote(
        self, voters: Iterable[int], inputs: Sequence[Any], outputs: Sequence[Any], steps: int
    ) -> list[dict[int, str | None]]:
        """Return, for each input, the answer of each voter that ran on it: "" is the canonical solution's.

        None: it ended without an answer. A voter that is too slow for an input has no entry.

        Args:
            voters: The solutions that vote.
            inputs: The inputs, the small ones first.
            outputs: The canonical solution's answers.
            steps: The steps that the canonical solution keeps on each input.
        """
        found: list[dict[int, str | None]] = [{} for _ in inputs]
        voters = list(voters)
        sure = {self.problem.canonical} if self._repeats_itself else set()
        runs = self._run_voters([voter for voter in voters if voter not in sure], inputs, steps)
        judged = self._settle(runs, inputs, outputs, steps)
        for voter in voters:
            if voter in sure:
                for answers in found:
                    answers[voter] = ""
                continue
            for answers, execution, verdict in zip(found, runs[voter], judged[voter], strict=True):
                if verdict is Verdict.PASSED:
                    answers[voter] = ""
                elif not _is_too_slow(execution):
                    finished = execution.ended is Ended.FINISHED
                    answers[voter] = answer_of(execution, self.call_based) if finished else None
        return found

    def _run_voters(self, voters: Sequence[int], inputs: Sequence[Any], steps: int) -> dict[int, list[Execution]]:
        """Run voters on inputs, with a limit on their steps; in few processes those that leave nothing behind."""
        limit = _voter_steps(steps)
        programs = {voter: self._bounded(voter, limit) for voter in voters}
        return self.run_solutions(programs, inputs, "voters", _far_limits(limit), MOST_OVERRUNS)

    def run_solutions(
        self, programs: Mapping[int, str], inputs: Sequence[Any], part: str, limits: Limits, overruns: int = 1
    ) -> dict[int, list[Execution]]:
        """Run solutions on inputs, in few processes those that leave nothing behind. Raises as ``run``.

        Args:
            programs: What runs for each solution.
            inputs: The inputs.
            part: The part of the effort.
            limits: Of one solution.
            overruns: As of ``run_bundled``.
        """
        alone = [solution for solution in programs if self._may_leave_something(self.source(solution))]
        groups = [[solution] for solution in alone] + [[solution for solution in programs if solution not in alone]]
        runs: dict[int, list[Execution]] = {}
        for group in groups:
            executed = self.run_each([Question(programs[i], inputs) for i in group], part, limits, overruns)
            runs |= dict(zip(group, executed, strict=True))
        return runs

    def _settle(
        self, runs: dict[int, list[Execution]], inputs: Sequence[Any], outputs: Sequence[Any], steps: int
    ) -> dict[int, list[Verdict]]:
        """Return the verdicts on voters; run each again where it does not agree, and replace what it did there.

        That its steps were counted, or what ran before it, may be why it did not.
        """
        limits = replace(_far_limits(_voter_steps(steps)), stop_after_timeout=True)
        judged = dict(zip(runs, self.judge_each(list(runs.values()), inputs, outputs), strict=True))
        changed = []
        for voter, verdicts in judged.items():
            doubtful = [
                i
                for i, (execution, verdict) in enumerate(zip(runs[voter], verdicts, strict=True))
                if verdict is not Verdict.PASSED and not _is_too_slow(execution)
            ]
            if doubtful:
                judge = self.judge([inputs[i] for i in doubtful], [outputs[i] for i in doubtful])
                again = self._without_state(self.source(voter), [inputs[i] for i in doubtful], judge, limits)
                for i, execution in zip(doubtful, again, strict=True):
                    runs[voter][i] = execution
                changed.append(voter)
        again_judged = self.judge_each([runs[voter] for voter in changed], inputs, outputs) if changed else []
        return judged | dict(zip(changed, again_judged, strict=True))

    def _bounded(self, voter: int, limit: int) -> str:
        """Return a voter's program with a limit on its steps; as it is where they cannot be counted."""
        if (voter, limit) not in self._programs:
            source = self.source(voter)
            counted = CountedProgram.of(source, self.problem.entry_point)
            self._programs[voter, limit] = source if counted is None else counted.unchecked(limit)
        return self._programs[voter, limit]

    @property
    def _repeats_itself(self) -> bool:
        """True if the canonical solution would vote for its own answers: it keeps no state, and no checker judges."""
        is_checked = self.problem.rule.comparison is Comparison.CHECKER
        return not is_checked and not self.may_keep_state(self.problem.canonical_source)

    def may_keep_state(self, source: str) -> bool:
        """Return whether an input may change what a later one in the same process is answered."""
        return may_keep_state(source) if self.call_based else not is_stateless(source)

    def _may_leave_something(self, source: str) -> bool:
        """Return whether a program may change what another in the same process answers.

        Between two inputs a script gets the usual limit on recursion back; a function does not.
        """
        changes_process = self.call_based and ("setrecursionlimit" in source or not is_stateless(source))
        return changes_process or self.may_keep_state(source)

    def _without_state(self, source: str, inputs: Sequence[Any], judge: Judge, limits: Limits) -> list[Execution]:
        """Run a voter on inputs; each alone if an earlier one changed its answer to the first that it fails."""
        executions = self.run(source, inputs, "voters", limits)
        if not self.may_keep_state(source):
            return executions
        verdicts = judge(executions)
        suspect = next(
            (
                i
                for i, (execution, verdict) in enumerate(zip(executions, verdicts, strict=True))
                if verdict is not Verdict.PASSED and not execution.alone and not _is_too_slow(execution)
            ),
            None,
        )
        if suspect is None:
            return executions
        [again] = self.run(source, [inputs[suspect]], "voters", limits)
        if (again.ended, again.output, again.result) == _answer_part(executions[suspect]):
            return executions
        return [self.run(source, [given], "voters", limits)[0] for given in inputs]


def _voter_steps(steps: int) -> int:
    """Return the limit on the steps of a voter where the canonical solution keeps so many."""
    return min(SLOWER_VOTER * steps, MOST_VOTER_STEPS)


def _far_limits(steps: int) -> Limits:
    """Return the limits of a program that takes so many steps at most."""
    seconds = min(max(FAR_SECONDS, SECONDS_OF_STEPS * steps), LONGEST_SECONDS)
    return replace(QUICK_LIMITS, cpu_seconds=seconds, program_seconds=None)


def _is_too_slow(execution: Execution) -> bool:
    return execution.ended in TOO_SLOW or execution.exception == TOO_MANY_STEPS


def _answer_part(execution: Execution) -> tuple[Ended, str, str | None]:
    return execution.ended, execution.output, execution.result


def groups_of(answers: dict[int, str | None]) -> dict[int, int]:
    """Number the different answers of voters: 0 is the canonical solution's, ``NO_ANSWER`` means none."""
    numbers: dict[str, int] = {"": 0}
    return {
        voter: NO_ANSWER if answer is None else numbers.setdefault(answer, len(numbers))
        for voter, answer in answers.items()
    }


def _is_finite(value: Any) -> bool:
    """Return whether a value is plain JSON, in which no number is infinite or NaN."""
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True


def is_readable(output: Any) -> bool:
    """Return whether every reader of JSON takes a returned value: Python's refuses integers of over 4,300 digits."""
    return isinstance(output, str) or _HUGE_INTEGER.search(dump_json(output)) is None


def size_of(given: Any, output: Any) -> int:
    """Return the bytes of a test: of its input and its expected output."""
    return sum(
        len((part if isinstance(part, str) else dump_json(part)).encode(errors="replace")) for part in (given, output)
    )
