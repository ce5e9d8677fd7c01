"""The command ``leaderboard site``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps_plus.options import Json
from apps_plus.phases import phase
from apps_plus.terminal import print_json
from leaderboards.invalid_files import exit_if_invalid


def site(
    results: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RESULTS]...",
            help="Files of records, or folders of them; by default the records that come with apps-plus.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write; an older site in it is replaced.")
    ] = Path("leaderboard-site"),
    title: Annotated[str, typer.Option(metavar="T", help="Title of the site.")] = "APPS+ leaderboard",
    unrank_contaminated: Annotated[
        bool,
        typer.Option("--unrank-contaminated", help="Do not rank models known to be trained on data with the problems."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the leaderboard as static pages, to open from a disk or to serve from any web server.

    The pages work without network and without JavaScript; with JavaScript they sort, filter and compare two models.
    Nothing is written if a file is no valid record.

    Example:

        apps-plus leaderboard site --out leaderboard-site
    """
    from leaderboards.record_files import load
    from leaderboards.site.builder import build_site

    with phase("reading the records"):
        loaded = load(results or ())
    exit_if_invalid(loaded)
    with phase(f"ranking {len(loaded.records):,} records and writing the pages"):
        summary = build_site(loaded.records, out, title, unrank_contaminated)
    if as_json:
        print_json(summary)
    else:
        typer.echo(f"{summary['pages']:,} pages; open {out / 'index.html'}", err=True)
