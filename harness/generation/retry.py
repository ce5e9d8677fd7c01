"""Decide whether to retry a failed request, and when: pure functions."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum

from harness.generation.server_errors import refused_parameter

MAX_WAIT = 600.0
"""Seconds; the longest wait that a server's ``Retry-After`` can cause."""
MAX_BACKOFF = 60.0
"""Seconds; the longest wait of exponential backoff."""


class Fault(StrEnum):
    """Kinds of failure, by what to do about them."""

    RETRY = "retry"
    """Temporary: overload, a server error, a broken connection."""
    FATAL = "fatal"
    """All requests would fail: wrong key, model name or address, exhausted quota."""
    TOO_LONG = "context_length"
    """The prompt and the limit of tokens do not fit into the context."""
    FILTERED = "content_filter"
    """The server refuses to answer this prompt."""
    UNSUPPORTED = "unsupported"
    """The server refuses a parameter that can be left out (see ``refused_parameter``)."""
    REFUSED = "refused"
    """Any other error of this request."""


_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum context|max_model_len|prompt is too long|too many tokens"
    r"|input (is|was) too long|reduce the length|exceeds? the (model'?s? )?(maximum|available|limit)",
    re.IGNORECASE,
)


def classify(status: int, code: str, parameter: str, message: str) -> Fault:
    """Classify an HTTP error.

    Args:
        status: The HTTP status.
        code: The error's ``code`` in the body; empty if missing.
        parameter: The error's ``param``; empty if missing.
        message: The server's error message.
    """
    if status in (401, 403, 404, 405) or code in ("insufficient_quota", "billing_hard_limit_reached"):
        return Fault.FATAL
    if status in (408, 409, 425, 429) or (status >= 500 and status != 501):
        return Fault.RETRY
    if code == "context_length_exceeded" or status == 413 or _TOO_LONG.search(message):
        return Fault.TOO_LONG
    if code == "content_filter":
        return Fault.FILTERED
    return Fault.UNSUPPORTED if refused_parameter(parameter, message) else Fault.REFUSED


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return the seconds to wait by ``Retry-After`` (seconds or a date), at most ``MAX_WAIT``; None without it."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), MAX_WAIT) if seconds == seconds else None  # float() accepts "nan"


def backoff(attempt: int, first: float, jitter: float) -> float:
    """Return the seconds before a retry.

    Args:
        attempt: Number of the retry, from 0; the wait doubles with each, up to ``MAX_BACKOFF``.
        first: Seconds before the first retry.
        jitter: Random number in [0, 1); shortens the wait by up to half.
    """
    return float(min(first * 2 ** min(attempt, 30), MAX_BACKOFF) * (1 - jitter / 2))
