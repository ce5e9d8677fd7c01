"""Finds out which parameter a server's refusal is about: pure decisions over what it says.

OpenAI names the parameter in ``error.param``; others say it in words, of which ``tests/harness/generation`` holds
examples. Only what can be done without is looked for; everything else stays an error.
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
_READ = 400
"""Characters of a message that are looked at: what follows may quote the request."""


def refused_parameter(parameter: str, message: str) -> str | None:
    """Which parameter that can be done without a refusal is about, if any.

    Args:
        parameter: The error's ``param``, or nothing.
        message: What the server says.

    Returns:
        ``temperature``, ``top_p``, ``max_tokens``, ``n``, ``seed``, ``stop``, ``reasoning_effort``, ``thinking`` (the
        chat template's argument), or None.
    """
    words = message[:_READ]
    if _BOTH.search(words) and all(_PATTERNS[name].search(words) for name in ("temperature", "top_p")):
        return "top_p"  # the temperature says more about the samples
    found = _named(parameter) if parameter else _first(words)
    if found == "max_tokens" and "max_completion_tokens" not in words and _TOO_MANY.search(words):
        return None  # the number is wrong, not the name
    if found == "reasoning_effort" and _VALUE.search(words):
        return None  # it is known, this effort is not: the server's words say which are
    return found


def _named(parameter: str) -> str | None:
    """By ``error.param``, which may be a path such as ``body.seed``."""
    if parameter == "n":
        return "n"
    return next((name for name, pattern in _PATTERNS.items() if name != "n" and pattern.search(parameter)), None)


def _first(words: str) -> str | None:
    """The parameter that is mentioned first."""
    found = {name: match.start() for name, pattern in _PATTERNS.items() if (match := pattern.search(words))}
    return min(found, key=lambda name: found[name], default=None)


def server_words(body: Any, fallback: str) -> str:
    """What a refusal says, out of its JSON body: OpenAI's ``message``, FastAPI's ``detail``, or the ``fallback``."""
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(inner, Mapping):
        for key in ("message", "detail", "error"):
            if isinstance(inner.get(key), str) and inner[key].strip():
                return str(inner[key])
    return inner if isinstance(inner, str) and inner.strip() else fallback
