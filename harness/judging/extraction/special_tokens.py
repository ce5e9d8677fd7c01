"""Find the special tokens that a decoder left in a model's text: end of text, end of turn, roles.

The names are those of the tokenizers of GPT-2, Qwen, Llama 2 and 3, Gemma, DeepSeek, Phi and GPT-OSS.
"""

from __future__ import annotations

import re

_PIPED = r"<[|\uff5c][^<>|\uff5c\s]{1,60}[|\uff5c]>"
"""``<|im_end|>``, and DeepSeek's with full-width bars."""
_NAMED = (
    r"</?s>|<eos>|<EOT>|<eod>|<unk>|<pad>|<bos>|<(?:start|end)_of_turn>|<turn\|>|<file_sep>|<fim_\w{1,20}>|"
    r"</?(?:user|assistant|system)>|\[/?INST\]|\[EOS\]|\[UNUSED_TOKEN_\d{1,4}\]"
)
END = re.compile(rf"(?:{_PIPED}|{_NAMED})(?:assistant|user)?\s*\Z")
"""A special token at the end of a text."""
_STOP = re.compile(
    r"</s>\s*(?=<[|\uff5c])|<end_of_turn>\s*(?=<start_of_turn>)|<file_sep>|"
    r"<[|\uff5c](?:file_sep|endoftext|im_end|eot_id|end_of_text|EOT|eom_id|end|return|end\u2581of\u2581sentence|im_start)[|\uff5c]>"
)
"""End tokens after which a model that was not stopped writes another document."""
_ROLE = re.compile(
    rf"\s*(?:(?:{_PIPED}|<s>|<bos>|<start_of_turn>|</s>)\s*(?:(?:assistant|model)\b\s*(?:<\|end_header_id\|>)?)?)+"
)
"""Role markers that a chat template puts before an answer."""


def end_of_text(text: str, start: int = 0) -> int:
    """Return the index where the special tokens at the end of a text begin; its length if there are none.

    A text ends at its first end-of-text token. Tokens between quotes belong to a program.
    """
    stops = (token.start() for token in _STOP.finditer(text, start) if not _in_string(text, token))
    end = next(stops, len(text))
    while (last := END.search(text, max(start, end - 200), end)) is not None:
        end = last.start()
    return end


def _in_string(text: str, token: re.Match[str]) -> bool:
    """Return whether the token is between quotation marks on its line."""
    line_start = text.rfind("\n", 0, token.start()) + 1
    line_end = text.find("\n", token.end())
    before, after = text[line_start : token.start()], text[token.end() : line_end if line_end >= 0 else len(text)]
    return any(before.count(quote) % 2 and quote in after for quote in "\"'")


_LEADING_WORDS = re.compile(r"\s*(?:(?:assistant|model|[Pp]ython3?|Copy(?: code)?)[ \t]*(?:\r\n|\r|\n))+")
"""A role, or the head of a code block on a web page; no program begins with such a line."""
_TRANSCRIPT = re.compile(r"\s*(?:<\|begin_of_text\|>)?<\|(?:im_start|start_header_id)\|>\s*(?:system|user)\b")
_TURN = re.compile(r"<\|(?:im_start\|>\s*assistant|start_header_id\|>\s*assistant<\|end_header_id\|>)\s*")
"""The start of the model's turn in a whole conversation."""


def start_of_text(text: str) -> int:
    """Return the index where a text begins after the role markers of a chat template; 0 if there are none."""
    if (words := _LEADING_WORDS.match(text)) is not None:
        return words.end()
    if _TRANSCRIPT.match(text) and (turn := _TURN.search(text)) is not None:
        return turn.end()
    role = _ROLE.match(text)
    return role.end() if role is not None and role.group().strip() else 0
