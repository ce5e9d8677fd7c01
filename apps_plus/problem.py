"""What a problem is: raw, as APPS has it, and released, as APPS+ has it.

Records are frozen dataclasses of plain values. Test data is kept as JSON *text*: Arrow cannot mix types in a
column, and APPS holds integers of up to 9,131 digits.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

DIFFICULTIES = ("introductory", "interview", "competition")
"""The three tiers of APPS, easiest first."""


class Comparison(StrEnum):
    """How an output is compared with the expected one; recorded with each problem."""

    EXACT = "exact"
    """Equal after newline and trailing-space normalisation; for values, JSON equality."""
    TOKENS = "tokens"
    """Equal as whitespace-separated tokens."""
    CASE = "case"
    """As tokens, with letters in any case; for values, texts with letters in any case."""
    FLOAT = "float"
    """As tokens; a number is equal within the problem's tolerance. An expected integer must be that integer, except
    where the statement's own tolerance covers it (``harness.judging.numbers``)."""
    UNORDERED = "unordered"
    """Equal as a multiset of lines (of tokens where there is one line; of elements for a list), case by case."""
    CHECKER = "checker"
    """A program decides: ``check(input, expected, actual) -> bool``."""


DEFAULT_TOLERANCE = 1e-6
"""Of ``float`` where a statement names none."""


