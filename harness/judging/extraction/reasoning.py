"""Find the reasoning that stands before an answer, as models write it into their text.

Known are the tags of open-weight models (``<think>``, ``<thinking>``, ``<reasoning>``, ``[THINK]``,
``<|begin_of_thought|>`` and their kin, where the chat template may have opened the tag already) and the channels of
GPT-OSS (``<|channel|>analysis<|message|>``, also where a decoder left the special tokens out).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

NONE = "none"
"""In place of a marker: nothing is reasoning."""

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
"""Behind it GPT-OSS has ended its turn."""
_BARE_CHANNEL = re.compile(r"\s*(?:assistant)?analysis(?=[\w\"'(*])")
"""GPT-OSS's first channel after a decoder that leaves special tokens out."""
_BARE_FINAL = re.compile(r"assistant\s{0,9}final")
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Where the reasoning of a text stands."""

    spans: tuple[tuple[int, int], ...] = ()
    """Characters [start, end) that are reasoning, markers included, in order."""
    finished: bool = True
    """False: the text ends inside it, and holds no answer."""
    earlier: tuple[tuple[int, int], ...] = ()
    """What was reasoning if only the first end of it is one: a later tag may be a word of the answer's prose."""


def find_reasoning(text: str, marker: str | None, in_code: Callable[[int], bool]) -> Reasoning:
    """Find what of a text is reasoning.

    Args:
        text: What the model wrote.
        marker: None looks for the known markers; ``none`` finds nothing; any other text is what ends the reasoning,
            and a text without it is reasoning to its end.
        in_code: Whether a character stands inside a block that is Python as it stands: markers there are a program's.
    """
    if marker == NONE:
        return Reasoning()
    if marker is not None:
        end = text.rfind(marker)
        return Reasoning(((0, end + len(marker)),)) if end >= 0 else Reasoning(((0, len(text)),), finished=False)
    return _channels(text) or _tags(text, in_code)


def _channels(text: str) -> Reasoning | None:
    """GPT-OSS's (OpenAI harmony format): the answer is the last message on the channel ``final`` of its turn."""
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
    """Pair opening and closing tags. A closing tag alone ends what the chat template opened: all before it."""
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
    if text[done:].strip() and done:  # an answer follows the last tag: all before it was on the way there
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
    """Whether a tag is one, and not a word in quotes or a part of a program."""
    before, after = text[max(tag.start() - 1, 0) : tag.start()], text[tag.end() : tag.end() + 1]
    quoted = before and before in _QUOTES and after == before
    return not quoted and not in_code(tag.start())


def _is_inside_line(text: str, span: tuple[int, int]) -> bool:
    """Whether there is text before and after a tag on its line, as where prose mentions it."""
    start, end = text.rfind("\n", 0, span[0]) + 1, text.find("\n", span[1])
    return bool(text[start : span[0]].strip()) and bool(text[span[1] : end if end >= 0 else len(text)].strip())


def _begins_line(text: str, tag: re.Match[str]) -> bool:
    return not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip()


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text
