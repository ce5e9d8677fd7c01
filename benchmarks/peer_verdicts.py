"""Judge many programs with another project's judge, in that project's own virtual environment.

    python -m benchmarks.peer_verdicts livecodebench JOBS.jsonl VERDICTS.jsonl
    python -m benchmarks.peer_verdicts apps JOBS.jsonl VERDICTS.jsonl --peers ~/peers   # a checkout of hendrycks/apps

``benchmarks.judge_predictions`` starts it. A line of ``JOBS.jsonl`` has an ``id``, a ``program`` and ``tests``, the
``input_output`` of raw APPS; a line of ``VERDICTS.jsonl`` the ``id`` and whether the judge ``accepted`` the program.
Lines that are there already are not judged again. The judges' limits of time are multiplied, so that a busy machine
changes fewer verdicts.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import judge_peers, peers
from benchmarks.peer_environments import PeerMissingError

PATIENCE = 30
"""Factor of the judges' limits of time."""
LIMITS = {"livecodebench": 6, "apps": 10, "opencompass": 10, "verl": 10}
"""Seconds: of a test for LiveCodeBench, of all tests together for the others (APPS has 4 for a test as well)."""
TEST_LIMIT = 4
"""Seconds of a test, in APPS's judge and OpenCompass's copy of it."""
_worker: dict[str, Any] = {}


def load_judge(name: str, peers: Path | None) -> str:
    """Load a judge into this process, with multiplied limits; return its version in words.

    Raises PeerMissingError if it is not installed.
    """
    judge_peers.TIMEOUT = PATIENCE * LIMITS[name]
    if name == "opencompass":
        accepts, told = opencompass()
    else:
        accepts, told = judge_peers.JUDGES[name][0](peers)
    if name == "apps":
        vars(sys.modules["testing_util"])["timeout"] = PATIENCE * TEST_LIMIT
    _worker["accepts"] = accepts
    _worker["prepare"] = {"livecodebench": unwrapped, "verl": joined}.get(name, dict)
    return told


def opencompass() -> tuple[judge_peers.Accepts, str]:
    """Load OpenCompass's copy of APPS's judge. Raises PeerMissingError."""
    evaluation, evaluator = peers.opencompass()
    evaluation.timeout = PATIENCE * TEST_LIMIT

    def accepts(program: str, tests: judge_peers.Tests) -> bool:
        problem = {"input_output": json.dumps(tests)}
        results = evaluator.check_correctness(problem, program, timeout=judge_peers.TIMEOUT, debug=False)
        return len(results) == len(tests["inputs"]) and all(bool(result > 0) for result in results)

    return accepts, f"opencompass {version('opencompass')} (`APPSEvaluator.check_correctness`)"


def unwrapped(tests: judge_peers.Tests) -> judge_peers.Tests:
    """Return tests whose expected values are not in lists of one, as raw APPS has them: LiveCodeBench's are not."""
    if "fn_name" not in tests:
        return joined(tests)
    outputs = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in tests["outputs"]]
    return tests | {"outputs": outputs}


def joined(tests: judge_peers.Tests) -> judge_peers.Tests:
    """Return tests whose standard inputs and outputs are texts; raw APPS has lists of lines, too, which it joins."""
    if "fn_name" in tests:
        return tests
    return tests | {
        name: ["\n".join(map(str, text)) if isinstance(text, list) else str(text) for text in tests[name]]
        for name in ("inputs", "outputs")
    }


def judge(job: dict[str, Any]) -> tuple[str, bool]:
    """Judge one program; a judge that raises has not accepted it."""
    sys.setrecursionlimit(1000)  # verl's import raises it
    with contextlib.redirect_stdout(io.StringIO()), Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        try:
            accepted = bool(_worker["accepts"](job["program"], _worker["prepare"](job["tests"])))
        except Exception:  # of any class: judges raise what programs raise, and errors of their own
            accepted = False
    return job["id"], accepted


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the complete lines of a file of JSON lines; none if there is no file."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.endswith("\n"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer_verdicts", description=__doc__.split("\n", 1)[0])
    parser.add_argument("judge", choices=LIMITS)
    parser.add_argument("jobs", type=Path)
    parser.add_argument("verdicts", type=Path)
    parser.add_argument("--peers", type=Path, help="the folder of checkouts, for apps")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    sys.argv = ["judge"]  # programs look at it
    try:
        told = load_judge(arguments.judge, arguments.peers)
    except PeerMissingError as error:
        sys.exit(str(error))
    known = {line["id"] for line in read_lines(arguments.verdicts)}
    jobs = [job for job in read_lines(arguments.jobs) if job["id"] not in known]
    print(f"{told}: {len(jobs)} programs, {len(known)} known", file=sys.stderr, flush=True)
    with ProcessPoolExecutor(arguments.workers) as pool, arguments.verdicts.open("a", encoding="utf-8") as out:
        for done in as_completed([pool.submit(judge, job) for job in jobs]):
            name, accepted = done.result()
            out.write(json.dumps({"id": name, "accepted": accepted}) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
