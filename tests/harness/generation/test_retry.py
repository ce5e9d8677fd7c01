"""Classify server errors; waits between retries."""

from __future__ import annotations

import pytest

from harness.generation.retry import (
    MAX_BACKOFF,
    MAX_WAIT,
    Fault,
    backoff,
    classify,
    retry_after,
)
from harness.generation.server_errors import refused_parameter

CASES = {
    "overload": (429, "rate_limit_exceeded", "", "Rate limit reached", Fault.RETRY),
    "overload that mentions tokens": (429, "", "", "too many tokens per minute", Fault.RETRY),
    "no money": (429, "insufficient_quota", "", "You exceeded your current quota", Fault.FATAL),
    "a fault of the server": (500, "", "", "oops", Fault.RETRY),
    "a gateway": (502, "", "", "<html>", Fault.RETRY),
    "too early": (425, "", "", "", Fault.RETRY),
    "a wrong key": (401, "invalid_api_key", "", "Incorrect API key", Fault.FATAL),
    "no such model": (404, "model_not_found", "", "no model x", Fault.FATAL),
    "OpenAI's context": (400, "context_length_exceeded", "messages", "This model's maximum ...", Fault.TOO_LONG),
    "vLLM's context": (
        400,
        "",
        "",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        Fault.TOO_LONG,
    ),
    "llama.cpp's context": (400, "", "", "the request exceeds the available context size", Fault.TOO_LONG),
    "filtered": (400, "content_filter", "prompt", "The response was filtered", Fault.FILTERED),
    "no seeds": (400, "", "seed", "Unsupported parameter", Fault.UNSUPPORTED),
    "no seeds, in pydantic's words": (422, "", "", "[{'loc': ['body', 'seed'], 'msg': 'extra'}]", Fault.UNSUPPORTED),
    "newer name": (
        400,
        "unsupported_parameter",
        "max_tokens",
        "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        Fault.UNSUPPORTED,
    ),
    "no temperature": (400, "unsupported_value", "temperature", "only the default (1)", Fault.UNSUPPORTED),
    "not implemented": (501, "", "", "seed is not implemented", Fault.UNSUPPORTED),
    "something else": (400, "", "", "bad request", Fault.REFUSED),
}


@pytest.mark.parametrize("status, code, parameter, message, fault", CASES.values(), ids=CASES.keys())
def test_kinds_of_failure(status, code, parameter, message, fault):
    assert classify(status, code, parameter, message) is fault


@pytest.mark.parametrize(
    "parameter, message, refused",
    [
        ("n", "", "n"),
        ("", "n must be 1", "n"),
        ("", "Only 'n' = 1 is allowed", "n"),
        ("", "best_of must be 1 when using greedy sampling", "n"),
        ("", "unknown field: stop", "stop"),
        ("", "in a town on a hill", None),
        ("messages", "do not send a seed", None),
    ],
)
def test_which_parameter_is_refused(parameter, message, refused):
    assert refused_parameter(parameter, message) == refused


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("1e9", MAX_WAIT),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("soon", None),
        ("nan", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after({"retry-after": text} if text else {}, now=60.0) == seconds


def test_waits_double_up_to_a_limit_and_jitter_shortens_them():
    assert [backoff(attempt, 1.0, 0.0) for attempt in range(4)] == [1, 2, 4, 8]
    assert backoff(1000, 1.0, 0.0) == MAX_BACKOFF
    assert backoff(2, 1.0, 0.999) >= 2.0
