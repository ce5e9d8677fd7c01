"""The values that a slot may take: integers, decimals, or texts, as given and as stated."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.generated_tests.bounds import Bound
from curation.generated_tests.candidate import Risk
from curation.generated_tests.standard_input.grammar import as_number
from curation.generated_tests.stated_promises import Promises
from curation.generated_tests.stated_ranges import Range, StatedRanges

_DECIMAL = re.compile(r"-?\d+\.\d+")
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, "01", string.ascii_letters)
MAX_VALUE = 10**19
"""Integers are not made beyond it, whatever is stated: programs in other languages set such limits."""


@dataclass(frozen=True, slots=True)
class Integers:
    """The integers of a slot."""

    low: int
    high: int
    """Ends of the given values."""
    stated_low: int | None = None
    stated_high: int | None = None
    """Ends that the statement states as numbers."""
    is_bound: bool = False
    """True if the statement gives a range to the slot's name."""
    is_by_name: bool = False
    """True if an end is stated by the name of another quantity (``1 <= k <= n``)."""
    modulus: int = 1
    """Every value leaves the remainder of the lowest by it, where the statement speaks of even, odd or multiples."""

    is_power_of_two: bool = False
    """True if every value is a power of two, as the statement promises."""

    @property
    def is_stated(self) -> bool:
        """True if both ends are known from the statement."""
        return self.is_bound and self.stated_low is not None and self.stated_high is not None

    def ends(self, risk: Risk) -> tuple[int, int]:
        """Return the ends of the values that a risk allows."""
        if risk is Risk.SEEN:
            return self.low, self.high
        low = self.stated_low if self.stated_low is not None else self.low
        high = self.stated_high if self.stated_high is not None else self.high
        if risk is Risk.OPEN and self.stated_low is None and self.low > 1:
            low = 1
        if risk is Risk.OPEN and self.stated_high is None and self.high > 0:
            high = self.high * 4 + 3
        return max(low, -MAX_VALUE), min(high, MAX_VALUE)

    def risk_of(self, value: int) -> Risk | None:
        """Return the risk of a value; None if no risk allows it."""
        if (value - self.low) % self.modulus or (self.is_power_of_two and not _is_power_of_two(value)):
            return None
        if self.low <= value <= self.high:
            return Risk.SEEN
        for risk in (Risk.STATED, Risk.OPEN):
            low, high = self.ends(risk)
            if low <= value <= high:
                return risk
        return None


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a slot."""

    vocabulary: tuple[str, ...]
    """Every given text."""
    shortest: int
    longest: int
    seen: str
    """The characters of the given texts."""
    alphabet: str | None = None
    """The characters that the statement allows, or those given, where any of them may stand anywhere; None: only given
    texts are made again."""
    is_stated: bool = False
    """True if the alphabet is the statement's."""
    stated_shortest: int | None = None
    stated_longest: int | None = None
    length_slot: int | None = None
    """Slot whose value is the length of every text."""
    length_offset: int = 0
    starts_with_zero: bool = True
    """True if a text may start with a zero: those of other digits too do so only where a given one does."""
    is_palindrome: bool = False
    """True if every text reads the same backwards, as the statement promises."""
    length_modulus: int = 1
    """2 if every length is even, or every one odd, as the statement promises."""

    def lengths(self, risk: Risk) -> tuple[int, int]:
        """Return the ends of the lengths that a risk allows."""
        if risk is Risk.SEEN:
            return self.shortest, self.longest
        low = self.stated_shortest if self.stated_shortest is not None else self.shortest
        high = self.stated_longest if self.stated_longest is not None else self.longest
        if risk is Risk.OPEN:
            low = min(low, max(self.stated_shortest or 1, 1))
            high = high if self.stated_longest is not None else self.longest * 2 + 2
        return max(low, 1), high

    def risk_of(self, value: str) -> Risk | None:
        """Return the risk of a text; None if no risk allows it."""
        if value in self.vocabulary:
            return Risk.SEEN
        if self.alphabet is None or not value or not set(value) <= set(self.alphabet):
            return None
        if (len(value) - self.shortest) % self.length_modulus:
            return None
        if (value[0] == "0" and not self.starts_with_zero) or (self.is_palindrome and value != value[::-1]):
            return None
        if self.length_slot is not None:
            return Risk.STATED if self.is_stated else Risk.OPEN
        for risk in (Risk.STATED, Risk.OPEN):
            low, high = self.lengths(risk)
            if low <= len(value) <= high:
                return risk if self.is_stated else Risk.OPEN
        return None


