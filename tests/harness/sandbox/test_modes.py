"""The sandbox on a machine that offers fewer layers: it claims what is in force, and programs run all the same.

A layer that is left out on purpose stands for one that a machine does not offer.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import harness
from apps_plus.errors import SandboxError
from harness.judging.judge import judge_checks
from harness.sandbox import LAYERS, Sandbox, probes, start_process, worker
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has layers to do without")

FULL: tuple[str, ...] = ()
NO_NAMESPACES = ("namespaces",)
NO_LANDLOCK = ("landlock",)
SECCOMP_ONLY = ("namespaces", "landlock")
NOTHING = ("namespaces", "landlock", "seccomp")
ISOLATED = (FULL, NO_NAMESPACES, NO_LANDLOCK, SECCOMP_ONLY)
"""Each way of running that claims to hold a hostile program, by the layers that it does without."""
MODES = (*ISOLATED, NOTHING)
SHORT = Limits(cpu_seconds=0.15, wall_seconds=10)
SMALL = Limits(cpu_seconds=5, wall_seconds=20, output_bytes=1 << 20, scratch_bytes=2 << 20)


def name_of(without: tuple[str, ...]) -> str:
    return "-".join(["without", *without]) if without else "full"


def writes_files(without: tuple[str, ...]) -> bool:
    """Return whether a program has a scratch directory. Seccomp alone must refuse all writing: it sees no paths."""
    return "landlock" not in without or "seccomp" in without


HAVE_SCRATCH = tuple(filter(writes_files, MODES))
HAVE_NONE = tuple(without for without in MODES if not writes_files(without))


def in_modes(modes: tuple[tuple[str, ...], ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("without", modes, ids=name_of)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Sandbox]]:
    """A sandbox without certain layers, made once."""
    made: dict[tuple[str, ...], Sandbox] = {}

    def sandbox(without: tuple[str, ...]) -> Sandbox:
        if without not in made:
            made[without] = Sandbox(without=without, unsafe=without == NOTHING)
        wanted = [layer for layer in LAYERS if layer not in without]
        missing = [layer for layer in wanted if layer not in made[without].layers]
        if missing:
            pytest.skip(f"this machine lacks {', '.join(missing)}")
        return made[without]

    yield sandbox
    for one in made.values():
        one.close()


def script(sandbox: Sandbox, source: str, *inputs: str, limits: Limits | None = None) -> list[Execution]:
    return sandbox.execute(Program(textwrap.dedent(source), None), inputs or [""], limits)


# --- what is in force ----------------------------------------------------------------------------------------------


@on_linux
@in_modes(MODES)
def test_all_layers_are_in_force_but_those_left_out(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    sandbox = start(without)
    assert sandbox.layers == tuple(layer for layer in LAYERS if layer not in without)
    assert sandbox.missing_layers == dict.fromkeys(without, "left out")


@on_linux
@in_modes(MODES)
def test_what_the_layers_claim_to_block_is_blocked(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    sandbox = start(without)
    findings = {finding.name: finding for finding in sandbox.findings}
    assert list(findings) == [probe.name for probe in probes.PROBES]
    for probe in probes.PROBES:
        assert findings[probe.name].claimed == any(layer in sandbox.layers for layer in probe.blocked_by)
        assert findings[probe.name].blocked or not findings[probe.name].claimed, findings[probe.name]
    assert sandbox.blocked == tuple(name for name, finding in findings.items() if finding.blocked)


@on_linux
@in_modes(MODES)
def test_what_no_layer_blocks_is_possible(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    """The probes are no strawmen: what they try succeeds where nothing stands in its way."""
    possible = set() if "landlock" not in without else {"read", "home"}
    if without == NOTHING:
        possible |= {"network", "write", "processes", "signals"}
    assert possible.isdisjoint(start(without).blocked)
    if "landlock" not in without:
        assert len(start(without).blocked) == len(probes.PROBES)


@on_linux
@in_modes((FULL, NO_NAMESPACES))
def test_isolation_that_is_required_and_there(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    start(without)
    with Sandbox(without=without, require_isolation=True) as sandbox:
        assert script(sandbox, "print(input())", "here")[0].output == "here\n"


@on_linux
@in_modes((NO_LANDLOCK, SECCOMP_ONLY, NOTHING))
@pytest.mark.parametrize("unsafe", [False, True])
def test_isolation_that_is_required_and_missing(
    start: Callable[..., Sandbox], without: tuple[str, ...], unsafe: bool
) -> None:
    start(without)
    with (
        Sandbox(without=without, require_isolation=True, unsafe=unsafe) as sandbox,
        pytest.raises(SandboxError, match=r"not safe here.*doctor"),
    ):
        script(sandbox, "print(1)")
    assert not sandbox._zygotes


@on_linux
@pytest.mark.parametrize("ask", ["layers", "missing_layers", "blocked", "execute", "check"])
def test_nothing_runs_without_isolation_unless_that_is_asked_for(ask: str) -> None:
    deeds: dict[str, Callable[[Sandbox], object]] = {
        "execute": lambda sandbox: sandbox.execute(Program("print(1)"), [""]),
        "check": lambda sandbox: sandbox.check(Program("def f(): return 1", "f"), Checks("assert f() == 1")),
    }
    with Sandbox(without=NOTHING) as sandbox, pytest.raises(SandboxError, match="--unsafe"):
        deeds.get(ask, lambda sandbox: getattr(sandbox, ask))(sandbox)


@on_linux
def test_a_sandbox_that_was_refused_stays_refused() -> None:
    with Sandbox(without=NOTHING) as sandbox:
        for _ in range(2):
            with pytest.raises(SandboxError, match="--unsafe"):
                script(sandbox, "print(1)")


@pytest.mark.parametrize("without", [("rlimits",), ("seccomp", "magic"), ("",), "landlock"])
def test_a_layer_that_there_is_not_or_that_cannot_be_left_out(without: Any) -> None:
    with pytest.raises(ValueError, match="no layer that can be left out"):
        Sandbox(without=without)


# --- programs run --------------------------------------------------------------------------------------------------


@on_linux
@in_modes(MODES)
def test_a_script_runs(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    source = "import sys, heapq\nfor line in sys.stdin: print(line.strip()[::-1])\nprint('noise', file=sys.stderr)"
    executions = script(start(without), source, "ab\n", "cd\n", "ef\n")
    assert [(e.ended, e.output) for e in executions] == [(Ended.FINISHED, t) for t in ("ba\n", "dc\n", "fe\n")]


@on_linux
@in_modes(MODES)
def test_a_function_runs(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    executions = start(without).execute(Program("def f(x): return [x, x + 1]", "f"), [[1], [2]])
    assert [e.result for e in executions] == ["[1, 2]", "[2, 3]"]


@on_linux
@in_modes(MODES)
@pytest.mark.parametrize(
    ("answer", "verdict"), [("x + 1", "passed"), ("x", "wrong_answer"), ("1 / 0", "runtime_error")]
)
def test_tests_that_are_code_run(
    start: Callable[..., Sandbox], without: tuple[str, ...], answer: str, verdict: str
) -> None:
    checks = Checks("import math\nassert f(1) == two()", prelude="def two(): return 2")
    judged = judge_checks(start(without), Program(f"def f(x): return {answer}", "f"), checks)
    assert str(judged.verdict) == verdict


@on_linux
@in_modes(MODES)
def test_numpy_runs(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    pytest.importorskip("numpy")
    source = "import numpy as np\nprint(int(np.linalg.det(np.eye(3)) + np.random.rand() * 0))"
    assert script(start(without), source)[0].output == "1\n"


@on_linux
@in_modes(MODES)
@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("while True: pass", Ended.TIMEOUT),
        ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass", Ended.TIMEOUT),
        ("x = bytearray(2 << 30)", Ended.MEMORY_LIMIT),
        ("while True: print('x' * 10_000)", Ended.OUTPUT_LIMIT),
        ("1 / 0", Ended.EXCEPTION),
        ("import os; os.abort()", Ended.SIGNAL),
        ("x =", Ended.COMPILE_ERROR),
    ],
)
def test_limits_hold(start: Callable[..., Sandbox], without: tuple[str, ...], source: str, ended: Ended) -> None:
    assert script(start(without), source, limits=SHORT)[0].ended is ended


@on_linux
@in_modes(MODES)
def test_a_sleeper_is_stopped_by_the_wall_cap(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    limits = Limits(wall_seconds=0.15)
    assert script(start(without), "import time; time.sleep(60)", limits=limits)[0].ended is Ended.TIMEOUT
    sleeper = Program("import time\ndef f(): time.sleep(60)", "f")
    assert start(without).check(sleeper, Checks("assert f()"), limits).ended is Ended.TIMEOUT


@on_linux
@in_modes(ISOLATED)
def test_a_process_is_refused(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    assert script(start(without), "import os\nos.fork()")[0].ended is Ended.PROCESS_LIMIT


@on_linux
@in_modes(MODES)
def test_standard_error_takes_whatever_comes(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    source = "import sys\nfor _ in range(50): print('x' * 10_000, file=sys.stderr)\nsys.stderr.flush()\nprint('done')"
    assert script(start(without), source)[0].output == "done\n"


# --- files ---------------------------------------------------------------------------------------------------------


@on_linux
@in_modes(HAVE_SCRATCH)
def test_a_program_has_a_scratch_directory(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    source = """
        import os, tempfile
        os.makedirs("a/b")
        open("a/b/notes.txt", "w").write("kept")
        os.rename("a/b/notes.txt", "notes.txt")
        with tempfile.TemporaryFile("w+") as file: file.write("too")
        with tempfile.TemporaryDirectory() as folder: open(folder + "/x", "w").close()
        print(open("notes.txt").read(), sorted(os.listdir(".")))
    """
    execution = script(start(without), source)[0]
    assert (execution.output, execution.message) == ("kept ['a', 'notes.txt']\n", "")


MESS = """
    import os
    print(input(), sorted(os.listdir(".")))
    os.makedirs("deep/" * 20)
    open("file", "w").write("x")
    os.symlink("/", "root")
    os.symlink("nowhere", "dangling")
    os.mkfifo("pipe")
    os.makedirs("shut/inner")
    open("shut/inner/file", "w").close()
