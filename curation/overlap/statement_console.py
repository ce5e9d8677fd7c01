"""Print the report of ``overlap`` on a file of statements: the figures, and the problems that match best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable
from apps_plus.wording import plural

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def print_statement_report(report: Mapping[str, Any]) -> None:
    """Print the report on one benchmark, within 80 columns."""
    from rich.console import Console

    console = Console(highlight=False)
    for part in _report(report):
        console.print(part)
    console.print()


def _report(report: Mapping[str, Any]) -> Iterator[RenderableType]:
    from rich.rule import Rule
    from rich.text import Text

    rule, problems = report["rule"], report["problems"]
    size = f"{rule['ngram_words']}-grams"
    yield Rule(Text(f"APPS+ and the statements of {printable(report['benchmark'])}", style="bold"), align="left")
    yield Text(
        f"{plural(problems, 'problem')}, {plural(report['tasks'], 'item')} ({printable(report['source'])}, "
        f"field {printable(report['field'])})"
    )
    for count, what in (
        (report["with_ngrams"], f"share {size} of words with an item"),
        (report["more_than_half"], f"share more than half of their {size}, or of an item's"),
        (report["near"], f"are near to an item (Jaccard from {rule['near']:g})"),
    ):
        yield Text(f"{count:>8,} ({100 * count / problems:.1f}%) {what}")
    if report["top"]:
        yield Text("\nThe problems that match best:", style="dim")
        yield _matches(report["top"])
    if (left := len(report["matches"]) - len(report["top"])) > 0:
        yield Text(f"and {left:,} more (--top, --json and --out have them)", style="dim")


def _matches(rows: list[Mapping[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("problem", no_wrap=True)
    for column in ("of it there", "of the item", "Jaccard"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("item", no_wrap=True)
    for row in rows:
        shares = (f"{100 * row[name]:.0f}%" for name in ("share", "item_share"))
        problem_id, item = printable(row["problem_id"]), one_line(row["item"] or "", 26)
        table.add_row(problem_id, *shares, f"{row['jaccard']:.2f}", item)
    return table
