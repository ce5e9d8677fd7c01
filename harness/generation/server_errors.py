"""Read a server's error messages: find the parameter that it refuses. Pure functions.

OpenAI names the parameter in ``error.param``; other servers mention it in the message, of which
``tests/harness/generation/test_server_errors.py`` has examples. Only parameters that can be left out are looked for;
everything else stays an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAMES = {
    "max_tokens": r"\bmax_(completion_)?tokens\b",
    "n": r"['\"`]n['\"`]|\bn\s*(=|>|<|must|should|is\b)|\b(parameter|param|only|field|argument):? n\b|\bbest_of\b",
    "seed": r"\bseed\b",
    "stop": r"\bstop\b|\bstop_?[sS]equences\b",
    "temperature": r"\b[tT]emperature\b",
    "top_p": r"\btop_?[pP]\b",
    "reasoning_effort": r"\breasoning(_|\.|E)effort\b|\breasoningEffort\b",
    "thinking": r"\bchat_template_kwargs\b|\benable_thinking\b",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _NAMES.items()}
_BOTH = re.compile(r"\b(both|only one|either|together|at the same time|mutually exclusive|simultaneously)\b")
_TOO_MANY = re.compile(
    r"too (large|high|big|many)|at (most|least)|less than|greater than|exceed|maximum|minimum|\brange\b|[<>]=?|positive"
)
_VALUE = re.compile(r"\bvalues?\b|input should be|one of|expected|\binvalid (reasoning|effort|literal)", re.IGNORECASE)
_BELOW = re.compile(r"\bbetween\b|\brange\b|less than|at most|\bmaximum\b|too (high|large)|<=?")
_SEARCHED = 400
"""Characters of a message that are searched: the rest may quote the request."""


def refused_parameter(parameter: str, message: str) -> str | None:
    """Return the parameter that a server refuses, if it is one that can be left out.

    Args:
        parameter: The error's ``param``; empty if missing.
        message: The server's error message.

    Returns:
        ``temperature``, ``top_p``, ``max_tokens``, ``n``, ``seed``, ``stop``, ``reasoning_effort``, ``thinking`` (the
        chat template's argument), or None.
    """
    text = message[:_SEARCHED]
    if _BOTH.search(text) and all(_PATTERNS[name].search(text) for name in ("temperature", "top_p")):
        return "top_p"  # keep the temperature, which matters more
    found = _named(parameter) if parameter else _first(text)
    if found == "max_tokens" and "max_completion_tokens" not in text and _TOO_MANY.search(text):
        return None  # the value is wrong, not the name
    if found == "temperature" and _BELOW.search(text):
        return None  # a lower one is accepted: the server's own would not be what was asked for
    if found == "reasoning_effort" and _VALUE.search(text):
        return None  # the server supports other values, which its message names
    return found


def _named(parameter: str) -> str | None:
    """Return the parameter that ``error.param`` names, which may be a path such as ``body.seed``."""
    if parameter == "n":
        return "n"
    return next((name for name, pattern in _PATTERNS.items() if name != "n" and pattern.search(parameter)), None)


def _first(text: str) -> str | None:
    """Return the parameter that the text mentions first."""
    found = {name: match.start() for name, pattern in _PATTERNS.items() if (match := pattern.search(text))}
    return min(found, key=lambda name: found[name], default=None)


def error_message(body: Any, fallback: str) -> str:
    """Return the message of a JSON error body, or the ``fallback``.

    It is OpenAI's ``message``, or FastAPI's ``detail``: text, or a list of faults, each with its place in the request.
    """
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(inner, Mapping):
        for key in ("message", "detail", "error"):
            if isinstance(inner.get(key), str) and inner[key].strip():
                return str(inner[key])
        rows = inner.get("detail")
        if faults := [fault for row in rows if (fault := _fault(row))] if isinstance(rows, list) else []:
            return "; ".join(faults)
    return inner if isinstance(inner, str) and inner.strip() else fallback


def _fault(row: Any) -> str:
    """Return one fault of FastAPI's list (``body.seed: Extra inputs are not permitted``), or an empty text."""
    if not isinstance(row, Mapping) or not isinstance(row.get("loc"), list) or not isinstance(row.get("msg"), str):
        return ""
    return f"{'.'.join(map(str, row['loc']))}: {row['msg']}"
