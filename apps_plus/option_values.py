"""Convert the values of plain options without pydantic.

From 0.20 on, typer builds a pydantic adapter for each parameter that is given a value: importing pydantic and building
the adapters takes longer than most commands need to start. Plain texts, numbers and paths are converted here to what
pydantic makes of them; everything else, and every value that is not accepted, is left to typer and its messages.
"""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NUMBERS: dict[type, re.Pattern[str]] = {int: re.compile(r"[0-9]{1,15}"), float: re.compile(r"[0-9]{1,15}(\.[0-9]+)?")}
_PATH_CHECKS = ("exists", "writable", "resolve_path", "allow_dash", "path_type")
"""Checks of a path that no command of ours asks for."""


class NotPlainError(Exception):
    """A value that is left to typer."""


class PlainValues:
    """A command or group of typer whose parameters are converted by ``plain_value`` where that is possible."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, each with its conversion replaced."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            # An older typer has no descriptors, and no pydantic.
            if hasattr(parameter, "type_descriptor") and "process_value" not in vars(parameter):
                parameter.process_value = _process_value(parameter, parameter.process_value)
        return parameters


def _process_value(parameter: Any, otherwise: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def process_value(ctx: Any, value: Any) -> Any:
        try:
            value = plain_value(parameter, value)
        except NotPlainError:
            return otherwise(ctx, value)
        return value if parameter.callback is None else parameter.callback(ctx, parameter, value)

    return process_value


def plain_value(parameter: Any, value: Any) -> Any:
    """Convert the value of a parameter. Raises NotPlainError where typer has to decide."""
    several = parameter.multiple or parameter.nargs == -1
    if value is None or (several and not value):
        if parameter.required or (value is not None and not isinstance(value, tuple | list)):
            raise NotPlainError
        return value if value is not None else () if several else None
    annotation, given = parameter.type_descriptor.annotation, parameter.type_descriptor.parameter_info
    if not several:
        return _converted(annotation, given, value)
    if typing.get_origin(annotation) is not list or isinstance(value, str):
        raise NotPlainError
    [element] = typing.get_args(annotation)
    return [_converted(element, given, item) for item in value]


def _converted(kind: Any, given: Any, value: Any) -> Any:
    if given.parser is None:
        if kind in (str, bool) and type(value) is kind:
            return value
        if kind in _NUMBERS and not given.clamp:
            return _number(kind, given, value)
        if kind is Path and isinstance(value, str | Path):
            return _path(given, value)
    raise NotPlainError


def _number(kind: Any, given: Any, value: Any) -> Any:
    if isinstance(value, str) and _NUMBERS[kind].fullmatch(value):
        value = kind(value)
    if type(value) is not kind:
        raise NotPlainError
    if (given.min is not None and not value >= given.min) or (given.max is not None and not value <= given.max):
        raise NotPlainError
    return value


def _path(given: Any, value: str | Path) -> Path:
    if any(getattr(given, check) for check in _PATH_CHECKS) or not (given.file_okay and given.dir_okay):
        raise NotPlainError
    if given.readable and not os.access(value, os.R_OK) and os.path.lexists(value):
        raise NotPlainError
    return Path(value)
