"""The ``hf`` backend: a causal language model of transformers, in this process.

Rows enter and leave the batch as they begin and end (``harness.generation.continuous_batching``), and each is delivered
when it ends.

Sampling differs from ``generate(do_sample=True)``:

1. Each sample has its own random stream, from its own seed: one uniform number per token, looked up in the cumulative
   distribution after temperature and top-p (``harness.generation.nucleus``). So a sample does not depend on the other
   samples of its batch, the batch size, the samples of an earlier run, or the device's random generator.
2. Rounding still matters: with another batch size, padding, device, dtype or version of torch, logits differ in their
   last bits, and a sample whose number falls on the border between two tokens changes from there on; greedy decoding
   changes where two tokens are equally likely. In float32 that is rare, in bfloat16 it is not. The same command on the
   same machine draws the same samples; a resumed run has other batches, so rounding may change its samples.
3. Only temperature, top-p and the limit of tokens apply: of the model's own ``generation_config`` (top-k, repetition
   penalty, ...) only the end-of-text tokens are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps_plus.errors import InputError, WorkError
from apps_plus.extras import install_command
from apps_plus.interrupts import interrupts_held_back
from apps_plus.phases import phase
from harness.generation.backend import (
    DEFAULTS,
    TOO_LONG,
    Answer,
    Deliver,
    Notify,
    Prompt,
    Request,
    Sampling,
    cut_at_stop,
)
from harness.generation.chat_answers import answer_end
from harness.generation.decoding import StopSequences, TokenCount, TokenizedRow, by_length, to_rows
from harness.generation.library_versions import versions_of
from harness.generation.nucleus import NucleusSampler, python_stream
from harness.generation.reasoning import has_special_markers, move_unfinished_reasoning
from harness.generation.tokenization import (
    continuation,
    error_line,
    load_tokenizer,
    weights_digest,
)
from harness.generation.tokenizer_warnings import NamedText, tokenizer_warnings
from harness.generation.trained_prompts import render_prompt, takes_conversations
from harness.installed_packages import installed_version


@dataclass
class HFBackend:
    """A model of transformers."""

    model_name: str
    """A folder, or a name on the Hub."""
    revision: str | None = None
    device: str = "auto"
    """``auto``: the GPUs if there are any, else the CPU."""
    dtype: str = "auto"
    """``auto``: bfloat16 on a GPU, float32 elsewhere."""
    batch_size: int = 16
    trust_remote_code: bool = False
    notify: Notify = field(default=lambda line: None)

    @cached_property
    def tokenizer(self) -> Any:
        """The model's tokenizer. Raises InputError."""
        self._check_installed()
        with phase(f"loading the tokenizer of {self.model_name}", self.notify), interrupts_held_back():
            return load_tokenizer(self.model_name, self.revision, self.trust_remote_code)

    @cached_property
    def model(self) -> Any:
        """The model in evaluation mode, without its own sampling settings. Raises InputError."""
        with phase(f"loading {self.model_name}", self.notify):
            return load_model(self)

    def describe(self) -> dict[str, Any]:
        """Return name, commit, digests of weights and chat template, dtype, device and versions. Raises InputError."""
        self._check_installed()
        import hashlib

        from transformers import AutoConfig

        _ = self.tokenizer  # its error messages for a wrong model name are the clearest
        try:
            config = AutoConfig.from_pretrained(
                self.model_name, revision=self.revision, trust_remote_code=self.trust_remote_code
            )
        except Exception as error:
            raise InputError(f"cannot load {self.model_name}: {error_line(error)}") from error
        template = self.tokenizer.chat_template
        device, dtype = self.placement()
        return {
            "model": {
                "name": self.model_name,
                "revision": self.revision,
                "commit": getattr(config, "_commit_hash", None),
                "weights_sha256": weights_digest(self.model_name),
                "chat_template_sha256": hashlib.sha256(str(template).encode()).hexdigest() if template else None,
            },
            "device": device.partition(":")[0],
            "dtype": dtype,
            "versions": versions_of("torch", "transformers", "tokenizers"),
        }

    def is_chat(self) -> bool:
        """Return whether the model takes conversations (``trained_prompts``). Raises InputError."""
        return takes_conversations(self.model_name, self.tokenizer)

    def preview(self, prompt: Prompt, sampling: Sampling = DEFAULTS) -> str:
        """Return a plain prompt unchanged, a conversation rendered by the chat template. Raises InputError."""
        return render_prompt(self.model_name, self.tokenizer, prompt, sampling)

    def tokenizer_warnings(self, prompts: Sequence[NamedText], programs: Sequence[NamedText]) -> list[str]:
        """Return a sentence for each fault of the tokenizer that shows on prompts and solutions. Raises InputError."""
        with phase("comparing the tokenizer with its file", self.notify):
            return tokenizer_warnings(self.tokenizer, self.model_name, self.revision, prompts, programs)

    def placement(self) -> tuple[str, str]:
        """Return the names of device and dtype. Raises InputError."""
        import torch

        device = self.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = self.dtype
        if dtype == "auto":
            dtype = "bfloat16" if device.startswith("cuda") else "float32"
        if dtype not in ("bfloat16", "float16", "float32"):
            raise InputError(f"--dtype {dtype}: choose auto, bfloat16, float16 or float32")
        return device, dtype

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        """Answer every request, longest prompts first, so that memory runs out early, if at all.

        Raises:
            InputError: the model cannot be loaded.
            WorkError: out of memory with a single request, or the model computes NaN.
        """
        rows, too_long = to_rows(requests, sampling, self.model_name, self.tokenizer, context_length(self.model))
        if too_long:
            deliver([(request, Answer("", TOO_LONG, 0)) for request in too_long], 0)
        left = by_length(rows)
        while left := self._decode(left, sampling, deliver):  # memory ran out
            if self.batch_size == 1:
                raise WorkError(
                    f"out of memory on {left[0].request.task_id} alone: use a smaller --max-tokens or model, another "
                    "--device, or --dtype bfloat16"
                )
            self.batch_size = min(self.batch_size, len(left)) // 2 or 1
            self.notify(f"out of memory: continuing with batches of {self.batch_size}")

    def _decode(self, rows: Sequence[TokenizedRow], sampling: Sampling, deliver: Deliver) -> list[TokenizedRow]:
        """Answer rows until memory runs out; return those without an answer."""
        left = dict(enumerate(rows))
        try:
            self._answer_rows(rows, sampling, left, deliver)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        else:
            return []
        free_memory()  # outside the handler, whose traceback keeps the tensors alive
        return list(left.values())

    def _answer_rows(
        self, rows: Sequence[TokenizedRow], sampling: Sampling, left: dict[int, TokenizedRow], deliver: Deliver
    ) -> None:
        """Answer rows; remove each from ``left`` when its answer is delivered."""
        from harness.generation.continuous_batching import decode

        ends = end_tokens(self.model, self.tokenizer)
        streams = [python_stream(row.request.seed) for row in rows]
        sampler = NucleusSampler(streams, [row.limit for row in rows], sampling.temperature, sampling.top_p)
        tokens = TokenCount(deliver)

        def finish(number: int, new: list[int], logprobs: list[float]) -> None:
            row = rows[number]
            deliver([(row.request, self._answer(row, new, ends, sampling))], tokens.take())
            del left[number]

        stop = StopSequences(self.tokenizer, sampling.stop) if sampling.stop else None
        prompts = [row.ids for row in rows]
        decode(self.model, prompts, sampler, ends, self.batch_size, finish, stops=stop, count=tokens.add)

    def _answer(self, row: TokenizedRow, new: list[int], ends: set[int], sampling: Sampling) -> Answer:
        """Decode a row's new tokens, up to an end token or a stop sequence."""
        length = next((at for at, token in enumerate(new) if token in ends), len(new))
        text = continuation(self.tokenizer, row.ids, new[:length], has_special_markers(self.tokenizer))
        cut = cut_at_stop(text, sampling.stop)
        ended = length < len(new) or len(cut) < len(text)
        answer = Answer(cut, "stop" if ended else "length", length, prompt_tokens=len(row.ids))
        return move_unfinished_reasoning(answer, row.opened)

    def _check_installed(self) -> None:
        missing = [name for name in ("torch", "transformers") if installed_version(name) is None]
        if missing:
            raise InputError(f"--backend hf needs {' and '.join(missing)}: {install_command('train')}")


