"""A problem: raw, as in APPS, and released, as in APPS+.

Records are frozen dataclasses of plain values. Test data is stored as JSON *text*: Arrow cannot mix types in a column,
and APPS has integers of up to 9,131 digits.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datasets
    import pandas

DIFFICULTIES = ("introductory", "interview", "competition")
"""The difficulties of APPS, easiest first."""


MEASURED_COLUMNS = ("test_strength", "solve_rate", "solve_rate_low", "solve_rate_high", "solve_rates")
"""Columns of the released files that say how a problem fared in a measurement, and change nothing of the problem."""


class Comparison(StrEnum):
    """Mode of comparing an output with the expected one; stored with each problem."""

    EXACT = "exact"
    """Equal after newline and trailing-space normalisation; for values, JSON equality."""
    TOKENS = "tokens"
    """Equal as whitespace-separated tokens."""
    CASE = "case"
    """Equal as tokens, ignoring the case of letters; for values, texts are compared so."""
    FLOAT = "float"
    """Equal as tokens, with numbers equal within the problem's tolerance. An expected integer must be that integer,
    unless the tolerance stated in the problem covers the difference (``harness.judging.numbers``)."""
    UNORDERED = "unordered"
    """Equal as a multiset of lines (of tokens if there is one line; of elements for a list), case by case."""
    CHECKER = "checker"
    """Decided by a program: ``check(input, expected, actual) -> bool``."""


DEFAULT_TOLERANCE = 1e-6
"""Tolerance of ``float`` for problems that state none."""


class ToleranceKind(StrEnum):
    """Kind of error that a tolerance bounds: absolute, or relative to the expected number."""

    DEFAULT = ""
    """The problem states no tolerance: ``DEFAULT_TOLERANCE``, absolute or relative, and integers are exact."""
    EITHER = "either"
    """The problem allows an absolute or a relative error."""
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Allowed error of a number under ``Comparison.FLOAT``."""

    value: float = DEFAULT_TOLERANCE
    kind: ToleranceKind = ToleranceKind.DEFAULT

    @property
    def is_stated(self) -> bool:
        """True if the problem's statement gives the tolerance."""
        return self.kind is not ToleranceKind.DEFAULT

    def __str__(self) -> str:
        return f"{self.value:g}, {'absolute or relative' if self.absolute and self.relative else self.kind}"

    @property
    def absolute(self) -> float:
        """Return the allowed absolute error."""
        return 0.0 if self.kind is ToleranceKind.RELATIVE else self.value

    @property
    def relative(self) -> float:
        """Return the allowed relative error."""
        return 0.0 if self.kind is ToleranceKind.ABSOLUTE else self.value


USUAL_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """The comparison mode of a problem, with its parameters."""

    comparison: Comparison = Comparison.EXACT
    tolerance: Tolerance = USUAL_TOLERANCE
    """Tolerance of ``float``."""
    cases: str = ""
    """Separation of the cases within one output, for ``unordered`` (``harness.judging.cases``)."""

    def __str__(self) -> str:
        if self.comparison is Comparison.FLOAT and self.tolerance.is_stated:
            return f"{self.comparison} ({self.tolerance})"
        return str(self.comparison)


class DictKeys(StrEnum):
    """Type of the keys of dict *arguments*, which JSON can only write as strings."""

    STR = "str"
    INT = "int"


@dataclass(frozen=True, slots=True)
class RawProblem:
    """One problem of raw APPS, byte for byte, not yet parsed."""

    problem_id: str
    """``<split>/<NNNN>``: APPS numbers each of its two splits from 0000."""
    split: str
    """Split of *raw* APPS: ``train`` or ``test``."""
    question: str
    solutions: str | None
    """JSON text of a list of programs; None: missing."""
    input_output: str | None
    """JSON text of ``{"inputs", "outputs"[, "fn_name"]}``; None: missing."""
    difficulty: str = ""
    url: str = ""
    starter_code: str = ""
    defects: tuple[str, ...] = ()
    """Faults found while reading it (invalid UTF-8, metadata that is not JSON, ...)."""

    def digest(self) -> str:
        """Return the SHA-256 of the record, which is the same in every layout of raw APPS."""
        return sha256_of(asdict(self))


