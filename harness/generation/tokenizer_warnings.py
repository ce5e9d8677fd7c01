"""Warn where a tokenizer is not what the model was trained with, or changes the text that passes through it.

1. ``AutoTokenizer`` rebuilds some tokenizers from the class that ``tokenizer_config.json`` names, and may give other
   tokens than ``tokenizer.json`` of the same folder, read by the ``tokenizers`` library.
2. A normaliser (Unicode composition, lower case) or unknown tokens change text: decoding gives another text than was
   encoded, and a program that contains it may print something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

FILE = "tokenizer.json"
PROBES = (
    'def f(n):\n    for i in range(n):\n        print(i, 1234567, 3.14, "a  b")\n\n\nif __name__ == "__main__":\n',
    "class A:\r\n\tdef g(self, *a, **k) -> None:\r\n\t\treturn self.x[-1]  # done\r\n",
    "  I'LL won't 2024-11-30 \u00e9 e\u0301 na\u00efve \u00bd \uac00 \u4e2d\u6587 \U0001f642\u00a0end  ",
)
"""Texts with the parts on which tokenizers differ: indentation, digits, line ends, contractions, other scripts."""
SHOWN_CHARACTERS = 24
"""The longest part of a text that a warning shows."""
MOST_TEXTS = 2000
"""The most texts of a run that are compared, evenly spread: under a second a thousand."""


class NamedText(NamedTuple):
    """A text that passes through the tokenizer."""

    name: str
    """Such as ``the prompt of HumanEval/0``."""
    text: str


class Difference(NamedTuple):
    """The first place where two texts differ."""

    before: str
    after: str


def tokenizer_warnings(
    tokenizer: Any, model: str, revision: str | None, prompts: Sequence[NamedText], programs: Sequence[NamedText]
) -> list[str]:
    """Return one sentence for each of the two faults that a model's tokenizer has.

    Args:
        tokenizer: As ``AutoTokenizer`` loaded it.
        model: The folder or name that it was loaded from.
        revision: Of the name on the Hub.
        prompts: The prompts of the run.
        programs: Its canonical solutions.
    """
    texts = [NamedText("a probing text", probe) for probe in PROBES] + _spread(prompts) + _spread(programs)
    own = load_file(model, revision)
    found = [] if own is None else [_other_tokens(tokenizer, own, model, texts)]
    found.append(_changed_texts(tokenizer, _spread(prompts), _spread(programs)))
    return [warning for warning in found if warning]


def load_file(model: str, revision: str | None) -> Any | None:
    """Load a model's ``tokenizer.json`` by the ``tokenizers`` library; None if it has none that can be read."""
    from tokenizers import Tokenizer

    path = _file_of(model, revision)
    if path is None:
        return None
    try:
        own = Tokenizer.from_file(str(path))
    except Exception:  # tokenizers raises Exception itself; AutoTokenizer has loaded another file then
        return None
    own.no_truncation()
    own.no_padding()
    return own


def _file_of(model: str, revision: str | None) -> Path | None:
    """Return the path of ``tokenizer.json``: in the folder, or where transformers keeps what it downloaded."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder / FILE if (folder / FILE).is_file() else None
    from huggingface_hub import try_to_load_from_cache

    try:
        found = try_to_load_from_cache(model, FILE, revision=revision)
    except ValueError:  # not the form of a name on the Hub
        return None
    return Path(found) if isinstance(found, str) else None


def _spread(texts: Sequence[NamedText]) -> list[NamedText]:
    """Return at most ``MOST_TEXTS`` of the texts, evenly spread, each text once."""
    distinct = list({text.text: text for text in texts}.values())
    step = max(1.0, len(distinct) / MOST_TEXTS)
    return [distinct[int(number * step)] for number in range(min(len(distinct), MOST_TEXTS))]


# ---- 1. other tokens than the file's


def _other_tokens(tokenizer: Any, own: Any, model: str, texts: Sequence[NamedText]) -> str:
    """Return a sentence if the tokenizer and the file's give other tokens for any text; else an empty one."""
    differ = []
    for text in texts:
        ids, of_file = _ids(tokenizer, text.text), own.encode(text.text, add_special_tokens=False).ids
        if ids != of_file:
            differ.append((text, ids, of_file))
    if not differ:
        return ""
    text, ids, of_file = differ[0]
    at = next((n for n, (one, other) in enumerate(zip(ids, of_file, strict=False)) if one != other), 0)
    one, other = (_spelled(tokenizer, part[at:]) for part in (ids, of_file))
    return (
        f"the tokenizer of {model} gives other tokens than its {FILE} for {len(differ)} of {len(texts)} texts: in "
        f"{text.name} {one} in place of {other}. transformers built it as {type(tokenizer).__name__}; the model was "
        'probably trained with the file, which "tokenizer_class": "PreTrainedTokenizerFast" in tokenizer_config.json '
        "makes it use"
    )


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _spelled(tokenizer: Any, ids: Sequence[int]) -> str:
    """Return the first tokens as they are spelt in the vocabulary, with their numbers."""
    shown = list(ids[:3])
    names = tokenizer.convert_ids_to_tokens(shown)
    return " ".join(
        f"{number} {json.dumps(str(name), ensure_ascii=False)}" for number, name in zip(shown, names, strict=True)
    )


# ---- 2. text that comes back changed


def _changed_texts(tokenizer: Any, prompts: Sequence[NamedText], programs: Sequence[NamedText]) -> str:
    """Return a sentence if the tokenizer changes any of the texts; else an empty one."""
    counts, first = [], None
    for kind, texts in (("prompts", prompts), ("solutions", programs)):
        changed = list(_changed(tokenizer, texts))
        if changed:
            counts.append(f"{len(changed)} of {len(texts)} {kind}")
            first = changed[0]  # of the solutions, if there is one
    if first is None:
        return ""
    text, (before, after) = first
    return (
        f"the tokenizer changes {' and '.join(counts)}: in {text.name} {_described(before)} becomes "
        f"{_described(after)}; a program with such text may print something else than was written"
    )


def _changed(tokenizer: Any, texts: Sequence[NamedText]) -> Iterator[tuple[NamedText, Difference]]:
    for text in texts:
        ids = _ids(tokenizer, text.text)
        back = str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
        # SentencePiece puts a blank before the first word, or takes it away; inside a text it does not.
        if back.removeprefix(" ") != text.text.removeprefix(" "):
            yield text, first_difference(text.text, back)


def first_difference(before: str, after: str) -> Difference:
    """Return the first parts in which two texts differ, at most ``SHOWN_CHARACTERS`` of each."""
    shared = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if shared is None:
        shared = min(len(before), len(after))
    one, other = (text[shared : shared + SHOWN_CHARACTERS] for text in (before, after))
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind != "equal":
            return Difference(one[a:b], other[c:d])
    return Difference("", "")


def _described(text: str) -> str:
    """Show a text with its code points if it is short and not ASCII: an accent is not seen in the text alone."""
    if not text:
        return "nothing"
    points = " ".join(f"U+{ord(character):04X}" for character in text)
    return json.dumps(text) if text.isascii() else f"{json.dumps(text, ensure_ascii=False)} ({points})"
