"""Infer the domain of the texts at one place: a vocabulary, free characters, items with a separator, or a pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from curation.generated_tests.arguments.characters import (
    CLASSES,
    DIGITS,
    LOWER,
    UPPER,
    class_of,
    is_balanced,
    runs,
    used,
)
from curation.generated_tests.arguments.chunk_text_domain import ChunkTextDomain, chunks_of, units_of
from curation.generated_tests.arguments.domain import STATED, WITHIN, Domain, Reach, beyond, unique
from curation.generated_tests.arguments.fixed_domains import ChoiceDomain
from curation.generated_tests.arguments.list_traits import CHANCE, LearntTrait, learn_traits
from curation.generated_tests.arguments.pattern_text_domain import (
    PatternTextDomain,
    digits_of_codes,
    form,
    spots,
    words_of_spots,
)
from curation.generated_tests.arguments.solution_constants import Constants
from curation.generated_tests.arguments.span import WIDER, Span, span_of
from curation.generated_tests.arguments.stated_facts import Facts
from curation.generated_tests.arguments.text_domains import FreeTextDomain, SeparatedTextDomain, WordDomain

MOST_KNOWN = 8
"""So few characters, each of which the solutions name, are the whole alphabet."""
MOSTLY = 0.75
"""Items of which this share is named by the solutions are a vocabulary."""
ENOUGH_LETTERS = 6
"""With so many different letters of a class seen, the others of the class are no risk."""
_FORMULA = re.compile(r"\d\s*[-+*/]\s*[\d(a-z]")
"""A number with an operator after it; its numbers may be any others of so many digits."""
FEW_LISTED = 3
"""So many given texts that a list of the statement holds are no chance: the others of the list may be given, too."""
ENOUGH_WORDS = 6
"""In a pattern, runs of letters are free where so many different ones are given, and they seldom recur."""
_ADDRESS = form("127.0.0.1")
OCTET = (0, 255)
"""The limits of each number of an IPv4 address."""
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_WORD = re.compile(r"[A-Za-z']+[.,!?]?|\d+")
_SIGNS = frozenset("+*/^=<>()[]{}|\\")
"""Signs of formulas and code."""
_SEPARATORS = (", ", ",", "; ", ";", " ", "\n", " - ", "-", "/", "|")


def infer_text_domain(texts: Sequence[str], facts: Facts, constants: Constants, inside: bool) -> Domain:
    """Return the domain of some given texts.

    Args:
        texts: All given texts at this place, copies included; at least one.
        facts: What the statement says of them.
        constants: The constants that accepted solutions share.
        inside: True for elements of a list.
    """
    pool = unique(texts)
    filled = [text for text in pool if text]
    if not filled:
        return ChoiceDomain(("",))
    if vocabulary := _vocabulary(texts, pool, replace(facts, listed=()) if inside else facts, constants):
        return vocabulary
    if any(_DATE.fullmatch(text) for text in filled):
        return ChoiceDomain(tuple(pool))
    characters = used(filled)
    plain = all(class_of(character) is not None for character in characters)
    if chunks := chunks_of(filled, constants.texts) or _coded_units(filled):
        counts = [len(one) for one in chunks]
        return ChunkTextDomain(
            tuple(unique(chunk for one in chunks for chunk in one)),
            span_of(counts, (None, None), 1, WIDER * max(counts)),
            tuple(pool),
        )
    if (plain and not _has_codes(filled)) or _is_closed(characters, filled):
        known = len(characters) <= MOST_KNOWN and set(characters) <= constants.texts
        return _free_text(pool, characters, facts, inside, len(texts), known)
    return _separated(pool, filled, facts, constants) or _pattern(pool, filled, facts)


def _vocabulary(texts: Sequence[str], pool: list[str], facts: Facts, constants: Constants) -> Domain | None:
    """Return the domain of the given texts where each names a thing that the solutions know."""
    if listed := next((each for each in facts.listed if len(pool) >= FEW_LISTED and each.issuperset(pool)), None):
        return ChoiceDomain((*pool, *sorted(listed.difference(pool))))
    long = [text for text in pool if len(text) > 1]
    named = [text for text in long if text in constants.texts]
    names_things = facts.is_closed and all(class_of(one) not in (None, DIGITS) or one in " -_" for one in used(pool))
    if (long and len(named) == len(long) and facts.letters is None) or names_things:
        return ChoiceDomain(tuple(pool))
    repeated = len(texts) >= 6 and len(texts) >= 3 * len(pool)
    return ChoiceDomain(tuple(pool)) if repeated and facts.letters is None and len(long) == len(pool) else None


def _coded_units(texts: list[str]) -> list[list[str]]:
    """Return the units of texts in which letters and digits take turns, as in ``P01K02``."""
    return units_of(texts) if all(class_of(character) is not None for text in texts for character in text) else []


def _has_codes(texts: list[str]) -> bool:
    """Return whether letters and digits stand together in a text: coordinates, units, encodings."""
    return any(len({class_of(character) == DIGITS for character in text}) > 1 for text in texts)


def _is_closed(characters: list[str], texts: list[str]) -> bool:
    """Return whether texts consist of a few characters that are used again and again, none of them a space."""
    total = sum(map(len, texts))
    if "\n" in characters or (" " in characters and any(class_of(character) for character in characters)):
        return False
    plain = all(character in "()[]{}" for character in characters)
    if len(characters) <= 3 and total >= 3 and not any(class_of(one) or one in _SIGNS for one in characters):
        return True
    return plain or (len(characters) <= 8 and total >= 5 * len(characters) and not _mixes(characters))


def _mixes(characters: list[str]) -> bool:
    """Return True if some characters are letters or digits and others are not."""
    return len({class_of(character) is None for character in characters}) > 1


def _free_text(pool: list[str], characters: list[str], facts: Facts, inside: bool, count: int, known: bool) -> Domain:
    """Return the domain of texts of free characters; ``known``: the solutions name each of them."""
    filled = [text for text in pool if text]
    closed = (known and facts.letters is None) or _is_small_alphabet(characters, filled, facts)
    numeric = all(character in DIGITS for character in characters) and len(characters) > 2
    alphabet: dict[str, Reach] = dict.fromkeys(characters, WITHIN) if closed else _alphabet(characters, facts)
    letters = [list(text) for text in pool]
    return FreeTextDomain(
        characters=alphabet,
        lengths=_lengths(pool, facts, inside, count),
        leading_zero=not numeric or any(len(text) > 1 and text[0] == "0" for text in filled),
        balanced=any(character in "()[]{}" for character in characters) and all(map(is_balanced, filled)),
        first=_ends(filled, 0, characters, closed),
        last=_ends(filled, -1, characters, closed),
        traits=_traits(letters),
        pool=tuple(pool[:50]),
    )


def _traits(letters: list[list[str]]) -> tuple[LearntTrait, ...]:
    learnt = learn_traits([one for one in letters if len(one) > 1], None, None)
    return tuple(one for one in learnt if one.rule)


def _is_small_alphabet(characters: list[str], texts: list[str], facts: Facts) -> bool:
    """Return whether the given characters are all that may occur: bits, bases, moves, brackets."""
    if facts.letters is not None and set(characters) <= facts.letters:
        return False
    total = sum(map(len, texts))
    if set(characters) <= {"0", "1"}:
        return total >= 4
    if any(class_of(character) is None for character in characters):
        return True
    if all(character in UPPER for character in characters) and max(map(len, texts)) <= 3 and len(characters) <= 4:
        return True
    return len(characters) <= 5 and total >= 6 * len(characters)


def _ends(texts: list[str], at: int, characters: list[str], closed: bool) -> frozenset[str]:
    """Return the character with which all texts begin or end, if they are many, or that is no chance."""
    ends = {text[at] for text in texts}
    if len(ends) > 1 or len(texts) < 3:
        return frozenset()
    size = sum(len(letters) for letters in CLASSES if set(letters) & set(characters))
    return frozenset(ends) if closed or max(size, len(characters)) ** (1 - len(texts)) <= CHANCE else frozenset()


def _alphabet(characters: list[str], facts: Facts) -> dict[str, Reach]:
    """Return the characters that may occur: all of a class of which many are given, the others at a risk."""
    alphabet: dict[str, Reach] = {}
    digits = (
        facts.digits if facts.digits is not None and facts.digits.issuperset(set(characters) & set(DIGITS)) else None
    )
    for letters in CLASSES:
        own = [character for character in characters if character in letters]
        if not own:
            continue
        enough = ENOUGH_LETTERS if letters != DIGITS else 4
        unseen = WITHIN if len(own) >= enough else beyond("letter")
        for letter in letters:
            if digits is not None and letters == DIGITS and letter not in digits:
                continue
            stated = facts.letters is not None and letter in facts.letters
            alphabet[letter] = WITHIN if letter in own else STATED if stated else unseen
    return alphabet


def _lengths(pool: list[str], facts: Facts, inside: bool, count: int) -> Span:
    lengths = [len(text) for text in pool]
    stated = facts.lengths
    varied = len(set(lengths)) > 1
    if stated == (None, None) and not varied and (count >= 4 or lengths[0] <= 3):
        return span_of(lengths, stated)
    least = 0 if varied and min(lengths) <= 3 and not inside else 1
    return span_of(lengths, stated, least, (2 if inside else WIDER) * max(lengths))


def _separated(pool: list[str], filled: list[str], facts: Facts, constants: Constants) -> Domain | None:
    """Return the domain of sentences, and of lists whose items are all words or all numbers."""
    for separator in _SEPARATORS:
        items = [text.split(separator) for text in filled]
        flat = [item for one in items for item in one]
        if not any(len(one) > 1 for one in items) or not all(flat):
            continue
        words = sum(_WORD.fullmatch(item) is not None for item in flat)
        plain = all(class_of(character) is not None for item in flat for character in item)
        if not plain and (separator != " " or words < 0.7 * len(flat) or _has_operators(flat)):
            continue
        if (separator != " " or _have_columns(items)) and len({_class_of_item(item) for item in flat}) > 1:
            continue
        counts = [len(one) for one in items]
        fixed = len(set(counts)) == 1 and len(counts) >= 3
        return SeparatedTextDomain(
            separator,
            _items(flat, facts, constants),
            span_of(counts, (None, None), None if fixed else 1, None if fixed else WIDER * max(counts)),
            _risk_of_empty(pool, facts),
            _item_traits(items),
        )
    return None


def _have_columns(items: list[list[str]]) -> bool:
    """Return whether all texts have as many items, the items of one place of one class: a word, then a number."""
    if len(items) < 2 or len({len(one) for one in items}) > 1:
        return False
    return all(len(set(map(_class_of_item, column))) == 1 for column in zip(*items, strict=True))


def _item_traits(items: list[list[str]]) -> tuple[LearntTrait, ...]:
    return tuple(one for one in learn_traits(items, None, None) if one.rule)


def _has_operators(items: list[str]) -> bool:
    return any(
        (len(item) == 1 and class_of(item) is None) or any(character in _SIGNS for character in item) for item in items
    )


def _class_of_item(item: str) -> str:
    return "".join(sorted({"0" if class_of(character) == DIGITS else "a" for character in item}))


def _items(items: list[str], facts: Facts, constants: Constants) -> Domain:
    pool = unique(items)
    if sum(item in constants.texts for item in pool) >= MOSTLY * len(pool):
        return WordDomain(tuple(pool[:200]), None)
    plain = [item for item in pool if all(class_of(character) is not None for character in item)]
    if not plain:
        return WordDomain(tuple(pool[:200]), None)
    kinds = {_class_of_item(item) for item in plain}
    if any(len(kind) > 1 for kind in kinds):
        return WordDomain(tuple(pool[:200]), None)
    lengths = [len(item) for item in plain]
    characters = used(plain)
    mixed = len(kinds) > 1
    letters = [one for one in characters if class_of(one) != DIGITS] if mixed else characters
    alphabet = _alphabet(letters, facts)
    both = any(one in LOWER for one in letters) and any(one in UPPER for one in letters)
    if both and sum(item[1:] == item[1:].lower() for item in plain) == len(plain):
        alphabet = {letter: risk for letter, risk in alphabet.items() if letter in LOWER}
    small = len(characters) <= 4 and sum(lengths) >= 6 * len(characters)
    if small:
        alphabet = dict.fromkeys(characters, WITHIN)
    zeros = any(len(item) > 1 and item[0] == "0" for item in plain)
    free = FreeTextDomain(
        alphabet, Span(min(lengths), max(lengths), min(lengths), max(lengths)), zeros or kinds != {"0"}
    )
    return WordDomain(tuple(pool[:200]), free)


def _risk_of_empty(pool: list[str], facts: Facts) -> Reach | None:
    if "" in pool:
        return WITHIN
    least = facts.lengths[0]
    return None if least is None or least > 0 else STATED


def _pattern(pool: list[str], filled: list[str], facts: Facts) -> Domain:
    numbers = [[int(run) for run in runs(text) if run[0] in DIGITS and len(run) < 16] for text in filled]
    forms = frozenset(map(form, filled))
    written = [run for text in filled for run in runs(text) if run[0] in DIGITS]
    zeros = any(len(run) > 1 and run[0] == "0" for run in written)
    is_formula = bool(_FORMULA.search("\n".join(filled)))
    columns = [list(column) for column in zip(*numbers, strict=True)] if len(forms) == 1 and numbers[0] else []
    grouped = columns or [[number for one in numbers for number in one] or [0]]
    words = [run for text in filled for run in runs(text) if class_of(run[0]) not in (None, DIGITS)]
    characters, given = set(used(filled)), spots(filled)
    structured = characters & _SIGNS and all(map(is_balanced, filled))
    loose = len(forms) >= 3 and not structured and not zeros and "\n" not in characters
    lengths = [len(text) for text in pool]
    return PatternTextDomain(
        pool=tuple(pool),
        forms=forms,
        numbers=(
            tuple(span_of(column, OCTET) for column in grouped)
            if facts.is_address and forms == {_ADDRESS} and max(map(max, grouped)) <= OCTET[1]
            else tuple(_span_in_pattern(column, is_formula and not zeros) for column in grouped)
        ),
        widths=frozenset(map(len, written)),
        zeros=zeros,
        words=words_of_spots(filled, given),
        digits=digits_of_codes(given),
        new_words=len(set(words)) >= ENOUGH_WORDS and len(set(words)) >= len(words) / 2,
        loose=frozenset(characters) if loose else frozenset(),
        lengths=span_of(lengths, facts.lengths, 0 if min(lengths) <= 2 else 1, 2 * max(lengths)),
    )


def _span_in_pattern(numbers: list[int], is_formula: bool) -> Span:
    if not is_formula:
        return span_of(numbers, (None, None))
    return span_of(numbers, (None, None), min(1, *numbers, 1), 10 ** len(str(max(numbers))) - 1)
