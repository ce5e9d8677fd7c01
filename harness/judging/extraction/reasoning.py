"""Find the reasoning before an answer in a model's text.

Supported are the tags of open-weight models (``<think>``, ``<thinking>``, ``<reasoning>``, ``[THINK]``,
``<|begin_of_thought|>`` and others; the chat template may have opened the tag already) and the channels of GPT-OSS
(``<|channel|>analysis<|message|>``, also if a decoder removed the special tokens).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

NONE = "none"
"""Value of the marker that means: there is no reasoning."""

_WORD = (
    r"(?:\w{1,20}[:_])?(?:think|thinking|antThinking|thought|thoughts|thought_process|reasoning|reasoning_process|reason|"
    r"analysis|reflection|scratchpad|planning|inner_monologue)"
)
_OPEN = re.compile(
    rf"<{_WORD}\s{{0,3}}>|\[THINK\]|<\|(?:begin_of_thought|START_THINKING|inner_prefix|thinking|think)\|>|\u25c1think\u25b7|"
    r"<\|channel>thought\b|<unused94>",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</{_WORD}\s{{0,3}}>|\[/THINK\]|<\|(?:end_of_thought|END_THINKING|inner_suffix|/thinking|/think)\|>|\u25c1/think\u25b7|"
    r"<channel\|>|<unused95>|<\|end\|><\|begin\|>assistant(?:<\|content\|>)?",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s{0,9}(\w{1,20})\b[^<]{0,80}(?:<\|constrain\|>[^<]{0,80})?<\|message\|>")
_RETURN = "<|return|>"
"""The end of GPT-OSS's turn."""
_BARE_CHANNEL = re.compile(r"\s*(?:assistant)?analysis(?=[\w\"'(*])")
"""GPT-OSS's first channel, if a decoder removed the special tokens."""
_BARE_FINAL = re.compile(r"assistant\s{0,9}final")
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The spans of the reasoning in a text."""

    spans: tuple[tuple[int, int], ...] = ()
    """Characters [start, end) that are reasoning, markers included, in order."""
    finished: bool = True
    """False: the text ends inside the reasoning, without an answer."""
    earlier: tuple[tuple[int, int], ...] = ()
    """The spans if the first closing tag ends the reasoning, and the answer's prose only mentions later tags."""


def find_reasoning(text: str, marker: str | None, in_code: Callable[[int], bool]) -> Reasoning:
    """Find the reasoning in a text.

    Args:
        text: The model's text.
        marker: None looks for the known markers; ``none`` finds nothing; any other text ends the reasoning, and a text
            without it is reasoning to its end.
        in_code: Whether the character at an index is inside a block of valid Python, where markers are ignored.
    """
    if marker == NONE:
        return Reasoning()
    if marker is not None:
        end = text.rfind(marker)
        return Reasoning(((0, end + len(marker)),)) if end >= 0 else Reasoning(((0, len(text)),), finished=False)
    return _channels(text) or _tags(text, in_code)


def _channels(text: str) -> Reasoning | None:
    """Find reasoning in OpenAI's harmony format: the answer is the last message on the channel ``final``."""
    channels = list(_CHANNEL.finditer(text, 0, text.find(_RETURN) if _RETURN in text else len(text)))
    if channels:
        final = [channel for channel in channels if channel[1] == "final"]
        if final:
            return Reasoning(((0, final[-1].end()),))
        return Reasoning(((0, len(text)),), finished=False)
    if _BARE_CHANNEL.match(text):
        finals = list(_BARE_FINAL.finditer(text))
        if finals:
            return Reasoning(((0, finals[-1].end()),))
        return Reasoning(((0, len(text)),), finished=False)
    return None


def _tags(text: str, in_code: Callable[[int], bool]) -> Reasoning:
    """Pair opening and closing tags. A closing tag alone ends reasoning that the chat template opened."""
    opened = [tag for tag in _OPEN.finditer(text) if _counts(text, tag, in_code)]
    starts = [tag.start() for tag in opened]
    pairs: list[tuple[int, int]] = []
    alone: list[tuple[int, int]] = []
    done = 0
    for tag in (tag for tag in _CLOSE.finditer(text) if _counts(text, tag, in_code)):
        first = next((start for start in starts[bisect_right(starts, done - 1) :] if start < tag.start()), None)
        if first is not None:
            pairs.append((first, tag.end()))
        else:
            alone.append(tag.span())
        done = tag.end()
    spans = tuple(pairs) if pairs else ()
    if text[done:].strip() and done:  # an answer follows the last tag: everything before it is reasoning
        spans = ((0, done),)
    elif alone:  # a stray tag at the very end of an answer
        spans = tuple(sorted([*pairs, *alone]))
    left = next((tag for tag in opened if tag.start() >= done and _begins_line(text, tag)), None)
    if left is None:
        first = min((end for _, end in (*pairs, *alone)), default=0)
        later = [span for span in (*pairs, *alone) if span[1] > first]
        mentions = bool(later) and all(span in alone and _is_inside_line(text, span) for span in later)
        return Reasoning(spans, earlier=((0, first),) if mentions else ())
    nothing_before = not _without(text[: left.start()], list(spans)).strip()
    return Reasoning((*spans, (left.start(), len(text))), finished=not nothing_before)


def _counts(text: str, tag: re.Match[str], in_code: Callable[[int], bool]) -> bool:
    """Return whether a tag counts: it is not between quotes, and not in a program."""
    before, after = text[max(tag.start() - 1, 0) : tag.start()], text[tag.end() : tag.end() + 1]
    quoted = before and before in _QUOTES and after == before
    return not quoted and not in_code(tag.start())


def _is_inside_line(text: str, span: tuple[int, int]) -> bool:
    """Return whether there is text before and after a tag on its line, so that prose may only mention it."""
    start, end = text.rfind("\n", 0, span[0]) + 1, text.find("\n", span[1])
    return bool(text[start : span[0]].strip()) and bool(text[span[1] : end if end >= 0 else len(text)].strip())


def _begins_line(text: str, tag: re.Match[str]) -> bool:
    return not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip()


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text
