"""Prompts as tokens and tokens as text, for the backends that run a model in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apps_plus.errors import InputError
from harness.generation.backend import Prompt

WEIGHTS = (".safetensors", ".bin", ".pt", ".gguf")
NONE: Mapping[str, Any] = MappingProxyType({})
STRETCHES = 64
"""Of each file of weights that go into its digest, this many of 64 KiB each, evenly spread."""


def first_line(error: BaseException) -> str:
    """What an error says, on one line, for a message."""
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:300] + " ..."


def load_tokenizer(model: str, revision: str | None, trust_remote_code: bool) -> Any:
    """The model's tokenizer, with a token to pad with on the left.

    Raises:
        InputError: it cannot be loaded, or transformers is not installed.
    """
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise InputError("this backend needs transformers: pip install 'apps-plus[train]'") from error
    refuse_missing_folder(model)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            model, revision=revision, trust_remote_code=trust_remote_code, padding_side="left"
        )
    except Exception as error:  # libraries below it raise nearly everything
        raise InputError(f"cannot load the tokenizer of {model}: {first_line(error)}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def refuse_missing_folder(model: str) -> None:
    """Raise InputError for a path that is not there, which would else be taken for a name on the hub."""
    looks_like_path = model.startswith((".", "/", "~")) or model.count("/") > 1
    if looks_like_path and not Path(model).expanduser().is_dir():
        raise InputError(f"--model {model}: no such folder")


def encode(tokenizer: Any, prompt: Prompt) -> list[int]:
    """The tokens of a prompt, with what the model expects before it. Raises InputError (no chat template)."""
    if not isinstance(prompt, str):
        return encode_rendered(tokenizer, apply_chat_template(tokenizer, prompt))
    ids = list(tokenizer(prompt)["input_ids"])
    while ids and ids[-1] == tokenizer.eos_token_id:  # some tokenizers end every text, and nothing follows an end
        ids.pop()
    return ids


def encode_rendered(tokenizer: Any, text: str) -> list[int]:
    """The tokens of what a chat template wrote: the special ones stand in it already."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def apply_chat_template(tokenizer: Any, messages: Prompt, arguments: Mapping[str, Any] = NONE) -> str:
    """A conversation as the text that the model was trained on, up to where its answer begins.

    ``arguments`` are what the template takes besides, such as ``enable_thinking``. Raises InputError.
    """
    if not tokenizer.chat_template:
        raise InputError("the model has no chat template: choose a plain --prompt (--show-prompt shows them)")
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **arguments))
    except Exception as error:  # a template is a program, and can raise what it likes
        raise InputError(f"the model's chat template does not take the prompt: {first_line(error)}") from error


def continuation(tokenizer: Any, prompt: Sequence[int], ids: Sequence[int], special: bool = False) -> str:
    """The text of tokens that follow a prompt, with the ``special`` ones or without.

    Decoded with the prompt before them: alone, the first would lose its leading blank with many tokenizers, and with it
    the indentation of the first line.
    """
    before, whole = (
        str(tokenizer.decode(list(part), skip_special_tokens=not special, clean_up_tokenization_spaces=False))
        for part in (prompt, [*prompt, *ids])
    )
    if whole.startswith(before):
        return whole[len(before) :]
    return str(tokenizer.decode(list(ids), skip_special_tokens=not special, clean_up_tokenization_spaces=False))


def weights_digest(model: str) -> str | None:
    """SHA-256, in hex, over the names, sizes and stretches of a local model's weights; None for a name on the hub."""
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return None
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.suffix in WEIGHTS or path.name == "config.json"):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            for number in range(STRETCHES):
                file.seek(number * size // STRETCHES)
                digest.update(file.read(min(1 << 16, size // STRETCHES + 1)))
    return digest.hexdigest()
