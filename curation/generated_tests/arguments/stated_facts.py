"""Read the facts of one parameter from a statement: ranges of values and lengths, letters, order, distinctness.

Ranges in mathematics come from ``stated_ranges``; here are the turns of prose of Codewars ("positive integers", "the
array is never empty", "size is at least 3") and LeetCode, and the sections ``[input] integer array `a``` of Codewars.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from curation.generated_tests.arguments.characters import DIGITS, LOWER, UPPER
from curation.generated_tests.stated_ranges import Range, StatedRanges, read_ranges

Limits = tuple[int | None, int | None]
NO_LIMITS: Limits = (None, None)


@dataclass(frozen=True, slots=True)
class Facts:
    """The stated facts of the values at one place: of a parameter, of its elements, of their elements."""

    name: str = ""
    """As in the statement's ranges: ``nums``, ``nums[]`` for its elements."""
    ranges: StatedRanges = StatedRanges()  # noqa: RUF009
    least: int | None = None
    """The least number at any depth, from prose: 1 for "positive integers"."""
    spoken: tuple[int, int] | None = None
    """The limits of numbers, from prose: "a roll (1-6)", "integers between 1 and 100"."""
    greatest: int | None = None
    """The greatest number, from prose: 126 for character codes, of 32 bits where these are spoken of."""
    shortest: int | None = None
    """The least length of the parameter itself, from prose; 0 where the statement speaks of the empty one."""
    letters: frozenset[str] | None = None
    """The characters that texts consist of, from prose."""
    negative: bool = False
    """True if the statement says that numbers may be negative."""
    no_zero: bool = False
    """True if the statement excludes zero."""
    is_sorted: bool | None = None
    is_distinct: bool | None = None
    is_rotated: bool = False
    """True if the statement speaks of a sorted list that is rotated."""
    is_matrix: bool = False
    """True if the statement speaks of a matrix, a grid or a table."""
    is_square: bool = False
    """True if the statement speaks of a square matrix or grid."""
    counted: bool = False
    """True if the statement says how often elements occur."""
    power_of_two: bool = False
    """True if the statement speaks of powers of two."""
    digits: frozenset[str] | None = None
    """The digits that numbers consist of, from prose: "only of digits 6 and 9"."""
    choices: frozenset[int] | None = None
    """The only numbers at any depth, from prose: "bills[i] will be either 5, 10, or 20"."""
    listed: tuple[frozenset[str], ...] = ()
    """Lists of texts that the statement writes out."""
    of_digits: bool = False
    """True if the statement speaks of a list of digits."""
    is_closed: bool = False
    """True if the parameter's name says that its values name things: a month, a color, a move."""
    is_address: bool = False
    """True if the statement speaks of an IPv4 address."""
    depth: int = 0

    def element(self) -> Facts:
        """Return what is stated of the elements."""
        plural = self.name.removesuffix("s") if self.depth == 0 else self.name
        deeper = f"{self.name}[]"
        is_known = self.ranges.of_value(deeper) or self.ranges.of_length(deeper)
        name = deeper if is_known or not self.ranges.of_value(plural) else plural
        return replace(
            self,
            name=name,
            shortest=None,
            is_sorted=None,
            is_distinct=None,
            is_rotated=False,
            counted=False,
            power_of_two=False,
            of_digits=False,
            spoken=(0, 9) if self.of_digits else None,
            depth=self.depth + 1,
        )

    def values(self, low: float, high: float) -> Limits:
        """Return the limits of numbers, of which ``low`` and ``high`` are the least and the greatest given one."""
        stated = _limits(self.ranges.of_value(self.name))
        if stated == NO_LIMITS and self.spoken is not None and self.spoken[0] <= low <= high <= self.spoken[1]:
            return self.spoken
        if stated == NO_LIMITS and self.greatest is not None:
            return self.least, self.greatest
        return (self.least, stated[1]) if stated[0] is None else stated

    @property
    def lengths(self) -> Limits:
        """Return the limits of lengths."""
        stated = _limits(self.ranges.of_length(self.name))
        return (self.shortest, stated[1]) if stated[0] is None else stated


