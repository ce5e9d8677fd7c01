"""Recognise words before a block that mark it as a counterexample."""

from __future__ import annotations

import pytest

from harness.judging.extraction.introductions import condemns


@pytest.mark.parametrize(
    "line",
    [
        "Do not write it like this:",
        "Don't do this:",
        "Avoid the following:",
        "This is **wrong**:",
        "This is not right.",
        "The following version would be too slow:",
        "This would fail for negative numbers:",
        "This does not work:",
        "A common mistake:",
        "### Incorrect approach",
        "For comparison, the naive version:",
        "What not to do",
        "\u274c Example:",
        "wrong",
    ],
)
def test_a_verdict_on_what_follows(line: str) -> None:
    assert condemns(line)


@pytest.mark.parametrize(
    "line",
    [
        "To avoid the extra pass, do it in one go:",
        "This handles invalid inputs:",
        "The naive solution is enough here:",
        "The above is wrong. Here is my code:",
        "That was incorrect; the answer:",
        "My first attempt was buggy. Second attempt:",
        "So don't do that; do it like this:",
        "The same, without invalid input checks:",
        "Here is the corrected version:",
        "Wrong answers are told apart.",
        "So the bad pairs are counted as follows:",
    ],
)
def test_words_about_something_else(line: str) -> None:
    assert not condemns(line)
