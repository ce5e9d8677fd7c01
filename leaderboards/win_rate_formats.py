"""Write win rates as text for a terminal, Markdown, CSV and JSON. Pure functions from tables to text.

CSV and JSON hold shares of 1; the others are for people and hold percent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line
from harness.scoring.result_record import Record
from leaderboards.console import blocks_as_text, print_blocks
from leaderboards.table_formats import escape_markdown, inert
from leaderboards.win_rates import WinRate, WinTable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

NAME_WIDTH, CELL_WIDTH = 24, 10
"""Columns of a terminal for the models' names, and for each win rate."""
CSV_COLUMNS = (
    "dataset version split tier a_id a_model b_id b_model value low high n_problems wins ties losses may_be_noise"
).split()
HEADING = (
    "percent of common problems that the row's model solves more often than the column's, a tie counts half; with 95% "
    "intervals; *: the interval does not contain 50"
)


def cell_text(rate: WinRate | None) -> str:
    """Format a win rate: ``62* [55,69]``, with a star where the interval does not contain one half."""
    if rate is None:
        return "-"
    star = "" if rate.is_noise else "*"
    return f"{100 * rate.value:.0f}{star} [{100 * rate.low:.0f},{100 * rate.high:.0f}]"


# ---- terminal


def print_win_tables(tables: Iterable[WinTable], notes: Sequence[str] = (), console: Console | None = None) -> None:
    """Print each table with its notes, then the notes on what was left out."""
    print_blocks((partial(_parts, table) for table in tables), notes, console)


def win_tables_as_text(tables: Iterable[WinTable], notes: Sequence[str] = (), width: int = 100) -> str:
    """Return the output of ``print_win_tables`` as text without colours."""
    return blocks_as_text((partial(_parts, table) for table in tables), notes, width)


def _parts(table: WinTable, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    models = "1 model" if len(table.records) == 1 else f"{len(table.records):,} models"
    yield Text.assemble((f"{one_line(table.title)}: win rates", "bold"), f", {models}")
    if table.rates:
        yield from _matrix(table, width)
    for note in table.notes:
        yield Text.assemble(("note: ", "yellow"), one_line(note))


def _matrix(table: WinTable, width: int) -> Iterator[RenderableType]:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    yield Text(HEADING, style="dim")
    columns = table.records[: max((width - NAME_WIDTH - 5) // CELL_WIDTH, 1)]
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    shown.add_column("", justify="right")
    shown.add_column("model", overflow="fold", max_width=NAME_WIDTH)
    for number in range(1, len(columns) + 1):
        shown.add_column(str(number), justify="right", no_wrap=True)
    for number, record in enumerate(table.records, 1):
        cells = [cell_text(table.rate(record, other)).replace(" ", "\n") for other in columns]
        shown.add_row(str(number), Text(one_line(table.names[record.id])), *map(Text, cells))
    yield shown
    if len(columns) < len(table.records):
        cut = f"The terminal is too narrow for columns {len(columns) + 1} to {len(table.records)}"
        yield Text.assemble(("note: ", "yellow"), f"{cut}; --format markdown has all.")


# ---- Markdown


def as_markdown(tables: Iterable[WinTable]) -> str:
    """Return a section with a matrix for each table."""
    return "\n".join(line for table in tables for line in _markdown(table))


def _markdown(table: WinTable) -> Iterator[str]:
    yield f"## {escape_markdown(table.title)}: win rates\n"
    if table.rates:
        yield from _markdown_matrix(table)
    yield from (f"- {escape_markdown(note)}" for note in table.notes)
    yield ""


def _markdown_matrix(table: WinTable) -> Iterator[str]:
    yield escape_markdown(HEADING[0].upper() + HEADING[1:]) + ".\n"
    numbers = [str(number) for number in range(1, len(table.records) + 1)]
    yield f"| | model | {' | '.join(numbers)} |"
    yield f"| ---: | --- |{' ---: |' * len(numbers)}"
    for number, record in zip(numbers, table.records, strict=True):
        cells = [escape_markdown(cell_text(table.rate(record, other))) for other in table.records]
        yield f"| {number} | {escape_markdown(table.names[record.id])} | {' | '.join(cells)} |"
    yield ""


# ---- CSV and JSON


def as_csv(tables: Iterable[WinTable]) -> str:
    """Return a line for each pair of models; texts as in the CSV of boards."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for table in tables:
        for a, b, rate in table.pairs():
            key = (table.key.dataset, table.key.version, table.key.split, table.tier)
            who = (a.id, a.model.title, b.id, b.model.title)
            share = (round(rate.value, 6), round(rate.low, 6), round(rate.high, 6))
            counts = (rate.n_problems, rate.wins, rate.ties, rate.losses, "yes" if rate.is_noise else "no")
            writer.writerow(map(inert, (*key, *who, *share, *counts)))
    return text.getvalue()


def as_json(tables: Iterable[WinTable], faults: Sequence[str] = ()) -> dict[str, Any]:
    """Return all tables as a JSON object, each pair once."""
    return {"win_rates": [_table_json(table) for table in tables], "faults": list(faults)}


def _table_json(table: WinTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "dataset": table.key.dataset,
        "version": table.key.version or None,
        "split": table.key.split or None,
        "tier": table.tier,
        "models": [{"id": record.id, "model": record.model.title} for record in table.records],
        "pairs": [_pair_json(a, b, rate) for a, b, rate in table.pairs()],
        "remarks": list(table.notes),
    }


def _pair_json(a: Record, b: Record, rate: WinRate) -> dict[str, Any]:
    return {
        "a": a.id,
        "b": b.id,
        "value": rate.value,
        "ci95": [rate.low, rate.high],
        "n_problems": rate.n_problems,
        "wins": rate.wins,
        "ties": rate.ties,
        "losses": rate.losses,
        "may_be_noise": rate.is_noise,
    }
