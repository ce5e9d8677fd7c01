"""The key of a cached execution: a digest of everything that affects it. Pure functions."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from apps_plus.problem import DictKeys, unlimited_digits
from harness.installed_packages import installed_version
from harness.sandbox.execution import Checks, Execution, Limits, Program

FIELDS = [field.name for field in fields(Execution) if field.name not in ("in_doubt", "lines")]
"""The fields of an execution that are cached, in order; ``lines`` only where it was traced."""
LINES = 1
"""Raised whenever a change may change which lines count as having run."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that affects an execution besides the program, its inputs and its limits."""

    sandbox: int
    """``SANDBOX_VERSION``."""
    layers: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    """Name and version of every package that a program may import: its source need not show which."""
    python: str
    machine: str
    """System and processor; and whether the harness runs as root, which changes how threads are limited."""

    @classmethod
    def here(cls, sandbox: int, layers: Iterable[str], packages: Iterable[str]) -> Setting:
        """Return the setting of this process."""
        python = f"{sys.implementation.name} {sys.version}"
        machine = f"{sys.platform} {platform.machine()}{' root' if os.geteuid() == 0 else ''}"
        versions = tuple((name, installed_version(name) or "") for name in packages)
        return cls(sandbox, tuple(layers), versions, python, machine)


def key_of(
    setting: Setting,
    program: Program,
    asked: Sequence[Any] | Checks,
    limits: Limits,
    *,
    seed: int = 0,
    dict_keys: DictKeys = DictKeys.STR,
    trace: bool = False,
) -> str | None:
    """Return the key of an execution: SHA-256, in hex, of everything that affects it; None where inputs are not JSON.

    ``asked`` is the list of inputs, or the tests that are code.
    Keys of dicts are *not* sorted: a program sees their order. Traced executions have keys of their own.
    """
    decisive = {
        "setting": asdict(setting),
        "program": asdict(program),
        "asked": asdict(asked) if isinstance(asked, Checks) else list(asked),
        "limits": asdict(limits),
        "seed": seed,
        "dict_keys": str(dict_keys),
        "answer": FIELDS,
        **({"lines": LINES} if trace else {}),
    }
    try:
        with unlimited_digits():
            return hashlib.sha256(json.dumps(decisive, separators=(",", ":")).encode()).hexdigest()
    except (TypeError, ValueError, RecursionError):
        return None
