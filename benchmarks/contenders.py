"""The process of one contender: our sandbox, a peer, or a floor. It reads and writes lines of JSON.

``python -m benchmarks.contenders NAME`` first prints ``{"ready": [...]}``, ``{"missing": reason}`` or
``{"broken": reason}``; then, for each ``{"workload", "seconds"}``, a ``Measurement``. Each contender has its own
process, since some patch their interpreter; a peer's is of its own virtual environment.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.peer_environments import PeerMissingError
from benchmarks.peers import PEERS, WORKERS, Judge
from benchmarks.processor_time import processor_seconds
from benchmarks.stdio_problems import run_in_process
from benchmarks.workloads import WORKLOADS, HumanEvalTask, Task, tasks_of, wrong

OURS = "apps-plus"
OURS_IN_THREADS = "apps-plus, threads"
IN_PROCESS = "floor: exec in process"
FORK = "floor: fork and wait"
START = "floor: python -I -S -c pass"


@dataclass(frozen=True, slots=True)
class Measurement:
    """The cost of judging a workload repeatedly."""

    programs: int
    rejected: int
    """Correct programs that were rejected."""
    wall_seconds: float
    processor_seconds: float


# --- ours ------------------------------------------------------------------------------------------------------------
# Imported only where it is measured: the environment of a peer has none of this project's dependencies.


def _ours() -> Judge:
    from benchmarks.our_judge import ours

    return ours()


def _ours_in_threads() -> Judge:
    from benchmarks.our_judge import ours_in_threads

    return ours_in_threads()


CHUNK = 2
"""Tasks sent to a process at once: few, so that both processes end at about the same time."""


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
    """Return the average time of the programs when they run in this process."""
    measured = measure(lambda given: [_exec_task(task) for task in given], tasks, seconds)
    return 1000 * measured.wall_seconds / measured.programs


def in_process() -> Judge:
    """Run the programs in two processes, without a sandbox."""
    pool = ProcessPoolExecutor(WORKERS)
    return lambda tasks: list(pool.map(_exec_safely, tasks, chunksize=CHUNK))


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
    """Measure forks in interpreters that only fork and wait."""
    before = processor_seconds()
    command = [sys.executable, "-I", "-S", "-c", _FORKS, str(seconds)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    results = [json.loads(process.communicate()[0]) for process in processes]
    forks = sum(count for count, _ in results)
    return Measurement(forks, 0, max(wall for _, wall in results), processor_seconds() - before)


def measure_starts(seconds: float) -> Measurement:
    """Measure starts of bare interpreters, in two threads."""

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
"""Programs of a pass: at its end one worker waits for the other, which would dominate a pass of a dozen."""


# --- the process -----------------------------------------------------------------------------------------------------

JUDGES: dict[str, tuple[Callable[[], Judge], tuple[str, ...]]] = {
    OURS: (_ours, tuple(WORKLOADS)),
    OURS_IN_THREADS: (_ours_in_threads, tuple(WORKLOADS)),
    **PEERS,
    IN_PROCESS: (in_process, tuple(WORKLOADS)),
}
"""The loader and the workloads of each judge."""

PROCESS_FLOORS = {FORK: measure_forks, START: measure_starts}
"""The floors that only create processes, equal for every workload."""

CONTENDERS = (*JUDGES, *PROCESS_FLOORS)


def fault_of(judge_all: Judge, workload: str) -> str:
    """Return why a judge is broken: it rejects correct programs or accepts wrong ones; empty if it is sound.

    A program that is rejected is judged once more: limits of wall time can be met by chance on a busy machine.
    """
    tasks = tasks_of(workload)
    doubtful = [task for task, passed in zip(tasks, judge_all(tasks), strict=True) if not passed]
    again = judge_all(doubtful) if doubtful else []
    rejected = [name_of(task) for task, passed in zip(doubtful, again, strict=True) if not passed]
    if rejected:
        return f"{workload}: rejects {len(rejected)} of {len(tasks)} correct programs, such as {rejected[0]}"
    verdicts = judge_all([wrong(task) for task in tasks])
    accepted = [name_of(task) for task, passed in zip(tasks, verdicts, strict=True) if passed]
    if accepted:
        return f"{workload}: accepts {len(accepted)} of {len(tasks)} wrong programs, such as {accepted[0]}"
    return ""


def name_of(task: Task) -> str:
    """Return the name of a task."""
    return task.task_id if isinstance(task, HumanEvalTask) else task.name


def measure(judge_all: Judge, tasks: Sequence[Task], seconds: float) -> Measurement:
    """Judge all tasks in whole passes until ``seconds`` have passed."""
    tasks = [*tasks] * (1 + _SHORTEST_PASS // len(tasks))
    before, start = processor_seconds(), time.perf_counter()
    for passes_done in itertools.count(1):
        rejected = sum(not passed for passed in judge_all(tasks))
        wall = time.perf_counter() - start
        if rejected or wall >= seconds:
            return Measurement(passes_done * len(tasks), rejected, wall, processor_seconds() - before)
    raise AssertionError("unreachable")


def main() -> None:
    """Serve one contender until standard input ends."""
    (name,) = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    for fd in (1, 2):  # hide what judges print: progress bars, outputs of programs, warnings
        os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
    multiprocessing.set_start_method("fork")  # the default of the Pythons that the peers were written for

    def send(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    if name in PROCESS_FLOORS:
        send({"ready": list(WORKLOADS)})
        for line in sys.stdin:
            send(asdict(PROCESS_FLOORS[name](json.loads(line)["seconds"])))
        return
    make, workloads = JUDGES[name]
    try:
        judge_all = make()
        faults = [fault_of(judge_all, workload) for workload in workloads]
    except PeerMissingError as error:
        send({"missing": str(error)})
        return
    except Exception as error:
        send({"broken": f"{type(error).__name__}: {error}"})
        return
    if any(faults):
        send({"broken": "; ".join(filter(None, faults))})
        return
    send({"ready": list(workloads)})
    for line in sys.stdin:
        request = json.loads(line)
        send(asdict(measure(judge_all, tasks_of(request["workload"]), request["seconds"])))


if __name__ == "__main__":
    main()
