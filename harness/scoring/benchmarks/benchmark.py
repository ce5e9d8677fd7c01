"""Records of a benchmark: its problems, and their suites of tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, ComparisonRule, DictKeys, Tests, Tolerance
from harness.sandbox.execution import Checks


@dataclass(frozen=True, slots=True)
class PlusTests:
    """EvalPlus's tests (arXiv 2305.01210): inputs, for which a reference solution computes the expected outputs."""

    inputs: tuple[Any, ...]
    """Lists of arguments."""
    reference: str
    """Source of a program that defines the entry point."""
    atol: float = 0.0
    """Absolute tolerance on floats."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One set of tests. A problem of HumanEval+ has two: ``base``, HumanEval's own, and ``plus``."""

    name: str
    tests: Checks | Tests | PlusTests


@dataclass(frozen=True, slots=True)
class BenchmarkProblem:
    """One problem of any benchmark."""

    task_id: str
    prompt: str
    """HumanEval: the code to complete (signature and docstring). Other benchmarks: the task in words."""
    entry_point: str | None
    """The function that the tests call; None: a script that reads standard input."""
    canonical_solution: str
    """Source of a correct program; empty where the benchmark has none."""
    suites: tuple[Suite, ...]
    """A sample must pass all of them."""
    tier: str = ""
    """``introductory``, ``interview``, ``competition``; LiveCodeBench: ``easy``, ``medium``, ``hard``; empty: none."""
    starter_code: str = ""
    """APPS: code that the solution must start from; may be empty."""
    examples: tuple[str, ...] = ()
    """MBPP: the assertions that the prompt shows."""
    comparison: Comparison = Comparison.EXACT
    tolerance: Tolerance = USUAL_TOLERANCE
    cases: str = ""
    dict_keys: DictKeys = DictKeys.STR
    checker: str = ""
    gives_imports: bool = False
    """True if a program that lacks an import is given it: the judges of APPS and LiveCodeBench put imports
    before every program."""
    as_apps_judge: bool = False
    """Raw APPS: judged like APPS's own judge, in the points that ``harness.scoring.benchmarks.apps_judge`` lists."""

    day: datetime.date | None = None
    """The day of its contest; None: unknown."""

    @property
    def rule(self) -> ComparisonRule:
        """The rule by which outputs are compared."""
        return ComparisonRule(self.comparison, self.tolerance, self.cases)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The problems of one TASK."""

    name: str
    """``humaneval``, ``humaneval+``, ``mbpp``, ``mbpp-sanitized``, ``mbpp+``, ``apps``, ``apps+``, ``livecodebench``"""
    source: str
    """Origin of the problems, in words: a package and its version, or a file's name and digest."""
    problems: tuple[BenchmarkProblem, ...]
    completes_code: bool
    """True if a prompt is code that the model continues (HumanEval), false if it is a task in words."""
    python: str = ""
    """The version of Python under which the problems were verified; empty: not known."""
    test_strength: float | None = None
    """Mean share of wrong programs that the tests of a problem reject; None: not measured."""

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def gives_imports(self) -> bool:
        """True if programs that lack an import are given it."""
        return any(problem.gives_imports for problem in self.problems)

    def giving_imports(self, given: bool | None) -> Benchmark:
        """Return the benchmark with ``gives_imports`` set for every problem; None: unchanged."""
        if given is None or given == self.gives_imports:
            return self
        return replace(self, problems=tuple(replace(problem, gives_imports=given) for problem in self.problems))