@dataclass(frozen=True, slots=True)
class Decimals:
    """The decimals of a slot, all with as many digits after the point as a given one."""

    low: float
    high: float
    digits: int

    def risk_of(self, value: str) -> Risk | None:
        """Return the risk of a decimal; None if no risk allows it."""
        if re.fullmatch(r"-?\d+(?:\.\d+)?", value) is None:
            return None
        return Risk.SEEN if self.low <= float(value) <= self.high else None


Domain = Integers | Texts | Decimals


def domain_of(
    values: Sequence[str],
    name: str | None,
    stated: StatedRanges,
    promises: Promises,
    length_link: tuple[int, int] | None,
    is_line: bool,
    is_text: bool = False,
) -> Domain:
    """Return the domain of a slot from its given values and its name in the statement.

    Args:
        values: Every given value.
        name: The name that the slot is bound to.
        stated: The statement's ranges.
        promises: The statement's promises: its alphabets.
        length_link: The slot, and the offset, that equals the length of every text.
        is_line: Whether a value is a line with spaces.
        is_text: Whether digits spell a text (``spell_texts``).
    """
    numbers = [as_number(value) for value in values]
    whole = [number for number in numbers if number is not None]
    length = stated.of_length(name) if name else None
    value_range = stated.of_value(name) if name else None
    absolute = _absolute(length, whole) if len(whole) == len(values) else None
    may_be_text = length is not None and value_range is None and length_link is None and absolute is None
    digits_as_text = may_be_text and min(whole, default=-1) >= 0
    if len(whole) == len(values) and not is_line and not digits_as_text and not is_text:
        return _integers(whole, value_range or absolute, promises)
    if (
        not is_line
        and len(whole) < len(values)
        and all(number is not None or _DECIMAL.fullmatch(value) for value, number in zip(values, numbers, strict=True))
    ):
        digits = max(len(value.partition(".")[2]) for value in values)
        return Decimals(min(map(float, values)), max(map(float, values)), digits)
    return _texts(values, name, length, promises, length_link, is_line)


def spell_texts(values: Sequence[str], name: str | None, stated: StatedRanges, promises: Promises) -> bool:
    """Return whether tokens of digits are texts.

    The statement speaks of texts of 0 and 1 and of no range of the value, or of a range of their characters.
    """
    used, longest = set("".join(values)), max(map(len, values))
    if any(each.is_range and used <= set(each.characters) for each in promises.alphabets):
        return longest > 1
    binary = any(set(each.characters) == {"0", "1"} for each in promises.alphabets)
    value = stated.of_value(name) if name is not None else None
    is_value = value is not None and value.high() != 1  # digits of 0 and 1 may have a range of their own
    return binary and not is_value and used <= {"0", "1"} and longest > 1


def _absolute(length: Range | None, numbers: Sequence[int]) -> Range | None:
    """Read ``|x| <= 100`` of a number as a bound on either side; a length has a lower end, as ``1 <= |s|``."""
    high = length.high() if length is not None else None
    if length is None or high is None or length.lows or max(map(abs, numbers)) > high:
        return None
    return Range(tuple(Bound(f"-({each.expression})", each.names, -each.offset) for each in length.highs), length.highs)


def _integers(numbers: Sequence[int], stated: Range | None, promises: Promises) -> Integers:
    low, high = (stated.low(), stated.high()) if stated is not None else (None, None)
    if stated is not None and not stated.lows and min(numbers) < 0 and high is not None:
        low = -high
    low = int(low) if low is not None else None
    high = int(high) if high is not None else None
    misread = (low is not None and min(numbers) < low) or (high is not None and max(numbers) > high)
    if misread:
        low = high = None
    is_bound = stated is not None and not misread
    powers = any("power of two" in kinds for kinds in promises.promised) and len(set(numbers)) >= FEW_POWERS
    is_power_of_two = powers and all(map(_is_power_of_two, numbers))
    return Integers(
        min(numbers), max(numbers), low, high, is_bound, False, _modulus(numbers, promises), is_power_of_two
    )


FEW_POWERS = 3
"""So many different powers of two are no chance where the statement promises such."""


