"""The ``openai`` backend: any server that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama, hosted).

1. Requests run concurrently. Overload (429), server errors (5xx), timeouts, broken connections and malformed answers
   are retried, with exponential backoff or after the time in ``Retry-After``. A request that fails in all its attempts
   is skipped, the other requests continue, and the run then fails with one line: the same command requests the missing
   samples. The run stops at once if all requests fail, or on a wrong key or model name.
2. Samples of one problem share a request (``n``), at most ``samples_per_request``. If a server returns fewer, the rest
   are requested again; if it refuses ``n``, each sample gets its own request from then on. Other parameters that a
   server refuses are no longer sent: ``temperature``, ``top_p``, ``seed``, ``stop`` (answers are cut here in any case),
   ``max_tokens`` (then sent as ``max_completion_tokens``) and the reasoning options. This is printed and recorded in
   the settings.
3. The seed of a request is that of its first sample. Whether a server honours seeds depends on the server: exact
   repetition needs at least the same server and ``samples_per_request`` 1.
4. A prompt that does not fit the context, or that the server filters, becomes an empty sample with that
   ``finish_reason``: a retry would fail too. Null content becomes an empty sample with the server's reason.

The key is read from the environment, sent to the server only, and removed from the server's messages.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from harness.generation.backend import DEFAULTS, Deliver, Notify, Prompt, Request, Sampling
from harness.generation.openai_protocol import group_requests
from harness.generation.request_bodies import ServerParameters
from harness.generation.send_requests import RequestSender
from harness.generation.server_check import as_rows, find_out, from_rows, harmful_settings, warnings_of
from harness.generation.tokenization import error_line
from harness.installed_packages import installed_version

OPENAI = "https://api.openai.com/v1"


@dataclass
class ServerBackend:
    """A model on a server."""

    model_name: str
    base_url: str | None = None
    """None: ``OPENAI_BASE_URL``, else OpenAI's own server."""
    api_key_env: str = "OPENAI_API_KEY"
    endpoint: str = "chat"
    """``chat`` or ``completions``."""
    concurrency: int = 8
    timeout: float = 300.0
    """Limit of one request, in seconds."""
    retries: int = 6
    samples_per_request: int = 8
    first_backoff: float = 1.0
    """Wait before the first retry, in seconds."""
    notify: Notify = field(default=lambda line: None)
    refused: list[str] = field(default_factory=list)
    """See ``AdaptiveBackend``."""
    check_first: bool = False
    """Ask the server what it honours before the first request (``harness.generation.server_check``)."""

    def describe(self) -> dict[str, Any]:
        """Return name, address without secrets, endpoint, samples per request, version. Raises InputError."""
        return {
            "model": {"name": self.model_name},
            "base_url": public_url(str(self.client().base_url)),
            "endpoint": self.endpoint,
            "samples_per_request": self.samples_per_request,
            "versions": {"openai": installed_version("openai")},
        }

    def is_chat(self) -> bool:
        """Return whether the endpoint takes conversations."""
        return self.endpoint == "chat"

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """Return a plain prompt unchanged, a conversation as the JSON that is sent."""
        import json

        return prompt if isinstance(prompt, str) else json.dumps(prompt, indent=2, ensure_ascii=False)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request, ``concurrency`` at a time.

        Raises:
            InputError: no key, or no openai package.
            WorkError: the server refuses everything, or some requests failed; delivered answers are kept.
        """
        parameters = ServerParameters.from_refused(self.refused, sampling)
        sender = RequestSender(self, parameters, sampling, deliver)
        groups = group_requests(requests, self.samples_per_request if sampling.temperature > 0 else 1)
        asyncio.run(sender.send(groups))

    def check(self, sampling: Sampling, n: int) -> list[dict[str, str]]:
        """See ``CheckedBackend``. Raises InputError: no key, or no openai package."""
        if not self.check_first:
            return []
        self.notify("asking the server what it honours, some ten short requests; --no-check-server leaves this out")
        found = find_out(self)
        for warning in warnings_of(found, sampling, n, plain=not self.is_chat()):
            self.notify(f"note: {warning}")
        return as_rows(found)

    def avoid(self, found: list[dict[str, str]], sampling: Sampling) -> None:
        """See ``CheckedBackend``."""
        parameters = ServerParameters.from_refused(self.refused, sampling)
        for name in harmful_settings(from_rows(found)):
            while parameters.can_drop(name, sampling):  # stop sequences are dropped in two steps
                parameters.refused.append(name)
        self.refused = list(parameters.refused)

    def left_out(self, sampling: Sampling) -> list[str]:
        """Return the settings that are not sent because the server refused them."""
        return ServerParameters.from_refused(self.refused, sampling).left_out(sampling)

    def address(self) -> str:
        """Return the server's address; by default OpenAI's. Raises InputError."""
        address = self.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        if not address.startswith(("http://", "https://")):
            raise InputError(f"--base-url {address}: write http://HOST:PORT/v1 or https://...")
        return address

    def client(self) -> Any:
        """Return the openai package's client. Raises InputError if package, key or address is missing."""
        try:
            from openai import AsyncOpenAI
        except ImportError as error:
            raise InputError(f"--backend openai needs the openai package: {install_command('api')}") from error
        address = self.address()
        if not self._key and address == OPENAI:
            raise InputError(
                f"no API key: set {self.api_key_env} (--api-key-env names another), or give --base-url for your server"
            )
        # A local server needs no key, but the package does. Retries are done by RequestSender, not by the package.
        return AsyncOpenAI(api_key=self._key or "none", base_url=address, timeout=self.timeout, max_retries=0)

    def public_line(self, text: str) -> str:
        """Return a server's message on one line, at most about 300 characters, without the key."""
        # The key goes first: where a cut falls into it, its beginning would not be found.
        return error_line(Exception(text.replace(self._key, "***") if self._key else text))

    @cached_property
    def _key(self) -> str:
        return os.environ.get(self.api_key_env, "").strip()


def public_url(url: str) -> str:
    """Return an address without user, password, query and fragment, any of which may be secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
