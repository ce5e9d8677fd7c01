"""Explain in one line why settings are refused: which key, which value, what is allowed, in which file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AllowInfNan, ValidationError
from pydantic.fields import FieldInfo

from stepcoder.config import SECTIONS, TrainConfig, describe_choices, flatten

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def explain(error: ValidationError, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of the first error, empty if several keys are wrong together, and the message without the file.

    Args:
        error: Raised by ``stepcoder.config.TrainConfig``.
        settings: The settings that were validated: scalars, and a mapping per section.
    """
    first = error.errors(include_url=False)[0]
    parts = [str(part) for part in first["loc"]][:2]
    key = ".".join(parts)
    match first["type"]:
        case "conflict":
            return "", first["msg"]
        case "unexpected_keyword_argument":
            return key, unknown_key(key)
        case "dataclass_type":
            return key, f"{key} is a section: set one of its keys, such as {_first_key(key)}"
        case "choice":
            reason = first["msg"]
        case kind:
            value = _value(settings, parts)
            reason = f"must be {describe(field_of(key), value, finite=kind == 'finite_number')}"
    return key, f"{key} = {_shown(_value(settings, parts))}: {reason}"


def describe(field: FieldInfo, value: object = None, *, finite: bool = False) -> str:
    """Return the values that a setting allows: ``a number above 0 and at most 1``.

    Args:
        field: The setting.
        value: The refused value, from which the nearest choice is suggested.
        finite: The value is refused because it is infinite or NaN.
    """
    if get_origin(field.annotation) is Literal:
        return describe_choices(value, get_args(field.annotation))
    [kind] = [part for part in get_args(field.annotation) or (field.annotation,) if part in _KINDS] or [str]
    noun = "a finite number" if finite else _KINDS[kind]
    infinite = any(isinstance(limit, AllowInfNan) and limit.allow_inf_nan for limit in field.metadata)
    return " ".join([noun, " and ".join(_limits(field))]).strip() + (" (inf: no limit)" if infinite else "")


def _limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        match limit:
            case Gt(gt=bound):
                yield f"above {bound}"
            case Ge(ge=bound):
                yield f"at least {bound}"
            case Lt(lt=bound):
                yield f"below {bound}"
            case Le(le=bound):
                yield f"at most {bound}"


def field_of(key: str) -> FieldInfo:
    """Return the pydantic field of a dotted key."""
    section, _, name = key.rpartition(".")
    record: Any = get_type_hints(TrainConfig)[section] if section else TrainConfig
    found: FieldInfo = record.__pydantic_fields__[name]
    return found


def unknown_key(key: str) -> str:
    """Return the message for an unknown key: the keys with the same last part, or the most similar one."""
    known = [*flatten(TrainConfig()), *SECTIONS]
    near = [name for name in known if name.rpartition(".")[2] == key.rpartition(".")[2]]
    near = near or get_close_matches(key, known, n=1)
    return f"unknown key {key}" + (
        f": did you mean {either(near)}?" if near else f": the sections are {either(SECTIONS)}"
    )


def either(names: Sequence[str]) -> str:
    """Return ``a, b or c``."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _value(settings: Mapping[str, Any], parts: Sequence[str]) -> Any:
    section = settings[parts[0]]
    return section.get(parts[1]) if len(parts) == 2 else section


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _first_key(section: str) -> str:
    return next(key for key in flatten(TrainConfig()) if key.startswith(f"{section}."))
