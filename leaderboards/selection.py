"""Select the records, boards, tiers and k to show. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps_plus.errors import InputError
from harness.scoring.result_record import Record, Status
from leaderboards.assemble_boards import Sheet, boards_of, make_sheet
from leaderboards.board import BoardKey
from leaderboards.scores import ks_of, tiers_of

ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of ``leaderboard show``; None: no filter."""

    dataset: str | None = None
    """Name of a benchmark, or the slug of one board."""
    tier: str | None = None
    """Name of a tier, or ``all``."""
    k: int | None = None
    group: str | None = None
    model: str | None = None
    """Part of a model's name or id, case-insensitive."""
    status: Status | None = None
    unrank_contaminated: bool = False


def select_sheets(
    records: Sequence[Record], selection: Selection, every_k: bool = False
) -> tuple[list[Sheet], list[str]]:
    """Make the selected sheets, and a note for each thing that was left out.

    Args:
        records: All records.
        selection: Filters; records that do not match are left out before the others are ranked.
        every_k: Without ``selection.k``: make a sheet for every k, not for the least one only.

    Raises:
        InputError: Nothing matches; the message says what there is.
    """
    boards = boards_of(_matching(_of_dataset(records, selection.dataset), selection))
    found, notes = [], []
    for key, members in boards.items():
        tiers = _tiers(members, selection.tier)
        ks = [k for k in (ks_of(members, tiers[0]) if tiers else []) if selection.k in (None, k)]
        if not ks:
            notes.append(f"{key.title} has no {_missing(selection, members)}")
        shown = ks if every_k else ks[:1]
        found += [make_sheet(key, members, tiers, k, selection.unrank_contaminated) for k in shown]
        if len(ks) > len(shown):
            notes.append(f"{key.title} also has pass@{_and(ks[1:])}: choose it with --k")
    if not found:
        raise InputError("; ".join(notes))
    return found, notes


def _of_dataset(records: Sequence[Record], name: str | None) -> list[Record]:
    if name is None:
        return list(records)
    found = [record for record in records if name.lower() in (record.dataset.name.lower(), BoardKey.of(record).slug)]
    if not found:
        slugs = ", ".join(dict.fromkeys(key.slug for key in boards_of(records)))
        raise InputError(f"no record is of {name}: choose one of {slugs}")
    return found


def _matching(records: Sequence[Record], selection: Selection) -> list[Record]:
    status, group, model = selection.status, selection.group, selection.model
    filters = (
        ("status", status, lambda record: record.status == status, lambda record: record.status),
        ("group", group, lambda record: record.model.group == group, lambda record: record.model.group),
        ("model", model, lambda record: _is_named(record, model), lambda record: record.model.title),
    )
    kept = list(records)
    for name, value, matches, value_of in filters:
        if value is None:
            continue
        before = kept
        kept = [record for record in before if matches(record)]
        if not kept:
            choices = _some(filter(None, map(value_of, before)))
            raise InputError(f"no record there has {name} {value}: choose from {choices}")
    return kept


def _is_named(record: Record, part: str | None) -> bool:
    return part is None or any(
        part.lower() in name.lower() for name in (record.model.id, record.model.title, record.id)
    )


def _tiers(members: Sequence[Record], selected: str | None) -> list[str]:
    tiers = tiers_of(members)
    return tiers if selected in (None, ALL) else [tier for tier in tiers if tier == selected]


def _missing(selection: Selection, members: Sequence[Record]) -> str:
    tiers = _tiers(members, selection.tier)
    if not tiers:
        return f"tier {selection.tier}: it has {_and(tiers_of(members))}"
    return f"pass@{selection.k}: it has pass@{_and(ks_of(members, tiers[0]))}"


def _and(values: Iterable[object]) -> str:
    texts = [str(value) for value in values]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _some(values: Iterable[object], shown: int = 20) -> str:
    texts = sorted({str(value) for value in values})
    return ", ".join(texts[:shown]) + (f" and {len(texts) - shown:,} more" if len(texts) > shown else "")
