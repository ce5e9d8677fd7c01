"""Command-line options shared by several commands."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")]
Workers = Annotated[int, typer.Option(min=0, metavar="N", help="Processes, at most 4 per core; 0: one per core.")]
On = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="WHERE",
        help="Where programs run: here; ray, on the Ray cluster of this machine, which is started where there is none; "
        "or ray://HOST:PORT. The result is the same (docs/scaling.md).",
    ),
]
RequireIsolation = Annotated[
    bool, typer.Option("--require-isolation", help="Refuse to run programs unless every probe of `doctor` is blocked.")
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N problems.")]
SampleSize = Annotated[
    int | None,
    typer.Option(
        "--sample",
        min=1,
        metavar="N",
        help="Only N problems, of each split and difficulty in proportion: always the same ones, by a hash of the id.",
    ),
]
Unsafe = Annotated[bool, typer.Option("--unsafe", help="Run programs even on a machine without isolation (macOS).")]
MinStrength = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, metavar="X", help="Of apps+: only problems whose tests are at least this strong (see strength)."
    ),
]
SolveRateRange = Annotated[
    str | None,
    typer.Option(
        metavar="LOW:HIGH",
        help="Of apps+: only problems with such a solve rate, as 0.05:0.95 (see difficulty).",
    ),
]


def refuse_limit_and_sample(limit: int | None, sample: int | None) -> None:
    """Raise typer.BadParameter if both are given."""
    if limit is not None and sample is not None:
        raise typer.BadParameter("--limit and --sample both choose problems: leave one out", param_hint="--sample")
