"""Find statements that allow the letters of an answer in any case. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.problem import dump_json

_CASE = r"(?:case|register)s?"
_ANY_CASE = rf"""(?: in\ (?:any|either|arbitrary)\ (?:possible\ )?(?:letter[ -])?{_CASE}\b
    | in\ (?:any|an\ arbitrary)\ combination\ of\ (?:upper|lower)
    | (?:in|with)\ (?:either\ |any\ )?(?:upper|lower)[ -]?(?:case)?\ or\ (?:in\ )?(?:upper|lower)[ -]?case
    | (?:not?|n't)\ (?:be\ )?case[ -]sensitive | case[ -]insensitive(?:ly)?\b
    | (?:upper|lower)[ -]?case\ (?:and|or|/)\ (?:upper|lower)[ -]?case\ (?:\w+\ ){{0,4}}(?:accepted|fine|allowed)
    | \b(?:case|capitali[sz]ation)\ (?:(?:in|of)\ (?:\w+\ ){{1,3}}){{0,2}}
        (?:does(?:\ not|n't)\ matter|is\ (?:not\ important|ignored|irrelevant|unimportant))
    | ignor(?:es|ed|ing)\ (?:the\ )?(?:letter\ )?case\b )"""
_LETTERS = r"\b(?:letters?|characters?|symbols?|words?|strings?|answers?|verdicts?|yes|no)\b"
_GIVE = r"\b(?:print|output|display|write|give|return|submit|type|show)(?:t?ed|s|ing|n)?\b"
_PATTERNS = [
    re.compile(text, re.IGNORECASE | re.VERBOSE)
    for text in (
        # "You can print each letter in any case", "Print YES (case insensitive)"
        rf"{_GIVE} .{{0,120}}? {_ANY_CASE}",
        # "Each letter can be printed in any case", "the letters in YES and NO may be in either case"
        rf"{_LETTERS} .{{0,80}}? {_ANY_CASE}",
        # "The judge is case-insensitive"
        rf"\b(?:judge|checker|grader|answers?|outputs?|verdict|verification)\b .{{0,40}}? {_ANY_CASE}",
        # "You can print either lowercase or uppercase letters in the answers"
        rf"""\b(?:can|may)\ (?:be\ )?{_GIVE} .{{0,40}}?
            (?:upper|lower)[ -]?(?:case)?\ (?:or|and)\ (?:upper|lower)[ -]?case\b""",
        # "You can use any case for the letters of the answer"
        rf"\b(?:use|choose)\ any\ (?:letter[ -])?{_CASE}\b .{{0,60}}? (?:{_LETTERS}|\boutput\b)",
        # "The case of letters in the output does not matter"
        r"\bcase\ of\ (?:\w+\ ){0,3}(?:letters?|characters?)\b .{0,30}\b (?:not|n't|ignored|irrelevant|unimportant)\b",
        # "In any case (upper or lower) the letters are accepted"
        rf"{_ANY_CASE} .{{0,60}}? \b(?:accepted|recogni[sz]ed|considered\ correct)\b",
    )
]
_OF_ANSWER = re.compile(
    rf"{_GIVE}|\b(?:answers?|outputs?|judge|checker|grader|accepted|recogni[sz]ed)\b", re.IGNORECASE
)
_OF_TASK = re.compile(
    r"\b(?:contain(?:s|ed|ing)?|compar\w+|check(?:s|ed|ing)?|count(?:s|ed|ing)?|sort(?:s|ed|ing)?|replac\w+|search\w*|find"
    r"|match(?:es|ing)?|given|inputs?|treat\w*|anagrams?|duplicates?|palindromes?|same|equal|function|convert\w*)\b",
    re.IGNORECASE,
)
"""Marks a sentence about the task of the program, not about how its answer is judged."""
BEFORE = 40
"""Characters before a match in which the verb of the sentence is searched."""
_YES_NO = frozenset({"yes", "no"})


def allows_any_case(question: str) -> bool:
    """Return whether a sentence of the statement allows the letters of the answer in any case.

    "You can print each letter in any case (upper or lower)", "All letters can be displayed in any register", "print
    YES (case insensitive)". Not: strings that are compared case-insensitively, or "in any case" for "anyhow".
    """
    return any(_frees_case(sentence) for sentence in _sentences(question))


def _frees_case(sentence: str) -> bool:
    if not _OF_ANSWER.search(sentence):
        return False
    matches = [match for pattern in _PATTERNS for match in pattern.finditer(sentence)]
    return any(not _OF_TASK.search(_with_verb(match)) and not _is_idiom(match[0]) for match in matches)


def _with_verb(match: re.Match[str]) -> str:
    """Return a match with its verb, which may precede it: "sort the strings, case insensitive"."""
    begins_with_verb = re.match(_GIVE, match[0], re.IGNORECASE)
    return match[0] if begins_with_verb else match.string[max(match.start() - BEFORE, 0) : match.end()]


def _is_idiom(match: str) -> bool:
    """Return whether "in any case" means "anyhow": no letter or word to print precedes it."""
    idiom = re.search(r"in (?:any|either) case\b", match, re.IGNORECASE)
    return idiom is not None and not re.search(_LETTERS, match[: idiom.start()], re.IGNORECASE)


def _sentences(question: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.!?])\s+|\n\s*\n|-{4,}|\n\s*(?=[-*•]\s)", question):
        plain = re.sub(r"[’`]", "'", re.sub(r"[*_$\"“”«»]|\\t?exttt|\\text|[{}\\]", " ", part))
        if sentence := " ".join(plain.split()):
            yield sentence[:1000]


def case_is_free(outputs: Sequence[Any]) -> bool:
    """Return whether the expected outputs have letters, and no two of their words differ by case alone.

    If two do, other than "Yes" and "YES", case is part of the answer: the statement's sentence is about its verdicts.
    """
    words = {
        word
        for output in outputs
        for word in re.findall(r"\w+", output if isinstance(output, str) else dump_json(output))
    }
    spelled: dict[str, str] = {}
    for word in words:
        if spelled.setdefault(word.lower(), word) != word and word.lower() not in _YES_NO:
            return False
    return any(word.lower() != word.upper() for word in words)
