"""What a run is: a fork of the zygote that becomes an untrusted program.

It gives up what the zygote still had, compiles the program and runs it: as a script on one input after another, as a
module whose function is called on one input after another, or as a module that test code in another process calls.

Nothing here knows an expected output. What a run reports is text that others parse with suspicion: a program that
forges its report gains no more than one that prints or returns the same.

Standard library only.
"""

import _thread
import builtins
import errno
import gc
import json
import os
import random
import re
import resource
import signal
import struct
import sys
import time
import types

from harness.sandbox.isolation import layers, system_calls
from harness.sandbox.runtime import finalization, values

PROGRAM_FILE = "<program>"
THREAD_STACK_BYTES = 8 << 20
"""Of other threads than the main one, unless the program says otherwise."""
REPORT_FD, OUTPUT_FD, INPUT_FD = 3, 4, 5
"""Where a run reports (or talks to the tests), and copies of its output and input for its later inputs."""
COMPILED = b"compiled"
"""On the first line of a report, where the program compiles: written before anything of the program has run."""
BROKEN = 70
"""Exit status of a run that could not report: the program has broken what it takes."""
LONGEST_FAULT = 4096
"""Bytes of a line of the report that holds no result."""
WILD = re.compile(
    r"\b(?:signal|settrace|setprofile|ctypes|cffi|builtins|__builtins__|gc|_exit|abort|fork|multiprocessing|subprocess"
    r"|concurrent|asyncio|socket|mmap|resource|modules|setattr|umask|inspect|importlib|logging|warnings|faulthandler)\b"
)
"""What a script names before it can leave something behind for the next input that nothing here would put right; such
a script has a process for each input."""

Job = types.SimpleNamespace
"""One run: ``source``, ``entry_point``, ``limits``, ``dict_keys``, ``inputs``, ``is_check`` (tests call it), ``seed``,
``microseconds`` (of processor time for all inputs), ``output_bytes`` (of all inputs together), ``file_bytes`` (the most
that any file may hold: as much, unless the machine allows less), ``scratch``,
``baseline`` (address space of the bare interpreter), ``own_users`` (whether a limit on processes counts only its own),
``filter`` (the seccomp filter to install, or None) and ``recording`` (of the lines that run, or None)."""


def take_over(job, stdin, output, report, null):
    """Become the program. Never returns."""
    status = BROKEN
    try:
        _arrange_descriptors(stdin, output, report, null)
        _confine(job)
        run(job)
        status = 0
    finally:
        _exit(status)


def run(job):
    """Do the job, in a process that is ready for it."""
    if job.is_check:
        _answer_calls(job)
        return
    code = _compile(job)
    if type(code) is dict:
        _report(job, code)
        return
    _write_all(REPORT_FD, b"%d %s\n" % (_used(), COMPILED))
    if job.entry_point is None:
        _run_on_each(code, job)
    else:
        _call_on_each(code, job)


def _arrange_descriptors(stdin, output, report, null):
    """0, 1 and 2 as a program has them, 3 to 5 for the run itself, and nothing else: not the way to the parent."""
    # The zygote has these six numbers for files of its own, so that none of the sources is among them.
    for source, targets in ((null, (2,)), (report, (REPORT_FD,)), (output, (OUTPUT_FD, 1)), (stdin, (INPUT_FD, 0))):
        for target in targets:
            os.dup2(source, target)
    os.closerange(INPUT_FD + 1, 64)


def _confine(job):
    """Set the limits of one run."""
    limits, set_limit = job.limits, layers.lower_limit
    address_space, files = job.baseline + limits["memory_bytes"], limits["open_files"]
    if job.recording is not None:
        address_space += job.recording.size
    if system_calls.LINUX:
        system_calls.die_with_parent()
        if job.own_users:  # elsewhere all processes of the user count, the harness's own among them
            set_limit(resource.RLIMIT_NPROC, limits["threads"] + 8, limits["threads"] + 8)
    else:
        seconds = int(limits["cpu_seconds"] * len(job.inputs)) + 2
        set_limit(resource.RLIMIT_CPU, seconds, seconds + 2)
    set_limit(resource.RLIMIT_AS, address_space, address_space)
    set_limit(resource.RLIMIT_NOFILE, files, files)
    set_limit(resource.RLIMIT_FSIZE, limits["output_bytes"], job.file_bytes)
    if job.filter is not None:
        job.filter.install()


