"""Start the processes of a sandbox: a script of ``runtime`` in a fresh interpreter, with nothing of the user's."""

from __future__ import annotations

import contextlib
import functools
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from harness.sandbox.machine_limits import STACK_BYTES
from harness.sandbox.temporary_folder import TemporaryFolder

_RUNTIME = Path(__file__).parent / "runtime"
_stack = threading.Lock()
"""Held while the limit of this process's stack is raised."""


def start_process(
    script: str, settings: dict[str, Any], seed: int, folder: TemporaryFolder | None
) -> subprocess.Popen[bytes]:
    """Start a script of ``runtime``. Raises OSError.

    Args:
        script: The name of its file.
        settings: The settings that it gets, as JSON; ``fd`` is a descriptor that it inherits.
        seed: Its PYTHONHASHSEED.
        folder: The parent of its scratch directory, where that is no private mount.
    """
    _save_bytecode()
    with _big_stack():
        return subprocess.Popen(
            [sys.executable, "-s", "-S", "-P", _RUNTIME / script, json.dumps(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(seed, folder),
            pass_fds=[settings["fd"]],
            start_new_session=True,
        )


@contextlib.contextmanager
def _big_stack() -> Iterator[None]:
    """Raise the limit of the stack for processes started meanwhile: the kernel lays out their memory by it."""
    with _stack:
        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        size = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_STACK, (size, hard))
        try:
            yield
        finally:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


@functools.cache
def _save_bytecode() -> None:
    """Compile the modules that only the processes of the sandbox import, where that was not done before.

    These processes write no bytecode; without it they compile thousands of lines whenever one starts.
    """
    for folder in (_RUNTIME, _RUNTIME.with_name("isolation")):
        for path in folder.glob("*.py"):
            module = f"{__package__}.{folder.name}.{path.stem}"
            with contextlib.suppress(OSError):  # a folder that nobody may write to
                SourceFileLoader(module, str(path)).get_code(module)


def _environment(seed: int, folder: TemporaryFolder | None) -> dict[str, str]:
    """Return the whole environment of a sandbox process: nothing of the user's.

    A scratch directory that is no private mount is made in TMPDIR. The process clears its environment before it runs a
    program.
    """
    temporary = {} if folder is None else {"TMPDIR": str(folder.path)}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **threads, **temporary}
