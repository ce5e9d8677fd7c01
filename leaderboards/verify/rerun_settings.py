"""Take the options of a rerun from the record, its limits with an upper bound. Pure functions.

A record is not trusted: limits far above the usual ones would make its verification run for days. They are cut, and a
note says so before anything runs.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from harness.sandbox.execution import Limits, limits_of
from harness.scoring.benchmarks.load import TASKS
from harness.scoring.make_result_record import TAIL_KEPT
from harness.scoring.options import EvaluateOptions
from harness.scoring.result_record import HarnessFacts, Record
from harness.scoring.samples.sample_programs import ProgramRule

MOST_TIMES = 10
"""Limits that a record may set at most, as a multiple of the usual ones."""


def rule_of(harness: HarnessFacts | None) -> tuple[ProgramRule | None, bool]:
    """Return the rule that makes programs from samples (None: detect it), and whether tails are kept.

    Raises InputError where the record names an unknown rule.
    """
    if harness is None or harness.rule is None:
        return None, False
    name = harness.rule.removesuffix(TAIL_KEPT)
    if name not in list(ProgramRule):
        raise InputError(f"harness.rule: there is no rule {name}: one of {', '.join(ProgramRule)}")
    return ProgramRule(name), harness.rule != name


def options_of_record(record: Record, samples: Path, data: Path | None) -> EvaluateOptions:
    """Return the options with which ``evaluate`` makes the record's programs of its samples and gives them imports.

    Args:
        record: The record.
        samples: Its file of samples.
        data: File or folder of the problems; None: those that come with apps-plus.

    Raises:
        InputError: The record is of an unknown benchmark, or names an unknown rule.
    """
    if record.dataset.name not in TASKS:
        raise InputError(f"{record.id} is of {record.dataset.name}, which apps-plus cannot run: {', '.join(TASKS)}")
    harness = record.harness
    rule, kept = rule_of(harness)
    return EvaluateOptions(
        record.dataset.name,
        samples,
        data,
        record.dataset.split,
        rule=rule,
        cut=False if kept else None,
        reasoning_end=harness.reasoning_end if harness else None,
        give_imports=harness.given_imports if harness else None,
        field=harness.field if harness else None,
    )


def limits_of_record(harness: HarnessFacts | None, timeout: float | None) -> Limits:
    """Return the limits of each test: those of the record up to ``MOST_TIMES`` the usual, unless a timeout is given.

    Raises InputError where the record names an unknown limit, or an invalid value.
    """
    if timeout is not None or harness is None or not harness.limits:
        return limits_of(timeout)
    usual = _usual()
    if unknown := harness.limits.keys() - usual.keys():
        raise InputError(f"harness.limits: there is no limit {min(unknown)}: one of {', '.join(usual)}")
    given: dict[str, Any] = {name: _cut(value, usual[name]) for name, value in harness.limits.items()}
    try:
        return Limits(**given)
    except ValueError as error:
        raise InputError(f"harness.limits: {error}: give the time limit with --timeout") from error


def _usual() -> dict[str, float | None]:
    """Return the usual limits that are numbers; None: no limit."""
    return {name: value for name, value in asdict(limits_of(None)).items() if not isinstance(value, bool)}


def _cut(value: float, usual: float | None) -> float:
    if usual is None:
        return value
    cut = min(value, MOST_TIMES * usual)
    return int(cut) if isinstance(usual, int) else cut


def notes_on_limits(harness: HarnessFacts | None, timeout: float | None) -> list[str]:
    """Return notes on limits that are unusual, or differ from the record's. Raises InputError as above."""
    limits, usual, recorded = asdict(limits_of_record(harness, timeout)), _usual(), harness.limits if harness else {}
    if timeout is not None:
        same = recorded.get("cpu_seconds", timeout) == timeout
        return [] if same else [f"run with {timeout:g} s per test, the record with {recorded['cpu_seconds']:g} s"]
    unusual = [f"{name} {value:g}" for name, value in recorded.items() if value == limits[name] != usual[name]]
    cut = [f"{name} {limits[name]:g}, not {value:g}" for name, value in recorded.items() if value > limits[name]]
    notes = [f"run with the record's limits, which are not the usual ones: {', '.join(unusual)}"] if unusual else []
    if cut:
        notes.append(f"run with {MOST_TIMES} times the usual limits at most: {', '.join(cut)} (or give --timeout)")
    return notes


def notes_on_version(harness: HarnessFacts | None) -> list[str]:
    """Return a note if another version of this toolkit made the record."""
    version = harness.version if harness else None
    if version == apps_plus.__version__:
        return []
    return [f"the record was made by version {version or '(unknown)'}, not {apps_plus.__version__}"]
