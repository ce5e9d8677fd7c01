"""Print the strengths of a build for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps_plus.printable import printable
from curation.stats import percent, strength_rows

if TYPE_CHECKING:
    from rich.table import Table

WEAKEST = 10
"""Problems that are listed, the weakest first."""


def print_strength(sums: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the sums by tier, by number of given tests and by operator, and the weakest problems.

    Args:
        sums: From ``curation.mutation.score.summarize``.
        rows: The lines of ``strength.jsonl``.
    """
    from rich.console import Console

    console = Console()
    console.print(strength_table(sums))
    console.print(_operator_table(sums["operators"]))
    if weakest := [row for row in sorted(rows, key=_weakness) if row["test_strength"] is not None][:WEAKEST]:
        console.print(_weakest_table(weakest))
    total = sums["total"]
    for name in ("lines", "branches"):
        reached, every = total[name]
        console.print(f"The tests reach {reached:,} of {every:,} {name} ({percent(reached, every)}).", style="dim")
    if total["not_measured"]:
        console.print(f"{total['not_measured']:,} problems have no strength: strength.jsonl says why.", style="dim")


def strength_table(sums: Mapping[str, Any]) -> Table:
    """Return a table of the sums over all problems, by tier and by number of given tests."""
    table = _table("Strength of the tests", "problems", "tests", "mutants", "killed", "strength", "without equivalent")
    for name, group in strength_rows(sums).items():
        _group_row(table, printable(name), group, "bold" if name == "all" else "")
    return table


def _weakness(row: Mapping[str, Any]) -> tuple[float, str]:
    return (row["test_strength"] or 0.0, row["problem_id"])


def _group_row(table: Table, name: str, group: Mapping[str, Any], style: str = "") -> None:
    counts = (f"{group[key]:,}" for key in ("problems", "tests", "mutants", "killed"))
    killed, mutants = group["killed"], group["mutants"]
    shares = percent(killed, mutants), percent(killed, mutants - group["equivalent"])
    table.add_row(name, *counts, *shares, style=style)


def _operator_table(operators: Mapping[str, Mapping[str, Any]]) -> Table:
    table = _table("By operator", "mutants", "killed", "survived", "equivalent", "strength")
    for name, group in operators.items():
        mutants, killed = group["mutants"], group["killed"]
        counts = (f"{count:,}" for count in (mutants, killed, mutants - killed, group["equivalent"]))
        table.add_row(name, *counts, percent(killed, mutants))
    return table


def _weakest_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("The weakest", "tests", "mutants", "killed", "equivalent", "strength", "failing solutions")
    for row in rows:
        equivalent = sum(survivor["equivalent"] for survivor in row["survivors"])
        counts = (row["tests"], row["mutants"], row["killed"], equivalent)
        share = percent(row["killed"], row["mutants"])
        table.add_row(printable(row["problem_id"]), *map(str, counts), share, str(row["failing_solutions"]))
    return table


def _table(title: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table
