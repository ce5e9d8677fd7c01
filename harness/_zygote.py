"""The process that runs untrusted programs, by forking itself.

Started by ``harness.sandbox`` as a script, in a fresh interpreter that imports the standard library only.

1. The *zygote* puts the layers in force, imports what programs commonly import, and waits for jobs. For each job it
   forks runs, times them, measures them and kills them.
2. A *run* is one fork. It gives up what the zygote still had, compiles the program and becomes it: a script reads one
   input; a function is called on one input after another. A run that dies is followed by another for the inputs left.

Nothing here knows an expected output. What a run reports, a line of JSON for each input, is text that the parent
parses with suspicion: a program that forges its report gains no more than one that prints or returns the same.

Wire format between parent and zygote, both ways: 8 bytes of length, then JSON.
"""

import atexit
import base64
import builtins
import errno
import gc
import json
import marshal
import os
import random
import re
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
import types
import warnings
from collections import namedtuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _isolation

sys.path.pop(0)

PROGRAM_FILE = "<program>"
COMPILE_SECONDS = 10.0
"""Processor time for the compiler; what takes longer is a bomb."""
JOB_OUTPUT_BYTES = 64 << 20
"""What the outputs of one job may add up to, so that many inputs cannot fill the parent's memory."""
STACK_BYTES = 512 << 20
"""Of the main thread; what a deep recursion needs."""
THREAD_STACK_BYTES = 8 << 20
"""Of other threads, unless the program says otherwise; without it each would have the main thread's."""
REPORT_FD = 3
COMPILED = b"compiled "
"""Begins the first line of a report. The code follows, for the runs on the next inputs: only runs ever unmarshal it,
and it is written before anything of the program has run."""
PRIVATE_SCRATCH = "/dev/shm"
"""Where the namespace mounts its own scratch: a place that is there and that no interpreter is installed below."""
SCIENCE = "numpy scipy networkx sympy mpmath pandas dateutil pytz six tzdata".split()
PRELOADED = (
    "__future__ abc array bisect cmath collections collections.abc contextlib copy datetime decimal enum fractions "
    "functools heapq itertools math operator queue random re string time typing"
).split()


class AllowedPackages:
    """Finds the scientific packages, and nothing else, among the installed ones."""

    def __init__(self, folders):
        self.folders = folders

    def find_spec(self, name, path=None, target=None):
        """Answer for the allowed top-level packages; their submodules are found through them."""
        if path is None and name in SCIENCE:
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, self.folders)
        return None


# --- 1. the zygote -----------------------------------------------------------------------------------------------


def main(arguments):
    """``_zygote.py FD SCRATCH_BYTES [PACKAGE_FOLDER...]``; folders are given for programs that need them."""
    fd, scratch_bytes, *folders = arguments
    if resource.getrlimit(resource.RLIMIT_STACK)[0] != STACK_BYTES and "APPS_PLUS_STACK" not in os.environ:
        reserve_stack(arguments)
    connection = socket.socket(fileno=os.dup(int(fd)))  # as low a number as any: each run closes the low ones
    os.close(int(fd))
    layers, missing, scratch = isolate(int(scratch_bytes), folders)
    os.chdir(scratch)
    os.environ.clear()
    sys.set_int_max_str_digits(0)  # solutions and tests are older than the limit
    preload(folders)
    to_remove = "" if scratch == PRIVATE_SCRATCH else scratch
    send(connection, {"layers": layers, "missing": missing, "scratch": to_remove})
    serve(connection, is_init=os.getpid() == 1)


