"""The mutants of a problem's canonical solution: guides that steer the search, and judges that measure its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.problem import Tests
from curation.generated_tests.problem_runs import ProblemRuns
from curation.generated_tests.strengthened import Kills
from curation.mutation.measure_strength import USUAL_SETTINGS
from curation.mutation.mutants import make_mutants
from curation.mutation.run_mutants import MutantRunner, mutant_limits
from harness.judging.verdict import Verdict, expect
from harness.sandbox.execution import Ended, Execution, Limits

LEAST_SECONDS = 0.03
"""Processor time that a guide gets at least for an input, a third of a judge's: where it is killed by mistake, since
the machine was slow, only the search is misled."""
NOT_KILLED = frozenset({Ended.NOT_RUN, Ended.OUT_OF_BUDGET})
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
    guides: dict[str, str]
    """Sources by id."""
    judges: dict[str, str]
    _killed_by_given: dict[str, bool] = field(default_factory=dict)

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
        guides = {mutant.mutant_id: mutant.source for mutant in made if mutant.is_guide}
        return cls(runs, quick, judge, guides, {m.mutant_id: m.source for m in made if not m.is_guide})

    def kill(self, source: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[bool]:
        """Return which inputs kill a mutant. After a timeout the later inputs count as not killing."""
        if not inputs:
            return []
        executions = self.runs.run(source, inputs, "guides", self.limits)
        verdicts = self.runs.judge(inputs, outputs)(executions)
        return [
            verdict is not Verdict.PASSED and execution.ended not in NOT_KILLED
            for verdict, execution in zip(verdicts, executions, strict=True)
        ]

    def surviving_guides(self) -> dict[str, str]:
        """Return the guides that the given tests do not kill."""
        return {mutant: source for mutant, source in self.guides.items() if not self._dies_by_given(mutant, source)}

    def count_guides(self, tests: Tests) -> Kills:
        """Count the guides that the given tests kill, and that all tests kill."""
        living = self.surviving_guides().values()
        before = len(self.guides) - len(living)
        further = sum(self._dies(source, tests.inputs, tests.outputs) for source in living)
        return Kills(len(self.guides), before, before + further)

    def count_judges(self, tests: Tests) -> Kills:
        """Count the judges that the given tests kill, and that all tests kill, as ``measure_strength`` does.

        Those that the given tests kill need not run again, unless more outputs change how the given ones are compared.
        """
        judges, given = list(self.judges.values()), (self.runs.given_inputs, self.runs.given_outputs)
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
        return [source for source in judges if not judge.kills(source, inputs, outputs)]

    def _dies_by_given(self, mutant: str, source: str) -> bool:
        if mutant not in self._killed_by_given:
            inputs, outputs = self.runs.given_inputs, self.runs.given_outputs
            self._killed_by_given[mutant] = self._dies(source, inputs, outputs)
        return self._killed_by_given[mutant]

    def _dies(self, source: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
        parts = slice(FIRST_TESTS), slice(FIRST_TESTS, None)
        return any(any(self.kill(source, inputs[part], outputs[part])) for part in parts)
