"""The mutants of a problem's canonical solution: guides that steer the search, and judges that measure its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.problem import Tests
from curation.generated_tests.problem_runs import ProblemRuns
from curation.generated_tests.strengthened import Kills
from curation.mutation.bundle import NOT_RUN, Question
from curation.mutation.equivalence import may_change
from curation.mutation.measure_strength import USUAL_SETTINGS
from curation.mutation.mutants import Mutant, make_mutants
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from harness.judging.verdict import Verdict, expect
from harness.sandbox.execution import Ended, Execution, Limits

LEAST_SECONDS = 0.03
"""Processor time that a guide gets at least for an input, a third of a judge's: where it is killed by mistake, since
the machine was slow, only the search is misled."""
FIRST_TESTS = 2
"""Tests that a mutant runs on before the others; most die there."""


@dataclass(slots=True)
class Mutants:
    """The mutants of one problem."""

    runs: ProblemRuns
    limits: Limits
    """Of a guide."""
    judge: MutantRunner
    """Runs the judges as ``apps-plus strength`` does, within limits that it sets for them."""
    guides: dict[str, Mutant]
    """By id."""
    judges: list[str]
    """Their sources."""
    _surviving: list[str] | None = None

    @classmethod
    def make(cls, runs: ProblemRuns, executions: Sequence[Execution], divisor: int = 1) -> Mutants:
        """Return the mutants of the canonical solution.

        Args:
            runs: Runs them.
            executions: Those of the canonical solution on the given tests, which set the limits of the mutants.
            divisor: So many times fewer than usual are made.
        """
        problem = runs.problem
        is_script = problem.entry_point is None
        made = make_mutants(problem.canonical_source, USUAL_SETTINGS.mutants // divisor, is_script=is_script)
        limits = mutant_limits(Limits(), executions)
        slowest = max((execution.seconds for execution in executions), default=0.0)
        quick = replace(limits, cpu_seconds=max(LEAST_SECONDS, 3 * slowest), memory_bytes=256 << 20)
        judge = MutantRunner(runs.sandbox, problem.entry_point, runs.dict_keys, problem.rule, runs.checker, Limits())
        guides = {mutant.mutant_id: mutant for mutant in made if mutant.is_guide}
        return cls(runs, quick, judge, guides, [mutant.source for mutant in made if not mutant.is_guide])

    def kill(
        self,
        guides: Sequence[str],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        lines: Sequence[frozenset[int]] | None = None,
    ) -> list[frozenset[int]]:
        """Return for each guide, by id, which inputs kill it. After a timeout the later inputs count as not killing.

        Args:
            guides: Their ids.
            inputs: The inputs.
            outputs: The canonical solution's answers.
            lines: Lines of the canonical solution that run on each input. Where those that a guide changes do not, it
                answers alike, and does not run.
        """
        asked = [self._may_kill(self.guides[guide], len(inputs), lines) for guide in guides]
        questions = [
            Question(self.guides[guide].source, [inputs[i] for i in its])
            for guide, its in zip(guides, asked, strict=True)
        ]
        judge = self.runs.judge(inputs, outputs)
        killed = []
        for its, executions in zip(asked, self.runs.run_each(questions, "guides", self.limits), strict=True):
            every = [Execution(Ended.NOT_RUN)] * len(inputs)
            for i, execution in zip(its, executions, strict=True):
                every[i] = execution
            verdicts = judge(every) if its else ()
            killed.append(
                frozenset(i for i in its if verdicts[i] is not Verdict.PASSED and every[i].ended not in NOT_RUN)
            )
        return killed

    @staticmethod
    def _may_kill(guide: Mutant, count: int, lines: Sequence[frozenset[int]] | None) -> list[int]:
        """Return the positions of the inputs that may kill a guide."""
        return [i for i in range(count) if lines is None or may_change(guide, lines[i])]

    def surviving_guides(self) -> list[str]:
        """Return the ids of the guides that the given tests do not kill, in order."""
        if self._surviving is None:
            inputs, outputs = self.runs.given_inputs, self.runs.given_outputs
            alive = sorted(self.guides)
            for part in slice(FIRST_TESTS), slice(FIRST_TESTS, None):
                if inputs[part]:
                    killed = self.kill(alive, inputs[part], outputs[part])
                    alive = [guide for guide, by in zip(alive, killed, strict=True) if not by]
            self._surviving = alive
        return self._surviving

    def count_guides(self, tests: Tests) -> Kills:
        """Count the guides that the given tests kill, and that all tests kill."""
        living = self.surviving_guides()
        before = len(self.guides) - len(living)
        return Kills(len(self.guides), before, before + sum(map(bool, self.kill(living, tests.inputs, tests.outputs))))

    def count_judges(self, tests: Tests) -> Kills:
        """Count the judges that the given tests kill, and that all tests kill, as ``measure_strength`` does.

        Those that the given tests kill need not run again, unless more outputs change how the given ones are compared.
        """
        judges, given = self.judges, (self.runs.given_inputs, self.runs.given_outputs)
        living = self._surviving_judges(judges, *given)
        before = len(judges) - len(living)
        if not tests:
            return Kills(len(judges), before, before)
        inputs, outputs = [*given[0], *tests.inputs], [*given[1], *tests.outputs]
        compared, compared_given = (expect(its, self.runs.call_based, self.judge.rule) for its in (outputs, given[1]))
        alike = compared[: len(compared_given)] == compared_given
        living = self._surviving_judges(living if alike else judges, inputs, outputs)
        return Kills(len(judges), before, len(judges) - len(living))

    def _surviving_judges(self, judges: Sequence[str], inputs: Sequence[Any], outputs: Sequence[Any]) -> list[str]:
        if not judges:
            return []
        executions = self.judge.execute(self.runs.problem.canonical_source, inputs)
        judge = replace(self.judge, limits=mutant_limits(self.judge.limits, executions))
        survive = judge.survive(judges, inputs, outputs)
        return [source for source, lives in zip(judges, survive, strict=True) if lives]
