"""Hold one sandbox in an actor, tell what its verdicts depend on, and answer jobs.

A process of Ray's blocks SIGINT and handles SIGTERM. ``start_worker`` sets both as in a worker process of the local
pool, because the processes of a sandbox inherit them. These end with the actor, however it ends (prctl(2),
PR_SET_PDEATHSIG), and the actor ends with its node's raylet.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apps_plus
from harness.cluster.parcel import Unpacker
from harness.sandbox import SANDBOX_VERSION, SCIENCE_PACKAGES, Isolation, machine_limits
from harness.sandbox.cache_key import Setting
from harness.sandbox.pool import answer_of, start_worker

_PACKAGES = ("apps_plus", "harness", "curation")
"""The packages whose code decides what a job answers."""


def actor_class() -> type:
    """Return the class of the actors.

    It is made in a function so that Ray sends it whole: a node without this package can then say so.
    """

    class SandboxActor:
        def begin(self, isolation: dict[str, bool]) -> dict[str, Any]:
            """Start the sandbox; return the node, and the facts of ``harness.cluster.worker.begin`` or the error."""
            import ray

            node = {"address": ray.util.get_node_ip_address(), "id": ray.get_runtime_context().get_node_id()}
            try:
                from harness.cluster import worker

                return node | {"facts": worker.begin(isolation)}
            except Exception as error:  # of any class, which need not be known at the other end: told as text
                return node | {"error": f"{type(error).__name__}: {error}", "kind": type(error).__name__}

        def do(self, parcels: list[bytes], references: list[list[Any]]) -> tuple[float, list[bytes]]:
            """Do jobs as ``harness.cluster.worker.do``."""
            from harness.cluster import worker

            return worker.do(parcels, references)

    return SandboxActor


def begin(isolation: dict[str, bool]) -> dict[str, str]:
    """Make this process a worker, and start its sandbox.

    Args:
        isolation: The fields of an ``Isolation``.

    Returns:
        Everything that verdicts here depend on, by name.

    Raises:
        SandboxError: No program can be run here, or not with this isolation.
    """
    machine_limits.prepare()
    sandbox = start_worker(os.getppid(), None, None, Isolation(**isolation))
    setting = Setting.here(SANDBOX_VERSION, sandbox.layers, (*SCIENCE_PACKAGES, "mpmath"))
    return code_here() | {
        "the build of Python": setting.python,
        "the system": setting.machine,
        "the packages": " ".join(f"{name} {version or 'none'}" for name, version in setting.packages),
        "the layers of the sandbox": " ".join(setting.layers),
        "the probes that are blocked": " ".join(sandbox.blocked),
    }


@functools.cache
def code_here() -> dict[str, str]:
    """Return the versions and the digest of the code, which must be the same on the machine that hands out jobs, too.

    Versions under development share a number: the files are compared as well.
    """
    digest = hashlib.sha256()
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in sorted((spec and spec.submodule_search_locations) or ()):
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(f"{package}/{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return {
        "Python": platform.python_version(),
        "apps-plus": apps_plus.__version__,
        "files of apps-plus with the digest": digest.hexdigest()[:12],
    }


def do(parcels: Sequence[bytes], references: Sequence[Sequence[Any]]) -> tuple[float, list[bytes]]:
    """Do jobs one after the other.

    Args:
        parcels: What ``harness.cluster.parcel.pack`` wrote, for each job.
        references: For each job, those to the shared objects that are not in its parcel.

    Returns:
        The seconds that they took together, and their answers, each as ``harness.sandbox.pool.answer_of`` gives it.
    """
    start = time.monotonic()
    answers = [answer_of(*_unpacker().unpack(*job)) for job in zip(parcels, references, strict=True)]
    return time.monotonic() - start, answers


@functools.cache
def _unpacker() -> Unpacker:
    import ray

    return Unpacker(ray.get)
