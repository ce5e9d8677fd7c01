"""Compare the verdicts of runs over the same solutions, and count what changed by its cause. Pure functions.

A verdict is taken down twice: before and after the policy of ``docs/timeouts.md`` (what the machine may have caused
runs again, alone).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.verdict_causes import Cause, Judged, Repeats, cause_of
from harness.judging.verdict import Verdict
from harness.sandbox.execution import Limits
from harness.scoring.pass_at_k import wilson_interval

EXAMPLES = 3
"""Solutions that the table names for each cause."""
PER = 100_000


@dataclass(frozen=True, slots=True)
class Run:
    """The verdicts of one run, by the key of the solution."""

    name: str
    load: str
    before: Mapping[str, Judged]
    """Of the first time that each solution ran."""
    after: Mapping[str, Judged]
    """Of the second time, where the policy had it run again."""
    reruns: int = 0
    unsure: int = 0
    """Timeouts that were left as they were: more than the policy runs again."""
    in_doubt: int = 0
    """Second runs that timed out, and that the machine may have failed, too."""
    seconds: float = 0.0
    """By the clock."""


@dataclass(frozen=True, slots=True)
class Change:
    """A solution whose verdict is not that of the first run."""

    key: str
    first: Judged
    other: Judged


def changes(first: Mapping[str, Judged], other: Mapping[str, Judged]) -> list[Change]:
    """Return the solutions that both runs judged, with another verdict, in the order of the first run."""
    return [
        Change(key, one, other[key])
        for key, one in first.items()
        if key in other and (one.verdict != other[key].verdict or bool(one.fault) != bool(other[key].fault))
    ]


def other_answers(first: Mapping[str, Judged], other: Mapping[str, Judged]) -> int:
    """Count the solutions that gave other answers with the same verdict, but for those that a limit ended."""
    ends = {Verdict.PASSED, Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR}
    pairs = ((one, other[key]) for key, one in first.items() if key in other)
    return sum(one.verdict == two.verdict and one.verdict in ends and one.answers != two.answers for one, two in pairs)


def report(
    runs: Sequence[Run], repeats: Mapping[str, Repeats], names: Mapping[str, str], limits: Limits
) -> dict[str, Any]:
    """Compare each run with the first one; return the counts of both tables.

    Args:
        runs: All runs.
        repeats: By key: of the solutions that changed.
        names: How an example names each key.
        limits: The limits under which all ran.
    """
    first, *others = runs
    causes: dict[Cause, dict[str, Any]] = {}
    rows = []
    for run in others:
        found = {"before": changes(first.before, run.before), "after": changes(first.after, run.after)}
        for stage, differing in found.items():
            for change in differing:
                again = repeats.get(change.key, Repeats())
                cause = cause_of(change.first, change.other, again, limits)
                counts = causes.setdefault(cause, {"before": Counter(), "after": Counter(), "examples": {}})
                counts[stage][run.load] += 1
                counts["examples"].setdefault(names[change.key], _example(change, again))
        rows.append(
            _row(run)
            | {
                "verdicts": len(first.after.keys() & run.after.keys()),
                "before": len(found["before"]),
                "after": len(found["after"]),
                "other_answers": other_answers(first.after, run.after),
            }
        )
    ordered = sorted(causes.items(), key=lambda item: -item[1]["before"].total())
    return {
        "first": _row(first) | {"verdicts": len(first.after)},
        "runs": rows,
        "causes": {str(cause): counts for cause, counts in ordered},
    }


def _row(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "load": run.load,
        "reruns": run.reruns,
        "unsure": run.unsure,
        "in_doubt": run.in_doubt,
        "seconds": round(run.seconds),
    }


def _example(change: Change, repeats: Repeats) -> str:
    times = [max(one.slowest, one.timed_out or 0.0) for one in (change.first, change.other)]
    verdicts = [one.verdict or one.fault for one in (change.first, change.other)]
    again = f"; repeated {repeats}" if repeats.alone or repeats.loaded else ""
    return f"{verdicts[0]} ({times[0]:.2f} s) -> {verdicts[1]} ({times[1]:.2f} s){again}"


# --- tables ----------------------------------------------------------------------------------------------------------


def tables(counts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of both tables, in Markdown: one row for each run, one for each cause."""
    yield from _run_table(counts["first"], counts["runs"])
    yield ""
    yield from _cause_table(counts["causes"], counts["first"]["load"], counts["runs"])


def _run_table(first: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield _line(
        "run, compared with the first",
        "verdicts",
        "changes",
        f"per {PER:,}",
        "after the policy",
        f"per {PER:,}",
        "ran again",
        "in doubt after it",
        "unsure",
        "other answers, same verdict",
        "time",
    )
    yield "| :-- |" + " --: |" * 10
    ends = [f"{first['reruns']:,}", f"{first['in_doubt']:,}", f"{first['unsure']:,}", "", f"{first['seconds']:,} s"]
    yield _line(first["run"], f"{first['verdicts']:,}", "", "", "", "", *ends)
    for row in rows:
        n = row["verdicts"]
        both = [text for stage in ("before", "after") for text in (f"{row[stage]:,}", rate(row[stage], n))]
        ends = [f"{row[name]:,}" for name in ("reruns", "in_doubt", "unsure", "other_answers", "seconds")]
        yield _line(row["run"], f"{n:,}", *both, *ends[:-1], f"{ends[-1]} s")


def _cause_table(causes: Mapping[str, Any], first: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the causes: for each load, that of the first run before the others, the changes of verdicts."""
    verdicts: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: row["load"] != first):
        verdicts[row["load"]] += row["verdicts"]
    yield _line("changes before and after the policy, by cause", *verdicts, f"all, per {PER:,}", "examples")
    yield "| :-- |" + " --: |" * (len(verdicts) + 1) + " :-- |"
    total: dict[str, Counter[str]] = {"before": Counter(), "after": Counter()}
    for cause, counts in causes.items():
        examples = ", ".join(f"`{name}`" for name in list(counts["examples"])[:EXAMPLES])
        yield _cause_line(cause, counts, verdicts, examples)
        for stage, of_stage in total.items():
            of_stage.update(counts[stage])
    yield _cause_line("all", total, verdicts, "")


def _cause_line(name: str, counts: Mapping[str, Counter[str]], verdicts: Counter[str], examples: str) -> str:
    before, after = counts["before"], counts["after"]
    rates = [f"{PER * one.total() / max(verdicts.total(), 1):,.1f}" for one in (before, after)]
    return _line(name, *(f"{before[load]}, {after[load]}" for load in verdicts), ", ".join(rates), examples)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def rate(count: int, n: int) -> str:
    """Return a rate per 100,000, with Wilson's 95% interval."""
    if not n:
        return "-"
    low, high = wilson_interval(count, n)
    return f"{PER * count / n:,.1f} ({PER * low:,.0f} to {PER * high:,.0f})"
