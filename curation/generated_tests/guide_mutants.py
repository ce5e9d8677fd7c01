"""The mutants of a problem's canonical solution: guides that steer the search, and judges that measure its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps_plus.problem import Tests
from curation.generated_tests.problem_runs import ProblemRuns
from curation.generated_tests.strengthened import Kills
from curation.mutation.mutants import make_mutants
from harness.judging.verdict import Verdict
from harness.sandbox.execution import Ended, Limits

MOST_MUTANTS = 96
"""Guides and judges together, spread over operators and lines."""
TIMES_AS_LONG = 3
"""A mutant may take so many times the canonical solution's time for its slowest given test ..."""
LEAST_SECONDS = 0.03
"""... and at least this, as a loop takes its whole time."""
NOT_KILLED = frozenset({Ended.NOT_RUN, Ended.OUT_OF_BUDGET})
FIRST_TESTS = 2
"""Tests that a mutant runs on before the others; most die there."""


@dataclass(slots=True)
class Mutants:
    """The mutants of one problem."""

    runs: ProblemRuns
    limits: Limits
    guides: dict[str, str]
    """Sources by id."""
    judges: dict[str, str]
    _killed_by_given: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def make(cls, runs: ProblemRuns, slowest: float) -> Mutants:
        """Return the mutants of the canonical solution, which takes ``slowest`` seconds for its slowest given test."""
        made = make_mutants(runs.problem.canonical_source, MOST_MUTANTS)
        limits = Limits(
            cpu_seconds=max(LEAST_SECONDS, TIMES_AS_LONG * slowest), memory_bytes=256 << 20, output_bytes=1 << 20
        )
        guides = {mutant.mutant_id: mutant.source for mutant in made if mutant.is_guide}
        return cls(runs, limits, guides, {m.mutant_id: m.source for m in made if not m.is_guide})

    def kill(self, source: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[bool]:
        """Return which inputs kill a mutant. After a timeout the later inputs count as not killing."""
        if not inputs:
            return []
        executions = self.runs.run(source, inputs, self.limits)
        verdicts = self.runs.judge(inputs, outputs)(executions)
        return [
            verdict is not Verdict.PASSED and execution.ended not in NOT_KILLED
            for verdict, execution in zip(verdicts, executions, strict=True)
        ]

    def surviving_guides(self) -> dict[str, str]:
        """Return the guides that the given tests do not kill."""
        return {mutant: source for mutant, source in self.guides.items() if not self._dies_by_given(mutant, source)}

    def measure(self, tests: Tests, *, guides: bool) -> Kills:
        """Count the guides, or the judges, that the given tests kill, and that all tests kill."""
        mutants = self.guides if guides else self.judges
        living = [source for mutant, source in mutants.items() if not self._dies_by_given(mutant, source)]
        before = len(mutants) - len(living)
        return Kills(
            len(mutants), before, before + sum(self._dies(source, tests.inputs, tests.outputs) for source in living)
        )

    def _dies_by_given(self, mutant: str, source: str) -> bool:
        if mutant not in self._killed_by_given:
            inputs, outputs = self.runs.given_inputs, self.runs.given_outputs
            self._killed_by_given[mutant] = self._dies(source, inputs, outputs)
        return self._killed_by_given[mutant]

    def _dies(self, source: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
        parts = slice(FIRST_TESTS), slice(FIRST_TESTS, None)
        return any(any(self.kill(source, inputs[part], outputs[part])) for part in parts)
