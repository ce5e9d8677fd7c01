"""Compare the sandbox with other projects' judges: the same programs, two workers each, interleaved rounds, medians.

    python -m benchmarks.sandbox --peers DIR        # beside all contenders
    python -m benchmarks.sandbox --profile          # a breakdown of our own time

The peers come from the package index, each into a virtual environment in ``DIR``. One that cannot be installed is
reported and skipped; one that passes a wrong program, or rejects a correct one, is reported as broken and not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contenders import CONTENDERS, OURS, Measurement
from benchmarks.peer_environments import (
    PEERS_HELP,
    REQUIREMENTS,
    PeerMissingError,
    peers_folder,
    python_of,
    version_of,
)
from benchmarks.workloads import WORKLOADS


@dataclass(frozen=True, slots=True)
class ContenderRow:
    """One contender on one workload: medians over the rounds."""

    contender: str
    wall_ms: float
    """Wall time per program: with two workers, half of the time of one program."""
    processor_ms: float
    programs_per_second: float
    ratio: float
    """Its wall time over ours, in the same round."""
    ratio_low: float
    ratio_high: float
    processor_ratio: float
    rejected: int


Rounds = list[dict[str, Measurement]]
"""The measurements by contender, for each round."""


def summarize(rounds: Rounds) -> list[ContenderRow]:
    """Compute medians over the rounds; ratios are within a round, so that a slow phase of the machine cancels out."""
    rows = []
    for contender in rounds[0]:
        own = [measured[contender] for measured in rounds]
        wall = [m.wall_seconds / m.programs for m in own]
        processor = [m.processor_seconds / m.programs for m in own]
        base = [measured[OURS] for measured in rounds]
        ratios = [w / (b.wall_seconds / b.programs) for w, b in zip(wall, base, strict=True)]
        processor_ratios = [p / (b.processor_seconds / b.programs) for p, b in zip(processor, base, strict=True)]
        rows.append(
            ContenderRow(
                contender,
                wall_ms=1000 * median(wall),
                processor_ms=1000 * median(processor),
                programs_per_second=1 / median(wall),
                ratio=median(ratios),
                ratio_low=min(ratios),
                ratio_high=max(ratios),
                processor_ratio=median(processor_ratios),
                rejected=sum(m.rejected for m in own),
            )
        )
    return rows


def table(rows: Sequence[ContenderRow]) -> str:
    """Format the rows as a Markdown table."""
    lines = [
        "| | ms a program | programs/s | times ours (lowest to highest round) | CPU ms a program | times ours |",
        "| :-- | --: | --: | --: | --: | --: |",
    ]
    for row in rows:
        rejected = f" ({row.rejected} rejected!)" if row.rejected else ""
        lines.append(
            f"| {row.contender}{rejected} | {row.wall_ms:.2f} | {row.programs_per_second:.0f} "
            f"| {row.ratio:.2f} ({row.ratio_low:.2f} to {row.ratio_high:.2f}) "
            f"| {row.processor_ms:.2f} | {row.processor_ratio:.2f} |"
        )
    return "\n".join(lines)


ROOT = Path(__file__).parent.parent


class ContenderProcess:
    """The process of a contender, seen from the parent."""

    def __init__(self, name: str, peers: Path) -> None:
        self.name = name
        self.workloads: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        try:
            python = str(python_of(peers, name)) if name in REQUIREMENTS else sys.executable
        except PeerMissingError as error:
            self.skip_reason = f"skipped, {error}"
            return
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.contenders", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        first = self._answer()
        self.workloads = first.get("ready", [])
        self.skip_reason = f"skipped, {first['missing']}" if "missing" in first else first.get("broken", "")

    def measure(self, workload: str, seconds: float) -> Measurement:
        """Judge a workload for about ``seconds``, while all other contenders wait."""
        assert self._process and self._process.stdin
        self._process.stdin.write(json.dumps({"workload": workload, "seconds": seconds}) + "\n")
        self._process.stdin.flush()
        return Measurement(**self._answer())

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process and self._process.stdout
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"broken": "its process died"}
        return answer


def measure_rounds(contenders: Sequence[ContenderProcess], workload: str, rounds: int, seconds: float) -> Rounds:
    """Measure every contender once per round, in a different order each round."""
    participants = [contender for contender in contenders if workload in contender.workloads]
    measured: Rounds = []
    for number in range(rounds):
        print_progress(f"{workload}: round {number + 1} of {rounds}")
        order = participants[number % len(participants) :] + participants[: number % len(participants)]
        results = {contender.name: contender.measure(workload, seconds) for contender in order}
        measured.append({contender.name: results[contender.name] for contender in participants})
    return measured


def machine() -> dict[str, Any]:
    """Describe the machine, as the figures depend on it."""
    return {
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": len(os.sched_getaffinity(0)),
        "load before": round(os.getloadavg()[0], 2),
    }


_QUIET = 0.5
"""The load average below which the machine counts as idle."""


def print_progress(text: str) -> None:
    """Print a line on stderr."""
    print(text, file=sys.stderr, flush=True)


def run(peers: Path, names: Sequence[str], workloads: Sequence[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Measure, print the tables, and return all figures for the JSON file."""
    versions = {name: version_of(name) for name in names if name in REQUIREMENTS}
    report: dict[str, Any] = {"machine": machine(), "versions": versions, "skipped": {}, "workloads": {}}
    with ExitStack() as stack:
        contenders = []
        for name in names:
            print_progress(f"{name}: checking that it passes correct programs and no wrong one")
            contender = stack.enter_context(closing(ContenderProcess(name, peers)))
            if contender.skip_reason:
                print(f"{name}: {contender.skip_reason}\n")
                report["skipped"][name] = contender.skip_reason
            else:
                contenders.append(contender)
        busy = report["machine"]["load before"] > _QUIET
        print("\n".join(f"{what}: {value}" for what, value in report["machine"].items()) + "\n")
        if busy:
            print_progress("the machine is busy: rely on the ratios of CPU time, not on those of wall time")
        if OURS not in [contender.name for contender in contenders]:
            raise SystemExit("nothing to compare with: our own sandbox did not start")
        for workload in workloads:
            measured = measure_rounds(contenders, workload, rounds, seconds)
            rows = summarize(measured)
            print(f"### {WORKLOADS[workload]}\n\n{table(rows)}\n", flush=True)
            report["workloads"][workload] = {
                "rows": [asdict(row) for row in rows],
                "rounds": [{name: asdict(m) for name, m in one.items()} for one in measured],
            }
    return report


