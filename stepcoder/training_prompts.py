"""Encode the prompts of training: the requirement, and a prefix of the canonical solution at a token boundary.

A tokenizer splits the first half of a text differently from the whole: after ``    x =`` comes a blank, which in the
whole belongs to the next token. A model has not seen such a split, and continues it with noise. So prompt and solution
are tokenised as one text, and a prefix is the tokens before a boundary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.errors import InputError
from harness.generation.chat_answers import answer_end, answer_start
from harness.generation.tokenization import continuation, encode, encode_rendered
from harness.generation.tokenizer_warnings import NamedText, tokenizer_warnings
from stepcoder.records import Task
from stepcoder.token_offsets import response_offsets

Ids = tuple[int, ...]

OPENING, CLOSING = "```python\n", "\n```"
"""The fence around a program in the answer of a chat model."""


def build_prompt(tokenizer: Any, task: Task, start: int, *, chat: bool) -> tuple[Ids, str]:
    """Return the tokens of a prompt with its curriculum prefix, and the prefix as text.

    For a chat model the prompt is in the chat template, up to where the text of the answer begins, and the prefix
    begins the answer, in a fenced block; without a prefix the answer is empty.

    Args:
        tokenizer: The model's.
        task: The problem.
        start: Character of the canonical solution at which the model begins to write; 0: no prefix.
        chat: True for a chat model.

    Raises:
        InputError: The model has no chat template.
    """
    if not chat:
        return encode_with_prefix(tokenizer, task.prompt, task.solution, start)
    prompt, answer = _conversation(tokenizer, task)
    ids, text = encode_with_prefix(tokenizer, prompt, answer, len(OPENING) + start if start else 0, rendered=True)
    return ids, text[len(OPENING) :]


def prompt_lengths(tokenizer: Any, task: Task, longest_start: int, *, chat: bool) -> tuple[int, int]:
    """Return the tokens of a task's prompt alone, and of the longest that its curriculum can give. Raises InputError.

    Args:
        tokenizer: The model's.
        task: The problem.
        longest_start: The most characters of the canonical solution that are given (``Curriculum.longest_start``).
        chat: True for a chat model.
    """
    alone = len(build_prompt(tokenizer, task, 0, chat=chat)[0])
    start = len(build_prompt(tokenizer, task, longest_start, chat=chat)[0]) if longest_start else alone
    return alone, max(alone, start)


def warnings_of_tasks(tokenizer: Any, model: str, revision: str | None, tasks: Sequence[Task]) -> list[str]:
    """Return a sentence for each fault of the tokenizer that shows on the tasks' prompts and canonical solutions.

    Args:
        tokenizer: The model's.
        model: The folder or name that it was loaded from.
        revision: Of the name on the Hub.
        tasks: The problems of the run.
    """
    prompts = [NamedText(f"the prompt of {task.task_id}", task.prompt) for task in tasks]
    programs = [NamedText(f"the solution of {task.task_id}", task.solution) for task in tasks]
    return tokenizer_warnings(tokenizer, model, revision, prompts, programs)


def build_example(tokenizer: Any, task: Task, *, chat: bool) -> tuple[Ids, int]:
    """Encode a task and its canonical solution for fine-tuning, as ``encode_example``. Raises InputError."""
    if not chat:
        return encode_example(tokenizer, task.prompt, task.solution)
    prompt, answer = _conversation(tokenizer, task)
    return encode_example(tokenizer, prompt, answer, rendered=True)


def _conversation(tokenizer: Any, task: Task) -> tuple[str, str]:
    if not tokenizer.chat_template:
        raise InputError("the model has no chat template: set model.chat to false")
    prompt = answer_start(tokenizer, [{"role": "user", "content": task.prompt}])
    return prompt, OPENING + task.solution.rstrip("\n") + CLOSING


def encode_with_prefix(
    tokenizer: Any, prompt: str, solution: str, start: int, *, rendered: bool = False
) -> tuple[Ids, str]:
    """Return the tokens of a prompt and of the solution before ``start``, and the text of the latter.

    The cut is at the last token boundary at or before ``start``: a prefix may be some characters shorter than
    ``solution[:start]``, never longer.

    Args:
        tokenizer: Of ``transformers``.
        prompt: The text before the solution.
        solution: The whole canonical solution.
        start: Character of the solution; 0 gives the prompt alone.
        rendered: True if the prompt is the output of a chat template, which includes its special tokens.
    """
    prompt_ids, solution_ids = encode_parts(tokenizer, prompt, solution, rendered=rendered)
    text = continuation(tokenizer, prompt_ids, solution_ids)
    spans = response_offsets(tokenizer, prompt_ids, solution_ids)
    latest = start if text == solution else _beginning_of_line(text, solution, start)
    count, end = max(cut for cut in _boundaries(spans) if cut[1] <= latest)
    return prompt_ids + solution_ids[:count], text[:end]


def encode_example(tokenizer: Any, prompt: str, solution: str, *, rendered: bool = False) -> tuple[Ids, int]:
    """Return the tokens of prompt, solution and end of text, and the number of the prompt's: the loss is on the rest.

    If the prompt is the output of a chat template (``rendered``), the solution ends as the template ends an answer.

    Raises:
        InputError: The tokenizer has no end of text.
    """
    if tokenizer.eos_token_id is None:
        raise InputError("the model's tokenizer has no end-of-text token (eos_token): add one, or take another model")
    prompt_ids, solution_ids = encode_parts(tokenizer, prompt, solution, rendered=rendered)
    end = (rendered and answer_end(tokenizer)) or (int(tokenizer.eos_token_id),)
    return (*prompt_ids, *solution_ids, *end), len(prompt_ids)


def encode_parts(tokenizer: Any, prompt: str, solution: str, *, rendered: bool = False) -> tuple[Ids, Ids]:
    """Tokenise prompt and solution as one text; return the tokens of each.

    If a token would contain the end of the prompt and the beginning of the solution, each is tokenised by itself: full
    generation begins with the tokens of the prompt alone, and the model must have seen the solution begin there.

    Raises:
        InputError: Such a token exists, and the tokenizer would put a blank before the solution.
    """
    whole = _encode(tokenizer, prompt + solution, rendered)
    text = continuation(tokenizer, (), whole)
    spans = response_offsets(tokenizer, (), whole)
    borders = [count for count, end in _boundaries(spans) if len(text) - end == len(solution)]
    if borders and text.endswith(solution):
        # Several if tokens without text, such as special tokens, end the prompt of a chat.
        return whole[: borders[-1]], whole[borders[-1] :]
    prompt_ids = _encode(tokenizer, prompt, rendered)
    solution_ids = tuple(tokenizer(solution, add_special_tokens=False)["input_ids"])
    if continuation(tokenizer, prompt_ids, solution_ids) == " " + solution:
        raise InputError(
            "the tokenizer joins the end of the prompt with the solution: end the prompt with a line break"
        )
    return prompt_ids, solution_ids


def _encode(tokenizer: Any, text: str, rendered: bool) -> Ids:
    """Return the tokens of a text as ``generate`` does: only a plain one gets the beginning of text before it."""
    if rendered or (tokenizer.bos_token and text.startswith(tokenizer.bos_token)):
        return tuple(encode_rendered(tokenizer, text))
    return tuple(encode(tokenizer, text))


def _boundaries(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the token boundaries: the number of tokens before, and the character after. None is within a character."""
    end = 0
    for count, (start, next_end) in enumerate(spans):
        if end <= start:
            yield count, start
        end = max(end, next_end)
    yield len(spans), end


def _beginning_of_line(text: str, solution: str, start: int) -> int:
    """Return where the line of ``solution[start]`` begins in the decoded solution, which may differ from it."""
    lines_before = solution.count("\n", 0, start)
    return sum(len(line) + 1 for line in text.split("\n")[:lines_before])
