"""Shorten long texts; escape hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.printable import printable
from curation.pipeline.shorten import (
    SHOWN,
    as_text,
    first_difference,
    shorten,
    shorten_pair,
)


def test_a_text_is_shown_as_it_is_and_another_value_as_json() -> None:
    assert as_text("a\n") == "a\n"
    assert as_text([1, None, True, "é"]) == '[1,null,true,"é"]'
    assert as_text(10**5000) == "1" + "0" * 5000


def test_a_text_that_fits_is_left_alone() -> None:
    assert shorten("x" * SHOWN) == "x" * SHOWN
    assert shorten("") == ""


def test_a_long_text_keeps_its_start_and_its_end() -> None:
    shown = shorten("start" + "x" * 10_000 + "end")
    assert shown.startswith("start")
    assert shown.endswith("end")
    assert f"...[{10_008 - 380} more]..." in shown


@given(st.integers(0, 10**5 - 1))
def test_a_shortened_text_fits(length: int) -> None:
    assert len(shorten("x" * length)) <= SHOWN


def test_two_texts_that_fit_are_left_alone() -> None:
    assert shorten_pair("a", "b" * SHOWN) == ("a", "b" * SHOWN)


def test_two_long_texts_are_cut_around_their_first_difference() -> None:
    expected, actual = shorten_pair("a" * 1000 + "X" + "a" * 1000, "a" * 1000 + "Y" + "a" * 1000)
    assert expected == "[800 before]... " + "a" * 200 + "X" + "a" * 199 + " ...[801 more]"
    assert actual == expected.replace("X", "Y")


def test_a_text_that_stops_early_is_shown_up_to_where_it_stops() -> None:
    expected, actual = shorten_pair("a" * 1000, "a" * 900)
    assert actual == "[700 before]... " + "a" * 200
    assert expected == "[700 before]... " + "a" * 300
    assert shorten_pair("", "b" * 1000)[0] == ""


@given(st.text("ab", max_size=60), st.text("ab", max_size=60), st.integers(1, 40))
def test_what_is_shown_of_two_texts_differs_where_they_do(a: str, b: str, limit: int) -> None:
    shown_a, shown_b = shorten_pair(a, b, limit)
    assert (shown_a == shown_b) == (a == b)


@pytest.mark.parametrize(
    ("a", "b", "where"), [("", "", 0), ("abc", "abc", 3), ("abc", "abd", 2), ("ab", "abc", 2), ("x", "y", 0)]
)
def test_the_first_difference_is_where_one_ends_if_nowhere_before(a: str, b: str, where: int) -> None:
    assert first_difference(a, b) == first_difference(b, a) == where


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text,\n\ttwo lines — ∑ 李", "plain text,\n\ttwo lines — ∑ 李"),
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("over\rwritten\b", "over\\x0dwritten\\x08"),
        ("\x9b2J", "\\x9b2J"),
        ("abc\u202edef", "abc\\x202edef"),
        ("half \ud83d", "half \\xd83d"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
    ],
)
def test_what_is_printed_cannot_move_the_cursor_or_colour_the_screen(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_is_printed_can_be_encoded_and_holds_no_control_characters(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert all(c in "\n\t" or c.isprintable() for c in shown)
