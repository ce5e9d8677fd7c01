"""Compute learning curves from the logs of runs: group the runs, and average each group.

Runs whose settings differ only in the seed are one group. Its curve is the mean over its runs at every x that all of
them have measured, with Student's 95% interval of that mean.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from apps_plus.errors import InputError
from stepcoder.config import TrainConfig, flatten
from stepcoder.config_changes import changed_keys
from stepcoder.config_files import load_config
from stepcoder.run_log import read_log

CONFIDENCE = 0.95

Points = Sequence[tuple[float, float]]
"""(x, value), sorted by x."""


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """A run, read from its folder."""

    folder: Path
    config: TrainConfig
    rows: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot. All lists have the same length."""

    label: str
    method: str
    runs: int
    """Number of runs in the mean."""
    x: list[float]
    mean: list[float]
    low: list[float]
    """Lower end of the interval; the mean itself for one run."""
    high: list[float]


def read_run(folder: Path) -> LoggedRun:
    """Read a run from its folder.

    Raises:
        InputError: It is not a run, or its log is empty.
    """
    [run], _ = read_runs([folder])
    return run


def read_runs(folders: Sequence[Path]) -> tuple[list[LoggedRun], list[Path]]:
    """Read runs; return them, and the folders of those of which no step has ended.

    Raises:
        InputError: A folder is not a run, or no run has a step.
    """
    for folder in folders:
        if not (folder / "config.toml").is_file():
            raise InputError(f"{folder} is not a run: no config.toml; give the --out of apps-plus train")
    logs = {folder: read_log(folder) for folder in folders}
    empty = [folder for folder, rows in logs.items() if not rows]
    if len(empty) == len(logs):
        raise InputError(f"{', '.join(map(str, empty))}: no step has ended yet: wait for the first")
    runs = [LoggedRun(folder, load_config(str(folder / "config.toml")), rows) for folder, rows in logs.items() if rows]
    return runs, empty


def metrics_of(runs: Sequence[LoggedRun]) -> list[str]:
    """Return every metric in the logs, in the order of first appearance."""
    names = {name: None for run in runs for row in run.rows for name, value in row.items() if _is_number(value)}
    return [name for name in names if name not in ("step", "rollouts")]


def by_rollouts(runs: Sequence[LoggedRun]) -> bool:
    """Return whether x is the number of roll-outs: if all runs count them (supervised fine-tuning counts steps)."""
    return all(any("rollouts" in row for row in run.rows) for run in runs)


def curves(runs: Sequence[LoggedRun], metric: str, smooth: int = 1) -> list[Curve]:
    """Compute the curves of a metric, one for each group of runs that has measured it.

    Args:
        runs: From ``read_run``.
        metric: A key of the log.
        smooth: Window of the running mean, in values; evaluations, which are few, are not smoothed.
    """
    over_rollouts, window = by_rollouts(runs), 1 if metric.startswith("eval/") else smooth
    drawn = []
    for label, group in groups(runs).items():
        series = [running_mean(points(run.rows, metric, over_rollouts), window) for run in group]
        if any(series):
            drawn.append(_curve(label, group[0].config.method, [one for one in series if one]))
    return drawn


def groups(runs: Sequence[LoggedRun]) -> dict[str, list[LoggedRun]]:
    """Group the runs that differ only in the seed; label each by its method and, if ambiguous, what differs."""
    found: list[list[LoggedRun]] = []
    for run in runs:
        same = [group for group in found if _same_but_for_seed(group, run)]
        same[0].append(run) if same else found.append([run])
    return {_label(group[0], found): group for group in found}


def _same_but_for_seed(group: Sequence[LoggedRun], run: LoggedRun) -> bool:
    """Return whether a run belongs to a group: same settings, and a seed that the group does not have."""
    alike = not changed_keys(replace(group[0].config, seed=run.config.seed), run.config)
    return alike and all(other.config.seed != run.config.seed for other in group)


def _label(run: LoggedRun, found: Sequence[Sequence[LoggedRun]]) -> str:
    settings = flatten(run.config)
    rivals = [group[0] for group in found if group[0].config.method == run.config.method and group[0] is not run]
    if not rivals:
        return run.config.method
    differ = {key: None for rival in rivals for key in changed_keys(rival.config, run.config)}
    differ |= {key: None for rival in rivals for key in changed_keys(run.config, rival.config)}
    different = [f"{key}={settings[key]}" for key in settings if key in differ and key != "seed"]
    twin = any({key for key in differ if flatten(rival.config)[key] != settings[key]} <= {"seed"} for rival in rivals)
    return ", ".join([run.config.method, *different, *([str(run.folder)] if twin else [])])


def points(rows: Sequence[Mapping[str, Any]], metric: str, over_rollouts: bool) -> list[tuple[float, float]]:
    """Return the values of a metric; the last value of a step counts, and values that are not numbers are dropped.

    With ``over_rollouts``, x is the number of roll-outs up to and including the step.
    """
    found = {row["step"]: float(row[metric]) for row in rows if _is_number(row.get(metric))}
    if not over_rollouts:
        return [(float(step), found[step]) for step in sorted(found)]
    counts = {row["step"]: row["rollouts"] for row in rows if "rollouts" in row}
    steps = sorted(counts)
    totals = [0, *accumulate(counts[step] for step in steps)]
    return [(float(totals[bisect_right(steps, step)]), found[step]) for step in sorted(found)]


def running_mean(series: Points, window: int) -> list[tuple[float, float]]:
    """Replace each value by the mean of the last ``window`` values (fewer at the beginning)."""
    values = [value for _, value in series]
    return [(x, fmean(values[max(0, i + 1 - window) : i + 1])) for i, (x, _) in enumerate(series)]


def _curve(label: str, method: str, series: Sequence[Points]) -> Curve:
    tables = [dict(one) for one in series]
    shared = sorted(set.intersection(*(set(table) for table in tables)))
    estimates = [mean_and_interval([table[x] for table in tables]) for x in shared]
    mean, low, high = ([estimate[part] for estimate in estimates] for part in range(3))
    return Curve(label, method, len(tables), shared, mean, low, high)


def mean_and_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean and Student's 95% interval, mean -+ t(n - 1) * s / sqrt(n); of one value, the value thrice."""
    mean = fmean(values)
    if len(values) < 2:
        return mean, mean, mean
    half = _quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return mean, mean - half, mean + half


@cache
def _quantile(degrees_of_freedom: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, degrees_of_freedom))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
