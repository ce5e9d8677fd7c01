"""The ``openai`` backend: any server that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama, hosted).

1. Requests run concurrently. Overload (429), faults of the server (5xx), timeouts, broken connections and answers that
   are not the protocol's are tried again, with exponential backoff or after what ``Retry-After`` says. A request whose
   attempts are used up is left out, the others go on, and the run then fails with one line: the same command asks for
   what is missing. When nothing but failures comes back, it stops at once; so it does on a wrong key or model name.
2. Samples of one problem share a request (``n``), at most ``samples_per_request``. A server that returns fewer is asked
   again for the others; one that refuses ``n`` gets a request each from then on. The same goes for ``seed``, ``stop``
   (answers are cut here in any case) and ``max_tokens`` (sent as ``max_completion_tokens``).
3. The seed of a request is that of its first sample. What a server makes of a seed is its own affair: exact repetition
   needs the same server, and ``samples_per_request`` 1.
4. A prompt that does not fit the context, or that the server filters, becomes an empty sample with that
   ``finish_reason``: to ask again would change nothing. Null content becomes an empty sample with the server's reason.

The key is read from the environment, goes nowhere but to the server, and is struck out of what the server says.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from apps_plus.errors import InputError, WorkError
from harness.doctor import installed_version
from harness.generation.backend import TOO_LONG, Answer, Deliver, Prompt, Request, Sampling, Say
from harness.generation.protocol import Dialect, Group, grouped, read_answers
from harness.generation.retry import Fault, backoff, classify, refused_parameter, retry_after
from harness.generation.tokens import first_line


class _RequestError(Exception):
    """A request that came to nothing; its message says why."""

    def __init__(self, fault: Fault, message: str, wait: float | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.wait = wait
        self.parameter = parameter


@dataclass
class ServerBackend:
    """A model behind a server."""

    model_name: str
    base_url: str | None = None
    """None: ``OPENAI_BASE_URL``, or else the openai package's own."""
    api_key_env: str = "OPENAI_API_KEY"
    endpoint: str = "chat"
    """``chat`` or ``completions``."""
    concurrency: int = 8
    timeout: float = 300.0
    """Seconds for one request."""
    retries: int = 6
    samples_per_request: int = 8
    first_backoff: float = 1.0
    """Seconds."""
    say: Say = field(default=lambda line: None)

    def describe(self) -> dict[str, Any]:
        """Name, address without anything secret, endpoint, samples a request, version. Raises InputError."""
        return {
            "model": {"name": self.model_name},
            "base_url": public_url(str(self._client().base_url)),
            "endpoint": self.endpoint,
            "samples_per_request": self.samples_per_request,
            "versions": {"openai": installed_version("openai")},
        }

    def chats(self) -> bool:
        """Whether the endpoint takes conversations."""
        return self.endpoint == "chat"

    def preview(self, prompt: Prompt) -> str:
        """Text as it is; a conversation as the JSON that is sent."""
        import json

        return prompt if isinstance(prompt, str) else json.dumps(prompt, indent=2, ensure_ascii=False)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request, ``concurrency`` of them at a time.

        Raises:
            InputError: no key, or no openai package.
            WorkError: the server refuses everything, or some requests came to nothing; what was delivered stands.
        """
        run = _Run(self, sampling, deliver)
        run.groups.extend(grouped(requests, self.samples_per_request if sampling.temperature > 0 else 1))
        asyncio.run(run.all())

    @cached_property
    def _key(self) -> str:
        return os.environ.get(self.api_key_env, "").strip()

    def _client(self) -> Any:
        try:
            from openai import AsyncOpenAI
        except ImportError as error:
            raise InputError("--backend openai needs the openai package: pip install 'apps-plus[api]'") from error
        address = self.base_url or os.environ.get("OPENAI_BASE_URL") or None
        if address is not None and not address.startswith(("http://", "https://")):
            raise InputError(f"--base-url {address}: write http://HOST:PORT/v1 or https://...")
        if not self._key and address is None:
            raise InputError(
                f"no API key: set {self.api_key_env} (--api-key-env names another), or give --base-url for your server"
            )
        # Servers of one's own want no key, but the package insists on one. Retries are ours: they see every failure.
        return AsyncOpenAI(api_key=self._key or "none", base_url=address, timeout=self.timeout, max_retries=0)

    def redact(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self._key, "***") if self._key else text


class _Run:
    """One run over all groups."""

    def __init__(self, backend: ServerBackend, sampling: Sampling, deliver: Deliver) -> None:
        self.groups: deque[Group] = deque()
        self._backend = backend
        self._sampling = sampling
        self._deliver = deliver
        self._client = backend._client()
        self._dialect = Dialect()
        self._resume_at = 0.0
        self._failures: list[tuple[Group, str]] = []
        self._failures_in_a_row = 0

    async def all(self) -> None:
        """Work the groups off. Raises WorkError."""
        async with self._client:
            workers = [asyncio.create_task(self._worker()) for _ in range(self._backend.concurrency)]
            try:
                await asyncio.gather(*workers)
            finally:  # one has failed, or a person interrupts: the others' requests are given up
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
        if self._failures:
            missing = sum(len(group) for group, _ in self._failures)
            group, why = self._failures[0]
            raise WorkError(
                f"{missing} samples could not be had (first: {group[0].task_id}: {why}): "
                "run the same command again, which asks only for these"
            )

    async def _worker(self) -> None:
        while self.groups:
            group = self.groups.popleft()
            if not self._dialect.n and len(group) > 1:
                self.groups.extendleft([request] for request in reversed(group))
                continue
            try:
                answers, tokens = await self._ask(group)
            except _RequestError as failed:
                self._give_up(group, failed)
                continue
            self._failures_in_a_row = 0
            if len(answers) < len(
                group
            ):  # ignores n, or gave fewer for another reason: ask for the others by themselves
                self.groups.extend([request] for request in group[len(answers) :])
                if len(answers) == 1 and self._dialect.n:
                    self._dialect.n = False
                    self._backend.say("the server ignores n: one request a sample")
            self._deliver(list(zip(group, answers, strict=False)), tokens)

    def _give_up(self, group: Group, failed: _RequestError) -> None:
        if failed.fault in (Fault.TOO_LONG, Fault.FILTERED):
            reason = TOO_LONG if failed.fault is Fault.TOO_LONG else str(failed.fault)
            self._backend.say(f"{group[0].task_id}: an empty sample: {failed}")
            self._deliver([(request, Answer("", reason, 0)) for request in group], 0)
            return
        if failed.fault is Fault.FATAL:
            raise WorkError(
                f"the server refuses: {failed}: check --model, --base-url (it mostly ends in /v1) and the key"
            )
        self._failures.append((group, str(failed)))
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= max(3, self._backend.concurrency):
            raise WorkError(
                f"stopped: {self._failures_in_a_row} requests in a row failed (the last: {failed}); "
                "what was finished is kept, the same command goes on from it"
            )

    async def _ask(self, group: Group) -> tuple[list[Answer], int]:
        """The answers to a group, at most as many as it has requests. Raises _RequestError."""
        attempt = 0
        while True:
            await self._wait_turn()
            sent = self._parameters(group)
            try:
                return await self._call(sent, len(group))
            except _RequestError as failed:
                if failed.fault is Fault.UNSUPPORTED and failed.parameter:
                    if failed.parameter == "n" and len(group) > 1:
                        self._drop("n")
                        group = group[:1]  # the others are asked for as after an answer with too few choices
                        continue
                    if self._parameters(group) != sent or self._drop(failed.parameter):
                        continue
                if failed.fault is not Fault.RETRY or attempt >= self._backend.retries:
                    raise
                wait = backoff(attempt, self._backend.first_backoff, random.random())  # noqa: S311
                if failed.wait is not None:  # it holds for every request
                    wait = max(wait, failed.wait)
                    self._resume_at = max(self._resume_at, _now() + failed.wait)
                attempt += 1
                if attempt in (1, self._backend.retries):
                    which = f"retry {attempt} of {self._backend.retries}"
                    self._backend.say(f"{group[0].task_id}: {failed}; {which} in {wait:.1f} s")
                await asyncio.sleep(wait)

    async def _wait_turn(self) -> None:
        while (left := self._resume_at - _now()) > 0:
            await asyncio.sleep(left)

    def _drop(self, parameter: str) -> bool:
        try:
            self._backend.say(self._dialect.drop(parameter, len(self._sampling.stop)))
        except KeyError:
            return False
        return True

    def _parameters(self, group: Group) -> dict[str, Any]:
        return self._dialect.parameters(group, self._backend.model_name, self._sampling)

    async def _call(self, sent: dict[str, Any], wanted: int) -> tuple[list[Answer], int]:
        """What the server answers to a body. Raises _RequestError."""
        import openai

        endpoint = self._client.chat.completions if "messages" in sent else self._client.completions
        if "prompt" in sent and "max_completion_tokens" in sent:  # its method does not know the newer name
            extra = {"max_completion_tokens": sent["max_completion_tokens"]}
            sent = {**{key: value for key, value in sent.items() if key not in extra}, "extra_body": extra}
        try:
            async with asyncio.timeout(self._backend.timeout):  # the package's own is for each read
                return read_answers(await endpoint.create(**sent), wanted, self._sampling.stop)
        except openai.APIStatusError as error:
            raise self._status_failure(error) from None
        except (openai.APITimeoutError, TimeoutError):
            raise _RequestError(Fault.RETRY, f"no answer in {self._backend.timeout:g} s") from None
        except openai.APIConnectionError as error:
            why = f"{error} {error.__cause__ or ''}".strip()
            raise _RequestError(Fault.RETRY, self._line(why)) from None
        except (openai.OpenAIError, ValueError) as error:  # a body that is not JSON, or not this
            raise _RequestError(Fault.RETRY, f"not the protocol's answer: {self._line(str(error))}") from None

    def _status_failure(self, error: Any) -> _RequestError:
        message = self._line(str(error.message))
        code, parameter = str(error.code or ""), str(error.param or "")
        fault = classify(error.status_code, code, parameter, str(error.message))
        wait = retry_after(error.response.headers) if fault is Fault.RETRY else None
        return _RequestError(fault, message, wait, refused_parameter(parameter, str(error.message)))

    def _line(self, text: str) -> str:
        return self._backend.redact(first_line(Exception(text)))


def public_url(url: str) -> str:
    """An address without user, password, query and fragment, any of which may be secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def _now() -> float:
    return asyncio.get_running_loop().time()
