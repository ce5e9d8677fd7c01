"""The commands of this package: ``build``, ``explain`` and ``stats``.

stdout is data, stderr is messages. Heavy packages are imported inside the functions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.options import Json, Limit, On, RequireIsolation, SampleSize, Unsafe, Workers, refuse_limit_and_sample
from apps_plus.phases import phase
from apps_plus.problem import DIFFICULTIES
from apps_plus.terminal import print_json

if TYPE_CHECKING:
    from curation.generated_tests.strengthen_problem import StrengthenOptions

BuildDir = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")]


def build(
    raw: Annotated[
        str | None,
        typer.Argument(
            metavar="RAW",
            help="Raw APPS: a folder in its official layout, a JSON-lines or parquet file with the rows of "
            "codeparrot/apps, or `hub`. Without it the bundled sample is built.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder of the dataset.")] = Path(
        "apps-plus-data"
    ),
    decisions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIR|none",
            help="Also apply the decisions of another build; none: do not apply those that ship with apps-plus (see "
            "apps-plus review shipped). Both may be given.",
        ),
    ] = None,
    workers: Workers = 0,
    on: On = "here",
    limit: Limit = None,
    sample: SampleSize = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="i/n", help="Verify only this share; a build without it then publishes all shares."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Verify everything again, ignoring earlier work.")] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Replace a finished dataset in --out that was made from other problems or by other options. "
            "Reviewers' decisions stay.",
        ),
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the results of programs in FILE, and do not run these programs again, in this build or another "
            "(--fresh does not empty it). It can be deleted at any time.",
        ),
    ] = None,
    drop_overlap: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            metavar="X",
            help="Drop, as contaminated, problems whose canonical solution shares more than this part of its telling "
            "(not trivial) lines with a benchmark (0.5: more than half), or whose statement shares more than this part "
            "of its 13-grams of words with a file's. See apps-plus overlap.",
        ),
    ] = None,
    overlap_with: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=FILE]",
            help="For --drop-overlap: humaneval (the default), or a benchmark with its file, such as mbpp=mbpp.jsonl; "
            "of any other file, such as quiz.jsonl, the statements are compared. May be given several times.",
        ),
    ] = None,
    strengthen: Annotated[
        bool,
        typer.Option(
            "--strengthen",
            help="Also generate tests, elected by the votes of accepted solutions. On a finished build, the same "
            "command with this option adds them.",
        ),
    ] = False,
    tests: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="For --strengthen: tests of a problem in all (default 15).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="For --strengthen: seed of the search (default 0).")
    ] = None,
    min_voters: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            help="For --strengthen: independent accepted solutions that must vote (default 2, which must agree on "
            "nearly all inputs; with 3, fewer problems get tests, on fewer inputs that the statement forbids).",
        ),
    ] = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Rebuild APPS+ from raw APPS: `apps-plus build raw_apps`, say. The example builds the bundled sample.

    Every raw problem is kept, corrected, dropped or left for review, and the ledger says why. An interrupted build
    resumes when the same command runs again.

    Example:

        apps-plus build --out my-apps-plus --workers 4
    """
    from curation.build import build as run
    from curation.build_options import BuildOptions
    from curation.console import print_funnel, progress_bar
    from curation.overlap.cli import overlap_limit
    from harness.sandbox import Isolation
    from harness.sandbox.cache import ExecutionCache

    refuse_limit_and_sample(limit, sample)
    overlap = overlap_limit(drop_overlap, overlap_with)
    isolation = Isolation(require_isolation, unsafe)
    more_tests = strengthen_options(strengthen, tests, seed, min_voters)
    known = ExecutionCache(cache) if cache is not None else None
    folder, with_shipped = parse_decisions(decisions)
    options = BuildOptions(
        raw,
        out,
        folder,
        workers,
        limit,
        parse_shard(shard),
        fresh,
        isolation=isolation,
        cache=known,
        overlap=overlap,
        strengthen=more_tests,
        replace=replace,
        shipped_decisions=with_shipped,
        sample=sample,
        on=on,
    )
    before = counts_before(out)
    with progress_bar() as report:
        manifest = run(options, report, phase)
    for note in (*build_notes(manifest), *lost_columns(out, before, manifest)):
        typer.echo(f"note: {note}", err=True)
    if known is not None and (runs := known.use.hits + known.use.misses):
        typer.echo(f"{known.use.hits:,} of {runs:,} runs of a program were found in {cache}", err=True)
    if as_json:
        print_json({"out": str(out), **manifest})
    elif shard is not None:
        done = f"{manifest['verified']} problems verified"
        done += f", {manifest['strengthened']} strengthened" if "strengthened" in manifest else ""
        typer.echo(f"shard {manifest['shard']}: {done} in {out}", err=True)
    else:
        print_funnel(manifest["counts"])
        typer.echo(f"The dataset is in {out}; {out / 'README.md'} is its card.", err=True)


