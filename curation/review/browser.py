"""Serve the review screen to a browser: ``apps-plus review serve``.

Each page that is opened runs the screen in a process of its own (textual-serve). Whoever can use the page decides as
the reviewer and runs programs in the sandbox. So the server listens on this machine only, gives the page only to who
has its key, and takes no connection from another site.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps_plus.errors import InputError
from apps_plus.extras import install_command

if TYPE_CHECKING:
    from aiohttp import web

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
"""Holds the page; that of textual-serve loads a font from another site."""
DRIVER = "TEXTUAL_DRIVER"
"""The variable by which textual-serve tells the process of a page where to draw."""


def is_served(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process draws on a page of a browser."""
    return environment.get(DRIVER, "").endswith(":WebDriver")


def screen_command(options: Sequence[str]) -> str:
    """Return the shell command that runs the screen for one page, with the options of ``review open``."""
    return shlex.join([sys.executable, "-P", "-m", "apps_plus", "review", "open", *options])


def serve(options: Sequence[str], port: int, title: str) -> None:
    """Serve the screen until ctrl+c. Raises InputError if textual-serve is missing or the port is taken."""
    try:
        server = make_server(screen_command(options), port, title)
    except ImportError as error:
        raise InputError(f"serving needs textual-serve: {install_command('web')}") from error
    try:
        require_free(port)  # the server prints its address before it listens
        server.serve()
    except OSError as error:
        raise InputError(f"cannot listen on {HOST}, port {port} ({error.strerror}): give another --port") from error


def require_free(port: int) -> None:
    """Raise OSError if no server can listen on the port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        listener.bind((HOST, port))


def make_server(command: str, port: int, title: str) -> Any:
    """Return the server. Raises ImportError without textual-serve."""
    from aiohttp import web
    from textual_serve.server import Server

    class ReviewServer(Server):  # type: ignore[misc]  # optional, so that its type is not known
        """A server that gives its page, and a connection, only to who has the key."""

        def __init__(self) -> None:
            super().__init__(command, host=HOST, port=port, title=title, templates_path=str(PAGE))
            self.key = secrets.token_urlsafe(16)
            self.cookie = f"apps-plus-review-{port}"  # the ports of a host share their cookies

        def initialize_logging(self) -> None:
            logging.basicConfig(level=logging.ERROR, stream=sys.stderr)  # a log of requests would show the key

        async def on_startup(self, app: web.Application) -> None:
            print(f"{title}: open {self.public_url}/?key={self.key}", file=sys.stderr)
            print("ctrl+c ends it; every decision is saved as it is made", file=sys.stderr, flush=True)

        async def handle_index(self, request: web.Request) -> web.StreamResponse:
            given = request.query.get("key", "") or request.cookies.get(self.cookie, "")
            self._require(request, given)
            response: web.StreamResponse = await super().handle_index(request)
            response.set_cookie(self.cookie, self.key, httponly=True, samesite="Strict")
            response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
            return response

        async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
            self._require(request, request.cookies.get(self.cookie, ""))
            if request.headers.get("Origin") != self.public_url:
                raise web.HTTPForbidden(text="the connection comes from another site")
            return await super().handle_websocket(request)

        def _require(self, request: web.Request, key: str) -> None:
            """Refuse a request without the key, or under another host's name (DNS rebinding)."""
            if request.host != f"{HOST}:{port}" or not hmac.compare_digest(key.encode(), self.key.encode()):
                raise web.HTTPForbidden(text="open the address that apps-plus review serve printed")

    return ReviewServer()
