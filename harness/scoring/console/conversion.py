"""Print how a file of samples was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from apps_plus.printable import one_line, printable
from harness.scoring.console.tables import DETAIL_WIDTH, NAME_WIDTH, bare_table, cell, note_lines, print_parts

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from harness.scoring.samples.convert import Conversion


def print_conversion(conversion: Conversion, console: Console | None = None) -> None:
    """Print how a file of samples was read, with its first sample."""
    print_parts(_conversion(conversion), console)


def _conversion(conversion: Conversion) -> Iterator[RenderableType]:
    from rich.text import Text

    least, most = conversion.per_problem()
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    total = conversion.n_benchmark_problems
    covered = f"{conversion.n_problems():,}" + (f" of {total:,}" if total is not None else "")
    yield Text.assemble((printable(conversion.name), "bold"), f": {printable(conversion.shape)}")
    table = bare_table()
    table.show_header = False
    table.add_column("", no_wrap=True, style="dim")
    table.add_column("", overflow="fold")
    table.add_row("samples", f"{len(conversion.samples):,}, for {covered} problems ({each} each)")
    kinds = ", ".join(f"{count:,} {name}" for name, count in conversion.kinds().items())
    table.add_row("fields", Text(f"{_named_counts(conversion.fields())}, written as {kinds}"))
    if conversion.empty():
        table.add_row("empty", f"{conversion.empty():,}")
    with_verdict, passed = conversion.published()
    if with_verdict:
        table.add_row("verdicts brought along", f"{with_verdict:,}, of which {passed:,} passed")
    first = conversion.samples[0]
    table.add_row("the first", cell(f"{first.task_id}: {one_line(first.text, DETAIL_WIDTH)}"))
    yield table
    yield from note_lines(conversion.notes)


def _named_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} in {one_line(name, NAME_WIDTH)}" for name, count in counts.items())
