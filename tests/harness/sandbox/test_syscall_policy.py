"""The filters allow what the table of the policy allows, for every number on both machines, and nothing else."""

from __future__ import annotations

import errno
import itertools
import re
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Program
from harness.sandbox.isolation.seccomp import filter_for
from harness.sandbox.isolation.syscall_policy import MACHINES, OWN_PID, RULES, TABLE

CONDITIONS = ("sandbox", "landlock", "truncation", "read-only")
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386 = 0x40000003
X32 = 0x40000000
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
REFUSED = ERROR | errno.EPERM
NUMBERS = (*range(601), 1023, 1024, 4096, *range(X32, X32 + 601), X32 - 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

both_machines = pytest.mark.parametrize("machine", MACHINES)
under_all_conditions = pytest.mark.parametrize(
    "conditions",
    [frozenset(c) for n in range(len(CONDITIONS) + 1) for c in itertools.combinations(CONDITIONS, n)],
    ids=lambda conditions: "+".join(sorted(conditions)) or "none",
)


# --- the table, read here once more --------------------------------------------------------------------------------


class Line(NamedTuple):
    name: str
    numbers: dict[str, int | None]
    allowed: list[str]
    otherwise: str


def lines() -> list[Line]:
    found = []
    for text in TABLE.strip().splitlines():
        if text.startswith("# "):
            continue
        name, x86_64, aarch64, allowed, otherwise, _ = text.split(maxsplit=5)
        numbers = {
            machine: None if n == "-" else int(n) for machine, n in zip(MACHINES, (x86_64, aarch64), strict=True)
        }
        found.append(Line(name, numbers, allowed.split(","), otherwise))
    return found


LINES = lines()


def expected(machine: str, conditions: Collection[str], number: int, arguments: tuple[int, ...]) -> int:
    """Return the action that the table demands for a call."""
    for line in LINES:
        if line.numbers[machine] != number:
            continue
        holds = any(word == "always" or word in conditions for word in line.allowed)
        for rule in RULES.get(line.name, ()):
            seen = arguments[rule.argument] % (1 << 32) & rule.mask
            holds = holds and (rule.unless in conditions or seen in rule.values)
        return ALLOW if holds else ERROR | (0 if line.otherwise == "0" else getattr(errno, line.otherwise))
    return REFUSED


# --- an interpreter ------------------------------------------------------------------------------------------------

Decoded = list[tuple[int, int, int, int]]


def decode(program: bytes) -> Decoded:
    return [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]


def interpret(program: Decoded, arch: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """Run a filter on a call, by the rules of classic BPF. Returns the action."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *arguments)
    at, word = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        if code == 0x20:
            word = struct.unpack_from("=I", data, value)[0]
        elif code == 0x54:
            word &= value
        elif code == 0x05:
            at += value
        elif code == 0x15:
            at += if_true if word == value else if_false
        elif code == 0x35:
            at += if_true if word >= value else if_false
        elif code == 0x06:
            return value
        else:
            raise ValueError(f"no such instruction: {code:#x}")


# --- the filters ---------------------------------------------------------------------------------------------------


@both_machines
@under_all_conditions
def test_every_number_has_the_answer_of_the_table(machine: str, conditions: frozenset[str]) -> None:
    program = decode(filter_for(machine, conditions))
    for arguments in ((0,) * 6, ((1 << 64) - 1,) * 6):
        for number in NUMBERS:
            answer = interpret(program, ARCH[machine], number, arguments)
            assert answer == expected(machine, conditions, number, arguments), number


def edges(values: Collection[int], mask: int) -> Iterator[int]:
    """Values of an argument at which a rule could go wrong: neighbours, single bits, the upper half."""
    bits = {1 << bit for bit in range(32)}
    near = {value + change for value in (*values, 0) for change in (-1, 0, 1)}
    mixed = {value ^ bit for value in values for bit in bits}
    outside = {value | (~mask & 0xFFFFFFFF) for value in values}
    for low in {one % (1 << 32) for one in near | bits | mixed | outside}:
        yield low
        yield low | 1 << 32
        yield low | 0xFFFFFFFF << 32


RULED = [
    pytest.param(machine, line.numbers[machine], line.name, id=f"{machine}-{line.name}")
    for machine in MACHINES
    for line in LINES
    if line.name in RULES and line.numbers[machine] is not None
]


@under_all_conditions
@pytest.mark.parametrize(("machine", "number", "name"), RULED)
def test_arguments_are_held_to_the_rules(machine: str, number: int, name: str, conditions: frozenset[str]) -> None:
    program = decode(filter_for(machine, conditions))
    usual = [0] * 6
    for rule in RULES[name]:
        usual[rule.argument] = rule.values[0]
    for rule in RULES[name]:
        for value in edges(rule.values, rule.mask):
            arguments = (*usual[: rule.argument], value, *usual[rule.argument + 1 :])
            answer = interpret(program, ARCH[machine], number, arguments)
            assert answer == expected(machine, conditions, number, arguments), hex(value)


@both_machines
@under_all_conditions
def test_a_call_of_another_architecture_kills(machine: str, conditions: frozenset[str]) -> None:
    program = decode(filter_for(machine, conditions))
    for arch in (0, 1, I386, *(arch for other, arch in ARCH.items() if other != machine), ARCH[machine] ^ 1 << 31):
        assert {interpret(program, arch, number) for number in NUMBERS} == {KILL}


@both_machines
@under_all_conditions
def test_every_way_through_a_filter_ends_in_it(machine: str, conditions: frozenset[str]) -> None:
    program = decode(filter_for(machine, conditions))
    assert len(program) <= 4096  # BPF_MAXINSNS
    assert program[-1][0] == 0x06
    for at, (code, if_true, if_false, value) in enumerate(program):
        assert code in (0x20, 0x54, 0x05, 0x15, 0x35, 0x06)
        assert at + 1 + max(if_true, if_false, value if code == 0x05 else 0) < len(program) or code == 0x06


@both_machines
def test_a_program_may_do_nothing_that_the_processes_around_it_may_not(machine: str) -> None:
    for conditions in (frozenset(c) for n in range(3) for c in itertools.combinations(CONDITIONS[1:], n)):
        around = decode(filter_for(machine, conditions | {"sandbox"}))
        program = decode(filter_for(machine, conditions))
        for number in NUMBERS:
            if interpret(program, ARCH[machine], number) == ALLOW:
                assert interpret(around, ARCH[machine], number) == ALLOW, number


def combined(answers: Collection[int]) -> int:
    """Return what the kernel does where several filters answer: the strictest (seccomp(2): kill, error, allow)."""
    return min(answers, key=lambda answer: (answer != KILL, answer == ALLOW))


WITHIN = [frozenset(c) for n in range(len(CONDITIONS)) for c in itertools.combinations(CONDITIONS[1:], n)]
"""The conditions that may hold for a program, inside the filter of the processes around it."""


@both_machines
@pytest.mark.parametrize("conditions", WITHIN, ids=lambda conditions: "+".join(sorted(conditions)) or "none")
def test_the_two_filters_of_a_program_answer_as_the_table_demands(machine: str, conditions: frozenset[str]) -> None:
    around = {"sandbox", *conditions}
    filters = [decode(filter_for(machine, around)), decode(filter_for(machine, conditions, installed=around))]
    assert len(filters[1]) < len(filters[0]) / 3

    def holds(number: int, arguments: tuple[int, ...]) -> bool:
        answers = [interpret(program, ARCH[machine], number, arguments) for program in filters]
        return combined(answers) == expected(machine, conditions, number, arguments)

    assert all(holds(number, arguments) for number in NUMBERS for arguments in ((0,) * 6, ((1 << 64) - 1,) * 6))
    for line in LINES:
        number, usual = line.numbers[machine], [0] * 6
        for rule in RULES.get(line.name, ()) if number is not None else ():
            usual[rule.argument] = rule.values[0]
        for rule in RULES.get(line.name, ()) if number is not None else ():
            for value in edges(rule.values, rule.mask):
                assert holds(number, (*usual[: rule.argument], value, *usual[rule.argument + 1 :])), line.name


def test_the_number_of_the_process_stands_only_where_it_is_compared() -> None:
    for machine in MACHINES:
        places = [code for code, *_, value in decode(filter_for(machine, ())) if value == OWN_PID]
        assert places == [0x15] * 4  # kill, tgkill, pidfd_open, prlimit64


# --- the table -----------------------------------------------------------------------------------------------------


def test_the_table_is_well_formed() -> None:
    assert len({line.name for line in LINES}) == len(LINES)
    for machine in MACHINES:
        numbers = [line.numbers[machine] for line in LINES if line.numbers[machine] is not None]
        assert len(set(numbers)) == len(numbers)
    for line in LINES:
        assert set(line.allowed) <= {"always", "never", *CONDITIONS}
        assert (line.otherwise == ".") == (line.allowed == ["always"] and line.name not in RULES), line
        assert line.otherwise in (".", "0") or hasattr(errno, line.otherwise)
    assert set(RULES) <= {line.name for line in LINES}
    assert all(rule.unless in ("", *CONDITIONS) for rules in RULES.values() for rule in rules)


NEVER_OF_PROGRAMS = {
    "accept": (43, 202), "accept4": (288, 242), "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171),
    "bind": (49, 200), "bpf": (321, 280), "chroot": (161, 51), "clock_adjtime": (305, 266), "clock_settime": (227, 112),
    "connect": (42, 203), "delete_module": (176, 106), "execve": (59, 221), "execveat": (322, 281),
    "fanotify_init": (300, 262), "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "init_module": (175, 105), "inotify_init1": (294, 26), "io_setup": (206, 0),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioprio_set": (251, 30), "kcmp": (312, 272), "kexec_load": (246, 104), "keyctl": (250, 219), "listen": (50, 201),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "migrate_pages": (256, 238), "mlockall": (151, 230),
    "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429), "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "open_tree_attr": (467, 467), "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "pivot_root": (155, 41), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "quotactl_fd": (443, 443), "reboot": (169, 142),
    "request_key": (249, 218), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "sched_setscheduler": (144, 119),
    "seccomp": (317, 277), "semget": (64, 190), "setgid": (106, 144), "setgroups": (116, 159), "setns": (308, 268),
    "setpgid": (109, 154), "setpriority": (141, 140), "setresuid": (117, 147), "setsid": (112, 157),
    "setuid": (105, 146), "shmget": (29, 194), "socket": (41, 198), "swapoff": (168, 225), "swapon": (167, 224),
    "sync": (162, 81), "syncfs": (306, 267), "syslog": (103, 116), "timer_create": (222, 107), "tkill": (200, 130),
    "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282), "vmsplice": (278, 75),
}  # fmt: skip


@both_machines
@under_all_conditions
def test_what_no_program_needs_is_refused(machine: str, conditions: frozenset[str]) -> None:
    program = decode(filter_for(machine, conditions))
    for name, numbers in NEVER_OF_PROGRAMS.items():
        if not (name in ("memfd_create", "sched_setaffinity") and "sandbox" in conditions):
            assert interpret(program, ARCH[machine], numbers[MACHINES.index(machine)]) == REFUSED, name


X86_64_HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
GENERIC_HEADER = Path("/usr/include/asm-generic/unistd.h")
ARM64_WANTS = "RENAMEAT NEW_STAT SET_GET_RLIMIT TIME32_SYSCALLS SYS_CLONE3 MEMFD_SECRET".split()
"""The macros that the kernel's asm/unistd.h of arm64 defines before it includes the generic numbers."""


def numbers_in(text: str) -> dict[str, int]:
    defined = dict(re.findall(r"#define (__NR\w+) (\w+)\s*$", text, re.MULTILINE))
    found = {}
    for name, value in defined.items():
        while value in defined:
            value = defined[value]
        if name.startswith("__NR_") and value.isdigit():
            found[name.removeprefix("__NR_")] = int(value)
    return found


def x86_64_numbers() -> dict[str, int]:
    if not X86_64_HEADER.exists():
        pytest.skip("this machine lacks the kernel's headers for x86-64")
    return numbers_in(X86_64_HEADER.read_text())


def aarch64_numbers() -> dict[str, int]:
    defines = "".join(f"#define __ARCH_WANT_{name}\n" for name in ARM64_WANTS)
    source = f"#define __BITS_PER_LONG 64\n{defines}#include <asm-generic/unistd.h>\n"
    try:
        done = subprocess.run(
            ["cc", "-E", "-dM", "-x", "c", "-"], input=source, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lacks a C preprocessor or the kernel's headers")
    return numbers_in(done.stdout)


@pytest.mark.parametrize(("machine", "numbers"), [("x86_64", x86_64_numbers), ("aarch64", aarch64_numbers)])
def test_the_numbers_are_those_of_the_kernels_headers(machine: str, numbers: Callable[[], dict[str, int]]) -> None:
    known = numbers()
    newest = max(known.values())
    assert known["read"] == {"x86_64": 0, "aarch64": 63}[machine]
    for line in LINES:
        number = line.numbers[machine]
        assert known.get(line.name) == number or (number or 0) > newest, line
    for name, pair in NEVER_OF_PROGRAMS.items():
        number = pair[MACHINES.index(machine)]
        assert known.get(name) == number or number > newest, name


# --- programs ------------------------------------------------------------------------------------------------------

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        if "seccomp" not in sandbox.layers:
            pytest.skip("this machine has no seccomp")
        yield sandbox


def output_of(sandbox: Sandbox, source: str) -> str:
    (execution,) = sandbox.execute(Program(textwrap.dedent(source)), [""])
    assert execution.ended is Ended.FINISHED, execution
    return execution.output


CALL = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    done = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return "done" if done >= 0 else errno.errorcode[ctypes.get_errno()]
x86 = os.uname().machine == "x86_64"
"""


@on_linux
@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("call(112 if x86 else 157)", "EPERM"),  # setsid
        ("call(109 if x86 else 154, 0, 0)", "EPERM"),  # setpgid
        ("call(162 if x86 else 81)", "EPERM"),  # sync
        ("call(135 if x86 else 92, 0xFFFFFFFF)", "EPERM"),  # personality, asking
        ("call(443, -1)", "EPERM"),  # quotactl_fd
        ("call(467, -1)", "EPERM"),  # open_tree_attr
        ("call(599)", "EPERM"),
        ("call(0x40000000 + 39)", "EPERM"),  # getpid of x32
        ("call(157 if x86 else 167, 1, 0)", "EPERM"),  # PR_SET_PDEATHSIG
        ("call(53 if x86 else 199, 1, 2, 0, 0)", "EPERM"),  # a pair of datagram sockets
        ("call(53 if x86 else 199, 2, 1, 0, 0)", "EPERM"),  # a pair of AF_INET
        ("call(62 if x86 else 129, os.getppid(), 0)", "EPERM"),  # kill, asking
        ("call(435, 0, 0)", "ENOSYS"),  # clone3
        ("call(437, -1, 0, 0, 0)", "ENOSYS"),  # openat2
        ("call(16 if x86 else 29, 1, 0x8901, 0)", "ENOTTY"),  # FIOSETOWN
        ("call(72 if x86 else 25, 1, 8, 0)", "EPERM"),  # F_SETOWN
        ("call(157 if x86 else 167, 3)", "done"),  # PR_GET_DUMPABLE
        ("call(110 if x86 else 173)", "done"),  # getppid
    ],
)
def test_a_call_from_a_program(sandbox: Sandbox, call: str, error: str) -> None:
    assert output_of(sandbox, f"{CALL}print({call})") == f"{error}\n"


ORDINARY = {
    "threads": "import threading\nt = threading.Thread(target=print, args=('ok',))\nt.start(); t.join()",
    "pool": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(4) as pool: print("ok" if sum(pool.map(len, ["ab", "c"])) == 3 else "")
    """,
    "asyncio": """
        import asyncio
        async def main():
            await asyncio.sleep(0.001)
            print(await asyncio.to_thread(str, "ok"))
        asyncio.run(main())
    """,
    "signals": """
        import signal
        signal.signal(signal.SIGUSR1, lambda *_: print("ok"))
        signal.raise_signal(signal.SIGUSR1)
    """,
    "timers": """
        import signal, time
        signal.signal(signal.SIGALRM, lambda *_: print("ok"))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        signal.pause()
    """,
    "limits": """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print("ok")
    """,
    "pipes": "import os\nr, w = os.pipe()\nos.write(w, b'ok')\nprint(os.read(r, 2).decode())",
    "select": """
        import select, socket
        a, b = socket.socketpair()
        poll = select.epoll(); poll.register(b)
        a.send(b"ok"); b.settimeout(1); a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        print(b.recv(2).decode() if select.select([b], [], [])[0] and poll.poll() else "")
    """,
    "memory": """
        import mmap
        with mmap.mmap(-1, 4096) as m:
            m.resize(8192); m.madvise(mmap.MADV_DONTNEED); m.flush(); m[:2] = b"ok"
            print(m[:2].decode())
    """,
    "files": """
        import os, shutil, fcntl
        with open("a", "w") as f: f.write("ok"); f.flush(); os.fsync(f.fileno()); fcntl.flock(f, fcntl.LOCK_EX)
        shutil.copy2("a", "b"); os.replace("b", "c"); os.stat("c"); os.utime("c"); os.truncate("c", 2)
        print(open("c").read(), end="\\n"); os.remove("c"); os.remove("a")
    """,
    "sqlite3": """
        import sqlite3
        with sqlite3.connect("db") as db:
            db.execute("create table t (x)"); db.execute("insert into t values ('ok')")
        print(db.execute("select x from t").fetchone()[0])
    """,
    "machine": "import os, platform\nos.sched_getaffinity(0); os.cpu_count(); platform.platform()\nprint('ok')",
    "itself": "import os, signal\nos.close(os.pidfd_open(os.getpid()))\nos.kill(os.getpid(), 0)\nprint('ok')",
    "tempfile": "import tempfile\nwith tempfile.TemporaryFile('w+') as f: f.write('ok'); f.seek(0); print(f.read())",
    "terminal": "import os, sys\nprint('ok' if not sys.stdout.isatty() and not os.isatty(0) else '')",
    "times": "import time, resource, os\ntime.sleep(0); time.time(); os.times(); resource.getrusage(0)\nprint('ok')",
}


@on_linux
@pytest.mark.parametrize("name", ORDINARY)
def test_what_programs_ordinarily_do_is_allowed(sandbox: Sandbox, name: str) -> None:
    assert output_of(sandbox, ORDINARY[name]) == "ok\n"


@on_linux
@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        ("os.fork()", "BlockingIOError"),
        ("subprocess.run(['true'])", "BlockingIOError"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "BlockingIOError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("socket.socket()", "PermissionError"),
        ("os.setsid()", "PermissionError"),
        ("os.setpgid(0, 0)", "PermissionError"),
        ("os.memfd_create('x')", "PermissionError"),
        ("os.killpg(0, 0)", "PermissionError"),
        ("os.sched_setaffinity(0, {0})", "PermissionError"),
        ("multiprocessing.get_context('fork').Process().start()", "BlockingIOError"),
        ("os.waitpid(-1, 0)", "ChildProcessError"),
        ("termios.tcsetattr(0, 0, [0, 0, 0, 0, 0, 0, [0] * 32])", "error"),
    ],
)
def test_the_error_of_an_attempt(sandbox: Sandbox, attempt: str, error: str) -> None:
    source = f"""
        import multiprocessing, os, socket, subprocess, termios
        try: {attempt}
        except Exception as error: print(type(error).__name__)
    """
    assert output_of(sandbox, source) == f"{error}\n"
