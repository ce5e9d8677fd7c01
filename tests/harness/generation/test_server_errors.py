"""Refused parameters in the error messages of real servers."""

from __future__ import annotations

import pytest

from harness.generation.server_errors import error_message, refused_parameter

IN_WORDS = {
    "OpenAI, reasoning models": (
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is "
        "supported.",
        "temperature",
    ),
    "OpenAI, o-series": ("Unsupported parameter: 'top_p' is not supported with this model.", "top_p"),
    "OpenAI, the newer name": (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
    ),
    "OpenAI, stop": ("Unsupported parameter: 'stop' is not supported with this model.", "stop"),
    "OpenAI, effort": ("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort"),
    "OpenAI, template": ("Unknown parameter: 'chat_template_kwargs'.", "thinking"),
    "Anthropic and Bedrock, one of two": (
        "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. "
        "Please use only one.",
        "top_p",
    ),
    "Anthropic, deprecated": ("`temperature` is deprecated for this model.", "temperature"),
    "Anthropic, thinking": ("`temperature` may only be set to 1 when thinking is enabled.", "temperature"),
    "Anthropic, thinking and top_p": (
        "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.",
        "top_p",
    ),
    "Moonshot": ("invalid temperature: only 1 is allowed for this model", "temperature"),
    "xAI": ("Argument not supported on this model: stop", "stop"),
    "LiteLLM": (
        "litellm.UnsupportedParamsError: openai does not support parameters: ['seed'], for model=x.",
        "seed",
    ),
    "Gemini": ('Invalid JSON payload received. Unknown name "seed": Cannot find field.', "seed"),
    "Groq": ("'n' : number must be at most 1", "n"),
    "llama.cpp": ("Field 'n': Value must be between 1 <= value <= 1, but got 2", "n"),
    "pydantic": ("[{'type': 'extra_forbidden', 'loc': ('body', 'top_p'), 'msg': 'Extra inputs'}]", "top_p"),
    "an effort that the server does not know, though it knows efforts": (
        "Unsupported value: 'reasoning_effort' does not support 'silly'. Supported values are: 'low' and 'high'.",
        None,
    ),
    "a limit that is too high": (
        "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
        None,
    ),
    "a budget": ("`max_tokens` must be greater than `thinking.budget_tokens`.", None),
    "no parameter": ("Invalid value for messages[0].content", None),
    "a range": ("temperature: must be between 0 and 1", None),
    "FastAPI, a range": ("body.temperature: Input should be less than or equal to 1", None),
    "a prompt that is quoted": ("bad request: " + "x" * 400 + " temperature", None),
}


@pytest.mark.parametrize("message, refused", IN_WORDS.values(), ids=IN_WORDS.keys())
def test_a_parameter_named_in_the_message(message, refused):
    assert refused_parameter("", message) == refused


@pytest.mark.parametrize(
    "parameter, refused",
    [
        ("temperature", "temperature"),
        ("body.top_p", "top_p"),
        ("chat_template_kwargs.enable_thinking", "thinking"),
        ("reasoning.effort", "reasoning_effort"),
        ("max_completion_tokens", "max_tokens"),
        ("messages", None),
        ("messages[0].content", None),
    ],
)
def test_the_param_field_takes_precedence_over_the_message(parameter, refused):
    assert refused_parameter(parameter, "not supported: seed") == refused


@pytest.mark.parametrize(
    "body, message",
    [
        ({"message": "no"}, "no"),
        ({"error": {"message": "no", "param": None}}, "no"),
        ({"error": "no", "error_type": "validation"}, "no"),
        ({"detail": "no"}, "no"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "too big"}, {"msg": "x"}, 1]}, "body.seed: too big"),
        ("no", "no"),
        ({"detail": [{"loc": ["body", "seed"]}]}, "fallback"),
        ({"message": ""}, "fallback"),
        (None, "fallback"),
        ([], "fallback"),
    ],
)
def test_the_message_of_an_error_body(body, message):
    assert error_message(body, "fallback") == message