def main() -> None:
    """Parse the command line, and measure."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sandbox",
        description="Compare the sandbox with other projects' judges.",
        epilog="Example: python -m benchmarks.sandbox --peers ~/peers --rounds 9 --json sandbox.json",
    )
    parser.add_argument("--peers", type=Path, metavar="DIR", help=PEERS_HELP)
    parser.add_argument(
        "--rounds", type=int, default=7, metavar="N", help="number of rounds; the medians are reported (7)"
    )
    parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="least seconds of a round (1)")
    parser.add_argument(
        "--only",
        action="append",
        choices=CONTENDERS,
        metavar="NAME",
        help=f"measure this one besides ours; can be repeated: {', '.join(CONTENDERS)} (all)",
    )
    parser.add_argument(
        "--workload", action="append", choices=WORKLOADS, help="measure this workload; can be repeated (all)"
    )
    parser.add_argument("--profile", action="store_true", help="print a breakdown of our own time instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement to this file")
    options = parser.parse_args()
    workloads = options.workload or list(WORKLOADS)
    if options.profile:
        from benchmarks.breakdown import profile

        report = profile(workloads, options.rounds, options.seconds)
    else:
        names = [name for name in CONTENDERS if not options.only or name in (OURS, *options.only)]
        with peers_folder(options.peers) as peers:
            report = run(peers, names, workloads, options.rounds, options.seconds)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
