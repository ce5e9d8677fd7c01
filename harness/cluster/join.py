"""Join a Ray cluster, or start one on this machine."""

from __future__ import annotations

import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from apps_plus.errors import InputError, WorkError
from apps_plus.extras import install_command
from apps_plus.printable import one_line
from harness.doctor import examine_extra
from harness.sandbox.executor import RAY
from harness.sandbox.pool import worker_count

_NEW = "local"
"""Value of RAY_ADDRESS that asks for a new cluster, whatever runs on this machine."""
_CLIENT = "ray://"
"""Beginning of an address that Ray's client connects to."""
_PORT_OF_CLIENTS = (
    ": something listens there and does not answer Ray's client, whose port is 10001 unless `ray start` was told "
    "another (6379 is that of RAY_ADDRESS with --on ray)"
)
"""End of the message where a port is open, and a client is not let in."""
_TO_SEND_IT = "; if the cluster asks for a token (~/.ray/auth_token), set RAY_AUTH_MODE=token"
"""End of the message where a port is open: without the variable, Ray sends no token to an address that it is given."""
_STARTS = 3
"""Number of attempts to start a cluster."""
_REACH_SECONDS = 5.0
"""Seconds for an address to accept a connection: Ray itself tries for longer than a person waits."""


def join(address: str, workers: int) -> Callable[[], None]:
    """Join a cluster; return the function that leaves it. A cluster that this process is in already is used as it is.

    Args:
        address: ``ray``: the cluster that RAY_ADDRESS names or that runs on this machine, or else a new one on this
            machine; or ``ray://HOST:PORT``.
        workers: The cores of a new one; 0: those of the machine.

    Raises:
        InputError: Ray is not installed, or the address is none.
        WorkError: The cluster cannot be reached, or none can be started.
    """
    if examine_extra("ray").missing:
        raise InputError(f"--on {address} needs ray: {install_command('ray')}")
    on, address = address, (os.environ.get("RAY_ADDRESS") or address if address == RAY else address)
    place = on if address in (RAY, _NEW, on) else f"{on} (RAY_ADDRESS={address})"
    if address not in (RAY, _NEW):
        _reach(address, place)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray sends statistics to its makers otherwise
    import ray

    if ray.is_initialized():
        return lambda: None
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    with _same_signals():
        try:
            if address not in (RAY, _NEW):
                with warnings.catch_warnings():  # what Ray warns of at a port that is not its client's, the error says
                    warnings.simplefilter("ignore")
                    ray.init(address, **quiet)
            elif address == _NEW or not _join_running(quiet):
                _start({"num_cpus": worker_count(workers), "include_dashboard": False, **quiet})
        except Exception as error:  # of many kinds: of the connection, of versions, of resources
            raise WorkError(f"--on {place}: {one_line(_reason(error), 400)}{_advice(address, error)}") from error
    return lambda: ray.shutdown()


def _reason(error: Exception) -> str:
    """Return the text of an error of Ray's, without the traceback of the head that it may hold."""
    before, found, traceback = str(error).partition("Traceback (most recent call last):")
    return before + traceback.strip().splitlines()[-1] if found and traceback.strip() else str(error)


def _advice(address: str, error: Exception) -> str:
    """Return what may help a command that found an open port and was not let in; nothing for other errors."""
    if type(error) is not ConnectionError or address in (RAY, _NEW):
        return ""
    return (_PORT_OF_CLIENTS if address.startswith(_CLIENT) else "") + _TO_SEND_IT


def _join_running(quiet: dict[str, Any]) -> bool:
    """Join the cluster that runs on this machine. Returns whether there is one."""
    import ray

    try:
        ray.init("auto", **quiet)
    except ConnectionError:
        return False
    return True


def _start(settings: dict[str, Any]) -> None:
    """Start a cluster on this machine: Ray gives it a quarter of a minute, which a busy machine may need twice."""
    import ray

    for attempt in range(1, _STARTS + 1):
        try:
            ray.init(_NEW, **settings)
            return
        except Exception:  # of many kinds, for whichever of Ray's processes was late
            if attempt == _STARTS:
                raise
            ray.shutdown()


def _reach(address: str, place: str) -> None:
    """Try to connect to ``HOST:PORT`` or ``ray://HOST:PORT``; ``place`` is its name in messages.

    Raises:
        InputError: A ``ray://`` address has no host or no port.
        WorkError: Nothing accepts a connection there within ``_REACH_SECONDS``.
    """
    host, colon, port = address.removeprefix(_CLIENT).rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        if address.startswith(_CLIENT):
            raise InputError(f"--on {place}: this is no address: write ray://HOST:PORT")
        return  # a name that Ray knows, as RAY_ADDRESS may hold
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_SECONDS).close()
    except OSError as error:
        raise WorkError(
            f"--on {place}: no cluster can be reached there ({error}): check that `ray start --head` runs on that "
            "machine (its port for clients is 10001) and that no firewall is between"
        ) from error


@contextmanager
def _same_signals() -> Iterator[None]:
    """Restore this process's handler of SIGTERM, which Ray replaces."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
