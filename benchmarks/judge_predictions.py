"""Measure how often ``evaluate apps --as JUDGE`` is right about where that judge's verdicts differ from ours.

    python -m benchmarks.judge_predictions --raw raw_apps --work DIR --peers ~/peers

Solutions of raw APPS are drawn by a hash of their ids: scripts and functions at random, and some to which a rule
applies, since few at random are such: raw APPS kept what its own judge accepted. Each runs in our sandbox, which gives
our verdict and the predictions, and under the judge itself, in its own virtual environment (``peer_environments``).
*Precision* is the share of the predicted differences that are there, *recall* the share of the differences that were
predicted. Solutions whose tests take more than two seconds of processor time are left out, so that limits of time,
which a busy machine moves, are not what is compared. ``DIR`` keeps what was judged; the same command goes on from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from apps_plus.problem import RawProblem, Tests, dump_json, load_json
from apps_plus.raw import open_raw
from benchmarks.peer_environments import PEERS_HELP, PeerMissingError, python_of
from benchmarks.peer_verdicts import read_lines
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Limits
from harness.sandbox.pool import SandboxPool
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import apps_problem
from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.other_judges.predict import ComparedProgram, rejecting_rules
from harness.scoring.score import score

LONGEST = 2.0
"""Processor time of all tests, in seconds, up to which a solution is compared."""
LIMITS = Limits(cpu_seconds=LONGEST, program_seconds=LONGEST)
Job = dict[str, Any]
RUNS = {
    "livecodebench": ("livecodebench", OtherJudge.LIVECODEBENCH),
    "apps": ("livecodebench", OtherJudge.APPS),
    "opencompass": ("apps", OtherJudge.APPS),
    "verl": ("verl", OtherJudge.VERL),
}
"""For each judge of ``peer_verdicts``: whose virtual environment it runs in, and the prediction to compare with.
``apps`` is a checkout of hendrycks/apps, which needs the packages of LiveCodeBench only; ``opencompass`` has a copy."""


def choose_jobs(raw: Path, scripts: int, functions: int, chosen: int) -> list[Job]:
    """Draw solutions by a hash of their ids: some at random, and of the others some to which a rule applies."""
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
    parts = [[job for _, is_script, job in found if is_script is wanted] for wanted in (True, False)]
    random = [*parts[0][:scripts], *parts[1][:functions]]
    rest = (job for job in [*parts[0][scripts:], *parts[1][functions:]] if _SUSPICIOUS.search(job["program"]))
    by_rule = islice((job for job in rest if _has_rule(job)), chosen)
    return [job | {"drawn": "at random"} for job in random] + [job | {"drawn": "by rule"} for job in by_rule]


_SUSPICIOUS = re.compile(
    r"__name__|buffer|open\(0|/dev/stdin|\bglobal\b|exit\(|quit\(|from sys import|exec\(|globals\(|[Tt]hread|"
    r"__future__|import \*|^class Solution|\binput *=|\bprint *=|import \w+;|__init__|=\[\]|=\{\}",
    re.MULTILINE,
)
"""Programs worth parsing, to find some to which a rule applies."""


def _has_rule(job: Job) -> bool:
    """Return whether a rule over the program says that some judge could reject it."""
    problem = problem_of(job)
    tests = problem.suites[0].tests
    assert isinstance(tests, Tests)
    program = ComparedProgram(job["program"], problem.entry_point, tests, ())
    return any(True for judge in OtherJudge for _ in rejecting_rules(judge, program))


def problem_of(job: Job) -> BenchmarkProblem:
    """Return the problem of a solution."""
    name = job["id"].partition("#")[0]
    return apps_problem(RawProblem(name, name.partition("/")[0], "", None, dump_json(job["tests"])))


def _solutions(problem: RawProblem) -> list[str]:
    try:
        return [text for text in load_json(problem.solutions or "[]") if isinstance(text, str)]
    except ValueError:
        return []


def judge_here(sandbox: Sandbox, job: Job) -> Job:
    """Return our verdict on a solution, its processor time, and the predictions for every judge."""
    problem = problem_of(job)
    predictions = {}
    for judge in OtherJudge:
        scored = score(sandbox, problem, job["program"], LIMITS, judge)
        predictions[str(judge)] = list(scored.could_differ)
    slow = scored.verdict in (Verdict.TIMEOUT, Verdict.HARNESS_ERROR)
    return {"id": job["id"], "passed": scored.verdict is Verdict.PASSED, "slow": slow, "predictions": predictions}


def judge_all_here(jobs: Sequence[Job], path: Path, workers: int) -> dict[str, Job]:
    """Judge all solutions that the file does not have; return all lines by id."""
    known = {line["id"]: line for line in read_lines(path)}
    missing = [job for job in jobs if job["id"] not in known]
    cache = ExecutionCache(path.with_suffix(".cache"))  # the judges' predictions rest on the same executions
    with SandboxPool(workers, cache) as pool, path.open("a", encoding="utf-8") as out:
        for done in pool.run(judge_here, missing) if missing else ():
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
    return {line["id"]: line["accepted"] for line in read_lines(verdicts)}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Predicted and real differences of one judge."""

    judge: str
    drawn: str
    """``at random`` or ``by rule``."""
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
        counts = f"{self.programs:,} | {len(self.real)} | {len(self.predicted)}"
        right = len(self.right)
        shares = f"{_share(right, len(self.predicted))} | {_share(right, len(self.real))}"
        return f"| {self.judge} | {self.drawn} | {counts} | {shares} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else ""


