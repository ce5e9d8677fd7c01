"""Asks a model for samples: n of each problem, appended as they come, resumed by the same command."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from harness.generation.backend import Answer, Backend, Negotiates, Request, Sampling, sample_seed
from harness.generation.notes import remarks_on
from harness.generation.prompts import Template, prompts_digest
from harness.generation.samples_file import SamplesFile, check_name, open_samples, settings_path
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem

SETTINGS_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Which samples are wanted, of what."""

    benchmark: Benchmark
    template: Template
    sampling: Sampling
    n: int = 1
    """Samples of each problem."""
    problem_ids: tuple[str, ...] = ()
    """Only these; none: all."""
    limit: int | None = None
    """Only the first so many problems."""
    shown: tuple[BenchmarkProblem, ...] = ()
    """The problems that the template shows solved."""

    def problems(self) -> Sequence[BenchmarkProblem]:
        """The problems to ask for: those that are named, or all that have tests.

        Raises InputError where one is unknown, or none is left.
        """
        known = {problem.task_id: problem for problem in self.benchmark.problems}
        unknown = [task_id for task_id in self.problem_ids if task_id not in known]
        if unknown:
            raise InputError(
                f"--problem {unknown[0]}: not in {self.benchmark.name} (its first is {next(iter(known), '')})"
            )
        chosen = [known[task_id] for task_id in dict.fromkeys(self.problem_ids)] or self.tested()
        if not chosen:
            raise InputError(f"{self.benchmark.name} has no problems with tests ({self.benchmark.source})")
        return chosen[: self.limit]

    def tested(self) -> list[BenchmarkProblem]:
        """The problems that have tests; samples of others could not be scored."""
        return [problem for problem in self.benchmark.problems if problem.suites]

    def requests(self) -> list[Request]:
        """A request for each sample, problem by problem."""
        return [
            Request(problem.task_id, sample, prompt, sample_seed(self.sampling.seed, problem.task_id, sample))
            for problem in self.problems()
            for prompt in [self.template.prompt(problem, self.shown)]
            for sample in range(self.n)
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person who waits wants to know."""

    done: int
    total: int
    reused: int
    """Of ``done``: from an earlier run."""
    tokens: int
    """Written by this run."""


Report = Callable[[Progress], None]


def generate(
    plan: Plan,
    backend_name: str,
    backend: Backend,
    out: Path,
    fresh: bool = False,
    report: Report = lambda progress: None,
) -> dict[str, Any]:
    """Ask for every sample that the file does not have.

    Args:
        plan: What is wanted.
        backend_name: ``hf``, ``openai`` or ``vllm``.
        backend: The model.
        out: The samples file; its settings lie beside it.
        fresh: Throw away the samples that are there.
        report: Called after each delivery.

    Returns:
        What ``--json`` prints.

    Raises:
        InputError: the model or the file cannot be used, or the file holds samples of other settings.
        WorkError: the file cannot be written, another process is writing it, or some samples could not be had. What was
            finished is kept.
    """
    check_name(out)
    started = time.monotonic()
    requests = plan.requests()
    settings = settings_of(plan, backend_name, backend)
    with open_samples(out, settings, fresh) as samples:
        missing = missing_of(requests, samples)
        recall_refusals(backend, samples)
        reused = len(requests) - len(missing)
        done, tokens = reused, 0
        report(Progress(done, len(requests), reused, tokens))

        def deliver(answered: Sequence[tuple[Request, Answer]], new_tokens: int) -> None:
            nonlocal done, tokens
            note_refusals(backend, plan.sampling, samples)
            samples.append(answered)
            done += len(answered)
            tokens += new_tokens
            report(Progress(done, len(requests), reused, tokens))

        try:
            if missing:
                backend.run(missing, plan.sampling, deliver)
        finally:
            note_refusals(backend, plan.sampling, samples)
        return {
            "out": str(out),
            "settings": str(settings_path(out)),
            "task": plan.benchmark.name,
            "model": settings["model"]["name"],
            "prompt": plan.template.name,
            "rule": str(plan.template.rule),
            "n_problems": len(plan.problems()),
            "problems_without_tests": len(plan.benchmark) - len(plan.tested()),
            "n_samples": len(samples.present),
            "written": done - reused,
            "from_before": reused,
            "thrown_away": samples.thrown_away,
            "missing": len(requests) - done,
            "empty": samples.empty,
            "reasoned": samples.reasoned,
            "inside_reasoning": samples.inside_reasoning,
            "left_out": samples.settings.get("left_out", []),
            "finish_reasons": dict(sorted(samples.finish_reasons.items())),
            "tokens": tokens,
            "seconds": round(time.monotonic() - started, 1),
            "remarks": remarks_on(samples, plan.sampling, plan.n, len(plan.benchmark) - len(plan.tested())),
        }


def missing_of(requests: Sequence[Request], samples: SamplesFile) -> list[Request]:
    """The requests whose samples are not there."""
    return [request for request in requests if (request.task_id, request.sample) not in samples.present]


def recall_refusals(backend: Backend, samples: SamplesFile) -> None:
    """Tell a backend what its server refused when these samples were begun."""
    if isinstance(backend, Negotiates):
        backend.refused = list(samples.settings.get("refused", []))


def note_refusals(backend: Backend, sampling: Sampling, samples: SamplesFile) -> None:
    """Write into the settings what the server refuses, before the samples that were drawn without it."""
    if isinstance(backend, Negotiates) and backend.refused:
        samples.note(refused=list(backend.refused), left_out=backend.left_out(sampling))


def settings_of(plan: Plan, backend_name: str, backend: Backend) -> dict[str, Any]:
    """Everything that decides the samples, and by whom and when they were begun. Raises InputError."""
    return {
        "format": SETTINGS_FORMAT,
        "tool": f"apps-plus {apps_plus.__version__}",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": plan.benchmark.name,
        "data": {"source": plan.benchmark.source, "problems": len(plan.benchmark)},
        "prompt": {
            "name": plan.template.name,
            "sha256": prompts_digest(plan.template, plan.benchmark, plan.shown),
            "rule": str(plan.template.rule),
            "chat": plan.template.chat,
        },
        "n": plan.n,
        "sampling": {
            "temperature": plan.sampling.temperature,
            "top_p": plan.sampling.top_p,
            "max_tokens": plan.sampling.max_tokens,
            "seed": plan.sampling.seed,
            "stop": list(plan.sampling.stop),
            **reasoning_settings(plan.sampling),
        },
        "backend": backend_name,
        **backend.describe(),
    }


def reasoning_settings(sampling: Sampling) -> dict[str, Any]:
    """What was asked for about reasoning; nothing where nothing was."""
    names = ("max_reasoning_tokens", "reasoning_effort", "thinking")
    return {name: value for name in names if (value := getattr(sampling, name)) is not None}