def _limits(stated: Range | None) -> Limits:
    if stated is None:
        return NO_LIMITS
    low, high = stated.low(), stated.high()
    return (None if low is None else math.ceil(low), None if high is None else math.floor(high))


def parameter_names(starter_code: str, entry_point: str, count: int) -> list[str]:
    """Return the names of the parameters; empty ones where the starter code does not tell."""
    names: list[str] = []
    header = re.search(rf"def\s+{re.escape(entry_point)}\s*\((.*?)\)\s*(?:->[^:]*)?:", starter_code, re.DOTALL)
    if header is not None:
        try:
            function = ast.parse(f"def f({header[1]}): pass").body[0]
            names = [one.arg for one in function.args.args] if isinstance(function, ast.FunctionDef) else []
        except SyntaxError:
            names = re.findall(r"(\w+)\s*(?:[:=][^,]*)?(?:,|$)", header[1])
    names = [name for name in names if name not in ("self", "cls")]
    return [names[at] if at < len(names) else "" for at in range(count)]


_NON_NEGATIVE = re.compile(
    r"\bnon-?\s?negative|positive\b.{0,20}\b(?:or|and) (?:zero|0)|no negative|natural numbers?", re.I
)
_POSITIVE = re.compile(
    r"\bpositive\W{0,3}(?:\w+\W+){0,2}(?:integers?|numbers?|values?|ints?\b|whole)|integers? (?:are|is) positive"
    r"|(?:always|only|all)\W{1,3}(?:be )?positive|numbers? (?:are|is) (?:always )?positive"
    r"|greater than (?:0|zero)|> ?0\b",
    re.I,
)
_MIXED = re.compile(r"\bnegatives?\b", re.I)
_NEGATIVE = re.compile(
    r"\b(?:may|can|could|might|will) (?:also )?(?:be|contain|include|have) [^.\n]{0,20}\bnegative"
    r"|positives?,? (?:and|or|\W) ?negative|negatives? (?:and|or) positive|both positive|mixture of positive"
    r"|negative (?:numbers|integers|values) (?:as well|too|are (?:allowed|possible))",
    re.I,
)
_NO_ZERO = re.compile(
    r"\bno(?:t| |n-?)?(?:(?:be|contain|any) )?(?:zero(?:e?s)?\b|0s\b)"
    r"|\bno\b[^.\n]{0,12}\bnegatives?\W{1,3}(?:numbers? )?(?:or|and|nor) (?:zero(?:e?s)?|0s?)\b",
    re.I,
)
_CODE = re.compile(r"^\W{0,3}?(-?\d{1,2}) ?(?:[:=→]|-+>?) ?[A-Za-z]", re.MULTILINE)
"""A number that means something, on a line of its own: "-1: turn right"."""
_POWER_OF_TWO = re.compile(r"\bpowers? of (?:2|two)\b|\b2 ?(?:\^|\*\*) ?\(?[a-z]\b", re.I)
_LISTED_DIGITS = r"\d(?:(?:,| and| or|, and|, or) \d)+)(?!\d|\.\d)"
_DIGITS = re.compile(
    r"\b(?:only|consist\w*|made|compos\w+|contain\w*)\b[^.\n]{0,20}\bdigits?:? (?:are )?(?P<of>"
    + _LISTED_DIGITS
    + r"|\bdigits are (?:only |either )?(?P<are>"
    + _LISTED_DIGITS,
    re.I,
)
_CHOICES = (
    r"\b{}(?:\[\w\])*[`*]* (?:is|are|will be|can be|must be) (?:always |only )?(?:either |one of:? )?"
    r"(-?\d+(?:, ?-?\d+)*,? (?:or|and) -?\d+)(?![\w.]?\d| \w+s\b)"
)
_CONDITION = re.compile(r"\b(?:if|when|where|unless|while|whether|until|such that)\b[^.\n]*$", re.I)
_LISTED_TEXTS = re.compile(r"\[\s*(?:['\"][^'\"\n]{1,20}['\"]\s*,\s*){4,}['\"][^'\"\n]{1,20}['\"]\s*,?\s*\]")
_LISTED_TEXT = re.compile(r"['\"]([^'\"\n]{1,20})['\"]")
_OF_DIGITS = re.compile(r"\b(?:list|array|sequence|vector)s?\W{1,5}of (?:\w+ )?(?:single[- ])?digits\b", re.I)
_COUNTED = re.compile(
    r"\b(?:appears?|occurs?|repeated|present|comes?)\b[^.\n]{0,25}\b(?:once|twice|thrice|(?:odd|even) (?:number|amount)"
    r"|(?:two|three|2|3) times)\b[^.\n]{0,60}\b(?:except|but|rest|others?|while)\b"
    r"|\b(?:except|but|rest|others?|only one|exactly one)\b[^.\n]{0,60}"
    r"\b(?:appears?|occurs?|repeated|present|comes?)\b[^.\n]{0,25}"
    r"\b(?:once|twice|thrice|(?:odd|even) (?:number|amount)|(?:two|three|2|3) times)\b",
    re.I,
)
_MATRIX = re.compile(r"\b(?:matri(?:x|ces)|grid|board|table|image|2-?d|two-?dimensional|map|maze|pixels?)\b", re.I)
_SQUARE = re.compile(
    r"\b([a-z]) ?(?:[x×*]|\\times|by) ?\1\b(?! ?[x×*+-])|\bsquare (?:matri(?:x|ces)|grid|board|array|table)\b"
    r"|\b(\w+)\.length ?== ?\2\[0\]\.length",
    re.I,
)
_BITS = re.compile(r"\b(32|64)[- ]?bits?\b", re.I)
_UNSIGNED = re.compile(r"\bun-?signed\b|\bip(?:v4)?\b", re.I)
_ADDRESS = re.compile(r"\bip(?:[ -]?v4)?[ -]address|\bipv4\b", re.I)
_CODES = re.compile(r"\b(?:ascii|char(?:acter)? codes?)\b", re.I)
LAST_CHARACTER = 126
"""The code of the last printable character of ASCII."""
_NOT_EMPTY = re.compile(
    r"\bnon-?\s?empty|(?:not|never|n't)\W{1,3}(?:be )?(?:an? )?empty|not .{0,20}\bempty|no empty"
    r"|(?:isn't|aren't) empty",
    re.I,
)
_EMPTY = re.compile(r"\bempty\b", re.I)
_GIVEN = re.compile(
    r"\b(?:if|when|given|passed|in case|may be|might be|can be|could be|input|argument|for) "
    r"(?:[^.\n,;]{0,50} )?(?:an? |is |be )*(?:`|\")?$",
    re.I,
)
_RETURNED = re.compile(
    r"\b(?:return|output|print|give|yield|produc|result|answer|becom)\w*\b[^.\n]{0,30}$|[-=]>[^.\n]{0,30}$", re.I
)
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_AT_LEAST = re.compile(
    r"at least\W{0,8}(\d+|an?\b|one|two|three|four|five)\W{1,8}(?:(?:\w+) )?"
    r"(?:elements?|items?|characters?|chars?|numbers?|letters?|words?)"
    r"|(?:size|length)[^.\n]{0,25}at least\W{0,8}(\d+)"
    r"|minimum (?:of )?(\d+|an?\b|one|two|three|four|five) (?:elements?|items?|characters?|numbers?|letters?|words?)",
    re.I,
)
_SORTED = re.compile(r"\b(?:sorted|ascending|descending|(?:in|de)creasing)\b", re.I)
_ROTATED = re.compile(r"\b(?:sorted|ascending)\b[^.\n]{0,60}\brotated\b|\brotated (?:and )?sorted\b", re.I)
_DISTINCT = re.compile(
    r"\b(?:distinct|unique|no(?:t| |n-)?.{0,20}(?:duplicate|repeat)\w*|without (?:duplicat|repeat|repetit)\w*|different"
    r"|permutation|pairwise|only once|isogram|\bsets?\b)",
    re.I,
)
_ONLY_LETTERS = re.compile(
    r"(?:only|consists?|contains?|consisting|made|composed|string|word|all)[^.\n]{0,40}?"
    r"\b(?P<case>lower-?\s?case|upper-?\s?case|small|capital)(?! (?:and|or|/) ?(?:upper|lower|capital))(?:d)?\W{1,4}"
    r"(?:english |latin |roman )?(?P<what>letters|characters|alphabets?|words?|strings?|chars)",
    re.I,
)
_CLOSED_NAMES = re.compile(
    r"^(?:\w*_)?(?:months?|days?|weekdays?|colou?rs?|countr(?:y|ies)|currenc(?:y|ies)|language|units?|operators?|operations?"
    r"|op|moves?|cards?|pieces?|directions?|gender|sex|types?|mode|method|planet|animal|season|hands?|base|year|hours?|hrs?"
    r"|minutes?|mins?|seconds?|secs?|degrees?|angles?|percent(?:age)?|time|date|note|board|position|notation|country_?code"
    r"|grade|shape|size|level|rank|suit|weather|p1|p2|password|rgb|hex|cmd|commands?)$",
    re.I,
)
_HEADING = re.compile(
    r"^[\W_]*(?:notes?|restrictions?|constraints?|ranges?|limits?|preconditions?|input constraints?|requirements?"
    r"|(?:features|notes) of the (?:random )?tests?)[\W_]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Headings under which LeetCode and Codewars state ranges."""
_LONG = re.compile(r"\S{150,}")
"""Numbers of thousands of digits, encoded images: no words."""
_EMPHASIS = re.compile(r"(?<![\w*])[*_]+(?=\w)|(?<=[\w.])[*_]+(?![\w*])")
"""Signs of Markdown around bold and italic words: ``**_sorted_**``."""
_PARAMETER = re.compile(r"\[input\]", re.I)
_NUMBER = r"-?\d{1,3}(?:,\d{3})+(?!\d)|10(?:\^|\*\*)\d{1,2}|-?\d+"
"""A number in prose: ``-5``, ``1,000,000``, ``10^6``."""


def facts_of_parameters(question: str, names: Sequence[str]) -> list[Facts]:
    """Return what the statement says of each parameter.

    Args:
        question: The statement.
        names: The names of the parameters, in order; an empty one is unknown.
    """
    ranges = read_ranges(_HEADING.sub("Constraints:", _LONG.sub(" ", question)))
    sections = _sections(without_emphasis(question), names)
    alone = len(names) == 1 or len(set(sections)) > 1
    power_of_two, is_square = bool(_POWER_OF_TWO.search(question)), bool(_SQUARE.search(question))
    return [
        replace(_facts(ranges, name, section, alone), power_of_two=power_of_two, is_square=is_square)
        for name, section in zip(names, sections, strict=True)
    ]


def without_emphasis(text: str) -> str:
    """Return a text in Markdown without the signs around words that are in bold or italics."""
    return _EMPHASIS.sub("", text)


def _sections(question: str, names: Sequence[str]) -> list[str]:
    """Return the part of the statement about each parameter: its ``[input]`` section, else the whole statement."""
    parts = _PARAMETER.split(re.split(r"\[output\]", question, flags=re.I)[0])[1:]
    if len(parts) == len(names):
        return parts
    return [question] * len(names)


def _facts(ranges: StatedRanges, name: str, text: str, alone: bool) -> Facts:
    least, rest = None, _NON_NEGATIVE.sub("", text)
    if not _MIXED.search(rest):  # what is "non-negative" is often another number than the parameter
        least = 1 if _POSITIVE.search(rest) else 0 if rest != text else None
    shortest = None
    if at_least := _AT_LEAST.search(text):
        written = next(group for group in at_least.groups() if group).lower()
        shortest = _WORDS.get(written) or int(written)
    elif _NOT_EMPTY.search(text):
        shortest = 1
    elif alone and _may_be_empty(text):
        shortest = 0
    letters = None
    if stated := _ONLY_LETTERS.search(text):
        letters = frozenset(LOWER if stated["case"].lower()[0] in "ls" else UPPER)
        letters |= frozenset(DIGITS) if re.search(r"letters (?:and|or) digits", text, re.I) else frozenset()
    codes = set(_CODE.findall(text))
    no_zero = bool(_NO_ZERO.search(text)) or (len(codes) >= 2 and "0" not in codes and min(map(int, codes)) < 0)
    digits = _DIGITS.search(text)
    return Facts(
        name=name,
        ranges=ranges,
        digits=frozenset(re.findall(r"\d", digits["of"] or digits["are"])) if digits else None,
        of_digits=bool(_OF_DIGITS.search(text)),
        choices=_choices(text, name),
        listed=tuple(frozenset(_LISTED_TEXT.findall(found[0])) for found in _LISTED_TEXTS.finditer(text)),
        spoken=_spoken_limits(text, name, alone),
        greatest=_greatest(text),
        least=least if alone or (least == 1 and rest == text) else None,
        no_zero=no_zero,
        negative=bool(_NEGATIVE.search(text)),
        shortest=shortest,
        letters=letters,
        is_sorted=True if _SORTED.search(text) else None,
        is_distinct=True if _DISTINCT.search(text) else None,
        is_rotated=bool(_ROTATED.search(text)),
        is_matrix=bool(_MATRIX.search(text)),
        counted=bool(_COUNTED.search(text)),
        is_closed=bool(_CLOSED_NAMES.match(name)),
        is_address=bool(_ADDRESS.search(text)),
    )


def _spoken_limits(text: str, name: str, alone: bool) -> tuple[int, int] | None:
    """Return the range that a sentence gives the named parameter, or the numbers of the only one."""
    number = rf"`?({_NUMBER})`?"
    ends = rf"{number}[^\w-]{{0,3}}(?:and|to|-|–|\.\.+|,)[^\w-]{{0,3}}{number}"
    between = rf"(?:between|from|in (?:the|a) range(?: of| from)?|range:?)[^\w-]{{0,3}}{ends}"
    subject = re.escape(name) if len(name) > 1 else None
    patterns = [rf"\b{subject}\b[`*_]*\s*\({number}\s*(?:-|–|to|\.\.+)\s*{number}\)"] if subject else []
    patterns += [rf"\b{subject}\b[^.\n]{{0,40}}\b{between}"] if subject else []
    if alone:
        patterns.append(rf"\b(?:integers?|numbers?|values?|input) (?:\w+ ){{0,4}}{between}")
    for pattern in patterns:
        if (found := re.search(pattern, text, re.I)) and (low := _read(found[1])) < (high := _read(found[2])):
            return low, high
    return None


def _read(number: str) -> int:
    """Return the value of a number as it is written: ``-5``, ``1,000,000``, ``10^6``."""
    base, _, exponent = number.replace(",", "").replace("**", "^").partition("^")
    value: int = int(base) ** int(exponent or 1)
    return value


def _choices(text: str, name: str) -> frozenset[int] | None:
    """Return the only numbers that a sentence allows for the named parameter or its elements."""
    if not name:
        return None
    for found in re.finditer(_CHOICES.format(re.escape(name)), text):
        if not _CONDITION.search(text, max(0, found.start() - 80), found.start()):
            return frozenset(map(int, re.findall(r"-?\d+", found[1])))
    return None


def _greatest(text: str) -> int | None:
    if found := _BITS.search(text):
        return (1 << int(found[1]) - (not _UNSIGNED.search(text))) - 1
    return LAST_CHARACTER if _CODES.search(text) else None


def _may_be_empty(text: str) -> bool:
    """Return whether the statement speaks of the empty input, and not only of an empty result."""
    return any(
        _GIVEN.search(text, max(0, found.start() - 80), found.start())
        and not _RETURNED.search(text, max(0, found.start() - 45), found.start())
        for found in _EMPTY.finditer(text)
    )
