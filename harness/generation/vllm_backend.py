"""The ``vllm`` backend: vLLM's offline engine, if it is installed.

Written for vLLM's documented interface (``LLM``, ``SamplingParams``, prompts as tokens) and tested with a fake engine
that has this interface, not with vLLM itself. The engine does its own batching and draws each sample from its own seed;
it reproduces samples only for the same version, hardware and batching, so a resumed run may differ from an
uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps_plus.errors import InputError
from harness.generation.backend import DEFAULTS, TOO_LONG, Answer, Deliver, Prompt, Request, Sampling, cut_at_stop
from harness.generation.decoding import TokenizedRow, to_rows
from harness.generation.library_versions import versions_of
from harness.generation.reasoning import has_special_markers, move_unfinished_reasoning
from harness.generation.tokenization import error_line, load_tokenizer, weights_digest
from harness.generation.trained_prompts import render_prompt, takes_conversations
from harness.installed_packages import installed_version

CHUNK = 256
"""Requests per call of the engine; finished samples are written after each call."""


@dataclass
class VLLMBackend:
    """A model in vLLM's offline engine."""

    model_name: str
    revision: str | None = None
    dtype: str = "auto"
    """``auto``: the dtype in which the model was saved."""
    trust_remote_code: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    """Further arguments of ``vllm.LLM``, such as ``tensor_parallel_size``."""

    @cached_property
    def tokenizer(self) -> Any:
        """The model's tokenizer. Raises InputError."""
        if installed_version("vllm") is None:
            raise InputError("--backend vllm needs vLLM and a GPU: pip install vllm, or use --backend hf or openai")
        return load_tokenizer(self.model_name, self.revision, self.trust_remote_code)

    @cached_property
    def engine(self) -> Any:
        """The engine with the model loaded. Raises InputError."""
        _ = self.tokenizer
        from vllm import LLM

        try:
            return LLM(
                model=self.model_name,
                revision=self.revision,
                tokenizer_revision=self.revision,
                dtype=self.dtype,
                trust_remote_code=self.trust_remote_code,
                **self.options,
            )
        except Exception as error:  # from a missing GPU to an unknown architecture
            raise InputError(f"vLLM cannot load {self.model_name}: {error_line(error)}") from error

    def describe(self) -> dict[str, Any]:
        """Return name, digest of local weights, dtype, engine options, versions. Raises InputError."""
        _ = self.tokenizer
        return {
            "model": {
                "name": self.model_name,
                "revision": self.revision,
                "weights_sha256": weights_digest(self.model_name),
            },
            "dtype": self.dtype,
            "options": self.options,
            "versions": versions_of("vllm", "torch", "transformers"),
        }

    def is_chat(self) -> bool:
        """Return whether the model takes conversations (``trained_prompts``). Raises InputError."""
        return takes_conversations(self.model_name, self.tokenizer)

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """Return a plain prompt unchanged, a conversation rendered by the chat template. Raises InputError."""
        return render_prompt(self.model_name, self.tokenizer, prompt, sampling)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request, in order. Raises InputError."""
        rows, too_long = to_rows(requests, sampling, self.model_name, self.tokenizer, self._context())
        if too_long:
            deliver([(request, Answer("", TOO_LONG, 0)) for request in too_long], 0)
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            outputs = zip(chunk, self._generate(chunk, sampling), strict=True)
            answers = [_answer(row, output, sampling) for row, output in outputs]
            tokens = sum(answer.tokens or 0 for answer in answers)
            deliver([(row.request, answer) for row, answer in zip(chunk, answers, strict=True)], tokens)

    def _generate(self, rows: Sequence[TokenizedRow], sampling: Sampling) -> Any:
        from vllm import SamplingParams

        special = {"skip_special_tokens": False} if has_special_markers(self.tokenizer) else {}
        return self.engine.generate(
            [{"prompt_token_ids": list(row.ids)} for row in rows],
            [
                SamplingParams(
                    temperature=sampling.temperature,
                    top_p=sampling.top_p if sampling.temperature > 0 else 1.0,
                    max_tokens=row.limit,
                    seed=row.request.seed,
                    stop=list(sampling.stop) or None,
                    **special,
                )
                for row in rows
            ],
            use_tqdm=False,
        )

    def _context(self) -> int:
        return int(self.engine.llm_engine.model_config.max_model_len)


def _answer(row: TokenizedRow, output: Any, sampling: Sampling) -> Answer:
    [completion] = output.outputs
    text = cut_at_stop(completion.text, sampling.stop)
    answer = Answer(text, str(completion.finish_reason), len(completion.token_ids), prompt_tokens=len(row.ids))
    return move_unfinished_reasoning(answer, row.opened)
