"""Run untrusted programs in processes that can neither harm the machine nor outlive the sandbox.

    from harness.sandbox import Sandbox

``sandbox`` is the class, ``worker`` its processes seen from outside, ``isolation`` the layers that the kernel enforces,
``runtime`` the code inside. This file imports nothing at run time, since the processes in ``runtime`` import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.sandbox.sandbox import (
        LAYERS,
        SANDBOX_VERSION,
        SCIENCE_PACKAGES,
        USUAL_ISOLATION,
        Isolation,
        Sandbox,
    )

__all__ = ["LAYERS", "SANDBOX_VERSION", "SCIENCE_PACKAGES", "USUAL_ISOLATION", "Isolation", "Sandbox"]


def __getattr__(name: str) -> Any:
    """Import ``harness.sandbox.sandbox`` when one of its names is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from harness.sandbox import sandbox

    return getattr(sandbox, name)
