"""Read from the input's format how many lines and values follow: "N-1 lines", "2n integers", ``A_1 ... A_N``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from curation.generated_tests.bounds import normalize_mathematics
from curation.generated_tests.standard_input.grammar import Body, Count, Repeat, counts_of
from curation.generated_tests.standard_input.text_model import bodies_of, cases_of
from curation.generated_tests.statement_sections import split_sections


@dataclass(frozen=True, slots=True)
class StatedCount:
    """So many follow: ``factor * name + offset``."""

    name: str
    factor: int
    offset: int


_THINGS = (
    r"(?:lines?|integers?|numbers?|elements?|rows?|space|strings?|words?|values?|characters?|letters?|edges?|queries|pairs?"
    r"|roads?|digits?|names?|blank|separated|distinct|positive|non|single|more|following|lower|real|binary|further|test)"
)
_COUNT = re.compile(
    r"(?<![\w^_|.'’])\(?(?:(\d)\s*\*?\s*)?([A-Za-z])\s*(?:([-+])\s*(\d))?\s*\)?[\s-]+"
    rf"(?:(?:the|next|other|such)\s+)?{_THINGS}\b"
)
_LAST_OF_SEQUENCE = re.compile(
    r"([A-Za-z])_?([012])\b.{0,40}?(?:\.\.+|:).{0,8}?\b\1_?\(?([2-9])?([A-Za-z])\b\s?(?:([-+])\s?(\d))?", re.DOTALL
)
_OF_SIZE = re.compile(r"\bof (?:size|length) \(?(?:(\d)\s*\*?\s*)?([A-Za-z])\s*(?:([-+])\s*(\d))?\)?(?![\w*+-]| [-+*])")
_ARTICLES = frozenset("aAiIjk")
_SEPARATED = re.compile(r"\b[A-Za-z] (?:are |is )?separated\b")
"""Names before "separated by spaces", which count nothing."""


@lru_cache(maxsize=64)
def read_counts(question: str) -> frozenset[StatedCount]:
    """Return the counts that the input's format states."""
    text = _SEPARATED.sub(" ", normalize_mathematics(split_sections(question).input))
    found: set[StatedCount] = set()
    for factor, name, sign, number in _COUNT.findall(text):
        if name not in _ARTICLES:
            found.add(StatedCount(name, int(factor or 1), int(f"{sign}{number}" if number else 0)))
    for factor, name, sign, number in _OF_SIZE.findall(text):
        if name not in _ARTICLES and (factor or number):  # "of size N" may be a text's
            found.add(StatedCount(name, int(factor or 1), int(f"{sign}{number}" if number else 0)))
    for _, first, factor, name, sign, number in _LAST_OF_SEQUENCE.findall(text):
        if name not in _ARTICLES:  # A_0 ... A_(N-1) are N
            found.add(StatedCount(name, int(factor or 1), int(f"{sign}{number}" if number else 0) + (first == "0")))
    return frozenset(found)


def support_of(body: Body, names: Mapping[int, str], stated: frozenset[StatedCount]) -> float:
    """Return how well the counts of a grammar agree with those that are stated: each that does adds, others cost."""
    score, before = 0.0, -1
    used: set[StatedCount] = set()
    for count in _inner_counts(body):
        each, is_plain = _as_stated(count, names), count.offset == 0 and count.factor == 1
        if each in stated and (is_plain or each not in used):
            score += 1.0 if each not in used else 0.3
        else:
            score -= 0.5 + 0.7 * (not is_plain)
        slot = before if count.slot is None else count.slot
        score -= 0.3 * (slot < before)  # what is counted first usually comes first
        before = slot
        used.add(each)
    used |= _lines_of_blocks(body, names)
    return score - 0.7 * sum(each not in used for each in _expected(body, names, stated))


def support_of_lines(body: Body, names: Mapping[int, str], question: str) -> float:
    """Return what it adds that blocks of lines repeat as often as the statement says: "M lines follow".

    Where no block does, lines that are as many by chance are taken for a block: it costs.
    """
    text = normalize_mathematics(question)
    counting = {
        names.get(element.count.slot, "")
        for _, inner in bodies_of(body)
        for element in inner
        if isinstance(element, Repeat) and element.count is not None and element.count.slot is not None
        if (element.count.factor, element.count.offset) == (1, 0)
    }
    followed = set(_LINES_FOLLOW.findall(text)) & set(names.values())
    return 0.5 * len(counting & set(_LINES.findall(text))) - 1.5 * len(followed - counting)


_LINES = re.compile(r"\b([A-Za-z])\s+(?:(?:more|other|following|subsequent|next|separate)\s+)?(?:lines|rows)\b")
_LINES_FOLLOW = re.compile(r"(?:\bnext\s+)?\b([A-Za-z]) lines\b(?= follow\b|(?<=next . lines))")


def unsupported(body: Body, names: Mapping[int, str], stated: frozenset[StatedCount]) -> list[str]:
    """Return what the grammar and the statement do not agree on: counts that fit the given inputs by chance alone."""
    used = {_as_stated(count, names) for count in _inner_counts(body)}
    bent = [each for each in used - stated if each.factor != 1 or each.offset != 0]
    used |= _lines_of_blocks(body, names)
    left = [each for each in _expected(body, names, stated) - used if each.factor != 1 or each.offset != 0]
    cases = names.get(0) if cases_of(body) is not None else None
    counting = {_as_stated(count, names) for count in _inner_counts(body)}
    known = {each.name.lower() for each in stated}
    other = [each for each in counting if each.name and each.name.lower() not in known and each not in bent]
    missing = {each.name.lower() for each in stated - used} - {name.lower() for name in [cases] if name}
    missing -= {each.name.lower() for each in used}
    left += other if missing else []  # counted by another name than the one that is stated
    return [f"{each.factor} * {each.name} + {each.offset} follow" for each in sorted(bent + left, key=str)]


def _expected(body: Body, names: Mapping[int, str], stated: frozenset[StatedCount]) -> frozenset[StatedCount]:
    """Return the stated counts that a grammar should have: of names that are bound, but the number of cases."""
    cases = names.get(0) if cases_of(body) is not None else None
    return frozenset(each for each in stated if each.name in names.values() and each.name != cases)


def _lines_of_blocks(body: Body, names: Mapping[int, str]) -> frozenset[StatedCount]:
    """Return how many lines the blocks of several lines have in all: N blocks of two lines are 2N lines."""
    found: set[StatedCount] = set()
    for _, inner in bodies_of(body):
        for element in inner:
            if isinstance(element, Repeat) and element.count is not None and element.count.slot is not None:
                lines = len(element.body)
                if lines > 1 and not any(isinstance(each, Repeat) for each in element.body):
                    each = _as_stated(element.count, names)
                    found.add(StatedCount(each.name, lines * each.factor, lines * each.offset))
    return frozenset(found)


def _inner_counts(body: Body) -> list[Count]:
    """Return the counts of a grammar, but constants and the number of cases."""
    block = cases_of(body)
    return [count for count in counts_of(body if block is None else block.body) if count.slot is not None]


def _as_stated(count: Count, names: Mapping[int, str]) -> StatedCount:
    assert count.slot is not None
    return StatedCount(names.get(count.slot, ""), count.factor, count.offset)
