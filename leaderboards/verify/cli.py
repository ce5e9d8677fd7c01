"""``leaderboard verify``. What is heavy is imported inside the functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, RequireIsolation, Unsafe, Workers
from apps_plus.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.scoring.result_record import Record
    from leaderboards.verify.rerun import Verification

SHOWN = 20
"""Deviations and reasons that are listed."""


def verify(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="What evaluate --record wrote.")],
    samples: Annotated[Path, typer.Option("--samples", metavar="FILE", help="The samples that it is of.")],
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The problems, where they do not come with apps-plus.")
    ] = None,
    fraction: Annotated[
        float, typer.Option(metavar="F", help="The part of the problems to run again; 1 is all.")
    ] = 0.2,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Which part; by default one that nobody can foresee.")
    ] = None,
    workers: Workers = 0,
    timeout: Annotated[
        float | None, typer.Option(metavar="S", help="Processor time for each test; by default as the record says.")
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="NAME", help="As evaluate was given it: the record's command says it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it agrees: a copy of the record, as reproduced.")
    ] = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Run a random part of a record's samples again, and say whether it agrees.

    First the record is held against itself and its samples: where hash, count, scores or categories do not fit, it is
    refused with the reason, and nothing runs. Exits with 1 where it is refused or does not agree.

    Example:

        apps-plus leaderboard verify ours.json --samples samples.jsonl
    """
    import datetime
    import secrets

    from apps_plus.cli import INTERRUPTED
    from apps_plus.printable import one_line
    from harness.sandbox import Isolation
    from harness.scoring.cli_options import parse_timeout
    from harness.scoring.progress import progress_bar
    from harness.scoring.result_record_files import read_record, write_record
    from leaderboards.verify.rerun import Outcome, VerifyOptions, reproduced
    from leaderboards.verify.rerun import verify as run
    from leaderboards.verify.rerun_setting import remarks_on_limits

    if not 0 < fraction <= 1:
        raise typer.BadParameter(f"{fraction} is no part above 0, up to 1", param_hint="--fraction")
    claimed = read_record(record)
    if out is not None:
        check_out(out, claimed, (record, samples, data))
    chosen = secrets.randbelow(1 << 31) if seed is None else seed
    isolation = Isolation(require_isolation, unsafe)
    options = VerifyOptions(samples, data, fraction, chosen, workers, parse_timeout(timeout), isolation, field)
    for line in remarks_on_limits(claimed.harness, options.timeout):
        typer.echo(f"note: {one_line(line, 300)}", err=True)
    try:
        with progress_bar() as report:
            verification = run(claimed, options, report)
    except KeyboardInterrupt:
        typer.echo("apps-plus: interrupted; of a verification nothing is kept: it begins anew", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(verification.to_json())
    else:
        typer.echo("\n".join(lines(verification)))
    if verification.outcome is not Outcome.AGREES:
        if out is not None:
            typer.echo(f"{out} was not written: the record was not reproduced", err=True)
        raise typer.Exit(1)
    if out is not None:
        write_record(reproduced(claimed, verification, datetime.date.today()), out)
        typer.echo(f"The record, as reproduced, is in {out}.", err=True)


def check_out(out: Path, claimed: Record, others: tuple[Path | None, ...]) -> None:
    """Raise InputError where a reproduced record cannot be written there, or could not say what agreed."""
    from harness.scoring.result_record_files import check_replaceable

    if not claimed.problems:
        raise InputError("--out: the record has no outcomes of problems, so which samples agree cannot be told")
    if out.suffix != ".json" or out.is_dir():
        raise InputError(f"--out {out}: give a file whose name ends in .json")
    if out.resolve() in {other.resolve() for other in others if other is not None}:
        raise InputError(f"--out {out} would overwrite what it is made from: choose another file")
    check_replaceable(out, "--out")


def lines(verification: Verification) -> Iterator[str]:
    """What a person is told."""
    from apps_plus.printable import one_line

    yield f"{verification.record}: {verification.outcome}"
    for reason in verification.reasons[:SHOWN]:
        yield f"  {one_line(reason, 300)}"
    if verification.problems_ran:
        yield from _numbers(verification)
    for one in verification.deviations[:SHOWN]:
        told, here = f"{one.passed} of {one.judged}", f"{one.passed_here} of {one.judged_here}"
        yield f"  {one_line(one.task_id, 60)}: {told} passed by the record, {here} here"
    if len(more := verification.deviations[SHOWN:]) > 0:
        yield f"  and {len(more)} more"
    for remark in verification.remarks:
        yield f"note: {one_line(remark, 300)}"


def _numbers(told: Verification) -> Iterator[str]:
    samples = f"{told.samples_ran:,} samples" if told.samples_ran > 1 else "1 sample"
    yield f"{told.problems_ran:,} of {told.n_problems:,} problems ({samples}) ran again, drawn with seed {told.seed}."
    if told.by_problem:
        right = told.problems_ran - len(told.deviations)
        yield f"{right:,} of these problems have as many samples judged and passed as the record says."
        most = told.most_wrong or 0
        if told.problems_ran < told.n_problems:
            share = most / told.n_problems
            yield f"With 95% confidence at most {most:,} of the {told.n_problems:,} ({share:.1%}) do not."
        return
    expected, p = told.expected or 0, told.p_value or 0
    yield f"{told.passed_here:,} passed; by the record's pass@1 {expected:.1f} would (p = {p:.2g})."
    yield "The record has no outcomes of problems: comparing scores is a weaker check, which a small lie may pass."
