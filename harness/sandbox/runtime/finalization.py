"""Do at the end of a script what the interpreter does, for each input of a run.

It follows CPython (``_PyRun_SimpleFile``, ``Py_FinalizeEx``), which does so once in a process:

1. flush ``sys.stderr`` and ``sys.stdout``, as they are by then; ignore errors;
2. wait for the threads that are not daemons;
3. call the functions registered with ``atexit``; ignore errors;
4. flush ``sys.stdout`` and ``sys.stderr`` again: an error makes the exit status 120, so it is the run's outcome;
5. finalise objects: first garbage, then the streams that the program put in place of the standard ones, then the
   module of the program. Its names still exist when ``__del__`` or ``close`` looks for them;
6. flush the standard streams themselves; ignore errors.

All of it is the program's code: it runs under the limits of the input that it belongs to, before that input's report.
Standard library only.
"""

from __future__ import annotations

import _weakref
import atexit
import gc
import re
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Report = dict[str, Any]

FINALIZERS = re.compile(
    r"\bopen\b(?!\(0\b)|fdopen|Writer|Wrapper|FileIO|IOBase|detach|weakref|__del__|__exit__|finally|GeneratorExit"
)
"""Names in a script whose objects may act when they are finalised: files are flushed, methods of its own run. A script
that reads ``open(0)`` has nothing to flush."""

# Taken before any program runs, so that one that patches ``atexit`` or ``gc`` fools only itself.
_run_exit_functions, _count_exit_functions, _collect = atexit._run_exitfuncs, atexit._ncallbacks, gc.collect
_modules = sys.modules


def may_have_finalizers(source: str) -> bool:
    """Return whether objects of a script may act when they are finalised; else they need not be searched for."""
    closes_generators = "yield" in source and "except" in source  # a bare one catches what ends them
    return closes_generators or FINALIZERS.search(source) is not None


def finalize(has_finalizers: bool, describe: Callable[[BaseException], Report]) -> tuple[Report | None, bool]:
    """End the script that is ``__main__``.

    Args:
        has_finalizers: Whether its objects may act when they are finalised, and so must be finalised now.
        describe: Return the report of an exception.

    Returns:
        The report where output could not be flushed, else None; and whether functions were registered to run at exit.
        Modules register once in a process, so the next input must get a new process.
    """
    _flush_quietly("stderr", "stdout")
    try:
        _end_threads()
    except BaseException:
        pass
    registered = _count_exit_functions() > 0
    _run_exit_functions()
    faults = [_flush(name, describe) for name in ("stdout", "stderr")]
    if has_finalizers:
        _end_objects()
    _flush_quietly("__stdout__")
    return faults[0] or faults[1], registered


def _flush_quietly(*names: str) -> None:
    """Flush streams of ``sys``; ignore every error."""
    for name in names:
        try:
            sys.__dict__[name].flush()
        except BaseException:
            pass


def _flush(name: str, describe: Callable[[BaseException], Report]) -> Report | None:
    """Flush a stream of ``sys``, if it is there and open. Returns the report of the error, if any."""
    stream = sys.__dict__.get(name)
    if stream is None or _is_closed(stream):
        return None
    try:
        stream.flush()
    except BaseException as error:  # the stream may be the program's own
        return describe(error)
    return None


def _is_closed(stream: Any) -> bool:
    try:
        return bool(stream.closed)
    except BaseException:
        return False


def _end_objects() -> None:
    """Finalise garbage, then replaced streams, then everything that the program's module holds."""
    _collect()  # it also puts what is left in the order in which files in a cycle can be flushed
    for name in ("stdin", "stdout", "stderr"):
        setattr(sys, name, sys.__dict__.get(f"__{name}__"))
    module = _modules.pop("__main__", None)
    alive = _weakref.ref(module) if type(module) is types.ModuleType else None
    del module
    _collect()
    held = alive and alive()
    if held is not None:  # something other than the program holds it
        held.__dict__.clear()


def forget(closes: bool) -> None:
    """Drop the objects of a script that has no finalizers.

    Args:
        closes: Whether it may have opened standard input by its number: such an object must be closed now, not when
            the number is the next input's.
    """
    module = _modules.pop("__main__", None)
    if type(module) is types.ModuleType:
        module.__dict__.clear()
    if closes:
        _collect()


def _end_threads() -> None:
    """Wait for every thread that is not a daemon, as the interpreter does (its own function works only once)."""
    threading: Any = _modules.get("threading")
    if threading is None:
        return
    callbacks = threading._threading_atexits
    while callbacks:
        callbacks.pop()()
    while True:
        main = threading.main_thread()
        others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not main]
        if not others:
            return
        for thread in others:
            thread.join()
