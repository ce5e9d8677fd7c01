"""Print the paired comparison of two evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from apps_plus.printable import printable
from harness.scoring.console.tables import (
    bare_table,
    cell,
    group_heading,
    note_lines,
    points,
    print_parts,
    with_interval,
)
from harness.scoring.paired_comparison import MCNEMAR, Flip, PairedComparison
from harness.scoring.summary import OVERALL

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

FLIPS_SHOWN = 20


def print_comparison(comparison: PairedComparison, name_a: str, name_b: str, console: Console | None = None) -> None:
    """Print the difference with its interval by group, the test, and the problems that differ."""
    print_parts(_comparison(comparison, name_a, name_b), console)


def _comparison(comparison: PairedComparison, name_a: str, name_b: str) -> Iterator[RenderableType]:
    from rich.text import Text

    yield Text(f"A  {printable(name_a)}\nB  {printable(name_b)}")
    yield Text("\npass@1 in percent, with 95% intervals", style="dim")
    yield difference_table(comparison)
    yield Text.assemble("B minus A: ", (comparison.conclusion, "bold"), ".")
    yield Text(f"{comparison.test.name}; problems that both have: {comparison.n_problems:,}", style="dim")
    single = comparison.test.name == MCNEMAR
    title = "Problems that only {} passes" if single else "Problems that {} passes more often"
    yield from _flips(title.format("A"), comparison.a_better, single)
    yield from _flips(title.format("B"), comparison.b_better, single)
    yield from note_lines(comparison.notes)


def difference_table(comparison: PairedComparison) -> Table:
    """Return a table with a row for each group: pass@1 of both, and B minus A."""
    table = bare_table()
    table.add_column("")
    for heading in ("problems", "A", "B", "B - A"):
        table.add_column(heading, justify="right")
    for group, difference in comparison.groups.items():
        each = (with_interval(e.value, e.low, e.high) for e in (difference.a, difference.b))
        style = "bold" if group == OVERALL else ""
        numbers = (f"{difference.a.n_problems:,}", *each, points(difference.b_minus_a))
        table.add_row(group_heading(group), *numbers, style=style)
    return table


def _flips(title: str, flips: Sequence[Flip], single: bool) -> Iterator[RenderableType]:
    from rich.columns import Columns
    from rich.padding import Padding
    from rich.text import Text

    yield Text(f"\n{title}: {len(flips):,}", style="bold")
    shown = [cell(flip.task_id + ("" if single else f"  {_rates(flip)}")) for flip in flips[:FLIPS_SHOWN]]
    if shown:
        yield Padding(Columns(shown, padding=(0, 3)), (0, 0, 0, 2))
    if len(flips) > FLIPS_SHOWN:
        yield Padding(Text(f"and {len(flips) - FLIPS_SHOWN:,} more", style="dim"), (0, 0, 0, 2))


def _rates(flip: Flip) -> str:
    return f"{flip.a_passed}/{flip.a_samples} -> {flip.b_passed}/{flip.b_samples}"
