"""Measure how often ``evaluate apps --as JUDGE`` is right about where that judge's verdicts differ from ours.

    python -m benchmarks.judge_predictions --raw raw_apps --work DIR --peers ~/peers

Solutions of raw APPS are drawn by a hash of their ids: scripts and functions. Each runs in our sandbox, which gives our
verdict and the predictions, and under the judge itself, in its own virtual environment (``peer_environments``).
*Precision* is the share of the predicted differences that are there, *recall* the share of the differences that were
predicted. Solutions whose tests take more than two seconds of processor time are left out, so that limits of time,
which a busy machine moves, are not what is compared. ``DIR`` keeps what was judged; the same command goes on from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.problem import RawProblem, dump_json, load_json
from apps_plus.raw import open_raw
from benchmarks.peer_environments import PEERS_HELP, PeerMissingError, python_of
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Limits
from harness.sandbox.pool import SandboxPool
from harness.scoring.benchmarks.load import apps_problem
from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.score import score

LONGEST = 2.0
"""Processor time of all tests, in seconds, up to which a solution is compared."""
Job = dict[str, Any]
RUNS = {
    "livecodebench": ("livecodebench", OtherJudge.LIVECODEBENCH),
    "apps": ("livecodebench", OtherJudge.APPS),
    "opencompass": ("apps", OtherJudge.APPS),
    "verl": ("verl", OtherJudge.VERL),
}
"""For each judge of ``peer_verdicts``: whose virtual environment it runs in, and the prediction to compare with.
``apps`` is a checkout of hendrycks/apps, which needs the packages of LiveCodeBench only; ``opencompass`` has a copy."""


def choose_jobs(raw: Path, scripts: int, functions: int) -> list[Job]:
    """Draw solutions by a hash of their ids."""
    found: list[tuple[str, bool, Job]] = []
    for problem in open_raw(raw):
        base = apps_problem(problem)
        if not base.suites:
            continue
        tests = load_json(problem.input_output or "")
        kept = {name: tests[name] for name in ("fn_name", "inputs", "outputs") if tests.get(name) is not None}
        for number, program in enumerate(_solutions(problem)):
            name = f"{problem.problem_id}#{number}"
            drawn = hashlib.sha256(name.encode()).hexdigest()
            found.append((drawn, base.entry_point is None, {"id": name, "program": program, "tests": kept}))
    found.sort(key=lambda entry: entry[0])
    return [
        job
        for is_script, most in ((True, scripts), (False, functions))
        for _, _, job in [entry for entry in found if entry[1] is is_script][:most]
    ]


def _solutions(problem: RawProblem) -> list[str]:
    try:
        return [text for text in load_json(problem.solutions or "[]") if isinstance(text, str)]
    except ValueError:
        return []


def judge_here(sandbox: Sandbox, job: Job) -> Job:
    """Return our verdict on a solution, its processor time, and the predictions for every judge."""
    name = job["id"].partition("#")[0]
    problem = apps_problem(RawProblem(name, name.partition("/")[0], "", None, dump_json(job["tests"])))
    predictions = {}
    for judge in OtherJudge:
        scored = score(sandbox, problem, job["program"], Limits(), judge)
        predictions[str(judge)] = list(scored.could_differ)
    slow = scored.seconds > LONGEST or scored.verdict in (Verdict.TIMEOUT, Verdict.HARNESS_ERROR)
    return {"id": job["id"], "passed": scored.verdict is Verdict.PASSED, "slow": slow, "predictions": predictions}


def judge_all_here(jobs: Sequence[Job], path: Path, workers: int) -> dict[str, Job]:
    """Judge all solutions that the file does not have; return all lines by id."""
    known = {line["id"]: line for line in _lines(path)}
    missing = [job for job in jobs if job["id"] not in known]
    cache = ExecutionCache(path.with_suffix(".cache"))  # the judges' predictions rest on the same executions
    with SandboxPool(workers, cache) as pool, path.open("a", encoding="utf-8") as out:
        for done in pool.run(judge_here, missing, workers) if missing else ():
            known[done.answer["id"]] = done.answer
            out.write(dump_json(done.answer) + "\n")
            out.flush()
    return known


def judge_there(name: str, work: Path, jobs: Path, peers: Path, workers: int) -> dict[str, bool]:
    """Run a judge in its virtual environment; return whether it accepted each solution. Raises PeerMissingError."""
    verdicts = work / f"{name}.jsonl"
    command = [str(python_of(peers, RUNS[name][0])), "-m", "benchmarks.peer_verdicts", name, str(jobs), str(verdicts)]
    done = subprocess.run([*command, "--workers", str(workers), "--peers", str(peers)], check=False)
    if done.returncode:
        raise PeerMissingError(f"{name} was not measured")
    return {line["id"]: line["accepted"] for line in _lines(verdicts)}


def _lines(path: Path) -> Iterator[Job]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (load_json(line) for line in lines if line.endswith("\n"))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Predicted and real differences of one judge."""

    judge: str
    programs: int
    real: frozenset[str]
    """Solutions on which the judge's verdict is not ours."""
    predicted: dict[str, list[str]]
    """Reasons, by the solutions for which there are some."""

    @property
    def right(self) -> frozenset[str]:
        """The predicted differences that are there."""
        return self.real & self.predicted.keys()

    def row(self) -> str:
        """Return the judge's row of the table."""
        shares = (_share(len(self.right), len(self.predicted)), _share(len(self.right), len(self.real)))
        return f"| {self.judge} | {self.programs:,} | {len(self.real)} | {len(self.predicted)} | {' | '.join(shares)} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else ""


