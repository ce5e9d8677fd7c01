"""Prompt a model as it was trained: through its chat template or not, as recorded, else if its tokenizer has one.

A model that was trained on plain prompts may have the chat template of the model that it began as. Prompted through
it, it would be scored on texts that it was not trained on. One that was trained on conversations begins its answer
where those of its training began (``harness.generation.chat_answers``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically
from harness.generation.backend import Prompt, Sampling
from harness.generation.chat_answers import answer_start
from harness.generation.reasoning import template_arguments
from harness.generation.tokenization import apply_chat_template

RECORD = "apps_plus.json"
"""Name of the record in the folder of a model that ``apps-plus train`` wrote."""


def record_prompts(folder: Path, *, chat: bool) -> None:
    """Write into a model's folder whether it was trained on conversations. Raises OutputError."""
    with write_atomically(folder / RECORD) as file:
        file.write(json.dumps({"chat": chat}) + "\n")


def takes_conversations(model_name: str, tokenizer: Any) -> bool:
    """Return whether a model is prompted through its chat template.

    Args:
        model_name: A folder, or a name on the hub.
        tokenizer: The model's, of ``transformers``.

    Raises:
        InputError: The folder's record cannot be read.
    """
    return bool(tokenizer.chat_template) and _recorded(model_name) is not False


def render_prompt(model_name: str, tokenizer: Any, prompt: Prompt, sampling: Sampling) -> str:
    """Return a plain prompt unchanged, a conversation rendered for a model up to the start of its answer.

    A model that was trained on conversations gets it up to where the answers of its training began, unless thinking or
    its effort are asked for.

    Args:
        model_name: A folder, or a name on the hub.
        tokenizer: The model's, of ``transformers``.
        prompt: A text, or the messages of a conversation.
        sampling: With what is asked of the template.

    Raises:
        InputError: The template refuses the conversation or the settings, or the folder's record cannot be read.
    """
    arguments = template_arguments(tokenizer.chat_template, sampling)
    if isinstance(prompt, str):
        return prompt
    if not arguments and tokenizer.chat_template and _recorded(model_name):
        return answer_start(tokenizer, prompt)
    return apply_chat_template(tokenizer, prompt, arguments)


def _recorded(model_name: str) -> bool | None:
    """Return whether a model was trained on conversations; None if nothing is recorded. Raises InputError."""
    path = Path(model_name) / RECORD
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): remove it, or train again") from error
    chat = recorded.get("chat") if isinstance(recorded, dict) else None
    if not isinstance(chat, bool):
        raise InputError(f'{path} does not say {{"chat": true}} or {{"chat": false}}: remove it, or train again')
    return chat
