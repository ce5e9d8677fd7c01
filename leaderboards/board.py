"""The plain records of a board that ranking, tables, the site and the exports share."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scoring.paired_comparison import ROUNDING
from harness.scoring.result_record import OVERALL, Record


@dataclass(frozen=True, slots=True, order=True)
class BoardKey:
    """The set of problems that records are scored on. Records with different keys are never on one board."""

    dataset: str
    version: str = ""
    split: str = ""

    @classmethod
    def of(cls, record: Record) -> BoardKey:
        """Return the key of a record's board."""
        facts = record.dataset
        return cls(facts.name, facts.version or "", facts.split or "")

    @property
    def title(self) -> str:
        """Name the board for people: ``apps+ (paper, test)``."""
        more = ", ".join(part for part in (self.version, self.split) if part)
        return f"{self.dataset} ({more})" if more else self.dataset

    @property
    def slug(self) -> str:
        """Return a name that is safe in a file name: ``apps+-paper-test``."""
        parts = "-".join(part for part in (self.dataset, self.version, self.split) if part)
        return "".join(c if c.isalnum() or c in "+-._" else "-" for c in parts.lower())


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with its 95% confidence interval, as shares of 1."""

    value: float
    low: float
    high: float
    n_problems: int
    method: str
    """Method of the interval, in words: ``bootstrap over problems``, ``Wilson``, ``Wilson, from the number alone``."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record on a board."""

    record: Record
    score: Interval
    rank: int | None
    """Rank by score; equal scores share a rank. None: not ranked."""
    rank_range: tuple[int, int] | None
    """(Best, worst) rank that the data allow, with 95% confidence."""
    tied_with_best: bool
    """True if the difference to the best ranked row may be noise."""
    warnings: tuple[str, ...] = ()
    """Contamination warnings: ``its training data may hold the problems``."""
    unranked: str | None = None
    """Reason why the row has no rank; None: it has one."""

    @property
    def contaminated(self) -> bool:
        """True if the training data may hold the problems."""
        return bool(self.warnings)


@dataclass(frozen=True, slots=True)
class Board:
    """The ranked records on one set of problems, for one tier and one k."""

    key: BoardKey
    tier: str
    k: int
    rows: tuple[Row, ...]
    """Ranked rows first, by score; then the rows without a rank."""
    n_problems: int
    notes: tuple[str, ...] = ()
    """Sentences for the reader: which differences may be noise, which records are left out, and why."""

    @property
    def title(self) -> str:
        """Name the board with its tier and k: ``apps+ (paper, test), interview: pass@1``."""
        tier = "" if self.tier == OVERALL else f", {self.tier}"
        return f"{self.key.title}{tier}: pass@{self.k}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two records' scores, B minus A: on their common problems, or from the two scores alone."""

    a: Record
    b: Record
    tier: str
    k: int
    difference: float
    low: float
    high: float
    p_value: float
    paired: bool
    """True if compared problem by problem; False if computed from the two scores and their numbers of problems."""
    n_problems: int
    a_only: tuple[str, ...] = ()
    """Ids of the problems that A passes more often (paired only)."""
    b_only: tuple[str, ...] = ()
    """Ids of the problems that B passes more often (paired only)."""
    on_common: tuple[Interval, Interval] | None = None
    """Scores of A and B on the common problems (paired only); their own scores may cover more problems."""
    single: bool = False
    """True if both have one sample of each common problem: a problem is solved, or it is not."""

    @property
    def is_noise(self) -> bool:
        """True if the 95% interval of the difference contains 0."""
        return self.low <= ROUNDING and self.high >= -ROUNDING
