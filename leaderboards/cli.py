"""The commands under ``leaderboard``. Data goes to stdout, messages to stderr.

Heavy modules are imported inside the functions.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.options import Json
from apps_plus.printable import printable
from apps_plus.terminal import print_json
from leaderboards.export.cli import export
from leaderboards.invalid_files import exit_if_invalid, report_invalid_files
from leaderboards.site.cli import site
from leaderboards.verify.cli import verify

if TYPE_CHECKING:
    from harness.scoring.result_record import Record
    from leaderboards.assemble_boards import Sheet
    from leaderboards.record_files import LoadedRecords

Results = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="RESULTS",
        help="Files of records, or folders of them; by default the records that come with apps-plus.",
        show_default=False,
    ),
]
K = Annotated[int | None, typer.Option("--k", min=1, metavar="K", help="The k of pass@k; by default the least k.")]


class Format(StrEnum):
    """Format of boards."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"


class StatusName(StrEnum):
    """Status of a record; equal to ``harness.scoring.result_record.Status``, which is slower to import."""

    REPORTED = "reported"
    SELF_REPORTED = "self_reported"
    REPRODUCED = "reproduced"


def show(
    results: Results = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this benchmark (apps+), or this board (apps+-paper-test).")
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Rank by this tier, show no other; all: overall and each tier."),
    ] = None,
    k: K = None,
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Only models of this group: base, rl, ...")] = None,
    model: Annotated[str | None, typer.Option(metavar="TEXT", help="Only models with this text in name or id.")] = None,
    status: Annotated[StatusName | None, typer.Option(help="Only records of this status.")] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only problems since that day, of records that have their days."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Only problems up to that day.")] = None,
    unrank_contaminated: Annotated[
        bool,
        typer.Option("--unrank-contaminated", help="Do not rank models known to be trained on data with the problems."),
    ] = False,
    win_rates: Annotated[
        bool,
        typer.Option("--win-rates", help="Show how often each model solves a common problem more often than another."),
    ] = False,
    style: Annotated[Format, typer.Option("--format", help="Format to write.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file, not to stdout.")] = None,
    as_json: Json = False,
) -> None:
    """Show boards of result records, ranked with 95% intervals of scores and ranks.

    Ranks are among the rows that are shown. CSV, JSON and Markdown hold every k and all facts of the records. With
    --win-rates the boards are matrices of pairs of models, in any format but LaTeX.

    Example:

        apps-plus leaderboard show --dataset apps+ --tier competition
    """
    from harness.scoring.result_record import Status
    from leaderboards.record_files import record_files
    from leaderboards.selection import Selection, select_sheets

    loaded = _load(results)
    if out is not None:
        _refuse_record(out, record_files(results or []))
    selection = Selection(dataset, tier, k, group, model, Status(status) if status else None, unrank_contaminated)
    style = Format.JSON if as_json else style
    if win_rates and style is Format.LATEX:
        raise typer.BadParameter("win rates have no LaTeX table: choose another format", param_hint="--format")
    every_k = style not in (Format.TABLE, Format.LATEX) or win_rates
    chosen, left_out = list(loaded.records), list[str]()
    if since is not None or until is not None:
        from leaderboards.window import in_window

        chosen, left_out = in_window(chosen, since, until)
    sheets, notes = select_sheets(chosen, selection, every_k)
    notes = [*left_out, *notes]
    write = _write_win_rates if win_rates else _write
    write(style, sheets, notes, loaded, out)
    exit_if_invalid(loaded)


def _refuse_record(out: Path, sources: list[Path]) -> None:
    """Raise InputError where ``out`` is a record, or one of the input files: a board must not replace it."""
    from apps_plus.errors import InputError
    from harness.scoring.result_record_files import read_record

    if not out.is_file():
        return
    if out.resolve() not in {source.resolve() for source in sources}:
        try:
            read_record(out)
        except InputError:
            return  # not a record
    raise InputError(f"{out} is a record, which a board would replace: choose another --out")


