"""Read a run's settings from TOML or YAML and ``--set``, and write them as TOML.

    load_config("tiny", ["ppo.kl_coef=0.1"])        # a bundled name or a file; then overrides, in order
    write_config(config, out / "config.toml")       # load_config reads back the same values

Keys that a file does not set keep the default of ``stepcoder.config``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically
from stepcoder.config import SECTIONS, TrainConfig, Value, flatten, toy_paths
from stepcoder.config_errors import either, explain

SUFFIXES = (".toml", ".yaml", ".yml")
OVERRIDES = "--set"
"""Named in messages about an override, as the file is in messages about a file."""

_ADAPTER = TypeAdapter(TrainConfig)


# ---- read


def load_config(name: str, overrides: Sequence[str] = ()) -> TrainConfig:
    """Load the settings of a run: a file or a bundled config, then the overrides.

    Args:
        name: A ``.toml``, ``.yaml`` or ``.yml`` file, or one of ``bundled_names``.
        overrides: Each ``KEY=VALUE``, such as ``ppo.kl_coef=0.1``; the last one of a key counts. An empty value is None
            for an optional setting.

    Raises:
        InputError: There is no such config, it cannot be read, or a key or a value is refused; the message names the
            file (or ``--set``), the key, the value, and what is allowed.
    """
    settings = _read(name)
    overridden = [_override(settings, text) for text in overrides]
    try:
        config = _ADAPTER.validate_python(settings)
    except ValidationError as error:
        key, message = explain(error, settings)
        place = OVERRIDES if any(f"{other}.".startswith(f"{key}.") for other in overridden if key) else name
        raise InputError(f"{place}: {message}") from error
    _require_names(config, name)
    return config


def _require_names(config: TrainConfig, place: str) -> None:
    if not config.data.path:
        paths = ", ".join(toy_paths())
        raise InputError(f"{place}: data.path is missing: set a build's folder (apps-plus build), or one of {paths}")
    if not config.model.name:
        raise InputError(f"{place}: model.name is missing: set a folder or a name on the hub")


def _override(settings: dict[str, Any], override: str) -> str:
    """Put ``KEY=VALUE`` into the settings; return the key."""
    key, equals, text = override.partition("=")
    if not equals:
        raise InputError(f"{OVERRIDES} {override}: write KEY=VALUE, such as ppo.kl_coef=0.1")
    section, dot, name = key.strip().rpartition(".")
    table = settings.setdefault(section, {}) if dot else settings
    if isinstance(table, dict):  # otherwise the file is refused
        table[name] = text.strip()
    return key.strip()


def bundled_names() -> list[str]:
    """Return the names of the configs in the package."""
    return sorted(file.name.removesuffix(".toml") for file in _bundled().iterdir() if file.name.endswith(".toml"))


def _bundled() -> Any:
    return files("stepcoder") / "configs"


def _read(name: str) -> dict[str, Any]:
    """Read a file or a bundled config: scalars, and a dictionary per section."""
    if name in bundled_names():
        return tomllib.loads((_bundled() / f"{name}.toml").read_text(encoding="utf-8"))
    path = Path(name)
    if path.suffix not in SUFFIXES:
        near = get_close_matches(name, bundled_names(), n=1, cutoff=0.5)
        choices = either(bundled_names()) + (f"; did you mean {near[0]}?" if near else "")
        raise InputError(f"no config {name}: give a .toml or .yaml file, or one of {choices}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {reason}: check the path, or use {either(bundled_names())}") from error
    table = _parse_toml(text, path) if path.suffix == ".toml" else _parse_yaml(text, path)
    if not isinstance(table, Mapping):
        raise InputError(f"{path}: not a config: it must hold keys and values, such as method: stepcoder")
    return _with_text_keys(table)


def _parse_toml(text: str, path: Path) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML: {error}: correct the line") from error


def _parse_yaml(text: str, path: Path) -> Any:
    import yaml  # type: ignore[import-untyped]  # comes with huggingface-hub

    try:
        table = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}: correct the line") from error
    return {} if table is None else table  # an empty file


def _with_text_keys(table: Mapping[Any, Any]) -> dict[str, Any]:
    """Convert keys to text (YAML has numbers, too), and drop sections that hold nothing but comments."""
    return {
        str(key): _with_text_keys(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if not (key in SECTIONS and value is None)
    }


# ---- write


def write_config(config: TrainConfig, path: Path) -> None:
    """Write every setting that is not None as TOML, atomically. Raises OutputError, BusyError."""
    lines, section = [], ""
    for key, value in flatten(config).items():
        head, _, name = key.rpartition(".")
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        if value is not None:
            lines.append(f"{name} = {toml_value(value)}")
    with write_atomically(path) as file:
        file.write("\n".join(lines) + "\n")


def toml_value(value: Value) -> str:
    """Write a setting as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):  # JSON's escapes are valid TOML; TOML also wants U+007F escaped
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)  # 5e-07 and inf are valid TOML
