"""A run: a fork that becomes an untrusted program.

Once it is confined (``confine``), it compiles the program and runs it: as a script on one input after another, as a
module whose function is called on one input after another, or as a module that tests in another process call
(``calls``).

Nothing here knows an expected output. The report of a run (``report``) is text that others parse with suspicion.

Every frame between the forker and the program counts against the program's recursion limit: do not add one.

Standard library only.
"""

from __future__ import annotations

import _thread
import builtins
import gc
import os
import re
import resource
import signal
import sys
import types
from typing import TYPE_CHECKING, Any

from harness.sandbox.runtime import calls, finalization, wire
from harness.sandbox.runtime.confine import INPUT_FD, OUTPUT_FD
from harness.sandbox.runtime.report import (
    LONGEST_FAULT,
    OUTPUT_LIMIT,
    PROGRAM_FILE,
    describe,
    report_compiled,
    report_input,
    used_microseconds,
)
from harness.sandbox.runtime.returned_value import report_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.sandbox.runtime.line_trace import Recording

THREAD_STACK_BYTES = 8 << 20
"""Of other threads than the main one, unless the program says otherwise."""
BROKEN = 70
"""Exit status of a run that could not report, since the program has broken what that needs."""
NEEDS_OWN_PROCESS = re.compile(
    r"\b(?:signal|settrace|setprofile|ctypes|cffi|builtins|__builtins__|gc|_exit|abort|fork|multiprocessing|subprocess"
    r"|concurrent|asyncio|socket|mmap|resource|modules|setattr|umask|inspect|importlib|logging|warnings|faulthandler)\b"
)
"""Names with which a script may leave something behind that ``_start_over`` does not reset: it gets a process for each
input."""

exit_at_once = os._exit  # taken before any program runs


class Run(types.SimpleNamespace):
    """One run: the program, its inputs and its limits."""

    source: str
    entry_point: str | None
    limits: dict[str, Any]
    """The fields of ``Limits``."""
    dict_keys: str
    """``int`` turns the integer-like string keys of dict arguments back into integers."""
    inputs: list[Any]
    is_check: bool
    """True if tests in another process call the program."""
    seed: int
    microseconds: float
    """Processor time of all inputs after which no other is begun."""
    output_bytes: int
    """Limit of the outputs of all inputs together."""
    file_bytes: int
    """Largest file: as ``output_bytes``, unless the machine allows less."""
    scratch: str
    """The scratch directory; "" where there is none."""
    own_pids: bool
    """True if the processes have a namespace of their own."""
    resource_limits: list[tuple[int, int, int]]
    """The limits to set (``confine.resource_limits``)."""
    filter: Any
    """The seccomp filter to install, or None."""
    recording: Recording | None
    """The recording of the lines that run; None without tracing."""


def execute(run: Run) -> None:
    """Compile and run the program, in a process that is ready for it."""
    if run.is_check:
        _answer_calls(run)
        return
    code = _compile(run)
    if isinstance(code, dict):
        report_input(run, code, used_microseconds())
        return
    report_compiled()
    if run.entry_point is None:
        _run_on_each(code, run)
    else:
        _call_on_each(code, run, run.entry_point)


def set_streams() -> None:
    """Make the three streams as the interpreter does at start: programs look at ``mode``, ``name`` and ``buffer``."""
    names = ((0, "r", "<stdin>", "surrogateescape"), (1, "w", "<stdout>", "surrogateescape"))
    streams: list[Any] = []
    for fd, mode, name, errors in (*names, (2, "w", "<stderr>", "backslashreplace")):
        stream: Any = open(fd, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        stream.buffer.raw.name = name
        streams.append(stream)
    sys.stdin, sys.stdout, sys.stderr = streams
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]


