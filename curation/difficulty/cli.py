"""The command ``difficulty``.

Data goes to stdout, messages to stderr. Heavy packages are imported inside the functions.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, On, RequireIsolation, Unsafe, Workers
from apps_plus.phases import phase
from apps_plus.terminal import print_json
from harness.scoring.cli_options import Cache, Field, Timeout, parse_reasoning_end, parse_rule, parse_timeout

if TYPE_CHECKING:
    from apps_plus.problem import Dataset
    from apps_plus.selection import Selection
    from curation.difficulty.judge_samples import SampleFile
    from harness.scoring.options import EvaluateOptions


def difficulty(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")],
    samples: Annotated[
        list[str] | None,
        typer.Option(
            "--samples",
            metavar="[NAME=]FILE",
            help="A model's samples, in any format that evaluate reads; once for each model. Without a name it is that "
            "of the settings that generate wrote, or the file's.",
        ),
    ] = None,
    results: Annotated[
        list[str] | None,
        typer.Option(
            "--results",
            metavar="[NAME=]FILE",
            help="Finished results of evaluate apps+ on this build, in place of samples: nothing runs.",
        ),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH",
            help="Choose the problems with a solve rate from LOW to HIGH, such as 0.05:0.95; with --out, write them.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="For --keep: the rate of this model; by default that over all samples."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="For --keep: write the chosen problems as a folder.")
    ] = None,
    workers: Workers = 0,
    on: On = "here",
    timeout: Timeout = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="How a sample becomes a program, as for evaluate.")
    ] = None,
    reasoning_end: Annotated[
        str | None,
        typer.Option(
            "--reasoning-end", metavar="TEXT", help="The text that ends a model's reasoning, as for evaluate."
        ),
    ] = None,
    field: Field = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Judge every sample again, ignoring earlier results.")] = False,
    cache: Cache = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Add solve rates of models to a build, as columns; choose problems by them.

    Samples are judged as by evaluate, with the same counts, and an interrupted run resumes. The columns solve_rate,
    solve_rate_low, solve_rate_high (over all samples, 95% interval by Wilson) and solve_rates (model by model) replace
    those of an earlier run. Then apps_plus.load(DIR, solve_rate=(0.05, 0.95)) and train select by them, or --keep.

    Example:

        apps-plus difficulty my-apps-plus --samples apps-samples.jsonl
    """
    from apps_plus.selection import EVERYTHING, refuse_unmeasured
    from apps_plus.storage import SPLITS
    from curation.difficulty.console import print_rates
    from curation.difficulty.judge_samples import named_files
    from curation.difficulty.selected_copy import refuse_to_overwrite
    from harness.sandbox import Isolation
    from harness.sandbox.cache import ExecutionCache
    from harness.scoring.options import EvaluateOptions

    selection = parse_keep(keep, model, out)
    if not (samples or results or keep):
        raise InputError("nothing to do: give --samples FILE, or --keep LOW:HIGH for a build that has solve rates")
    if out is not None:
        refuse_to_overwrite(directory, out)
    with phase("reading the build"):
        dataset, counts = read_build(directory)
    files = named_files(samples or (), results or ())
    if model is not None and files and model not in [file.model for file in files]:
        raise InputError(f"--model {model}: the samples are of {', '.join(file.model for file in files)}")
    options = EvaluateOptions(
        "apps+",
        Path(),
        workers=workers,
        timeout=parse_timeout(timeout),
        rule=parse_rule(rule),
        reasoning_end=parse_reasoning_end(reasoning_end, rule),
        fresh=fresh,
        isolation=Isolation(require_isolation, unsafe),
        cache=ExecutionCache(cache) if cache is not None else None,
        field=field,
        on=on,
    )
    if files:
        counts = add_rates(directory, dataset, files, options, counts["tiers"])
        dataset, _ = read_build(directory)
    if selection != EVERYTHING:
        refuse_unmeasured([problem for split in SPLITS for problem in dataset[split]], selection, directory)
    chosen = choose(directory, dataset, selection, out) if selection != EVERYTHING else None
    if as_json:
        print_json({"build": str(directory), **counts["solve_rates"], "keep": chosen})
        return
    print_rates(counts["solve_rates"])
    if chosen is not None:
        print_chosen(chosen)


