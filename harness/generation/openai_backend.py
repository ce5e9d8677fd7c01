"""The ``openai`` backend: any server that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama, hosted).

1. Requests run concurrently. Overload (429), faults of the server (5xx), timeouts, broken connections and answers that
   are not the protocol's are tried again, with exponential backoff or after what ``Retry-After`` says. A request whose
   attempts are used up is left out, the others go on, and the run then fails with one line: the same command asks for
   what is missing. When nothing but failures comes back, it stops at once; so it does on a wrong key or model name.
2. Samples of one problem share a request (``n``), at most ``samples_per_request``. A server that returns fewer is asked
   again for the others; one that refuses ``n`` gets a request each from then on. So it is with ``temperature``,
   ``top_p``, ``seed``, ``stop`` (answers are cut here in any case), ``max_tokens`` (sent as ``max_completion_tokens``)
   and what is said about reasoning: what is left out is said, and stands in the settings.
3. The seed of a request is that of its first sample. What a server makes of a seed is its own affair: exact repetition
   needs the same server, and ``samples_per_request`` 1.
4. A prompt that does not fit the context, or that the server filters, becomes an empty sample with that
   ``finish_reason``: to ask again would change nothing. Null content becomes an empty sample with the server's reason.

The key is read from the environment, goes nowhere but to the server, and is struck out of what the server says.
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
from harness.doctor import installed_version
from harness.generation.backend import DEFAULTS, Deliver, Prompt, Request, Sampling, Say
from harness.generation.openai_protocol import grouped
from harness.generation.request_bodies import Dialect
from harness.generation.send_requests import Asking

OPENAI = "https://api.openai.com/v1"


@dataclass
class ServerBackend:
    """A model behind a server."""

    model_name: str
    base_url: str | None = None
    """None: ``OPENAI_BASE_URL``, or else the openai package's own."""
    api_key_env: str = "OPENAI_API_KEY"
    endpoint: str = "chat"
    """``chat`` or ``completions``."""
    concurrency: int = 8
    timeout: float = 300.0
    """Seconds for one request."""
    retries: int = 6
    samples_per_request: int = 8
    first_backoff: float = 1.0
    """Seconds."""
    say: Say = field(default=lambda line: None)
    refused: list[str] = field(default_factory=list)
    """See ``Negotiates``."""

    def describe(self) -> dict[str, Any]:
        """Name, address without anything secret, endpoint, samples a request, version. Raises InputError."""
        return {
            "model": {"name": self.model_name},
            "base_url": public_url(str(self.client().base_url)),
            "endpoint": self.endpoint,
            "samples_per_request": self.samples_per_request,
            "versions": {"openai": installed_version("openai")},
        }

    def chats(self) -> bool:
        """Whether the endpoint takes conversations."""
        return self.endpoint == "chat"

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """Text as it is; a conversation as the JSON that is sent."""
        import json

        return prompt if isinstance(prompt, str) else json.dumps(prompt, indent=2, ensure_ascii=False)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request, ``concurrency`` of them at a time.

        Raises:
            InputError: no key, or no openai package.
            WorkError: the server refuses everything, or some requests came to nothing; what was delivered stands.
        """
        dialect = Dialect.after(self.refused, sampling)
        run = Asking(self, dialect, sampling, deliver)
        run.groups.extend(grouped(requests, self.samples_per_request if sampling.temperature > 0 else 1))
        asyncio.run(run.all())

    def left_out(self, sampling: Sampling) -> list[str]:
        """The settings that the server does not get, because it was found to refuse them."""
        return Dialect.after(self.refused, sampling).left_out(sampling)

    def address(self) -> str:
        """Where the server is; OpenAI's own where nothing else is said. Raises InputError."""
        address = self.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        if not address.startswith(("http://", "https://")):
            raise InputError(f"--base-url {address}: write http://HOST:PORT/v1 or https://...")
        return address

    def client(self) -> Any:
        """The openai package's client. Raises InputError where there is no package, key or address."""
        try:
            from openai import AsyncOpenAI
        except ImportError as error:
            raise InputError("--backend openai needs the openai package: pip install 'apps-plus[api]'") from error
        address = self.address()
        if not self._key and address == OPENAI:
            raise InputError(
                f"no API key: set {self.api_key_env} (--api-key-env names another), or give --base-url for your server"
            )
        # Servers of one's own want no key, but the package insists on one. Retries are ours: they see every failure.
        return AsyncOpenAI(api_key=self._key or "none", base_url=address, timeout=self.timeout, max_retries=0)

    def redact(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self._key, "***") if self._key else text

    @cached_property
    def _key(self) -> str:
        return os.environ.get(self.api_key_env, "").strip()


def public_url(url: str) -> str:
    """An address without user, password, query and fragment, any of which may be secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
