"""Assign problems to splits."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import DIFFICULTIES
from curation.pipeline.split import split_of


def test_a_known_statement_stays_where_it_was_put() -> None:
    """These must never change: a release would move its problems."""
    question = "Print the sum of two numbers."
    assert [split_of(question, tier) for tier in DIFFICULTIES] == ["train", "train", "train"]


@given(st.text(), st.sampled_from(DIFFICULTIES))
def test_every_statement_has_one_split_and_keeps_it(question: str, difficulty: str) -> None:
    assert split_of(question, difficulty) in ("train", "validation", "test")
    assert split_of(question, difficulty) == split_of(question, difficulty)


@given(st.lists(st.text("abc ", min_size=1), min_size=1), st.sampled_from(DIFFICULTIES))
def test_others_that_come_or_go_move_nobody(questions: list[str], difficulty: str) -> None:
    together = {question: split_of(question, difficulty) for question in questions}
    assert all(split_of(question, difficulty) == together[question] for question in reversed(questions[1:]))


@given(st.lists(st.text("abcdef", min_size=1), min_size=1), st.sampled_from(DIFFICULTIES))
def test_whitespace_does_not_count(words: list[str], difficulty: str) -> None:
    assert split_of(" ".join(words), difficulty) == split_of("\n\n".join(words) + "\r\n", difficulty)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_each_tier_is_divided_50_25_25(difficulty: str) -> None:
    shares = Counter(split_of(f"Count the ways to climb {n} stairs.", difficulty) for n in range(10_000))
    assert 4_850 < shares["train"] < 5_150
    assert 2_370 < shares["validation"] < 2_630
    assert 2_370 < shares["test"] < 2_630


def test_each_tier_is_divided_on_its_own() -> None:
    questions = [f"Count the ways to climb {n} stairs." for n in range(200)]
    sides = {tuple(split_of(question, tier) for question in questions) for tier in DIFFICULTIES}
    assert len(sides) == len(DIFFICULTIES)


def test_bytes_that_were_no_utf8_hash_too() -> None:
    assert split_of("Draw the \udce9 sign.", "interview") in ("train", "validation", "test")