@dataclass(frozen=True, slots=True)
class GeneratedTest:
    """The provenance of a test that ``build --strengthen`` added."""

    test: int
    """Its position among the tests of the problem, from 0; the given tests come first."""
    generator: str
    """The generator of its input: ``boundary``, ``random``, ..."""
    risk: str
    """The distance of the input from the given ones: ``seen``, ``stated`` or ``open``."""
    seed: int
    votes: int
    """Solutions, of ``voters``, that give the expected output."""
    voters: int


@dataclass(frozen=True, slots=True)
class Tests:
    """The unit tests of a problem; ``outputs[i]`` is expected for ``inputs[i]``.

    Standard input: both are texts. Call-based: an input is the list of arguments, an output the returned value.
    """

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    generated: tuple[GeneratedTest, ...] = ()
    """Provenance of the tests that raw APPS does not have; they follow the given ones."""

    @classmethod
    def from_json(cls, text: str) -> Tests:
        """Read the column ``tests`` of a released row. Raises KeyError, TypeError or ValueError if it is invalid."""
        tests = load_json(text)
        inputs, outputs = tuple(tests["inputs"]), tuple(tests["outputs"])
        return cls(inputs, outputs, tuple(GeneratedTest(**test) for test in tests.get("generated", ())))

    def to_json(self) -> str:
        """Return the text of the column ``tests``; it names ``generated`` tests only if there are any."""
        tests: dict[str, Any] = {"inputs": list(self.inputs), "outputs": list(self.outputs)}
        return dump_json(tests | ({"generated": [asdict(test) for test in self.generated]} if self.generated else {}))

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
class SolveRate:
    """The count of a model's samples that solve a problem."""

    model: str
    samples: int
    passed: int
    rate: float
    low: float
    """Of the 95% interval (Wilson)."""
    high: float


