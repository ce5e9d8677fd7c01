"""The record that flows through the steps of one problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.problem import ComparisonRule, RawProblem, dump_json
from curation.pipeline.judge_runs import Judge
from curation.pipeline.run_solutions import Runner, SolutionRun
from curation.records import Finding, SolutionResult, Suggestion, VerifiedProblem, Vote
from curation.review_decisions import Changes
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits


@dataclass(slots=True)
class ProblemState:
    """One problem on its way through the steps; each step fills in its part."""

    problem: VerifiedProblem
    """The text of the problem; the rest is added by ``to_verified``."""
    runner: Runner
    """Runs a solution on the inputs, once the tests are read."""
    changes: Changes | None = None
    """A reviewer's corrections."""
    findings: list[Finding] = field(default_factory=list)
    blocked_by: str = ""
    """The first reason for which the problem cannot be run."""
    has_tests: bool = False
    outputs: list[Any] = field(default_factory=list)
    """Expected outputs, one for each input of ``runner``."""
    solutions: Sequence[str] = ()
    runs: list[SolutionRun] = field(default_factory=list)
    """One for each solution."""
    rule: ComparisonRule = field(default_factory=ComparisonRule)
    rule_finding: Finding | None = None
    """The evidence for ``rule``; None for an exact comparison, and one that a reviewer chose."""
    judge: Judge = field(init=False)
    """Set by ``judge_solutions``."""
    results: list[SolutionResult] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)
    suggestion: Suggestion | None = None
    canonical: SolutionRun | None = None
    conditionals: tuple[dict[str, Any], ...] = ()

    @classmethod
    def begin(cls, raw: RawProblem, sandbox: Sandbox, limits: Limits, changes: Changes | None) -> ProblemState:
        """Return the state of a raw problem before the first step."""
        problem = VerifiedProblem(
            problem_id=raw.problem_id,
            raw_split=raw.split,
            difficulty=raw.difficulty,
            url=raw.url,
            question=raw.question,
            starter_code=raw.starter_code,
        )
        return cls(problem, Runner(sandbox, None, (), limits), changes)

    @property
    def call_based(self) -> bool:
        """True if the tests call a function; False if they are standard input and output."""
        return self.runner.entry_point is not None

    def block(self, finding: Finding) -> None:
        """Add a reason for which the problem cannot be run."""
        self.findings.append(finding)
        self.blocked_by = self.blocked_by or finding.code

    def to_verified(self) -> VerifiedProblem:
        """Return the problem with everything that the steps found."""
        tests = dump_json({"inputs": self.runner.inputs, "outputs": self.outputs}) if self.has_tests else ""
        return replace(
            self.problem,
            entry_point=self.runner.entry_point,
            tests=tests,
            dict_keys=str(self.runner.dict_keys),
            comparison=str(self.rule.comparison),
            tolerance=self.rule.tolerance.value,
            tolerance_kind=str(self.rule.tolerance.kind),
            cases=self.rule.cases,
            findings=tuple(self.findings),
            solutions=tuple(self.results),
            votes=tuple(self.votes),
            suggestion=self.suggestion,
            canonical=self.canonical.index if self.canonical else None,
            canonical_source=self.canonical.source if self.canonical else "",
            conditionals=self.conditionals,
            sources={str(run.index): run.source for run in self.runs if run.same_as is None},
            blocked_by=self.blocked_by,
        )
