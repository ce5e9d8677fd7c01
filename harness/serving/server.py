"""Listen on a socket until a signal ends the server; let what is running finish first."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from apps_plus.errors import InputError, WorkError
from apps_plus.problem import Problem
from apps_plus.storage import SPLITS, load
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.sandbox.pool import worker_count
from harness.serving.access import TOKEN_VARIABLE, is_loopback
from harness.serving.app import Endpoints, ServerLimits, make_app
from harness.serving.workers import ServingWorkers

_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Arguments of ``apps-plus serve``."""

    folder: Path | None = None
    """A build, whose problems are judged by id."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0: any that is free."""
    token: str | None = None
    workers: int = 0
    queue: int = 256
    grace: float = 30.0
    """Seconds from the signal to stop until programs that still run are killed."""
    limits: ServerLimits = field(default_factory=ServerLimits)
    isolation: Isolation = USUAL_ISOLATION


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that is about to accept requests."""

    url: str
    workers: int
    layers: tuple[str, ...]
    problems: int


def serve(options: ServeOptions, announce: Callable[[Listening], None]) -> None:
    """Serve until SIGINT or SIGTERM. A second signal, or the end of the grace, stops programs that are running.

    Args:
        options: The options.
        announce: Called once the socket is open and every sandbox has started.

    Raises:
        InputError: The host is not loopback and there is no token; the build cannot be read.
        WorkError: The address cannot be listened on; programs cannot be run safely here.
    """
    _refuse_without_token(options)
    problems = None if options.folder is None else _problems_in(options.folder)
    with _handled_signals(), closing(_start_workers(options)) as workers:
        listener = _listen(options.host, options.port)
        endpoints = Endpoints(workers, problems, options.token, options.limits)
        url = f"http://{_shown(listener.getsockname()[0])}:{listener.getsockname()[1]}"
        announce(Listening(url, workers.count, workers.layers, len(problems or ())))
        _run(endpoints, listener, options.grace)


def _start_workers(options: ServeOptions) -> ServingWorkers:
    return ServingWorkers(worker_count(options.workers), options.queue, options.isolation)


def _run(endpoints: Endpoints, listener: socket.socket, grace: float) -> None:
    import uvicorn

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it reports each malformed request
    config = uvicorn.Config(
        make_app(endpoints),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        backlog=_BACKLOG,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(grace),
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:  # before the server handles signals itself, and when it raises them again at its end
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)

    async def run() -> None:
        await server.serve(sockets=[listener])
        endpoints.workers.stop_replacing()  # requests that are still running are cancelled when this coroutine ends

    asyncio.run(run())


def _refuse_without_token(options: ServeOptions) -> None:
    if options.token is None and not is_loopback(options.host):
        raise InputError(
            f"--host {options.host} lets other machines run programs here, so it needs a token: write the output of "
            f"`openssl rand -hex 32` into a file and give --token-file FILE, or set {TOKEN_VARIABLE}"
        )


def _problems_in(folder: Path) -> dict[str, Problem]:
    dataset = load(folder)
    return {problem.problem_id: problem for split in SPLITS for problem in dataset[split]}


def _listen(host: str, port: int) -> socket.socket:
    """Open a socket. Raises WorkError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )[0]
        listener = socket.socket(family, kind, protocol)  # asyncio sets TCP_NODELAY only where TCP is named
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkError(f"cannot listen on {host}:{port}: {reason}: choose another --host or --port") from error
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _handled_signals() -> Iterator[None]:
    """End the block by SystemExit on SIGTERM, so that workers are ended, too; restore all handlers afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
