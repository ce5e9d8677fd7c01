"""Statements that allow letters in any case; every sentence here is invented."""

from __future__ import annotations

from typing import Any

import pytest

from curation.pipeline.letter_case import allows_any_case, case_is_free


@pytest.mark.parametrize(
    "question",
    [
        "You can print each letter in any case (upper or lower).",
        "You may print each letter in any case.",
        'You can output the answer in any case (upper or lower). It may be "yEs".',
        'You can print "YES" and "NO" in any case.',
        "Each letter can be printed in any case.",
        "The case of the letters in the output does not matter.",
        "You may print it in upper or lower case.",
        "You can print each character in either case.",
        "The output is case-insensitive.",
        "The checker is not case-sensitive.",
        "You can print letters in any case, both upper and lower.",
        'Print "Yes" or "No" (without quotes, case-insensitively).',
        "You may print every letter of the answer in arbitrary case.",
        "You can output each letter in uppercase or lowercase.",
        "Letters may be output in any register.",
        "You can use any case for the letters of the answer.",
        "Print YES or NO (case doesn't matter).",
        "You may output the letters of the answer in upper or lower case.",
        "You can print either lowercase or uppercase letters in the answers.",
        "You can print each letter of the string in either uppercase or lowercase.",
        "The answer is case insensitive.",
        'Output "yes" (in any letter case) if so.',
        "You can print the answer in any letter case.",
        "Print `YES` or `NO` (in any case).",
        'You can write each letter of "Yes" in any register (lowercase or uppercase).',
        "In your output, you may print each letter in any case.",
        "The judge ignores the case of letters.",
        "Case of letters in the answer is ignored.",
    ],
)
def test_letters_may_come_in_any_case(question: str) -> None:
    assert allows_any_case(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "In any case, print the answer.",
        "The check is case-insensitive.",
        "Function should not be case sensitive.",
        "Ignoring case, return True if the strings are anagrams.",
        "Count letters, case insensitive, and return the number.",
        "Sort the given strings in alphabetical order, case insensitive .",
        "Print the word with its letters converted to upper case or lower case.",
        "The judge is case sensitive.",
        "Note that the output is case sensitive.",
        "Return the string with every letter in the opposite case.",
        "The input may contain letters in any case.",
        "Given a word in any case, print the number of letters.",
        "In either case print the answer.",
        "Print YES in this case, NO in any other case.",
        "If it is so, print YES, in any other case print NO.",
        "Letters in the input can be in any case, print the number of vowels.",
        "Print NO in all cases.",
    ],
)
def test_case_matters_or_is_no_matter_of_the_answer(question: str) -> None:
    assert not allows_any_case(question)


@pytest.mark.parametrize(
    ("outputs", "nothing"),
    [
        (["YES\nNO\nYES"], True),
        (["Yes 1 2", "No"], True),
        (["YES", "Yes"], True),
        (["YES\nabA"], True),
        (["YES\na A"], False),
        (["abc", "ABC"], False),
        (["1 2 3"], False),
        ([], False),
        (["Yes", True], True),
        ([["a", "b"], ["A"]], False),
    ],
)
def test_case_is_part_of_an_answer_where_words_differ_by_it_alone(outputs: list[Any], nothing: bool) -> None:
    assert case_is_free(outputs) is nothing
