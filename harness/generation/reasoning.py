"""Reasoning as far as generating needs it: its markers, the switches of chat templates, answers that end inside it.

An answer that holds reasoning between markers stays as the model wrote it: to set it aside is for whoever makes a
program of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_plus.errors import InputError
from harness.generation.backend import Answer, Sampling
from harness.judging.extraction.reasoning import find_reasoning

OPENING = ("<think>", "<thinking>", "<reasoning>", "[THINK]")
"""What begins reasoning, each with a closing counterpart."""
_SPECIAL = frozenset({*OPENING, "</think>", "[/THINK]", "<|channel|>", "<|channel>", "<channel|>"})
"""Markers that some tokenizers hold as special tokens, which decoding would leave out."""
_SWITCHES = ("enable_thinking", "thinking")
"""What chat templates call the switch: Qwen, GLM and Gemma; DeepSeek and Granite."""


def closing(opening: str) -> str:
    """``</think>`` for ``<think>``."""
    return opening[0] + "/" + opening[1:]


def ends_inside(answer: Mapping[str, Any]) -> bool:
    """Whether a line of a samples file holds an answer that ran out of tokens before its reasoning ended."""
    if answer.get("finish_reason") != "length":
        return False
    text = answer["completion"].strip()
    if not text:
        return bool(answer.get("reasoning") or answer.get("reasoning_tokens"))
    return not find_reasoning(text, None, lambda at: False).finished


def opened_by(prompt: str) -> str:
    """The marker at a prompt's end with which reasoning begins; nothing where there is none."""
    return next((mark for mark in OPENING if prompt.rstrip().endswith(mark)), "")


def set_unfinished_aside(answer: Answer, opened: str) -> Answer:
    """An answer that ends inside reasoning which its prompt had ``opened`` is reasoning and nothing else.

    Its text alone would not show that: both markers are missing from it.
    """
    if not opened or answer.finish_reason != "length" or closing(opened) in answer.text:
        return answer
    return replace(answer, text="", reasoning=answer.text, reasoning_tokens=answer.tokens)


# ---- chat templates and tokenizers


def template_arguments(template: Any, sampling: Sampling) -> dict[str, Any]:
    """What a chat template is given besides the conversation.

    Raises InputError where it would pass over what was asked for.
    """
    arguments: dict[str, Any] = {}
    if sampling.thinking is None and sampling.reasoning_effort is None:
        return arguments
    known = variables(template)
    if sampling.thinking is not None:
        name = next((name for name in _SWITCHES if name in known), None)
        if name is None:
            option = "--enable-thinking" if sampling.thinking else "--no-thinking"
            raise InputError(f"{option}: the model's chat template has no switch for thinking: leave the option out")
        arguments[name] = sampling.thinking
    if sampling.reasoning_effort is not None:
        if "reasoning_effort" not in known:
            raise InputError("--reasoning-effort: the model's chat template does not know it: leave the option out")
        arguments["reasoning_effort"] = sampling.reasoning_effort
    return arguments


def variables(template: Any) -> set[str]:
    """The variables that a chat template takes from outside, of those that are looked for here."""
    from jinja2 import Environment, TemplateError, meta

    text = template if isinstance(template, str) else str(template or "")
    try:
        return set(
            meta.find_undeclared_variables(Environment(extensions=["jinja2.ext.loopcontrols"]).parse(text))  # noqa: S701
        )
    except TemplateError:  # it uses tags of transformers' own
        return {name for name in ("enable_thinking", "reasoning_effort") if name in text}


def keeps_markers(tokenizer: Any) -> bool:
    """Whether markers of reasoning are special tokens, so that decoding has to keep those."""
    tokens = getattr(tokenizer, "added_tokens_decoder", {}).values()
    return any(token.special and token.content in _SPECIAL for token in tokens)