def parse_keep(text: str | None, model: str | None, out: Path | None) -> Selection:
    """Parse ``--keep`` and what goes with it. Raises typer.BadParameter."""
    from apps_plus.selection import EVERYTHING, Selection, parse_range

    if text is None:
        for name, value in (("--model", model), ("--out", out)):
            if value is not None:
                raise typer.BadParameter("this says what --keep chooses: give --keep LOW:HIGH too", param_hint=name)
        return EVERYTHING
    try:
        return replace(Selection(), solve_rate=parse_range(text), solve_rate_model=model)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--keep") from error


def read_build(directory: Path) -> tuple[Dataset, dict[str, Any]]:
    """Return the problems and the counts of a build. Raises BuildFolderError, and InputError if it has no problem."""
    from apps_plus.storage import load
    from curation.stats import read_counts

    dataset, counts = load(directory), read_counts(directory)
    if not len(dataset):
        raise InputError(f"{directory} released no problem (apps-plus stats says why)")
    return dataset, counts


def add_rates(
    directory: Path, dataset: Dataset, files: list[SampleFile], options: EvaluateOptions, tiers: list[str]
) -> dict[str, Any]:
    """Judge the samples, write the columns, and return the counts of the manifest."""
    from apps_plus.storage import SPLITS
    from curation.build_folder import prepare_folder, take_locks
    from curation.difficulty.judge_samples import judge_files
    from curation.difficulty.solve_rates import NO_SAMPLES, columns_of, summarise_rates
    from curation.release_columns import add_columns
    from harness.scoring.progress import progress_bar

    problems = [problem for split in SPLITS for problem in dataset[split]]
    with ExitStack() as stack:
        take_locks(prepare_folder(directory), None, stack)
        with progress_bar() as report:
            judged = judge_files(directory, problems, files, options, report)
        for note in judged.notes:
            typer.echo(f"note: {note}", err=True)
        summary = summarise_rates(problems, judged.models, tiers)
        with phase("writing the columns"):
            manifest = add_columns(directory, columns_of(problems, judged.models), {"solve_rates": summary})
    if without := summary["bins"][NO_SAMPLES]["total"]:
        typer.echo(
            f"{without:,} of {len(problems):,} problems have no samples: their solve_rate is null, and --keep leaves "
            "them out",
            err=True,
        )
    typer.echo(f"The columns are in the .jsonl and .parquet files of {directory}.", err=True)
    counts: dict[str, Any] = manifest["counts"]
    return counts


def choose(directory: Path, dataset: Dataset, selection: Selection, out: Path | None) -> dict[str, Any]:
    """Return the ids of the selected problems by split; write the problems to ``out`` if it is given."""
    from apps_plus.selection import select
    from apps_plus.storage import SPLITS
    from curation.difficulty.selected_copy import facts_of, write_selected

    chosen = select(dataset, selection, directory)
    if not len(chosen):
        typer.echo("note: no problem has such a solve rate", err=True)
    if out is not None:
        write_selected(directory, dataset, selection, out)
    ids = {split: [problem.problem_id for problem in chosen[split]] for split in SPLITS}
    written = str(out) if out is not None else None
    return {**facts_of(selection), "of": len(dataset), "kept": len(chosen), "problem_ids": ids, "out": written}


def print_chosen(chosen: dict[str, Any]) -> None:
    """Print how many problems were chosen, and how to read them."""
    low, high = chosen["solve_rate"]
    splits = ", ".join(f"{len(ids):,} {split}" for split, ids in chosen["problem_ids"].items())
    whose = f" for {chosen['model']}" if chosen["model"] is not None else ""
    typer.echo(f"{chosen['kept']:,} of {chosen['of']:,} problems have a rate from {low:g} to {high:g}{whose}: {splits}")
    if chosen["out"] is not None:
        typer.echo(f"They are in {chosen['out']}.", err=True)
    else:
        typer.echo(
            f"Read them with apps_plus.load(DIR, solve_rate=({low:g}, {high:g})), or write them with --out.", err=True
        )
