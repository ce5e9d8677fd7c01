"""Compute the contents of each page, as plain values for the templates. Pure functions from records and boards."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from harness.scoring.result_record import ModelFacts, Record
from leaderboards.board import Interval, Row
from leaderboards.board_notes import names_of
from leaderboards.contamination import known
from leaderboards.cost import tokens_of
from leaderboards.site.board_scores import BoardScores
from leaderboards.site.charts import axis_top
from leaderboards.site.descriptions import categories_of
from leaderboards.site.naming import slugs
from leaderboards.site.scatter import Point, scatter
from leaderboards.site.wording import group_place, group_title
from leaderboards.win_rates import WinTable, make_win_table

ROWS_A_PAGE = 500
"""Models on a page of a board at most; more models get further pages, so that no page exceeds 2 MB."""
PAGE_BYTES, ROW_BYTES, CUT_BYTES = 1_700_000, 1_700, 230
"""Measured sizes: of all rows of a page at most, of a row, and of a row's values for each tier and k."""
WIN_RATES = 12
"""Models whose win rates a board's page shows at most: the best that have outcomes."""
STACKS = 60
"""Models whose error categories a board's page shows at most."""
BEST = 5
"""Models of a board on the front page at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on the page of a board."""

    index: int
    """Position on the page, from 0."""
    record: Record
    title: str
    page: str
    """Path of the model's page, relative to the site's root."""
    row: Row | None
    """Row on the main board; None if the record lacks that score."""
    warnings: tuple[int, ...]
    """Numbers of its contamination warnings on the page, from 1."""

    @property
    def group(self) -> str | None:
        """Return the title of the model's group."""
        return group_title(self.record.model.group)

    @property
    def contaminated(self) -> bool:
        """True if contamination follows from the record; False if it is only possible."""
        return bool(known(self.record))


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of a board, with ``ROWS_A_PAGE`` models at most."""

    scores: BoardScores
    file: str
    files: tuple[str, ...]
    """Files of all pages of the board."""
    number: int
    """Number of the page, from 1."""
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...]
    """Distinct contamination warnings, in the order of the rows."""

    @property
    def before(self) -> int:
        """Count the models on earlier pages."""
        return rows_a_page(self.scores) * (self.number - 1)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the distinct titles of the groups on this page, in the order of the tables in the terminal."""
        return tuple(sorted({entry.group for entry in self.entries if entry.group}, key=group_place))

    @property
    def top(self) -> float:
        """Return the upper end of the axis of the bars, for the main tier and k."""
        return self.axis(*self.scores.main)

    def axis(self, tier: str, k: int) -> float:
        """Return the upper end of the axis of the bars, for a tier and k."""
        found = (self.scores.interval(entry.record, tier, k) for entry in self.entries)
        return axis_top(max((interval.high for interval in found if interval), default=1.0))

    def interval(self, entry: Entry, tier: str, k: int) -> Interval | None:
        """Return a score with its interval, or None."""
        return self.scores.interval(entry.record, tier, k)

    def has(self, entry: Entry, k: int) -> bool:
        """Return whether the record has a score at k in some tier."""
        return bool(self.scores.tiers_with(entry.record, k))

    def with_categories(self) -> list[Entry]:
        """Return the best ``STACKS`` entries whose records have error categories."""
        return list(islice((entry for entry in self.entries if entry.record.categories), STACKS))

    def category_tiers(self) -> list[str]:
        """Return the tiers for which some record on this page has categories, ``overall`` first."""
        return [t for t in self.scores.tiers if any(t in categories_of(e.record) for e in self.with_categories())]

    def without_size(self) -> int:
        """Count the models that the scatter plot leaves out, as their sizes are unknown."""
        return sum(entry.row is not None and entry.record.model.parameters is None for entry in self.entries)

    @property
    def days(self) -> tuple[datetime.date, datetime.date] | None:
        """Return the first and last day of the problems with outcomes on this page; None if no day is known."""
        known_days = [days_of_outcomes(entry.record) for entry in self.entries]
        found = {day for days in known_days for day in days.values()}
        return (min(found), max(found)) if found else None

    @property
    def has_cost(self) -> bool:
        """Return whether the tokens of some sample on this page are known."""
        return any(tokens_of(entry.record) is not None for entry in self.entries)

    @property
    def has_group(self) -> bool:
        """Return whether some model on this page has a group."""
        return any(entry.group for entry in self.entries)

    @property
    def has_size(self) -> bool:
        """Return whether the size of some model on this page is known."""
        return any(entry.record.model.parameters for entry in self.entries)

    @property
    def has_released(self) -> bool:
        """Return whether the day of release of some model on this page is known."""
        return any(entry.record.model.released for entry in self.entries)

    def win_table(self) -> WinTable | None:
        """Return the win rates of the best models, on the first page; None if there are no two to compare."""
        if self.number > 1:
            return None
        table = make_win_table(self.scores.board, WIN_RATES)
        return table if table.rates else None

    def scatter(self) -> Markup:
        """Draw model size against the main score."""
        groups = self.groups
        points = [
            Point(
                entry.index,
                entry.title,
                entry.record.model.parameters,
                entry.row.score.value,
                entry.row.score.low,
                entry.row.score.high,
                groups.index(entry.group) if entry.group else len(groups),
                entry.record.status.replace("_", "-"),
            )
            for entry in self.entries
            if entry.row is not None and entry.record.model.parameters is not None
        ]
        return scatter(points, f"Size against score: {self.scores.board.title}", groups)


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The models of one group on a board."""

    name: str
    count: int
    best: Entry


@dataclass(frozen=True, slots=True)
class ModelPage:
    """All records of one model."""

    model: ModelFacts
    """Facts of its latest record, completed from earlier ones."""
    file: str
    records: tuple[tuple[Record, BoardScores, str], ...]
    """Each record with its board, and the file of the board's page that lists it."""


