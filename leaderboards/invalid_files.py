"""What every command does about files that are no good records: it works with the others, and says so at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apps_plus.printable import printable

if TYPE_CHECKING:
    from leaderboards.record_files import Loaded


def say(loaded: Loaded) -> None:
    """A line on stderr for each such file, which may quote what the file holds."""
    for fault in loaded.faults:
        typer.echo(f"apps-plus: {printable(fault)}", err=True)


def tell(loaded: Loaded) -> None:
    """Say what was wrong with files, after the good ones were used. Exits with 2 where there is such a file."""
    say(loaded)
    if loaded.faults:
        raise typer.Exit(2)
