"""The command ``overlap``, and the options ``--drop-overlap`` and ``--overlap-with`` of ``build``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json
from apps_plus.phases import phase
from apps_plus.terminal import print_json

if TYPE_CHECKING:
    from apps_plus.problem import Problem
    from curation.overlap.benchmark_statements import BenchmarkStatements
    from curation.overlap.drop_overlap import OverlapLimit
    from curation.overlap.line_overlap import Overlap, Reference
    from curation.overlap.statement_overlap import StatementMatch


def overlap(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")],
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME|FILE",
            help="humaneval, humaneval+, mbpp, mbpp-sanitized or mbpp+; or the file of any benchmark (JSON lines, "
            "JSON, parquet), whose statements are compared. May be given several times. Without it those that --data "
            "names, or humaneval.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", metavar="NAME=FILE", help="The file of a benchmark; humaneval comes with its own."),
    ] = None,
    field: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With a file: the field that holds the statement; by default question, prompt, problem, text, "
            "description or another usual name.",
        ),
    ] = None,
    split: Annotated[str, typer.Option(metavar="SPLIT", help="Of MBPP: prompt, test, validation, train or all.")] = (
        "all"
    ),
    top: Annotated[int, typer.Option(min=0, metavar="N", help="Show the N problems that overlap most.")] = 5,
    similarity: Annotated[
        float,
        typer.Option(min=0.01, max=1, metavar="X", help="Report statements that share this part of a task's."),
    ] = 0.4,
    near: Annotated[
        float,
        typer.Option(min=0.1, max=1, metavar="X", help="With a file: the Jaccard similarity that is a near match."),
    ] = 0.2,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the histograms as PNG, SVG or PDF.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a JSON line a problem and benchmark.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure how much of a build occurs in a benchmark.

    For each released problem: the share of its canonical solution's lines that occur in the benchmark's canonical
    solutions (StepCoder, section 4.5 and Figure 3). Trivial lines do not count; the figures with them, and in the other
    direction, are printed too. So are the statements that share many words with a benchmark's.

    With a file of any benchmark (`--with aime.jsonl`), statements are compared: the share of a problem's 13-grams of
    words that occur in the benchmark, the item that matches best, and near matches by Jaccard similarity.

    Example:

        apps-plus overlap my-apps-plus --with humaneval --plot overlap.png
    """
    from apps_plus.storage import write_json_lines
    from curation.overlap.console import print_report
    from curation.overlap.line_overlap import measure
    from curation.overlap.statement_console import print_statement_report

    names, files, statement_files = named_benchmarks(benchmarks or [], data or [])
    refuse_paths(directory, [*files.values(), *statement_files.values()], out, plot)
    if not statement_files:
        names = names or ["humaneval"]
        if field is not None:
            raise InputError("--field is for the file of a benchmark: name one, --with FILE")
    elif plot is not None and not names:
        raise InputError("--plot draws shared lines of programs: name humaneval or mbpp too, or leave it out")
    with phase("reading the build and the benchmarks"):
        problems = read_problems(directory)
        references = load_references(names, files, split)
        statements = read_statements(statement_files, field)
    with phase(f"comparing {len(problems):,} problems"):
        measured = [(reference, measure(problems, reference)) for reference in references]
        reports = [report_on(problems, reference, overlaps, top, similarity) for reference, overlaps in measured]
        compared = [report_on_statements(problems, benchmark, near, top) for benchmark in statements]
    if out is not None:
        rows = [overlap.to_row(reference.name) for reference, overlaps in measured for overlap in overlaps]
        rows += [match.to_row(report["benchmark"]) for report, matches in compared for match in matches]
        typer.echo(f"wrote {write_json_lines(out, rows):,} lines to {out}", err=True)
    if plot is not None:
        from curation.overlap.plot_histograms import draw_histograms

        draw_histograms(reports, plot, directory.resolve().name)
        typer.echo(f"wrote {plot}", err=True)
    if as_json:
        every = [*reports, *(report for report, _ in compared)]
        print_json({"build": str(directory), "problems": len(problems), "similarity": similarity, "with": every})
        return
    for report in reports:
        print_report(report, similarity)
    for report, _ in compared:
        print_statement_report(report)


def named_benchmarks(benchmarks: list[str], data: list[str]) -> tuple[list[str], dict[str, Path], dict[str, Path]]:
    """Sort the benchmarks that ``--with`` and ``--data`` name.

    Returns:
        The names of those with programs; the files of some of them; the files of all others, by name.

    Raises:
        InputError: A name is unknown and no file, or has two files.
    """
    from curation.overlap.line_overlap import BENCHMARKS

    files = parse_data([*data, *(text for text in benchmarks if "=" in text and not Path(text).exists())])
    names = []
    for text in benchmarks:
        name = text.partition("=")[0] if not Path(text).exists() else text
        if name in BENCHMARKS or name in files:
            names.append(name)
        elif Path(text).exists() or "/" in text or "." in text:
            files[text] = Path(text)
        else:
            raise InputError(
                f"no overlap can be measured with {text}: choose one of {', '.join(BENCHMARKS)}, or give the file of a "
                "benchmark"
            )
    names = [name for name in dict.fromkeys([*names, *files]) if name in BENCHMARKS]
    others = {name: path for name, path in files.items() if name not in BENCHMARKS}
    return names, {name: path for name, path in files.items() if name in BENCHMARKS}, others