def set_streams():
    """Make the three streams as the interpreter does at start: programs look at ``mode``, ``name`` and ``buffer``."""
    names = ((0, "r", "<stdin>", "surrogateescape"), (1, "w", "<stdout>", "surrogateescape"))
    streams = []
    for fd, mode, name, errors in (*names, (2, "w", "<stderr>", "backslashreplace")):
        stream = open(fd, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        stream.buffer.raw.name = name
        streams.append(stream)
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__ = streams


def _compile(job):
    """Code, or a report of why there is none. A compiler that hangs or crashes takes the run with it."""
    source = job.source.removeprefix("\ufeff")
    code = None if job.recording is None else _code_with_probes(job.recording, source)
    if code is not None:
        return code
    try:
        return compile(source, PROGRAM_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        message = getattr(error, "msg", None) or str(error)
        position = {"line": getattr(error, "lineno", None), "column": getattr(error, "offset", None)}
        return {"exception": type(error).__name__, "message": message[:500], **position}


def _code_with_probes(recording, source):
    """Code that records which of its lines run; None where it must run without."""
    collects = gc.isenabled()
    gc.disable()  # a syntax tree is many objects and no cycle
    try:
        return recording.code_of(source, PROGRAM_FILE)
    finally:
        if collects:
            gc.enable()


# Taken before any program runs, so that one that patches ``json`` or ``os`` fools only itself.
_to_json, _from_json, _read, _write, _exit = json.dumps, json.loads, os.read, os.write, os._exit
_clock_ns = time.process_time_ns


def _used():
    """Processor time of this process so far, in microseconds."""
    return _clock_ns() // 1000


def _report(job, report, end=0, leaves=True, full=0):
    """Add a line to the report: the time used, where the output ends, whether the run ends here by itself, and JSON.

    ``full`` is the size that standard output may have for the next input. Returns the length of the line.
    """
    data = b"%d %d %d %s\n" % (_used(), end, leaves, _to_json(report).encode())
    resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_bytes, job.file_bytes))
    _write_all(REPORT_FD, data)
    if not leaves:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, job.file_bytes))
    return len(data)


def _write_all(fd, data):
    while data:
        data = data[_write(fd, data) :]


def _module_named(name):
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = "program.py"
    return module


# --- scripts -------------------------------------------------------------------------------------------------------


def _run_on_each(code, job):
    """Run a script on one input after another, with a line of report for each.

    It ends early where an input has left behind what the next one would notice: the zygote starts another run.
    """
    last, started = len(job.inputs) - 1, 0
    last_words = finalization.has_last_words(job.source)
    for number in range(len(job.inputs)):
        if number:
            _start_over(job, number)
        if job.recording is not None:
            job.recording.begin(number)
        full = started + job.limits["output_bytes"]
        report, registered = _run_script(code, last_words, full)
        if number < last and not last_words:
            finalization.forget(closes="open" in job.source)
        if job.recording is not None:
            job.recording.save()
        try:
            started = os.lseek(OUTPUT_FD, 0, os.SEEK_END)
            full = started + job.limits["output_bytes"]
            leaves = number == last or registered or _used() > job.microseconds or full > job.file_bytes
            leaves = leaves or _left_something(job)
            _report(job, report, started, leaves, full)
        except OSError:  # the program has closed what is not its own; how this process ends tells the rest
            _exit(BROKEN if report else 0)
        if leaves:
            return


