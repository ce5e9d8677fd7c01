"""What every command does about files that are no good records: it works with the others, and says so at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from leaderboards.store import Loaded


def tell(loaded: Loaded) -> None:
    """Say what was wrong with files, after the good ones were used. Exits with 2 where there is such a file."""
    for fault in loaded.faults:
        typer.echo(f"apps-plus: {fault}", err=True)
    if loaded.faults:
        raise typer.Exit(2)
