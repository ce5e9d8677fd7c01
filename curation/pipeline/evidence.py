"""What a statement's own samples say, and texts cut to what a person needs to see. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.problem import dump_json

SHOWN = 400
"""Characters of one text that evidence holds."""
NEAR = 400
"""Characters of the statement between a sample's input and its output; several inputs may come first."""
NEAR_VALUES = 60
"""The same between two arguments, and before what a function returns."""

_INPUT = r"(?:inputs?|examples?)[ \t]*\d*[\W_]*?(?<![^\s:])"
_OUTPUT = re.compile(r"\boutputs?(?![a-z])", re.IGNORECASE)
_RETURNS = re.compile(r"outputs?\b|returns?\b|results?\b|[-=]+>|=+", re.IGNORECASE)
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+|[\[\]{},:]')


def as_text(value: object) -> str:
    """A text as it is, another value as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def shorten(text: str, limit: int = SHOWN) -> str:
    """A text that fits, its middle left out where it is long."""
    if len(text) <= limit:
        return text
    half = (limit - 20) // 2
    return f"{text[:half]} ...[{len(text) - 2 * half} more]... {text[-half:]}"


def shorten_pair(expected: str, actual: str, limit: int = SHOWN) -> tuple[str, str]:
    """Two texts that fit, both cut around the first place where they differ."""
    if max(len(expected), len(actual)) <= limit:
        return expected, actual
    start = max(0, first_difference(expected, actual) - limit // 2)
    return _window(expected, start, limit), _window(actual, start, limit)


def first_difference(a: str, b: str) -> int:
    """The first position where two texts differ; the shorter one's length where it begins the other."""
    shorter = min(len(a), len(b))
    return next((i for i in range(shorter) if a[i] != b[i]), shorter)


def _window(text: str, start: int, limit: int) -> str:
    before = f"[{start} before]... " if start else ""
    left = len(text) - start - limit
    after = f" ...[{left} more]" if left > 0 else ""
    return before + text[start : start + limit] + after


def sample_outputs(question: str, given: Any, call_based: bool) -> list[str]:
    """What the statement goes on with where it shows the output for this input; none where that is not its sample.

    Each is the rest of the statement from the word *output* (for values also from an arrow or an equals sign) that
    stands near the input. Whitespace does not count.
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
    """Whether one of ``sample_outputs`` begins with an output: a text, or a value as JSON text."""
    if call_based:
        return re.match(rf"[\W_]{{0,8}}?(?<![\w.-]){_value_pattern(output)}(?![\w])", sample) is not None
    tokens = r"\s+".join(map(re.escape, output.split()))
    return bool(tokens) and re.match(rf"[ \t]*\d*[\W_]*?(?<![^\s:]){tokens}(?!\S)", sample) is not None


def _ends_of_values(question: str, values: Sequence[Any]) -> Iterator[int]:
    """Where a call with these arguments ends in the statement, one argument near the other."""
    patterns = [re.compile(rf"(?<![\w.-]){_value_pattern(dump_json(value))}(?!\w)") for value in values]
    for first in patterns[0].finditer(question) if patterns else ():
        found: re.Match[str] | None = first
        for pattern in patterns[1:]:
            found = found and pattern.search(question, found.end(), found.end() + NEAR_VALUES)
        if found:
            yield found.end()


def _value_pattern(text: str) -> str:
    """A JSON text as a statement may write it: spaced, with other quotes, with Python's ``True``."""
    return r"\s*".join(map(_token_pattern, _JSON_TOKEN.findall(text)))


def _token_pattern(token: str) -> str:
    if token.startswith('"'):
        return rf"[\"']{re.escape(token[1:-1])}[\"']"
    python = {"true": "[Tt]rue", "false": "[Ff]alse", "null": "(?:null|None)"}
    return python.get(token) or re.escape(token)