class ToleranceKind(StrEnum):
    """What a tolerance bounds: the error, or the error as a share of the expected number."""

    DEFAULT = ""
    """The statement allows no error: ``DEFAULT_TOLERANCE``, absolute or relative, and integers are exact."""
    EITHER = "either"
    """The statement allows an absolute or relative error."""
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off under ``Comparison.FLOAT``."""

    value: float = DEFAULT_TOLERANCE
    kind: ToleranceKind = ToleranceKind.DEFAULT

    @property
    def is_stated(self) -> bool:
        """Whether the statement allows it."""
        return self.kind is not ToleranceKind.DEFAULT

    def __str__(self) -> str:
        return f"{self.value:g}, {'absolute or relative' if self.absolute and self.relative else self.kind}"

    @property
    def absolute(self) -> float:
        """The absolute error that is allowed."""
        return 0.0 if self.kind is ToleranceKind.RELATIVE else self.value

    @property
    def relative(self) -> float:
        """The relative error that is allowed."""
        return 0.0 if self.kind is ToleranceKind.ABSOLUTE else self.value


USUAL_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """How the outputs of a problem are compared: the mode, and what it leaves to the problem."""

    comparison: Comparison = Comparison.EXACT
    tolerance: Tolerance = USUAL_TOLERANCE
    """For ``float``."""
    cases: str = ""
    """For ``unordered``: how the cases of one output are told apart (``harness.judging.cases``)."""

    def __str__(self) -> str:
        if self.comparison is Comparison.FLOAT and self.tolerance.is_stated:
            return f"{self.comparison} ({self.tolerance})"
        return str(self.comparison)


class DictKeys(StrEnum):
    """JSON can only write string keys; this says what the keys of dict *arguments* were."""

    STR = "str"
    INT = "int"


@dataclass(frozen=True, slots=True)
class RawProblem:
    """One problem of raw APPS, byte for byte; nothing is parsed yet."""

    problem_id: str
    """``<split>/<NNNN>``: APPS numbers its two splits both from 0000."""
    split: str
    """The split of *raw* APPS: ``train`` or ``test``."""
    question: str
    solutions: str | None
    """JSON text of a list of programs; None where the file is missing."""
    input_output: str | None
    """JSON text of ``{"inputs", "outputs"[, "fn_name"]}``; None where the file is missing."""
    difficulty: str = ""
    url: str = ""
    starter_code: str = ""
    defects: tuple[str, ...] = ()
    """What was wrong while reading it (invalid UTF-8, metadata that is not JSON, ...)."""

    def digest(self) -> str:
        """SHA-256 of the whole record: the same problem has the same digest in every layout."""
        return sha256_of(asdict(self))


@dataclass(frozen=True, slots=True)
class Tests:
    """A problem's unit tests, in order; ``inputs[i]`` belongs to ``outputs[i]``.

    Standard input: both are texts. Call-based: an input is the list of arguments, an output the value.
    """

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, slots=True, order=True)
class Conditional:
    """One conditional statement of the canonical solution (StepCoder, section 3.1: where curricula start).

    Lines count from 1, columns from 0 and in UTF-8 bytes, as in Python's ``ast``; the end is exclusive.
    """

    start_line: int
    start_col: int
    end_line: int
    end_col: int
    kind: str
    """``if``, ``elif``, ``for``, ``while``, ``try``, ``except`` or ``match``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One released problem of APPS+."""

    problem_id: str
    question: str
    canonical_solution: str
    """The first solution, in the order of raw APPS, that passes every test; as written before repaired."""
    entry_point: str | None
    """The function (or the method of ``class Solution``) that the tests call; None: standard input."""
    tests: Tests
    starter_code: str
    conditionals: tuple[Conditional, ...]
    comparison: Comparison
    difficulty: str
    url: str
    dict_keys: DictKeys = DictKeys.STR
    checker: str = ""
    """Source of the checker where ``comparison`` is ``checker``."""
    repairs: tuple[str, ...] = ()
    """What was added to the canonical solution to make it run; empty: it stands as its author wrote it."""
    outcome: str = "kept"
    """``kept`` or ``corrected``; the ledger says why."""
    tolerance: float = DEFAULT_TOLERANCE
    """How far a number may be off where ``comparison`` is ``float``."""
    tolerance_kind: ToleranceKind = ToleranceKind.DEFAULT
    """Which error the statement allows; empty where it allows none, and ``tolerance`` is the default."""
    cases: str = ""
    """How the cases of one output are told apart where ``comparison`` is ``unordered`` (``harness.judging.cases``)."""

    @property
    def rule(self) -> ComparisonRule:
        """How outputs are compared."""
        return ComparisonRule(self.comparison, Tolerance(self.tolerance, self.tolerance_kind), self.cases)

    def to_row(self) -> dict[str, Any]:
        """The row of the released files: strings, lists of strings and one number, so every loader takes it."""
        return {
            "problem_id": self.problem_id,
            "question": self.question,
            "canonical_solution": self.canonical_solution,
            "entry_point": self.entry_point or "",
            "tests": dump_json({"inputs": list(self.tests.inputs), "outputs": list(self.tests.outputs)}),
            "starter_code": self.starter_code,
            "conditionals": [asdict(c) for c in self.conditionals],
            "comparison": str(self.comparison),
            "difficulty": self.difficulty,
            "url": self.url,
            "dict_keys": str(self.dict_keys),
            "checker": self.checker,
            "repairs": list(self.repairs),
            "outcome": self.outcome,
            "tolerance": self.tolerance,
            "tolerance_kind": str(self.tolerance_kind),
            "cases": self.cases,
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Problem:
        """Read a released row back, of an earlier build too. Raises KeyError or ValueError where it is none."""
        tests = load_json(row["tests"])
        return cls(
            problem_id=row["problem_id"],
            question=row["question"],
            canonical_solution=row["canonical_solution"],
            entry_point=row["entry_point"] or None,
            tests=Tests(tuple(tests["inputs"]), tuple(tests["outputs"])),
            starter_code=row["starter_code"],
            conditionals=tuple(Conditional(**c) for c in row["conditionals"]),
            comparison=Comparison(row["comparison"]),
            difficulty=row["difficulty"],
            url=row["url"],
            dict_keys=DictKeys(row["dict_keys"]),
            checker=row["checker"],
            repairs=tuple(row["repairs"]),
            outcome=row["outcome"],
            tolerance=_tolerance(row.get("tolerance", DEFAULT_TOLERANCE)),
            tolerance_kind=ToleranceKind(row.get("tolerance_kind", "")),
            cases=str(row.get("cases", "")),
        )


def _tolerance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        raise ValueError(f"the tolerance {value!r} is no number between 0 and 1")
    return float(value)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A loaded build: its released problems by split."""

    train: list[Problem] = field(default_factory=list)
    validation: list[Problem] = field(default_factory=list)
    test: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)

    def __getitem__(self, split: str) -> list[Problem]:
        if split not in ("train", "validation", "test"):
            raise KeyError(split)
        problems: list[Problem] = getattr(self, split)
        return problems


def dump_json(value: Any) -> str:
    """JSON text in this project's one form: compact, insertion order, big integers whole."""
    with unlimited_digits():
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load_json(text: str) -> Any:
    """Parse JSON with integers of any length. Raises ValueError (RecursionError where nested too deep)."""
    with unlimited_digits():
        return json.loads(text)


def sha256_of(value: Any) -> str:
    """SHA-256, in hex, of a value's JSON text with sorted keys."""
    with unlimited_digits():
        text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def unlimited_digits() -> Iterator[None]:
    """Lift Python's 4,300-digit limit on int <-> str while test data is read or written."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)
