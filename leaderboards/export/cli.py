"""The command ``leaderboard export``: scores in the formats that model hubs and shared databases read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.options import Json
from leaderboards.invalid_files import tell

if TYPE_CHECKING:
    from leaderboards.export.files import ExportedFile


class ExportFormat(StrEnum):
    """Who is to read it."""

    EVAL_RESULTS = "eval-results"
    MODEL_CARD = "model-card"
    EVERY_EVAL_EVER = "every-eval-ever"


class Relationship(StrEnum):
    """Who evaluated, seen from the model's developer."""

    FIRST_PARTY = "first_party"
    THIRD_PARTY = "third_party"
    COLLABORATIVE = "collaborative"
    OTHER = "other"


def export(
    results: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RESULTS]...",
            help="Files of records, or folders that hold some; by default the records that come with apps-plus.",
            show_default=False,
        ),
    ] = None,
    style: Annotated[ExportFormat, typer.Option("--format", help="Who is to read it.")] = ExportFormat.EVAL_RESULTS,
    model: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only this model, by its id or its name, or a part of one.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Where to write. eval-results: a clone of the model's repository, or one .yaml file; model-card: a "
            "file; every-eval-ever: a folder. By default the text is printed.",
        ),
    ] = None,
    dataset_id: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ORG/NAME[:TASK]",
            help="Where a benchmark's problems are on the hub, and its eval.yaml's name for the task. apps+ needs it.",
        ),
    ] = None,
    developer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="every-eval-ever: who made the models whose id has no ORG/ before its name."),
    ] = None,
    organization: Annotated[
        str, typer.Option(metavar="NAME", help="every-eval-ever: who provides the data.")
    ] = "apps-plus",
    relationship: Annotated[
        Relationship | None,
        typer.Option(
            help="every-eval-ever: who evaluated, seen from the model's developer; by default from the record."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand scores on to the Hugging Face hub, or to the shared database Every Eval Ever.

    eval-results: the .eval_results/*.yaml of a model's repository, from which the hub fills its leaderboards.
    model-card: a table with intervals, and the model-index that the hub reads, for a README.md.
    every-eval-ever: data/<collection>/<developer>/<model>/<uuid>.json, in schema 0.3.0 of the EvalEval Coalition.

    Example:

        apps-plus leaderboard export ours.json --format model-card --out README.md
    """
    from leaderboards.export.every_eval_ever import Attribution
    from leaderboards.export.exported_scores import named_datasets
    from leaderboards.export.files import export_files, is_one_file, of_model, write
    from leaderboards.record_files import load

    loaded = load(results or [])
    records = of_model(loaded.records, model)
    who = Attribution(organization, developer, relationship, named_datasets(dataset_id or []))
    files = export_files(records, style, who, together=is_one_file(style, out))
    if out is None:
        _print(files, style, as_json)
    else:
        _tell(files, write(files, style, out), style, as_json)
    for line in _remarks(style, organization, {record.dataset.name for record in records}, who):
        typer.echo(line, err=True)
    tell(loaded)


def _print(files: list[ExportedFile], style: ExportFormat, as_json: bool) -> None:
    from apps_plus.errors import InputError
    from apps_plus.terminal import print_json

    if as_json:
        texts = [{"path": str(file.path), "records": list(file.records), "text": file.text} for file in files]
        print_json({"format": style.value, "files": texts})
    elif len(files) > 1:
        raise InputError(f"{len(files):,} files: give --out DIR to write them, or choose one model's record, or --json")
    else:
        typer.echo(files[0].text, nl=False)


def _tell(files: list[ExportedFile], paths: list[Path], style: ExportFormat, as_json: bool) -> None:
    from apps_plus.terminal import print_json

    if as_json:
        written: list[dict[str, Any]] = [
            {"path": str(path), "records": list(file.records)} for path, file in zip(paths, files, strict=True)
        ]
        print_json({"format": style.value, "files": written})
        return
    for path in paths:
        typer.echo(str(path))


def _remarks(style: ExportFormat, organization: str, names: set[str], who: Any) -> list[str]:
    """What the format holds that nobody has said, and how to say it."""
    if style is ExportFormat.EVERY_EVAL_EVER and organization == "apps-plus":
        return ["the data are said to come from apps-plus: --organization names who measured"]
    if style is ExportFormat.EVAL_RESULTS:
        tasks = sorted({f"{who.datasets[name].id}:{who.datasets[name].task_id}" for name in names})
        return [
            f"tasks: {', '.join(tasks)}; a dataset's eval.yaml has the true name, for --dataset-id NAME=ORG/NAME:TASK"
        ]
    return []
