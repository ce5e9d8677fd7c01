"""The command ``serve``: what it refuses before it listens."""

from __future__ import annotations

import socket

import pytest
from command_line import run

pytest.importorskip("uvicorn", reason="the extra serve is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
pytest.importorskip("prometheus_client", reason="the extra serve is not installed")


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    monkeypatch.delenv("APPS_PLUS_TOKEN", raising=False)


def test_an_address_for_other_machines_needs_a_token():
    result = run("serve", "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "so it needs a token" in result.stderr


def test_a_folder_that_is_no_build_is_refused(tmp_path):
    result = run("serve", tmp_path)
    assert result.exit_code == 2
    assert "is not a build" in result.stderr


@pytest.mark.parametrize("arguments", [("--max-seconds", "0"), ("--max-seconds", "nan"), ("--grace", "inf")])
def test_an_option_without_a_meaning_is_refused(arguments):
    assert run("serve", *arguments).exit_code == 2


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--workers", 1, "--port", port)
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_answers_are_sent_without_delay():
    """On a socket whose protocol is not named, asyncio leaves Nagle's algorithm on: 40 ms for each answer."""
    from harness.serving.server import _listen

    with _listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_missing_packages_are_named_with_what_installs_them(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("serve")
    assert result.exit_code == 2
    assert "pip install 'apps-plus[serve]'" in result.stderr