def reserve_stack(arguments):
    """Start over with room for a big stack: the kernel lays the address space out when a program starts."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    wanted = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    except (OSError, ValueError):
        return
    os.environ["APPS_PLUS_STACK"] = "reserved"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1 : -len(arguments)], *arguments])


def isolate(scratch_bytes, folders):
    """Put every layer that this machine offers in force.

    Returns the layers in force, why each missing one is missing, and the scratch directory.
    """
    layers, missing, scratch = ["rlimits"], {}, PRIVATE_SCRATCH
    if not _isolation.LINUX:
        missing["namespaces"] = missing["landlock"] = missing["seccomp"] = "needs Linux"
        return layers, missing, make_scratch()
    try:
        rehearse(_isolation.enter_namespaces)
        _isolation.enter_namespaces()
        stub_until_exit(os.fork())
        _isolation.mount_scratch(scratch, scratch_bytes)
        layers.insert(0, "namespaces")
    except OSError as error:
        missing["namespaces"] = f"{error}: allow unprivileged user namespaces"
        scratch = make_scratch()
    if "namespaces" in layers:
        try:
            _isolation.mount_proc()
        except OSError:
            pass  # a container hides parts of the host's /proc; Landlock closes it to programs all the same
    _isolation.adopt_orphans()
    memory_baseline()
    _isolation.no_new_privileges()
    _isolation.drop_capabilities()
    _isolation.die_with_parent()
    try:
        _isolation.restrict_files(readable_paths(folders), [scratch, "/dev/null"])
        layers.insert(-1, "landlock")
    except OSError as error:
        missing["landlock"] = f"{error}: needs Linux 5.13 or newer with landlock among its security modules"
    try:
        _isolation.deny_dangerous_calls()
        layers.insert(-1, "seccomp")
    except (OSError, KeyError) as error:
        missing["seccomp"] = f"{error}: needs Linux on x86-64 or aarch64 with seccomp filters"
    return layers, missing, scratch


def make_scratch():
    """A directory of the host's, for want of a private mount; the parent removes it."""
    import tempfile

    return tempfile.mkdtemp(prefix="apps-plus-")


def rehearse(step):
    """Take a step in a fork first. Raises OSError where it fails: half of it could not be taken back here."""
    pid = os.fork()
    if pid == 0:
        try:
            step()
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))


def stub_until_exit(child):
    """In the parent of the pid namespace's init: wait for it, then exit. Returns in the init only."""
    if child == 0:
        return
    _isolation.die_with_parent()
    os.closerange(3, 1024)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def readable_paths(folders):
    """Where the interpreter, its libraries and the time zones lie."""
    standard_library = os.path.dirname(os.__file__)
    libraries = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo"]
    system = ["/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
    return [standard_library, os.path.join(sys.base_prefix, "lib"), *folders, *libraries, *system]


_baseline = 0


def memory_baseline():
    """Remember the bare interpreter's address space; a program's limit comes on top of it."""
    global _baseline
    try:
        with open("/proc/self/statm") as file:
            _baseline = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        _baseline = 256 << 20


def preload(folders):
    """Import what most programs import, so that a fork finds it ready."""
    for name in PRELOADED:
        __import__(name)
    import _sitebuiltins

    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    if folders:
        global _baseline
        sys.meta_path.append(AllowedPackages(folders))
        __import__("numpy.random")
        _baseline += 512 << 20  # its libraries map far more than they touch
    warnings.simplefilter("ignore")
    threading.stack_size(THREAD_STACK_BYTES)
    gc.collect()
    gc.freeze()


def serve(connection, is_init):
    """Run one job after another until the parent closes the connection."""
    while (job := receive(connection)) is not None:
        answers, stopped = run_job(job, is_init)
        send(connection, {"answers": answers, "stopped": stopped})


def run_job(job, is_init):
    """One answer per input, and why the later inputs have none: ``timeout``, ``budget``, ``output`` or nothing.

    A first answer with ``compiled`` false stands for all: the program does not compile.
    """
    inputs, limits, answers, stopped = job["inputs"], job["limits"], [], ""
    output_left, seconds_left = JOB_OUTPUT_BYTES, limits["program_seconds"] or float("inf")
    job["code"] = None
    while len(answers) < len(inputs) and not stopped:
        chunk = inputs[len(answers) :] if job["entry_point"] is not None else [inputs[len(answers)]]
        new = run_chunk(job, chunk, limits, seconds_left)
        kill_leftovers(is_init)
        empty_scratch()
        answers.extend(new)
        output_left -= sum(len(answer["report"]) + len(answer["output"]) for answer in new)
        seconds_left -= sum(answer["seconds"] for answer in new)
        if new[-1]["timeout"] and limits["stop_after_timeout"]:
            stopped = "timeout"
        elif seconds_left <= 0:
            stopped = "budget"
        elif output_left < 0:
            stopped = "output"
        elif not new[-1]["compiled"]:
            break
    return answers, stopped


def run_chunk(job, chunk, limits, seconds_left):
    """Fork a run for these inputs and describe what became of it: at least one answer, one per input it got to."""
    output, stdin = memory_file("output"), open_input(job, chunk)
    report, report_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        run_as_program(job, chunk, stdin, output, report_end, limits)
    os.close(stdin)
    os.close(report_end)
    watched = watch(pid, report, limits, len(chunk), seconds_left)
    _, status, usage = os.wait4(pid, 0)
    os.close(report)
    job["code"] = job["code"] or watched.code
    answers = answers_of(watched, len(chunk), usage)
    is_script, size = job["entry_point"] is None, os.fstat(output).st_size
    died = watched.compiled and not watched.spent and len(watched.reports) < len(chunk)
    last = answers[-1]
    last["timeout"], last["status"] = watched.timeout, os.waitstatus_to_exitcode(status)
    last["output_full"] = watched.overflow or ((is_script or died) and size >= limits["output_bytes"])
    if is_script:
        last["output"] = os.pread(output, min(size, limits["output_bytes"]), 0).decode("utf-8", "replace")
    os.close(output)
    return answers


def open_input(job, chunk):
    """Standard input: a script's text, nothing for a function."""
    if job["entry_point"] is None:
        return memory_file("input", chunk[0].encode("utf-8", "replace"))
    return os.open(os.devnull, os.O_RDONLY)


def answers_of(watched, inputs, usage):
    """One answer for each report; one more, without, for the input that the run did not survive."""
    answers = [
        answer(watched, text, seconds, usage) for text, seconds in zip(watched.reports, watched.times, strict=True)
    ]
    if not answers or (watched.compiled and not watched.spent and len(answers) < inputs):
        left = usage.ru_utime + usage.ru_stime - watched.compile_time - sum(watched.times)
        answers.append(answer(watched, b"", max(left, 0.0), usage))
    return answers[:inputs]


def answer(watched, report, seconds, usage):
    """What the parent is told of one input where nothing went wrong around it."""
    return {
        "compiled": watched.compiled,
        "timeout": False,
        "status": 0,
        "report": report.decode("utf-8", "replace"),
        "output": "",
        "output_full": False,
        "seconds": seconds,
        "peak_memory": usage.ru_maxrss * (1024 if _isolation.LINUX else 1),
    }


def kill_leftovers(is_init):
    """Kill whatever the program started. Returns when none is left."""
    while True:
        try:
            if is_init:
                os.kill(-1, signal.SIGKILL)
            else:
                for pid in children():
                    os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.wait()
        except ChildProcessError:
            return


def children():
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def empty_scratch():
    """Remove everything in the current directory, whatever its permissions and however deep."""
    levels, trail = [clear_files(os.getcwd())], []  # "." could not be named where it is closed to its owner
    while levels:
        if levels[-1]:
            trail.append(levels[-1].pop())
            levels.append(clear_files(trail[-1]))
        else:
            levels.pop()
            if trail:
                os.chdir("..")
                os.rmdir(trail.pop())


def clear_files(directory):
    """Go into a directory and remove its files. Returns the names of the directories in it."""
    os.chmod(directory, 0o700)
    os.chdir(directory)
    with os.scandir(".") as entries:
        entries = list(entries)
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name)
    return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def send(connection, message):
    data = json.dumps(message).encode()
    connection.sendall(struct.pack(">Q", len(data)) + data)