def load_model(backend: HFBackend) -> Any:
    """Load a backend's model onto its device. Raises InputError."""
    with interrupts_held_back():
        import torch
        from transformers import AutoModelForCausalLM, GenerationConfig
        from transformers.utils import logging
    device, dtype = backend.placement()

    logging.disable_progress_bar()
    spread = backend.device == "auto" and device == "cuda" and torch.cuda.device_count() > 1
    try:
        model = AutoModelForCausalLM.from_pretrained(
            backend.model_name,
            revision=backend.revision,
            trust_remote_code=backend.trust_remote_code,
            dtype=getattr(torch, dtype),
            **({"device_map": "auto"} if spread else {}),
        )
        if not spread:
            model = model.to(device)
    except Exception as error:  # the libraries raise many types
        raise InputError(f"cannot load {backend.model_name} on {device}: {error_line(error)}") from error
    own = model.generation_config
    model.generation_config = GenerationConfig(eos_token_id=own.eos_token_id, bos_token_id=own.bos_token_id)
    return model.eval()


def context_length(model: Any) -> int | None:
    """Return the most tokens of a prompt and its answer together; None if the model has no limit."""
    return context_of(model.config)


def context_of(config: Any) -> int | None:
    """Return ``context_length`` from a model's configuration."""
    config = config.get_text_config()  # the language part of a multimodal model
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        value = getattr(config, name, None)
        if isinstance(value, int) and value > 0:
            return value
    return None


def end_tokens(model: Any, tokenizer: Any) -> set[int]:
    """Return the tokens that end an answer: the model's, the tokenizer's, and the chat template's."""
    own = model.generation_config.eos_token_id
    ends = {*(own if isinstance(own, list) else [own]), tokenizer.eos_token_id, *answer_end(tokenizer)[-1:]}
    return ends - {None}


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error means that the memory of the GPU or of the machine ran out."""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in words)
    )


def free_memory() -> None:
    """Free the memory that a failed batch left allocated."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
