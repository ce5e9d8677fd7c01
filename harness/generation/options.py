"""Check the options of ``generate``, and choose the endpoint and the prompt template."""

from __future__ import annotations

from pathlib import Path

import typer

from apps_plus.errors import InputError
from harness.generation.backend import Backend
from harness.generation.prompts import Template, default_template, template_named

BACKENDS = ("hf", "openai", "vllm")
ENDPOINTS = ("chat", "completions")


def check_options(backend: str, endpoint: str | None, n: int, temperature: float, top_p: float) -> None:
    """Raise typer.BadParameter for values out of range."""
    if backend not in BACKENDS:
        raise typer.BadParameter(f"{backend!r}: choose one of {', '.join(BACKENDS)}", param_hint="--backend")
    if endpoint is not None and endpoint not in ENDPOINTS:
        raise typer.BadParameter(f"{endpoint!r}: choose chat or completions", param_hint="--endpoint")
    if not 0 <= temperature < float("inf"):
        raise typer.BadParameter(f"{temperature} is not a finite number from 0", param_hint="--temperature")
    if not 0 < top_p <= 1:
        raise typer.BadParameter(f"{top_p} is not above 0 and at most 1", param_hint="--top-p")
    if temperature == 0 and n > 1:
        raise typer.BadParameter("at temperature 0 all samples are identical: use --n 1", param_hint="--n")


def check_batch(backend: str, batch_out: Path | None, batch_in: list[Path] | None, fresh: bool) -> None:
    """Raise typer.BadParameter for batch options that cannot be combined."""
    if not (batch_out or batch_in):
        return
    option = "--batch-out" if batch_out else "--batch-in"
    if backend != "openai":
        raise typer.BadParameter("batches need --backend openai", param_hint=option)
    if batch_out and batch_in:
        raise typer.BadParameter("read the answers first, then write a batch of the missing samples", param_hint=option)
    if batch_in and fresh:
        raise typer.BadParameter("it would remove the settings that the batch was written with", param_hint="--fresh")


def check_reasoning(template: Template, effort: str | None, thinking: bool | None) -> None:
    """Raise InputError for a reasoning option with a plain prompt, which uses no chat template or chat endpoint."""
    if template.chat or (effort is None and thinking is None):
        return
    option = "--reasoning-effort" if effort else "--enable-thinking" if thinking else "--no-thinking"
    raise InputError(f"{option} needs a chat prompt, and --prompt {template.name} is plain text: remove the option")


def endpoint_for(task: str, prompt: str | None) -> str:
    """Return the endpoint that takes a prompt. Raises InputError if there is no such prompt."""
    return "chat" if prompt is None or template_named(task, prompt).chat else "completions"


def choose_template(task: str, name: str | None, backend: str, source: Backend) -> Template:
    """Return the template of that name, or the model's default. Raises InputError if the endpoint does not take it."""
    if name is None:
        return default_template(task, source.is_chat())
    template = template_named(task, name)
    if backend == "openai" and template.chat != source.is_chat():
        endpoint = "chat" if template.chat else "completions"
        raise InputError(f"--prompt {name} needs --endpoint {endpoint}")
    return template