def _is_power_of_two(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


def _modulus(numbers: Sequence[int], promises: Promises) -> int:
    """Return the number that all values are multiples of (2: or all odd), where it is promised or more than chance."""
    different = len(set(numbers))
    moduli = promises.moduli if different < 9 or 2 in promises.moduli else (*promises.moduli, 2)
    for modulus in moduli:
        kind = "parity" if modulus == 2 else "divisible"
        promised = any(kind in kinds for kinds in promises.promised)
        if (promised or different >= 4) and _shares_remainder(numbers, modulus):
            return modulus
    return 1


def _shares_remainder(numbers: Sequence[int], modulus: int) -> bool:
    """Return whether all numbers are multiples; for 2, all even or all odd."""
    remainders = {number % modulus for number in numbers}
    return remainders == {0} or (modulus == 2 and len(remainders) == 1)


def _texts(
    values: Sequence[str],
    name: str | None,
    length: Range | None,
    promises: Promises,
    length_link: tuple[int, int] | None,
    is_line: bool,
) -> Texts:
    seen = "".join(sorted(set("".join(values))))
    lengths = sorted(map(len, values))
    low, high = (length.low(), length.high()) if length is not None else (None, None)
    if (low is not None and low > lengths[0]) or (high is not None and high < lengths[-1]):
        low = high = None
    if low is None and high is None and lengths[-1] == 1 and len(values) >= FEW_CHARACTERS and not is_line:
        low = high = 1
    alphabet = None if is_line else _alphabet(seen, name, promises)
    is_stated = alphabet is not None
    if alphabet is None and not is_line and set(seen) <= set(string.ascii_letters + "01") and _is_plain(values, seen):
        alphabet = seen
    slot, offset = length_link or (None, 0)
    listed = next((words for words in promises.words if set(values) <= set(words)), None)
    if listed is not None:
        return Texts(listed, lengths[0], lengths[-1], seen)
    return Texts(
        tuple(dict.fromkeys(values)),
        lengths[0],
        lengths[-1],
        seen,
        alphabet,
        is_stated,
        int(low) if low is not None else None,
        int(high) if high is not None else None,
        slot,
        offset,
        not set(seen) & set("23456789") or any(value.startswith("0") for value in values),
        any("palindrome" in kinds for kinds in promises.promised) and all(value == value[::-1] for value in values),
        2 if promises.even_lengths and len({length % 2 for length in lengths}) == 1 else 1,
    )


FEW_CHARACTERS = 3
"""So many given texts of one character each are characters, where the statement is silent on their length."""


def _is_plain(values: Sequence[str], seen: str) -> bool:
    """Return whether texts look like any sequence of a few characters, not like words of a language or commands."""
    return len(set(values)) > 1 and max(map(len, values)) > 3 and len(seen) <= max(3, max(map(len, values)) // 2)


def _alphabet(seen: str, name: str | None, promises: Promises) -> str | None:
    """Return the smallest stated alphabet that holds the given characters, one of a sentence with the name first."""
    fitting = [each for each in promises.alphabets if set(seen) <= set(each.characters)]
    base = re.sub(r"\W", "", name or "")
    named = [each for each in fitting if base and re.search(rf"(?<![\w]){base}(?:_?\w)?(?![\w])", each.sentence)]
    best = min(named or fitting, key=lambda each: len(each.characters), default=None)
    if best is None:
        return None
    characters = best.characters
    for letters in (string.ascii_lowercase, string.ascii_uppercase):  # "English letters" may mean one case
        if set(characters) == set(string.ascii_letters) and set(seen) <= set(letters):
            characters = letters
    return characters.replace(" ", "") or None


FEW_LENGTHS = 3
"""With fewer different lengths, a text one longer or shorter than a value says is a coincidence."""


def length_links(
    observed: Sequence[tuple[str, Mapping[int, int]]],
) -> tuple[int, int] | None:
    """Return the slot and offset that give the length of every text, where one does; texts come with what they see."""
    slots = set.intersection(*(set(known) for _, known in observed)) if observed else set()
    if not observed or max(len(text) for text, _ in observed) < 2:
        return None
    different = len({len(text) for text, _ in observed})
    for offset in (0, -1, 1) if different >= FEW_LENGTHS else (0,):
        for slot in sorted(slots, reverse=True):
            if all(known[slot] + offset == len(text) for text, known in observed):
                return slot, offset
    return None
