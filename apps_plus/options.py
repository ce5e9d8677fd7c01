"""The options that commands of several packages take, in the same words everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else there.")]
Workers = Annotated[int, typer.Option(min=0, metavar="N", help="Processes, at most four a core; 0 takes every core.")]
RequireIsolation = Annotated[
    bool, typer.Option("--require-isolation", help="Run no program unless every probe of `doctor` is blocked.")
]
Unsafe = Annotated[
    bool, typer.Option("--unsafe", help="Run programs even where this machine offers no isolation (macOS).")
]
