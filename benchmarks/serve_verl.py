"""Score samples with verl's own client of SandboxFusion against ``apps-plus serve``, beside our judge in this process.

    python -m benchmarks.serve_verl BUILD                  # 200 samples, a few minutes
    python -m benchmarks.serve_verl BUILD --peers ~/peers --samples 50 --concurrent 64

verl is installed into a virtual environment of its own, without what it needs for training: of it only
``verl/utils/reward_score/sandbox_fusion`` is loaded, and its ``compute_score`` is called as verl's reward does. A score
is the share of tests that pass. verl compares the text that a program prints with the expected one, but for newlines at
the end; ours follows the comparison of the problem. Where the scores differ, both are printed with that comparison.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps_plus.problem import Problem, dump_json
from apps_plus.storage import SPLITS, load
from benchmarks.peer_environments import PEERS_HELP, peers_folder, python_of, version_of
from benchmarks.sandbox import print_progress
from benchmarks.serve import Case, make_cases, serving
from harness.judging.judge import judge
from harness.judging.judged_program import summarize_tests
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits, Program

SECONDS = 10
"""Limit of one test: verl's default ``timeout``. Its client waits for twice as long and 10 s, queueing included."""
LEFT_OUT = ("hangs", "sleeps")
"""verl runs every test of a program, also after one that timed out."""

_CLIENT = """
import importlib.util, json, pathlib, sys, threading
from concurrent.futures import ThreadPoolExecutor
root = next(path for path in map(pathlib.Path, sys.path) if (path / "verl").is_dir())
folder = root / "verl/utils/reward_score/sandbox_fusion"
spec = importlib.util.spec_from_file_location(
    "sandbox_fusion", folder / "__init__.py", submodule_search_locations=[str(folder)]
)
verl = sys.modules["sandbox_fusion"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verl)
job = json.load(sys.stdin)
places = threading.Semaphore(job["concurrent"])

def score(sample):
    value, metadata = verl.compute_score(
        job["url"], places, 1024, sample["completion"], sample["tests"], continuous=False, timeout=job["seconds"]
    )
    return value, [one.get("status") for one in metadata]

with ThreadPoolExecutor(4) as pool:
    json.dump(list(pool.map(score, job["samples"])), sys.stdout)
"""


def tests_for_verl(problem: Problem) -> dict[str, Any]:
    """Return the tests as verl's data has them: texts, of a function one line of JSON for each argument."""
    if problem.entry_point is None:
        return {"inputs": list(problem.tests.inputs), "outputs": list(problem.tests.outputs)}
    return {
        "inputs": ["\n".join(map(json.dumps, arguments)) for arguments in problem.tests.inputs],
        "outputs": [one if isinstance(one, str) else json.dumps(one) for one in problem.tests.outputs],
        "fn_name": problem.entry_point,
    }


def scores_of_verl(python: Path, url: str, cases: Sequence[Case], concurrent: int) -> list[tuple[float, list[str]]]:
    """Return the score that verl gives each program, and the status of each test."""
    samples = [
        {"completion": f"```python\n{case.source}\n```", "tests": tests_for_verl(case.problem)} for case in cases
    ]
    job = dump_json({"url": url, "seconds": SECONDS, "samples": samples, "concurrent": concurrent})
    done = subprocess.run([str(python), "-c", _CLIENT], input=job, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"verl's client failed: {done.stderr.strip().splitlines()[-1:]}")
    return [(score, statuses) for score, statuses in json.loads(done.stdout)]


def main() -> None:
    """Print on how many samples both agree, and those on which they do not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("build", type=Path, help="a build")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--workers", type=int, default=0, help="of the server; 0: one per core")
    parser.add_argument("--concurrent", type=int, default=8, help="requests at a time, verl's max_concurrent")
    parser.add_argument("--peers", type=Path, metavar="DIR", help=PEERS_HELP)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dataset = load(options.build)
    problems = [one for split in SPLITS for one in dataset[split]]
    drawn = make_cases(problems, 2 * options.samples, options.seed)
    cases = [case for case in drawn if case.kind not in LEFT_OUT][: options.samples]
    with peers_folder(options.peers) as peers, serving(options.build, options.workers) as server:
        python = python_of(peers, "verl")
        print_progress(f"{len(cases)} samples by {version_of('verl')}")
        theirs = scores_of_verl(python, f"{server.address}/run_code", cases, options.concurrent)
    limits = Limits(cpu_seconds=SECONDS, wall_seconds=2 * SECONDS)
    same, same_texts, scripts, unanswered = 0, 0, 0, 0
    with Sandbox() as sandbox:
        for case, (score, statuses) in zip(cases, theirs, strict=True):
            outcome = summarize_tests(judge(sandbox, case.source, case.problem, limits))
            ours = outcome.tests_passed / outcome.tests_total
            same += ours == score
            unanswered += "api_error" in statuses
            if case.problem.entry_point is None:
                scripts += 1
                same_texts += _score_by_text(sandbox, case, limits) == score
            if ours != score:
                words = f"{case.kind}, {case.problem.problem_id} ({case.problem.rule})"
                print(f"differs: {words}: {score:.3f} by verl, {ours:.3f} by us; {sorted(set(statuses))}")
    print(f"{version_of('verl')}: {same} of {len(cases)} samples have our score; of {unanswered} a request failed")
    print(f"scripts by verl's comparison, run in this process: {same_texts} of {scripts} have verl's score")


def _score_by_text(sandbox: Sandbox, case: Case, limits: Limits) -> float:
    """Return the score of a script if outputs are compared as verl does."""
    tests = case.problem.tests
    passed = 0
    for given, expected in zip(tests.inputs, tests.outputs, strict=True):
        [execution] = sandbox.execute(Program(case.source), [given], limits)
        same = execution.output.rstrip("\n") == expected.rstrip("\n")
        passed += execution.ended is Ended.FINISHED and same
    return passed / len(tests)


if __name__ == "__main__":
    main()
