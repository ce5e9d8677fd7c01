"""Format numbers and terms for people. Pure functions, used as filters in the templates."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scoring.result_record import Status
from leaderboards.board_notes import percent
from leaderboards.table_formats import GROUPS

NONE = "–"
"""Text for an unknown value."""

BYTE_UNITS = ((3, "GiB"), (2, "MiB"), (1, "KiB"), (0, "bytes"))

PARAMETER_UNITS = (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3))


@dataclass(frozen=True, slots=True)
class StatusWords:
    """A status in words, and as a sign that needs no colour."""

    name: str
    sign: str
    meaning: str


STATUSES = {
    Status.REPRODUCED: StatusWords(
        "reproduced", "●", "Somebody else ran samples again; the record says how many, and how many agreed."
    ),
    Status.SELF_REPORTED: StatusWords("self-reported", "◐", "Measured by the submitter; not run again."),
    Status.REPORTED: StatusWords("reported", "○", "A figure from a publication; its samples are not available."),
}
"""Statuses, the most trusted first."""

CATEGORIES = {
    "passed": "passed",
    "failure": "failure",
    "runtime_error": "runtime error",
    "compile_error": "compile error",
    "harness_error": "not judged",
}
"""Error categories in the order of the paper's figure 4, best first; they add up to all samples."""

WITHIN_RUNTIME_ERROR = "timeout"
"""Category that is also counted among the runtime errors."""


def interval(low: float, high: float) -> str:
    """Format an interval in percent: ``33.9–38.4``."""
    return f"{percent(low)}–{percent(high)}"


def rank_range(ranks: tuple[int, int] | None) -> str:
    """Format a range of ranks: ``1–3``, or ``2`` if there is only one."""
    if ranks is None:
        return NONE
    best, worst = ranks
    return f"{best}" if best == worst else f"{best}–{worst}"


def size(parameters: float | None) -> str:
    """Format a number of parameters: ``6.7B`` for 6.7e9."""
    if parameters is None:
        return NONE
    for unit, worth in PARAMETER_UNITS:
        if parameters >= 0.9995 * worth:
            return f"{parameters / worth:.3g}{unit}"
    return f"{parameters:g}"


def limit(name: str, value: float) -> str:
    """Format a limit: ``memory 1 GiB`` for ``memory_bytes``, ``cpu 4 s`` for ``cpu_seconds``, ``threads 128``."""
    what, _, unit = name.rpartition("_")
    if unit == "seconds" and what:
        return f"{what.replace('_', ' ')} {value:g} s"
    if unit == "bytes" and what:
        power = next((p for p, _ in BYTE_UNITS if value >= 1024**p), 0)
        return f"{what.replace('_', ' ')} {value / 1024**power:.4g} {dict(BYTE_UNITS)[power]}"
    return f"{name.replace('_', ' ')} {value:,.12g}"


def count(number: float) -> str:
    """Format a number with separators: ``1,840``."""
    return f"{number:,}"


def tier_title(tier: str) -> str:
    """Capitalise a tier's name: ``Overall``, ``Introductory``; ``(no tier)`` if it has none."""
    return tier[:1].upper() + tier[1:] if tier else "(no tier)"


def category_title(category: str) -> str:
    """Return a category's title: ``runtime error`` for ``runtime_error``; an unknown one unchanged."""
    return CATEGORIES.get(category, category)


def group_title(group: str | None) -> str | None:
    """Return a group's title, as in the terminal: ``Base models`` for ``base``; an unknown one unchanged."""
    return GROUPS.get(group, group) if group else None


def group_place(title: str) -> tuple[int, str]:
    """Return the sort key of a group's title: known groups first, then by title."""
    known = list(GROUPS.values())
    return known.index(title) if title in known else len(known), title
