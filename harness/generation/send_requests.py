"""Asks a server for all samples at once: retries, takes refusals into account, hands answers over as they come."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, Any

from apps_plus.errors import WorkError
from harness.generation.backend import TOO_LONG, Answer, Deliver, Sampling
from harness.generation.openai_protocol import read_answers
from harness.generation.refusals import refused_parameter, server_words
from harness.generation.request_bodies import Dialect, Group
from harness.generation.retry import Fault, backoff, classify, retry_after
from harness.generation.tokenization import first_line

if TYPE_CHECKING:
    from harness.generation.openai_backend import ServerBackend


class RequestError(Exception):
    """A request that came to nothing; its message says why."""

    def __init__(self, fault: Fault, message: str, wait: float | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.wait = wait
        self.parameter = parameter


class Asking:
    """One run over all groups."""

    def __init__(self, backend: ServerBackend, dialect: Dialect, sampling: Sampling, deliver: Deliver) -> None:
        self.groups: deque[Group] = deque()
        self._backend = backend
        self._sampling = sampling
        self._deliver = deliver
        self._client = backend.client()
        self._dialect = dialect
        self._resume_at = 0.0
        self._failures: list[tuple[Group, RequestError]] = []
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
            again = "run the same command again, which asks only for these"
            if all(failed.fault in (Fault.REFUSED, Fault.UNSUPPORTED) for _, failed in self._failures):
                again = "change what the server names"
            raise WorkError(f"{missing} samples could not be had (first: {group[0].task_id}: {why}): {again}")

    async def _worker(self) -> None:
        while self.groups:
            group = self.groups.popleft()
            if not self._dialect.takes("n") and len(group) > 1:
                self.groups.extendleft([request] for request in reversed(group))
                continue
            try:
                answers, tokens = await self._ask(group)
            except RequestError as failed:
                self._give_up(group, failed)
                continue
            self._failures_in_a_row = 0
            if len(answers) < len(group):  # ignores n, or has another reason: ask for the others by themselves
                self.groups.extend([request] for request in group[len(answers) :])
                if len(answers) == 1 and self._dialect.takes("n"):
                    self._dialect.refused.append("n")
                    self._backend.say("the server ignores n: one request a sample")
            self._deliver(list(zip(group, answers, strict=False)), tokens)

    def _give_up(self, group: Group, failed: RequestError) -> None:
        if failed.fault in (Fault.TOO_LONG, Fault.FILTERED):
            reason = TOO_LONG if failed.fault is Fault.TOO_LONG else str(failed.fault)
            self._backend.say(f"{group[0].task_id}: an empty sample: {failed}")
            self._deliver([(request, Answer("", reason, 0)) for request in group], 0)
            return
        if failed.fault is Fault.FATAL:
            raise WorkError(
                f"the server refuses: {failed}: check --model, --base-url (it mostly ends in /v1) and the key"
            )
        self._failures.append((group, failed))
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= max(3, self._backend.concurrency):
            raise WorkError(
                f"stopped: {self._failures_in_a_row} requests in a row failed (the last: {failed}); "
                "what was finished is kept, the same command goes on from it"
            )

    async def _ask(self, group: Group) -> tuple[list[Answer], int]:
        """The answers to a group, at most as many as it has requests. Raises RequestError."""
        attempt = 0
        dropped: list[str] = []
        while True:
            await self._wait_turn()
            sent = self._parameters(group)
            try:
                found = await self._call(sent, len(group))
            except RequestError as failed:
                if failed.fault is Fault.UNSUPPORTED and failed.parameter:
                    if failed.parameter == "n" and len(group) > 1:
                        self._drop("n")
                        group = group[:1]  # the others are asked for as after an answer with too few choices
                        continue
                    if self._parameters(group) != sent:  # another request has found out in the meantime
                        continue
                    if self._drop(failed.parameter):
                        dropped.append(failed.parameter)
                        continue
                if failed.fault is not Fault.RETRY or attempt >= self._backend.retries:
                    self._take_back(dropped)
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
            else:
                if sent == self._parameters(group):  # what was left out for it was indeed what stood in the way
                    self._backend.refused = list(self._dialect.refused)
                return found

    async def _wait_turn(self) -> None:
        while (left := self._resume_at - _now()) > 0:
            await asyncio.sleep(left)

    def _drop(self, parameter: str) -> bool:
        try:
            self._backend.say(self._dialect.drop(parameter, self._sampling))
        except KeyError:
            return False
        return True

    def _take_back(self, dropped: list[str]) -> None:
        """Send again what was left out in vain."""
        for parameter in reversed(dropped):
            if self._dialect.refused.count(parameter) > self._backend.refused.count(parameter):
                del self._dialect.refused[-1 - self._dialect.refused[::-1].index(parameter)]
                self._backend.say(f"without {parameter} it fails as well: it is sent again")

    def _parameters(self, group: Group) -> dict[str, Any]:
        return self._dialect.body(group, self._backend.model_name, self._sampling)

    async def _call(self, sent: dict[str, Any], wanted: int) -> tuple[list[Answer], int]:
        """What the server answers to a body. Raises RequestError."""
        import openai

        endpoint = self._client.chat.completions if "messages" in sent else self._client.completions
        extra = {name: sent[name] for name in _unknown(sent)}
        known = {name: value for name, value in sent.items() if name not in extra}
        try:
            async with asyncio.timeout(self._backend.timeout):  # the package's own is for each read
                response = await endpoint.create(**known, **({"extra_body": extra} if extra else {}))
            return read_answers(_plain(response), wanted, self._sampling.stop)
        except openai.APIStatusError as error:
            raise self._status_failure(error) from None
        except (openai.APITimeoutError, TimeoutError):
            raise RequestError(Fault.RETRY, f"no answer in {self._backend.timeout:g} s") from None
        except openai.APIConnectionError as error:
            why = f"{error} {error.__cause__ or ''}".strip()
            raise RequestError(Fault.RETRY, self._line(why)) from None
        except (openai.OpenAIError, ValueError) as error:  # a body that is not JSON, or not this
            raise RequestError(Fault.RETRY, f"not the protocol's answer: {self._line(str(error))}") from None

    def _status_failure(self, error: Any) -> RequestError:
        words = server_words(error.body, str(error.message))
        code, parameter = str(error.code or ""), str(error.param or "")
        fault = classify(error.status_code, code, parameter, words)
        wait = retry_after(error.response.headers) if fault is Fault.RETRY else None
        told = self._line(words if words.startswith("Error code") else f"HTTP {error.status_code}: {words}")
        return RequestError(fault, told, wait, refused_parameter(parameter, words))

    def _line(self, text: str) -> str:
        return self._backend.redact(first_line(Exception(text)))


def _unknown(sent: dict[str, Any]) -> set[str]:
    """The parameters of a body that the openai package's methods do not know."""
    newer = {"chat_template_kwargs"} if "messages" in sent else {"max_completion_tokens"}
    return newer & sent.keys()


def _plain(response: Any) -> Any:
    """A response as JSON values; the openai package keeps the fields that it does not know."""
    return response.to_dict(warnings=False) if hasattr(response, "to_dict") else response


def _now() -> float:
    return asyncio.get_running_loop().time()
