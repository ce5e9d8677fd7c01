"""Generate through batch files: write requests for the missing samples, read the provider's output as samples.

``write_batch`` also starts the samples file: its settings are fixed from then on, though it is still empty, because the
answers will belong to these settings. ``BatchBackend`` is a backend that takes its answers from output files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError, WorkError
from harness.generation.backend import DEFAULTS, TOO_LONG, Answer, Deliver, Notify, Prompt, Request, Sampling
from harness.generation.batch_files import (
    BatchReply,
    check_batch_path,
    parse_custom_id,
    read_replies,
    request_line,
    write_parts,
)
from harness.generation.generate import GenerationPlan, generation_settings, missing_requests
from harness.generation.openai_backend import ServerBackend, public_url
from harness.generation.request_bodies import ServerParameters
from harness.generation.retry import Fault
from harness.generation.samples_file import BATCH, check_samples_path, open_samples, settings_path
from harness.installed_packages import installed_version

CHUNK = 500
"""Samples delivered at a time."""


@dataclass
class BatchBackend:
    """A backend that reads its answers from the output files of a batch."""

    server: ServerBackend
    """Model name, address and endpoint that the settings name."""
    files: Sequence[Path] = ()
    notify: Notify = field(default=lambda line: None)
    refused: list[str] = field(default_factory=list)
    """See ``AdaptiveBackend``."""
    answered_before: bool = True
    """See ``OfflineBackend``."""

    def describe(self) -> dict[str, Any]:
        """Return the same settings as an online run with one sample a request: each can resume the other's samples.

        No API key is needed. Raises InputError.
        """
        return {
            "model": {"name": self.server.model_name},
            "base_url": public_url(self.server.address()),
            "endpoint": self.server.endpoint,
            "samples_per_request": 1,
            "versions": {"openai": installed_version("openai")},
        }

    def is_chat(self) -> bool:
        """Return whether the endpoint takes conversations."""
        return self.server.is_chat()

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """See ``ServerBackend``."""
        return self.server.preview(prompt, sampling)

    def left_out(self, sampling: Sampling) -> list[str]:
        """Return the settings that the next batch leaves out."""
        return ServerParameters.from_refused(self.refused, sampling).left_out(sampling)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Deliver the answers to these requests; report how many other lines the files have.

        Raises:
            InputError: a file is not the output of a batch.
            WorkError: some requests failed; delivered answers are kept.
        """
        replies = [reply for path in self.files for reply in read_replies(path, sampling.stop)]
        wanted = {(request.task_id, request.sample): request for request in requests}
        answered: list[tuple[Request, Answer]] = []
        failed: list[BatchReply] = []
        for reply in replies:
            request = wanted.get(parse_custom_id(reply.custom_id) or ("", -1))
            if request is None:
                continue
            if answer := _final_answer(reply):
                answered.append((request, answer))
                del wanted[request.task_id, request.sample]
            else:
                failed.append(reply)
        if ignored := len(replies) - len(answered) - len(failed):
            self.notify(f"{ignored} of {len(replies)} lines ignored: their samples exist already or were not requested")
        self._record_refused(failed, sampling)
        for start in range(0, len(answered), CHUNK):
            part = answered[start : start + CHUNK]
            deliver(part, sum(answer.tokens or 0 for _, answer in part))
        lost = [reply for reply in failed if parse_custom_id(reply.custom_id) in wanted]
        if lost:
            raise WorkError(
                f"{len(lost)} requests failed (first: {lost[0].custom_id}: {lost[0].message}); the answers are kept; "
                "--batch-out writes a batch of the missing samples"
            )

    def _record_refused(self, failed: Sequence[BatchReply], sampling: Sampling) -> None:
        """Leave refused parameters out of the next batch."""
        parameters = ServerParameters.from_refused(self.refused, sampling)
        for parameter in dict.fromkeys(reply.parameter for reply in failed if reply.parameter):
            if parameters.can_drop(parameter, sampling):
                self.notify(parameters.drop(parameter, sampling))
        self.refused = parameters.refused


def _final_answer(reply: BatchReply) -> Answer | None:
    """Return the answer; an empty one for a failure that a new request would repeat; None for other failures."""
    if reply.fault is Fault.TOO_LONG:
        return Answer("", TOO_LONG, 0)
    if reply.fault is Fault.FILTERED:
        return Answer("", str(reply.fault), 0)
    return reply.answer


def write_batch(
    plan: GenerationPlan, backend: BatchBackend, out: Path, target: Path, fresh: bool = False
) -> dict[str, Any]:
    """Write requests for all samples that ``out`` lacks.

    Args:
        plan: The samples to generate.
        backend: Names the model and the endpoint.
        out: The samples file; started if it is missing, with its settings in a file beside it.
        target: The file of requests; several numbered files where one would exceed a provider's limits.
        fresh: Remove existing samples.

    Returns:
        The summary that ``--json`` prints.

    Raises:
        InputError: a file cannot be used, or the samples file holds samples of other settings.
        WorkError: a file cannot be written.
    """
    check_samples_path(out)
    check_batch_path(target)
    if target.resolve() in (out.resolve(), settings_path(out).resolve()):
        raise InputError(f"--batch-out {target} is the samples file: choose another name")
    requests = plan.requests()
    settings = generation_settings(plan, "openai", backend)
    with open_samples(out, settings, fresh) as samples:
        missing = missing_requests(requests, samples)
        parameters = ServerParameters.from_refused(samples.settings.get("refused", []), plan.sampling)
        model, endpoint = backend.server.model_name, backend.server.endpoint
        files = write_parts(
            target,
            (request_line(request, endpoint, parameters.body([request], model, plan.sampling)) for request in missing),
        )
        if files:
            samples.update_settings(**{BATCH: {"files": [path.name for path in files], "requests": len(missing)}})
        return {
            "out": str(out),
            "settings": str(settings_path(out)),
            "task": plan.benchmark.name,
            "model": model,
            "prompt": plan.template.name,
            "batch": [str(path) for path in files],
            "requests": len(missing),
            "from_before": len(requests) - len(missing),
            "left_out": parameters.left_out(plan.sampling),
        }