def _run_script(code, last_words, full):
    """Run as ``python program.py`` would. Returns the report, and whether functions were registered to run at exit."""
    report, fault, registered = {}, None, True
    try:
        exec(code, _main_namespace())  # nothing here keeps it: its objects are finalised as garbage
    except SystemExit as error:
        if not issubclass(type(error), SystemExit) or error.code not in (None, 0):
            report = describe(error, full)
    except BaseException as error:  # whatever the program raised is its outcome
        report = describe(error, full)
    try:
        fault, registered = finalization.finalize(last_words, lambda error: describe(error, full))
    except BaseException as error:  # for want of memory
        fault = describe(error, full)
    return report or fault or {}, registered


def _main_namespace():
    module = _module_named("__main__")
    module.__builtins__ = builtins
    return module.__dict__


_builtins = dict(builtins.__dict__)


def remember_builtins():
    """Take note of the built-in names as programs find them."""
    _builtins.clear()
    _builtins.update(builtins.__dict__)


def _left_something(job):
    """Whether the input that has just run left behind what nothing here puts right."""
    return bool(
        _thread._count()
        or (job.scratch and os.listdir(job.scratch))
        or builtins.__dict__ != _builtins
        or signal.getitimer(signal.ITIMER_REAL)[0]
    )


def _start_over(job, number):
    """Make the next input find what the first one found."""
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        setattr(sys, name, None)  # what these may close is still the old 0 and 1
    os.ftruncate(INPUT_FD, 0)
    os.lseek(INPUT_FD, 0, os.SEEK_SET)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before[1], before[1]))
    _write_all(INPUT_FD, job.inputs[number].encode("utf-8", "replace"))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    os.lseek(INPUT_FD, 0, os.SEEK_SET)
    os.dup2(INPUT_FD, 0)
    os.dup2(OUTPUT_FD, 1)
    os.chdir(job.scratch or "/")
    set_streams()
    sys.argv = ["program.py"]
    sys.setrecursionlimit(1000)
    sys.set_int_max_str_digits(0)
    random.seed(job.seed)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(job.seed)
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        decimal.setcontext(decimal.Context())
    _thread.stack_size(THREAD_STACK_BYTES)
    if not gc.isenabled():
        gc.enable()


# --- functions -----------------------------------------------------------------------------------------------------


def _call_on_each(code, job):
    """Import the program, then call its entry point on one input after another, with a line of report for each."""
    function, limit, left = None, job.limits["output_bytes"], job.output_bytes
    room = job.file_bytes if job.file_bytes < job.output_bytes else float("inf")
    for number, arguments in enumerate(job.inputs, 1):
        if job.recording is not None:
            job.recording.begin(number - 1)
        try:
            if function is None:
                function = _import(code, job.entry_point)[1]
                if job.recording is not None:
                    job.recording.keep()
            if job.dict_keys == "int":
                arguments = _integer_keys(arguments)
            report = _value_report(function(*arguments), limit)
        except BaseException as error:
            report = describe(error, limit)
        if job.recording is not None:
            job.recording.save()
        if len(report.get("result", "")) > min(left, room):
            report = {**OUTPUT_LIMIT}
        room -= 2 * len(report.get("result", "")) + LONGEST_FAULT
        leaves = number == len(job.inputs) or _used() > job.microseconds or room < limit
        left -= 2 * _report(job, report, 0, leaves, limit)
        if leaves:
            return
        _discard_output()


def _import(code, entry_point):
    """The module of a program, and the function to call in it."""
    module = _module_named("solution")
    exec(code, module.__dict__)
    return module, _find_function(module.__dict__, entry_point)


def _find_function(namespace, name):
    """The function of that name, or the method of a fresh ``Solution``."""
    if callable(namespace.get(name)):
        return namespace[name]
    if isinstance(namespace.get("Solution"), type) and hasattr(namespace["Solution"], name):
        return getattr(namespace["Solution"](), name)
    raise EntryPointMissing(f"{name} is not defined")


