"""The command ``leaderboard export``. Heavy modules are imported inside the functions."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.options import Json
from leaderboards.invalid_files import exit_if_invalid

if TYPE_CHECKING:
    from leaderboards.export.every_eval_ever import Attribution
    from leaderboards.export.every_eval_ever_instances import SampleFiles
    from leaderboards.export.files import ExportedFile


class ExportFormat(StrEnum):
    """Format of an export."""

    EVAL_RESULTS = "eval-results"
    MODEL_CARD = "model-card"
    EVERY_EVAL_EVER = "every-eval-ever"


class Relationship(StrEnum):
    """Relationship of the evaluator to the model's developer, in the words of Every Eval Ever."""

    FIRST_PARTY = "first_party"
    THIRD_PARTY = "third_party"
    COLLABORATIVE = "collaborative"
    OTHER = "other"


def export(
    results: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RESULTS]...",
            help="Files of records, or folders of them; by default the records that come with apps-plus.",
            show_default=False,
        ),
    ] = None,
    style: Annotated[ExportFormat, typer.Option("--format", help="Format to write.")] = ExportFormat.EVAL_RESULTS,
    model: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only this model: its id or name, or part of one.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Where to write. eval-results: a clone of the model's repository, or one .yaml file; model-card: a "
            "file; every-eval-ever: a folder. By default the text goes to stdout.",
        ),
    ] = None,
    dataset_id: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ORG/NAME[:TASK]",
            help="Dataset of a benchmark on the hub, and the task's name in its eval.yaml. Required for apps+.",
        ),
    ] = None,
    developer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="every-eval-ever: developer of the models whose id has no ORG/ prefix."),
    ] = None,
    organization: Annotated[
        str, typer.Option(metavar="NAME", help="every-eval-ever: organization that provides the data.")
    ] = "apps-plus",
    relationship: Annotated[
        Relationship | None,
        typer.Option(
            help="every-eval-ever: the evaluator's relationship to the model's developer; by default from the record."
        ),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="every-eval-ever: the record's samples, to be written as instances too."),
    ] = None,
    sample_results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="What evaluate wrote of them; by default beside the samples."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The problems, if they do not come with apps-plus.")
    ] = None,
    win_rates: Annotated[
        bool,
        typer.Option(
            "--win-rates", help="every-eval-ever: add win rates against the other records, whatever --model selects."
        ),
    ] = False,
    part: Annotated[
        bool,
        typer.Option(
            "--part",
            help="eval-results, model-card: also scores of a part of a benchmark, marked; without it they are refused.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Export scores for the Hugging Face hub, or for the shared database Every Eval Ever.

    eval-results: the .eval_results/*.yaml of a model's repository, from which the hub fills its leaderboards.
    model-card: a README.md with a table of scores and intervals, and the model-index that the hub reads.
    every-eval-ever: data/<collection>/<developer>/<model>/<uuid>.json, in schema 0.3.0 of the EvalEval Coalition;
    with --samples also <uuid>_samples.jsonl: each prompt, answer, program and verdict.

    Example:

        apps-plus leaderboard export ours.json --format model-card --out README.md
    """
    from leaderboards.export.every_eval_ever import Attribution
    from leaderboards.export.files import export_files, is_one_file, records_of_model, write
    from leaderboards.export.hub_datasets import named_datasets
    from leaderboards.export.hugging_face import refuse_parts
    from leaderboards.record_files import load

    loaded = load(results or [])
    records = records_of_model(loaded.records, model)
    attribution = Attribution(organization, developer, relationship, named_datasets(dataset_id or []))
    instances = _instances(style, samples, sample_results, data)
    if win_rates and style is not ExportFormat.EVERY_EVAL_EVER:
        raise typer.BadParameter(f"{style.value} has no place for them: leave it out", param_hint="--win-rates")
    if style is not ExportFormat.EVERY_EVAL_EVER and not part:
        refuse_parts(records)
    files = export_files(
        records,
        style,
        attribution,
        together=is_one_file(style, out),
        instances=instances,
        others=loaded.records if win_rates else (),
    )
    if out is None:
        _print_texts(files, style, as_json)
    else:
        _print_paths(files, write(files, style, out), style, as_json)
    for line in _notes(style, {record.dataset.name for record in records}, attribution):
        typer.echo(line, err=True)
    exit_if_invalid(loaded)


def _instances(
    style: ExportFormat, samples: Path | None, sample_results: Path | None, data: Path | None
) -> SampleFiles | None:
    from leaderboards.export.every_eval_ever_instances import SampleFiles

    if samples is None:
        if sample_results is not None or data is not None:
            raise typer.BadParameter("it goes with --samples: give that too", param_hint="--results, --data")
        return None
    if style is not ExportFormat.EVERY_EVAL_EVER:
        raise typer.BadParameter(f"{style.value} has no instances: leave it out", param_hint="--samples")
    return SampleFiles(samples, sample_results, data)


def _print_texts(files: list[ExportedFile], style: ExportFormat, as_json: bool) -> None:
    from apps_plus.errors import InputError
    from apps_plus.terminal import print_json

    if as_json:
        texts = [{"path": str(file.path), "records": list(file.records), "text": file.text} for file in files]
        print_json({"format": style.value, "files": texts})
    elif len(files) > 1:
        raise InputError(f"{len(files):,} files: give --out DIR to write them, or choose one model's record, or --json")
    else:
        typer.echo(files[0].text, nl=False)


def _print_paths(files: list[ExportedFile], paths: list[Path], style: ExportFormat, as_json: bool) -> None:
    from apps_plus.terminal import print_json

    if as_json:
        written: list[dict[str, Any]] = [
            {"path": str(path), "records": list(file.records)} for path, file in zip(paths, files, strict=True)
        ]
        print_json({"format": style.value, "files": written})
        return
    for path in paths:
        typer.echo(str(path))


def _notes(style: ExportFormat, datasets: set[str], attribution: Attribution) -> list[str]:
    """Say which default values the export holds, and which option changes them."""
    if style is ExportFormat.EVERY_EVAL_EVER and attribution.organization == "apps-plus":
        return ["the export names apps-plus as the organization that measured: give yours with --organization"]
    if style is ExportFormat.EVAL_RESULTS:
        hub = [attribution.datasets[name] for name in datasets]
        tasks = ", ".join(sorted({f"{dataset.id}:{dataset.task_id}" for dataset in hub}))
        return [
            f"tasks: {tasks}; compare with the dataset's eval.yaml, and correct with --dataset-id NAME=ORG/NAME:TASK"
        ]
    return []
