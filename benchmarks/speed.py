"""Print the table of speed: ours beside the peers, with the targets, by one command.

    python -m benchmarks.speed --peers DIR
    python -m benchmarks.speed --only humaneval-164 --only judge --rounds 9
    python -m benchmarks.speed --only build --raw raw_apps --against COMMIT

The peers come from the package index at pinned versions, each into a virtual environment in ``DIR``, where later runs
find them. Two workers each, rounds interleaved, ratios within a round. A row that fails is reported in one line, and
the others are measured; Ctrl-C prints what has been measured.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.control_group import control_group
from benchmarks.evaluate_cases import TIMEOUTS
from benchmarks.evaluators import ROOT
from benchmarks.peer_environments import PEERS_HELP, REQUIREMENTS, peers_folder, version_of
from benchmarks.processor_time import machine_busy_seconds, processor_seconds
from benchmarks.sandbox import machine, print_progress
from benchmarks.speed_rows import ROWS, SKIPS, Settings, compile_packages
from benchmarks.speed_table import Figure, table

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def measure(names: list[str], settings: Settings) -> tuple[list[Figure], dict[str, str]]:
    """Measure the rows one after the other; return their figures, and why others have none."""
    figures: list[Figure] = []
    missing: dict[str, str] = {}
    for name in names:
        settings.progress(name)
        start, own, busy = time.perf_counter(), processor_seconds(), machine_busy_seconds()
        try:
            found = ROWS[name].measure(settings)
        except KeyboardInterrupt:
            settings.interrupted = True
            missing[name] = "interrupted"
        except SKIPS as error:
            missing[name] = f"skipped, {error}"
        except Exception as error:
            missing[name] = f"failed, {type(error).__name__}: {error}"
        else:
            rest = machine_busy_seconds() - busy - (processor_seconds() - own)
            others = max(0.0, rest / (time.perf_counter() - start))
            figures += [replace(figure, others=others) for figure in found]
            settings.progress(table(found))
        if settings.interrupted:
            break
        if name in missing:
            settings.progress(f"{name}: {missing[name]}")
    return figures, missing


def _counts_all() -> bool:
    """Return whether processor time includes processes that no parent waited for."""
    group = control_group()
    if group is not None:
        group.remove()
    return group is not None


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description="Print the table of speed: ours beside the peers, with the targets.",
        epilog="Example: python -m benchmarks.speed --peers ~/peers --rounds 5 --json speed.json",
    )
    made.add_argument(
        "--only", action="append", choices=ROWS, metavar="ROW", help=f"can be repeated; one of {', '.join(ROWS)}"
    )
    long = ", ".join(name for name, row in ROWS.items() if row.long)
    made.add_argument("--long", action="store_true", help=f"also measure what takes long: {long}")
    made.add_argument("--rounds", type=_positive, default=5, metavar="N", help="medians are over N rounds (5)")
    made.add_argument("--peers", type=Path, metavar="DIR", help=PEERS_HELP)
    made.add_argument("--json", type=Path, metavar="FILE", help="write every value to this file")
    made.add_argument(
        "--samples",
        nargs=2,
        action="append",
        default=[],
        metavar=("TASK", "FILE"),
        help=f"samples to evaluate instead of our own; TASK is one of {', '.join(TIMEOUTS)}",
    )
    made.add_argument(
        "--data",
        nargs=2,
        action="append",
        default=[],
        metavar=("TASK", "FILE"),
        help="the problems of a task: EvalPlus's files for humaneval+ and mbpp+, a release of LiveCodeBench",
    )
    made.add_argument("--raw", metavar="RAW", help="raw APPS, for the rows build and tracing")
    made.add_argument("--against", metavar="COMMIT", help="the commit that the row build is compared with")
    made.add_argument("--problems", type=_positive, default=600, metavar="N", help="problems of the row build (600)")
    return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def main() -> None:
    """Parse the command line, measure, and print the table."""
    given = parser()
    options = given.parse_args()
    for task, file in (*options.samples, *options.data):
        if task not in TIMEOUTS or not Path(file).is_file():
            given.error(f"{task} {file}: there is no such {'file' if task in TIMEOUTS else 'task'}")
    names = options.only or [name for name, row in ROWS.items() if options.long or not row.long]
    report: dict[str, Any] = {"machine": machine(), "versions": {name: version_of(name) for name in REQUIREMENTS}}
    print("\n".join(f"{what}: {value}" for what, value in report["machine"].items()) + "\n", flush=True)
    if not _counts_all():
        print(
            "processor time lacks what ran in pid namespaces, ours above all: run as root, or where cgroup v2 is yours"
        )
    compile_packages(ROOT)
    with peers_folder(options.peers) as peers:
        settings = Settings(
            rounds=options.rounds,
            peers=peers,
            samples={task: Path(file) for task, file in options.samples},
            data={task: Path(file) for task, file in options.data},
            raw=options.raw,
            against=options.against,
            build_problems=options.problems,
            say=lambda line: print(line, flush=True),
            progress=print_progress,
        )
        figures, missing = measure(names, settings)
    print(f"\n{table(figures)}\n")
    print("\n".join(f"{name}: {why}" for name, why in missing.items()))
    print(f"load average after: {os.getloadavg()[0]:.2f}", flush=True)
    if options.json:
        report |= {"figures": [figure.as_row() for figure in figures], "missing": missing}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if settings.interrupted:
        raise SystemExit(INTERRUPTED)


if __name__ == "__main__":
    main()
