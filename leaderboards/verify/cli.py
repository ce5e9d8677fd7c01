"""The command ``leaderboard verify``. Heavy modules are imported inside the functions."""

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
"""Deviations and reasons that are listed at most."""


def verify(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="A record that evaluate --record wrote.")],
    samples: Annotated[Path, typer.Option("--samples", metavar="FILE", help="The samples of the record.")],
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The problems, if they do not come with apps-plus.")
    ] = None,
    fraction: Annotated[float, typer.Option(metavar="F", help="Share of the problems to run again; 1: all.")] = 0.2,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Seed that selects the problems; by default unpredictable.")
    ] = None,
    workers: Workers = 0,
    timeout: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds of CPU time per test; by default as in the record.")
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="NAME", help="Field of the samples with the text; see the record's command.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="If it agrees: write a copy with status reproduced to this file."),
    ] = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Run a random part of a record's samples again, and check that the results agree.

    First the record is checked against itself and its samples: if the hash, the count, the scores or the categories
    do not fit, it is refused with the reason, and nothing runs. Exits with 1 if refused or if the results differ.

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
    from leaderboards.verify.rerun import VerificationResult, VerifyOptions, reproduced
    from leaderboards.verify.rerun import verify as run
    from leaderboards.verify.rerun_settings import notes_on_limits

    if not 0 < fraction <= 1:
        raise typer.BadParameter(f"{fraction} is not above 0 and at most 1", param_hint="--fraction")
    claimed = read_record(record)
    if out is not None:
        check_out(out, claimed, (record, samples, data))
    chosen = secrets.randbelow(1 << 31) if seed is None else seed
    isolation = Isolation(require_isolation, unsafe)
    options = VerifyOptions(samples, data, fraction, chosen, workers, parse_timeout(timeout), isolation, field)
    for line in notes_on_limits(claimed.harness, options.timeout):
        typer.echo(f"note: {one_line(line, 300)}", err=True)
    try:
        with progress_bar() as report:
            verification = run(claimed, options, report)
    except KeyboardInterrupt:
        typer.echo("apps-plus: interrupted; nothing is kept: the same command starts again", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(verification.to_json())
    else:
        typer.echo("\n".join(lines(verification)))
    if verification.outcome is not VerificationResult.AGREES:
        if out is not None:
            typer.echo(f"{out} was not written: the record was not reproduced", err=True)
        raise typer.Exit(1)
    if out is not None:
        write_record(reproduced(claimed, verification, datetime.date.today()), out)
        typer.echo(f"The reproduced record is in {out}.", err=True)


def check_out(out: Path, claimed: Record, others: tuple[Path | None, ...]) -> None:
    """Raise InputError where ``out`` cannot be written, or the record has no outcomes to reproduce."""
    from harness.scoring.result_record_files import check_replaceable

    if not claimed.problems:
        raise InputError("--out: the record has no outcomes of problems, so it cannot be marked as reproduced")
    if out.suffix != ".json" or out.is_dir():
        raise InputError(f"--out {out}: give a file whose name ends in .json")
    if out.resolve() in {other.resolve() for other in others if other is not None}:
        raise InputError(f"--out {out} would overwrite an input: choose another file")
    check_replaceable(out, "--out")


def lines(verification: Verification) -> Iterator[str]:
    """Yield the lines of the report for people."""
    from apps_plus.printable import one_line

    yield f"{verification.record}: {verification.outcome}"
    for reason in verification.reasons[:SHOWN]:
        yield f"  {one_line(reason, 300)}"
    if verification.problems_ran:
        yield from _numbers(verification)
    for one in verification.deviations[:SHOWN]:
        recorded, here = f"{one.passed} of {one.judged}", f"{one.passed_here} of {one.judged_here}"
        yield f"  {one_line(one.task_id, 60)}: {recorded} passed by the record, {here} here"
    if len(more := verification.deviations[SHOWN:]) > 0:
        yield f"  and {len(more)} more"
    for note in verification.notes:
        yield f"note: {one_line(note, 300)}"


def _numbers(result: Verification) -> Iterator[str]:
    samples = f"{result.samples_ran:,} samples" if result.samples_ran > 1 else "1 sample"
    problems = f"{result.problems_ran:,} of {result.n_problems:,} problems"
    yield f"{problems} ({samples}) ran again, drawn with seed {result.seed}."
    if result.by_problem:
        right = result.problems_ran - len(result.deviations)
        yield f"{right:,} of these problems have as many samples judged and passed as the record says."
        most = result.most_wrong or 0
        if result.problems_ran < result.n_problems:
            share = most / result.n_problems
            yield f"With 95% confidence at most {most:,} of the {result.n_problems:,} ({share:.1%}) do not."
        return
    expected, p = result.expected or 0, result.p_value or 0
    yield f"{result.passed_here:,} passed; the record's pass@1 predicts {expected:.1f} (p = {p:.2g})."
    yield "The record has no outcomes of problems: comparing scores is a weaker check that misses small differences."
