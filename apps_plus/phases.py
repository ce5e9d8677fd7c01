"""Say what a command is doing while it takes long, where there is nothing to count."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from apps_plus.durations import duration
from apps_plus.printable import one_line

SECONDS_OF_SILENCE = 2.0
"""A phase that takes longer is named on stderr."""
SECONDS_BETWEEN_LINES = 10.0

During = Callable[[str], AbstractContextManager[None]]
"""Given to a function that does not print: called with what it does in the block, as ``phase`` is."""


def silent(what: str) -> AbstractContextManager[None]:
    """Print nothing."""
    return nullcontext()


@contextmanager
def phase(what: str, notify: Callable[[str], None] | None = None) -> Iterator[None]:
    """Print what is being done if it takes over two seconds, and every ten seconds, later every minute, for how long.

    A thread prints: start worker processes outside the block, so that they can be forked.

    Args:
        what: Such as ``loading the model``.
        notify: Called with each line, in the thread; by default it is printed on stderr.
    """
    done = threading.Event()
    began = time.monotonic()

    def print_lines() -> None:
        wait = SECONDS_OF_SILENCE
        while not done.wait(wait):
            seconds = time.monotonic() - began
            (notify or _print)(what if wait == SECONDS_OF_SILENCE else f"{what} ({duration(seconds)})")
            wait = SECONDS_BETWEEN_LINES if seconds < 120 else 60.0

    thread = threading.Thread(target=print_lines, name="phase", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()  # so that the process has one thread again


def _print(line: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # stderr is closed: the work continues
            print(one_line(line), file=sys.stderr, flush=True)
