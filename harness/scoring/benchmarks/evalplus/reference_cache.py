"""The cache of the reference solutions' outputs, which is used unless a command is given a cache of its own."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path

from apps_plus.errors import InputError
from harness.sandbox.cache import ExecutionCache

_log = logging.getLogger(__name__)
_MAX_BYTES = 256 << 20


@functools.cache
def reference_cache() -> ExecutionCache | None:
    """Open ``references.sqlite`` in the folder $APPS_PLUS_CACHE; without that variable, in apps-plus/ below the user's
    cache folder ($XDG_CACHE_HOME, or ~/.cache).

    None, with a warning, where something else is there; the references then run each time.
    """
    try:
        return ExecutionCache(_folder() / "references.sqlite", _MAX_BYTES)
    except (InputError, RuntimeError) as error:
        _log.warning("reference solutions are not cached: %s", error)
        return None


def _folder() -> Path:
    """Return the folder of caches. Raises RuntimeError where the user has no home."""
    given, users = (Path(os.environ.get(name, "")) for name in ("APPS_PLUS_CACHE", "XDG_CACHE_HOME"))
    if given.is_absolute():
        return given
    return (users if users.is_absolute() else Path.home() / ".cache") / "apps-plus"
