"""Programs from what a model wrote: a curriculum prefix and a completion become one source.

A model that continues text writes the rest of the program. A chat model writes an answer in Markdown: the program is
its last fenced block that says it is Python (its last block, where none does), which goes on where the prefix ends or
repeats it. What a model writes is part of the source as it stands: characters of the one can be found in the
other, which is what the loss mask needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from stepcoder.records import Assembled

_FENCE = re.compile(r"^[ \t]*(?P<marks>```+|~~~+)[ \t]*(?P<language>[^\s`]*)[^`\n]*$", re.MULTILINE)
_PYTHON = frozenset(("python", "python3", "py"))


def assemble(prefix: str, completion: str, chat: bool = False) -> Assembled:
    """Put a program together.

    Args:
        prefix: The part of the canonical solution that the model was given; empty: none.
        completion: What the model wrote, as text.
        chat: Whether it is an answer in Markdown; where there is no fenced block in it, all of it is the code.
    """
    start, end = code_span(completion) if chat else (0, len(completion))
    code = completion[start:end]
    stands_alone = chat and bool(prefix.strip()) and code.lstrip("\n").startswith(prefix.strip("\n"))
    before = "" if stands_alone else prefix
    return Assembled(before + code, len(before), start, end)


def code_span(answer: str) -> tuple[int, int]:
    """The characters [start, end) of an answer in Markdown that are the program.

    Where the prompt had opened a block, so that the answer begins with code, it is what comes before its end. A block
    that is opened and never closed reaches to the end of the answer.
    """
    fences = list(_FENCE.finditer(answer))
    if fences and _closes_what_the_prompt_opened(fences, answer):
        return 0, fences[0].start()
    blocks = list(_blocks(fences, len(answer)))
    chosen = [block for language, *block in blocks if language in _PYTHON] or [block for _, *block in blocks]
    return (chosen[-1][0], chosen[-1][1]) if chosen else (0, len(answer))


def _closes_what_the_prompt_opened(fences: Sequence[re.Match[str]], answer: str) -> bool:
    """Whether the first fence closes a block: bare, after text, and without another that could close its own."""
    if fences[0]["language"] or not answer[: fences[0].start()].strip():
        return False
    return len(fences) % 2 == 1 or not _closes(fences[1], fences[0])


def _blocks(fences: Iterable[re.Match[str]], length: int) -> Iterator[tuple[str, int, int]]:
    """The language, start and end of each fenced block of an answer of that length, in order."""
    opening: re.Match[str] | None = None
    for fence in fences:
        if opening is None:
            opening = fence
        elif _closes(fence, opening):
            yield _language(opening), opening.end() + 1, fence.start()
            opening = None
    if opening is not None:
        yield _language(opening), min(opening.end() + 1, length), length


def _language(opening: re.Match[str]) -> str:
    return opening["language"].strip("{.}").lower()


def _closes(fence: re.Match[str], opening: re.Match[str]) -> bool:
    return not fence["language"] and fence["marks"] == opening["marks"]
