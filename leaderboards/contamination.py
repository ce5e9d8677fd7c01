"""Compare a model's training cutoff with a benchmark's release date. Uses what the record says only.

A warning is not a proof: problems that were public before the training cutoff need not be in the training data. And a
record without these facts gives no reliable warning.
"""

from __future__ import annotations

from datetime import date

from harness.scoring.result_record import Record

_HUMANEVAL, _MBPP, _APPS = date(2021, 7, 7), date(2021, 8, 16), date(2021, 5, 20)
RELEASED = {
    "humaneval": _HUMANEVAL,
    "humaneval+": _HUMANEVAL,
    "mbpp": _MBPP,
    "mbpp-sanitized": _MBPP,
    "mbpp+": _MBPP,
    "apps": _APPS,
    "apps+": _APPS,
    "livecodebench": date(2023, 5, 1),
}
"""Date when a benchmark's problems became public: that of its paper on arXiv (2107.03374, 2108.07732, 2105.09938).

HumanEval+, MBPP+ and APPS+ have more or better tests for the problems of HumanEval, MBPP and APPS. LiveCodeBench's
problems (2403.07974) come from contests since May 2023; a record of a time window (``--since``) has later ones."""
_OF_APPS = ("apps", "apps+")


def released_of(record: Record) -> date | None:
    """Return the date when the oldest of a record's problems became public; None if unknown."""
    window = record.dataset.split or ""
    if record.dataset.name == "livecodebench" and ".." in window:
        try:
            return date.fromisoformat(window.partition("..")[0])
        except ValueError:  # the window has no start
            pass
    return RELEASED.get(record.dataset.name)


def warnings(record: Record) -> tuple[str, ...]:
    """Return the contamination warnings of a record, a clause each."""
    return known(record) or possible(record)


def known(record: Record) -> tuple[str, ...]:
    """Return the warnings that follow from the record: trained on APPS, or on data from after the release."""
    model, name = record.model, record.dataset.name
    found = []
    if model.trained_on_apps and name in _OF_APPS:
        found.append("APPS or APPS+ is part of its training data")
    released = released_of(record)
    if released and model.cutoff and model.cutoff >= released:
        found.append(f"its training data goes up to {model.cutoff}; the problems are public since {released}")
    return tuple(found)


def possible(record: Record) -> tuple[str, ...]:
    """Return the warning for a model without a stated training cutoff that was released after the problems."""
    model, released = record.model, released_of(record)
    if released is None or model.cutoff is not None:
        return ()
    if model.released is None:
        return (
            f"its training data may hold the problems, public since {released}: no cut-off or release date is given",
        )
    if model.released < released:
        return ()
    return (
        f"its training data may hold the problems, public since {released}: "
        f"released on {model.released}, and no cut-off is given",
    )
