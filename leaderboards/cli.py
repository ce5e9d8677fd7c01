"""The commands under ``leaderboard``. stdout is data, stderr is talk; what is heavy is imported inside functions."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.options import Json
from apps_plus.printable import printable
from apps_plus.terminal import print_json
from leaderboards.export.cli import export
from leaderboards.invalid_files import say, tell
from leaderboards.site.cli import site
from leaderboards.verify.cli import verify

if TYPE_CHECKING:
    from harness.scoring.result_record import Record
    from leaderboards.record_files import Loaded

Results = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="RESULTS",
        help="Files of records, or folders that hold some; by default the records that come with apps-plus.",
        show_default=False,
    ),
]
K = Annotated[int | None, typer.Option("--k", min=1, metavar="K", help="Of pass@k; by default the least there is.")]


class Format(StrEnum):
    """How boards are written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"


class StatusName(StrEnum):
    """How far a record can be trusted; ``harness.scoring.result_record.Status``, which is heavier to import."""

    REPORTED = "reported"
    SELF_REPORTED = "self_reported"
    REPRODUCED = "reproduced"


def show(
    results: Results = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this benchmark: apps+, or one board: apps+-paper-test.")
    ] = None,
    tier: Annotated[
        str | None, typer.Option(metavar="NAME", help="Rank by this tier, and show no other; all: overall and each.")
    ] = None,
    k: K = None,
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Only models of this group: base, rl, ...")] = None,
    model: Annotated[str | None, typer.Option(metavar="TEXT", help="Only models whose name or id holds this.")] = None,
    status: Annotated[StatusName | None, typer.Option(help="Only records of this status.")] = None,
    unrank_contaminated: Annotated[
        bool,
        typer.Option("--unrank-contaminated", help="Do not rank what is known to have seen data with the problems."),
    ] = False,
    style: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there instead of on stdout.")] = None,
    as_json: Json = False,
) -> None:
    """Show who is better, and whether the data can tell: boards of result records, ranked with their uncertainty.

    Ranks are among the rows that are shown. CSV, JSON and Markdown hold every k, and all that records tell.

    Example:

        apps-plus leaderboard show --dataset apps+ --tier competition
    """
    from harness.scoring.result_record import Status
    from leaderboards.record_files import record_files
    from leaderboards.selection import Wanted, sheets

    loaded = _load(results)
    if out is not None:
        _refuse_record(out, record_files(results or []))
    wanted = Wanted(dataset, tier, k, group, model, Status(status) if status else None, unrank_contaminated)
    style = Format.JSON if as_json else style
    found, notes = sheets(loaded.records, wanted, every_k=style is not Format.TABLE and style is not Format.LATEX)
    _write(style, found, notes, loaded, out)
    tell(loaded)


def _refuse_record(out: Path, sources: list[Path]) -> None:
    """Raises InputError where ``out`` is a record, or one of the files that are read: a board must not replace it."""
    from apps_plus.errors import InputError
    from harness.scoring.result_record_files import read_record

    if not out.is_file():
        return
    if out.resolve() not in {source.resolve() for source in sources}:
        try:
            read_record(out)
        except InputError:
            return  # whatever it is, no record
    raise InputError(f"{out} is a record, which a board would replace: choose another --out")


def _write(style: Format, found: list, notes: list[str], loaded: Loaded, out: Path | None) -> None:  # type: ignore[type-arg]
    from apps_plus.problem import dump_json
    from apps_plus.storage import write_atomically
    from leaderboards.console import print_sheets, sheets_as_text
    from leaderboards.latex_table import as_latex
    from leaderboards.table_formats import as_csv, as_json, as_markdown

    if style is Format.TABLE and out is None:
        print_sheets(found, notes)
        return
    texts = {
        Format.TABLE: lambda: sheets_as_text(found, notes),
        Format.MARKDOWN: lambda: as_markdown(found),
        Format.CSV: lambda: as_csv(found),
        Format.JSON: lambda: dump_json(as_json(found, loaded.faults)) + "\n",
        Format.LATEX: lambda: as_latex(found),
    }
    for note in notes if style is not Format.TABLE else ():
        typer.echo(f"note: {printable(note)}", err=True)
    text = texts[style]()
    if out is None:
        typer.echo(text.encode("utf-8", "backslashreplace"), nl=False)
        return
    with write_atomically(out) as file:
        file.write(text)
    typer.echo(f"wrote {out}", err=True)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A record's file, or the id of one of RESULTS.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    results: Results = None,
    tier: Annotated[str, typer.Option(metavar="NAME", help="Of this tier.")] = "overall",
    k: Annotated[int, typer.Option("--k", min=1, metavar="K", help="Of pass@k.")] = 1,
    as_json: Json = False,
) -> None:
    """Say whether one record is better than another, or whether that is noise.

    Problem by problem where both tell their outcomes; else by the two numbers.

    Example:

        apps-plus leaderboard compare paper-rltf-apps-plus paper-stepcoder-apps-plus --tier competition
    """
    from leaderboards.console import print_difference
    from leaderboards.score_difference import compare as difference_of
    from leaderboards.table_formats import difference_json

    loaded = None if _is_file(a) and _is_file(b) else _load(results)
    difference = difference_of(_record(a, loaded), _record(b, loaded), tier, k)
    if as_json:
        print_json(difference_json(difference))
    else:
        print_difference(difference)
    if loaded is not None:
        tell(loaded)


def check(results: Results = None, as_json: Json = False) -> None:
    """Check that records can be read, and that their numbers fit each other. Exits with 1 where one does not.

    That a paper's own figures do not fit is remarked, and no failure.

    Example:

        apps-plus leaderboard check
    """
    from leaderboards.consistency import check as findings_of
    from leaderboards.console import print_findings

    loaded = _load(results)
    findings = findings_of(loaded.records)
    if as_json:
        told = [finding.to_json() for finding in findings]
        print_json({"records": len(loaded.records), "findings": told, "faults": list(loaded.faults)})
    else:
        print_findings(findings, len(loaded.records))
    say(loaded)
    if loaded.faults or not all(finding.remark for finding in findings):
        raise typer.Exit(1)


def add(
    records: Annotated[list[Path], typer.Argument(metavar="RECORD...", help="Files of records.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder that they become part of.")],
) -> None:
    """Check records and copy them into a folder of records, as ID.json: all of them, or none.

    One whose numbers do not fit, or whose id or run is there already, is refused.

    Example:

        apps-plus leaderboard add ours.json --to results
    """
    from leaderboards.record_files import add as add_records

    for path in add_records(records, to):
        typer.echo(path)


def _load(results: list[Path] | None) -> Loaded:
    from leaderboards.record_files import load

    return load(results or [])


def _record(name: str, loaded: Loaded | None) -> Record:
    """The record of a file, or of an id."""
    from harness.scoring.result_record_files import read_record
    from leaderboards.record_files import by_id

    return read_record(Path(name)) if loaded is None or _is_file(name) else by_id(loaded, name)


def _is_file(name: str) -> bool:
    """Whether it is something to read from: a pipe is, too."""
    try:
        return Path(name).exists() and not Path(name).is_dir()
    except OSError:  # too long a name for a file
        return False


COMMANDS = {
    "show": show,
    "compare": compare,
    "check": check,
    "add": add,
    "verify": verify,
    "site": site,
    "export": export,
}
