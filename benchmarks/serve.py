"""Compare ``apps-plus serve`` with the judge in this process: verdicts, time on top, what clients leave behind.

    python -m benchmarks.serve BUILD                       # 2,000 programs from 16 clients; about ten minutes
    python -m benchmarks.serve BUILD --programs 200 --json serve.json

Starts a server of its own on a loopback port. Three parts: (1) clients send right, wrong, raising, hanging and flooding
programs for the problems of the build, and each verdict, with the tests that failed, is compared with ``judge`` in this
process; (2) one client and this process run the same short programs in turn, and the medians are compared; (3) clients
that wait for hanging programs are killed, and the processes below the server are counted.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from apps_plus.problem import Problem
from apps_plus.storage import SPLITS, load
from benchmarks.sandbox import machine, print_progress
from harness.judging.judge import judge
from harness.judging.judged_program import summarize_tests
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Program, limits_of
from harness.sandbox.worker import descendants

CLIENTS = 16
TIMEOUT = 0.5
"""Processor seconds for each test."""
TARGET_SECONDS = 0.010
"""Most time on top at the median, on an otherwise idle machine."""
_SECONDS_TO_SETTLE = 20.0

SHARES = {
    "right": 0.45,
    "wrong": 0.25,
    "raises": 0.15,
    "no program": 0.05,
    "hangs": 0.04,
    "sleeps": 0.01,
    "floods": 0.05,
}
"""The kinds of programs and their shares."""


@dataclass(frozen=True, slots=True)
class Case:
    """One program for one problem."""

    kind: str
    problem: Problem
    source: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    address: str


def make_cases(problems: Sequence[Problem], count: int, seed: int) -> list[Case]:
    """Return programs of all kinds, no two alike."""
    draw = random.Random(seed)
    kinds = draw.choices(list(SHARES), list(SHARES.values()), k=count)
    return [_case(kind, draw.choice(problems), number) for number, kind in enumerate(kinds)]


def _case(kind: str, problem: Problem, number: int) -> Case:
    body = {
        "wrong": f"print({number})\n",
        "raises": f"[][{number}]\n",
        "no program": f"def ({number}:\n",
        "hangs": f"x = {number}\nwhile True: x += 1\n",
        "sleeps": f"import time\ntime.sleep({1000 + number})\n",
        "floods": f"while True: print('{number}' * 1000)\n",
    }.get(kind)
    if body is None:
        return Case(kind, problem, f"{problem.canonical_solution}\n# {number}\n")
    if problem.entry_point is None or kind == "no program":
        return Case(kind, problem, body)
    answer = f"    return [{number}]\n" if kind == "wrong" else ""
    inner = "".join(f"    {line}\n" for line in body.splitlines())
    return Case(kind, problem, f"def {problem.entry_point}(*_):\n{inner}{answer}")


# ---- the server and its clients


@contextmanager
def serving(build: Path, workers: int) -> Iterator[Server]:
    """Run a server; stop it in the end."""
    command = [sys.executable, "-m", "apps_plus", "serve", str(build), "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen([*command, "--queue", "5000"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        raise SystemExit("the server did not start")
    try:
        yield Server(process, address)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


class Client:
    """A connection that is kept open."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the answer. Raises RuntimeError where it is refused."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {text[:500]!r}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def get(self, path: str) -> Any:
        """Return the JSON value of a path."""
        self._connection.request("GET", path)
        return json.loads(self._connection.getresponse().read())


# ---- (1) verdicts

Found = tuple[str, tuple[tuple[int, str], ...]]
"""A verdict, and the tests that failed with theirs."""


def served(address: str, cases: Sequence[Case], clients: int) -> tuple[list[Found], float]:
    """Return what the server says of each program, sent by some clients at a time, and the seconds."""
    shares = [range(start, len(cases), clients) for start in range(clients)]
    found: dict[int, Found] = {}

    def work(share: range) -> None:
        client = Client(address)
        for number in share:
            case = cases[number]
            body = {"problem_id": case.problem.problem_id, "program": case.source, "timeout": TIMEOUT}
            answer = client.post("/judge", body)
            failed = tuple((one["test"], one["verdict"]) for one in answer["failed_tests"])
            found[number] = (answer["verdict"], failed)

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, shares))
    return [found[number] for number in range(len(cases))], time.perf_counter() - started


def judged_here(cases: Sequence[Case]) -> list[Found]:
    """Return what the judge in this process says."""
    limits = limits_of(TIMEOUT)
    found = []
    with Sandbox() as sandbox:
        for case in cases:
            tests = judge(sandbox, case.source, case.problem, limits)
            failed = tuple((i, str(one.verdict)) for i, one in enumerate(tests) if one.verdict is not Verdict.PASSED)
            found.append((str(summarize_tests(tests).verdict), failed))
    return found


