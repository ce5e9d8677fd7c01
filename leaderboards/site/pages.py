"""What each page shows, as plain values for the templates. Pure functions from records and boards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from harness.scoring.record import OVERALL, ModelFacts, Record
from leaderboards.boards import Interval, Row
from leaderboards.site.charts import axis_top
from leaderboards.site.naming import slugs
from leaderboards.site.scatter import Point, scatter
from leaderboards.site.scoring import Scores
from leaderboards.site.wording import plural, short_title, tier_title

ROWS_A_PAGE = 500
"""Of a board; further models follow on pages of their own, so that none grows beyond 2 MB."""
STACKS = 60
"""Models whose error categories a board's page shows."""
BEST = 5
"""Models of a board that the front page shows."""

SIZES = (
    (0.0, 3e9, "under 3B"),
    (3e9, 10e9, "3B to 10B"),
    (10e9, 40e9, "10B to 40B"),
    (40e9, float("inf"), "40B and more"),
)
"""What the filter by size offers: from, below, in words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on a board."""

    index: int
    """On its page, from 0."""
    record: Record
    title: str
    page: str
    """The model's page, from the site's root."""
    row: Row | None
    """On the main board; None where it has no such score."""
    warnings: tuple[int, ...]
    """Numbers of the page's contamination warnings."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of a board: all of it, or up to ``ROWS_A_PAGE`` models."""

    scores: Scores
    file: str
    files: tuple[str, ...]
    """Of all the board's pages."""
    number: int
    """From 1."""
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...]
    """Each distinct one once, in the order of the rows."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of the models on this page, each once."""
        return tuple(dict.fromkeys(entry.record.model.group for entry in self.entries if entry.record.model.group))

    @property
    def top(self) -> float:
        """Where the axis of the bars ends."""
        return self.axis(*self.scores.main)

    def axis(self, tier: str, k: int) -> float:
        """Where the axis of the bars ends for a tier and k."""
        found = (self.scores.interval(entry.record, tier, k) for entry in self.entries)
        return axis_top(max((interval.high for interval in found if interval), default=1.0))

    def interval(self, entry: Entry, tier: str, k: int) -> Interval | None:
        """A score, or None."""
        return self.scores.interval(entry.record, tier, k)

    def has(self, entry: Entry, k: int) -> bool:
        """Whether the model has any score at k."""
        return bool(self.scores.tiers_with(entry.record, k))

    def with_categories(self) -> list[Entry]:
        """Models that say what became of their samples: the best ``STACKS`` of them."""
        return list(islice((entry for entry in self.entries if entry.record.categories), STACKS))

    def category_tiers(self) -> list[str]:
        """Tiers that some model on this page has categories of, ``overall`` first."""
        return [t for t in self.scores.tiers if any(t in categories_of(e.record) for e in self.with_categories())]

    def without_size(self) -> int:
        """Models that the scatter plot leaves out."""
        return sum(entry.row is not None and entry.record.model.parameters is None for entry in self.entries)

    def scatter(self) -> Markup:
        """Size against the main score."""
        groups = self.groups
        points = [
            Point(
                entry.index,
                entry.title,
                entry.record.model.parameters,
                entry.row.score.value,
                entry.row.score.low,
                entry.row.score.high,
                groups.index(entry.record.model.group) if entry.record.model.group else len(groups),
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
    """As its latest record has it."""
    file: str
    records: tuple[tuple[Record, Scores, str], ...]
    """Each with its board, and the board's page that lists it."""


@dataclass(frozen=True, slots=True)
class Site:
    """All pages."""

    title: str
    boards: tuple[tuple[BoardPage, ...], ...]
    """The pages of each board."""
    models: tuple[ModelPage, ...]


def make_site(title: str, boards: Sequence[Scores]) -> Site:
    """All pages of the boards."""
    ids = list(dict.fromkeys(record.model.id for scores in boards for record in scores.records))
    model_files = {model_id: f"models/{name}.html" for model_id, name in slugs(ids).items()}
    names = board_files(boards)
    paged = tuple(tuple(board_pages(scores, names[index], model_files)) for index, scores in enumerate(boards))
    return Site(title, paged, tuple(_model_pages(paged, model_files)))


def board_files(boards: Sequence[Scores]) -> list[str]:
    """The name of each board's first page, without its suffix."""
    plain = [scores.key.slug for scores in boards]
    uses = Counter(plain)
    # Two boards may have one slug ("a-b" and "a", version "b"): their titles differ, and the hash of those.
    texts = [name if uses[name] == 1 else f"{name} {scores.key!r}" for name, scores in zip(plain, boards, strict=True)]
    names = slugs(texts, taken=("index",))
    return [names[text] for text in texts]


def board_pages(scores: Scores, name: str, model_files: Mapping[str, str]) -> Iterator[BoardPage]:
    """The pages of one board."""
    titles = Counter(record.model.title for record in scores.records)
    chunks = [scores.records[i : i + ROWS_A_PAGE] for i in range(0, len(scores.records), ROWS_A_PAGE)]
    # "~" is in no slug: the second page of one board is no other board's first.
    files = tuple(f"{name}.html" if number == 1 else f"{name}~{number}.html" for number in range(1, len(chunks) + 1))
    for number, (chunk, file) in enumerate(zip(chunks, files, strict=True), 1):
        rows = [scores.row(record) for record in chunk]
        warnings = tuple(dict.fromkeys(text for row in rows if row for text in row.warnings))
        numbers = {text: i for i, text in enumerate(warnings, 1)}
        entries = tuple(
            Entry(
                index,
                record,
                short_title(record, titles),
                model_files[record.model.id],
                row,
                tuple(numbers[text] for text in row.warnings) if row else (),
            )
            for index, (record, row) in enumerate(zip(chunk, rows, strict=True))
        )
        yield BoardPage(scores, file, files, number, entries, warnings)


def group_summaries(page: BoardPage) -> list[GroupSummary]:
    """Each group of the page with its best model; none where there are not two groups."""
    by_group: dict[str, list[Entry]] = {}
    for entry in page.entries:
        if entry.record.model.group and entry.row:
            by_group.setdefault(entry.record.model.group, []).append(entry)
    return [GroupSummary(name, len(its), its[0]) for name, its in by_group.items()] if len(by_group) > 1 else []


def _model_pages(paged: Iterable[Iterable[BoardPage]], files: Mapping[str, str]) -> Iterator[ModelPage]:
    found: dict[str, list[tuple[Record, Scores, str]]] = {}
    for pages in paged:
        for page in pages:
            for entry in page.entries:
                found.setdefault(entry.record.model.id, []).append((entry.record, page.scores, page.file))
    for model_id, records in found.items():
        facts = [record.model for record, _, _ in sorted(records, key=lambda one: (str(one[0].date or ""), one[0].id))]
        yield ModelPage(_merged(facts), files[model_id], tuple(records))


def _merged(facts: Sequence[ModelFacts]) -> ModelFacts:
    """What the records say about their model, the latest first; what that does not say, an earlier one may."""
    said: dict[str, object] = {}
    for one in facts:
        said |= one.model_dump(exclude_none=True)
    return ModelFacts.model_validate(said)


def categories_of(record: Record) -> dict[str, dict[str, int]]:
    """Error categories by tier, with ``overall`` as the sum of the tiers where the record does not say it."""
    by_tier = record.categories
    if not by_tier or OVERALL in by_tier:
        return by_tier
    total: Counter[str] = Counter()
    for counts in by_tier.values():
        total.update(counts)
    return {OVERALL: dict(total), **by_tier}


def settings(record: Record) -> list[tuple[str, str]]:
    """How the samples were made and judged, as far as it is said: names and values."""
    made, harness = record.generation, record.harness
    pairs: list[tuple[str, object]] = [
        ("Prompt", made.prompt),
        ("Temperature", made.temperature),
        ("Top-p", made.top_p),
        ("Tokens at most", made.max_tokens and f"{made.max_tokens:,}"),
        ("Samples a problem", made.samples and f"{made.samples:,}"),
        ("Seed", made.seed),
        ("Engine", made.engine),
        ("Number format", made.dtype),
    ]
    if harness:
        limits = ", ".join(f"{name} {value:g}" for name, value in sorted(harness.limits.items()))
        pairs += [
            ("Harness", " ".join(filter(None, (harness.name, harness.version)))),
            ("Commit", harness.commit),
            ("Python", harness.python),
            ("Sample to program", harness.rule),
            ("Limits", limits),
            ("Sandbox", ", ".join(harness.isolation)),
        ]
    return [(name, str(value)) for name, value in pairs if value not in (None, "")]


def size_band(parameters: float | None) -> int:
    """The number of the band of ``SIZES`` that a model is in; -1 where its size is not known."""
    if parameters is None:
        return -1
    return next(i for i, (least, below, _) in enumerate(SIZES) if least <= parameters < below)


def tier_sizes(scores: Scores) -> str:
    """``1,840 problems: 700 introductory, 1,000 interview, 140 competition``."""
    tiers = scores.records[0].dataset.tiers
    parts = ", ".join(f"{n:,} {tier}" for tier, n in tiers.items() if tier)
    return plural(scores.n_problems(OVERALL), "problem") + (f": {parts}" if parts and len(tiers) > 1 else "")


def cut_title(tier: str, k: int) -> str:
    """``Overall, pass@1``."""
    return f"{tier_title(tier)}, pass@{k}"
