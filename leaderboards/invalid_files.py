"""Report files that are not valid records; the commands still use the valid ones, but for ``site``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apps_plus.printable import printable

if TYPE_CHECKING:
    from leaderboards.record_files import LoadedRecords


def report_invalid_files(loaded: LoadedRecords) -> None:
    """Print a line on stderr for each invalid file."""
    for fault in loaded.faults:
        typer.echo(f"apps-plus: {printable(fault)}", err=True)


def exit_if_invalid(loaded: LoadedRecords) -> None:
    """Report the invalid files, and exit with code 2 if there are any. Call it after the valid files were printed, but
    before a folder is replaced: an incomplete site would stay there."""
    report_invalid_files(loaded)
    if loaded.faults:
        raise typer.Exit(2)
