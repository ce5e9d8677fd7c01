"""The table of servers, and a server that dies or never starts: with stand-ins, nothing is installed."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import real_servers
from benchmarks.peer_environments import PeerMissingError
from benchmarks.real_servers import SERVERS, Examined, ServerKind, running, table
from harness.generation.server_check import Finding

STUB = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": []}).encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
KIND = ServerKind("stub", (), ("{python}", "-c", STUB, "{port}"), "stub 1")


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(real_servers, "install", lambda kind, folder: Path(sys.executable))
    gguf = tmp_path / real_servers.MEMBER
    gguf.parent.mkdir(parents=True)
    gguf.touch()


def test_a_server_runs_during_the_block_and_not_after(tmp_path):
    with running(KIND, tmp_path, tmp_path) as server:
        port = int(server.url.removesuffix("/v1").rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
        assert server.cpu_seconds() > 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_a_server_that_ends_at_once_is_named_with_its_log(tmp_path):
    broken = replace(KIND, command=("{python}", "-c", "\nraise SystemExit('no model')", "{port}"))
    with pytest.raises(PeerMissingError, match=r"did not start: .*stub\.log"), running(broken, tmp_path, tmp_path):
        pass
    assert "no model" in (tmp_path / "stub.log").read_text()


def test_the_table_has_a_column_for_each_server_and_says_where_its_endpoints_differ():
    honoured = [Finding("stop", "honoured", "")]
    kept = [Finding("stop", "kept in the text", ""), Finding("leading spaces", "honoured", "")]
    ends = ("honoured", "answered (length)", "stops", "2 samples kept")
    lines = list(table([Examined("A 1", honoured, kept, *ends), Examined("B 2", honoured, honoured, *ends)]))
    assert lines[0] == "| | A 1 | B 2 |"
    assert "| stop | honoured (chat), kept in the text (completions) | honoured |" in lines
    assert "| leading spaces | honoured |  |" in lines
    assert lines[-1] == "| killed | 2 samples kept | 2 samples kept |"


def test_every_server_is_pinned():
    for kind in SERVERS.values():
        assert all("==" in package for package in (*kind.packages, kind.apart) if package)
