"""What every command prints alike."""

from __future__ import annotations

from apps_plus.problem import dump_json


def print_json(value: object) -> None:
    """One JSON object on stdout; half of a surrogate pair as its JSON escape."""
    import typer

    typer.echo(dump_json(value).encode("utf-8", "backslashreplace"))
