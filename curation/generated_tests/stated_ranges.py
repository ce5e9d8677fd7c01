"""Read from a statement what it says of the values of inputs: ranges, lengths, and how quantities compare.

Pure: a text in, records out. What it reads are chains of comparisons (``1 <= l <= r <= n``, ``1 ≤ |S| ≤ 10^5``,
``1 <= nums.length <= 100``, ``0 \\leq a_i, b_i < 2^{28}``) and a few turns of prose ("between 1 and 100", "not
exceeding 1000"). The constraints and the input's format go before the body of the statement, which states the
same names for other ends ("choose i such that 1 <= i <= n"). Alphabets, orders and promises: ``stated_promises``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from curation.generated_tests.bounds import NUMBER, Bound, normalize_mathematics, read_bound
from curation.generated_tests.comparison_chains import NAME, Chain, read_chains
from curation.generated_tests.statement_sections import split_sections

_LENGTH_OF = re.compile(
    r"\b(?:[Ll]ength|[Ss]ize|len)\s*(?:of\s+)?(?:(?:the|a|each|every|given)\s+)*"
    r"(?:string|word|array|list|sequence|name|text)?s?\s*(?:of\s+)?"
    r"(?:\(\s*([A-Za-z]\w*)\s*\)"
    r"|([A-Z][a-z]?\b|[a-z]_?[i1-9]?\b)(?=\s*(?:<|>|[=]|is\b|does|do|not|between|will|at|in\b)))"
)

_BREAK = re.compile(
    r"\n\s*\n|\n(?=\s*(?:[-*•]|\d+\.)\s)|(?<=[a-z)\]\d][.!?])\s+(?=[A-Z\"'(])"
    r"|(?<=[\w)|] \.)\s+(?=[A-Z])|(?<=\s[A-Z]\.)\s+(?=(?:All|Each|For|If|In|It|Next|The|Then|There|We|You)\b)"
    r"|(?<=[\d)])\s*\n"
)
"""The end of a sentence: at an empty line, before a list item, after a full stop, after a line of a constraint."""


@dataclass(frozen=True, slots=True)
class Range:
    """The stated range of one quantity. Ends are inclusive; each holds every statement of it (the tightest counts)."""

    lows: tuple[Bound, ...] = ()
    highs: tuple[Bound, ...] = ()

    def low(self, known: Mapping[str, int | float] | None = None) -> int | float | None:
        """Return the largest of the lower ends whose names are known; None: there is none."""
        return max(_values(self.lows, known), default=None)

    def high(self, known: Mapping[str, int | float] | None = None) -> int | float | None:
        """Return the least of the upper ends whose names are known; None: there is none."""
        return min(_values(self.highs, known), default=None)

    def __and__(self, other: Range) -> Range:
        return Range(tuple(dict.fromkeys(self.lows + other.lows)), tuple(dict.fromkeys(self.highs + other.highs)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two quantities that the statement compares: ``l <= r``, ``k < n - 1``, ``u != v``."""

    left: Bound
    operator: str
    """``<=``, ``<``, ``!=``, ``%`` (the left is a multiple of the right) or ``gcd`` (they have no common divisor)."""
    right: Bound


@dataclass(frozen=True, slots=True)
class StatedRanges:
    """The ranges of a statement, by canonical name (``canonical_name``)."""

    values: Mapping[str, Range] = field(default_factory=dict)
    """Of numbers: ``n``; ``a[]`` for elements of ``a``; ``nums[][]`` for elements of its elements."""
    lengths: Mapping[str, Range] = field(default_factory=dict)
    """Of texts and lists: ``s`` for ``|s|`` and ``s.length``, ``s[]`` for the length of each of several."""
    comparisons: tuple[Comparison, ...] = ()

    def of_value(self, name: str) -> Range | None:
        """Return the range of a number, by any spelling of its name; None: not stated."""
        return _look_up(self.values, name)

    def of_length(self, name: str) -> Range | None:
        """Return the range of a length, by any spelling of the name of what has it; None: not stated."""
        return _look_up(self.lengths, name)


@lru_cache(maxsize=64)
def read_ranges(question: str) -> StatedRanges:
    """Read the ranges that a statement states.

    Ranges of subtasks count where the rest states none, since an input of a subtask is valid. A range whose ends
    contradict each other was misread and is left out.
    """
    sections = split_sections(question)
    found = _Found()
    about_input = f"{sections.input}\n{sections.constraints}"
    for text in (about_input, sections.body, sections.subtasks):
        later = _Found()
        for line in sentences(text):
            later.read(line)
        later.settle()
        if text is sections.body and about_input.strip():
            later.comparisons.clear()
        found.add_missing(later)
    return StatedRanges(
        {name: each for name, each in found.values.items() if not _is_contradictory(each)},
        {name: each for name, each in found.lengths.items() if not _is_contradictory(each)},
        tuple(dict.fromkeys(found.comparisons)),
    )


