"""OpenAI's batch files: requests as JSON lines, which a provider answers within hours, or ``vllm run-batch`` at once.

A request asks for one sample, with that sample's own seed, and is named ``TASK_ID#SAMPLE`` (``HumanEval/0#3``): so any
part of the samples can be asked for again, and a server need not know the parameter ``n``.
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
from harness.generation.openai_protocol import read_answers
from harness.generation.refusals import refused_parameter, server_words
from harness.generation.retry import Fault, classify

MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000
"""Of one file, by OpenAI's documentation."""
URLS = {"chat": "/v1/chat/completions", "completions": "/v1/completions"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a line of a provider's output says of one request."""

    custom_id: str
    answer: Answer | None = None
    fault: Fault | None = None
    """Why there is no answer."""
    words: str = ""
    """The provider's, where there is none."""
    parameter: str | None = None
    """The one that was refused, if that is it."""


# ---- names of requests


def custom_id(request: Request) -> str:
    """``HumanEval/0#3``."""
    return f"{request.task_id}#{request.sample}"


def read_custom_id(text: str) -> tuple[str, int] | None:
    """``(task_id, sample)``; None where it is no name of ours. A task id may hold ``#`` itself: the last one counts."""
    task_id, mark, sample = text.rpartition("#")
    whole = mark and sample.isascii() and sample.isdecimal() and str(int(sample)) == sample
    return (task_id, int(sample)) if whole else None


# ---- requests


def request_line(request: Request, endpoint: str, body: Mapping[str, Any]) -> str:
    """A request as a line of a batch file."""
    row = {"custom_id": custom_id(request), "method": "POST", "url": URLS[endpoint], "body": body}
    return dump_json(row) + "\n"


def parts(
    lines: Iterable[str], most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES
) -> Iterator[list[str]]:
    """The lines in parts that a provider takes, in order; a line that is too long by itself is a part of its own."""
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
    """``requests.jsonl``'s parts are ``requests-001.jsonl``, ``requests-002.jsonl``, ..."""
    return path.with_name(f"{path.stem}-{number:03}{path.suffix}")


def check_new(path: Path) -> None:
    """Raise InputError where requests cannot be written there without replacing something."""
    if path.suffix != ".jsonl":
        raise InputError(f"--batch-out {path}: the name must end in .jsonl")
    for there in (path, part_path(path, 1)):
        if there.exists():
            raise InputError(f"--batch-out {path}: {there.name} exists: choose another name, or remove it")


def write_parts(path: Path, lines: Iterable[str]) -> list[Path]:
    """Write requests into one file, or into numbered ones where they are too many. Raises OutputError."""
    made: list[Path] = []
    for number, part in enumerate(parts(lines), 1):
        made.append(part_path(path, number))
        with write_atomically(made[-1]) as file:
            file.writelines(part)
    if len(made) == 1:
        made[0].replace(path)
        made = [path]
    return made


# ---- answers


def read_replies(path: Path, stop: Sequence[str]) -> list[Reply]:
    """Read a provider's output: its answers, and its errors, which may stand in a file of their own.

    Raises InputError where it is something else; names the line.
    """
    try:
        with path.open("rb") as file:
            return [_reply(line, f"{path}:{number}", stop) for number, line in enumerate(file, 1) if not line.isspace()]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _reply(line: bytes, where: str, stop: Sequence[str]) -> Reply:
    try:
        row = load_json(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({json_fault(error)}): is the file whole?") from error
    name = row.get("custom_id") if isinstance(row, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{where}: no custom_id: give the output of a batch, a line a request")
    if "response" not in row and "error" not in row:
        if "body" in row:
            raise InputError(f"{where}: a request, not an answer: give the file that came back for it")
        raise InputError(f"{where}: neither response nor error: give the output of a batch")
    response = row.get("response")
    response = response if isinstance(response, dict) else {}
    body = response.get("body", response if "choices" in response else None)  # the first vLLMs had no body
    status = response.get("status_code")
    if row.get("error") is None and status in (None, 200):
        try:
            answers, _ = read_answers(body, 1, stop)
            return Reply(name, answers[0])
        except ValueError as error:
            return Reply(name, None, Fault.RETRY, f"not the protocol's answer: {error}")
    return _failure(name, status if isinstance(status, int) else None, row.get("error") or body)


def _failure(name: str, status: int | None, body: Any) -> Reply:
    """A request that came to nothing. Without a status it never ran: its batch expired, or was cancelled."""
    words = " ".join(server_words(body, str(body)).split())[:300]
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    fields = inner if isinstance(inner, Mapping) else {}
    code, parameter = str(fields.get("code") or ""), str(fields.get("param") or "")
    status = int(code) if status is None and re.fullmatch(r"[45]\d\d", code) else status
    if status is None:
        return Reply(name, None, Fault.RETRY, f"{code}: {words}" if code else words)
    fault = classify(status, code, parameter, words)
    refused = refused_parameter(parameter, words) if fault is Fault.UNSUPPORTED else None
    return Reply(name, None, fault, f"HTTP {status}: {words}", refused)
