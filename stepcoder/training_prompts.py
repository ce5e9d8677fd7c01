"""Prompts with a part of the canonical solution, cut where supervised fine-tuning cut it.

A tokenizer splits the first half of a text other than it splits the whole: after ``    x =`` comes a blank, which in
the whole belongs to the next token. A model that is asked to go on there has seen no such thing, and what it writes
is noise. So prompt and solution are split as a whole, once, and a prefix is the tokens before a boundary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.errors import InputError
from harness.generation.tokenization import apply_chat_template, continuation, encode
from stepcoder.records import Task
from stepcoder.token_offsets import response_offsets

Ids = tuple[int, ...]

OPENING, CLOSING = "```python\n", "\n```"
"""Around a program in what a chat model answers."""


def build_prompt(tokenizer: Any, task: Task, start: int, *, chat: bool) -> tuple[Ids, str]:
    """The tokens that a model is given for a task, and the part of the canonical solution that they hold.

    A chat model is asked through its template. Its answer begins with a prefix as it would have written it, in a fenced
    block; where there is none it is left to begin as it likes.

    Raises:
        InputError: The model has no chat template.
    """
    if not chat:
        return encode_with_prefix(tokenizer, task.prompt, task.solution, start)
    prompt, answer = _conversation(tokenizer, task)
    ids, text = encode_with_prefix(tokenizer, prompt, answer, len(OPENING) + start if start else 0)
    return ids, text[len(OPENING) :]


def build_example(tokenizer: Any, task: Task, *, chat: bool) -> tuple[Ids, int]:
    """A task with its canonical solution, for supervised fine-tuning: as ``encode_example``. Raises InputError."""
    prompt, answer = _conversation(tokenizer, task) if chat else (task.prompt, task.solution)
    return encode_example(tokenizer, prompt, answer)


def _conversation(tokenizer: Any, task: Task) -> tuple[str, str]:
    if not tokenizer.chat_template:
        raise InputError("the model has no chat template: set model.chat to false")
    prompt = apply_chat_template(tokenizer, [{"role": "user", "content": task.prompt}])
    return prompt, OPENING + task.solution.rstrip("\n") + CLOSING


def encode_with_prefix(tokenizer: Any, prompt: str, solution: str, start: int) -> tuple[Ids, str]:
    """The tokens of a prompt and of the solution before ``start``, and the text that the latter really hold.

    The cut is at the last boundary of tokens at or before ``start``: a prefix may be some characters shorter than
    ``solution[:start]``, never longer.

    Args:
        tokenizer: Of ``transformers``.
        prompt: What comes before the solution. Where it is what a chat template gave, its own special tokens count.
        solution: The canonical solution, whole.
        start: Character of the solution; 0 gives the prompt alone.
    """
    prompt_ids, solution_ids = encode_parts(tokenizer, prompt, solution)
    text = continuation(tokenizer, prompt_ids, solution_ids)
    spans = response_offsets(tokenizer, prompt_ids, solution_ids)
    latest = start if text == solution else _beginning_of_line(text, solution, start)
    count, end = max(cut for cut in _boundaries(spans) if cut[1] <= latest)
    return prompt_ids + solution_ids[:count], text[:end]


def encode_example(tokenizer: Any, prompt: str, solution: str) -> tuple[Ids, int]:
    """The tokens of prompt, solution and end of text, and how many of them are the prompt's: the loss is on the rest.

    Raises:
        InputError: the tokenizer has no end of text.
    """
    if tokenizer.eos_token_id is None:
        raise InputError("the model's tokenizer has no end-of-text token (eos_token): add one, or take another model")
    prompt_ids, solution_ids = encode_parts(tokenizer, prompt, solution)
    return (*prompt_ids, *solution_ids, int(tokenizer.eos_token_id)), len(prompt_ids)


def encode_parts(tokenizer: Any, prompt: str, solution: str) -> tuple[Ids, Ids]:
    """The tokens of a prompt, and those of the solution after it, split as one text.

    Where a token straddles the border, each is split by itself: full generation begins with the tokens of the prompt
    alone, and the model must have seen the solution begin there.

    Raises:
        InputError: the border is straddled, and the tokenizer would put a blank before the solution.
    """
    whole = _encode(tokenizer, prompt + solution)
    text = continuation(tokenizer, (), whole)
    spans = response_offsets(tokenizer, (), whole)
    borders = [count for count, end in _boundaries(spans) if len(text) - end == len(solution)]
    if borders and text.endswith(solution):
        # Several, where tokens stand for no text, as the special tokens do that end the prompt of a chat.
        return whole[: borders[-1]], whole[borders[-1] :]
    prompt_ids = _encode(tokenizer, prompt)
    solution_ids = tuple(tokenizer(solution, add_special_tokens=False)["input_ids"])
    if continuation(tokenizer, prompt_ids, solution_ids) == " " + solution:
        raise InputError(
            "the tokenizer joins the end of the prompt with the solution: end the prompt with a line break"
        )
    return prompt_ids, solution_ids


def _encode(tokenizer: Any, text: str) -> Ids:
    """The tokens of a text, with the beginning of text that the model expects, once."""
    if tokenizer.bos_token and text.startswith(tokenizer.bos_token):  # a chat template has written it
        return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])
    return tuple(encode(tokenizer, text))


def _boundaries(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """How many tokens end with a character, and the character that the next begins with; none within a character."""
    end = 0
    for count, (start, next_end) in enumerate(spans):
        if end <= start:
            yield count, start
        end = max(end, next_end)
    yield len(spans), end


def _beginning_of_line(text: str, solution: str, start: int) -> int:
    """Where the line of ``solution[start]`` begins in the text that a tokenizer made of the solution."""
    lines_before = solution.count("\n", 0, start)
    return sum(len(line) + 1 for line in text.split("\n")[:lines_before])
