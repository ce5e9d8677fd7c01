"""Find the samples that a statement shows, to compare their outputs with those of a test. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.problem import dump_json
from curation.pipeline.shorten import as_text

NEAR = 400
"""Characters of the statement between a sample's input and its output; several inputs may come first."""
NEAR_VALUES = 60
"""The same between two arguments, and before the returned value."""

_INPUT = r"(?:inputs?|examples?)[ \t]*\d*[\W_]*?(?<![^\s:])"
_OUTPUT = re.compile(r"\boutputs?(?![a-z])", re.IGNORECASE)
_RETURNS = re.compile(r"outputs?\b|returns?\b|results?\b|[-=]+>|=+", re.IGNORECASE)
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+|[\[\]{},:]')


def sample_outputs(question: str, given: Any, call_based: bool) -> list[str]:
    """Find the places where the statement shows the output of a sample with this input; none without such a sample.

    Each is the rest of the statement after the word *output* (for values also an arrow or an equals sign) near the
    input. Whitespace does not count.
    """
    if len(as_text(given)) > len(question):
        return []
    if call_based:
        ends = _ends_of_values(question, given if isinstance(given, list) else [given])
        heads = (_RETURNS.search(question, end, end + NEAR_VALUES) for end in ends)
        return [question[head.end() :] for head in heads if head is not None]
    tokens = str(given).split()
    if not tokens:
        return []
    sample = re.compile(_INPUT + r"\s+".join(map(re.escape, tokens)) + r"(?!\S)", re.IGNORECASE)
    ends = (match.end() for match in sample.finditer(question))
    return [question[head.end() :] for end in ends for head in _OUTPUT.finditer(question, end, end + NEAR)]


def shows_output(sample: str, output: str, call_based: bool) -> bool:
    """Return whether one of ``sample_outputs`` begins with an output: a text, or a value as JSON text."""
    if call_based:
        return re.match(rf"[\W_]{{0,8}}?(?<![\w.-]){_value_pattern(output)}(?![\w])", sample) is not None
    tokens = r"\s+".join(map(re.escape, output.split()))
    return bool(tokens) and re.match(rf"[ \t]*\d*[\W_]*?(?<![^\s:]){tokens}(?!\S)", sample) is not None


def _ends_of_values(question: str, values: Sequence[Any]) -> Iterator[int]:
    """Yield the positions in the statement where a call with these arguments, one near the other, ends."""
    patterns = [re.compile(rf"(?<![\w.-]){_value_pattern(dump_json(value))}(?!\w)") for value in values]
    for first in patterns[0].finditer(question) if patterns else ():
        found: re.Match[str] | None = first
        for pattern in patterns[1:]:
            found = found and pattern.search(question, found.end(), found.end() + NEAR_VALUES)
        if found:
            yield found.end()


def _value_pattern(text: str) -> str:
    """Return a pattern for a JSON text as a statement may write it: spaced, other quotes, Python's ``True``."""
    return r"\s*".join(map(_token_pattern, _JSON_TOKEN.findall(text)))


def _token_pattern(token: str) -> str:
    if token.startswith('"'):
        return rf"[\"']{re.escape(token[1:-1])}[\"']"
    python = {"true": "[Tt]rue", "false": "[Ff]alse", "null": "(?:null|None)"}
    return python.get(token) or re.escape(token)