def explain(
    directory: BuildDir,
    problem_id: Annotated[str, typer.Argument(metavar="PROBLEM_ID", help="Such as train/0042, or 42.")],
    whole: Annotated[
        bool, typer.Option("--statement", help="Print the whole statement, not only its beginning.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Explain the outcome of a problem.

    Prints the outcome, then every finding with its evidence: the votes of the solutions, the failing test with expected
    and actual side by side, the decisions of reviewers; at the end the beginning of the statement.

    Example:

        apps-plus explain my-apps-plus train/0042
    """
    from curation.console import print_explanation
    from curation.explain import explain_problem

    explanation = explain_problem(directory, problem_id)
    if as_json:
        print_json(explanation.to_json())
    else:
        print_explanation(explanation, whole_statement=whole)


def stats(
    directory: BuildDir,
    as_json: Json = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the funnel by tier as PNG, SVG or PDF.")
    ] = None,
) -> None:
    """Count a build: reasons by tier, splits, tests, solutions.

    Example:

        apps-plus stats my-apps-plus --plot funnel.png
    """
    from curation.console import print_counts
    from curation.stats import read_counts, title_of

    counts = read_counts(directory)
    if plot is not None:
        from curation.plot_funnel import draw_funnel

        draw_funnel(counts, plot, title_of(directory))
        typer.echo(f"wrote {plot}", err=True)
    if as_json:
        print_json(counts)
    else:
        print_counts(counts)


def strengthen_options(
    strengthen: bool, tests: int | None, seed: int | None, min_voters: int | None
) -> StrengthenOptions | None:
    """Return the options of ``--strengthen``. Raises typer.BadParameter if others are given without it."""
    from curation.generated_tests.strengthen_problem import StrengthenOptions

    given = {"tests": tests, "seed": seed, "min_voters": min_voters}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if strengthen:
        return dataclasses.replace(StrengthenOptions(), **chosen)
    for name in chosen:
        raise typer.BadParameter("it needs --strengthen", param_hint=f"--{name.replace('_', '-')}")
    return None


def parse_shard(text: str | None) -> tuple[int, int] | None:
    """Parse ``2/8`` as (2, 8). Raises typer.BadParameter if it is not a share."""
    if text is None:
        return None
    i, slash, n = text.partition("/")
    if not (slash and i.isdecimal() and n.isdecimal() and 1 <= int(i) <= int(n)):
        raise typer.BadParameter(f"{text!r} is not a share: write i/n with 1 <= i <= n", param_hint="--shard")
    return int(i), int(n)


def parse_decisions(given: list[str] | None) -> tuple[Path | None, bool]:
    """Parse ``--decisions``: return the folder to import, and whether the decisions that ship apply.

    Raises typer.BadParameter if more than one folder is given.
    """
    folders = [text for text in given or [] if text != "none"]
    if len(folders) > 1:
        raise typer.BadParameter(
            f"{folders[0]} and {folders[1]}: give one folder; apps-plus review export collects several in one",
            param_hint="--decisions",
        )
    return (Path(folders[0]) if folders else None), "none" not in (given or [])


def counts_before(out: Path) -> dict[str, Any]:
    """Return the counts of the build that a folder already holds; none if it holds no whole one."""
    from apps_plus.errors import BuildFolderError
    from curation.stats import read_counts

    try:
        return read_counts(out)
    except BuildFolderError:
        return {}


def lost_columns(out: Path, before: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    """Return a note for each measured column that the build before had and the new one has not; none for a shard."""
    made = manifest.get("counts", before)
    commands = {"strength": ("strengths of tests", "strength"), "solve_rates": ("solve rates", "difficulty")}
    return [
        f"the {what} of the build before are not in this one: run apps-plus {command} on {out} again, "
        "which measures only what has changed"
        for count, (what, command) in commands.items()
        if count in before and count not in made
    ]


def build_notes(manifest: dict[str, Any]) -> list[str]:
    """Return notes that the user should read before relying on a build; none for a shard."""
    if "counts" not in manifest:
        return []
    notes = []
    missing = sorted({"namespaces", "landlock", "seccomp"} - set(manifest["setting"]["layers"]))
    if missing:
        notes.append(f"programs ran without {', '.join(missing)}: apps-plus doctor says what that would need")
    if not manifest["counts"]["released"]["total"]:
        notes.append("no problem was released: the funnel says why")
    if manifest["decisions"]["unused"]:
        notes.append(f"{manifest['decisions']['unused']} decisions name a problem that is not in the data")
    if (shipped := manifest["decisions"]["shipped"]) and shipped["stale"]:
        notes.append(
            f"{shipped['stale']} decisions that ship with apps-plus name problems whose raw data differ and "
            "were not applied (stale_decision in findings.jsonl; --decisions none leaves them out)"
        )
    unknown = [tier or "(none)" for tier in manifest["counts"]["tiers"] if tier not in DIFFICULTIES]
    if unknown:
        notes.append(f"tiers that APPS does not have: {', '.join(unknown)}")
    return notes
