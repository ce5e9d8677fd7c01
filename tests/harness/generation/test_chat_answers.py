"""Test where an answer begins and ends in the chat templates of several models."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from small_tokenizers import END, USER, trained

from apps_plus.errors import InputError
from harness.generation.chat_answers import answer_end, answer_start

ASKED = [{"role": "user", "content": "Add."}]
TURNS = (
    "{% for m in messages %}{% if m.role == 'user' %}U:{{ m.content }}\n"
    "{% else %}A:BEFORE{{ m.content }}AFTER{% endif %}{% endfor %}{% if add_generation_prompt %}A:OPENED{% endif %}"
)


def tokenizer(opened: str = "", before: str = "", after: str = "", **special: str):
    made = trained(**special)
    made.chat_template = TURNS.replace("OPENED", opened).replace("BEFORE", before).replace("AFTER", after)
    return made


@pytest.mark.parametrize(
    ("template", "start"),
    [
        pytest.param({}, "", id="the generation prompt is all"),
        pytest.param({"before": "<think>\n\n</think>\n\n"}, "<think>\n\n</think>\n\n", id="Qwen3"),
        pytest.param(
            {"opened": "<think>\n", "before": "<think>\n\n</think>\n\n"}, "<think>\n\n</think>\n\n", id="Qwen3.5"
        ),
        pytest.param({"before": "<|channel|>final<|message|>"}, "<|channel|>final<|message|>", id="GPT-OSS"),
        pytest.param({"opened": "<think>\n"}, "<think>\n\n</think>\n\n", id="DeepSeek-R1: nothing switches it off"),
        pytest.param(
            {"opened": "{% if thinking is not defined or thinking %}<think>{% else %}</think>{% endif %}"},
            "</think>",
            id="DeepSeek-V3.1: a switch",
        ),
        pytest.param({"before": "{{ raise_exception('no answers') }}"}, "", id="a template that takes no answer"),
    ],
)
def test_an_answer_begins_after_what_the_template_writes_before_it(template: dict[str, str], start: str) -> None:
    assert answer_start(tokenizer(**template), ASKED) == f"U:Add.\nA:{start}"


def test_a_conversation_needs_a_chat_template() -> None:
    with pytest.raises(InputError, match="no chat template"):
        answer_start(trained(), ASKED)
    assert answer_end(trained()) == ()


def test_an_answer_ends_with_the_token_that_the_template_writes() -> None:
    for after in (USER, f"{USER}\n", f" {USER}"):
        made = tokenizer(after=after)
        assert made.decode(answer_end(made)) == USER
    both = tokenizer(after=f"{USER}{END}\n")
    assert both.decode(answer_end(both)) == USER + END  # up to the tokenizer's end of text


@pytest.mark.parametrize("after", ["", "\n", "###\n"])
def test_an_answer_that_ends_with_text_has_no_token_of_its_own(after: str) -> None:
    assert answer_end(tokenizer(after=after)) == ()
