"""What to do about a server's refusal: pure decisions, no network."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum

from harness.generation.refusals import refused_parameter

LONGEST_WAIT = 600.0
"""Seconds; a server that asks for more is waited for no longer than this."""
LONGEST_BACKOFF = 60.0


class Fault(StrEnum):
    """Kinds of failure, by what helps."""

    RETRY = "retry"
    """It may pass: overload, a fault of the server, a broken connection."""
    FATAL = "fatal"
    """No request will fare better: the key, the model's name, the address, the bill."""
    TOO_LONG = "context_length"
    """This prompt, with the answer's tokens, does not fit."""
    FILTERED = "content_filter"
    """The server will not answer this prompt."""
    UNSUPPORTED = "unsupported"
    """The server does not know a parameter that can be done without (see ``refused_parameter``)."""
    REFUSED = "refused"
    """Anything else about this request."""


_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum context|max_model_len|prompt is too long|too many tokens"
    r"|input (is|was) too long|reduce the length|exceeds? the (model'?s? )?(maximum|available|limit)",
    re.IGNORECASE,
)


def classify(status: int, code: str, parameter: str, message: str) -> Fault:
    """The kind of a failure that came with an HTTP status.

    Args:
        status: The HTTP status.
        code: The error's ``code`` in the body, or nothing.
        parameter: The error's ``param``, or nothing.
        message: What the server says.
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
    """Seconds that a server asks to wait (``Retry-After``: seconds, or a date), at most ``LONGEST_WAIT``."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # "nan" is a float, too


def backoff(attempt: int, first: float, luck: float) -> float:
    """Seconds before a retry (from 0): doubled each time, less up to half of it by ``luck``, which is in [0, 1)."""
    return float(min(first * 2 ** min(attempt, 30), LONGEST_BACKOFF) * (1 - luck / 2))