def _compile(run: Run) -> types.CodeType | dict[str, Any]:
    """Return code, or the report of a compile error. A compiler that hangs or crashes takes the run with it."""
    source = run.source.removeprefix("\ufeff")
    code = None if run.recording is None else _code_with_probes(run.recording, source)
    if code is not None:
        return code
    try:
        return compile(source, PROGRAM_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        message = getattr(error, "msg", None) or str(error)
        position = {"line": getattr(error, "lineno", None), "column": getattr(error, "offset", None)}
        return {"exception": type(error).__name__, "message": message[:500], **position}


def _code_with_probes(recording: Recording, source: str) -> types.CodeType | None:
    """Return code that records which of its lines run; None where it must run without."""
    collects = gc.isenabled()
    gc.disable()  # a syntax tree is many objects and no cycle
    try:
        return recording.code_of(source, PROGRAM_FILE)
    finally:
        if collects:
            gc.enable()


def _make_module(name: str) -> types.ModuleType:
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = "program.py"
    return module


# --- scripts -------------------------------------------------------------------------------------------------------


def _run_on_each(code: types.CodeType, run: Run) -> None:
    """Run a script on one input after another, with a line of report for each.

    Stops early where an input has left something behind that the next one would see: the zygote forks another run.
    """
    last, started = len(run.inputs) - 1, 0
    has_finalizers = finalization.may_have_finalizers(run.source)
    for number in range(len(run.inputs)):
        if number:
            _start_over(run, number)
        if run.recording is not None:
            run.recording.begin(number)
        full = started + run.limits["output_bytes"]
        report, registered = _run_script(code, has_finalizers, full)
        if number < last and not has_finalizers:
            finalization.forget(closes="open" in run.source)
        if run.recording is not None:
            run.recording.save()
        try:
            started = os.lseek(OUTPUT_FD, 0, os.SEEK_END)
            full = started + run.limits["output_bytes"]
            used = used_microseconds()
            leaves = number == last or registered or used > run.microseconds or full > run.file_bytes
            leaves = leaves or _left_something(run)
            report_input(run, report, used, started, leaves, full)
        except OSError:  # the program has closed the run's own descriptors: only the exit status is left to report
            exit_at_once(BROKEN if report else 0)
        if leaves:
            return


def _run_script(code: types.CodeType, has_finalizers: bool, full: int) -> tuple[dict[str, Any], bool]:
    """Run it like ``python program.py``. Returns the report, and whether functions were registered to run at exit."""
    report: dict[str, Any] = {}
    fault: dict[str, Any] | None = None
    registered = True
    try:
        exec(code, _main_namespace())
    except SystemExit as error:
        if not issubclass(type(error), SystemExit) or error.code not in (None, 0):
            report = describe(error, full)
    except BaseException as error:  # whatever the program raised is its outcome
        report = describe(error, full)
    try:
        fault, registered = finalization.finalize(has_finalizers, lambda error: describe(error, full))
    except BaseException as error:  # out of memory
        fault = describe(error, full)
    return report or fault or {}, registered


def _main_namespace() -> dict[str, Any]:
    module: Any = _make_module("__main__")
    module.__builtins__ = builtins
    namespace: dict[str, Any] = module.__dict__
    return namespace


_builtins = dict(builtins.__dict__)


def save_builtins() -> None:
    """Save the built-in names as programs find them."""
    _builtins.clear()
    _builtins.update(builtins.__dict__)


def _left_something(run: Run) -> bool:
    """Return whether the last input left something behind that ``_start_over`` does not reset."""
    return bool(
        _thread._count()
        or (run.scratch and os.listdir(run.scratch))
        or builtins.__dict__ != _builtins
        or signal.getitimer(signal.ITIMER_REAL)[0]
    )


def _start_over(run: Run, number: int) -> None:
    """Reset what the next input must find as the first one did."""
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        setattr(sys, name, None)  # what these may close is still the old 0 and 1
    os.ftruncate(INPUT_FD, 0)
    os.lseek(INPUT_FD, 0, os.SEEK_SET)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before[1], before[1]))
    wire.write(INPUT_FD, run.inputs[number].encode("utf-8", "replace"))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    os.lseek(INPUT_FD, 0, os.SEEK_SET)
    os.dup2(INPUT_FD, 0)
    os.dup2(OUTPUT_FD, 1)
    os.chdir(run.scratch or "/")
    set_streams()
    sys.argv = ["program.py"]
    sys.setrecursionlimit(1000)
    sys.set_int_max_str_digits(0)
    for name in ("random", "numpy.random"):
        if name in sys.modules:
            sys.modules[name].seed(run.seed)
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        decimal.setcontext(decimal.Context())
    _thread.stack_size(THREAD_STACK_BYTES)
    if not gc.isenabled():
        gc.enable()


