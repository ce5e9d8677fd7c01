"""Numbers, notes and tables that the printed output of several commands shares.

Text of programs, models or files goes through ``printable`` and into ``Text``, so that control characters and rich's
markup in it have no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from apps_plus.printable import one_line, printable
from harness.scoring.pass_at_k import Estimate

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "passed": "green",
    "failure": "yellow",
    "runtime_error": "red",
    "compile_error": "magenta",
    "harness_error": "bold red",
}
"""Style of each category."""
DETAIL_WIDTH = 240
NAME_WIDTH = 24


def percent(value: float) -> str:
    """Format a share in percent: one decimal; two below 10%."""
    return f"{100 * value:.2f}" if 0 < abs(value) < 0.0995 else f"{100 * value:.1f}"


def with_interval(value: float, low: float, high: float) -> str:
    """Format a share with its interval, in percent: ``43.9 [36.5,51.6]``. A narrow column breaks at its one blank."""
    decimals = len(percent(value).partition(".")[2])
    return f"{100 * value:.{decimals}f} [{100 * low:.{decimals}f},{100 * high:.{decimals}f}]"


def points(estimate: Estimate) -> str:
    """Format a difference with its interval, in percentage points: ``+3.7 [-1.2,8.5]``."""
    return f"{100 * estimate.value:+.1f} [{100 * estimate.low:.1f},{100 * estimate.high:.1f}]"


def print_parts(parts: Iterable[RenderableType], console: Console | None) -> None:
    """Print parts one after another, by default on stdout."""
    from rich.console import Console

    console = console or Console()
    for part in parts:
        console.print(part)


def note_lines(notes: Iterable[str]) -> Iterator[Text]:
    """Yield each note as a line that begins with ``note:``."""
    from rich.text import Text

    for note in notes:
        yield Text.assemble(("note: ", "yellow"), printable(note))


def bare_table() -> Table:
    """Return an empty table without borders."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def group_heading(group: str) -> Text:
    """Return the heading of a group of problems."""
    return cell(group or "(no tier)")


def cell(text: str) -> Text:
    """Return text of any origin as one line without markup."""
    from rich.text import Text

    return Text(one_line(text))
