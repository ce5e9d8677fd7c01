"""What is known of a model and of how its samples were made: from a file that a person writes, and from ``generate``.

    id = "Qwen/Qwen2.5-Coder-1.5B"          # any field of harness.scoring.result_record.ModelFacts
    parameters = 1.54e9
    licence = "apache-2.0"
    released = 2024-09-19

    [generation]                            # any of GenerationFacts, where generate did not write the samples
    temperature = 0.0

JSON with the same fields will do as well.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import ValidationError

from apps_plus.errors import InputError
from harness.scoring.result_record import GenerationFacts, ModelFacts, Part, told

AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass(frozen=True, slots=True)
class Told:
    """Who made the samples, and how."""

    model: ModelFacts
    generation: GenerationFacts
    notes: tuple[str, ...] = ()


def told_of(path: Path | None, name: str | None, settings: Mapping[str, Any] | None, samples: Path) -> Told:
    """Bring together what a file, an option and the settings that ``generate`` wrote say.

    Args:
        path: The file.
        name: The model's id.
        settings: Of ``generate``; see ``generation_settings``.
        samples: What they are about, for messages.

    Raises:
        InputError: The file cannot be used, two of them contradict each other, or none says which model it is.
    """
    where = f"the settings beside {samples.name}"
    model, generation = from_settings(settings or {})
    part(ModelFacts, {"id": "any", **model}, where)
    part(GenerationFacts, generation, where)
    given: dict[str, Any] = read_facts(path) if path is not None else {}
    if name is not None and given.get("id", name) != name:
        raise InputError(f"--model {name} contradicts {path}, which says id = {given['id']!r}: leave one out")
    wanted = given.pop("generation", {})
    if not isinstance(wanted, dict):
        raise InputError(f"{path}: generation: write a table of settings")
    _agree(generation, wanted, path, where)
    model |= given | ({"id": name} if name is not None else {})
    if "id" not in model:
        raise InputError(
            "a record says which model it is about: give its name with --model, or a file with --model-facts"
        )
    source = str(path) if path is not None else "--model" if name is not None else where
    generated = part(GenerationFacts, generation | wanted, source, "generation")
    return Told(part(ModelFacts, model, source), generated, tuple(_notes(settings or {})))


def _agree(known: Mapping[str, Any], wanted: Mapping[str, Any], path: Path | None, where: str) -> None:
    for key, value in wanted.items():
        if known.get(key) is not None and known[key] != value:
            raise InputError(f"{path} says generation.{key} = {value!r}, {where} say {known[key]!r}: mend one of them")


def read_facts(path: Path) -> dict[str, Any]:
    """The fields of a TOML or JSON file. Raises InputError where it is neither."""
    if path.suffix not in (".toml", ".json"):
        raise InputError(f"--model-facts {path}: the name must end in .toml or .json")
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: save it in that encoding") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not {path.suffix[1:].upper()}: {error or 'nested too deep'}") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: not a table of facts such as id, licence and released")
    return data


def part(kind: type[AnyPart], fields: Mapping[str, Any], where: str, inside: str = "") -> AnyPart:
    """A part of a record from plain values. Raises InputError naming the field that is wrong."""
    try:
        return kind.model_validate_json(json.dumps(fields, default=_day))
    except ValidationError as error:
        raise InputError(f"{where}: {inside + '.' if inside else ''}{told(error)}") from error


def _day(value: object) -> str:
    """TOML has dates, JSON has not."""
    return value.isoformat() if isinstance(value, date) else str(value)


# ---- what generate wrote


def from_settings(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of ModelFacts and of GenerationFacts that the settings of ``generate`` know."""
    model, prompt, sampling = (_table(settings, name) for name in ("model", "prompt", "sampling"))
    generation = {
        "prompt": prompt.get("name"),
        "prompt_sha256": prompt.get("sha256"),
        **{name: sampling.get(name) for name in ("temperature", "top_p", "max_tokens", "seed")},
        "samples": settings.get("n"),
        "engine": _engine(settings),
        "dtype": settings.get("dtype"),
        **{name: sampling.get(name) for name in ("max_reasoning_tokens", "reasoning_effort", "thinking")},
        "left_out": settings.get("left_out") or None,
    }
    facts = {"id": _public(model.get("name")), "revision": model.get("commit") or model.get("revision")}
    return _said(facts), _said(generation)


def _table(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = settings.get(name)
    return value if isinstance(value, dict) else {}


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _public(name: Any) -> Any:
    """A model's name; of a folder on somebody's machine the last part only."""
    local = isinstance(name, str) and (name.startswith(("/", ".", "~")) or Path(name).is_dir())
    return PurePath(name).name or None if local else name


def _engine(settings: Mapping[str, Any]) -> str | None:
    """``hf (transformers 5.2.0, torch 2.13.0)``."""
    versions = ", ".join(f"{name} {version}" for name, version in _table(settings, "versions").items() if version)
    backend = settings.get("backend")
    return f"{backend} ({versions})"[:200] if backend and versions else backend


def _notes(settings: Mapping[str, Any]) -> list[str]:
    weights = _table(settings, "model").get("weights_sha256")
    return [f"sha256 of the model's weights: {weights}"] if weights else []
