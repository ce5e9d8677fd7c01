"""Reasoning in generated answers, and the switches of chat templates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from apps_plus.errors import InputError
from harness.generation.backend import Answer, Sampling
from harness.generation.reasoning import (
    ends_in_reasoning,
    has_special_markers,
    move_unfinished_reasoning,
    opening_marker,
    template_arguments,
)

QWEN = "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}{{ messages }}"
DEEPSEEK = "{% if not thinking is defined %}{% set thinking = false %}{% endif %}{% if thinking %}<think>{% endif %}"
GPT_OSS = (
    "{% if reasoning_effort is not defined %}{% set reasoning_effort = 'medium' %}{% endif %}{{ reasoning_effort }}"
)
OWN_TAGS = "{% generation %}{% if enable_thinking %}<think>{% endif %}{% endgeneration %}"


def row(completion: str, finish_reason: str = "length", **fields) -> dict:
    return {"completion": completion, "finish_reason": finish_reason, **fields}


@pytest.mark.parametrize(
    "answer, inside",
    [
        (row("", reasoning="hm"), True),
        (row("", reasoning_tokens=1024), True),
        (row("<think>hm"), True),
        (row("\n<reasoning>\nhm"), True),
        (row("<think>hm</think>x"), False),
        (row("", finish_reason="stop", reasoning="hm"), False),
        (row("x", reasoning="hm"), False),
        (row(""), False),
        (row("def f(): # <think>"), False),
    ],
)
def test_an_answer_that_ran_out_of_tokens_inside_its_reasoning(answer, inside):
    assert ends_in_reasoning(answer) is inside


def test_text_cut_inside_reasoning_that_the_prompt_opened_is_no_answer():
    assert opening_marker("<|assistant|><think>\n") == "<think>"
    assert opening_marker("<|assistant|><think>\n\n</think>\n\n") == ""
    cut, ended = Answer("def f(): draft", "length", 9), Answer("hm</think>def f(): pass", "length", 9)
    assert move_unfinished_reasoning(cut, "<think>") == Answer("", "length", 9, "def f(): draft", 9)
    assert move_unfinished_reasoning(ended, "<think>") == ended
    assert move_unfinished_reasoning(cut, "") == cut
    assert move_unfinished_reasoning(Answer("x", "stop"), "<think>") == Answer("x", "stop")


@pytest.mark.parametrize(
    "template, sampling, arguments",
    [
        (QWEN, Sampling(thinking=False), {"enable_thinking": False}),
        (DEEPSEEK, Sampling(thinking=True), {"thinking": True}),
        (GPT_OSS, Sampling(reasoning_effort="low"), {"reasoning_effort": "low"}),
        (OWN_TAGS, Sampling(thinking=True), {"enable_thinking": True}),
        (QWEN, Sampling(), {}),
        (None, Sampling(max_reasoning_tokens=5), {}),
    ],
)
def test_a_chat_template_gets_the_arguments_it_supports(template, sampling, arguments):
    assert template_arguments(template, sampling) == arguments


@pytest.mark.parametrize(
    "template, sampling, message",
    [
        ("{{ messages }}", Sampling(thinking=False), "--no-thinking: the model's chat template has no switch"),
        ("a thinking model: {{ messages }}", Sampling(thinking=True), "--enable-thinking"),
        (QWEN, Sampling(reasoning_effort="low"), "--reasoning-effort: the model's chat template does not support it"),
    ],
)
def test_settings_that_a_chat_template_would_ignore_are_refused(template, sampling, message):
    with pytest.raises(InputError, match=message):
        template_arguments(template, sampling)


@pytest.mark.parametrize(
    "content, special, keeps", [("<|channel|>", True, True), ("<think>", False, False), ("<s>", True, False)]
)
def test_markers_that_are_special_tokens_are_kept(content, special, keeps):
    token = SimpleNamespace(content=content, special=special)
    assert has_special_markers(SimpleNamespace(added_tokens_decoder={5: token})) is keeps
