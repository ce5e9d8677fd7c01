"""Say how an optional extra of apps-plus is installed where this process runs."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this environment: ``pip install 'apps-plus[plots]'``.

    A bare ``pip`` is often that of another Python, and no use where uv or pipx keeps the environment.
    """
    for keeper, mark in (("uv tool", "uv-receipt.toml"), ("pipx", "pipx_metadata.json")):
        if Path(sys.prefix, mark).is_file():
            return f"{keeper} install --force '.[{extra}]' in the clone of apps-plus"
    found = shutil.which("pip")
    own = found is not None and Path(found).parent == Path(sys.executable).parent
    return f"{'pip' if own else f'{_python()} -m pip'} install 'apps-plus[{extra}]'"


def _python() -> str:
    """Return the path of this Python for a shell, relative where it is below the working folder."""
    path = Path(sys.executable)
    here = Path(os.curdir).absolute()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
