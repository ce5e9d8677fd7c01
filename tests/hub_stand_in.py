"""A server that answers as the Hugging Face hub does while a dataset is uploaded, and keeps what it got."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HubStandIn(ThreadingHTTPServer):
    """The files and the repository of the only commit; with ``status``, the answer to every request."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.repositories: list[dict] = []
        self.tokens: set[str] = set()
        self.files: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def hub_stand_in(status: int = 200) -> Iterator[HubStandIn]:
    with HubStandIn(status) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: HubStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.tokens.add(self.headers.get("Authorization", ""))
        if self.server.status != 200:
            self._answer({"error": "no"}, self.server.status)
        elif self.path == "/api/repos/create":
            self.server.repositories.append(json.loads(body))
            self._answer({"url": f"{self.server.url}/datasets/my-group/problems"})
        elif "/preupload/" in self.path:
            files = [{"path": one["path"], "uploadMode": "regular"} for one in json.loads(body)["files"]]
            self._answer({"files": [{**one, "shouldIgnore": False} for one in files]})
        elif self.path == "/api/validate-yaml":  # the front matter of the card
            self._answer({"errors": [], "warnings": []})
        else:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            url = f"{self.server.url}/datasets/my-group/problems/commit/{'a' * 40}"
            self._answer({"commitUrl": url, "commitOid": "a" * 40, "success": True})

    def do_GET(self) -> None:
        self._answer({"sha": "a" * 40, "id": "my-group/problems", "siblings": []})

    def _answer(self, value: dict, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass
