"""The result of strengthening one problem: its entry in the journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from apps_plus.problem import Tests
from curation.records import Option

STRENGTHEN_VERSION = 25
"""Part of every journal key: raise it with each change that may change a result."""


class LeftAlone(StrEnum):
    """The reason for which a problem gets no generated tests."""

    FEW_VOTERS = "few_voters"
    NO_MODEL = "no_model"
    SEVERAL_ANSWERS = "several_answers"
    PARTED = "parted"
    NONE_ELECTED = "none_elected"
    TOO_SLOW = "too_slow"
    ENOUGH_TESTS = "enough_tests"


LEFT_ALONE = {
    LeftAlone.FEW_VOTERS: "too few independent accepted solutions to vote",
    LeftAlone.NO_MODEL: "no grammar explains the given inputs",
    LeftAlone.SEVERAL_ANSWERS: "the statement allows several answers, and no checker judges them",
    LeftAlone.PARTED: "accepted solutions part ways on inputs like the given ones",
    LeftAlone.NONE_ELECTED: "the solutions agree on no candidate",
    LeftAlone.TOO_SLOW: "its solutions are too slow for many runs",
    LeftAlone.ENOUGH_TESTS: "it has as many tests as asked for",
}
"""The meaning of each reason, for the dataset card."""


@dataclass(frozen=True, slots=True)
class PartedInput:
    """An input on which accepted solutions part ways."""

    input: str
    """The text, or the arguments as JSON text."""
    expected: str
    """The canonical solution's answer, in the form of ``Option.output``."""
    for_expected: int
    options: tuple[Option, ...]
    voters: int
    generator: str
    risk: str
    seed: int


@dataclass(frozen=True, slots=True)
class HeldOutFailure:
    """A held-out solution that fails a generated test."""

    solution: int
    test: int
    """Number of the test, given tests counted."""
    actual: str
    """Its output in place of the expected one, or its ending; shortened."""


@dataclass(frozen=True, slots=True)
class Kills:
    """The count of some mutants that the tests kill."""

    mutants: int = 0
    before: int = 0
    """Killed by the given tests alone."""
    after: int = 0
    """Killed by all tests."""

    @classmethod
    def from_json(cls, row: dict[str, int]) -> Kills:
        """Read counts from the journal. Raises TypeError or ValueError if they are none."""
        kills = cls(**row)
        if not 0 <= kills.before <= kills.after <= kills.mutants:
            raise ValueError(f"{row} are no counts of killed mutants")
        return kills


@dataclass(frozen=True, slots=True)
class Effort:
    """The runs and the time that strengthening a problem took.

    Of these only ``candidates`` goes into a dataset: how many programs run again may depend on the load of the machine.
    """

    candidates: int = 0
    runs: dict[str, int] = field(default_factory=dict)
    """Processes in which a program ran, by part: ``canonical``, ``guides``, ``voters``, ``held_out``."""
    inputs: dict[str, int] = field(default_factory=dict)
    """Inputs that programs ran on, by part."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Processor time of the programs, by part."""

    def plus(self, other: Effort) -> Effort:
        """Return the sum of two efforts."""
        runs, inputs = Counter(self.runs), Counter(self.inputs)
        runs.update(other.runs)
        inputs.update(other.inputs)
        seconds = {
            part: round(self.seconds.get(part, 0.0) + other.seconds.get(part, 0.0), 3)
            for part in {**self.seconds, **other.seconds}
        }
        return Effort(self.candidates + other.candidates, dict(runs), dict(inputs), seconds)


@dataclass(frozen=True, slots=True)
class StrengthenedProblem:
    """The generated tests of one problem, and how they were found."""

    problem_id: str
    left_alone: str = ""
    """A ``LeftAlone`` if there are no generated tests."""
    detail: str = ""
    """More about ``left_alone``, in a few words."""
    tests: Tests = field(default_factory=lambda: Tests((), ()))
    """The generated tests alone, the strongest first."""
    voters: tuple[int, ...] = ()
    held_out: tuple[int, ...] = ()
    outliers: tuple[int, ...] = ()
    """Voters that alone gave other answers, several times: probably wrong solutions."""
    distrusted: tuple[str, ...] = ()
    """Families of inputs (``generator/risk``) that voters did not agree on."""
    canonical: int | None = None
    """The solution that takes the place of the canonical one, which the voters outvoted; None: it remains."""
    failures: tuple[HeldOutFailure, ...] = ()
    parted: tuple[PartedInput, ...] = ()
    guides: Kills = Kills()
    judges: Kills = Kills()
    effort: Effort = field(default_factory=Effort)

    def leave_alone(self, why: LeftAlone, detail: str = "") -> StrengthenedProblem:
        """Return the problem without generated tests, for a reason."""
        return replace(self, left_alone=str(why), detail=detail, tests=Tests((), ()), failures=())

    @property
    def strength(self) -> float | None:
        """The share of judge mutants that all tests kill; None without mutants."""
        return round(self.judges.after / self.judges.mutants, 4) if self.judges.mutants else None

    def to_json(self) -> dict[str, Any]:
        """Return the value in the journal."""
        return {**asdict(self), "tests": self.tests.to_json()}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> StrengthenedProblem:
        """Read a value from the journal. Raises KeyError, TypeError or ValueError if it is invalid."""
        tests = Tests.from_json(row["tests"])
        if not len(tests.inputs) == len(tests.outputs) == len(tests.generated):
            raise ValueError("a generated test lacks its input, its output or its origin")
        first = tests.generated[0].test if tests.generated else 0
        if [test.test for test in tests.generated] != list(range(first, first + len(tests))):
            raise ValueError("the numbers of the generated tests do not follow one another")
        return cls(
            **{
                **row,
                "tests": tests,
                "voters": tuple(row["voters"]),
                "held_out": tuple(row["held_out"]),
                "outliers": tuple(row["outliers"]),
                "distrusted": tuple(row["distrusted"]),
                "failures": tuple(HeldOutFailure(**failure) for failure in row["failures"]),
                "parted": tuple(
                    PartedInput(
                        **{**p, "options": tuple(Option(o["output"], tuple(o["solutions"])) for o in p["options"])}
                    )
                    for p in row["parted"]
                ),
                "guides": Kills.from_json(row["guides"]),
                "judges": Kills.from_json(row["judges"]),
                "effort": Effort(**row["effort"]),
            }
        )