class EntryPointMissing(Exception):
    """The program does not define the function that the tests call."""


def _value_report(value, limit):
    """The value as JSON text, or the type of a value that JSON has not."""
    try:
        result = _to_json(_plain(value, 0))
        return {"result": result} if len(result) <= limit else {**OUTPUT_LIMIT}
    except TypeError as error:
        return {"result_type": str(error)}
    except (RecursionError, ValueError):
        return {"result_type": f"{type(value).__name__} that is nested too deep"}


def _discard_output():
    """Forget what the call printed: the next one has the whole limit again."""
    try:
        sys.stdout.flush()
    except BaseException:  # the program may have replaced it by anything
        pass
    if os.lseek(OUTPUT_FD, 0, os.SEEK_CUR):
        os.ftruncate(OUTPUT_FD, 0)
        os.lseek(OUTPUT_FD, 0, os.SEEK_SET)


_INTEGER = re.compile("-?[0-9]+")


def _integer_keys(value):
    """Dict keys that JSON turned into strings, back as integers."""
    if isinstance(value, list):
        return [_integer_keys(item) for item in value]
    if isinstance(value, dict):
        return {int(k) if _INTEGER.fullmatch(k) else k: _integer_keys(v) for k, v in value.items()}
    return value


MAX_DIGITS = 100_000
"""Of an integer in a result: turning decimal digits into a number takes time that grows with their square."""


def _plain(value, depth):
    """A JSON-like value as exactly the built-in types, read through them: no method of a subclass runs.

    Raises TypeError, whose text is the type's name, for what is not JSON-like.
    """
    if depth > 500:
        raise RecursionError
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if value.bit_length() < 3 * MAX_DIGITS else _refuse(kind, "huge ")
    if kind.__module__ == "numpy" and kind is getattr(sys.modules.get("numpy"), kind.__name__, None):
        return _plain(value.item(), depth + 1) if getattr(value, "shape", None) == () else _refuse(kind)
    if isinstance(value, (list, tuple)):
        iterate = list.__iter__ if isinstance(value, list) else tuple.__iter__
        return [_plain(item, depth + 1) for item in iterate(value)]
    if isinstance(value, dict):
        return {_key_of(k): _plain(v, depth + 1) for k, v in dict.items(value)}
    if isinstance(value, int):
        return _plain(int.__int__(value), depth + 1)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    return _refuse(kind)


def _key_of(key):
    """A dict key as JSON writes it."""
    if key is None or type(key) in (bool, int, float, str):
        return key
    if isinstance(key, str):
        return str.__str__(key)
    return _refuse(type(key), "dict with keys of type ")


def _refuse(kind, prefix=""):
    raise TypeError(prefix + kind.__name__)


# --- what test code in another process calls -----------------------------------------------------------------------


_CAN_CHANGE = (list, dict)
"""What an argument is in the grammar that a call may have changed (or that holds one)."""


class _Answering:
    """Answers the requests of the tests, one at a time, on the channel that both share."""

    def __init__(self, limit):
        self.limit = limit
        self.handles = []
        self.numbers = {}
        self.module = {}
        self.entry = None

    def handle(self, value):
        number = self.numbers.setdefault(id(value), len(self.handles))
        if number == len(self.handles):
            self.handles.append(value)
        return number

    def encode(self, value):
        return values.encode(value, self.handle)

    def decode(self, data):
        return values.decode(data, self.object)

    def object(self, number):
        return self.entry if number == values.ENTRY else self.handles[number]

    def answer(self, request):
        """The answer to one request: a value, and the arguments where the call changed them."""
        kind = request["do"]
        if kind == "call":
            function, sent = self.object(request["of"]), request["args"]
            arguments, keywords = self.decode(sent), self.decode(request["keywords"])
            result = {"value": self.encode(function(*arguments, **keywords))}
            if not any(type(one) in _CAN_CHANGE for one in sent):
                return result
            after = [self.encode(argument) for argument in arguments]
            return result if after == sent else {**result, "args": after}
        if kind == "global":
            return {"value": self.encode(self.module[request["name"]])}
        subject = self.object(request["of"])
        if kind == "get":
            return {"value": self.encode(getattr(subject, request["name"]))}
        if kind == "set":
            return {"value": setattr(subject, request["name"], self.decode(request["to"]))}
        if kind == "next":
            try:
                return {"value": self.encode(next(subject))}
            except StopIteration:
                return {"end": True}
        if kind == "iter":
            return {"value": {"handle": self.handle(iter(subject))}}
        if kind == "item":
            return {"value": self.encode(subject[self.decode(request["key"])])}
        return {"value": self.encode({"length": len, "text": str, "truth": bool}[kind](subject))}


