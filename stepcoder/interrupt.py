"""Handle Ctrl-C during training: finish the step, then stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from stepcoder.processes import Processes


class Stopped(KeyboardInterrupt):
    """Raised for Ctrl-C between steps: the state is that of the last finished step."""


class Interrupt:
    """Records Ctrl-C until the step is finished, so that no step is half done. The second Ctrl-C interrupts at once."""

    def __init__(self) -> None:
        self.requested = False

    def check(self, processes: Processes) -> None:
        """Stop if Ctrl-C reached any process. Every process must call this, and all stop together.

        Raises:
            Stopped: A stop was requested.
        """
        requested = torch.tensor(float(self.requested), device=processes.device)
        if processes.sum(requested) > 0:
            raise Stopped

    @classmethod
    @contextmanager
    def on_ctrl_c(cls) -> Iterator[Interrupt]:
        """Record Ctrl-C in this block (in the main thread; others do not receive signals)."""
        stop = cls()
        if threading.current_thread() is not threading.main_thread():
            yield stop
            return

        def request_stop(number: int, frame: Any) -> None:
            if stop.requested:
                raise KeyboardInterrupt
            stop.requested = True

        before = signal.signal(signal.SIGINT, request_stop)
        try:
            yield stop
        finally:
            signal.signal(signal.SIGINT, before)