def _write(style: Format, sheets: list[Sheet], notes: list[str], loaded: LoadedRecords, out: Path | None) -> None:
    from apps_plus.problem import dump_json
    from leaderboards.console import print_sheets, sheets_as_text
    from leaderboards.latex_table import as_latex
    from leaderboards.table_formats import as_csv, as_json, as_markdown

    if style is Format.TABLE and out is None:
        print_sheets(sheets, notes)
        return
    texts = {
        Format.TABLE: lambda: sheets_as_text(sheets, notes),
        Format.MARKDOWN: lambda: as_markdown(sheets),
        Format.CSV: lambda: as_csv(sheets),
        Format.JSON: lambda: dump_json(as_json(sheets, loaded.faults)) + "\n",
        Format.LATEX: lambda: as_latex(sheets),
    }
    _write_text(texts[style](), [] if style is Format.TABLE else notes, out)


def _write_win_rates(
    style: Format, sheets: list[Sheet], notes: list[str], loaded: LoadedRecords, out: Path | None
) -> None:
    from apps_plus.problem import dump_json
    from leaderboards.win_rate_formats import as_csv, as_json, as_markdown, print_win_tables, win_tables_as_text
    from leaderboards.win_rates import make_win_table

    boards = {sheet.main.key: sheet.main for sheet in reversed(sheets)}  # of the least k: solve rates have no k
    tables = [make_win_table(board) for _, board in sorted(boards.items())]
    if style is Format.TABLE and out is None:
        print_win_tables(tables, notes)
        return
    texts = {
        Format.TABLE: lambda: win_tables_as_text(tables, notes),
        Format.MARKDOWN: lambda: as_markdown(tables),
        Format.CSV: lambda: as_csv(tables),
        Format.JSON: lambda: dump_json(as_json(tables, loaded.faults)) + "\n",
    }
    _write_text(texts[style](), [] if style is Format.TABLE else notes, out)


def _write_text(text: str, notes: list[str], out: Path | None) -> None:
    """Write a text to a file or to stdout, and the notes to stderr."""
    from apps_plus.storage import write_atomically

    for note in notes:
        typer.echo(f"note: {printable(note)}", err=True)
    if out is None:
        typer.echo(text.encode("utf-8", "backslashreplace"), nl=False)
        return
    with write_atomically(out) as file:
        file.write(text)
    typer.echo(f"wrote {out}", err=True)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="File of a record, or the id of one in RESULTS.")],
    b: Annotated[str, typer.Argument(metavar="B", help="File or id of another record.")],
    results: Results = None,
    tier: Annotated[str, typer.Option(metavar="NAME", help="Compare the scores of this tier.")] = "overall",
    k: Annotated[int, typer.Option("--k", min=1, metavar="K", help="The k of pass@k.")] = 1,
    as_json: Json = False,
) -> None:
    """Test whether the scores of two records differ by more than noise.

    Compares problem by problem if both records hold the outcomes of their problems, else the two scores.

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
        exit_if_invalid(loaded)


def check(results: Results = None, as_json: Json = False) -> None:
    """Check that records are valid and their numbers consistent. Exits with 1 if one is not.

    Inconsistent figures of a paper are reported as notes, and are no failure.

    Example:

        apps-plus leaderboard check
    """
    from leaderboards.consistency import check as check_records
    from leaderboards.console import print_findings

    loaded = _load(results)
    findings = check_records(loaded.records)
    if as_json:
        rows = [finding.to_json() for finding in findings]
        print_json({"records": len(loaded.records), "findings": rows, "faults": list(loaded.faults)})
    else:
        print_findings(findings, len(loaded.records))
    report_invalid_files(loaded)
    if loaded.faults or not all(finding.is_note for finding in findings):
        raise typer.Exit(1)


def add(
    records: Annotated[list[Path], typer.Argument(metavar="RECORD...", help="Files of records.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder to copy them into.")],
) -> None:
    """Check records and copy them into a folder of records, as ID.json: all of them, or none.

    Refuses a record with inconsistent numbers, or whose id or run is in the folder already.

    Example:

        apps-plus leaderboard add ours.json --to results
    """
    from leaderboards.record_files import add as add_records

    for path in add_records(records, to):
        typer.echo(path)


def _load(results: list[Path] | None) -> LoadedRecords:
    from leaderboards.record_files import load

    return load(results or [])


def _record(name: str, loaded: LoadedRecords | None) -> Record:
    """Return the record with the given file or id."""
    from harness.scoring.result_record_files import read_record
    from leaderboards.record_files import find_record

    return read_record(Path(name)) if loaded is None or _is_file(name) else find_record(loaded, name)


def _is_file(name: str) -> bool:
    """Return whether the name is a file or a pipe to read from."""
    try:
        return Path(name).exists() and not Path(name).is_dir()
    except OSError:  # the name is too long for a file
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
