"""Hold Ctrl-C back while heavy packages are imported.

An exception inside an import may be caught there and leave a package half initialised: numpy and accelerate then raise
RecursionError later, in place of KeyboardInterrupt.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Raise KeyboardInterrupt for Ctrl-C at the end of the block; at once for the second.

    Outside the main thread, which alone receives signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    requested = False

    def remember(number: int, frame: Any) -> None:
        nonlocal requested
        if requested:
            raise KeyboardInterrupt
        requested = True

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if requested:
        raise KeyboardInterrupt
