"""Generating by batch: a file of requests for the samples that are missing, and samples of the file that comes back.

``write_batch`` begins the samples file: its settings then bind, though it is still empty, since the answers that are
to come are answers to them. ``BatchAnswers`` is a backend whose model has written everything already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError, WorkError
from harness.doctor import installed_version
from harness.generation.backend import DEFAULTS, TOO_LONG, Answer, Deliver, Prompt, Request, Sampling, Say
from harness.generation.batch_files import Reply, check_new, read_custom_id, read_replies, request_line, write_parts
from harness.generation.generate import Plan, missing_of, settings_of
from harness.generation.openai_backend import ServerBackend, public_url
from harness.generation.request_bodies import Dialect
from harness.generation.retry import Fault
from harness.generation.samples_file import BATCH, check_name, open_samples, settings_path

CHUNK = 500
"""Samples that are written at a time."""


@dataclass
class BatchAnswers:
    """A backend that looks its answers up in the output of a batch."""

    server: ServerBackend
    """Who is said to have answered."""
    files: Sequence[Path] = ()
    say: Say = field(default=lambda line: None)
    refused: list[str] = field(default_factory=list)
    """See ``Negotiates``."""

    def describe(self) -> dict[str, Any]:
        """As an online run with a request a sample describes itself, so that either can go on with the other's samples.

        No key is needed. Raises InputError.
        """
        return {
            "model": {"name": self.server.model_name},
            "base_url": public_url(self.server.address()),
            "endpoint": self.server.endpoint,
            "samples_per_request": 1,
            "versions": {"openai": installed_version("openai")},
        }

    def chats(self) -> bool:
        """Whether the endpoint takes conversations."""
        return self.server.chats()

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """See ``ServerBackend``."""
        return self.server.preview(prompt, sampling)

    def left_out(self, sampling: Sampling) -> list[str]:
        """The settings that the next batch leaves out."""
        return Dialect.after(self.refused, sampling).left_out(sampling)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Deliver the answers to these requests; what else the files hold is counted and said.

        Raises:
            InputError: a file is no output of a batch.
            WorkError: some requests came to nothing; what was delivered stands.
        """
        replies = [reply for path in self.files for reply in read_replies(path, sampling.stop)]
        wanted = {(request.task_id, request.sample): request for request in requests}
        answered: list[tuple[Request, Answer]] = []
        failed: list[Reply] = []
        for reply in replies:
            request = wanted.get(read_custom_id(reply.custom_id) or ("", -1))
            if request is None:
                continue
            if answer := _answer_of(reply):
                answered.append((request, answer))
                del wanted[request.task_id, request.sample]
            else:
                failed.append(reply)
        if passed_over := len(replies) - len(answered) - len(failed):
            self.say(
                f"{passed_over} of {len(replies)} lines are of samples that are there already or were not asked for"
            )
        self._learn(failed, sampling)
        for start in range(0, len(answered), CHUNK):
            part = answered[start : start + CHUNK]
            deliver(part, sum(answer.tokens or 0 for _, answer in part))
        lost = [reply for reply in failed if read_custom_id(reply.custom_id) in wanted]
        if lost:
            raise WorkError(
                f"{len(lost)} requests came to nothing (first: {lost[0].custom_id}: {lost[0].words}); the answers are "
                "kept, and --batch-out writes a batch of what is missing"
            )

    def _learn(self, failed: Sequence[Reply], sampling: Sampling) -> None:
        """What was refused is left out of the next batch."""
        dialect = Dialect.after(self.refused, sampling)
        for parameter in dict.fromkeys(reply.parameter for reply in failed if reply.parameter):
            if dialect.sends(parameter, sampling):
                self.say(dialect.drop(parameter, sampling))
        self.refused = dialect.refused


def _answer_of(reply: Reply) -> Answer | None:
    """The answer, which is an empty one where to ask again would change nothing."""
    if reply.fault is Fault.TOO_LONG:
        return Answer("", TOO_LONG, 0)
    if reply.fault is Fault.FILTERED:
        return Answer("", str(reply.fault), 0)
    return reply.answer


def write_batch(plan: Plan, backend: BatchAnswers, out: Path, target: Path, fresh: bool = False) -> dict[str, Any]:
    """Write requests for all samples that ``out`` does not have.

    Args:
        plan: What is wanted.
        backend: Says which model and endpoint.
        out: The samples file; begun where it is missing, with its settings beside it.
        target: The file of requests; several numbered ones where a provider would not take it whole.
        fresh: Throw away the samples that are there.

    Returns:
        What ``--json`` prints.

    Raises:
        InputError: a file cannot be used, or the samples file holds samples of other settings.
        WorkError: a file cannot be written.
    """
    check_name(out)
    check_new(target)
    if target.resolve() in (out.resolve(), settings_path(out).resolve()):
        raise InputError(f"--batch-out {target} is the samples file: choose another name")
    requests = plan.requests()
    settings = settings_of(plan, "openai", backend)
    with open_samples(out, settings, fresh) as samples:
        missing = missing_of(requests, samples)
        dialect = Dialect.after(samples.settings.get("refused", []), plan.sampling)
        model, endpoint = backend.server.model_name, backend.server.endpoint
        files = write_parts(
            target,
            (request_line(request, endpoint, dialect.body([request], model, plan.sampling)) for request in missing),
        )
        if files:
            samples.note(**{BATCH: {"files": [path.name for path in files], "requests": len(missing)}})
        return {
            "out": str(out),
            "settings": str(settings_path(out)),
            "task": plan.benchmark.name,
            "model": model,
            "prompt": plan.template.name,
            "batch": [str(path) for path in files],
            "requests": len(missing),
            "from_before": len(requests) - len(missing),
            "left_out": dialect.left_out(plan.sampling),
        }
