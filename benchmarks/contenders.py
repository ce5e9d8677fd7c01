"""One contender's process: our sandbox, a peer, or a floor. Spoken to in lines of JSON on standard input and output.

``python -m benchmarks.contenders NAME [PEERS]`` answers first with ``{"ready": [...]}``, ``{"missing": reason}`` or
``{"broken": reason}``; then, to each ``{"workload", "seconds"}``, with what judging it for so long took. Contenders
are kept apart, since some patch the interpreter that they run in.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps_plus.problem import Comparison, Problem, Tests
from benchmarks.peers import PEERS, WORKERS, Judge, PeerMissingError
from benchmarks.processor_time import processor_seconds
from benchmarks.stdio_problems import run_in_process
from benchmarks.workloads import WORKLOADS, HumanEvalTask, Task, tasks_of, wrong
from harness.judging.judge import judge, judge_checks
from harness.judging.verdict import Verdict, worst
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Limits, Program

OURS = "apps-plus"
OURS_IN_THREADS = "apps-plus, threads"
IN_PROCESS = "floor: exec in process"
FORK = "floor: fork and wait"
START = "floor: python -I -S -c pass"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What judging a workload over and over took."""

    programs: int
    rejected: int
    """Right programs that were rejected."""
    wall_seconds: float
    processor_seconds: float


# --- ours ------------------------------------------------------------------------------------------------------------

_sandboxes = threading.local()
"""One sandbox for each worker, whether a process or a thread."""


def _start_worker() -> None:
    _sandboxes.own = Sandbox(require_isolation=True)


def passes(task: Task) -> bool:
    """Whether our sandbox, with all layers, lets a task's program pass."""
    return judge_task(_sandboxes.own, task)


def judge_task(sandbox: Sandbox, task: Task) -> bool:
    """Judge one program through the front door."""
    if isinstance(task, HumanEvalTask):
        checks = Checks(task.checks, prelude=task.prompt)
        judged = judge_checks(sandbox, Program(task.source, task.entry_point), checks, Limits())
        return judged.verdict is Verdict.PASSED
    return worst(j.verdict for j in judge(sandbox, task.source, as_problem(task))) is Verdict.PASSED


def as_problem(task: Any) -> Problem:
    """A standard-input problem of the benchmark as one of the dataset."""
    return Problem(
        problem_id=task.name,
        question="",
        canonical_solution=task.source,
        entry_point=None,
        tests=Tests(task.inputs, task.outputs),
        starter_code="",
        conditionals=(),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )


def ours(_: Path | None) -> Judge:
    """Two processes with a sandbox each, as ``apps-plus build`` has them; they stay, as there."""
    pool = ProcessPoolExecutor(WORKERS, initializer=_start_worker)
    return lambda tasks: list(pool.map(passes, tasks, chunksize=_CHUNK))


def ours_in_threads(_: Path | None) -> Judge:
    """Two threads with a sandbox each: one process judges for both."""
    pool = ThreadPoolExecutor(WORKERS, initializer=_start_worker)
    return lambda tasks: list(pool.map(passes, tasks))


_CHUNK = 2
"""Tasks sent to a process at once: small enough that both end at about the same time."""


# --- the floors ------------------------------------------------------------------------------------------------------


def _exec_task(task: Task) -> bool:
    if isinstance(task, HumanEvalTask):
        exec(compile(f"{task.source}\n{task.checks}", task.task_id, "exec"), {"__name__": "__main__"})
        return True
    code = compile(task.source, task.name, "exec")
    return all(run_in_process(code, given) == out for given, out in zip(task.inputs, task.outputs, strict=True))


def _exec_safely(task: Task) -> bool:
    try:
        return _exec_task(task)
    except Exception:
        return False


def in_process_milliseconds(tasks: Sequence[Task], seconds: float) -> float:
    """What the programs take on average in one bare process, this one."""
    measured = measure(lambda given: [_exec_task(task) for task in given], tasks, seconds)
    return 1000 * measured.wall_seconds / measured.programs


def in_process(_: Path | None) -> Judge:
    """No sandbox at all: two processes that run the programs themselves."""
    pool = ProcessPoolExecutor(WORKERS)
    return lambda tasks: list(pool.map(_exec_safely, tasks, chunksize=_CHUNK))


_FORKS = """
import json, os, resource, sys, time
end, count = time.perf_counter() + float(sys.argv[1]), 0
start = time.perf_counter()
while time.perf_counter() < end:
    for _ in range(50):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    count += 50
print(json.dumps([count, time.perf_counter() - start]))
"""


