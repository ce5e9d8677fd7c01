"""Print JSON on stdout, the same way in every command."""

from __future__ import annotations

from apps_plus.problem import dump_json


def print_json(value: object) -> None:
    """Print one JSON object on stdout; half of a surrogate pair as its JSON escape."""
    import typer

    typer.echo(dump_json(value).encode("utf-8", "backslashreplace"))
