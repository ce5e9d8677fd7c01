"""Where jobs run: the places that ``--on`` names."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps_plus.errors import InputError, WorkError
from curation.build import BuildOptions, build
from harness.cluster import join
from harness.doctor import Extra
from harness.sandbox import USUAL_ISOLATION
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.executor import open_executor
from harness.sandbox.pool import SandboxPool


@pytest.fixture
def with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ray count as installed; these tests get no further than its address."""
    monkeypatch.setattr(join, "examine_extra", lambda name: Extra(name, True, (), ""))


def test_the_usual_place_is_this_machine() -> None:
    with open_executor(1, None, USUAL_ISOLATION) as executor:
        assert isinstance(executor, SandboxPool)


@pytest.mark.parametrize("on", ["", "local", "Ray", "rays://host:1", "http://host:1"])
def test_a_place_that_there_is_not(on: str) -> None:
    with pytest.raises(InputError, match=r"there is no such place: give here, ray or ray://HOST:PORT"):
        open_executor(1, None, USUAL_ISOLATION, on)


def test_a_build_for_no_place_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--on mars"):
        build(BuildOptions(None, tmp_path / "out", on="mars"))
    assert not (tmp_path / "out").exists()


def test_a_cluster_shares_no_cache(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave --cache out with --on ray"):
        open_executor(1, ExecutionCache(tmp_path / "programs.cache"), USUAL_ISOLATION, "ray")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "examine_extra", lambda name: Extra(name, False, ("ray",), ""))
    with pytest.raises(InputError, match=r"--on ray needs ray: .*pip install 'apps-plus\[ray\]'"):
        open_executor(1, None, USUAL_ISOLATION, "ray")


@pytest.mark.parametrize(
    "address",
    ["ray://", "ray://host", "ray://host:", "ray://:1", "ray://host:port", "ray://host:0", "ray://host:65536"],
)
def test_an_address_that_is_none(address: str, with_ray: None) -> None:
    with pytest.raises(InputError, match="this is no address: write ray://HOST:PORT"):
        open_executor(1, None, USUAL_ISOLATION, address)


@pytest.mark.parametrize("named_by", ["the option", "RAY_ADDRESS"])
def test_an_address_where_nothing_listens(named_by: str, with_ray: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"ray://127.0.0.1:{unused.getsockname()[1]}"
        if named_by == "RAY_ADDRESS":
            monkeypatch.setenv("RAY_ADDRESS", address)
        place = re.escape(address if named_by == "the option" else f"ray (RAY_ADDRESS={address})")
        with pytest.raises(WorkError, match=rf"--on {place}: no cluster can be reached there .*ray start --head"):
            open_executor(1, None, USUAL_ISOLATION, address if named_by == "the option" else "ray")


def refuse(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Ray raise an error when a cluster is joined."""

    def init(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False, init=init))


@pytest.mark.parametrize("error", [ConnectionError("ray client connection timeout"), RuntimeError("other versions")])
def test_a_client_that_is_not_let_in_is_told_of_ports_and_the_token(
    error: Exception, with_ray: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(error, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"ray://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(WorkError, match=f"^--on {address}: {error}") as raised:
            open_executor(1, None, USUAL_ISOLATION, address)
    for advice in ("10001", "RAY_AUTH_MODE=token"):
        assert (advice in str(raised.value)) == isinstance(error, ConnectionError)


def test_a_command_that_a_cluster_does_not_let_in_is_told_of_the_token(
    with_ray: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(ConnectionError("Failed to connect to Ray cluster"), monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(
            WorkError, match=r"^--on ray \(RAY_ADDRESS=.*\): Failed .*set RAY_AUTH_MODE=token$"
        ) as raised:
            open_executor(1, None, USUAL_ISOLATION, "ray")
    assert "10001" not in str(raised.value)


def test_of_a_traceback_of_the_head_the_last_line_is_told(with_ray: None, monkeypatch: pytest.MonkeyPatch) -> None:
    traceback = 'Traceback (most recent call last):\n  File "proxier.py", line 772\nRuntimeError: no server\n'
    refuse(ConnectionAbortedError(f"Initialization failure from server:\n{traceback}"), monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"ray://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(WorkError) as raised:
            open_executor(1, None, USUAL_ISOLATION, address)
    assert str(raised.value) == f"--on {address}: Initialization failure from server: RuntimeError: no server"
