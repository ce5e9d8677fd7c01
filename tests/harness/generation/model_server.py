"""A local server of the OpenAI protocol, with the faults that a test sets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """An HTTP response."""

    body: Any = None
    """JSON values, or raw bytes."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    """Close the connection after half of the body."""


Behaviour = Callable[[dict[str, Any], int], Reply | None]
"""Receive a request's body and the number of earlier requests; return None for a correct answer."""


def error(status: int, message: str, code: str | None = None, param: str | None = None, **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "error", "code": code, "param": param}}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def refuses(*names: str, status: int = 400, code: str | None = "unsupported_parameter") -> Behaviour:
    """Refuse these parameters as OpenAI's server does: the error names the first one found."""

    def behaviour(body: dict[str, Any], number: int) -> Reply | None:
        return next((error(status, f"Unsupported: '{name}'", code, name) for name in names if name in body), None)

    return behaviour


def reasoned(content: Any, finish_reason: str = "stop", tokens: int | None = None, **message: Any) -> Reply:
    """Return a chat answer with further fields in its message, such as reasoning."""
    usage: dict[str, Any] = {"completion_tokens": 30}
    if tokens is not None:
        usage["completion_tokens_details"] = {"reasoning_tokens": tokens}
    body = {"role": "assistant", "content": content, **message}
    return Reply({"choices": [{"index": 0, "finish_reason": finish_reason, "message": body}], "usage": usage})


def answer(body: dict[str, Any], choices: int | None = None) -> dict[str, Any]:
    """Return a correct response; each choice repeats prompt and seed, so that tests can tell them apart."""
    chat = "messages" in body
    prompt = body["messages"][-1]["content"] if chat else body["prompt"]
    rows = []
    for index in range(body.get("n", 1) if choices is None else choices):
        text = f"prompt={prompt} seed={body.get('seed')} choice={index}"
        content = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
        rows.append({"index": index, "finish_reason": "stop", **content})
    usage = {"prompt_tokens": 3, "completion_tokens": 7 * len(rows), "total_tokens": 3 + 7 * len(rows)}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": rows, "usage": usage}


class ModelServer:
    """A server that runs during a ``with`` block."""

    def __init__(self, behaviour: Behaviour = lambda body, number: None) -> None:
        self.behaviour = behaviour
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        with self._lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self.paths.append(handler.path)
            self.keys.append(handler.headers.get("authorization"))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            self._send(handler, self.behaviour(body, number) or Reply(answer(body)))
        except OSError:  # the client has disconnected
            pass
        finally:
            with self._lock:
                self._now -= 1

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.delay)
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if reply.cut else data)
        handler.wfile.flush()
        if reply.cut:
            handler.close_connection = True
            handler.connection.close()
