"""Text that others wrote, in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two lines,\n\tplain — ∑ 李", "two lines,\n\tplain — ∑ 李"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("over\rwritten\b", "over\\x0dwritten\\x08"),
        ("abc\u202edef", "abc\\x202edef"),
        ("half \ud83d", "half \\xd83d"),
        ("no\u00a0break", "no break"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_what_is_shown_can_be_encoded_and_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert all(character in "\n\t" or character.isprintable() for character in shown)


@given(st.text(), st.integers(3, 20))
def test_one_line_is_one_line_of_at_most_that_width(text: str, width: int) -> None:
    shown = one_line(text, width)
    assert shown.isprintable()
    assert len(shown) <= width


def test_what_is_cut_says_so() -> None:
    assert one_line("a  long\n line", 8) == "a lon..."
    assert one_line("a  long\n line", 11) == one_line("a  long\n line") == "a long line"
