"""Judge every solution of raw APPS several times; say which verdicts differ, and what each difference comes down to.

    python -m benchmarks.verdicts changes BUILD raw_apps --out soak --rounds 2
    python -m benchmarks.verdicts run raw_apps --out idle.jsonl --workers 2
    python -m benchmarks.verdicts run raw_apps --out loaded.jsonl --workers 2 --burn 2
    python -m benchmarks.verdicts compare idle.jsonl loaded.jsonl

``changes`` judges as ``apps-plus evaluate apps`` does, with one worker, with two, and with two beside two busy loops;
it compares every verdict with the first run's, repeats what changed, and prints the causes as a table
(``docs/timeouts.md``). ``run`` judges as ``apps-plus build`` does, with ``--burn`` beside busy loops. Either resumes
when the same command runs again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from apps_plus.errors import AppsPlusError, InputError
from apps_plus.journal import Journal
from apps_plus.problem import RawProblem
from apps_plus.raw import open_raw
from apps_plus.storage import lock, read_json_lines, write_atomically
from benchmarks.verdict_changes import report, tables
from benchmarks.verdict_runs import Load, Soak
from benchmarks.verdict_solutions import choose
from curation.build_options import BUILD_LIMITS
from curation.pipeline.normalize import ShapedTests, parse_tests
from curation.pipeline.screen import parse_solutions
from harness.judging.judge import run_confirmed
from harness.judging.verdict import Expected, verdict_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Program, limits_of

_sandbox: Sandbox | None = None
_OF_TIME = {"timeout", "not_run", "out_of_budget"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="judge every solution and write one line for each")
    run.add_argument("raw")
    run.add_argument("--out", type=Path, required=True)
    run.add_argument("--workers", type=int, default=2)
    run.add_argument("--burn", type=int, default=0, metavar="N", help="processes that each keep a core busy")
    compare = commands.add_parser("compare", help="print the verdicts that differ")
    compare.add_argument("first", type=Path)
    compare.add_argument("second", type=Path)
    add_changes(commands.add_parser("changes", help="judge several times under load; name the cause of each change"))
    arguments = parser.parse_args()
    if arguments.command == "changes":
        sys.exit(print_changes(arguments))
    if arguments.command == "run":
        run_all(arguments.raw, arguments.out, arguments.workers, arguments.burn)
    else:
        sys.exit(compare_runs(arguments.first, arguments.second))


# --- run -----------------------------------------------------------------------------------------------------------


def run_all(source: str, out: Path, workers: int, loops: int) -> None:
    known = {row["problem_id"] for row in read_json_lines(out)} if out.exists() else set()
    missing = (problem for problem in open_raw(source) if problem.problem_id not in known)
    begun, solutions = time.monotonic(), 0
    with (
        Load(workers, loops).burning(),
        multiprocessing.Pool(workers, initializer=_start) as pool,
        out.open("a", encoding="utf-8") as file,
    ):
        for done, rows in enumerate(pool.imap_unordered(judge_problem, missing), 1):
            for row in rows:
                file.write(json.dumps(row) + "\n")
            file.flush()
            solutions += len(rows)
            if done % 100 == 0:
                print(f"{done} problems, {solutions} solutions, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(f"{solutions} solutions in {time.monotonic() - begun:.0f} s")


def _start() -> None:
    global _sandbox
    _sandbox = Sandbox()


def judge_problem(raw: RawProblem) -> list[dict[str, Any]]:
    """Return one row for each solution: how its execution ended on each test, and the verdicts."""
    assert _sandbox is not None, "problems are judged in workers only"
    shaped, _ = parse_tests(raw.input_output)
    solutions, _ = parse_solutions(raw.solutions)
    if not isinstance(shaped, ShapedTests):
        return []
    call_based = shaped.entry_point is not None
    outputs = list(_unwrapped(shaped.outputs)) if call_based else list(shaped.outputs)
    expected = [Expected(output, call_based) for output in outputs]
    rows = []
    for index, source in enumerate(solutions):
        executions = run_confirmed(
            _sandbox,
            Program(source, shaped.entry_point),
            shaped.inputs,
            lambda test, execution: verdict_of(execution, expected[test]),
            BUILD_LIMITS,
        )
        verdicts = [str(verdict_of(execution, test)) for execution, test in zip(executions, expected, strict=True)]
        ended = [str(execution.ended) for execution in executions]
        rows.append({"problem_id": raw.problem_id, "solution": index, "verdicts": verdicts, "ended": ended})
    return rows


def _unwrapped(outputs: Any) -> Iterator[Any]:
    """Take the outputs of call-based tests out of the one-element lists in which raw APPS wraps them."""
    wrapped = all(isinstance(output, list) and len(output) == 1 for output in outputs)
    return (output[0] if wrapped else output for output in outputs)


# --- compare -------------------------------------------------------------------------------------------------------


def compare_runs(first: Path, second: Path) -> int:
    """Print the differences. Return 1 if any is not due to a time limit."""
    one, other = _by_solution(first), _by_solution(second)
    differing = [key for key in one.keys() & other.keys() if one[key]["verdicts"] != other[key]["verdicts"]]
    of_time = [key for key in differing if _OF_TIME & {*one[key]["ended"], *other[key]["ended"]}]
    print(f"{len(one)} and {len(other)} solutions, {len(one.keys() ^ other.keys())} in one run only")
    print("verdicts:", dict(Counter(verdict for row in one.values() for verdict in set(row["verdicts"]))))
    print(f"{len(differing)} differ, {len(of_time)} of these at a limit of processor time")
    for key in sorted(set(differing) - set(of_time)):
        print(*key, _short(one[key]["verdicts"]), _short(other[key]["verdicts"]))
    faults = sum(str(Ended.HARNESS_ERROR) in row["ended"] for row in [*one.values(), *other.values()])
    print(f"{faults} faults of the harness")
    return int(len(differing) > len(of_time) or faults > 0 or one.keys() != other.keys())


def _by_solution(path: Path) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["problem_id"], row["solution"]): row for row in read_json_lines(path)}


def _short(verdicts: list[str]) -> str:
    return ",".join(verdict[:4] for verdict in verdicts[:30])


# --- changes -------------------------------------------------------------------------------------------------------


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``changes``."""
    parser.add_argument("build", type=Path, metavar="BUILD", help="folder of a build, whose solutions are judged")
    parser.add_argument("raw", metavar="RAW", help="the raw problems that it was made from")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the journal")
    parser.add_argument("--sample", type=_positive, metavar="N", help="only N problems, of each split and difficulty")
    parser.add_argument("--rounds", type=_positive, default=2, metavar="N", help="runs under each load (2)")
    loads = [Load(1), Load(2), Load(2, 2)]
    parser.add_argument(
        "--loads", type=_load, nargs="+", default=loads, metavar="W+L", help="workers+busy loops (1 2 2+2)"
    )
    parser.add_argument("--repeats", type=_positive, default=5, metavar="N", help="repeats of what changed (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts and all examples there")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)


