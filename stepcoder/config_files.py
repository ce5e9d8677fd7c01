"""Reads a run's settings from TOML or YAML, checks every one of them, and writes them back.

    load_config("tiny", ["ppo.kl_coef=0.1"])        # a bundled name or a file; then overrides, in order
    write_config(config, out / "config.toml")       # what a run leaves behind: load_config reads it to the same values

What a file does not name keeps the default of ``stepcoder.config``.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_type_hints

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically
from stepcoder.config import TrainConfig
from stepcoder.config_limits import Value, convert, faults_together

SUFFIXES = (".toml", ".yaml", ".yml")
OVERRIDES = "--set"
"""How messages call the place that an override came from."""

Flat = dict[str, Value]
"""Values by their dotted key: ``ppo.kl_coef``."""

MAY_CHANGE = ("save_every", "keep_checkpoints", "tensorboard", "evaluation.", "rollout.workers")
"""Keys (sections end in a dot) that a resumed run may have otherwise: none of them changes what is learnt."""
MAY_GROW = ("ppo.steps", "sft.epochs")
"""Keys that a resumed run may have larger: it goes on for longer."""
TUNABLE = (
    "ppo.lr",
    "ppo.critic_lr",
    "ppo.max_grad_norm",
    "ppo.kl_coef",
    "ppo.clip_range",
    "ppo.value_clip_range",
    "ppo.max_kl",
    "sft.lr",
)
"""Keys that a resumed run may have otherwise although they change what is learnt: one that diverged goes on with them
from its last checkpoint. Begun with them, it would be another run."""


# ---- read


def load_config(name: str, overrides: Sequence[str] = ()) -> TrainConfig:
    """The settings of a run: those of a file, or of a bundled config, and the overrides.

    Args:
        name: A ``.toml``, ``.yaml`` or ``.yml`` file, or one of ``bundled_names``.
        overrides: Each ``KEY=VALUE``, such as ``ppo.kl_coef=0.1``; the last of several for one key counts. An empty
            value is None where the setting may be none.

    Raises:
        InputError: There is no such config, or it cannot be read, or a key or a value is none that can be meant; names
            the file (or ``--set``), the key, and what it may be.
    """
    values: Flat = {}
    for key, value in _flatten(_read(name), name):
        values[key] = _converted(key, value, name)
    for override in overrides:
        key, text = _split(override)
        values[key] = _converted(key, text, OVERRIDES)
    config = unflatten(values)
    for line in faults_together(config):
        raise InputError(f"{name}: {line}")
    return config


def bundled_names() -> list[str]:
    """Names of the configs that come with the package."""
    return sorted(file.name.removesuffix(".toml") for file in _bundled().iterdir() if file.name.endswith(".toml"))


def _bundled() -> Any:
    return files("stepcoder") / "configs"


def _read(name: str) -> Mapping[str, Any]:
    if name in bundled_names():
        return tomllib.loads((_bundled() / f"{name}.toml").read_text(encoding="utf-8"))
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise InputError(f"no config {name}: give a .toml or .yaml file, or one of {_choices(name, bundled_names())}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {reason}: check the path, or use {_or(bundled_names())}") from error
    table = _parse_toml(text, path) if path.suffix == ".toml" else _parse_yaml(text, path)
    if not isinstance(table, Mapping):
        raise InputError(f"{path}: not a config: it must hold keys and values, such as method: stepcoder")
    return table


def _parse_toml(text: str, path: Path) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML: {error}: mend the line") from error


def _parse_yaml(text: str, path: Path) -> Any:
    import yaml  # type: ignore[import-untyped]  # comes with huggingface-hub

    try:
        table = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}: mend the line") from error
    return {} if table is None else table  # an empty file


def _flatten(table: Mapping[str, Any], place: str, section: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{section}{name}"
        if isinstance(value, Mapping):
            if key not in _sections():
                raise InputError(f"{place}: {_unknown(key)}")
            yield from _flatten(value, place, f"{key}.")
        elif key in _sections() and value is None:
            continue  # YAML: a section whose every line is a comment
        else:
            yield key, value


def _split(override: str) -> tuple[str, str]:
    key, equals, text = override.partition("=")
    if not equals:
        raise InputError(f"{OVERRIDES} {override}: write KEY=VALUE, such as ppo.kl_coef=0.1")
    return key.strip(), text.strip()


# ---- check


def _converted(key: str, value: Any, place: str) -> Value:
    """The value as its field's type. Raises InputError where it is none that the key can have."""
    if key in _sections():
        raise InputError(f"{place}: {key} is a section: set one of its keys, such as {_first_key(key)}")
    if key not in _types():
        raise InputError(f"{place}: {_unknown(key)}")
    kind, optional = _types()[key]
    if optional and value in (None, ""):
        return None
    try:
        return convert(key, kind, value)
    except ValueError as error:
        raise InputError(f"{place}: {key} = {_shown(value)}: {error}") from error