"""


@on_linux
@in_modes(HAVE_SCRATCH)
def test_nothing_is_left_in_scratch_for_the_next(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    sandbox = start(without)
    executions = script(sandbox, MESS, "1", "2")
    assert [(e.output, e.message) for e in executions] == [("1 []\n", ""), ("2 []\n", "")]
    for folder in scratch_of(sandbox):
        assert list(folder.iterdir()) == []


@on_linux
@in_modes(HAVE_SCRATCH)
@pytest.mark.parametrize(
    "source",
    [
        "for i in range(40): open(str(i), 'wb').write(bytes(1 << 17))",
        "file = open('f', 'wb')\nfor i in range(8): file.write(bytes(1 << 20))",
        "for i in range(40):\n    try: open(str(i), 'wb').write(bytes(1 << 17))\n    except OSError: raise",
        "import os\nfor _ in range(50): os.mkdir('d' * 99), os.chdir('d' * 99)\n"  # no path reaches the last
        "for i in range(20): open(str(i), 'wb').write(bytes(1 << 17))",
    ],
)
def test_scratch_is_bounded(start: Callable[..., Sandbox], without: tuple[str, ...], source: str) -> None:
    """By the kernel, or by a look at it every now and then: so the program waits for that."""
    source += "\nimport time\ntime.sleep(10)"
    assert script(start(without), source, limits=SMALL)[0].ended is Ended.SCRATCH_LIMIT


@on_linux
@in_modes(HAVE_SCRATCH)
def test_scratch_is_bounded_for_functions_and_checks(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    body = "for i in range(40): open(str(i), 'wb').write(bytes(1 << 17))"
    program = Program(f"import time\ndef f():\n    {body}\n    time.sleep(10)\n    return 1", "f")
    assert start(without).execute(program, [[]], SMALL)[0].ended is Ended.SCRATCH_LIMIT
    assert start(without).check(program, Checks("assert f() == 1"), SMALL).ended is Ended.SCRATCH_LIMIT


WRITING = [
    *("open('x', 'w')", "open('x', 'a')", "open('x', 'x')", "open('/dev/null', 'w')", "open('old', 'r+')"),
    *("os.open('x', os.O_CREAT | os.O_RDWR)", "os.open('/dev/null', os.O_RDWR)", "os.open('.', os.O_TMPFILE | 1)"),
    *("os.open('old', os.O_TRUNC)", "os.truncate('old', 0)", "os.mkdir('d')", "os.makedirs('d/e')", "os.mkfifo('p')"),
    *("os.symlink('old', 'x')", "os.link('old', 'x')", "os.rename('old', 'x')", "os.replace('old', 'kept/old')"),
    *("os.unlink('old')", "os.rmdir('kept')", "shutil.rmtree('kept')", "shutil.copyfile('old', 'x')"),
    *("os.setxattr('old', 'user.a', b'b')", "os.removexattr('old', 'user.a')", "os.mknod('x')"),
]
CHANGING = ["os.chmod('old', 0)", "os.chmod('.', 0)", "os.utime('old', (0, 0))", "os.chown('old', -1, -1)"]


@on_linux
@in_modes(HAVE_NONE)
@pytest.mark.parametrize("deed", [*WRITING, *CHANGING])
def test_without_landlock_nothing_is_written(
    start: Callable[..., Sandbox], without: tuple[str, ...], deed: str, tmp_path: Path
) -> None:
    sandbox = start(without)
    (tmp_path / "kept").mkdir()
    (tmp_path / "old").write_text("old")
    before = look_at(tmp_path)
    source = f"""
        import os, shutil
        os.chdir({str(tmp_path)!r})
        try: {deed}
        except OSError: print("refused")
        else: print("done")
    """
    (execution,) = script(sandbox, source)
    assert look_at(tmp_path) == before
    if deed in WRITING:  # a change of mode, owner or times may seem to succeed
        assert execution.output == "refused\n"


def look_at(folder: Path) -> list[object]:
    """Return the properties of a folder and its files that a program could change."""
    found: list[object] = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.stat()
        found += [path.name, status.st_mode, status.st_uid, status.st_mtime_ns, status.st_ctime_ns, status.st_size]
    return found


@on_linux
@in_modes(HAVE_NONE)
def test_without_landlock_there_is_no_temporary_file(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    source = "import tempfile\ntempfile.TemporaryFile()"
    assert script(start(without), source)[0].ended is Ended.EXCEPTION


@on_linux
@in_modes(HAVE_NONE)
def test_without_landlock_a_program_can_still_read_and_print(
    start: Callable[..., Sandbox], without: tuple[str, ...]
) -> None:
    source = "import os\nprint(len(open(os.__file__).read()) > 100, open(0).read(), end='')\nos.write(1, b'!')"
    assert script(start(without), source, "given")[0].output == "!True given"


def scratch_of(sandbox: Sandbox) -> list[Path]:
    """The scratch directories on this machine that a sandbox uses."""
    processes = [*sandbox._zygotes.values(), *([sandbox._tester] if sandbox._tester else [])]
    return [Path(process.hello["scratch"]) for process in processes if process.hello["scratch"]]


@on_linux
@in_modes((NO_NAMESPACES, SECCOMP_ONLY, NOTHING))
def test_no_directory_is_left_after_closing(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    start(without)
    with Sandbox(without=without, unsafe=without == NOTHING) as sandbox:
        script(sandbox, MESS if writes_files(without) else "print(1)", "1")
        sandbox.check(Program("def f(): return 1", "f"), Checks("assert f() == 1"))
        folders = scratch_of(sandbox)
        assert bool(folders) == writes_files(without)
        assert all(folder.is_dir() for folder in folders)
    assert not any(folder.exists() for folder in folders)


# --- no isolation at all -------------------------------------------------------------------------------------------


@on_linux
@pytest.mark.parametrize("detached", [False, True])
@pytest.mark.parametrize("style", ["script", "function", "check"])
def test_without_isolation_the_children_of_a_program_are_killed_all_the_same(
    start: Callable[..., Sandbox], style: str, detached: bool
) -> None:
    """Those too that have a session of their own and whose parent has ended."""
    source = f"""
        import os, time
        def f():
            read, write = os.pipe()
            if os.fork() == 0:
                if {detached}:
                    os.setsid()
                    if os.fork(): os._exit(0)
                os.write(write, str(os.getpid()).encode())
                time.sleep(600)
                os._exit(0)
            return int(os.read(read, 20))
    """
    sandbox, source = start(NOTHING), textwrap.dedent(source)
    if style == "script":
        (execution,) = sandbox.execute(Program(source + "print(f())"), [""])
        pid = int(execution.output)
    elif style == "function":
        (execution,) = sandbox.execute(Program(source, "f"), [[]])
        pid = int(execution.result or 0)
    else:
        execution = sandbox.check(Program(source, "f"), Checks("raise ValueError(f())"))
        pid = int(execution.message)
    assert pid > 1
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# --- a program that lives on ---------------------------------------------------------------------------------------

DETACHING = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, *arguments):
    return "done" if getattr(libc, name)(*arguments) == 0 else os.strerror(ctypes.get_errno())
print(attempt("prctl", 1, 0, 0, 0, 0), attempt("setpgid", 0, 0), end=" ")  # 1: PR_SET_PDEATHSIG
print("done" if libc.setsid() >= 0 else os.strerror(ctypes.get_errno()))
"""
"""Tries to leave its parent: the parent-death signal, the process group and the session."""
SLEEPING = """
import ctypes, time
ctypes.CDLL(None).prctl(15, b"sleeping", 0, 0, 0)  # PR_SET_NAME
time.sleep(60)
"""
OWNER = """
import json, sys
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits, Program
without, source = json.loads(sys.argv[1])
with Sandbox(without=without, unsafe=len(without) == 3) as sandbox:
    sandbox.execute(Program(source), [""], Limits(cpu_seconds=50, wall_seconds=50))
"""


