"""What flows through scoring: a benchmark's problems, a model's samples, one result a sample. Plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, ComparisonRule, DictKeys, Tests, Tolerance
from harness.judging.verdict import CATEGORIES, Verdict
from harness.sandbox.execution import Checks


@dataclass(frozen=True, slots=True)
class PlusTests:
    """EvalPlus's tests (arXiv 2305.01210): inputs, on which the reference solution says what is right."""

    inputs: tuple[Any, ...]
    """Lists of arguments."""
    reference: str
    """A whole program that defines the entry point."""
    atol: float = 0.0
    """Absolute tolerance on floats."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One set of tests. A problem of HumanEval+ has two: ``base``, HumanEval's own, and ``plus``."""

    name: str
    tests: Checks | Tests | PlusTests


@dataclass(frozen=True, slots=True)
class BenchmarkProblem:
    """One problem of a benchmark, whatever the benchmark."""

    task_id: str
    prompt: str
    """HumanEval: the code to complete (signature and docstring). Elsewhere: the task in words."""
    entry_point: str | None
    """The function that the tests call; None: a script that reads standard input."""
    canonical_solution: str
    """A whole program known to be right; empty where the benchmark has none."""
    suites: tuple[Suite, ...]
    """A sample passes where it passes all of them."""
    tier: str = ""
    """``introductory``, ``interview``, ``competition``; LiveCodeBench: ``easy``, ``medium``, ``hard``; empty: none."""
    starter_code: str = ""
    """APPS: code that the solution must start from, where there is any."""
    examples: tuple[str, ...] = ()
    """MBPP: the assertions that the prompt shows."""
    comparison: Comparison = Comparison.EXACT
    tolerance: Tolerance = USUAL_TOLERANCE
    cases: str = ""
    dict_keys: DictKeys = DictKeys.STR
    checker: str = ""
    gives_imports: bool = False
    """Whether a program that lacks an import is given it: the judges of APPS and LiveCodeBench put imports
    before every program."""
    as_apps_judge: bool = False
    """Raw APPS: judged as by APPS's own judge in what ``harness.scoring.benchmarks.apps_judge`` lists."""

    @property
    def rule(self) -> ComparisonRule:
        """How outputs are compared."""
        return ComparisonRule(self.comparison, self.tolerance, self.cases)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The problems that a TASK names."""

    name: str
    """``humaneval``, ``humaneval+``, ``mbpp``, ``mbpp-sanitized``, ``mbpp+``, ``apps``, ``apps+``, ``livecodebench``"""
    source: str
    """Where the problems came from, in words: a package and its version, or a file's name and digest."""
    problems: tuple[BenchmarkProblem, ...]
    completes_code: bool
    """Whether a prompt is code that the model continues (HumanEval), or a task in words."""

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def gives_imports(self) -> bool:
        """Whether programs that lack an import are given it."""
        return any(problem.gives_imports for problem in self.problems)

    def giving_imports(self, given: bool | None) -> Benchmark:
        """The same benchmark that gives imports, or does not; None: as it is."""
        if given is None or given == self.gives_imports:
            return self
        return replace(self, problems=tuple(replace(problem, gives_imports=given) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What became of one sample: one line of ``--out``."""

    task_id: str
    sample: int
    """Its number among the samples of its problem, from 0, in file order."""
    tier: str
    verdict: Verdict
    detail: str = ""
    """For people: the exception and its message, and the line of the program where it was raised."""
    exception: str = ""
    """Name of the exception's type, of the signal for a program that one killed; empty where there was none."""
    tests_passed: int = 0
    """Of the tests that are code, each suite counts as one."""
    tests_total: int = 0
    seconds: float = 0.0
    """Processor time."""
    base: Verdict | None = None
    """The verdict on the ``base`` suite alone, where the benchmark has another one (HumanEval+, MBPP+)."""
    reruns: int = 0
    """How often it was run again alone, because it timed out while the machine was loaded."""
    imports: tuple[str, ...] = ()
    """Names whose import the program lacks: those that it was given (then ``leniences`` has ``given_imports``), else
    those with which it would pass."""
    leniences: tuple[str, ...] = ()
    """What the verdict rests on that a plain run would not let pass; see ``harness.scoring.leniency``."""
    digest: str = ""
    """SHA-256, in hex, of the program and of everything it was judged by: what makes a result usable again."""

    @property
    def category(self) -> str:
        """The paper's category: ``passed``, ``failure``, ``runtime_error``, ``compile_error``; or ``harness_error``."""
        return CATEGORIES[self.verdict]

    def to_row(self) -> dict[str, Any]:
        """The line of ``--out``."""
        row = asdict(self)
        return {
            "task_id": row.pop("task_id"),
            "sample": row.pop("sample"),
            "tier": row.pop("tier"),
            "verdict": str(row.pop("verdict")),
            "category": self.category,
            **row,
            "base": str(self.base) if self.base else None,
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> SampleResult:
        """Read a line back; keys that are not known are passed over. Raises KeyError, TypeError or ValueError."""
        if not isinstance(row["task_id"], str) or not isinstance(row["sample"], int):
            raise TypeError("task_id is a string, sample a whole number")
        base = row.get("base")
        return cls(
            task_id=row["task_id"],
            sample=row["sample"],
            tier=str(row.get("tier", "")),
            verdict=Verdict(row["verdict"]),
            detail=str(row.get("detail", "")),
            exception=str(row.get("exception", "")),
            tests_passed=int(row.get("tests_passed", 0)),
            tests_total=int(row.get("tests_total", 0)),
            seconds=float(row.get("seconds", 0.0)),
            base=Verdict(base) if base else None,
            reruns=int(row.get("reruns", 0)),
            imports=tuple(map(str, row.get("imports", ()))),
            leniences=tuple(map(str, row.get("leniences", ()))),
            digest=str(row.get("digest", "")),
        )
