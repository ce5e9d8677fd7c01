"""Gather facts about a model and how its samples were generated, from a file and from the settings of ``generate``.

    id = "Qwen/Qwen2.5-Coder-1.5B"          # any field of harness.scoring.result_record.ModelFacts
    parameters = 1.54e9
    licence = "apache-2.0"
    released = 2024-09-19

    [generation]                            # any of GenerationFacts, where generate did not write the samples
    temperature = 0.0

    [cost]                                  # any of CostFacts: money, and the rest where generate did not count it
    money = { amount = 1.25, currency = "USD" }

JSON with the same fields is read too.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import ValidationError

from apps_plus.errors import InputError
from harness.scoring.result_record import CostFacts, GenerationFacts, ModelFacts, Part
from harness.scoring.result_record_files import describe_fault

AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass(frozen=True, slots=True)
class Provenance:
    """The model that wrote the samples, and the settings of the generation."""

    model: ModelFacts
    generation: GenerationFacts
    notes: tuple[str, ...] = ()
    stated_cost: Mapping[str, Any] = field(default_factory=dict)
    """Fields of CostFacts that the file of facts states."""


def gather_provenance(
    path: Path | None, name: str | None, settings: Mapping[str, Any] | None, samples: Path
) -> Provenance:
    """Combine the facts of a file, an option and the settings that ``generate`` wrote.

    Args:
        path: The file of facts.
        name: The model's id.
        settings: The settings of ``generate``; see ``generation_settings``.
        samples: The samples' file, for messages.

    Raises:
        InputError: The file cannot be used, two sources contradict each other, or none names the model.
    """
    where = f"the settings beside {samples.name}"
    model, generation = from_settings(settings or {})
    part(ModelFacts, {"id": "any", **model}, where)
    part(GenerationFacts, generation, where)
    given: dict[str, Any] = read_facts(path) if path is not None else {}
    if name is not None and given.get("id", name) != name:
        raise InputError(f"--model {name} contradicts {path}, which says id = {given['id']!r}: leave one out")
    stated, cost = given.pop("generation", {}), given.pop("cost", {})
    if not isinstance(stated, dict):
        raise InputError(f"{path}: generation: write a table of settings")
    if not isinstance(cost, dict):
        raise InputError(f"{path}: cost: write a table of tokens, seconds and money")
    part(CostFacts, {"samples": 1} | cost, str(path), "cost")
    _check_agreement(generation, stated, path, where)
    model |= given | ({"id": name} if name is not None else {})
    if "id" not in model:
        raise InputError("a record needs the name of the model: give it with --model, or a file with --model-facts")
    source = str(path) if path is not None else "--model" if name is not None else where
    generated = part(GenerationFacts, generation | stated, source, "generation")
    return Provenance(part(ModelFacts, model, source), generated, tuple(_notes(settings or {})), cost)


def _check_agreement(known: Mapping[str, Any], stated: Mapping[str, Any], path: Path | None, where: str) -> None:
    for key, value in stated.items():
        if known.get(key) is not None and known[key] != value:
            raise InputError(
                f"{path} says generation.{key} = {value!r}, {where} say {known[key]!r}: correct one of them"
            )


def read_facts(path: Path) -> dict[str, Any]:
    """Read the fields of a TOML or JSON file. Raises InputError where it is neither."""
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
    """Build a part of a record from plain values. Raises InputError naming the wrong field."""
    try:
        return kind.model_validate_json(json.dumps(fields, default=_day))
    except ValidationError as error:
        raise InputError(f"{where}: {inside + '.' if inside else ''}{describe_fault(error)}") from error


def _day(value: object) -> str:
    """Convert a date, which TOML has and JSON has not, to text."""
    return value.isoformat() if isinstance(value, date) else str(value)


# ---- the settings of generate


def from_settings(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of ModelFacts and of GenerationFacts that the settings of ``generate`` contain."""
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
    return _without_none(facts), _without_none(generation)


def _table(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = settings.get(name)
    return value if isinstance(value, dict) else {}


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _public(name: Any) -> Any:
    """Return a model's name; for a local folder, only its last part."""
    local = isinstance(name, str) and (name.startswith(("/", ".", "~")) or Path(name).is_dir())
    return PurePath(name).name or None if local else name


def _engine(settings: Mapping[str, Any]) -> str | None:
    """Return the engine and its versions: ``hf (transformers 5.2.0, torch 2.13.0)``."""
    versions = ", ".join(f"{name} {version}" for name, version in _table(settings, "versions").items() if version)
    backend = settings.get("backend")
    return f"{backend} ({versions})"[:200] if backend and versions else backend


def _notes(settings: Mapping[str, Any]) -> list[str]:
    weights = _table(settings, "model").get("weights_sha256")
    return [f"sha256 of the model's weights: {weights}"] if weights else []
