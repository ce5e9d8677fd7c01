"""What the interpreter does when a script ends, done for each input of a run.

It follows CPython (``_PyRun_SimpleFile``, ``Py_FinalizeEx``), whose own way works once in a process:

1. ``sys.stderr`` and ``sys.stdout``, whatever they are by then, are flushed; errors are ignored;
2. threads that are no daemons are waited for;
3. the functions that ``atexit`` knows are called; errors are ignored;
4. ``sys.stdout`` and ``sys.stderr`` are flushed again: an error makes the exit status 120, so it is the run's outcome;
5. objects are finalised: first what is garbage already, then the streams that the program put in place of the standard
   ones, then the module of the program. Its names are all there still when ``__del__`` or ``close`` looks for them;
6. the standard streams themselves are flushed; errors are ignored.

All of it is the program's code: it runs under the limits of the input that it belongs to, before that input's report.
Standard library only.
"""

import _weakref
import atexit
import gc
import re
import sys
import types
from collections.abc import Callable
from typing import Any

Report = dict[str, Any]

LAST_WORDS = re.compile(
    r"\bopen\b(?!\(0\b)|fdopen|Writer|Wrapper|FileIO|IOBase|detach|weakref|__del__|__exit__|finally|GeneratorExit"
)
"""What a script names whose objects may do something when they end: files are flushed, and methods of its own run. What
reads ``open(0)`` has nothing to flush."""

# Taken before any program runs, so that one that patches ``atexit`` or ``gc`` fools only itself.
_run_exit_functions, _count_exit_functions, _collect = atexit._run_exitfuncs, atexit._ncallbacks, gc.collect
_modules = sys.modules


def has_last_words(source: str) -> bool:
    """Whether objects of a script may do something when they end; otherwise nobody needs to look for them."""
    closes_generators = "yield" in source and "except" in source  # a bare one catches what ends them
    return closes_generators or LAST_WORDS.search(source) is not None


def finalize(last_words: bool, describe: Callable[[BaseException], Report]) -> tuple[Report | None, bool]:
    """End the script that is ``__main__``.

    Args:
        last_words: Whether its objects are to be finalised now, as they may do something then.
        describe: Makes the report of an exception.

    Returns:
        The report where output could not be flushed, else None; and whether functions were registered to run at exit:
        modules do that once, so that no other input finds in this process what it would find in its own.
    """
    _flush_quietly("stderr", "stdout")
    try:
        _end_threads()
    except BaseException:
        pass
    registered = _count_exit_functions() > 0
    _run_exit_functions()
    faults = [_flush(name, describe) for name in ("stdout", "stderr")]
    if last_words:
        _end_objects()
    _flush_quietly("__stdout__")
    return faults[0] or faults[1], registered


def _flush_quietly(*names: str) -> None:
    """Flush streams of ``sys``; whatever goes wrong is ignored."""
    for name in names:
        try:
            sys.__dict__[name].flush()
        except BaseException:
            pass


def _flush(name: str, describe: Callable[[BaseException], Report]) -> Report | None:
    """Flush a stream of ``sys``, if it is there and open. Returns the report of why it could not be."""
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
    if held is not None:  # by something else than the program
        held.__dict__.clear()


def forget(closes: bool) -> None:
    """Give up what a script holds whose objects have no last words.

    ``closes`` says that it may have opened standard input by its number: the object must not close it later, when it is
    the next input's.
    """
    module = _modules.pop("__main__", None)
    if type(module) is types.ModuleType:
        module.__dict__.clear()
    if closes:
        _collect()


def _end_threads() -> None:
    """Wait for every thread that is no daemon, as the interpreter does (whose own way works only once)."""
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