def read_statements(files: Mapping[str, Path], field: str | None = None) -> list[BenchmarkStatements]:
    """Read the files of benchmarks, and print how each was read on stderr. Raises InputError."""
    from curation.overlap.benchmark_statements import read_benchmark

    found = [read_benchmark(path, field, name=None if name == str(path) else name) for name, path in files.items()]
    for note in (note for benchmark in found for note in benchmark.notes):
        typer.echo(f"note: {note}", err=True)
    return found


def report_on_statements(
    problems: list[Problem], benchmark: BenchmarkStatements, near: float, top: int
) -> tuple[dict[str, Any], list[StatementMatch]]:
    """Return the report on one file of statements (an element of ``with`` in ``--json``) and each problem's match."""
    from curation.overlap.statement_overlap import Statement, match_statements, summarise_matches

    statements = [Statement(problem.problem_id, problem.difficulty, problem.question) for problem in problems]
    matches = match_statements(statements, benchmark, near)
    return summarise_matches(matches, benchmark, near, top), matches


def report_on(
    problems: list[Problem], reference: Reference, overlaps: list[Overlap], top: int, similarity: float
) -> dict[str, Any]:
    """Return the report on one benchmark: an element of ``with`` in ``--json``."""
    from curation.overlap.line_overlap import most_overlapping, summarise
    from curation.overlap.near_statements import near_statements

    pairs = near_statements(problems, reference.tasks)
    return {
        **summarise(problems, reference, overlaps),
        "top": [overlap.to_row(reference.name) for overlap in most_overlapping(overlaps, top)],
        "near_statements": [pair.to_json() for pair in pairs if pair.similarity >= similarity],
        "nearest_statement": pairs[0].to_json() if pairs else None,
    }


def overlap_limit(above: float | None, benchmarks: list[str] | None) -> OverlapLimit | None:
    """Return the limit of ``build --drop-overlap X --overlap-with NAME[=FILE]``; None without ``--drop-overlap``.

    Raises:
        InputError: A benchmark cannot be read, or is named without ``--drop-overlap``.
    """
    if above is None:
        if benchmarks:
            raise InputError("--overlap-with says what to compare with: add --drop-overlap, such as 0.5")
        return None
    from curation.overlap.drop_overlap import OverlapLimit

    names, files, statement_files = named_benchmarks(benchmarks or ["humaneval"], [])
    return OverlapLimit(above, load_references(names, files, "all"), read_statements(statement_files))


def parse_data(texts: list[str]) -> dict[str, Path]:
    """Parse ``mbpp=file`` as a name and a path. Raises InputError if it is not one, or a name has two files."""
    files: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise InputError(f"{text!r} does not say whose file it is: write NAME=FILE, such as mbpp=mbpp.jsonl")
        if name in files:
            raise InputError(f"{name} has two files: {files[name]} and {path}")
        files[name] = Path(path)
    return files


def load_references(names: list[str], files: dict[str, Path], split: str) -> list[Reference]:
    """Load the benchmarks with these names. Raises InputError."""
    from curation.overlap.line_overlap import load_reference

    return [load_reference(name, files.get(name), split) for name in names]


def read_problems(directory: Path) -> list[Problem]:
    """Return all released problems. Raises BuildFolderError, and InputError if there are none."""
    from apps_plus.storage import SPLITS, load

    dataset = load(directory)
    problems = [problem for name in SPLITS for problem in dataset[name]]
    if not problems:
        raise InputError(f"{directory} released no problem: there is nothing to compare (apps-plus stats says why)")
    return problems


def refuse_paths(directory: Path, benchmarks: Iterable[Path], out: Path | None, plot: Path | None) -> None:
    """Raise InputError if a result cannot be written, or would overwrite a file of the build or a benchmark."""
    from curation.pipeline.publish import FILES

    if plot is not None:
        from harness.scoring.plots import check_plot_path

        check_plot_path(plot)
    if out is not None and out.name in FILES and out.resolve().parent == directory.resolve():
        raise InputError(f"--out {out} is a file of the build: choose another name")
    for option, path in (("--out", out), ("--plot", plot)):
        if path is not None and path.resolve() in {benchmark.resolve() for benchmark in benchmarks}:
            raise InputError(f"{option} {path} is a benchmark's file: choose another name")
