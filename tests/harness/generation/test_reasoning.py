"""Reasoning as far as generating needs it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from apps_plus.errors import InputError
from harness.generation.backend import Answer, Sampling
from harness.generation.reasoning import (
    ends_inside,
    keeps_markers,
    opened_by,
    set_unfinished_aside,
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
    assert ends_inside(answer) is inside


def test_reasoning_that_the_prompt_opened_is_no_answer_before_it_ends():
    assert opened_by("<|assistant|><think>\n") == "<think>"
    assert opened_by("<|assistant|><think>\n\n</think>\n\n") == ""
    cut, ended = Answer("def f(): draft", "length", 9), Answer("hm</think>def f(): pass", "length", 9)
    assert set_unfinished_aside(cut, "<think>") == Answer("", "length", 9, "def f(): draft", 9)
    assert set_unfinished_aside(ended, "<think>") == ended
    assert set_unfinished_aside(cut, "") == cut
    assert set_unfinished_aside(Answer("x", "stop"), "<think>") == Answer("x", "stop")


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
def test_a_chat_template_gets_what_it_knows(template, sampling, arguments):
    assert template_arguments(template, sampling) == arguments


@pytest.mark.parametrize(
    "template, sampling, told",
    [
        ("{{ messages }}", Sampling(thinking=False), "--no-thinking: the model's chat template has no switch"),
        ("a thinking model: {{ messages }}", Sampling(thinking=True), "--enable-thinking"),
        (QWEN, Sampling(reasoning_effort="low"), "--reasoning-effort: the model's chat template does not know it"),
    ],
)
def test_what_a_chat_template_would_pass_over_is_refused(template, sampling, told):
    with pytest.raises(InputError, match=told):
        template_arguments(template, sampling)


@pytest.mark.parametrize(
    "content, special, keeps", [("<|channel|>", True, True), ("<think>", False, False), ("<s>", True, False)]
)
def test_markers_that_are_special_tokens_are_kept(content, special, keeps):
    token = SimpleNamespace(content=content, special=special)
    assert keeps_markers(SimpleNamespace(added_tokens_decoder={5: token})) is keeps
