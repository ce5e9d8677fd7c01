"""Turn the value that an entry point returned into the JSON text of a report.

Standard library only; this runs in the process of the program.
"""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from harness.sandbox.runtime.report import OUTPUT_LIMIT

MAX_DIGITS = 100_000
"""Of an integer in a result: reading decimal digits takes time that grows with their square."""
_MAX_DEPTH = 500

_to_json = json.dumps  # taken before any program runs, so that one that patches ``json`` fools only itself


def report_value(value: Any, limit: int) -> dict[str, Any]:
    """Return the report of a value: its JSON text of at most ``limit`` characters, or the type that JSON lacks."""
    try:
        result = _to_json(_plain(value, 0))
        return {"result": result} if len(result) <= limit else {**OUTPUT_LIMIT}
    except TypeError as error:
        return {"result_type": str(error)}
    except (RecursionError, ValueError):
        return {"result_type": f"{type(value).__name__} that is nested too deep"}


def _plain(value: Any, depth: int) -> Any:
    """Return a JSON-like value as exactly the built-in types, read through them: no method of a subclass runs.

    Raises TypeError, whose text is the type's name, for a value that is not JSON-like.
    """
    if depth > _MAX_DEPTH:
        raise RecursionError
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if value.bit_length() < 3 * MAX_DIGITS else _refuse(kind, "huge ")
    if kind.__module__ == "numpy" and kind is getattr(sys.modules.get("numpy"), kind.__name__, None):
        return _plain(value.item(), depth + 1) if getattr(value, "shape", None) == () else _refuse(kind)
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return [_plain(item, depth + 1) for item in tuple.__iter__(value)]
    if isinstance(value, dict):
        return {_key_of(k): _plain(v, depth + 1) for k, v in dict.items(value)}
    if isinstance(value, int):
        return _plain(int.__int__(value), depth + 1)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    return _refuse(kind)


def _key_of(key: Any) -> Any:
    """Return a dict key as JSON writes it."""
    if key is None or type(key) in (bool, int, float, str):
        return key
    if isinstance(key, str):
        return str.__str__(key)
    return _refuse(type(key), "dict with keys of type ")


def _refuse(kind: type, prefix: str = "") -> NoReturn:
    raise TypeError(prefix + kind.__name__)
