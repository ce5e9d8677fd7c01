"""Break down the sandbox's time per program: one worker, with layers removed, on empty programs and on the workloads.

No profiler is used: each part is the difference of two measurements, as an average per program; the unexplained rest
has a line of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from benchmarks.contenders import in_process_milliseconds, measure_forks
from benchmarks.our_judge import judge_task
from benchmarks.peers import recorded_calls
from benchmarks.processor_time import processor_seconds_by_process
from benchmarks.stdio_problems import StdioProblem
from benchmarks.workloads import WORKLOADS, HumanEvalTask, Task, tasks_of
from harness.sandbox import Sandbox

MODES: dict[str, tuple[str, ...]] = {
    "all layers": (),
    "without namespaces": ("namespaces",),
    "without namespaces and Landlock": ("namespaces", "landlock"),
    "rlimits only": ("namespaces", "landlock", "seccomp"),
}
"""The layers that each mode of the sandbox leaves out."""

MANY = 21
"""Tests, or calls, of the empty programs that measure the cost of one more test."""


def empty_task(tests: int, workload: str) -> Task:
    """Make a task whose correct program does nothing."""
    if workload == "humaneval":
        calls = "\n".join(["    assert candidate() is None"] * tests)
        return HumanEvalTask("nothing", "", "def nothing():\n    pass\n", f"def check(candidate):\n{calls}", "nothing")
    return StdioProblem("nothing", "pass\n", ("",) * tests, ("",) * tests)


def milliseconds(action: Callable[[], object], seconds: float) -> float:
    """Return the average time of a call, over as many calls as fit in ``seconds``."""
    calls, start = 0, time.perf_counter()
    while True:
        action()
        calls += 1
        if (taken := time.perf_counter() - start) >= seconds:
            return 1000 * taken / calls


def profile(workloads: Sequence[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Measure and print the breakdown; return it, in milliseconds, for the JSON file."""
    with ExitStack() as stack:
        start = time.perf_counter()
        sandboxes = {}
        for mode, without in MODES.items():
            sandboxes[mode] = stack.enter_context(Sandbox(without=without, unsafe=mode == "rlimits only"))
            judge_task(sandboxes[mode], empty_task(1, "stdio-few"))
            if not without:
                print(f"Starting a worker, once: {1000 * (time.perf_counter() - start):.0f} ms\n")
        modes = _modes(sandboxes, rounds, seconds)
        print("| a program that does nothing, one test | ms |\n| :-- | --: |")
        for mode, taken in modes.items():
            print(f"| {mode} | {taken:.2f} |")
        report: dict[str, Any] = {"modes": modes}
        for workload in workloads:
            parts = _parts(sandboxes, workload, rounds, seconds)
            report[workload] = dict(parts)
            print(f"\n| {WORKLOADS[workload]} | ms a program | share |\n| :-- | --: | --: |")
            for part, taken in parts.items():
                print(f"| {part} | {taken:.2f} | {100 * taken / parts['all']:.0f} % |")
            processes = _processes(sandboxes["all layers"], workload, seconds)
            report[workload]["processor time"] = processes
            summary = ", ".join(f"{name} {taken:.2f}" for name, taken in processes.items())
            print(f"\nProcessor time, ms a program: {summary}")
    return report


def _modes(sandboxes: dict[str, Sandbox], rounds: int, seconds: float) -> dict[str, float]:
    """Measure an empty standard-input program in each mode."""
    task = empty_task(1, "stdio-few")
    taken: dict[str, list[float]] = {mode: [] for mode in sandboxes}
    for _ in range(rounds):
        for mode, sandbox in sandboxes.items():
            taken[mode].append(milliseconds(lambda sandbox=sandbox: judge_task(sandbox, task), seconds / 4))  # type: ignore[misc]
    return {mode: median(values) for mode, values in taken.items()}


def _parts(sandboxes: dict[str, Sandbox], workload: str, rounds: int, seconds: float) -> dict[str, float]:
    """Measure the parts of the time of an average program of a workload."""
    tasks = tasks_of(workload)
    full, bare = sandboxes["all layers"], sandboxes["rlimits only"]
    one, many = empty_task(1, workload), empty_task(MANY, workload)
    short = seconds / 4
    measures: dict[str, Callable[[], float]] = {
        "all": lambda: milliseconds(lambda: [judge_task(full, task) for task in tasks], seconds) / len(tasks),
        "exec": lambda: in_process_milliseconds(tasks, seconds),
        "fork": lambda: _fork_milliseconds(short),
        "one": lambda: milliseconds(lambda: judge_task(full, one), short),
        "one, bare": lambda: milliseconds(lambda: judge_task(bare, one), short),
        "many": lambda: milliseconds(lambda: judge_task(full, many), short),
    }
    rows = [{name: measure() for name, measure in measures.items()} for _ in range(rounds)]
    taken = {name: median(row[name] for row in rows) for name in measures}
    further = (taken["many"] - taken["one"]) / (MANY - 1) * (sum(map(_tests, tasks)) / len(tasks) - 1)
    parts = {
        "a bare fork and wait": taken["fork"],
        "the layers": taken["one"] - taken["one, bare"],
        "messages, limits, clean-up, exit: what else an empty program takes": taken["one, bare"] - taken["fork"],
        "the further tests of an empty program": further,
        "compiling and running the program, in process": taken["exec"],
    }
    parts["what remains: pages copied after the fork, cold caches, values and outputs"] = taken["all"] - sum(
        parts.values()
    )
    return {"all": taken["all"], **parts}


def _processes(sandbox: Sandbox, workload: str, seconds: float) -> dict[str, float]:
    """Measure the processor time per program in milliseconds, by process."""
    tasks = tasks_of(workload)
    before, start, passes = processor_seconds_by_process(), time.perf_counter(), 0
    while time.perf_counter() < start + 2 * seconds:
        for task in tasks:
            judge_task(sandbox, task)
        passes += 1
    after = processor_seconds_by_process()
    per_program = {name: 1000 * (after[name] - before.get(name, 0.0)) / (passes * len(tasks)) for name in after}
    return {name: taken for name, taken in per_program.items() if taken >= _TOO_LITTLE_MS}


_TOO_LITTLE_MS = 0.01


def _fork_milliseconds(seconds: float) -> float:
    measured = measure_forks(seconds, workers=1)
    return 1000 * measured.wall_seconds / measured.programs


def _tests(task: Task) -> int:
    """Count the tests of a program; for HumanEval, the calls of its test."""
    return len(recorded_calls(task)[0]) if isinstance(task, HumanEvalTask) else len(task.inputs)
