"""The command of this package: ``trace``.

stdout is data, stderr is progress. Slow imports are inside the functions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, RequireIsolation, Unsafe

if TYPE_CHECKING:
    from apps_plus.problem import Problem
    from harness.tracing.trace import Trace

PICTURES = (".svg", ".html")
"""The file types of ``--out``."""


def trace(
    target: Annotated[
        Path, typer.Argument(metavar="PROGRAM|DIR", help="A Python file; or the folder of a build.", show_default=False)
    ],
    problem_id: Annotated[
        str | None,
        typer.Argument(
            metavar="PROBLEM_ID", help="With a DIR: the problem whose canonical solution runs on its tests."
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="Standard input of one run, or with --entry-point a JSON list of arguments; '-' reads standard input. "
            "Can be repeated. Default: one run on empty input.",
        ),
    ] = None,
    entry_point: Annotated[
        str | None, typer.Option(metavar="NAME", help="Call this function, or method of class Solution.")
    ] = None,
    program: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With a DIR: run this program instead of the canonical one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the picture to this .svg or .html file.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds of processor time for each input (default: 4).")
    ] = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Show which lines of a program ran, which did not, and where its conditional statements are.

    The program runs in the sandbox. The exit code is 0 even if it fails or does not compile: that is a result, shown
    with the lines that ran until then.

    Example:

        apps-plus trace my-apps-plus train/0042 --out trace.svg
    """
    from harness.sandbox import Isolation
    from harness.sandbox.execution import limits_of
    from harness.tracing.console import print_trace, write_picture

    if out is not None and out.suffix not in PICTURES:
        raise InputError(f"--out must end in {' or '.join(PICTURES)}, not {out.suffix or 'in nothing'}: {out}")
    try:
        limits = limits_of(timeout)
    except ValueError as error:
        raise InputError(f"--timeout: {error}") from error
    isolation = Isolation(require_isolation, unsafe)
    if target.is_dir():
        if inputs or entry_point is not None:
            raise InputError("--input and --entry-point go with a PROGRAM: a problem has its own tests")
        traced = _trace_problem(target, problem_id, program, limits, isolation)
    else:
        if problem_id is not None or program is not None:
            raise InputError(f"PROBLEM_ID and --program go with the folder of a build, which {target} is not")
        traced = _trace_program(target, inputs or [], entry_point, limits, isolation)
    if out is not None:
        write_picture(traced, out)
        typer.echo(f"picture written to {out}", err=True)
    if as_json:
        from apps_plus.problem import dump_json

        sys.stdout.buffer.write(dump_json(traced.to_json()).encode("utf-8", "replace") + b"\n")
    else:
        print_trace(traced)


def _trace_program(target: Path, inputs: list[str], entry_point: str | None, limits: Any, isolation: Any) -> Trace:
    from harness.sandbox.execution import Program
    from harness.tracing.trace import trace_program

    source = read_text(target, "PROGRAM")
    if inputs.count("-") > 1:
        raise InputError("--input - can be given once: standard input is read to its end")
    given = [(_name_of(one), _read_input(one, entry_point)) for one in inputs]
    given = given or [("empty input", "")] if entry_point is None else given or [("no arguments", [])]
    return trace_program(target.name, Program(source, entry_point), given, limits, isolation)


def _trace_problem(folder: Path, problem_id: str | None, program: Path | None, limits: Any, isolation: Any) -> Trace:
    from harness.tracing.trace import trace_problem

    if problem_id is None:
        raise InputError(f"{folder} is a folder: name one of its problems, as in apps-plus trace {folder} train/0042")
    problem = _find_problem(folder, problem_id)
    if program is None:
        return trace_problem(f"{problem.problem_id}", problem.canonical_solution, problem, limits, isolation)
    source = read_text(program, "--program")
    return trace_problem(f"{program.name} on {problem.problem_id}", source, problem, limits, isolation)


def _find_problem(folder: Path, problem_id: str) -> Problem:
    """Return a released problem by its id, as a person writes it. Raises InputError."""
    from apps_plus.problem_ids import find_problem
    from apps_plus.storage import SPLITS, load

    dataset = load(folder)
    problems = {problem.problem_id: problem for split in SPLITS for problem in dataset[split]}
    try:
        return problems[find_problem(problems, problem_id)]
    except InputError as error:
        raise InputError(f"{error} (of the released problems in {folder})") from error


def _name_of(given: str) -> str:
    return "standard input" if given == "-" else Path(given).name


def _read_input(given: str, entry_point: str | None) -> Any:
    """Read an input: a text for a script, a list of arguments for a function. Raises InputError."""
    from apps_plus.problem import load_json
    from apps_plus.storage import json_fault

    text = _decode(sys.stdin.buffer.read(), "standard input") if given == "-" else read_text(Path(given), "--input")
    if entry_point is None:
        return text
    try:
        arguments = load_json(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{_name_of(given)} is not JSON ({json_fault(error)}): give a list of arguments") from error
    if not isinstance(arguments, list):
        raise InputError(f"{_name_of(given)} is not a JSON list of arguments: write [...] around a single one")
    return arguments


def read_text(path: Path, what: str) -> str:
    """Read a UTF-8 file. Raises InputError."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {path} ({what}): {reason}") from error
    return _decode(data, str(path))


def _decode(data: bytes, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
