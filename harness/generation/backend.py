"""The interface of a backend: requests, sampling settings, answers.

A backend receives all requests at once and does its own batching or concurrency. It delivers answers as they finish, in
any order, so that finished samples are on disk while others are still generated.
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
Notify = Callable[[str], None]
"""Print a one-line message."""

TOO_LONG = "context_length"
"""``Answer.finish_reason`` of an empty answer: the prompt leaves no room for an answer in the model's context."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling settings. The defaults are StepCoder's for evaluation (arXiv 2402.01391)."""

    temperature: float = 0.2
    """0 is greedy decoding."""
    top_p: float = 0.95
    """Nucleus sampling: draw from the fewest tokens whose probabilities sum to this."""
    max_tokens: int = 1024
    """Limit of an answer, without its reasoning where ``max_reasoning_tokens`` is set."""
    seed: int = 0
    """Seed of the run; each sample's own seed is made from it (``sample_seed``)."""
    stop: tuple[str, ...] = ()
    """Stop sequences: an answer ends before the first one."""
    max_reasoning_tokens: int | None = None
    """Tokens of reasoning allowed in addition; None: reasoning and answer share ``max_tokens``."""
    reasoning_effort: str | None = None
    """``low``, ``medium``, ``high``, or another level of the model; None: its default."""
    thinking: bool | None = None
    """The thinking switch of the chat template; None: not passed."""

    @property
    def limit(self) -> int:
        """Limit of new tokens, reasoning and answer together."""
        return self.max_tokens + (self.max_reasoning_tokens or 0)


DEFAULTS = Sampling()


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one sample."""

    task_id: str
    sample: int
    """Number among the samples of its problem, from 0."""
    prompt: Prompt
    seed: int


@dataclass(frozen=True, slots=True)
class SharedCount:
    """The tokens of a response with several answers: a server counts them together."""

    samples: int
    """Number of answers."""
    tokens: int | None
    """Tokens of all answers and their reasoning."""
    prompt_tokens: int | None
    """Tokens of the prompt, which is read once."""
    reasoning_tokens: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a model to one request."""

    text: str
    finish_reason: str
    """``stop`` (end of text or a stop sequence), ``length`` (cut at the limit of tokens), ``context_length``, or
    another reason that a server gives."""
    tokens: int | None = None
    """Tokens of the answer and its reasoning; None where a server does not count them per answer."""
    reasoning: str = ""
    """Reasoning that a server returns beside the answer; never part of ``text``."""
    reasoning_tokens: int | None = None
    """Tokens of the reasoning, included in ``tokens``; None where unknown."""
    prompt_tokens: int | None = None
    """Tokens of the prompt; None where unknown, or counted in ``shared``."""
    shared: SharedCount | None = None
    """Count of a whole response, on the first of its answers; None where each answer has its own count."""


Deliver = Callable[[Sequence[tuple[Request, Answer]], int], None]
"""Receive finished answers, which are in the samples file when it returns, and the number of tokens generated since the
last call. A backend that counts tokens while it generates calls it without answers too."""


class Backend(Protocol):
    """A model, run by a library or a server."""

    def describe(self) -> dict[str, Any]:
        """Return the backend's part of the settings file, without loading the model. Raises InputError."""

    def is_chat(self) -> bool:
        """Return whether the model takes conversations. Raises InputError."""

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """Return the text that the model would receive, without loading the model. Raises InputError."""

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request once.

        Raises:
            InputError: the model or the options cannot be used.
            WorkError: some requests could not be answered; delivered answers are kept.
        """


@runtime_checkable
class AdaptiveBackend(Protocol):
    """A backend that stops sending parameters which its server refuses."""

    refused: list[str]
    """Refused parameters, in order. Set it before ``run`` to start with those that an earlier run found."""

    def left_out(self, sampling: Sampling) -> list[str]:
        """Return the settings that are not sent because the server refused them."""


@runtime_checkable
class CheckedBackend(Protocol):
    """A backend that can find out what its server does with each setting (``harness.generation.server_check``)."""

    def check(self, sampling: Sampling, n: int) -> list[dict[str, str]]:
        """Ask the server, and say what concerns a run with these settings; empty if it is not to be asked."""

    def avoid(self, found: list[dict[str, str]], sampling: Sampling) -> None:
        """Leave out the settings by which the server damages answers."""


@runtime_checkable
class OfflineBackend(Protocol):
    """A backend whose answers were computed before it ran: the time that they took is not known."""

    answered_before: bool
    """Always True."""


def sample_seed(seed: int, task_id: str, sample: int) -> int:
    """Return the seed of one sample, 0 to 2**31 - 1. It does not depend on the order of requests or on resuming."""
    digest = hashlib.sha256(f"{seed}\0{task_id}\0{sample}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def cut_at_stop(text: str, stop: Sequence[str]) -> str:
    """Return the text before its first stop sequence."""
    return text[: min((at for at in map(text.find, stop) if at >= 0), default=len(text))]