_PROSE_WORDS = frozenset("the then and are that this such where with for each all min max".split())
"""Words beside a comparison that are no quantities."""
_SUM = re.compile(
    r"\b([A-Za-z])_?\(?[01]\)?\s*\+\s*(?:\1_?\(?[12]\)?\s*\+\s*)*\.\.\.\s*\+\s*\1_?\(?\w+\)?(?:\s?-\s?1)?"
)
"""A sum of all elements of a list: ``a_1 + a_2 + ... + a_n``; it is read as the name ``sum_a``."""
_ORDERED = re.compile(
    r"\b([A-Za-z])_?1\s*<=?\s*\1_?2\s*<=?\s*(?:\1_?\d\s*<=?\s*)?\.\.\.\s*<=?\s*\1_?(?:\([^()]{1,4}\)|\w)(?!\w)"
)
"""Elements of a list in order, in a chain: ``1 <= a_1 < a_2 < ... < a_n <= m`` states a range of each."""
_ELEMENTS = re.compile(
    r"\b([A-Za-z])_?1 ?, ?\1_?2 ?,? ?(?:\1_?3 ?,? ?)?\.\.\. ?,? ?\1_?(?:\([^()]{1,4}\)|[A-Za-z])(?!\w)"
)
"""All elements of a list, written out: ``A1, A2, A3 ... An``."""
_SET = re.compile(rf"({NAME})\s*(?:\\in(?![a-z])|∈)\s*\{{?\s*(-?\d+)((?:\s*,\s*-?\d+)+)\s*\}}?(?![\w.,]*\.\.\.)")
"""A quantity of a set of numbers: ``x \\in {0, 1}``."""
_MULTIPLE_OF = re.compile(
    r"(?<![\w*/+-])([A-Za-z]) is (?:always )?(?:evenly )?(?:divisible by|a multiple of) ([A-Za-z])(?![\w'*/+-])"
    r"|(?<![\w*/+-])(?P<divisor>[A-Za-z]) (?:divides|is a (?:divisor|factor) of) (?P<multiple>[A-Za-z])(?![\w'*/+-])"
)
_EXACT_LENGTH = re.compile(
    r"(?P<condition>\b(?:if|when|where)\s+)?\|\s*(?P<text>[A-Za-z]\w*)\s*\|\s+(?:is|will be|=)\s+"
    r"(?:exactly |always )?(?P<length>\d{1,5})"
    r"(?!\w|[.,]\d|\s*(?:or|and|to|then|,)\b)"
)
"""A length that is always the same: "length of s is 8"."""
_LENGTH_EQUALS = re.compile(r"(?<![\w.])([A-Za-z]\w*)\.(?:length|size) ?==? ?(\d{1,5})(?![\w.]*\d|\w| ?[-+*/])")
"""A length that is always the same, as LeetCode writes it: ``order.length == 26``."""
_LENGTH = re.compile(r"\b([A-Za-z]\w*)\.(?:length|size)\b(?:\(\))?|\|\s*([A-Za-z]\w*)\s*\|")
"""A length within an expression: ``min(26, s.length)``."""
_COPRIME = re.compile(
    r"\bgcd\s*\(\s*([A-Za-z])\s*,\s*([A-Za-z])\s*\)\s*=\s*1\b"
    r"|(?<![\w*/+-])([A-Za-z]) and ([A-Za-z]) (?:are|will be) (?:always )?co-?prime\b",
    re.IGNORECASE,
)
_AT_MOST_LENGTH = re.compile(
    r"\b([A-Za-z])\b,? (?:is not (?:more|greater|larger) than|(?:doesn't|doesn’t|does not|will not) exceed|is at most)"
    r" the (?:length|size) of (?:the )?(?:string |word |text |array |list )?([A-Za-z])\b"
)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a normalised text; list items and lines of constraints separately."""
    text = normalize_mathematics(text)
    for part in _BREAK.split(text):
        if sentence := re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", " ".join(part.split())):
            yield sentence


def with_elements(text: str) -> str:
    """Return a normalised text with ``a_i`` for all elements of a list that are written out: ``a_1, a_2, ..., a_n``."""
    return _ELEMENTS.sub(r"\1_i", text)


def canonical_name(name: str) -> str:
    """Return one spelling of a name: ``a[]`` for ``a_i``, ``a[i]``, ``Ai``; ``a1`` for ``a_1``."""
    name = name.strip().strip("'").replace(" ", "").replace("{", "").replace("}", "")
    brackets = "[]" * name.count("[")
    base = re.sub(r"\[[^\]]*\]", "", name)
    if match := re.fullmatch(r"([A-Za-z]\w*?)_?(?:([ijk])_?([ijk])|([ijk])|_([a-zA-Z])([a-zA-Z]))", base):
        depth = 2 if match[2] or match[5] else 1
        if len(base) <= 3 or "_" in base:
            return match[1] + "[]" * depth + brackets
    return base.replace("_", "") + brackets if not re.fullmatch(r"\w{4,}", base) else base + brackets


class _Found:
    """The ranges read so far from one part of the statement."""

    def __init__(self) -> None:
        self.values: dict[str, Range] = {}
        self.lengths: dict[str, Range] = {}
        self.comparisons: list[Comparison] = []
        self.passed: list[tuple[str, Bound]] = []
        """Low ends that elements of lists pass on: they count where no other is stated, as the lists may be empty."""

    def read(self, sentence: str) -> None:
        sentence = with_elements(_ORDERED.sub(r"\1_i", _SUM.sub(r"sum_\1", sentence)))
        sentence = _AT_MOST_LENGTH.sub(r" \1 <= |\2| ", sentence)
        sentence = _LENGTH_OF.sub(lambda m: f" |{m[1] or m[2]}| ", sentence)
        for found in _EXACT_LENGTH.finditer(sentence):
            length = Bound(found["length"])
            if not found["condition"]:
                self._narrow(f"|{found['text']}|", length, length)
        for found in _LENGTH_EQUALS.finditer(sentence):
            self._narrow(f"|{found[1]}|", Bound(found[2]), Bound(found[2]))
        for found in _SET.finditer(sentence):
            self._read_set(found[1], [int(number) for number in re.findall(r"-?\d+", found[2] + found[3])])
        for found in _MULTIPLE_OF.finditer(sentence):
            self._relate(found[1] or found["multiple"], "%", found[2] or found["divisor"])
        for found in _COPRIME.finditer(sentence):
            self._relate(found[1] or found[3], "gcd", found[2] or found[4])
        for links in read_chains(sentence):
            self._read_chain(links)
        for name, low, high in read_prose(sentence):
            self._narrow(name, low, high)

    def settle(self) -> None:
        for name, low in self.passed:
            known = self.values.get(canonical_name(name), Range())
            if not known.lows:
                self._narrow(name, low, None)

    def add_missing(self, later: _Found) -> None:
        for mine, other in ((self.values, later.values), (self.lengths, later.lengths)):
            for name, stated in other.items():
                mine.setdefault(name, stated)
        self.comparisons = self.comparisons or later.comparisons

    def _read_set(self, name: str, numbers: list[int]) -> None:
        """Read a set of numbers that are next to each other, which is a range."""
        if sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers))):
            self._narrow(name, Bound(str(min(numbers))), Bound(str(max(numbers))))

    def _read_chain(self, links: Chain) -> None:
        links = _ascending(links)
        for index, (names, _) in enumerate(links):
            for name in names:
                if re.fullmatch(NAME, name):
                    low, high = _ends(links, index)
                    if low is not None and _is_below_elements(links, index, name):
                        self.passed.append((name, low))
                        low = None
                    self._narrow(name, low, high)
        for (left, _), (right, operator) in pairwise(links):
            if operator in (">", ">="):
                left, right, operator = right, left, operator.replace(">", "<")
            self._compare(left, operator, right)

    def _compare(self, lefts: list[str], operator: str, rights: list[str]) -> None:
        for left in map(_bound_of, lefts):
            for right in map(_bound_of, rights):
                if left and right and left.names and right.names and not _PROSE_WORDS & {*left.names, *right.names}:
                    self.comparisons.append(Comparison(left, operator, right))

    def _relate(self, left: str, operator: str, right: str) -> None:
        first, second = canonical_name(left), canonical_name(right)
        self.comparisons.append(Comparison(Bound(first, (first,)), operator, Bound(second, (second,))))

    def _narrow(self, name: str, low: Bound | None, high: Bound | None) -> None:
        target, key = self.values, canonical_name(name)
        if inner := _inside_length(name):
            target, key = self.lengths, canonical_name(inner)
        stated = Range((low,) if low else (), (high,) if high else ())
        if stated != Range():
            target[key] = target[key] & stated if key in target else stated


_PROSE_HIGH = (
    r"(?:not|n't|never|no) (?:to )?(?:exceed(?:s|ing)?|(?:be )?(?:more|greater|larger|longer) than)"
    r"|at most|(?:less|smaller) than or equal to|up to"
)
_PROSE_BELOW = r"(?:strictly )?(?:less|smaller|fewer) than(?! or)"
_PROSE_ENDS = r"(?:between|from|in (?:the )?(?:range|interval)(?: (?:from|of))?)"
_PROSE = re.compile(
    rf"(?P<length>\b(?:length|size)\b[^.,;<>]{{0,25}}?)?(?<![\w|])(?P<name>\|\w+\||[A-Z]|[a-zA-Z]_?[ij\d]|[b-zB-HJ-Z])(?![\w'|’])"
    rf"(?P<between>(?:(?!\b(?:sum|total|product|answer)\b)[^.;<>()]){{0,60}}?)\(?\b(?:"
    rf"(?P<high>{_PROSE_HIGH})\s+(?:by )?(?P<most>-?{NUMBER})"
    rf"|(?P<below>{_PROSE_BELOW})\s+(?P<under>-?{NUMBER})"
    rf"|{_PROSE_ENDS}\s*[\[(]?\s*(?P<from>-?{NUMBER})\s*(?:,|and|to|-|\.\.\.)\s*(?P<to>-?{NUMBER}|[a-zA-Z]\b))"
)


def read_prose(sentence: str) -> Iterator[tuple[str, Bound | None, Bound | None]]:
    """Yield the ranges that a normalised sentence states in words: name (``|s|`` for a length), low, high."""
    for match in _PROSE.finditer(sentence):
        between = match["between"]
        is_length = bool(match["length"]) or bool(re.search(r"\b(?:length|size|characters|long)\b", between))
        name = f"|{match['name']}|" if is_length and "|" not in match["name"] else match["name"]
        high = match["most"] or match["under"] or match["to"]
        top, low = read_bound(high), read_bound(match["from"]) if match["from"] else None
        if top is None or "sum" in sentence[: match.start()].split()[-4:]:
            continue
        if re.search(r"absolute|modulus|by abs", between) and top.number is not None:
            low = Bound(str(-top.number))
        yield name, low, Bound(top.expression, top.names, -1) if match["under"] else top


def _ascending(links: Chain) -> Chain:
    """Return a chain of ``>`` and ``>=`` the other way round; any other as it is."""
    if any(operator not in (">", ">=") for _, operator in links[1:]):
        return links
    operators = ["", *(operator.replace(">", "<") for _, operator in links[:0:-1])]
    return [(terms, operator) for (terms, _), operator in zip(reversed(links), operators, strict=True)]


def _is_below_elements(links: Chain, index: int, name: str) -> bool:
    """Return whether a low end comes from elements of lists, which may be empty: ``n`` in ``1 <= a_i < b_i <= n``."""
    before = links[index - 1][0] if index > 1 else []
    return "[]" not in canonical_name(name) and any("[]" in canonical_name(each) for each in before)


def _ends(links: Chain, index: int) -> tuple[Bound | None, Bound | None]:
    """Return the nearest ends of a member of a chain on either side that are numbers, else expressions."""
    return _end(links[: index + 1][::-1], True), _end(links[index:], False)


def _end(links: Chain, before: bool) -> Bound | None:
    """Return the bound that the rest of a chain, read away from its first member, puts on that member."""
    strict = 0
    operators = [operator for _, operator in (links[:-1] if before else links[1:])]
    for (terms, _), operator in zip(links[1:], operators, strict=True):
        if operator not in ("<", "<="):
            return None
        strict += operator == "<"
        numbers = [bound for term in terms if (bound := read_bound(term)) and bound.number is not None]
        if len(terms) == 1 and numbers:
            offset = strict if before else -strict
            return Bound(numbers[0].expression, (), offset)
    return None


def _bound_of(term: str) -> Bound | None:
    """Return a term as a bound over canonical names; None if it is more than arithmetic."""
    inner = _inside_length(term)
    if inner:
        return Bound(f"len_{canonical_name(inner)}", (f"len_{canonical_name(inner)}",))
    if re.fullmatch(NAME, term):
        name = canonical_name(term)
        return Bound(name, (name,))
    return read_bound(_LENGTH.sub(lambda m: f"len_{canonical_name(m[1] or m[2])}", term))


def _inside_length(name: str) -> str | None:
    if match := re.fullmatch(r"\|\s*(.*?)\s*\||(.*)\.(?:length|size)(?:\(\))?|(?:len|length|size)\s*\((.*)\)", name):
        return match[1] or match[2] or match[3]
    return None


def _values(bounds: tuple[Bound, ...], known: Mapping[str, int | float] | None) -> Iterator[int | float]:
    for bound in bounds:
        value = bound.value(known or {})
        if value is not None:
            yield value


def _is_contradictory(stated: Range) -> bool:
    low, high = stated.low(), stated.high()
    return (low if low is not None else -math.inf) > (high if high is not None else math.inf)


def _look_up(stated: Mapping[str, Range], name: str) -> Range | None:
    key = canonical_name(name)
    keys: list[Any] = [key, key.lower(), key.upper()]
    return next((stated[each] for each in keys if each in stated), None)