def _load(text: str) -> Load:
    try:
        return Load.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def print_changes(arguments: argparse.Namespace) -> int:
    """Run what is missing, and print the tables. Return the exit code."""
    try:
        counts = find_changes(arguments)
        print("\n".join(tables(counts)))
        for cause, row in counts["causes"].items():
            for name, text in row["examples"].items():
                print(f"{cause}: {name}: {text}", file=sys.stderr)
        if arguments.json is not None:
            write_json(arguments.json, counts)
    except KeyboardInterrupt:
        print(f"interrupted: the same command goes on from {arguments.out}", file=sys.stderr)
        return 130
    except AppsPlusError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def write_json(path: Path, counts: dict[str, Any]) -> None:
    """Write the counts to a file. Raises OutputError."""
    with write_atomically(path) as file:
        file.write(json.dumps(counts, indent=1) + "\n")


def find_changes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Judge all solutions under all loads, repeat those that changed, and return the counts of both tables.

    Raises:
        InputError: The build or the raw problems cannot be read, or there is nothing to compare.
        OutputError: The journal cannot be written.
        WorkError: A worker died, or no sandbox starts.
    """
    loads, limits = arguments.loads, limits_of(None)
    if len(set(loads)) < len(loads):
        raise InputError("--loads names one load twice: for more runs under a load, use --rounds")
    if arguments.rounds * len(loads) < 2:
        raise InputError("one run has nothing to be compared with: give --rounds 2, or two --loads")
    chosen = choose(arguments.build, arguments.raw, arguments.sample, limits)
    print(f"{chosen.problems:,} problems, {len(chosen.solutions):,} solutions", file=sys.stderr)
    for note in chosen.notes:
        print(f"note: {note}", file=sys.stderr)
    with ExitStack() as stack:
        stack.enter_context(lock(arguments.out / "lock"))
        journal = stack.enter_context(Journal(arguments.out / "verdicts.jsonl"))
        soak = Soak(chosen, journal, limits)
        runs = soak.run_all(loads, arguments.rounds)
        repeats = soak.repeat(runs, max(loads, key=lambda load: load.workers + load.loops), arguments.repeats)
    names = {one.key: one.name for one in chosen.solutions}
    return {"problems": chosen.problems} | report(runs, repeats, names, limits)


if __name__ == "__main__":
    main()
