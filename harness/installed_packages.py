"""Tell which packages are installed, without importing ``importlib.metadata``.

To import that takes longer than to start an interpreter, and every worker of an evaluation would.
"""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from pathlib import Path

_METADATA = re.compile(r"(?P<package>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
"""Name of the folder, or file, with the metadata of an installed package."""


def installed_version(package: str) -> str | None:
    """Return the version of an installed package, as the name of its metadata says; None where it is not installed."""
    return _versions().get(_normal(package))


@functools.cache
def _versions() -> dict[str, str]:
    """Return the version of every installed package, by its normal name; the first on the path counts."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):  # a file, or gone
            for name in (path.name for path in Path(folder or ".").iterdir()):
                if metadata := _METADATA.fullmatch(name):
                    found.setdefault(_normal(metadata["package"]), metadata["version"])
    return found


def _normal(package: str) -> str:
    """Return a name as the index of packages compares it."""
    return re.sub(r"[-_.]+", "-", package).lower()
