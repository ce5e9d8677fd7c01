"""Encode prompts and decode tokens, for the backends that run a model in this process."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from harness.generation.backend import Prompt

WEIGHTS = (".safetensors", ".bin", ".pt", ".gguf")
NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})
DIGEST_CHUNKS = 64
"""Chunks of 64 KiB of each file of weights in its digest, evenly spread."""


def error_line(error: BaseException) -> str:
    """Return an error's message on one line, at most about 300 characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:300] + " ..."


def load_tokenizer(model: str, revision: str | None, trust_remote_code: bool) -> Any:
    """Load a model's tokenizer; set its padding token, padding on the left, and the beginning of text if declared.

    Raises:
        InputError: it cannot be loaded, or transformers is not installed.
    """
    check_local_folder(model)
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise InputError(f"this backend needs transformers: {install_command('train')}") from error
    try:
        with hub_retries_unsaid():
            tokenizer = AutoTokenizer.from_pretrained(
                model, revision=revision, trust_remote_code=trust_remote_code, padding_side="left"
            )
    except Exception as error:  # the libraries raise many types
        raise load_error("the tokenizer of ", model, error) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)
    _begin_as_declared(tokenizer, model, revision)
    return tokenizer


def _begin_as_declared(tokenizer: Any, model: str, revision: str | None) -> None:
    """Make a tokenizer put the beginning of text before a plain text if ``tokenizer_config.json`` says so.

    transformers 5 builds DeepSeek-V3's from ``tokenizer.json`` alone, in which ``add_bos_token`` is not.
    """
    from transformers.models.auto.tokenization_auto import get_tokenizer_config

    if tokenizer.bos_token_id is None or tokenizer.bos_token_id in tokenizer("x")["input_ids"]:
        return
    if get_tokenizer_config(model, revision=revision).get("add_bos_token") is True:
        tokenizer.add_bos_token = True


def check_local_folder(model: str) -> None:
    """Raise InputError for a missing folder, which transformers would take for a name on the Hub, or a run's folder.

    A name is a folder's if it cannot be one of the Hub, or begins with a folder that is there.
    """
    owner, slash, _ = model.partition("/")
    looks_like_path = model.startswith((".", "/", "~")) or model.count("/") > 1 or (slash and Path(owner).is_dir())
    if looks_like_path and not Path(model).expanduser().is_dir():
        raise InputError(f"no model in {model}: there is no such folder")
    folder = Path(model).expanduser()
    if (folder / "config.json").is_file() or not folder.is_dir():
        return
    if (folder / "model/config.json").is_file():
        raise InputError(f"no model in {model}: it is the folder of a run, and its model is in {folder / 'model'}")
    if (folder / "policy.pt").is_file():
        raise InputError(
            f"no model in {model}: it is a checkpoint, from which train --resume goes on; a run has its model in "
            "model/ once it has ended"
        )


def load_error(what: str, model: str, error: BaseException) -> InputError:
    """Return the error for a model that transformers cannot load.

    Args:
        what: The part that was loaded, such as ``the tokenizer of ``.
        model: A folder, or a name on the Hub.
        error: Raised by transformers.
    """
    place = "" if Path(model).expanduser().is_dir() else "there is no such folder, and from the Hub: "
    return InputError(f"cannot load {what}{model}: {place}{error_line(error)}")


@contextmanager
def hub_retries_unsaid() -> Iterator[None]:
    """Keep the Hub's client from printing two lines for each of a dozen tries while the Hub cannot be reached."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def encode(tokenizer: Any, prompt: Prompt) -> list[int]:
    """Return the tokens of a prompt, with the special tokens before it. Raises InputError (no chat template)."""
    if not isinstance(prompt, str):
        return encode_rendered(tokenizer, apply_chat_template(tokenizer, prompt))
    ids = list(tokenizer(prompt)["input_ids"])
    while ids and ids[-1] == tokenizer.eos_token_id:  # some tokenizers append it, and a model writes nothing after it
        ids.pop()
    return ids


def encode_rendered(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a rendered chat template, which contains its special tokens already."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def apply_chat_template(tokenizer: Any, messages: Prompt, arguments: Mapping[str, Any] = NO_ARGUMENTS) -> str:
    """Render a conversation with the model's chat template, up to the start of the answer.

    ``arguments`` are the template's other arguments, such as ``enable_thinking``. Raises InputError.
    """
    if not tokenizer.chat_template:
        raise InputError("the model has no chat template: choose a plain --prompt (--show-prompt shows them)")
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **arguments))
    except Exception as error:  # a template is a program that may raise any type
        raise InputError(f"the model's chat template refuses the prompt: {error_line(error)}") from error


def continuation(tokenizer: Any, prompt: Sequence[int], ids: Sequence[int], special: bool = False) -> str:
    """Return the text of tokens that follow a prompt, with or without ``special`` tokens.

    They are decoded together with the prompt: alone, the first token loses its leading space with many tokenizers, and
    so the indentation of the first line.
    """
    before, whole = (
        str(tokenizer.decode(list(part), skip_special_tokens=not special, clean_up_tokenization_spaces=False))
        for part in (prompt, [*prompt, *ids])
    )
    if whole.startswith(before):
        return whole[len(before) :]
    return str(tokenizer.decode(list(ids), skip_special_tokens=not special, clean_up_tokenization_spaces=False))


def weights_digest(model: str) -> str | None:
    """Return the SHA-256, in hex, over names, sizes and chunks of a local model's files; None for a name on the Hub."""
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return None
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.suffix in WEIGHTS or path.name == "config.json"):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            for number in range(DIGEST_CHUNKS):
                file.seek(number * size // DIGEST_CHUNKS)
                digest.update(file.read(min(1 << 16, size // DIGEST_CHUNKS + 1)))
    return digest.hexdigest()