@on_linux
@in_modes(ISOLATED)
def test_a_program_cannot_detach_itself(start: Callable[..., Sandbox], without: tuple[str, ...]) -> None:
    (execution,) = script(start(without), DETACHING)
    assert execution.output == " ".join(["Operation not permitted"] * 3) + "\n"


@on_linux
@in_modes(MODES)
def test_a_program_dies_with_the_process_that_owns_the_sandbox(
    start: Callable[..., Sandbox], without: tuple[str, ...]
) -> None:
    start(without)
    source = SLEEPING if without == NOTHING else DETACHING + SLEEPING
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, json.dumps([without, source])], cwd=Path(harness.__file__).parents[1]
    )
    try:
        wait_until(lambda: "sleeping" in map(name_of_process, processes_below(owner.pid)), seconds=60)
        below = processes_below(owner.pid)
    finally:
        owner.kill()
        owner.wait()
    assert below
    wait_until(lambda: not any(map(is_running, below)), seconds=5)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes_below(pid: int) -> list[int]:
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        children += map(int, read_or_nothing(thread / "children").split())
    return children + [further for child in children for further in processes_below(child)]


def name_of_process(pid: int) -> str:
    return read_or_nothing(Path(f"/proc/{pid}/comm")).strip()


def is_running(pid: int) -> bool:
    """Return whether a process exists and is no zombie."""
    return read_or_nothing(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] not in ([], ["Z"], ["X"])


