"""Compare a command on this machine's workers with the same command on a Ray cluster of this machine.

    python -m benchmarks.cluster build raw_apps --limit 100
    python -m benchmarks.cluster evaluate humaneval samples.jsonl --rounds 5

In each round the command runs once each way, in turn first, with two workers and an output of its own. The outputs must
have the same bytes (for an evaluation, but for the seconds). The ratio of processor time is taken within a round; that
of Ray includes starting and ending the cluster. Needs the extra ``ray``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from apps_plus.storage import read_json_lines
from benchmarks.command_cost import Cost, run_command
from benchmarks.sandbox import print_progress

TARGET = 1.08
"""Most processor time on Ray, as a multiple of that on the workers of this machine."""
WAYS = ("here", "ray")
"""Values of ``--on`` that are compared."""
_NEW_CLUSTER = {"RAY_ADDRESS": "local"}
"""Environment variable with which Ray starts a cluster, also where one runs."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run each way."""

    here: Cost
    ray: Cost
    same: bool
    """The outputs are equal."""

    @property
    def ratio(self) -> float:
        """Processor time on Ray, as a multiple of that here."""
        return self.ray.processor_seconds / self.here.processor_seconds


def run_round(command: Sequence[str], workers: int, first: str) -> Round:
    """Run a command both ways, the way ``first`` before the other. Raises CommandFailedError where it fails."""
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="apps-plus-cluster-") as name:
        folder = Path(name)
        for on in sorted(WAYS, key=lambda way: way != first):
            out = folder / on / "out"
            out.parent.mkdir()
            arguments = [*command, "--out", str(out), "--workers", str(workers), "--on", on]
            here = ["env", f"--chdir={Path.cwd()}"]  # what the command prints goes into the folder
            costs[on] = run_command([*here, sys.executable, "-m", "apps_plus", *arguments], folder, _NEW_CLUSTER)
        same = contents(folder / "here") == contents(folder / "ray")
    return Round(costs["here"], costs["ray"], same)


def contents(folder: Path) -> dict[str, Any]:
    """Return the contents of a command's output, by path, without a build's journals and the seconds of results."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".build" not in path.parts]
    return {str(path.relative_to(folder)): _content(path) for path in paths if not path.name.startswith(".")}


def _content(path: Path) -> Any:
    if path.name == "out":  # the results of an evaluation
        return [{**row, "seconds": None} for row in read_json_lines(path)]
    if path.name == "out.summary.json":
        return {**json.loads(path.read_text()), "seconds": None}
    return path.read_bytes()


def main() -> int:
    """Run the benchmark; return the exit code: 1 where outputs differ."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cluster",
        description="Compare a command on this machine's workers with the same command on a local Ray cluster.",
        epilog="Example: python -m benchmarks.cluster build raw_apps --limit 100",
    )
    parser.add_argument("--rounds", type=int, default=1, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to this file")
    options, command = parser.parse_known_args()
    rounds = []
    for number in range(options.rounds):
        rounds.append(run_round(command, options.workers, WAYS[number % 2]))
        last = rounds[-1]
        print_progress(
            f"round {number + 1}: {last.here.processor_seconds:.1f} s of processor time here, "
            f"{last.ray.processor_seconds:.1f} s on Ray, ratio {last.ratio:.3f}, "
            f"{'the same output' if last.same else 'OTHER OUTPUT'}"
        )
        if options.json is not None:
            options.json.write_text(json.dumps([{**asdict(one), "ratio": one.ratio} for one in rounds], indent=1))
    ratios = sorted(one.ratio for one in rounds)
    met = "met" if median(ratios) <= TARGET else "missed"
    print(f"processor time on Ray / here: {median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}); {TARGET}: {met}")
    return 0 if all(one.same for one in rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