# ---- (2) time on top


def overheads(address: str, count: int) -> dict[str, float]:
    """Return the medians, in seconds, of a short program over HTTP and in this process, and of the differences."""
    client = Client(address)
    over_http, here = [], []
    with Sandbox() as sandbox:
        for number in range(count + 20):
            source = f"print(int(input()) + {number})\n"
            started = time.perf_counter()
            [execution] = sandbox.execute(Program(source), ["1\n"])
            middle = time.perf_counter()
            answer = client.post("/run_code", {"code": source, "stdin": "1\n", "language": "python"})
            ended = time.perf_counter()
            assert answer["run_result"]["stdout"] == execution.output == f"{number + 1}\n"
            if number >= 20:  # warm
                here.append(middle - started)
                over_http.append(ended - middle)
    differences = [one - other for one, other in zip(over_http, here, strict=True)]
    return {"http": median(over_http), "here": median(here), "on top": median(differences)}


# ---- (3) clients that are killed

_HANGING_CLIENT = """
import http.client, sys
host, _, port = sys.argv[1].removeprefix("http://").rpartition(":")
connection = http.client.HTTPConnection(host, int(port))
body = '{"code": "while True: pass", "language": "python", "run_timeout": 60}'
connection.request("POST", "/run_code", body, {"Content-Type": "application/json"})
print("sent", flush=True)
connection.getresponse()
"""


def left_by_killed_clients(server: Server, clients: int) -> dict[str, int]:
    """Kill clients whose programs hang; return the processes below the server before and after, and what still runs."""
    client = Client(server.address)
    before = len(descendants(server.process.pid))
    started = [
        subprocess.Popen([sys.executable, "-c", _HANGING_CLIENT, server.address], stdout=subprocess.PIPE)
        for _ in range(clients)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    while client.get("/health")["running"] == 0:
        time.sleep(0.05)
    for process in started:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    ends = time.monotonic() + _SECONDS_TO_SETTLE
    while time.monotonic() < ends and (_busy(client) or len(descendants(server.process.pid)) > before):
        time.sleep(0.1)
    after = len(descendants(server.process.pid))
    return {"clients": clients, "processes before": before, "processes after": after, "still running": _busy(client)}


def _busy(client: Client) -> int:
    health = client.get("/health")
    return int(health["running"] + health["waiting"])


# ---- the command


def main() -> None:
    """Run the three parts and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("build", type=Path, help="a build")
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--workers", type=int, default=0, help="of the server; 0: one per core")
    parser.add_argument("--short", type=int, default=400, help="short programs that are timed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the results into this file, too")
    options = parser.parse_args()
    dataset = load(options.build)
    cases = make_cases([one for split in SPLITS for one in dataset[split]], options.programs, options.seed)
    with serving(options.build, options.workers) as server:
        print_progress("timing short programs")
        times = overheads(server.address, options.short)
        print_progress(f"{len(cases)} programs from {options.clients} clients")
        over_http, seconds = served(server.address, cases, options.clients)
        print_progress("killing clients")
        left = left_by_killed_clients(server, options.clients)
    left["processes after the server"] = len(descendants(os.getpid()))
    print_progress("the same programs in this process")
    here = judged_here(cases)
    kinds = Counter(f"{case.kind}: {found[0]}" for case, found in zip(cases, here, strict=True))
    differ = [i for i, (one, other) in enumerate(zip(over_http, here, strict=True)) if one != other]
    for number in differ:
        case = cases[number]
        print(f"differs: {case.kind}, {case.problem.problem_id}: {over_http[number]} over HTTP, {here[number]} here")
    print(f"programs {len(cases)}, verdicts that differ {len(differ)}, {seconds:.0f} s from {options.clients} clients")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    print(
        f"a short program: {1000 * times['http']:.1f} ms over HTTP, {1000 * times['here']:.1f} ms here, "
        f"{1000 * times['on top']:.1f} ms on top at the median (target {1000 * TARGET_SECONDS:.0f})"
    )
    print("  " + ", ".join(f"{name} {count}" for name, count in left.items()))
    if options.json:
        result = {"machine": machine(), "programs": len(cases), "differ": len(differ), "kinds": dict(kinds)}
        options.json.write_text(json.dumps({**result, "times": times, "seconds": seconds, "left": left}, indent=1))


if __name__ == "__main__":
    main()
