"""Compare the settings of two evaluations, from the summaries beside their results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from harness.scoring.output_paths import summary_path


def setting_differences(a: Path, b: Path) -> list[str]:
    """Return a note for each setting, besides the model, in which two files of results differ.

    Without a summary beside each file there are no notes. Raises InputError for results of different benchmarks.
    """
    summaries = [_read_summary(path) for path in (a, b)]
    if not all(summaries):
        return []
    (task, other) = (summary["task"] for summary in summaries)
    if task != other:
        raise InputError(f"{a} is of {task}, {b} of {other}: compare results of one benchmark")
    notes = []
    for name, values in (
        ("problems", [summary["benchmark"] for summary in summaries]),
        ("limits", [summary["limits"] for summary in summaries]),
        ("tests", [summary["setting"]["apps_plus"] for summary in summaries]),
        ("imports", [summary.get("samples", {}).get("given_imports") for summary in summaries]),
    ):
        if None not in values and values[0] != values[1]:
            notes.append(f"the two were judged with different {name}, by the summaries beside them")
    return notes


def _read_summary(results: Path) -> dict[str, Any]:
    try:
        summary = load_json(summary_path(results).read_text())
        return summary if {"task", "benchmark", "limits", "setting"} <= set(summary) else {}
    except (OSError, ValueError, TypeError, RecursionError):
        return {}
