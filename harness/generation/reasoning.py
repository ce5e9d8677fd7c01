"""Reasoning during generation: its markers, the switches of chat templates, answers cut inside the reasoning.

Reasoning between markers stays in the answer's text: ``harness.judging.extraction`` removes it when it makes a program
of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_plus.errors import InputError
from harness.generation.backend import Answer, Sampling
from harness.judging.extraction.reasoning import find_reasoning

OPENING_MARKERS = ("<think>", "<thinking>", "<reasoning>", "[THINK]")
"""Markers that start reasoning; ``closing_marker`` returns their counterparts."""
_SPECIAL = frozenset({*OPENING_MARKERS, "</think>", "[/THINK]", "<|channel|>", "<|channel>", "<channel|>"})
"""Markers that are special tokens of some tokenizers, which decoding omits by default."""
SWITCHES = ("enable_thinking", "thinking")
"""Names of the thinking switch in chat templates: of Qwen, GLM and Gemma; of DeepSeek and Granite."""


def closing_marker(opening: str) -> str:
    """Return the closing marker, such as ``</think>`` for ``<think>``."""
    return opening[0] + "/" + opening[1:]


def ends_in_reasoning(answer: Mapping[str, Any]) -> bool:
    """Return whether a row of a samples file is an answer cut at the limit of tokens before its reasoning ended."""
    if answer.get("finish_reason") != "length":
        return False
    text = answer["completion"].strip()
    if not text:
        return bool(answer.get("reasoning") or answer.get("reasoning_tokens"))
    return not find_reasoning(text, None, lambda at: False).finished


def opening_marker(prompt: str) -> str:
    """Return the marker at a prompt's end that starts reasoning; empty if there is none."""
    return next((mark for mark in OPENING_MARKERS if prompt.rstrip().endswith(mark)), "")


def move_unfinished_reasoning(answer: Answer, opened: str) -> Answer:
    """Move the text to ``reasoning`` if the answer was cut inside reasoning that the prompt's marker ``opened``.

    The text itself does not show this: it has neither the opening nor the closing marker.
    """
    if not opened or answer.finish_reason != "length" or closing_marker(opened) in answer.text:
        return answer
    return replace(answer, text="", reasoning=answer.text, reasoning_tokens=answer.tokens)


# ---- chat templates and tokenizers


def template_arguments(template: Any, sampling: Sampling) -> dict[str, Any]:
    """Return the arguments of a chat template besides the conversation.

    Raises InputError if the template would ignore a requested setting.
    """
    arguments: dict[str, Any] = {}
    if sampling.thinking is None and sampling.reasoning_effort is None:
        return arguments
    known = template_variables(template)
    if sampling.thinking is not None:
        name = next((name for name in SWITCHES if name in known), None)
        if name is None:
            option = "--enable-thinking" if sampling.thinking else "--no-thinking"
            raise InputError(f"{option}: the model's chat template has no switch for thinking: remove the option")
        arguments[name] = sampling.thinking
    if sampling.reasoning_effort is not None:
        if "reasoning_effort" not in known:
            raise InputError("--reasoning-effort: the model's chat template does not support it: remove the option")
        arguments["reasoning_effort"] = sampling.reasoning_effort
    return arguments


def template_variables(template: Any) -> set[str]:
    """Return the variables that a chat template reads from its arguments."""
    from jinja2 import Environment, TemplateError, meta

    text = template if isinstance(template, str) else str(template or "")
    try:
        return set(
            meta.find_undeclared_variables(Environment(extensions=["jinja2.ext.loopcontrols"]).parse(text))  # noqa: S701
        )
    except TemplateError:  # it uses tags that only transformers defines
        return {name for name in ("enable_thinking", "reasoning_effort") if name in text}


def has_special_markers(tokenizer: Any) -> bool:
    """Return whether markers of reasoning are special tokens, which decoding must then keep."""
    tokens = getattr(tokenizer, "added_tokens_decoder", {}).values()
    return any(token.special and token.content in _SPECIAL for token in tokens)
