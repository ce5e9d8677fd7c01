"""The endpoints of the server, as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import apps_plus
from apps_plus.errors import WorkError
from apps_plus.problem import Problem, load_json
from apps_plus.storage import json_fault
from harness.judging.judge_answer import judge_text
from harness.sandbox.read_answers import is_slow_to_read
from harness.serving.access import check_access
from harness.serving.jobs import run_program
from harness.serving.judge_request import JudgeRequest, is_fault, judge_job, judge_response
from harness.serving.metrics import CONTENT_TYPE, ServerMetrics
from harness.serving.refusal import Refusal, validate
from harness.serving.run_code import RunCodeRequest, run_job, run_response, sandbox_error
from harness.serving.workers import QueueFullError, ServingWorkers

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

BODY_SECONDS = 30.0
"""Time for a client to send a body."""
DISCARDED_BYTES = 64 << 20
"""The most that is read of the body of a request that is refused."""
CLIENT_GONE = 499
"""Status that is counted, and never sent, where the client went away."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Upper limits of what a request may ask for."""

    body_bytes: int = 8 << 20
    seconds: float = 60.0
    """Processor seconds for one run of a program."""
    memory_bytes: int = 4 << 30


class Endpoints:
    """The handlers of the server, and what they share."""

    def __init__(
        self,
        workers: ServingWorkers,
        problems: Mapping[str, Problem] | None,
        token: str | None,
        limits: ServerLimits,
    ) -> None:
        self.workers = workers
        self.problems = problems
        self.token = token
        self.limits = limits
        self.metrics = ServerMetrics(workers, len(problems or ()))

    async def run_code(self, request: Request) -> Response:
        """Run a program on one input, as SandboxFusion does."""
        body = validate(RunCodeRequest, await self._json(request))
        job = run_job(body, self.limits.seconds, self.limits.memory_bytes)
        try:
            response = run_response(await _unless_gone(request, self.workers.do(run_program, job)))
        except WorkError as error:
            _log.error("/run_code: %s", str(error).partition(":")[0])
            response = sandbox_error("the sandbox died, twice, while it ran the program")
        self.metrics.count_result("/run_code", response.status)
        return _answer(response.model_dump())

    async def judge(self, request: Request) -> Response:
        """Judge a program on its tests."""
        body = validate(JudgeRequest, await self._json(request))
        job = judge_job(body, self.problems, self.limits.seconds)
        try:
            judged = await _unless_gone(request, self.workers.do(judge_text, job))
            if is_fault(judged):
                judged = await _unless_gone(request, self.workers.do(judge_text, job))
        except WorkError as error:
            _log.error("/judge: %s", str(error).partition(":")[0])
            raise Refusal(500, "worker_died", "the sandbox died, twice, while it ran the program") from error
        self.metrics.count_result("/judge", judged.outcome.verdict)
        return _answer(judge_response(body, judged))

    async def health(self, _: Request) -> Response:
        """Tell that the server runs, and how busy it is."""
        return _answer(
            {
                "status": "ok",
                "version": apps_plus.__version__,
                "layers": self.workers.layers,
                "problems": len(self.problems or ()),
                "workers": self.workers.count,
                "running": self.workers.running,
                "waiting": self.workers.waiting,
                "queue": self.workers.queue,
            }
        )

    async def ping(self, _: Request) -> Response:
        """Answer as SandboxFusion's ``/v1/ping`` does."""
        return _answer("pong")

    async def report(self, _: Request) -> Response:
        """Return the metrics."""
        return PlainTextResponse(self.metrics.text(), media_type=CONTENT_TYPE)

    def with_place(self, endpoint: str, handler: Handler) -> Handler:
        """Wrap a handler that runs programs: access, a place in the queue, errors as JSON, metrics."""

        async def handle(request: Request) -> Response:
            started = time.perf_counter()
            try:
                check_access(request.headers, self.token)
                with self.workers.admission():
                    response = await handler(request)
            except QueueFullError:
                text = f"{self.workers.count + self.workers.queue} requests are running and waiting: try again later"
                response = await _refuse_read(request, Refusal(429, "queue_full", text, {"Retry-After": "1"}))
            except Refusal as refusal:
                response = await _refuse_read(request, refusal)
            except ClientDisconnect:
                response = Response(status_code=CLIENT_GONE)
            except Exception:
                _log.exception("%s failed", endpoint)
                response = _refuse(Refusal(500, "internal_error", "the server failed; its log has the details"))
            self.metrics.count_request(endpoint, response.status_code, time.perf_counter() - started)
            return response

        return handle

    def with_access(self, handler: Handler) -> Handler:
        """Wrap a handler that runs nothing: access, errors as JSON."""

        async def handle(request: Request) -> Response:
            try:
                check_access(request.headers, self.token)
                return await handler(request)
            except Refusal as refusal:
                return _refuse(refusal)

        return handle

    async def _json(self, request: Request) -> Any:
        """Read the JSON value of a body. Raises Refusal; ClientDisconnect where the client goes away."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "not_json", "send the body as Content-Type: application/json")
        data = await self._body(request)
        try:
            text = data.decode()
            if is_slow_to_read(text):
                raise Refusal(422, "invalid_request", "the body holds numbers of hundreds of thousands of digits")
            return load_json(text)
        except UnicodeDecodeError as error:
            raise Refusal(400, "not_json", f"the body is not UTF-8 (byte {error.start})") from None
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "not_json", f"the body is not JSON: {json_fault(error)}") from None

    async def _body(self, request: Request) -> bytes:
        """Read a body. Raises Refusal, after which the rest of it is still to come."""
        most = self.limits.body_bytes
        too_large = Refusal(413, "too_large", f"the body is larger than {most} bytes, the most that this server takes")
        length = request.headers.get("content-length", "")
        if length.isdigit() and (len(length) > 18 or int(length) > most):
            raise too_large
        data = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.stream():
                    data += chunk
                    if len(data) > most:
                        raise too_large
        except TimeoutError:
            raise Refusal(408, "too_slow", f"the body did not arrive within {BODY_SECONDS:g} s") from None
        return bytes(data)


async def _discard_body(request: Request) -> None:
    """Read the rest of a body, up to a size: a client that is still sending would miss the answer."""
    left = DISCARDED_BYTES
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: there is no rest
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return


def make_app(endpoints: Endpoints) -> Starlette:
    """Return the application."""
    return Starlette(
        routes=[
            Route("/run_code", endpoints.with_place("/run_code", endpoints.run_code), methods=["POST"]),
            Route("/judge", endpoints.with_place("/judge", endpoints.judge), methods=["POST"]),
            Route("/metrics", endpoints.with_access(endpoints.report), methods=["GET"]),
            Route("/health", endpoints.health, methods=["GET"]),
            Route("/v1/ping", endpoints.ping, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refuse_route},
    )


def _answer(value: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response in ASCII: a program may hold half a surrogate pair, which UTF-8 cannot write."""
    return Response(json.dumps(value), status_code, headers, media_type="application/json")


def _refuse(refusal: Refusal) -> Response:
    return _answer(refusal.to_json(), status_code=refusal.status, headers=refusal.headers)


async def _refuse_read(request: Request, refusal: Refusal) -> Response:
    """Read the rest of the body, and return the response of a refusal."""
    await _discard_body(request)
    return _refuse(refusal)


async def _refuse_route(request: Request, error: Exception) -> Response:
    """Refuse a path or a method that there is not."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:80]
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return _refuse(Refusal(405, "wrong_method", f"{path} takes {allowed}", {"Allow": allowed}))
    return _refuse(
        Refusal(error.status_code, "no_such_path", f"no {path}: there are /run_code, /judge, /health and /metrics")
    )


async def _unless_gone(request: Request, job: Awaitable[Answer]) -> Answer:
    """Wait for a job; cancel it if the client goes away, and raise ClientDisconnect."""
    working = asyncio.ensure_future(job)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