def _answer_calls(job):
    """Import the program and do what the tests ask for until they close the channel."""
    answering, limit = _Answering(job.limits["output_bytes"]), job.limits["output_bytes"]
    code = _compile(job)
    if type(code) is dict:
        _send({"compile": code})
        return
    if job.recording is not None:
        job.recording.begin(0)
    try:
        module = _module_named("solution")
        answering.module = module.__dict__
        exec(code, module.__dict__)
        if job.entry_point is not None:
            answering.entry = _find_function(module.__dict__, job.entry_point)
    except BaseException as error:
        _send({"raised": describe(error, limit), "kinds": []})
        return
    while True:
        request = _receive()
        if request is None:
            return
        try:
            reply = answering.answer(request)
        except BaseException as error:
            reply = {"raised": describe(error, limit), "kinds": [kind.__name__ for kind in type(error).__mro__]}
        _send(reply, limit)
        _discard_output()


_HEADER = struct.Struct(">Q")


def _send(message, limit=1 << 20):
    data = _to_json(message).encode()
    if len(data) > 2 * limit + 4096:
        data = _to_json({"raised": OUTPUT_LIMIT, "kinds": []}).encode()
    _write_all(REPORT_FD, _HEADER.pack(len(data)) + data)


def _receive():
    """The next request, or None where there is none. Both sides take turns, so that nothing else comes with it."""
    data = _read(REPORT_FD, 1 << 16)
    if not data:
        return None
    size = _HEADER.unpack_from(data)[0] + _HEADER.size
    while len(data) < size:
        more = _read(REPORT_FD, size - len(data))
        if not more:
            return None
        data += more
    return _from_json(data[_HEADER.size :])


# --- what went wrong -----------------------------------------------------------------------------------------------

_VARYING = re.compile(r" at 0x[0-9a-fA-F]{4,}| \(/[^()]*\)")
"""Addresses and paths of this machine in messages: the same program must be told of in the same words."""


def describe(error, full):
    """The report of an uncaught exception: type, message and the deepest line of the program.

    ``full`` is the size that standard output has when it is at its limit.
    """
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == PROGRAM_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = _VARYING.sub("", str(error)[:2000])[:500]
    except BaseException:  # the message is the program's code too
        message = ""
    name = _limit_behind(error, message, full) or type.__dict__["__name__"].__get__(type(error))
    return {"exception": name, "message": message, "line": line}


def _limit_behind(error, message, full):
    """The name of the limit that an exception tells of, if any: it is the harness's, not the program's."""
    if isinstance(error, MemoryError):
        return "MemoryError"  # numpy has one of its own
    if isinstance(error, RuntimeError) and message == "can't start new thread":
        return "ThreadLimit"
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.EFBIG:  # RLIMIT_FSIZE
        return "OutputLimit" if os.fstat(OUTPUT_FD).st_size >= full else "ScratchLimit"
    if error.errno == errno.ENOSPC:
        return "ScratchLimit"
    return "ProcessLimit" if isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN else None


OUTPUT_LIMIT = {"exception": "OutputLimit", "message": "", "line": None}
