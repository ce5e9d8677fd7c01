"""Numbers and terms as a person reads them. Pure functions; the templates know them as filters."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scoring.result_record import Status
from leaderboards.board_notes import percent
from leaderboards.table_formats import GROUPS

NONE = "–"
"""What stands where nothing is known."""

BYTE_UNITS = ((3, "GiB"), (2, "MiB"), (1, "KiB"), (0, "bytes"))

PARAMETER_UNITS = (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3))


@dataclass(frozen=True, slots=True)
class StatusWords:
    """How far a figure can be trusted, in words and as a sign that needs no colour."""

    name: str
    sign: str
    meaning: str


STATUSES = {
    Status.REPRODUCED: StatusWords(
        "reproduced", "●", "Samples were run again by somebody else; the record says how many, and how many agreed."
    ),
    Status.SELF_REPORTED: StatusWords("self-reported", "◐", "Measured by whoever handed it in; not run again."),
    Status.REPORTED: StatusWords("reported", "○", "A figure from a publication; its samples are not at hand."),
}
"""The most trusted first."""

CATEGORIES = {
    "passed": "passed",
    "failure": "failure",
    "runtime_error": "runtime error",
    "compile_error": "compile error",
    "harness_error": "not judged",
}
"""Error categories in the order of the paper's figure 4, best first; they add up to all samples."""

WITHIN_RUNTIME_ERROR = "timeout"
"""Counted apart, and among the runtime errors too."""


def interval(low: float, high: float) -> str:
    """``33.9–38.4``, in percent."""
    return f"{percent(low)}–{percent(high)}"


def rank_range(ranks: tuple[int, int] | None) -> str:
    """``1–3``, or ``2`` where the data allow one rank only."""
    if ranks is None:
        return NONE
    best, worst = ranks
    return f"{best}" if best == worst else f"{best}–{worst}"


def size(parameters: float | None) -> str:
    """``6.7B`` for 6.7e9 parameters."""
    if parameters is None:
        return NONE
    for unit, worth in PARAMETER_UNITS:
        if parameters >= 0.9995 * worth:
            return f"{parameters / worth:.3g}{unit}"
    return f"{parameters:g}"


def limit(name: str, value: float) -> str:
    """``memory 1 GiB`` for ``memory_bytes``, ``cpu 4 s`` for ``cpu_seconds``, ``threads 128``."""
    what, _, unit = name.rpartition("_")
    if unit == "seconds" and what:
        return f"{what.replace('_', ' ')} {value:g} s"
    if unit == "bytes" and what:
        power = next((p for p, _ in BYTE_UNITS if value >= 1024**p), 0)
        return f"{what.replace('_', ' ')} {value / 1024**power:.4g} {dict(BYTE_UNITS)[power]}"
    return f"{name.replace('_', ' ')} {value:,.12g}"


def count(number: float) -> str:
    """``1,840``."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """``1 model``, ``14 models``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def tier_title(tier: str) -> str:
    """``Overall``, ``Introductory``; problems may be in no tier."""
    return tier[:1].upper() + tier[1:] if tier else "(no tier)"


def category_title(category: str) -> str:
    """``runtime error`` for ``runtime_error``; a category that is not known stays as it is."""
    return CATEGORIES.get(category, category)


def group_title(group: str | None) -> str | None:
    """``RL-based models`` for ``rl``, as the tables in the terminal have it; a group that is not known as it is."""
    return GROUPS.get(group, group) if group else None


def group_place(title: str) -> tuple[int, str]:
    """Where a group's title stands among others: those that are known first."""
    known = list(GROUPS.values())
    return known.index(title) if title in known else len(known), title
