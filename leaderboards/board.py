"""What a board holds: the words that ranking, tables, the site and the exports share. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scoring.paired_comparison import ROUNDING
from harness.scoring.result_record import OVERALL, Record


@dataclass(frozen=True, slots=True, order=True)
class BoardKey:
    """What makes scores comparable: the same problems. Records that differ in it never stand on one board."""

    dataset: str
    version: str = ""
    split: str = ""

    @classmethod
    def of(cls, record: Record) -> BoardKey:
        """The board that a record belongs to."""
        facts = record.dataset
        return cls(facts.name, facts.version or "", facts.split or "")

    @property
    def title(self) -> str:
        """For people: ``apps+ (paper, test)``."""
        more = ", ".join(part for part in (self.version, self.split) if part)
        return f"{self.dataset} ({more})" if more else self.dataset

    @property
    def slug(self) -> str:
        """Safe as a file's name: ``apps+-paper-test``."""
        parts = "-".join(part for part in (self.dataset, self.version, self.split) if part)
        return "".join(c if c.isalnum() or c in "+-._" else "-" for c in parts.lower())


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with what is uncertain about it; shares of 1."""

    value: float
    low: float
    high: float
    n_problems: int
    method: str
    """How the interval came about, in words: ``bootstrap over problems``, ``Wilson``, ``from the number alone``."""


@dataclass(frozen=True, slots=True)
class Row:
    """One model on a board."""

    record: Record
    score: Interval
    rank: int | None
    """By the score; equal scores share one. None: not ranked."""
    rank_range: tuple[int, int] | None
    """The ranks that the data allow, with 95% confidence: (best, worst)."""
    tied_with_best: bool
    """Whether its difference to the best ranked row may be noise."""
    warnings: tuple[str, ...] = ()
    """Such as: its training data may hold the problems."""
    unranked: str | None = None
    """Where it has no rank: why, such as ``its training data may hold the problems``."""

    @property
    def contaminated(self) -> bool:
        """Whether its training data may hold the problems."""
        return bool(self.warnings)


@dataclass(frozen=True, slots=True)
class Board:
    """The models on one set of problems, best first."""

    key: BoardKey
    tier: str
    k: int
    rows: tuple[Row, ...]
    """Ranked ones first, by score; then those that are not ranked."""
    n_problems: int
    remarks: tuple[str, ...] = ()
    """What a reader must know, a sentence each: which differences are noise, which records are left out and why."""

    @property
    def title(self) -> str:
        """For people."""
        tier = "" if self.tier == OVERALL else f", {self.tier}"
        return f"{self.key.title}{tier}: pass@{self.k}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two models on the problems that both have outcomes of, or on their numbers alone. B minus A."""

    a: Record
    b: Record
    tier: str
    k: int
    difference: float
    low: float
    high: float
    p_value: float
    paired: bool
    """Whether it is over common problems, one by one; else from the two numbers and how many problems they are over."""
    n_problems: int
    a_only: tuple[str, ...] = ()
    """Paired: problems that A passes more often."""
    b_only: tuple[str, ...] = ()
    on_common: tuple[Interval, Interval] | None = None
    """Paired: the scores of A and of B on these problems; their own scores may be of more."""

    @property
    def is_noise(self) -> bool:
        """Whether the 95% interval of the difference contains 0."""
        return self.low <= ROUNDING and self.high >= -ROUNDING
