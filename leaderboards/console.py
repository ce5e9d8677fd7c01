"""Print boards, differences and findings in the terminal.

Texts of records go through ``one_line`` and into ``Text``: control characters and markup in them have no effect.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from apps_plus.printable import one_line
from apps_plus.wording import plural
from harness.scoring.paired_comparison import format_p
from leaderboards.assemble_boards import Sheet
from leaderboards.board import Difference, Row
from leaderboards.board_notes import names_of
from leaderboards.consistency import Contradiction
from leaderboards.contamination import known
from leaderboards.cost import EXPLANATION, solved_text, tokens_text
from leaderboards.score_difference import conclusion, how_compared
from leaderboards.scores import score_of
from leaderboards.table_formats import (
    cost_heads,
    grouped,
    part_text,
    rank_text,
    score_text,
    size_text,
    status_text,
    tier_text,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    Block = Callable[[int], Iterable[RenderableType]]
    """Function from the width of a terminal, in columns, to what is printed."""

LETTERS = {"reported": "r", "self_reported": "s", "reproduced": "x"}
LEGEND = {
    "!": "by its record, its training data holds APPS, or goes beyond the problems' release",
    "?": "its training data may hold the problems: its training cutoff is not stated",
}
PADDING = 2
"""Blank columns between two columns of a table."""
ROWS_SHOWN = 200
"""Rows of a board in a table at most; other formats have all."""
FLIPS_SHOWN = 20
"""Problems listed at most that only one of two models solves."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a table, and how narrow they are."""

    name_width: int
    """Width of the model column, in characters; longer names are folded."""
    broken: bool
    """True: an interval is on the line below its value."""
    status_words: bool
    """True: the status in words; False: as a letter."""
    size: bool = True
    """True: with the column of model sizes."""
    tiers: bool = True
    """True: all tiers; False: only the tier that gives the ranks."""
    cost: bool = True
    """True: with the columns of cost, if some record has one."""


LAYOUTS = (
    Layout(32, broken=False, status_words=True),
    Layout(32, broken=True, status_words=True),
    Layout(28, broken=True, status_words=False),
    Layout(28, broken=True, status_words=False, size=False),
    Layout(16, broken=True, status_words=False, size=False),
    Layout(16, broken=True, status_words=False, size=False, cost=False),
    Layout(13, broken=True, status_words=False, size=False, cost=False),
    Layout(28, broken=True, status_words=False, size=False, tiers=False, cost=False),
    Layout(8, broken=True, status_words=False, size=False, tiers=False, cost=False),
)
"""Layouts from the widest to the narrowest; the first that fits the terminal is used."""


# ---- show


def print_sheets(sheets: Iterable[Sheet], notes: Sequence[str] = (), console: Console | None = None) -> None:
    """Print sheets with their notes, then the notes on what was left out."""
    print_blocks((partial(_sheet, sheet) for sheet in sheets), notes, console)


def sheets_as_text(sheets: Iterable[Sheet], notes: Sequence[str] = (), width: int = 100) -> str:
    """Return the output of ``print_sheets`` as text without colours."""
    return blocks_as_text((partial(_sheet, sheet) for sheet in sheets), notes, width)