def read_or_nothing(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


# --- a user without rights -----------------------------------------------------------------------------------------

NOBODY = 65534
PYTHON_FOR_ALL = "/usr/bin/python3"
AS_NOBODY = """
import json, os, sys
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Program
for without in json.loads(sys.argv[1]):
    with Sandbox(without=without, unsafe=len(without) == 3) as sandbox:
        print(json.dumps({
            "uid": os.getuid(),
            "layers": sandbox.layers,
            "missing": sandbox.missing_layers,
            "broken": [f.name for f in sandbox.findings if f.claimed and not f.blocked],
            "blocked": sandbox.blocked,
            "script": sandbox.execute(Program("print(input()[::-1])"), ["ab"])[0].output,
            "function": sandbox.execute(Program("def f(x): return x + 1", "f"), [[1]])[0].result,
            "check": sandbox.check(Program("def f(x): return x + 1", "f"), Checks("assert f(1) == 2")).ended,
            "scratch": sandbox.execute(Program("open('f', 'w').write('x')\\nprint(open('f').read())"), [""])[0].output,
        }))
"""


@on_linux
def test_each_mode_works_for_a_user_without_rights() -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become nobody; the tests above ran without rights already")
    with tempfile.TemporaryDirectory(prefix="nobody-") as folder:
        copy_for_all(Path(folder))
        if as_nobody([PYTHON_FOR_ALL, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], folder).returncode:
            pytest.skip(f"{PYTHON_FOR_ALL} is not a Python 3.11 or newer that every user can run")
        done = as_nobody([PYTHON_FOR_ALL, "-s", "-c", AS_NOBODY, json.dumps(MODES)], folder)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(MODES)
    for without, one in zip(MODES, rows, strict=True):
        assert (one["uid"], one["broken"]) == (NOBODY, [])
        assert (one["script"], one["function"], one["check"]) == ("ba\n", "2", "finished")
        if not set(without) ^ set(one["missing"]):  # the machine offers this user the layers that it offers root
            assert one["layers"] == [layer for layer in LAYERS if layer not in without]
            assert one["scratch"] == ("x\n" if writes_files(without) else "")


def as_nobody(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            env={"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/", "PATH": "/usr/bin:/bin"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def copy_for_all(folder: Path) -> None:
    """The packages where any user can read them."""
    repository = Path(harness.__file__).parents[1]
    for package in ("apps_plus", "harness"):
        shutil.copytree(repository / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


# --- a system that is not Linux ------------------------------------------------------------------------------------

PRETEND = """
import os, runpy, sys
sys.platform = "darwin"
for name in ("pidfd_open", "memfd_create"):
    vars(os).pop(name, None)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script of the sandbox as if on macOS: none of Linux's calls, and none of what stands for them."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox on a system that is not Linux."""

    def start(script: str, settings: dict[str, Any], *given: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-s", "-S", "-P", "-c", PRETEND, start_process._RUNTIME / script, json.dumps(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=start_process._environment(*given),
            pass_fds=[settings["fd"]],
            start_new_session=True,
        )

    monkeypatch.setattr(worker, "start_process", start)
    with Sandbox(unsafe=True) as sandbox:
        yield sandbox


def test_elsewhere_only_the_limits_are_in_force(elsewhere: Sandbox) -> None:
    assert elsewhere.layers == ("rlimits",)
    assert elsewhere.missing_layers == dict.fromkeys(("namespaces", "landlock", "seccomp"), "needs Linux")


def test_elsewhere_programs_run(elsewhere: Sandbox) -> None:
    executions = script(elsewhere, MESS, "1", "2")
    assert [(e.output, e.message) for e in executions] == [("1 []\n", ""), ("2 []\n", "")]
    executions = elsewhere.execute(Program("def f(x): return 6 // x", "f"), [[1], [0], [2]])
    assert [e.result for e in executions] == ["6", None, "3"]
    program, checks = Program("def f(x): return x + 1", "f"), Checks("assert f(1) == 2")
    assert elsewhere.check(program, checks).ended is Ended.FINISHED


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("while True: print('x' * 10_000)", Ended.OUTPUT_LIMIT),
        ("import os; os.abort()", Ended.SIGNAL),
        ("x =", Ended.COMPILE_ERROR),
        (
            "import time\nfor i in range(40): open(str(i), 'wb').write(bytes(1 << 17))\ntime.sleep(9)",
            Ended.SCRATCH_LIMIT,
        ),
    ],
)
def test_elsewhere_limits_hold(elsewhere: Sandbox, source: str, ended: Ended) -> None:
    assert script(elsewhere, source, limits=SMALL)[0].ended is ended


def test_elsewhere_a_loop_without_end_is_a_timeout(elsewhere: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.1, wall_seconds=30)
    assert script(elsewhere, "while True: pass", limits=limits)[0].ended is Ended.TIMEOUT


def test_elsewhere_a_sleeper_is_stopped_by_the_wall_cap(elsewhere: Sandbox) -> None:
    limits = Limits(wall_seconds=0.2)
    assert script(elsewhere, "import time; time.sleep(60)", limits=limits)[0].ended is Ended.TIMEOUT


def test_elsewhere_nothing_is_left_behind(elsewhere: Sandbox) -> None:
    script(elsewhere, MESS, "1")
    elsewhere.check(Program("open('f', 'w').close()\ndef f(): return 1", "f"), Checks("assert f() == 1"))
    folders = scratch_of(elsewhere)
    assert folders
    assert all(list(folder.iterdir()) == [] for folder in folders)
    elsewhere.close()
    assert not any(folder.exists() for folder in folders)