@dataclass(frozen=True, slots=True)
class Problem:
    """One released problem of APPS+."""

    problem_id: str
    question: str
    canonical_solution: str
    """First solution in the order of raw APPS that passes every test; unchanged solutions before repaired ones."""
    entry_point: str | None
    """Function (or method of ``class Solution``) that the tests call; None: standard input."""
    tests: Tests
    starter_code: str
    conditionals: tuple[Conditional, ...]
    comparison: Comparison
    difficulty: str
    url: str
    dict_keys: DictKeys = DictKeys.STR
    checker: str = ""
    """Source of the checker if ``comparison`` is ``checker``."""
    repairs: tuple[str, ...] = ()
    """Lines added to the canonical solution to make it run; empty: it is unchanged."""
    outcome: str = "kept"
    """``kept`` or ``corrected``; the reasons are in the ledger."""
    tolerance: float = DEFAULT_TOLERANCE
    """Allowed error of a number if ``comparison`` is ``float``."""
    tolerance_kind: ToleranceKind = ToleranceKind.DEFAULT
    """Kind of the tolerance that the problem states; empty: none is stated, and ``tolerance`` is the default."""
    cases: str = ""
    """Separation of the cases within one output if ``comparison`` is ``unordered`` (``harness.judging.cases``)."""
    test_strength: float | None = None
    """Share of the mutants of the canonical solution that the tests reject, 0 to 1; None: not measured
    (``apps-plus strength`` measures it)."""
    solve_rate: float | None = None
    """Share of the samples of all models that pass, 0 to 1; None: it has none (see ``apps-plus difficulty``)."""
    solve_rate_low: float | None = None
    """The low end of its 95% interval (Wilson)."""
    solve_rate_high: float | None = None
    solve_rates: tuple[SolveRate, ...] = ()
    """The rate of each model that has samples."""

    @property
    def rule(self) -> ComparisonRule:
        """Return the comparison mode with its parameters."""
        return ComparisonRule(self.comparison, Tolerance(self.tolerance, self.tolerance_kind), self.cases)

    def to_row(self) -> dict[str, Any]:
        """Return the row of the released files: strings, lists and numbers, which every loader reads."""
        return {
            "problem_id": self.problem_id,
            "question": self.question,
            "canonical_solution": self.canonical_solution,
            "entry_point": self.entry_point or "",
            "tests": self.tests.to_json(),
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
            "test_strength": self.test_strength,
            "solve_rate": self.solve_rate,
            "solve_rate_low": self.solve_rate_low,
            "solve_rate_high": self.solve_rate_high,
            "solve_rates": [asdict(rate) for rate in self.solve_rates],
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Problem:
        """Read a released row, also of an earlier build. Raises KeyError or ValueError where it is invalid."""
        return cls(
            problem_id=row["problem_id"],
            question=row["question"],
            canonical_solution=row["canonical_solution"],
            entry_point=row["entry_point"] or None,
            tests=Tests.from_json(row["tests"]),
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
            test_strength=_share(row.get("test_strength")),
            solve_rate=_share(row.get("solve_rate")),
            solve_rate_low=_share(row.get("solve_rate_low")),
            solve_rate_high=_share(row.get("solve_rate_high")),
            solve_rates=tuple(SolveRate(**rate) for rate in row.get("solve_rates") or ()),
        )


def _tolerance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        raise ValueError(f"the tolerance {value!r} is not a number between 0 and 1")
    return float(value)


def _share(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"the share {value!r} is not a number from 0 to 1")
    return float(value)


@dataclass(frozen=True, slots=True, repr=False)
class Dataset:
    """The released problems of a loaded build, by split."""

    train: list[Problem] = field(default_factory=list)
    validation: list[Problem] = field(default_factory=list)
    test: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)

    def __repr__(self) -> str:
        """Count the problems: written out, those of the sample alone are 70 kB."""
        return f"<Dataset: train {len(self.train):,}, validation {len(self.validation):,}, test {len(self.test):,}>"

    def __getitem__(self, split: str) -> list[Problem]:
        if split not in ("train", "validation", "test"):
            raise KeyError(split)
        problems: list[Problem] = getattr(self, split)
        return problems

    def problem(self, problem_id: str) -> Problem:
        """Return a problem of any split, by its id as people write it: ``train/0042``, ``train/42`` or ``42``.

        The split in an id is that of raw APPS, not of the build. Raises InputError, with the closest ids, if no
        problem or several match.
        """
        from apps_plus.problem_ids import find_problem

        by_id = {problem.problem_id: problem for problem in (*self.train, *self.validation, *self.test)}
        return by_id[find_problem(by_id, problem_id, "; apps-plus explain says why a problem was not released")]

    def to_pandas(self) -> pandas.DataFrame:
        """Return all problems as a data frame: the columns of the released files, after the column ``split``."""
        from apps_plus.tables import to_pandas

        return to_pandas(self)

    def to_datasets(self) -> datasets.DatasetDict:
        """Return the problems as Hugging Face ``datasets`` by split, with the columns of the released files."""
        from apps_plus.tables import to_datasets

        return to_datasets(self)


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: ``json.dumps`` makes an encoder for each call."""
_SORTED = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def dump_json(value: Any) -> str:
    """Write JSON text: compact, keys in insertion order, integers of any length."""
    before = sys.get_int_max_str_digits()  # as ``unlimited_digits``, whose generator takes longer than most values
    sys.set_int_max_str_digits(0)
    try:
        return _COMPACT.encode(value)
    finally:
        sys.set_int_max_str_digits(before)


def load_json(text: str) -> Any:
    """Parse JSON with integers of any length. Raises ValueError (RecursionError where nested too deep)."""
    if len(text) <= sys.int_info.str_digits_check_threshold:  # no limit on digits can be lower
        return json.loads(text)
    with unlimited_digits():
        return json.loads(text)


def sha256_of(value: Any) -> str:
    """Return the SHA-256, in hex, of a value's JSON text with sorted keys."""
    with unlimited_digits():
        text = _SORTED.encode(value)
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
