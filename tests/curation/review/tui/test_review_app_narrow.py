"""Nothing that matters is cut on a terminal of 80 columns, and what is cut can be read elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, decide_as, item, review, scenario, write_build
from rich.cells import cell_len
from textual.content import Content

from apps_plus.problem import DIFFICULTIES
from curation.records import REASONS, Suggestion
from curation.review.queue import QueueRow, State
from curation.review.tui.item_heading import headline
from curation.review.tui.queue_screen import header_text, row_text
from curation.review.tui.text_layout import fold_words
from curation.review.worklist import QueueProgress
from curation.review_decisions import Action

ROW = QueueRow(
    problem_id="train/0001",
    tier="interview",
    reasons=("multiple_outputs",),
    title="A statement that is longer than any list is wide, " * 5,
    suggestion="expected_output",
    suggestion_text="",
    votes="17/22",
    state=State.OPEN,
)


@pytest.mark.parametrize("width", [72, 78, 95, 96, 118, 198])
@pytest.mark.parametrize("state", State)
def test_of_a_row_only_the_statement_is_cut(state: State, width: int) -> None:
    for tier in DIFFICULTIES:
        row = replace(ROW, state=state, tier=tier, reviewers=("ada", "benedikta"))
        shown = row_text(row, width).plain
        assert shown.index("…") == len(shown) - 1
        assert cell_len(shown) == width
    assert "…" not in header_text(width).plain


def test_a_note_is_marked_where_it_is_not_cut_off() -> None:
    row = replace(ROW, state=State.DISAGREEMENT, reviewers=("ada", "ben"), reasons=("multiple_outputs",) * 3)
    line = headline(row, "1 of 28", "look at the samples", 78).plain
    assert "✎ note" in line
    assert line.endswith("…")
    assert "✎" not in headline(row, "1 of 28", "", 78).plain


def test_the_progress_leaves_room_for_the_filter() -> None:
    progress = QueueProgress(28, 1, (("open", 25), ("disagreement", 1), ("flagged", 1)))
    assert progress.describe(80).endswith("1 of 28 done · 25 open · 1 disagreement · 1 flagged")
    assert progress.describe(40) == "1 of 28 done"


@scenario
async def test_a_filter_is_named_in_full_at_80_columns(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build")
    decide_as(folder, "ben", SIX[0], Action.KEEP)
    decide_as(folder, "ada", SIX[0], Action.DROP, reason="output_mismatch")
    decide_as(folder, "ben", SIX[1], Action.FLAG, note="why 8?")
    async with review(folder) as person:
        await person.press("slash", *"intr")
        await person.sees('(2 shown: "intr")')


@scenario
async def test_the_counts_of_the_filters_stand_below_each_other(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("f")
        rows = [line.split("│")[1].rstrip() for line in person.lines() if "[ ]" in line or "all items" in line]
        assert len(rows) > 5
        assert len({len(row) for row in rows}) == 1


@scenario
async def test_an_option_that_is_cut_is_shown_in_full_below_the_list(tmp_path: Path) -> None:
    reason, text = max(REASONS.items(), key=lambda pair: len(pair[1].partition(";")[0]))
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter", "x")
        words = " ".join(text.partition(";")[0].split())
        assert words not in " ".join(person.text().replace("│", " ").split())
        for _ in REASONS:
            await person.press("j")
            if f"{reason} {words}" in " ".join(person.text().replace("│", " ").split()):
                return
        raise AssertionError(f"{words} was not shown")


@scenario
async def test_the_whole_suggestion_is_on_the_tab_history(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(60))
    long = replace(item("train/0001"), suggestion=Suggestion("expected_output", words, {"1": "8"}, votes="2/2"))
    async with review(write_build(tmp_path / "build", [long])) as person:
        await person.press("enter")
        assert "word59" not in person.screen()
        await person.press("5")
        assert "word59" in person.screen()


@scenario
async def test_the_keys_that_decide_are_shown_at_80_columns(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter")
        keys = person.lines()[-1]
        for key in ("a Apply", "y Keep", "x Drop", "! Flag", "F1 Guide", "? Keys"):
            assert key in keys


def test_a_text_that_needs_more_rows_ends_in_an_ellipsis() -> None:
    text = Content("one two three four")
    assert fold_words(text, 9, 3).plain == "one two\nthree\nfour"
    assert fold_words(text, 9, 2).plain == "one two\nthree…"
    assert fold_words(Content("abcdefgh ijk"), 8, 1).plain == "abcdefg…"
    assert fold_words(Content(""), 8, 1).plain == ""
