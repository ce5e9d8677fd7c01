"""Print the commonest errors of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from apps_plus.printable import one_line, printable
from harness.scoring.console.tables import DETAIL_WIDTH, STYLES, bare_table, print_parts
from harness.scoring.summary import CommonError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text


def print_errors(errors: Sequence[CommonError], shown: int = 10, console: Console | None = None) -> None:
    """Print the first ``shown`` of the commonest errors, each with an example, and count the others."""
    print_parts(_errors(errors, shown), console)


def _errors(errors: Sequence[CommonError], shown: int) -> Iterator[RenderableType]:
    from rich.text import Text

    if not errors:
        yield Text("every sample passed")
        return
    yield Text("share: percent of the samples that did not pass", style="dim")
    table = bare_table()
    for heading in ("samples", "share", "problems"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("error, and an example", overflow="fold", ratio=1)
    for error in errors[:shown]:
        numbers = (f"{error.count:,}", f"{100 * error.share:.1f}", f"{error.n_problems:,}")
        table.add_row(*numbers, _example(error))
    yield table
    if len(errors) > shown:
        yield Text(f"and {_more(len(errors) - shown, 'kind')} of error", style="dim")


def _example(error: CommonError) -> Text:
    from rich.text import Text

    where = f"{printable(error.task_id)}, sample {error.sample}"
    detail = one_line(error.detail, DETAIL_WIDTH)
    example = f"{where}: {detail}" if detail else where
    return Text.assemble((one_line(error.error, 60), STYLES.get(error.category, "")), "\n", (example, "dim"))


def _more(number: int, noun: str) -> str:
    return f"{number:,} more {noun}" if number == 1 else f"{number:,} more {noun}s"