def print_blocks(blocks: Iterable[Block], notes: Sequence[str] = (), console: Console | None = None) -> None:
    """Print blocks, each with an empty line after it, then the notes on what was left out."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    for block in blocks:
        for part in block(console.width):
            console.print(part)
        console.print()
    for note in notes:
        console.print(Text.assemble(("note: ", "yellow"), one_line(note)))


def blocks_as_text(blocks: Iterable[Block], notes: Sequence[str] = (), width: int = 100) -> str:
    """Return the output of ``print_blocks`` as text without colours."""
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    print_blocks(blocks, notes, Console(file=text, width=width))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


@dataclass(frozen=True, slots=True)
class _View:
    """The contents of a table, before the choice of a layout."""

    sheet: Sheet
    rows: tuple[Row, ...]
    """The best rows, ``ROWS_SHOWN`` at most."""
    names: dict[str, str]
    """Displayed name by record id."""
    statuses: tuple[str, ...]
    """Distinct statuses of the rows."""
    in_part: bool
    """True if some record was reproduced in part."""
    costs: tuple[str, ...]
    """Heads of the columns of cost."""
    sizes: bool
    """True if the size of some model is known."""

    @classmethod
    def of(cls, sheet: Sheet) -> _View:
        every = sheet.main.rows
        rows = every[:ROWS_SHOWN]
        statuses = tuple(dict.fromkeys(row.record.status.value for row in rows))
        in_part = any(part_text(row.record) for row in rows)
        names, sizes = names_of([row.record for row in every]), any(size_text(row.record) for row in rows)
        return cls(sheet, rows, names, statuses, in_part, cost_heads(rows), sizes)


def _sheet(sheet: Sheet, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    board, view = sheet.main, _View.of(sheet)
    rows = plural(len(board.rows), "model")
    yield Text.assemble((one_line(board.title), "bold"), f": {rows}, {plural(board.n_problems, 'problem')}")
    yield Text("percent, with 95% intervals; rank: the ranks that the data allow, with 95% confidence", style="dim")
    layout = next((layout for layout in LAYOUTS if _needed(view, layout) <= width), LAYOUTS[-1])
    yield _table(view, layout)
    for line in _legend(view, layout):
        yield Text(line, style="dim")
    for note in (*board.notes, *_left_out(view, layout)):
        yield Text.assemble(("note: ", "yellow"), one_line(note))


def _table(view: _View, layout: Layout) -> Table:
    from rich.text import Text

    table = _bare_table()
    for head in _heads(view, layout):
        if head == "model":
            table.add_column(head, overflow="fold", max_width=layout.name_width)
        else:
            text = head in ("status", "")
            table.add_column(Text(one_line(head)), justify="left" if text else "right", no_wrap=True, overflow="fold")
    groups = grouped(view.rows)
    for group, rows in groups.items():
        if len(groups) > 1:
            table.add_section()
            table.add_row("", Text(one_line(group), style="bold"))
        for row in rows:
            table.add_row(*map(Text, _cells(view, row, layout)), style="" if row.rank else "dim")
    return table


def _heads(view: _View, layout: Layout) -> list[str]:
    tiers = list(view.sheet.boards) if layout.tiers else [view.sheet.main.tier]
    status = {None: [], True: ["status"], False: [""]}[_status_words(view, layout)]
    size, costs = ["size"] if layout.size and view.sizes else [], view.costs if layout.cost else ()
    return ["rank", "model", *size, *status, *map(tier_text, tiers), *costs, ""]


def _status_words(view: _View, layout: Layout) -> bool | None:
    """Return True for the status in words, False for a letter, None for no status: it is the same in all rows."""
    return layout.status_words if len(view.statuses) > 1 or view.in_part else None


def _cells(view: _View, row: Row, layout: Layout) -> list[str]:
    record, sheet = row.record, view.sheet
    tiers = list(sheet.boards) if layout.tiers else [sheet.main.tier]
    scores = [score_text(found.score if (found := sheet.row(record, tier)) else None) for tier in tiers]
    words = _status_words(view, layout)
    status = {None: [], True: [record.status.replace("_", "-")], False: [LETTERS[record.status]]}[words]
    part = part_text(record)
    status = [" ".join(filter(None, (text, part))) for text in status]
    size = [size_text(record)] if layout.size and view.sizes else []
    cells = [score.replace(" ", "\n") if layout.broken else score for score in scores]
    costs = [tokens_text(record), solved_text(record)] if layout.cost and view.costs else []
    return [rank_text(row), _folded(view.names[record.id], layout), *size, *status, *cells, *costs, _mark(row)]


def _folded(name: str, layout: Layout) -> str:
    """Fold a name to the width of its column, at blanks and hyphens if possible."""
    return "\n".join(textwrap.wrap(one_line(name), layout.name_width))


def _mark(row: Row) -> str:
    return "" if not row.warnings else "!" if known(row.record) else "?"


def _needed(view: _View, layout: Layout) -> int:
    """Return the width of the table, in columns of the terminal."""
    from rich.cells import cell_len

    widths = [cell_len(head) for head in _heads(view, layout)]
    for row in view.rows:
        for i, cell in enumerate(_cells(view, row, layout)):
            widths[i] = max(widths[i], *map(cell_len, cell.split("\n")))
    return sum(widths) + PADDING * len(widths) - 1


def _legend(view: _View, layout: Layout) -> Iterator[str]:
    words = _status_words(view, layout)
    if len(view.statuses) == 1 and len(view.rows) > 1 and words is None:
        yield f"all rows are {view.statuses[0].replace('_', '-')}"
    elif words is False:
        yield "; ".join(f"{LETTERS[status]}: {status.replace('_', '-')}" for status in view.statuses)
    if view.in_part:
        yield "reproduced n/m: n of its m samples ran again; reproduced: all of them did"
    if layout.cost and view.costs:
        yield EXPLANATION
    marks = {_mark(row) for row in view.rows}
    yield from (f"{mark} {text}" for mark, text in LEGEND.items() if mark in marks)


def _left_out(view: _View, layout: Layout) -> Iterator[str]:
    sheet = view.sheet
    left_out = [] if layout.size or not view.sizes else ["sizes"]
    if not layout.cost and view.costs:
        left_out.append("tokens")
    if not layout.tiers:
        left_out += [f"tier {tier_text(tier)}" for tier in sheet.boards if tier != sheet.main.tier]
    if left_out:
        yield f"The terminal is too narrow for: {', '.join(left_out)}; --format markdown has all columns."
    if more := len(sheet.main.rows) - len(view.rows):
        yield f"Only the first {len(view.rows):,} rows are shown, {more:,} more are not; --format csv has all rows."


# ---- compare


def print_difference(difference: Difference, console: Console | None = None) -> None:
    """Print the scores of two models, their difference with its uncertainty, and the problems that only one solves."""
    from rich.console import Console

    console = console or Console()
    for part in _difference(difference):
        console.print(part)


def _difference(it: Difference) -> Iterator[RenderableType]:
    from rich.text import Text

    names = names_of([it.a, it.b])
    tier = "" if it.tier == "overall" else f", {tier_text(it.tier)}"
    yield Text.assemble((f"pass@{it.k}{tier}", "bold"), " in percent, with 95% intervals")
    for letter, record, common in zip("AB", (it.a, it.b), it.on_common or (None, None), strict=True):
        own = score_of(record, it.tier, it.k)
        yield Text(
            f"{letter}  {score_text(common or own)}  {one_line(names[record.id])}, {status_text(record)}  ({record.id})"
        )
        if own and common and own.n_problems > common.n_problems:
            shared = f"on the {common.n_problems:,} problems that both have outcomes of"
            yield Text(f"   {shared}; {score_text(own)} on its own {own.n_problems:,}", style="dim")
    points = f"{100 * it.difference:+.1f} [{100 * it.low:+.1f},{100 * it.high:+.1f}] points"
    yield Text.assemble(f"\nB minus A: {points}, {format_p(it.p_value)}: ", (conclusion(it), "bold"), ".")
    yield Text(how_compared(it), style="dim")
    if it.paired:
        title = "Problems that {} solves and {} does not" if it.single else "Problems that {} solves more often than {}"
        yield from _flips(title.format("A", "B"), it.a_only)
        yield from _flips(title.format("B", "A"), it.b_only)


def _flips(title: str, task_ids: Sequence[str]) -> Iterator[RenderableType]:
    from rich.columns import Columns
    from rich.padding import Padding
    from rich.text import Text

    yield Text(f"\n{title}: {len(task_ids):,}", style="bold")
    if task_ids:
        yield Padding(Columns([Text(one_line(i)) for i in task_ids[:FLIPS_SHOWN]], padding=(0, 3)), (0, 0, 0, 2))
    if len(task_ids) > FLIPS_SHOWN:
        yield Text(f"  and {len(task_ids) - FLIPS_SHOWN:,} more; --json has all", style="dim")


# ---- check


def print_findings(findings: Sequence[Contradiction], n_records: int, console: Console | None = None) -> None:
    """Print a line for each finding: notes on published figures, and errors; then their numbers."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    for finding in findings:
        kind = ("note: ", "yellow") if finding.is_note else ("error: ", "bold red")
        console.print(Text.assemble(kind, (finding.record_id, "bold"), f": {one_line(finding.text)}"))
    errors = sum(not finding.is_note for finding in findings)
    console.print(
        Text(
            f"{n_records:,} records checked; errors: {errors:,}; notes on published figures: {len(findings) - errors:,}"
        )
    )


def _bare_table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