def compare(name: str, drawn: str, ours: Sequence[Job], theirs: dict[str, bool]) -> Agreement:
    """Compare the predictions with the verdicts of a judge."""
    judged = {line["id"]: line for line in ours if line["id"] in theirs and not line["slow"]}
    real = frozenset(key for key, line in judged.items() if line["passed"] is not theirs[key])
    judge = str(RUNS[name][1])
    predicted = {key: line["predictions"][judge] for key, line in judged.items() if line["predictions"][judge]}
    return Agreement(name, drawn, len(judged), real, predicted)


def tables(agreements: Sequence[Agreement]) -> Iterator[str]:
    """Yield the lines of the two tables: judges, then reasons."""
    yield "| judge | drawn | solutions | verdicts that differ | predicted to | precision | recall |"
    yield "| :-- | :-- | --: | --: | --: | --: | --: |"
    yield from (agreement.row() for agreement in agreements)
    yield ""
    judges = list(dict.fromkeys(agreement.judge for agreement in agreements))
    yield f"| reason | {' | '.join(judges)} |"
    yield f"| :-- |{' --: |' * len(judges)}"
    counts = [_by_reason([agreement for agreement in agreements if agreement.judge == judge]) for judge in judges]
    order = Counter[str]()
    for one in counts:
        order.update({reason: total for reason, (_, total) in one.items()})
    for reason, _ in order.most_common():
        cells = [f"{one[reason][0]} of {one[reason][1]}" if reason in one else "" for one in counts]
        yield f"| `{reason}` | {' | '.join(cells)} |"


def _by_reason(agreements: Sequence[Agreement]) -> dict[str, tuple[int, int]]:
    """Return for each reason how many of its predictions were right, and how many there were."""
    pairs = [(agreement, key) for agreement in agreements for key in agreement.predicted]
    total = Counter(reason for agreement, key in pairs for reason in agreement.predicted[key])
    right = Counter(reason for one, key in pairs if key in one.real for reason in one.predicted[key])
    return {reason: (right[reason], count) for reason, count in total.items()}


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
    parser.add_argument("--by-rule", type=int, default=300, help="solutions to which a rule applies")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    jobs = choose_jobs(arguments.raw, arguments.scripts, arguments.functions, arguments.by_rule)
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
        for drawn in dict.fromkeys(job["drawn"] for job in jobs):
            lines = [ours[job["id"]] for job in jobs if job["drawn"] == drawn]
            agreements.append(compare(name, drawn, lines, theirs))
            for key in sorted(agreements[-1].real - agreements[-1].predicted.keys()):
                print(f"{name}: {key}: differs, not predicted", file=sys.stderr)
    print("\n".join(tables(agreements)))


if __name__ == "__main__":
    main()
