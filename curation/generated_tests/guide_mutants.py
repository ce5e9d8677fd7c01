"""The mutants of a problem's canonical solution: guides that steer the search, and judges that measure its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.problem import Tests
from curation.generated_tests.problem_runs import ProblemRuns
from curation.generated_tests.strengthened import Kills
from curation.mutation.bounded_program import TOO_MANY_STEPS
from curation.mutation.bundle import NOT_RUN, Question, smallest_first
from curation.mutation.equivalence import may_change
from curation.mutation.measure_strength import USUAL_SETTINGS
from curation.mutation.mutant_programs import MutantProgram, MutantPrograms
from curation.mutation.mutants import Mutant, make_mutants
from curation.mutation.program_steps import GENERATED_STEPS, fewer
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from harness.judging.verdict import Expected, Verdict, expect
from harness.sandbox.execution import Ended, Execution, Limits

GUIDE_BYTES = 256 << 20
"""Memory of a guide that starts no thread: the stack of one that has ended is given back a little later."""
MANY_INPUTS = 16
"""Inputs from which a guide runs on one in ``FIRST_SHARE`` first."""
FIRST_SHARE = 4
ENOUGH_KILLS = 3
"""Number of the first inputs that must kill a guide so that it does not run on the others."""
FIRST_TESTS = 2
"""Tests, the smallest, that a mutant runs on before the others; most die there."""


@dataclass(slots=True)
class _GuideRuns:
    """Limits guides on one kind of tests, and keeps their programs."""

    steps: int | None
    """The limit on the steps of the canonical solution on each test; None: they are not counted."""
    limits: Limits
    programs: dict[str, MutantProgram] = field(default_factory=dict)
    """The programs made so far, by id of the guide."""


@dataclass(slots=True)
class Mutants:
    """The mutants of one problem."""

    runs: ProblemRuns
    given: _GuideRuns
    """The limits and programs of guides on the given tests."""
    generated: _GuideRuns
    """The same on candidates and on generated tests."""
    judge: MutantRunner
    """Runs the judges as ``apps-plus strength`` does, within limits that it sets for them."""
    guides: dict[str, Mutant]
    """By id."""
    judges: list[Mutant]
    programs: MutantPrograms
    _surviving: list[str] | None = None

    @classmethod
    def make(cls, runs: ProblemRuns, executions: Sequence[Execution], steps: int | None) -> Mutants:
        """Return the mutants of the canonical solution: the more steps it takes, the fewer.

        Args:
            runs: Runs them.
            executions: Those of the canonical solution on the given tests, which set the limits of the mutants.
            steps: The steps that it keeps on each given test (``steps_kept``); None: more than are counted.
        """
        problem = runs.problem
        source, is_script = problem.canonical_source, problem.entry_point is None
        most = USUAL_SETTINGS.mutants // fewer(source, problem.entry_point, steps)
        made = make_mutants(source, most, is_script=is_script)
        usual = Limits() if "thread" in source else replace(Limits(), memory_bytes=GUIDE_BYTES)
        more = None if steps is None else max(steps, GENERATED_STEPS)
        return cls(
            runs,
            _GuideRuns(steps, mutant_limits(usual, executions, steps)),
            _GuideRuns(more, mutant_limits(usual, executions, more)),
            MutantRunner(runs.sandbox, problem.entry_point, runs.dict_keys, problem.rule, runs.checker, Limits()),
            {mutant.mutant_id: mutant for mutant in made if mutant.is_guide},
            [mutant for mutant in made if not mutant.is_guide],
            MutantPrograms(source, problem.entry_point),
        )

    def kill(
        self,
        guides: Sequence[str],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        lines: Sequence[frozenset[int]] | None = None,
    ) -> list[frozenset[int]]:
        """Return for each guide, by id, which candidates kill it. After one that takes too long, later ones count as
        not killing.

        Where there are many inputs, a guide runs on some of them first; one that enough of these kill is easily killed,
        and the others count as not killing it.

        Args:
            guides: Their ids.
            inputs: The candidates.
            outputs: The canonical solution's answers.
            lines: Lines of the canonical solution that run on each input. Where those that a guide changes do not, it
                answers alike, and does not run.
        """
        return self._kill(guides, inputs, outputs, lines, self.generated)

    def _kill(
        self,
        guides: Sequence[str],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        lines: Sequence[frozenset[int]] | None,
        on: _GuideRuns,
    ) -> list[frozenset[int]]:
        missing = [guide for guide in guides if guide not in on.programs]
        made = self.programs.of([self.guides[guide] for guide in missing], on.steps)
        on.programs |= dict(zip(missing, made, strict=True))
        asked = {guide: self._may_kill(self.guides[guide], len(inputs), lines) for guide in guides}
        step = FIRST_SHARE if len(inputs) >= MANY_INPUTS else 1
        killed, timed_out = self._kill_some(inputs, outputs, {g: its[::step] for g, its in asked.items()}, on)
        rest = {
            guide: [i for n, i in enumerate(its) if n % step]
            for guide, its in asked.items()
            if len(killed[guide]) < ENOUGH_KILLS and guide not in timed_out
        }
        if any(rest.values()):
            more, _ = self._kill_some(inputs, outputs, rest, on)
            killed |= {guide: killed[guide] | its for guide, its in more.items()}
        return [killed[guide] for guide in guides]

    def _kill_some(
        self, inputs: Sequence[Any], outputs: Sequence[Any], asked: Mapping[str, Sequence[int]], on: _GuideRuns
    ) -> tuple[dict[str, frozenset[int]], set[str]]:
        """Return which of the inputs that each guide is asked kill it, and the guides that took too long for one."""
        questions = [Question(on.programs[guide].running, [inputs[i] for i in its]) for guide, its in asked.items()]
        executed = self.runs.run_each(questions, "guides", on.limits)
        on_all = []
        for its, executions in zip(asked.values(), executed, strict=True):
            every = [Execution(Ended.NOT_RUN)] * len(inputs)
            for i, execution in zip(its, executions, strict=True):
                every[i] = execution
            on_all.append(every)
        judged = self.runs.judge_each(on_all, inputs, outputs)
        killed = {
            guide: frozenset(i for i in its if verdicts[i] is not Verdict.PASSED and every[i].ended not in NOT_RUN)
            for (guide, its), every, verdicts in zip(asked.items(), on_all, judged, strict=True)
        }
        return killed, {guide for guide, own in zip(asked, executed, strict=True) if any(map(_took_too_long, own))}

    @staticmethod
    def _may_kill(guide: Mutant, count: int, lines: Sequence[frozenset[int]] | None) -> list[int]:
        """Return the positions of the inputs that may kill a guide."""
        return [i for i in range(count) if lines is None or may_change(guide, lines[i])]

    def surviving_guides(self) -> list[str]:
        """Return the ids of the guides that the given tests do not kill, in order."""
        if self._surviving is None:
            inputs, outputs = self.runs.given_inputs, self.runs.given_outputs
            by_size = smallest_first(inputs)
            alive = sorted(self.guides)
            for part in by_size[:FIRST_TESTS], by_size[FIRST_TESTS:]:
                if part:
                    some = [inputs[i] for i in part], [outputs[i] for i in part]
                    killed = self._kill(alive, *some, None, self.given)
                    alive = [guide for guide, by in zip(alive, killed, strict=True) if not by]
            self._surviving = alive
        return self._surviving

    def count_guides(self, tests: Tests, killed: frozenset[str]) -> Kills:
        """Count the guides that the given tests kill, and that all tests kill; those known to be killed do not run."""
        surviving = self.surviving_guides()
        before = len(self.guides) - len(surviving)
        living = [guide for guide in surviving if guide not in killed]
        after = len(self.guides) - len(living) + sum(map(bool, self.kill(living, tests.inputs, tests.outputs)))
        return Kills(len(self.guides), before, after)

    def count_judges(self, tests: Tests) -> Kills:
        """Count the judges that the given tests kill, and that all tests kill, as ``measure_strength`` does.

        Only those that the given tests let live run on the others. Given outputs are compared as in the released
        problem: which numbers are real depends on all outputs.
        """
        judges, n_given = self.judges, len(self.runs.given_inputs)
        if not judges:
            return Kills()
        inputs = [*self.runs.given_inputs, *tests.inputs]
        outputs = [*self.runs.given_outputs, *tests.outputs]
        executions = self._canonical_executions(inputs)
        expected = expect(outputs, self.runs.call_based, self.judge.rule)
        given = inputs[:n_given], executions[:n_given], self.given.steps
        living = self._surviving_judges(judges, expected[:n_given], *given)
        before = len(judges) - len(living)
        if tests:
            generated = inputs[n_given:], executions, self.generated.steps
            living = self._surviving_judges(living, expected[n_given:], *generated)
        return Kills(len(judges), before, len(judges) - len(living))

    def _canonical_executions(self, inputs: Sequence[Any]) -> list[Execution]:
        """Return executions of the canonical solution that set the limits of the judges.

        Where it was quick enough for the least limits even when it was traced, it need not run again.
        """
        known = self.runs.traced(inputs)
        if known is not None:
            given = known[: len(self.runs.given_inputs)]
            on_tests = (given, self.given.steps), (known, self.generated.steps)
            if all(self._judge_limits(own, steps) == self._judge_limits((), steps) for own, steps in on_tests):
                return known
        return self.judge.execute(self.runs.problem.canonical_source, inputs)

    def _surviving_judges(
        self,
        judges: Sequence[Mutant],
        expected: Sequence[Expected],
        inputs: Sequence[Any],
        canonical: Sequence[Execution],
        steps: int | None,
    ) -> list[Mutant]:
        """Return the judges that no input kills, within the limits that the canonical solution's executions set."""
        judge = replace(self.judge, limits=self._judge_limits(canonical, steps))
        survive = judge.survive_expected(self.programs.of(judges, steps), inputs, expected)
        return [one for one, lives in zip(judges, survive, strict=True) if lives]

    def _judge_limits(self, canonical: Sequence[Execution], steps: int | None) -> Limits:
        return mutant_limits(self.judge.limits, canonical, steps)


def _took_too_long(execution: Execution) -> bool:
    return execution.ended in (Ended.TIMEOUT, *NOT_RUN) or execution.exception == TOO_MANY_STEPS
