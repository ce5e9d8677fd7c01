"""Write the card of a trained model: base model, method, data, scores, settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import apps_plus
from apps_plus.storage import write_atomically
from stepcoder.config import TOY_MODEL, TrainConfig, flatten

PAPER = "2402.01391"
"""The arXiv number of StepCoder."""
MADE = "a small model made from scratch"
"""Instead of the name of a base model that the run made itself."""


def write_card(
    folder: Path, config: TrainConfig, data_digest: str, scores: Mapping[str, float], steps: int, base: str
) -> None:
    """Write ``README.md`` into a model's folder.

    Args:
        folder: The model's folder.
        config: The run's settings.
        data_digest: SHA-256 of the problems and prompts that were trained on.
        scores: Of the last evaluation, such as ``eval/pass@1``; may be empty.
        steps: Number of optimiser steps.
        base: The base model: a folder, or a name on the hub.

    Raises:
        OutputError: It cannot be written.
    """
    with write_atomically(folder / "README.md") as file:
        file.write("\n".join(card(config, data_digest, scores, steps, base)) + "\n")


def card(config: TrainConfig, data_digest: str, scores: Mapping[str, float], steps: int, base: str) -> Iterator[str]:
    """Yield the lines of the card; see ``write_card``."""
    yield from _front_matter(config, scores, base)
    yield f"# {MADE if base == TOY_MODEL else _text(base)}, trained with {config.method}"
    yield ""
    yield _story(config, steps, base)
    yield ""
    yield from _table(("", ""))
    yield f"| method | `{config.method}` |"
    yield f"| began with | {MADE if base == TOY_MODEL else _code(base)}{_revision(config)} |"
    yield f"| data | {_code(config.data.path)}, split `{config.data.split}` |"
    yield f"| SHA-256 of the data | `{data_digest}` |"
    yield f"| steps | {steps:,} |"
    yield f"| seed | {config.seed} |"
    yield ""
    yield from _scores(config, scores)
    yield "## Use it"
    yield ""
    yield "```"
    yield "apps-plus generate humaneval --model . --out samples.jsonl"
    yield "apps-plus evaluate humaneval samples.jsonl"
    yield "```"
    yield ""
    yield "It writes programs that nobody has read. Run them in a sandbox, as `apps-plus evaluate` does."
    yield ""
    yield "## Every setting"
    yield ""
    yield from _table(("setting", "value"))
    yield from (f"| `{key}` | {_code(_shown(value))} |" for key, value in flatten(config).items() if value is not None)


def _front_matter(config: TrainConfig, scores: Mapping[str, float], base: str) -> Iterator[str]:
    """Yield the metadata for model hubs; ``base_model`` only if it is a hub name, to which a hub can link."""
    yield "---"
    yield "library_name: transformers"
    yield "pipeline_tag: text-generation"
    yield f"tags: [code, apps-plus, {json.dumps(config.method)}]"
    if base == config.model.name and not config.model.is_toy and not Path(base).exists():
        yield f"base_model: {json.dumps(base)}"
    if scores:
        yield "metrics: [pass@1]"
    yield "---"


def _story(config: TrainConfig, steps: int, base: str) -> str:
    how = (
        "Supervised fine-tuning" if config.method == "sft" else "Reinforcement learning from the results of unit tests"
    )
    adapters = (
        f", through LoRA adapters of rank {config.model.lora_rank} that are merged in" if config.model.lora_rank else ""
    )
    return (
        f"{how}{adapters}, with the trainer of [apps-plus](https://arxiv.org/abs/{PAPER}) {apps_plus.__version__} "
        f"(StepCoder, arXiv {PAPER}; `{config.method}` is a row of its table of methods)."
    )


def _scores(config: TrainConfig, scores: Mapping[str, float]) -> Iterator[str]:
    if not scores:
        return
    settings = config.evaluation
    drawn = "greedy decoding" if settings.temperature == 0 else f"T {settings.temperature:g}, top-p {settings.top_p:g}"
    yield f"## Scores on {evaluated_on(config)}"
    yield ""
    yield f"Measured while training: {settings.samples} program{'s' * (settings.samples != 1)} a problem, {drawn}."
    yield ""
    yield from _table(("metric", "value"))
    yield from (f"| {_text(name.removeprefix('eval/'))} | {value:.4f} |" for name, value in scores.items())
    yield ""


def evaluated_on(config: TrainConfig) -> str:
    """Return what the scores of a run are of: ``split `validation` ``, or the problems that were trained on."""
    if config.data.toy_family or config.data.eval_split == config.data.split:
        return "problems that were trained on"
    return f"split `{config.data.eval_split}`"


def _table(columns: tuple[str, str]) -> Iterator[str]:
    yield f"| {columns[0]} | {columns[1]} |"
    yield "| :-- | :-- |"


def _revision(config: TrainConfig) -> str:
    return f", revision {_code(config.model.revision)}" if config.model.revision else ""


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(text: str) -> str:
    """Format text as code in a table cell, without characters that would end the cell."""
    return f"`{_line(text).replace('`', chr(39))}`" if text else ""


def _text(text: str) -> str:
    """Escape Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")
