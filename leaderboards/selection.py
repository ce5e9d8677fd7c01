"""Which records, boards, tiers and k a person asked for. Pure functions."""

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
class Wanted:
    """What to show; None: all of it."""

    dataset: str | None = None
    """A benchmark's name, or the slug of one board."""
    tier: str | None = None
    k: int | None = None
    group: str | None = None
    model: str | None = None
    """Part of a model's name or id, in any case."""
    status: Status | None = None
    unrank_contaminated: bool = False


def sheets(records: Sequence[Record], wanted: Wanted, every_k: bool = False) -> tuple[list[Sheet], list[str]]:
    """What was asked for, and what else to tell: a line for each thing that was left out.

    Args:
        records: All there are.
        wanted: Rows that are not wanted are left out before the others are ranked.
        every_k: Where no k was asked for, one sheet for each; else only for the least.

    Raises:
        InputError: Nothing is like that; the message says what there is.
    """
    boards = boards_of(_rows(_of_dataset(records, wanted.dataset), wanted))
    found, passed_over = [], []
    for key, members in boards.items():
        tiers = _tiers(members, wanted.tier)
        ks = ks_of(members, tiers[0]) if tiers else []
        there = [k for k in ks if wanted.k in (None, k)]
        if not there:
            passed_over.append(f"{key.title} has no {_lacking(wanted, members)}")
        shown = there if every_k else there[:1]
        found += [make_sheet(key, members, tiers, k, wanted.unrank_contaminated) for k in shown]
        if len(there) > len(shown):
            passed_over.append(f"{key.title} also has pass@{_and(there[1:])}: choose it with --k")
    if not found:
        raise InputError("; ".join(passed_over))
    return found, passed_over


def _of_dataset(records: Sequence[Record], name: str | None) -> list[Record]:
    if name is None:
        return list(records)
    found = [record for record in records if name.lower() in (record.dataset.name.lower(), BoardKey.of(record).slug)]
    if not found:
        slugs = ", ".join(dict.fromkeys(key.slug for key in boards_of(records)))
        raise InputError(f"no record is of {name}: choose one of {slugs}")
    return found


def _rows(records: Sequence[Record], wanted: Wanted) -> list[Record]:
    filters = (
        ("status", wanted.status, lambda record: record.status == wanted.status, lambda record: record.status),
        ("group", wanted.group, lambda record: record.model.group == wanted.group, lambda record: record.model.group),
        ("model", wanted.model, lambda record: _is_named(record, wanted.model), lambda record: record.model.title),
    )
    left = list(records)
    for name, value, fits, of in filters:
        if value is None:
            continue
        there = left
        left = [record for record in there if fits(record)]
        if not left:
            raise InputError(f"no record there has {name} {value}: choose from {_some(filter(None, map(of, there)))}")
    return left


def _is_named(record: Record, part: str | None) -> bool:
    return part is None or any(
        part.lower() in name.lower() for name in (record.model.id, record.model.title, record.id)
    )


def _tiers(members: Sequence[Record], wanted: str | None) -> list[str]:
    tiers = tiers_of(members)
    return tiers if wanted in (None, ALL) else [tier for tier in tiers if tier == wanted]


def _lacking(wanted: Wanted, members: Sequence[Record]) -> str:
    tiers = _tiers(members, wanted.tier)
    if not tiers:
        return f"tier {wanted.tier}: it has {_and(tiers_of(members))}"
    return f"pass@{wanted.k}: it has pass@{_and(ks_of(members, tiers[0]))}"


def _and(values: Iterable[object]) -> str:
    texts = [str(value) for value in values]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _some(values: Iterable[object], shown: int = 20) -> str:
    texts = sorted({str(value) for value in values})
    return ", ".join(texts[:shown]) + (f" and {len(texts) - shown:,} more" if len(texts) > shown else "")
