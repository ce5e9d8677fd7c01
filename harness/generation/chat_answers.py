"""Find where the text of an answer begins and ends in a chat template.

The generation prompt, which the template writes with ``add_generation_prompt``, may end before that place: in front of
an empty block of reasoning (Qwen3), in front of the name of a channel (GPT-OSS), or inside reasoning that it has begun
(DeepSeek-R1). A model that is asked to answer freely writes what is missing by itself. Whoever writes the beginning of
the answer, or all of it, must write that too.
"""

from __future__ import annotations

from typing import Any

from harness.generation.backend import Prompt
from harness.generation.reasoning import SWITCHES, closing_marker, opening_marker, template_variables
from harness.generation.tokenization import apply_chat_template, encode_rendered

_TEXT = "ANSWER"
"""Stands for an answer; no template has it."""


def answer_start(tokenizer: Any, messages: Prompt) -> str:
    """Render a conversation up to the place where the text of its answer begins, without reasoning.

    That is the generation prompt, and what the template itself writes between it and an answer. Reasoning that the
    generation prompt begins is switched off if the template can do that, else it is closed.

    Args:
        tokenizer: Of ``transformers``, with a chat template.
        messages: The conversation, without the answer.

    Raises:
        InputError: There is no chat template, or it refuses the conversation.
    """
    prompt = apply_chat_template(tokenizer, messages)
    written = _split_at_answer(tokenizer, messages)
    if written is not None and written[0].startswith(prompt):
        return written[0]
    opening = opening_marker(prompt)
    if not opening:
        return prompt
    for name in sorted(template_variables(tokenizer.chat_template).intersection(SWITCHES)):
        without = apply_chat_template(tokenizer, messages, {name: False})
        if not opening_marker(without):
            return without
    return f"{prompt.rstrip()}\n\n{closing_marker(opening)}\n\n"


def answer_end(tokenizer: Any) -> tuple[int, ...]:
    """Return the tokens with which a chat template ends an answer; empty if it has none, or there is no template.

    The last of them ends a response. It need not be the tokenizer's end of text: Gemma's is ``<eos>``, and its answers
    end with ``<end_of_turn>``.
    """
    if not tokenizer.chat_template:
        return ()
    written = _split_at_answer(tokenizer, [{"role": "user", "content": "Question"}])
    if written is None:
        return ()
    ids = encode_rendered(tokenizer, written[1].lstrip())
    if tokenizer.eos_token_id in ids:
        return tuple(ids[: ids.index(tokenizer.eos_token_id) + 1])
    ends = ids[:1] if written[1].strip() else []  # a line break may be a token of its own that the vocabulary added
    return tuple(number for number in ends if number in getattr(tokenizer, "added_tokens_decoder", {}))


def _split_at_answer(tokenizer: Any, messages: Prompt) -> tuple[str, str] | None:
    """Render a conversation with an answer; return what is before it and after it. None if that shows no answer."""
    answered = [*messages, {"role": "assistant", "content": _TEXT}]
    try:
        rendered = str(tokenizer.apply_chat_template(answered, tokenize=False))
    except Exception:  # a template is a program that may raise any type; the generation prompt is known without it
        return None
    before, found, after = rendered.rpartition(_TEXT)
    return (before, after) if found else None