def _unknown(key: str) -> str:
    """What to say of a key that there is not; its last part alone may name one that there is."""
    known = [*_types(), *_sections()]
    near = [name for name in known if name.rpartition(".")[2] == key.rpartition(".")[2]]
    near = near or difflib.get_close_matches(key, known, n=1)
    return f"unknown key {key}" + (f": did you mean {_or(near)}?" if near else f": the sections are {_or(_sections())}")


def _choices(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return _or(known) + (f"; did you mean {near[0]}?" if near else "")


def _or(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _first_key(section: str) -> str:
    return next(key for key in _types() if key.startswith(f"{section}."))


# ---- the shape of the settings


@cache
def _types() -> dict[str, tuple[type, bool]]:
    """The type of every key, and whether it may be None."""
    return dict(_types_of(TrainConfig, ""))


def _types_of(record: type, section: str) -> Iterator[tuple[str, tuple[type, bool]]]:
    for name, hint in get_type_hints(record).items():
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _types_of(hint, f"{section}{name}.")
        else:
            [kind] = [part for part in get_args(hint) or (hint,) if part is not type(None)]
            yield f"{section}{name}", (kind, type(None) in get_args(hint))


@cache
def _sections() -> tuple[str, ...]:
    return tuple(name for name, hint in get_type_hints(TrainConfig).items() if is_dataclass(hint))


def flatten(config: TrainConfig) -> Flat:
    """Every setting by its dotted key, in the order of ``stepcoder.config``."""
    flat: Flat = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if is_dataclass(value):
            flat.update({f"{field.name}.{part.name}": getattr(value, part.name) for part in fields(value)})
        else:
            flat[field.name] = value
    return flat


def unflatten(values: Mapping[str, Value]) -> TrainConfig:
    """The settings from values by dotted key; what is not there has its default. The values are taken as they are."""
    hints = get_type_hints(TrainConfig)
    parts: dict[str, dict[str, Any]] = {section: {} for section in _sections()}
    top: dict[str, Any] = {}
    for key, value in values.items():
        section, dot, name = key.rpartition(".")
        (parts[section] if dot else top)[name] = value
    return TrainConfig(**top, **{section: hints[section](**given) for section, given in parts.items()})


# ---- write, and compare


def write_config(config: TrainConfig, path: Path) -> None:
    """Write every setting as TOML, atomically; what is None is left out. Raises OutputError, BusyError."""
    lines, section = [], ""
    for key, value in flatten(config).items():
        head, _, name = key.rpartition(".")
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        if value is not None:
            lines.append(f"{name} = {_toml(value)}")
    with write_atomically(path) as file:
        file.write("\n".join(lines) + "\n")


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):  # JSON's escapes are TOML's; the one character that JSON leaves and TOML does not take
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)  # 5e-07 and inf are TOML


def changed_keys(before: TrainConfig, now: TrainConfig, *, may_grow: bool = True) -> list[str]:
    """Keys that make ``now`` another run than ``before``, in the order of the settings.

    ``may_grow`` passes over what a run can be given more of, such as steps.
    """
    old, new = flatten(before), flatten(now)
    changed = [key for key in new if new[key] != old[key] and not _may_change(key)]
    return [key for key in changed if not (may_grow and _has_grown(key, old[key], new[key]))]


def refused_keys(before: TrainConfig, now: TrainConfig) -> list[str]:
    """Keys that keep ``now`` from resuming a run that was begun with ``before``, in the order of the settings."""
    return [key for key in changed_keys(before, now) if key not in TUNABLE]


def tuned(before: TrainConfig, now: TrainConfig) -> list[str]:
    """What of ``TUNABLE`` a resumed run has otherwise: ``ppo.lr 0.0001 -> 5e-05``, in the order of the settings."""
    old, new = flatten(before), flatten(now)
    return [f"{key} {old[key]} -> {new[key]}" for key in new if key in TUNABLE and new[key] != old[key]]


def _may_change(key: str) -> bool:
    return any(key == name or (name.endswith(".") and key.startswith(name)) for name in MAY_CHANGE)


def _has_grown(key: str, old: Any, new: Any) -> bool:
    return key in MAY_GROW and bool(new > old)
