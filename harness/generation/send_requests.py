"""Send requests to a server concurrently: retry, drop refused parameters, deliver answers as they arrive."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from apps_plus.errors import WorkError
from harness.generation.backend import TOO_LONG, Answer, Deliver, Sampling
from harness.generation.openai_protocol import parse_answers
from harness.generation.request_bodies import Group, ServerParameters
from harness.generation.retry import Fault, backoff, classify, retry_after
from harness.generation.server_errors import error_message, refused_parameter

if TYPE_CHECKING:
    from harness.generation.openai_backend import ServerBackend


class RequestError(Exception):
    """A failed request.

    Attributes:
        fault: Kind of failure.
        wait: Seconds that the server asks to wait, if any.
        parameter: The refused parameter, if any.
    """

    def __init__(self, fault: Fault, message: str, wait: float | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.wait = wait
        self.parameter = parameter


class RequestSender:
    """Send the requests of one run."""

    def __init__(
        self, backend: ServerBackend, parameters: ServerParameters, sampling: Sampling, deliver: Deliver
    ) -> None:
        self._queue: deque[Group] = deque()
        self._backend = backend
        self._sampling = sampling
        self._deliver = deliver
        self._client = backend.client()
        self._parameters = parameters
        self._resume_at = 0.0
        """Time of the event loop before which nothing is sent, by ``Retry-After``."""
        self._failures: list[tuple[Group, RequestError]] = []
        self._failures_in_a_row = 0

    async def send(self, groups: Iterable[Group]) -> None:
        """Send all groups and deliver their answers. Raises WorkError."""
        self._queue.extend(groups)
        async with self._client:
            workers = [asyncio.create_task(self._worker()) for _ in range(self._backend.concurrency)]
            try:
                await asyncio.gather(*workers)
            finally:  # after a failure or an interrupt, cancel the other requests
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
        if self._failures:
            missing = sum(len(group) for group, _ in self._failures)
            group, error = self._failures[0]
            advice = "run the same command again to request only these"
            if all(failed.fault in (Fault.REFUSED, Fault.UNSUPPORTED) for _, failed in self._failures):
                advice = "change the setting that the server names"
            raise WorkError(f"{missing} samples failed (first: {group[0].task_id}: {error}): {advice}")

    async def _worker(self) -> None:
        while self._queue:
            group = self._queue.popleft()
            if not self._parameters.accepts("n") and len(group) > 1:
                self._queue.extendleft([request] for request in reversed(group))
                continue
            try:
                answers, tokens = await self._send_group(group)
            except RequestError as error:
                self._handle_failure(group, error)
                continue
            self._failures_in_a_row = 0
            if len(answers) < len(group):  # the server may ignore n: request the others one by one
                self._queue.extend([request] for request in group[len(answers) :])
                if len(answers) == 1 and self._parameters.accepts("n"):
                    self._parameters.refused.append("n")
                    self._backend.notify("the server ignores n: sending one request per sample")
            self._deliver(list(zip(group, answers, strict=False)), tokens)

    def _handle_failure(self, group: Group, error: RequestError) -> None:
        """Deliver empty answers, record the failure, or stop the run with WorkError."""
        if error.fault in (Fault.TOO_LONG, Fault.FILTERED):
            reason = TOO_LONG if error.fault is Fault.TOO_LONG else str(error.fault)
            self._backend.notify(f"{group[0].task_id}: empty sample: {error}")
            self._deliver([(request, Answer("", reason, 0)) for request in group], 0)
            return
        if error.fault is Fault.FATAL:
            raise WorkError(
                f"the server refuses: {error}: check --model, --base-url (it usually ends in /v1) and the key"
            )
        self._failures.append((group, error))
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= max(3, self._backend.concurrency):
            raise WorkError(
                f"stopped: {self._failures_in_a_row} requests in a row failed (last: {error}); "
                "finished samples are kept; the same command resumes"
            )

    async def _send_group(self, group: Group) -> tuple[list[Answer], int]:
        """Send a group's request, with retries and without refused parameters.

        Returns the answers, at most as many as the group has requests, and their tokens. Raises RequestError.
        """
        attempt = 0
        dropped: list[str] = []
        while True:
            await self._wait_turn()
            body = self._body(group)
            try:
                found = await self._call(body, len(group))
            except RequestError as error:
                if error.fault is Fault.UNSUPPORTED and error.parameter:
                    if error.parameter == "n" and len(group) > 1:
                        self._drop("n")
                        group = group[:1]  # the worker requests the others, as after a response with too few choices
                        continue
                    if self._body(group) != body:  # another request has dropped a parameter in the meantime
                        continue
                    if self._drop(error.parameter):
                        dropped.append(error.parameter)
                        continue
                if error.fault is not Fault.RETRY or attempt >= self._backend.retries:
                    self._restore_parameters(dropped)
                    raise
                wait = backoff(attempt, self._backend.first_backoff, random.random())  # noqa: S311
                if error.wait is not None:  # applies to all requests
                    wait = max(wait, error.wait)
                    self._resume_at = max(self._resume_at, _now() + error.wait)
                attempt += 1
                if attempt in (1, self._backend.retries):
                    which = f"retry {attempt} of {self._backend.retries}"
                    self._backend.notify(f"{group[0].task_id}: {error}; {which} in {wait:.1f} s")
                await asyncio.sleep(wait)
            else:
                if body == self._body(group):  # it succeeded because of the dropped parameters
                    self._backend.refused = list(self._parameters.refused)
                return found

    async def _wait_turn(self) -> None:
        while (left := self._resume_at - _now()) > 0:
            await asyncio.sleep(left)

    def _drop(self, parameter: str) -> bool:
        try:
            self._backend.notify(self._parameters.drop(parameter, self._sampling))
        except KeyError:
            return False
        return True

    def _restore_parameters(self, dropped: list[str]) -> None:
        """Send parameters again that were dropped without effect."""
        for parameter in reversed(dropped):
            if self._parameters.refused.count(parameter) > self._backend.refused.count(parameter):
                del self._parameters.refused[-1 - self._parameters.refused[::-1].index(parameter)]
                self._backend.notify(f"the request fails without {parameter} too: sending it again")

    def _body(self, group: Group) -> dict[str, Any]:
        return self._parameters.body(group, self._backend.model_name, self._sampling)

    async def _call(self, body: dict[str, Any], wanted: int) -> tuple[list[Answer], int]:
        """Send one request; return at most ``wanted`` answers and their tokens. Raises RequestError."""
        import openai

        endpoint = self._client.chat.completions if "messages" in body else self._client.completions
        extra = {name: body[name] for name in _extra_parameters(body)}
        known = {name: value for name, value in body.items() if name not in extra}
        try:
            async with asyncio.timeout(self._backend.timeout):  # the package's own timeout is for each read
                response = await endpoint.create(**known, **({"extra_body": extra} if extra else {}))
            return parse_answers(_to_json(response), wanted, self._sampling.stop)
        except openai.APIStatusError as error:
            raise self._status_failure(error) from None
        except (openai.APITimeoutError, TimeoutError):
            raise RequestError(Fault.RETRY, f"no answer in {self._backend.timeout:g} s") from None
        except openai.APIConnectionError as error:
            reason = f"{error} {error.__cause__ or ''}".strip()
            raise RequestError(Fault.RETRY, self._line(reason)) from None
        except (openai.OpenAIError, ValueError) as error:  # the body is not JSON, or not of the protocol
            message = f"not an answer of the OpenAI protocol: {self._line(str(error))}"
            raise RequestError(Fault.RETRY, message) from None

    def _status_failure(self, error: Any) -> RequestError:
        message = error_message(error.body, str(error.message))
        code, parameter = str(error.code or ""), str(error.param or "")
        fault = classify(error.status_code, code, parameter, message)
        wait = retry_after(error.response.headers) if fault is Fault.RETRY else None
        line = self._line(message if message.startswith("Error code") else f"HTTP {error.status_code}: {message}")
        return RequestError(fault, line, wait, refused_parameter(parameter, message))

    def _line(self, text: str) -> str:
        """Return the text on one line, without the API key."""
        return self._backend.public_line(text)


def _extra_parameters(body: dict[str, Any]) -> set[str]:
    """Return the parameters of a body that the openai package's methods do not have."""
    newer = {"chat_template_kwargs"} if "messages" in body else {"max_completion_tokens"}
    return newer & body.keys()


def _to_json(response: Any) -> Any:
    """Return a response as JSON values, with the fields that the openai package does not define."""
    return response.to_dict(warnings=False) if hasattr(response, "to_dict") else response


def _now() -> float:
    return asyncio.get_running_loop().time()