def receive(connection):
    """One message, or None where the parent is gone."""
    header = receive_exactly(connection, 8)
    if header is None:
        return None
    data = receive_exactly(connection, struct.unpack(">Q", header)[0])
    return None if data is None else json.loads(data)


def receive_exactly(connection, size):
    chunks = []
    while size:
        chunk = connection.recv(min(size, 1 << 20))
        if not chunk:
            return None
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def memory_file(name, content=b""):
    """A file without a path, holding ``content``, at its start."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
    else:
        import tempfile

        with tempfile.TemporaryFile(dir=".", buffering=0) as file:
            fd = os.dup(file.fileno())
    while content:
        content = content[os.write(fd, content) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


Watched = namedtuple("Watched", "timeout overflow spent compiled code reports times compile_time")


def watch(pid, report, limits, inputs, seconds_left):
    """Read the run's report until it has exited or used up what it may use, then see to it that it is dead.

    Returns whether it ran out of time, whether it reported too much, whether it was stopped between two inputs since
    the program's time was spent, whether it compiled, and its reports with the processor time that each took. The
    clock is the kernel's count over all threads of the run (clock_getcpuclockid(3) computes the same number from the
    pid). Each input has its own time limit, and so has the compiler before the first.
    """
    clock, longest = (~pid << 3) | 2, 2 * limits["output_bytes"] + 4096  # a result is JSON text within JSON
    process = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    sources = [report] if process is None else [report, process]
    pending, lines, times, size, timeout, overflow, spent = b"", [], [], 0, False, False, False
    started, deadline, allowed = 0.0, time.monotonic() + limits["wall_seconds"], COMPILE_SECONDS
    while sources and not overflow and not spent:
        left = min(started + allowed - time.clock_gettime(clock), deadline - time.monotonic())
        if left <= 0:
            timeout = True
            break
        ready = select.select(sources, [], [], max(left, 0.002))[0]
        if report in ready:
            chunk = os.read(report, 1 << 20)
            if not chunk:
                sources.remove(report)
            size += len(chunk)
            *complete, pending = (pending + chunk).split(b"\n") if b"\n" in chunk else (pending + chunk,)
            if complete:
                now = time.clock_gettime(clock)
                times.extend([now - started] + [0.0] * (len(complete) - 1))
                lines.extend(complete)
                started, deadline, allowed = now, time.monotonic() + limits["wall_seconds"], limits["cpu_seconds"]
                spent = now > seconds_left and 1 < len(lines) <= inputs
            overflow = len(pending) > longest or size > JOB_OUTPUT_BYTES or len(lines) > inputs + 1
        elif process in ready:
            break
    os.kill(pid, signal.SIGKILL)
    if process is not None:
        os.close(process)
    if lines and lines[0].startswith(COMPILED):
        code = lines[0].removeprefix(COMPILED)
        return Watched(timeout, overflow, spent, True, code, lines[1:], times[1:], times[0])
    return Watched(timeout, overflow, False, False, b"", lines[:1], times[:1], 0.0)


# --- 2. the run --------------------------------------------------------------------------------------------------


def run_as_program(job, chunk, stdin, output, report_end, limits):
    """Become the program. Never returns."""
    try:
        arrange_descriptors(stdin, output, report_end)
        confine(job, limits)
        code = marshal.loads(base64.b64decode(job["code"])) if job["code"] else compile_program(job["source"])
        if code is None:
            return
        write_report(COMPILED + (b"" if job["code"] else base64.b64encode(marshal.dumps(code))) + b"\n")
        if job["entry_point"] is None:
            write_line(run_script(code, "open(" in job["source"]))
        else:
            call_on_each(code, job, chunk)
    finally:
        _exit(0)


def arrange_descriptors(stdin, output, report_end):
    """0, 1 and 2 as a program has them, 3 for the report, and nothing else: not the way to the parent."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(report_end, 63)
    for source, target in ((stdin, 0), (output, 1), (null, 2), (63, REPORT_FD)):
        os.dup2(source, target)
    os.closerange(REPORT_FD + 1, 64)