def measure_forks(seconds: float, workers: int = WORKERS) -> Measurement:
    """Lean interpreters that do nothing but fork and wait."""
    before = processor_seconds()
    command = [sys.executable, "-I", "-S", "-c", _FORKS, str(seconds)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    results = [json.loads(process.communicate()[0]) for process in processes]
    forks = sum(count for count, _ in results)
    return Measurement(forks, 0, max(wall for _, wall in results), processor_seconds() - before)


def measure_starts(seconds: float) -> Measurement:
    """Two threads that start bare interpreters and wait for them."""

    def start_many(_: int) -> int:
        count = 0
        while time.perf_counter() < start + seconds:
            pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", "pass"], {})
            os.waitpid(pid, 0)
            count += 1
        return count

    before, start = processor_seconds(), time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        count = sum(pool.map(start_many, range(WORKERS)))
    return Measurement(count, 0, time.perf_counter() - start, processor_seconds() - before)


_SHORTEST_PASS = 40
"""Programs: at the end of a pass a worker may wait for the other, and a pass of a dozen would be mostly end."""


# --- the process -----------------------------------------------------------------------------------------------------

JUDGES: dict[str, tuple[Callable[[Path | None], Judge], tuple[str, ...]]] = {
    OURS: (ours, tuple(WORKLOADS)),
    OURS_IN_THREADS: (ours_in_threads, tuple(WORKLOADS)),
    **PEERS,
    IN_PROCESS: (in_process, tuple(WORKLOADS)),
}
"""Who can judge what."""

PROCESS_FLOORS = {FORK: measure_forks, START: measure_starts}
"""What only makes processes, and is the same for every workload."""

CONTENDERS = (*JUDGES, *PROCESS_FLOORS)


def fault_of(judge_all: Judge, workload: str) -> str:
    """Why a judge's figures would mean nothing: what it says of right and of wrong programs; empty where it is fair."""
    tasks = tasks_of(workload)
    rejected = [name_of(task) for task, passed in zip(tasks, judge_all(tasks), strict=True) if not passed]
    if rejected:
        return f"{workload}: rejects {len(rejected)} of {len(tasks)} right programs, such as {rejected[0]}"
    verdicts = judge_all([wrong(task) for task in tasks])
    accepted = [name_of(task) for task, passed in zip(tasks, verdicts, strict=True) if passed]
    if accepted:
        return f"{workload}: accepts {len(accepted)} of {len(tasks)} wrong programs, such as {accepted[0]}"
    return ""


def name_of(task: Task) -> str:
    """What to call a task."""
    return task.task_id if isinstance(task, HumanEvalTask) else task.name


def measure(judge_all: Judge, tasks: Sequence[Task], seconds: float) -> Measurement:
    """Judge all tasks again and again until the time is up, whole passes only."""
    tasks = [*tasks] * (1 + _SHORTEST_PASS // len(tasks))
    before, start = processor_seconds(), time.perf_counter()
    for passed_over in itertools.count(1):
        rejected = sum(not passed for passed in judge_all(tasks))
        wall = time.perf_counter() - start
        if rejected or wall >= seconds:
            return Measurement(passed_over * len(tasks), rejected, wall, processor_seconds() - before)
    raise AssertionError("unreachable")


def main() -> None:
    """Serve one contender until standard input ends."""
    name, *folder = sys.argv[1:]
    peers = Path(folder[0]) if folder else None
    answers = os.fdopen(os.dup(1), "w")
    for fd in (1, 2):  # judges talk: progress bars, what programs print, warnings
        os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
    multiprocessing.set_start_method("fork")  # the default of the Pythons that the peers were written for

    def say(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    if name in PROCESS_FLOORS:
        say({"ready": list(WORKLOADS)})
        for line in sys.stdin:
            say(asdict(PROCESS_FLOORS[name](json.loads(line)["seconds"])))
        return
    make, workloads = JUDGES[name]
    try:
        judge_all = make(peers)
        faults = [fault_of(judge_all, workload) for workload in workloads]
    except PeerMissingError as error:
        say({"missing": str(error)})
        return
    except Exception as error:
        say({"broken": f"{type(error).__name__}: {error}"})
        return
    if any(faults):
        say({"broken": "; ".join(filter(None, faults))})
        return
    say({"ready": list(workloads)})
    for line in sys.stdin:
        request = json.loads(line)
        say(asdict(measure(judge_all, tasks_of(request["workload"]), request["seconds"])))


if __name__ == "__main__":
    main()
