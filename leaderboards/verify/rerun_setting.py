"""How a record's samples are to run again: by its rule and its limits, as far as a stranger's word is taken for them.

Pure functions. A record may come from anybody: limits far above the usual ones would keep whoever verifies it busy for
days, so they are cut, and that is said before anything runs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from harness.sandbox.execution import Limits
from harness.scoring.make_result_record import TAIL_KEPT
from harness.scoring.options import limits_of
from harness.scoring.result_record import HarnessFacts
from harness.scoring.samples.sample_programs import Rule

MOST_TIMES = 10
"""The usual limits: what a record may ask for."""


def rule_of(harness: HarnessFacts | None) -> tuple[Rule | None, bool]:
    """By which rule samples become programs (None: find out), and whether their tails are kept. Raises InputError."""
    if harness is None or harness.rule is None:
        return None, False
    name = harness.rule.removesuffix(TAIL_KEPT)
    if name not in list(Rule):
        raise InputError(f"harness.rule: there is no rule {name}: one of {', '.join(Rule)}")
    return Rule(name), harness.rule != name


def limits_of_record(harness: HarnessFacts | None, timeout: float | None) -> Limits:
    """What a program may use on each test: by the record, unless a time is given; ``MOST_TIMES`` the usual at most.

    Raises InputError where the record names a limit that there is not, or one that can be none.
    """
    if timeout is not None or harness is None or not harness.limits:
        return limits_of(timeout)
    usual = _usual()
    if strange := harness.limits.keys() - usual.keys():
        raise InputError(f"harness.limits: there is no limit {min(strange)}: one of {', '.join(usual)}")
    given: dict[str, Any] = {name: _cut(value, usual[name]) for name, value in harness.limits.items()}
    try:
        return Limits(**given)
    except ValueError as error:
        raise InputError(f"harness.limits: {error}: say with --timeout what a program may use") from error


def _usual() -> dict[str, float | None]:
    """The limits that are numbers; None: there is none."""
    return {name: value for name, value in asdict(limits_of(None)).items() if not isinstance(value, bool)}


def _cut(value: float, usual: float | None) -> float:
    if usual is None:
        return value
    cut = min(value, MOST_TIMES * usual)
    return int(cut) if isinstance(usual, int) else cut


def remarks_on_limits(harness: HarnessFacts | None, timeout: float | None) -> list[str]:
    """What is to be known of the limits that a verification runs with, before it does. Raises InputError as above."""
    limits, usual, told = asdict(limits_of_record(harness, timeout)), _usual(), harness.limits if harness else {}
    if timeout is not None:
        same = told.get("cpu_seconds", timeout) == timeout
        return [] if same else [f"run with {timeout:g} s a test, the record with {told['cpu_seconds']:g} s"]
    asked = [f"{name} {value:g}" for name, value in told.items() if value == limits[name] != usual[name]]
    cut = [f"{name} {limits[name]:g}, not {value:g}" for name, value in told.items() if value > limits[name]]
    remarks = [f"run with the record's limits, which are not the usual ones: {', '.join(asked)}"] if asked else []
    if cut:
        remarks.append(f"run with {MOST_TIMES} times the usual limits at most: {', '.join(cut)} (or give --timeout)")
    return remarks


def remarks_on_version(harness: HarnessFacts | None) -> list[str]:
    """Whether another version of this toolkit made the record."""
    version = harness.version if harness else None
    if version == apps_plus.__version__:
        return []
    return [f"the record was made by version {version or '(unknown)'}, not {apps_plus.__version__}"]
