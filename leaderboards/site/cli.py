"""The command ``leaderboard site``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps_plus.options import Json
from apps_plus.terminal import print_json
from leaderboards.invalid_files import tell


def site(
    results: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RESULTS]...", help="Records: files or folders of them. None: those shipped."),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the site goes; an older one there is replaced.")
    ] = Path("leaderboard-site"),
    title: Annotated[str, typer.Option(metavar="T", help="What the site is called.")] = "APPS+ leaderboard",
    unrank_contaminated: Annotated[
        bool,
        typer.Option("--unrank-contaminated", help="Leave models unranked whose training data may hold the problems."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the leaderboard as static pages, to be opened from a disk or put on any web server.

    The pages need no network and no JavaScript; with it they sort, filter, and compare two models problem by problem.

    Example:

        apps-plus leaderboard site --out leaderboard-site
    """
    from leaderboards.record_files import load
    from leaderboards.site.builder import build_site

    loaded = load(results or ())
    summary = build_site(loaded.records, out, title, unrank_contaminated)
    if as_json:
        print_json(summary)
    else:
        typer.echo(f"{summary['pages']:,} pages; open {out / 'index.html'}", err=True)
    tell(loaded)
