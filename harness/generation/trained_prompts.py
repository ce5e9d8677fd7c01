"""Decide whether a model is prompted through a chat template: as its training recorded, else if its tokenizer has one.

A model that was trained on plain prompts may have the chat template of the model that it began as. Prompted through
it, it would be scored on texts that it was not trained on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically

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
    if not tokenizer.chat_template:
        return False
    path = Path(model_name) / RECORD
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): remove it, or train again") from error
    chat = recorded.get("chat") if isinstance(recorded, dict) else None
    if not isinstance(chat, bool):
        raise InputError(f'{path} does not say {{"chat": true}} or {{"chat": false}}: remove it, or train again')
    return chat
