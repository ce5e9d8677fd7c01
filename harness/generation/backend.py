"""What goes to a model and what comes back: the one shape that every backend takes.

A backend gets all the requests at once and does its own batching or concurrency; it hands over answers as they come, in
any order, so that what is finished is on the disk before the rest is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

Message = dict[str, str]
"""``{"role", "content"}``."""
Prompt = str | list[Message]
"""Text to continue, or a conversation to answer."""
Say = Callable[[str], None]
"""Tells a person one line."""

TOO_LONG = "context_length"
"""``Answer.finish_reason`` of an empty answer: prompt and answer do not fit into the model's context."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are drawn. The defaults are StepCoder's for evaluation (arXiv 2402.01391)."""

    temperature: float = 0.2
    """0 is greedy decoding."""
    top_p: float = 0.95
    """Nucleus sampling: the fewest tokens whose mass reaches this."""
    max_tokens: int = 1024
    """Of an answer, without the reasoning where that has a limit of its own."""
    seed: int = 0
    stop: tuple[str, ...] = ()
    """An answer ends before the first of these."""
    max_reasoning_tokens: int | None = None
    """Tokens of reasoning that are allowed besides; None: reasoning and answer share ``max_tokens``."""
    reasoning_effort: str | None = None
    """``low``, ``medium``, ``high``, or what else the model knows; None: its own default."""
    thinking: bool | None = None
    """Whether the chat template is told to let the model think; None: it is told nothing."""

    @property
    def limit(self) -> int:
        """Tokens that a model may write in all, reasoning and answer together."""
        return self.max_tokens + (self.max_reasoning_tokens or 0)


DEFAULTS = Sampling()


@dataclass(frozen=True, slots=True)
class Request:
    """One sample that is wanted."""

    task_id: str
    sample: int
    """Its number among the samples of its problem, from 0."""
    prompt: Prompt
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote."""

    text: str
    finish_reason: str
    """``stop`` (it ended, or came to a stop sequence), ``length`` (cut at the limit of tokens), ``context_length``, or
    what a server says."""
    tokens: int | None = None
    """Of the answer and its reasoning; None where that is not known of each."""
    reasoning: str = ""
    """What a server hands over beside the answer; never part of ``text``."""
    reasoning_tokens: int | None = None
    """Of ``tokens``, those of the reasoning; None where that is not known."""


Deliver = Callable[[Sequence[tuple[Request, Answer]], int], None]
"""Takes answers as they come, and how many tokens they have together; they are in the file when it returns."""


class Backend(Protocol):
    """A model behind some library or server."""

    def describe(self) -> dict[str, Any]:
        """What of it decides the samples, for the settings file; the model need not be loaded. Raises InputError."""

    def chats(self) -> bool:
        """Whether a chat prompt is what it expects. Raises InputError."""

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """The text that the model is given, as far as that is known without it. Raises InputError."""

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request once.

        Raises:
            InputError: the model or the options cannot be used.
            WorkError: some requests could not be answered; what was delivered stands.
        """


@runtime_checkable
class Negotiates(Protocol):
    """A backend whose server may refuse some of the settings."""

    refused: list[str]
    """Parameters in the order in which they were refused. What an earlier run found may be put in before ``run``."""

    def left_out(self, sampling: Sampling) -> list[str]:
        """The settings that are not sent, because of what was refused."""


def sample_seed(seed: int, task_id: str, sample: int) -> int:
    """The seed of one sample, from 0 to 2**31 - 1: it depends on nothing else, so neither order nor resuming matter."""
    digest = hashlib.sha256(f"{seed}\0{task_id}\0{sample}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def cut_at_stop(text: str, stop: Sequence[str]) -> str:
    """The text before the first stop sequence in it."""
    return text[: min((at for at in map(text.find, stop) if at >= 0), default=len(text))]