@dataclass(frozen=True, slots=True)
class Site:
    """All pages of the site."""

    title: str
    boards: tuple[tuple[BoardPage, ...], ...]
    """Pages of each board."""
    models: tuple[ModelPage, ...]


def days_of_outcomes(record: Record) -> dict[str, datetime.date]:
    """Return the day of each problem that the record has the outcome and the day of."""
    days = record.dataset.days
    return {task_id: days[task_id] for its in record.problems.values() for task_id in its if task_id in days}


def make_site(title: str, boards: Sequence[BoardScores]) -> Site:
    """Make the pages of all boards and models."""
    ids = list(dict.fromkeys(record.model.id for scores in boards for record in scores.records))
    model_files = {model_id: f"models/{name}.html" for model_id, name in slugs(ids).items()}
    names = board_files(boards)
    paged = tuple(tuple(board_pages(scores, names[index], model_files)) for index, scores in enumerate(boards))
    return Site(title, paged, tuple(_model_pages(paged, model_files)))


def board_files(boards: Sequence[BoardScores]) -> list[str]:
    """Return the file name of each board's first page, without its suffix."""
    plain = [scores.key.slug for scores in boards]
    uses = Counter(plain)
    # Two boards may have equal slugs ("a-b" and "a", version "b"): the hash of their keys makes them distinct.
    texts = [name if uses[name] == 1 else f"{name} {scores.key!r}" for name, scores in zip(plain, boards, strict=True)]
    names = slugs(texts, taken=("index",))
    return [names[text] for text in texts]


def rows_a_page(scores: BoardScores) -> int:
    """Return the number of models on a page of the board: fewer if each has many scores."""
    return min(ROWS_A_PAGE, PAGE_BYTES // (ROW_BYTES + CUT_BYTES * len(scores.boards)))


def board_pages(scores: BoardScores, name: str, model_files: Mapping[str, str]) -> Iterator[BoardPage]:
    """Yield the pages of one board."""
    names = names_of(scores.records)
    rows = rows_a_page(scores)
    chunks = [scores.records[i : i + rows] for i in range(0, len(scores.records), rows)]
    # "~" is in no slug: the name of a second page is never that of another board.
    files = tuple(f"{name}.html" if number == 1 else f"{name}~{number}.html" for number in range(1, len(chunks) + 1))
    for number, (chunk, file) in enumerate(zip(chunks, files, strict=True), 1):
        rows_of = [scores.row(record) for record in chunk]
        warnings = tuple(dict.fromkeys(text for row in rows_of if row for text in row.warnings))
        numbers = {text: i for i, text in enumerate(warnings, 1)}
        entries = tuple(
            Entry(
                index,
                record,
                names[record.id],
                model_files[record.model.id],
                row,
                tuple(numbers[text] for text in row.warnings) if row else (),
            )
            for index, (record, row) in enumerate(zip(chunk, rows_of, strict=True))
        )
        yield BoardPage(scores, file, files, number, entries, warnings)


def group_summaries(page: BoardPage) -> list[GroupSummary]:
    """Return each group of the page with its best model; empty if there are fewer than two groups."""
    by_group: dict[str, list[Entry]] = {}
    for entry in page.entries:
        if entry.group and entry.row:
            by_group.setdefault(entry.group, []).append(entry)
    names = sorted(by_group, key=group_place) if len(by_group) > 1 else []
    return [GroupSummary(name, len(by_group[name]), by_group[name][0]) for name in names]


def _model_pages(paged: Iterable[Iterable[BoardPage]], files: Mapping[str, str]) -> Iterator[ModelPage]:
    found: dict[str, list[tuple[Record, BoardScores, str]]] = {}
    for pages in paged:
        for page in pages:
            for entry in page.entries:
                found.setdefault(entry.record.model.id, []).append((entry.record, page.scores, page.file))
    for model_id, records in found.items():
        facts = [record.model for record, _, _ in sorted(records, key=lambda one: (str(one[0].date or ""), one[0].id))]
        yield ModelPage(_merged(facts), files[model_id], tuple(records))


def _merged(facts: Sequence[ModelFacts]) -> ModelFacts:
    """Merge the facts about a model, sorted by date: later values replace earlier ones."""
    merged: dict[str, object] = {}
    for one in facts:
        merged |= one.model_dump(exclude_none=True)
    return ModelFacts.model_validate(merged)
