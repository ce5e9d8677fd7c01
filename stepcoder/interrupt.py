"""Ctrl-C while a model is trained."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from stepcoder.processes import Processes


class Stopped(KeyboardInterrupt):
    """Ctrl-C at a place where a run is whole: what it holds is that of its last finished step."""


class Interrupt:
    """Ctrl-C, held back while parameters change: a step is taken whole or not at all. The second one is not held."""

    def __init__(self) -> None:
        self.requested = False

    def check(self, processes: Processes) -> None:
        """Stop here if any process was asked to; all of them come to this place, and stop together.

        Raises:
            Stopped: It was asked for.
        """
        asked = torch.tensor(float(self.requested), device=processes.device)
        if processes.sum(asked) > 0:
            raise Stopped

    @classmethod
    @contextmanager
    def on_ctrl_c(cls) -> Iterator[Interrupt]:
        """Hold Ctrl-C back in this block (where this is the main thread: others never see it)."""
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