def compare(name: str, ours: dict[str, Job], theirs: dict[str, bool]) -> Agreement:
    """Compare the predictions with the verdicts of a judge."""
    judged = {key: line for key, line in ours.items() if key in theirs and not line["slow"]}
    real = frozenset(key for key, line in judged.items() if line["passed"] is not theirs[key])
    judge = str(RUNS[name][1])
    predicted = {key: line["predictions"][judge] for key, line in judged.items() if line["predictions"][judge]}
    return Agreement(name, len(judged), real, predicted)


def tables(agreements: Sequence[Agreement]) -> Iterator[str]:
    """Yield the lines of the two tables: judges, then reasons."""
    yield "| judge | solutions | verdicts that differ | predicted to | precision | recall |"
    yield "| :-- | --: | --: | --: | --: | --: |"
    yield from (agreement.row() for agreement in agreements)
    yield ""
    yield f"| reason | {' | '.join(a.judge for a in agreements)} |"
    yield f"| :-- |{' --: |' * len(agreements)}"
    counts = [_by_reason(agreement) for agreement in agreements]
    order = Counter[str]()
    for one in counts:
        order.update({reason: total for reason, (_, total) in one.items()})
    for reason, _ in order.most_common():
        cells = [f"{one[reason][0]} of {one[reason][1]}" if reason in one else "" for one in counts]
        yield f"| `{reason}` | {' | '.join(cells)} |"


def _by_reason(agreement: Agreement) -> dict[str, tuple[int, int]]:
    """Return for each reason how many of its predictions were right, and how many there were."""
    all_reasons = Counter(reason for reasons in agreement.predicted.values() for reason in reasons)
    right = Counter(reason for key in agreement.right for reason in agreement.predicted[key])
    return {reason: (right[reason], total) for reason, total in all_reasons.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judge_predictions", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("--raw", type=Path, required=True, help="raw APPS")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="keeps the verdicts")
    parser.add_argument("--peers", type=Path, required=True, help=PEERS_HELP + "; for `apps` a checkout in DIR/apps")
    parser.add_argument("--judge", action="append", choices=RUNS, help="default: all but apps, which needs a checkout")
    parser.add_argument("--scripts", type=int, default=1000)
    parser.add_argument("--functions", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    jobs = choose_jobs(arguments.raw, arguments.scripts, arguments.functions)
    ours = judge_all_here(jobs, arguments.work / "ours.jsonl", arguments.workers)
    quick = arguments.work / "jobs.jsonl"
    quick.write_text("".join(json.dumps(job) + "\n" for job in jobs if not ours[job["id"]]["slow"]), encoding="utf-8")
    agreements = []
    for name in arguments.judge or ("livecodebench", "opencompass", "verl"):
        try:
            theirs = judge_there(name, arguments.work, quick, arguments.peers, arguments.workers)
        except PeerMissingError as error:
            print(error, file=sys.stderr)
            continue
        agreements.append(compare(name, {job["id"]: ours[job["id"]] for job in jobs}, theirs))
        for key in sorted(agreements[-1].real - agreements[-1].predicted.keys()):
            print(f"{name}: {key}: differs, not predicted", file=sys.stderr)
    print("\n".join(tables(agreements)))


if __name__ == "__main__":
    main()