def confine(job, limits):
    """Set the limits of one run and make it look like a fresh ``python program.py``."""
    if _isolation.LINUX:
        _isolation.die_with_parent()
    address_space, size, files = _baseline + limits["memory_bytes"], limits["output_bytes"], limits["open_files"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    if job["seccomp"]:
        _isolation.deny_processes()
    random.seed(job["seed"])
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(job["seed"])
    sys.argv = ["program.py"]
    sys.stdin = sys.__stdin__ = standard_stream(0, "r", "<stdin>")
    sys.stdout = sys.__stdout__ = standard_stream(1, "w", "<stdout>")


def standard_stream(fd, mode, name):
    """A stream as the interpreter makes it at start: programs look at its ``mode``, ``name`` and ``buffer``."""
    stream = open(fd, mode, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    stream.buffer.raw.name = name
    return stream


def compile_program(source):
    """Compile; on failure report why and return None. A compiler that hangs or crashes takes the run with it."""
    try:
        return compile(source.removeprefix("\ufeff"), PROGRAM_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        message = getattr(error, "msg", None) or str(error)
        position = {"line": getattr(error, "lineno", None), "column": getattr(error, "offset", None)}
        write_line({"exception": type(error).__name__, "message": message[:500], **position})
        return None


# Taken before any program runs, so that one that patches ``json`` or ``os`` fools only itself.
_to_json, _write, _exit = json.dumps, os.write, os._exit


def write_line(report):
    write_report(_to_json(report).encode() + b"\n")


def write_report(data):
    while data:
        data = data[_write(REPORT_FD, data) :]


def module_named(name):
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = "program.py"
    return module


def run_script(code, opens_files):
    """Run as ``python program.py`` would. Returns the report; an empty one means that it finished."""
    module = module_named("__main__")
    report = {}
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        if error.code not in (None, 0):
            report = describe(error)
    except BaseException as error:  # whatever the program raised is its outcome
        report = describe(error)
    return finish(module, opens_files) or report


def call_on_each(code, job, chunk):
    """Import the program, then call its entry point on one input after another, with a line of report for each."""
    function = None
    for arguments in chunk:
        try:
            if function is None:
                module = module_named("solution")
                exec(code, module.__dict__)
                function = find_function(module.__dict__, job["entry_point"])
            if job["dict_keys"] == "int":
                arguments = integer_keys(arguments)
            report = value_report(function(*arguments), job["limits"]["output_bytes"])
        except BaseException as error:
            report = describe(error)
        write_line(report)
        discard_output()


def find_function(namespace, name):
    """The function of that name, or the method of a fresh ``Solution``."""
    if callable(namespace.get(name)):
        return namespace[name]
    if isinstance(namespace.get("Solution"), type) and hasattr(namespace["Solution"], name):
        return getattr(namespace["Solution"](), name)
    raise EntryPointMissing(f"{name} is not defined")


class EntryPointMissing(Exception):
    """The program does not define the function that the tests call."""


def value_report(value, limit):
    """The value as JSON text, or the type of a value that JSON has not."""
    try:
        result = _to_json(plain(value, 0))
        return {"result": result} if len(result) <= limit else {**OUTPUT_LIMIT}
    except TypeError as error:
        return {"result_type": str(error)}
    except (RecursionError, ValueError):
        return {"result_type": f"{type(value).__name__} that is nested too deep"}


def discard_output():
    """Forget what the call printed: the next one has the whole limit again."""
    try:
        sys.stdout.flush()
    except BaseException:  # the program may have replaced it by anything
        pass
    if os.lseek(1, 0, os.SEEK_CUR):
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)


INTEGER = re.compile("-?[0-9]+")


def integer_keys(value):
    """Dict keys that JSON turned into strings, back as integers."""
    if isinstance(value, list):
        return [integer_keys(item) for item in value]
    if isinstance(value, dict):
        return {int(k) if INTEGER.fullmatch(k) else k: integer_keys(v) for k, v in value.items()}
    return value


def plain(value, depth):
    """A JSON-like value as exactly the built-in types, read through them: no method of a subclass runs.

    Raises TypeError, whose text is the type's name, for what is not JSON-like.
    """
    if depth > 500:
        raise RecursionError
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind.__module__ == "numpy" and kind is getattr(sys.modules.get("numpy"), kind.__name__, None):
        return plain(value.item(), depth + 1) if getattr(value, "shape", None) == () else not_json(kind)
    if isinstance(value, (list, tuple)):
        iterate = list.__iter__ if isinstance(value, list) else tuple.__iter__
        return [plain(item, depth + 1) for item in iterate(value)]
    if isinstance(value, dict):
        return {key_of(k): plain(v, depth + 1) for k, v in dict.items(value)}
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    return not_json(kind)


def key_of(key):
    """A dict key as JSON writes it."""
    if key is None or type(key) in (bool, int, float, str):
        return key
    if isinstance(key, str):
        return str.__str__(key)
    return not_json(type(key), "dict with keys of type ")


def not_json(kind, prefix=""):
    raise TypeError(prefix + kind.__name__)


VARYING = re.compile(r" at 0x[0-9a-fA-F]{4,}| \(/[^()]*\)")
"""Addresses and paths of this machine in messages: the same program must be told of in the same words."""


def describe(error):
    """The report of an uncaught exception: type, message and the deepest line of the program."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == PROGRAM_FILE]
    try:
        message = VARYING.sub("", str(error)[:2000])[:500]
    except BaseException:  # the message is the program's code too
        message = ""
    if isinstance(error, OSError) and error.errno == errno.EFBIG:  # RLIMIT_FSIZE
        return {**OUTPUT_LIMIT}
    return {"exception": type(error).__name__, "message": message, "line": lines[-1] if lines else None}


OUTPUT_LIMIT = {"exception": "OutputLimit", "message": "", "line": None}


def finish(module, opens_files):
    """What the interpreter does at exit: wait for threads, run atexit, close and flush files.

    Returns a report where that fails.
    """
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        output = sys.stdout
        if opens_files:  # a file that the program opened and never closed is flushed when it is collected
            module.__dict__.clear()
            gc.collect()
        for stream in (output, sys.__stdout__):
            if not getattr(stream, "closed", False):
                stream.flush()
    except BaseException as error:
        return describe(error)
    return {}


if __name__ == "__main__":
    main(sys.argv[1:])
