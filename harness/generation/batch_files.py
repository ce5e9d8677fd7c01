"""OpenAI's batch files: requests as JSON lines, which a provider answers within hours, or ``vllm run-batch`` at once.

A request is for one sample, with that sample's own seed, and its id is ``TASK_ID#SAMPLE`` (``HumanEval/0#3``). So any
subset of the samples can be requested again, and the server need not support the parameter ``n``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import json_fault, write_atomically
from harness.generation.backend import Answer, Request
from harness.generation.openai_protocol import parse_answers
from harness.generation.retry import Fault, classify
from harness.generation.server_errors import error_message, refused_parameter

MAX_REQUESTS, MAX_BYTES = 50_000, 200_000_000
"""Limits of one file (OpenAI's documentation)."""
URLS = {"chat": "/v1/chat/completions", "completions": "/v1/completions"}


@dataclass(frozen=True, slots=True)
class BatchReply:
    """One line of a provider's output: the answer to a request, or its failure."""

    custom_id: str
    answer: Answer | None = None
    fault: Fault | None = None
    """Kind of failure; None if there is an answer."""
    message: str = ""
    """The provider's error message."""
    parameter: str | None = None
    """The refused parameter, if the failure is about one."""


# ---- ids of requests


def custom_id(request: Request) -> str:
    """Return the id of a request in a batch, such as ``HumanEval/0#3``."""
    return f"{request.task_id}#{request.sample}"


def parse_custom_id(text: str) -> tuple[str, int] | None:
    """Return ``(task_id, sample)``; None if ``custom_id`` did not write it. A task id may contain ``#`` itself."""
    task_id, mark, sample = text.rpartition("#")
    valid = mark and sample.isascii() and sample.isdecimal() and str(int(sample)) == sample
    return (task_id, int(sample)) if valid else None


# ---- requests


def request_line(request: Request, endpoint: str, body: Mapping[str, Any]) -> str:
    """Return a request as a line of a batch file."""
    row = {"custom_id": custom_id(request), "method": "POST", "url": URLS[endpoint], "body": body}
    return dump_json(row) + "\n"


def split_into_parts(
    lines: Iterable[str], most_requests: int = MAX_REQUESTS, most_bytes: int = MAX_BYTES
) -> Iterator[list[str]]:
    """Yield the lines in parts within the provider's limits; a line that exceeds them is a part of its own."""
    part: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode(errors="backslashreplace"))
        if part and (len(part) == most_requests or size + length > most_bytes):
            yield part
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield part


def part_path(path: Path, number: int) -> Path:
    """Return the path of a part: ``requests-001.jsonl`` for part 1 of ``requests.jsonl``."""
    return path.with_name(f"{path.stem}-{number:03}{path.suffix}")


def check_batch_path(path: Path) -> None:
    """Raise InputError if the name does not end in ``.jsonl``, or writing requests would replace a file."""
    if path.suffix != ".jsonl":
        raise InputError(f"--batch-out {path}: the name must end in .jsonl")
    for target in (path, part_path(path, 1)):
        if target.exists():
            raise InputError(f"--batch-out {path}: {target.name} exists: choose another name, or remove it")


def write_parts(path: Path, lines: Iterable[str]) -> list[Path]:
    """Write requests to one file, or to numbered files if they exceed a provider's limits. Raises OutputError."""
    made: list[Path] = []
    for number, part in enumerate(split_into_parts(lines), 1):
        made.append(part_path(path, number))
        with write_atomically(made[-1]) as file:
            file.writelines(part)
    if len(made) == 1:
        made[0].replace(path)
        made = [path]
    return made


# ---- answers


def read_replies(path: Path, stop: Sequence[str]) -> list[BatchReply]:
    """Read a provider's output file, or its file of errors.

    Raises InputError, with the line, if it is another kind of file.
    """
    try:
        with path.open("rb") as file:
            return [_reply(line, f"{path}:{number}", stop) for number, line in enumerate(file, 1) if not line.isspace()]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _reply(line: bytes, where: str, stop: Sequence[str]) -> BatchReply:
    try:
        row = load_json(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({json_fault(error)}): is the file complete?") from error
    name = row.get("custom_id") if isinstance(row, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{where}: no custom_id: give the output file of a batch, one line for each request")
    if "response" not in row and "error" not in row:
        if "body" in row:
            raise InputError(f"{where}: a request, not an answer: give the output file that the provider returned")
        raise InputError(f"{where}: neither response nor error: give the output file of a batch")
    response = row.get("response")
    response = response if isinstance(response, dict) else {}
    body = response.get("body", response if "choices" in response else None)  # early versions of vLLM have no body
    status = response.get("status_code")
    if row.get("error") is None and status in (None, 200):
        try:
            answers, _ = parse_answers(body, 1, stop)
            return BatchReply(name, answers[0])
        except ValueError as error:
            return BatchReply(name, None, Fault.RETRY, f"not an answer of the OpenAI protocol: {error}")
    return _failure(name, status if isinstance(status, int) else None, row.get("error") or body)


def _failure(name: str, status: int | None, body: Any) -> BatchReply:
    """Return a failed request. Without a status it never ran: its batch expired or was cancelled."""
    message = " ".join(error_message(body, str(body)).split())[:300]
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    fields = inner if isinstance(inner, Mapping) else {}
    code, parameter = str(fields.get("code") or ""), str(fields.get("param") or "")
    status = int(code) if status is None and re.fullmatch(r"[45]\d\d", code) else status
    if status is None:
        return BatchReply(name, None, Fault.RETRY, f"{code}: {message}" if code else message)
    fault = classify(status, code, parameter, message)
    refused = refused_parameter(parameter, message) if fault is Fault.UNSUPPORTED else None
    return BatchReply(name, None, fault, f"HTTP {status}: {message}", refused)