# --- functions -----------------------------------------------------------------------------------------------------


def _call_on_each(code: types.CodeType, run: Run, entry_point: str) -> None:
    """Import the program, then call its entry point on one input after another, with a line of report for each."""
    limit, left = run.limits["output_bytes"], run.output_bytes
    room = run.file_bytes if run.file_bytes < run.output_bytes else float("inf")
    function: Callable[..., Any] | None = None
    for number, arguments in enumerate(run.inputs, 1):
        if run.recording is not None:
            run.recording.begin(number - 1)
        try:
            if function is None:
                function = _import(code, entry_point)
                if run.recording is not None:
                    run.recording.keep()
            report = report_value(function(*_arguments_of(arguments, run.dict_keys)), limit)
        except BaseException as error:  # whatever the program raised is its outcome
            report = describe(error, limit)
        if run.recording is not None:
            run.recording.save()
        if len(report.get("result", "")) > min(left, room):
            report = {**OUTPUT_LIMIT}
        room -= 2 * len(report.get("result", "")) + LONGEST_FAULT
        used = used_microseconds()
        leaves = number == len(run.inputs) or used > run.microseconds or room < limit
        left -= 2 * report_input(run, report, used, 0, leaves, limit)
        if leaves:
            return
        _discard_output()


def _import(code: types.CodeType, entry_point: str) -> Any:
    """Run the program as a module. Returns the function to call in it."""
    module = _make_module("solution")
    exec(code, module.__dict__)
    return _find_function(module.__dict__, entry_point)


def _find_function(namespace: dict[str, Any], name: str) -> Any:
    """Return the function of that name, or the method of a new ``Solution``. Raises EntryPointMissing."""
    if callable(namespace.get(name)):
        return namespace[name]
    if isinstance(namespace.get("Solution"), type) and hasattr(namespace["Solution"], name):
        return getattr(namespace["Solution"](), name)
    raise EntryPointMissing(f"{name} is not defined")


class EntryPointMissing(Exception):
    """The program does not define the function that the tests call."""


def _discard_output() -> None:
    """Empty standard output: the next call has the whole limit again."""
    try:
        sys.stdout.flush()
    except BaseException:  # the program may have replaced it by anything
        pass
    if os.lseek(OUTPUT_FD, 0, os.SEEK_CUR):
        os.ftruncate(OUTPUT_FD, 0)
        os.lseek(OUTPUT_FD, 0, os.SEEK_SET)


_INTEGER = re.compile("-?[0-9]+")


def _arguments_of(arguments: Any, dict_keys: str) -> Any:
    return _integer_keys(arguments) if dict_keys == "int" else arguments


def _integer_keys(value: Any) -> Any:
    """Return a value whose integer-like dict keys, which JSON turned into strings, are integers again."""
    if isinstance(value, list):
        return [_integer_keys(item) for item in value]
    if isinstance(value, dict):
        return {int(k) if _INTEGER.fullmatch(k) else k: _integer_keys(v) for k, v in value.items()}
    return value


# --- tests in another process --------------------------------------------------------------------------------------


def _answer_calls(run: Run) -> None:
    """Import the program and answer the requests of the tests until they close the channel."""
    limit = run.limits["output_bytes"]
    code = _compile(run)
    if isinstance(code, dict):
        calls.send({"compile": code})
        return
    if run.recording is not None:
        run.recording.begin(0)
    try:
        module = _make_module("solution")
        objects = calls.Objects(module.__dict__)
        exec(code, module.__dict__)
        if run.entry_point is not None:
            objects.entry = _find_function(module.__dict__, run.entry_point)
    except BaseException as error:  # whatever the program raised is its outcome
        calls.send({"raised": describe(error, limit), "kinds": []})
        return
    while (request := calls.receive()) is not None:
        try:
            reply = objects.answer(request)
        except BaseException as error:  # whatever the program raises is an answer
            reply = {"raised": describe(error, limit), "kinds": [kind.__name__ for kind in type(error).__mro__]}
        calls.send(reply, limit)
        _discard_output()
