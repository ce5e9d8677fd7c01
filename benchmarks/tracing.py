"""Measure the cost of line coverage: the same programs on the same inputs, traced and untraced.

    python -m benchmarks.tracing raw_apps                   # about three minutes
    python -m benchmarks.tracing raw_apps --programs 400 --json tracing.json

Two tables. The first is the sandbox with and without ``trace=True``. The second runs each program in a forked process
without the sandbox, to measure the program alone: with our probes, under ``sys.settrace``, and under coverage.py, if
that is installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from apps_plus.raw import open_raw
from benchmarks.processor_time import processor_seconds
from benchmarks.sandbox import machine, print_progress
from curation.pipeline.normalize import ShapedTests, parse_tests
from curation.pipeline.screen import parse_solutions
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits, Program
from harness.sandbox.runtime.line_trace import Recording, recording_bytes
from harness.sandbox.runtime.memory_file import memory_file

TESTS = 5
"""Most inputs of a program."""
SECONDS = 2.0
"""Slower programs are left out."""
HEAVY = 0.05
"""Seconds of a program from which the time to compile it and its probes is negligible."""
FILE = "<program>"


@dataclass(frozen=True, slots=True)
class TracedProgram:
    """A program and its inputs."""

    source: str
    inputs: list[str]


# --- programs ------------------------------------------------------------------------------------------------------


def load_programs(raw: str, count: int, seed: int) -> list[TracedProgram]:
    """Return ``count`` real solutions that finish on every input, with their inputs."""
    found: list[TracedProgram] = []
    with Sandbox() as sandbox:
        for case in _solutions(raw, seed):
            executions = sandbox.execute(Program(case.source), case.inputs, Limits(cpu_seconds=SECONDS))
            if all(e.ended is Ended.FINISHED for e in executions):
                found.append(case)
            if len(found) == count:
                break
    return found


def _solutions(raw: str, seed: int) -> Iterator[TracedProgram]:
    problems = list(open_raw(raw))
    rng = random.Random(seed)
    rng.shuffle(problems)
    for problem in problems:
        shaped, _ = parse_tests(problem.input_output)
        solutions, _ = parse_solutions(problem.solutions)
        if not isinstance(shaped, ShapedTests) or shaped.entry_point is not None or not solutions:
            continue
        inputs = [given for given in shaped.inputs[:TESTS] if isinstance(given, str)]
        if inputs:
            yield TracedProgram(rng.choice(solutions), inputs)


# --- in the sandbox ------------------------------------------------------------------------------------------------


def sandbox_round(sandbox: Sandbox, programs: Sequence[TracedProgram], trace: bool) -> tuple[float, float]:
    """Return wall and processor seconds of one pass."""
    wall, processor = time.perf_counter(), processor_seconds()
    for case in programs:
        sandbox.execute(Program(case.source), case.inputs, Limits(cpu_seconds=4 * SECONDS), trace=trace)
    return time.perf_counter() - wall, processor_seconds() - processor


# --- in a bare process ---------------------------------------------------------------------------------------------

Runner = Callable[[str], None]


def plain(source: str) -> None:
    """Run the program untraced."""
    exec(compile(source, FILE, "exec", dont_inherit=True), {"__name__": "__main__"})


def probes(source: str) -> None:
    """Run the program with our probes."""
    memory = memory_file("lines", size=recording_bytes(source, 1))
    code = Recording(memory, source, 1).code_of(source, FILE)
    os.close(memory)
    exec(code or compile(source, FILE, "exec", dont_inherit=True), {"__name__": "__main__"})


def settrace(source: str) -> None:
    """Run the program with a Python function called for every line."""
    seen: set[int] = set()

    def local(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            seen.add(frame.f_lineno)
        return local

    code = compile(source, FILE, "exec", dont_inherit=True)
    sys.settrace(lambda frame, *_: local if frame.f_code.co_filename == FILE else None)
    exec(code, {"__name__": "__main__"})


def coverage_py(source: str, core: str) -> None:
    """Run the program under coverage.py, from a file."""
    coverage = importlib.import_module("coverage")
    os.environ["COVERAGE_CORE"] = core
    path = Path(f"/dev/shm/program{os.getpid()}.py")
    path.write_text(source)
    measured = coverage.Coverage(data_file=None, include=[str(path)], config_file=False)
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
        measured.start()
        exec(code, {"__name__": "__main__"})
    finally:
        measured.stop()
        path.unlink()


def runners() -> dict[str, Runner]:
    """Return the runners that can be measured on this machine, by name."""
    for name in ("_ast", "mmap", "coverage"):  # imported once, as in the sandbox, not in each fork
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    found: dict[str, Runner] = {"untraced": plain, "probes (ours)": probes, "sys.settrace": settrace}
    if importlib.util.find_spec("coverage"):
        found["coverage.py, C tracer"] = lambda source: coverage_py(source, "ctrace")
        if sys.version_info >= (3, 12):
            found["coverage.py, sys.monitoring"] = lambda source: coverage_py(source, "sysmon")
    return found


def bare_run(runner: Runner, source: str, given: str) -> float:
    """Run the program on one input in a fork; return its processor seconds."""
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            signal.alarm(120)
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1)
            os.dup2(null, 2)
            stdin = os.memfd_create("input")
            os.write(stdin, given.encode())
            os.lseek(stdin, 0, os.SEEK_SET)
            os.dup2(stdin, 0)
            sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
            sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False))  # noqa: SIM115
            sys.set_int_max_str_digits(0)
            runner(source)
        os._exit(0)
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime


def bare_round(programs: Sequence[TracedProgram], found: dict[str, Runner], turn: int) -> dict[str, list[float]]:
    """Return the processor seconds of each program on its inputs, by runner."""
    taken: dict[str, list[float]] = {name: [] for name in found}
    for case in programs:
        names = list(found)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            taken[name].append(sum(bare_run(found[name], case.source, given) for given in case.inputs))
    return taken


# --- tables --------------------------------------------------------------------------------------------------------


def bare_table(rounds: list[dict[str, list[float]]]) -> list[str]:
    """Format a table: for each runner, all programs together, and median and worst of the heavy ones."""
    lines = [
        "| CPU time, times untraced | all together | heavy programs: median | worst |",
        "| :-- | --: | --: | --: |",
    ]
    heavy = [i for i in range(len(rounds[0]["untraced"])) if median(r["untraced"][i] for r in rounds) > HEAVY]
    for name in rounds[0]:
        total = median(sum(r[name]) / sum(r["untraced"]) for r in rounds)
        each = sorted(median(r[name][i] / r["untraced"][i] for r in rounds) for i in heavy)
        of_heavy = f"{median(each):.2f} | {each[-1]:.2f}" if each else " | "
        lines.append(f"| {name} | {total:.2f} | {of_heavy} |")
    return [
        f"{len(heavy)} of {len(rounds[0]['untraced'])} programs are heavy: {1000 * HEAVY:.0f} ms or more.\n",
        *lines,
    ]


def main() -> None:
    """Parse the command line, measure, and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tracing",
        description="Measure the cost of line coverage.",
        epilog="Example: python -m benchmarks.tracing raw_apps --programs 300 --rounds 5",
    )
    parser.add_argument("raw", metavar="RAW", help="raw APPS, as for apps-plus build")
    parser.add_argument(
        "--programs", type=int, default=150, metavar="N", help="number of solutions, one per problem (150)"
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="number of rounds; medians are reported (5)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the choice of problems (0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement to this file")
    options = parser.parse_args()
    programs = load_programs(options.raw, options.programs, options.seed)
    inputs = sum(len(case.inputs) for case in programs)
    print("\n".join(f"{what}: {value}" for what, value in machine().items()))
    print(f"programs: {len(programs)}, on {inputs} inputs\n", flush=True)
    rounds: list[dict[str, Any]] = []
    with Sandbox() as sandbox:
        for trace in (False, True):
            sandbox_round(sandbox, programs[:20], trace)
        for number in range(options.rounds):
            print_progress(f"sandbox: round {number + 1} of {options.rounds}")
            order = (False, True) if number % 2 else (True, False)
            rounds.append({str(trace): sandbox_round(sandbox, programs, trace) for trace in order})
    for what, kind in (("wall", 0), ("CPU", 1)):
        ratio = median(r["True"][kind] / r["False"][kind] for r in rounds)
        each = [1000 * median(r[name][kind] for r in rounds) / len(programs) for name in ("False", "True")]
        print(f"In the sandbox, {what}: {each[0]:.2f} ms a program untraced, {each[1]:.2f} traced: {ratio:.2f} times")
    bare = []
    for number in range(options.rounds):
        print_progress(f"bare: round {number + 1} of {options.rounds}")
        bare.append(bare_round(programs, runners(), number))
    print("\n" + "\n".join(bare_table(bare)))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "sandbox": rounds, "bare": bare}, indent=1) + "\n")


if __name__ == "__main__":
    main()
