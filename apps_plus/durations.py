"""Tell people how long things take: durations in words, and the time left once it can be estimated."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SECONDS_ENOUGH = 5.0
"""An estimate of the time left needs a pace measured over so many seconds ..."""
RESULTS_ENOUGH = 10
"""... and so many results, or ``SHARE_ENOUGH`` of all."""
SHARE_ENOUGH = 0.05
SECONDS_OF_PACE = 20.0
"""The pace is that of the second half of the time so far, and of so many seconds at least."""


def duration(seconds: float) -> str:
    """Return a duration in words: ``95 s``, ``12 min``, ``3 h 5 min``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


class TimeLeft:
    """Estimate the time left from the pace of results; say nothing until the estimate means something.

    The first result is not in the pace: it waits for workers to start, or a model to load.
    """

    def __init__(self, enough: int = RESULTS_ENOUGH, clock: Callable[[], float] | None = None) -> None:
        """Prepare the estimate.

        Args:
            enough: Results that a pace needs.
            clock: Returns the time in seconds; default: ``time.monotonic``.
        """
        self._enough = enough
        self._clock = clock or time.monotonic
        self._seen: deque[tuple[float, float]] = deque()
        self._first: tuple[float, float] | None = None

    def seconds(self, done: float, total: float) -> float | None:
        """Record that ``done`` of ``total`` results are there; return the seconds left, None if unknown or at the end.

        Call it at every result. Leave out of both what was there before this run.
        """
        now = self._clock()
        if done <= 0 or done >= total:
            return None
        if self._first is None or done < self._first[1]:
            self._first = now, done
            self._seen.clear()
        self._seen.append((now, done))
        began, before = self._first
        window = max(SECONDS_OF_PACE, (now - began) / 2)
        while len(self._seen) > 2 and self._seen[1][0] <= now - window:
            self._seen.popleft()
        measured = done - before
        if now - began < SECONDS_ENOUGH or measured < min(self._enough, SHARE_ENOUGH * total):
            return None
        since, then = self._seen[0]
        pace = (done - then) / (now - since) if done > then and now > since else measured / (now - began)
        return (total - done) / pace if pace > 0 else None

    def text(self, done: float, total: float) -> str:
        """Record as ``seconds``; return ``12 min left``, empty if it is unknown."""
        seconds = self.seconds(done, total)
        return "" if seconds is None else f"{duration(seconds)} left"
