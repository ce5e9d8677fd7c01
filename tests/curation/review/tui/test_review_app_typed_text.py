"""A text that is typed where no field is open decides nothing; what was decided is summed up."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_screens import SIX, Person, decide_as, review, scenario, write_build
from textual.keys import _character_to_key

from curation.review.queue import Queue
from curation.review.session import Session
from curation.review.session_summary import SessionSummary, summarize_session
from curation.review.tui import typed_text
from curation.review.tui.typed_text import PAUSE_SECONDS, TypedText
from curation.review.worklist import Worklist
from curation.review_decisions import Action

SENTENCES = (
    "any answer is fine",
    "yes, keep it as it is!",
    "Merry xmas y y",
    "drop it: max 3 values, see the case",
    "the only test is bad. okay",
    "by hand",
    "puzzle, unclear",
)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no pause end a text, however slow the machine is, and let the editor end at once."""
    monkeypatch.setattr(typed_text, "PAUSE_SECONDS", 1e9)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


async def write(person: Person, text: str) -> None:
    """Press the keys of a text one by one, then enter."""
    await person.press(*("space" if character == " " else character for character in text), "enter")


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("item", ["train/0003", "train/0001"])
@scenario
async def test_a_typed_sentence_decides_nothing(tmp_path: Path, text: str, item: str) -> None:
    folder = write_build(tmp_path / "build")
    decide_as(folder, "ana", SIX[4], Action.DROP, reason="timeout")
    async with review(folder) as person:
        await person.press("g")
        await person.type(item)
        await person.press("enter")
        await write(person, text)
        assert person.decided() == [("train/0005", "drop")]


@scenario
async def test_what_was_typed_is_said_to_decide_nothing_and_the_keys_work_again(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("j", "j", "enter", "y")
        assert "Keep train/0003" in person.screen()
        await person.press("o", "y", "x")
        assert "typed text decides nothing here: m on an item opens a note" in person.text()
        assert "Keep train/0003" not in person.screen()
        await person.press("y", "escape")
        assert "[1 Diff]" in person.screen(), "escape ends the text, and no more"
        await person.press("y", "enter")
        assert person.decided() == [("train/0003", "keep")]


def test_a_character_that_is_no_key_begins_a_text_and_a_pause_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_text, "PAUSE_SECONDS", PAUSE_SECONDS)
    now = [0.0]
    text = TypedText(lambda: now[0])
    assert not text.takes("y", True, True)
    assert text.takes("h", True, False)
    assert text.takes("y", True, True)
    now[0] += 2 * PAUSE_SECONDS
    assert not text.takes("y", True, True)
    assert text.takes("h", True, False)
    assert text.takes("enter", False, True), "the enter at its end belongs to it"
    assert not text.takes("enter", False, True)
    assert text.takes("h", True, False)
    assert not text.takes("down", False, True)
    assert not text.takes("y", True, True)


def test_characters_of_the_tests_have_the_names_of_their_keys() -> None:
    assert _character_to_key("!") == "exclamation_mark"


# ---- how long, and how many are left


@scenario
async def test_who_i_am_and_how_many_are_left_is_on_every_screen(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        assert "ana, 6 left" in person.screen()
        await person.press("enter")
        assert "ana · 6 left" in person.screen()
        await person.press("x", "enter")
        assert "ana · 5 left" in person.screen()


@scenario
async def test_the_time_that_an_item_was_on_the_screen_is_shown_and_summed_up(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build", SIX[2:4]), size=(120, 24)) as person:
        now = [100.0]
        person.app.worklist.clock = lambda: now[0]
        await person.press("enter")
        now[0] += 75.0
        await person.press("y", "enter")
        assert "saved: train/0003: keep after 75 s" in person.text()
        now[0] += 5.0
        await person.press("x", "enter")
        assert "ana: 2 decided in this session (1 drop, 1 keep); 40 s an item (median)" in person.text()


def test_an_item_that_is_decided_twice_counts_once_by_its_last_decision(queue: Queue) -> None:
    with Session(queue, "ana") as session:
        worklist = Worklist(session)
        waiting = worklist.left()
        for action in (Action.SKIP, Action.DROP):
            worklist.decide(queue.ids[0], action)
        assert worklist.summary().actions == {"drop": 1}
        assert worklist.summary().left == worklist.left() == waiting - 1


def test_counting_what_is_left_reads_no_file(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(queue, "ana") as session:
        worklist = Worklist(session)
        monkeypatch.setattr(session, "_refresh", lambda: pytest.fail("the decisions are looked up"))
        assert worklist.left() == len(queue.ids)


def test_a_summary_names_the_command_that_comes_next() -> None:
    made = [(Action.KEEP, 10.0), (Action.DROP, 30.0), (Action.KEEP, None)]
    some = list(summarize_session("ana", Path("b"), made, 4, 1).lines())
    assert some == [
        "ana: 3 decided in this session (1 drop, 2 keep); 20 s an item (median)",
        "1 flagged or in disagreement: apps-plus review list b shows their state",
        "4 left, about 80 s: apps-plus review b --reviewer ana goes on",
    ]
    none = list(SessionSummary("ana", Path("b"), {}, (), 0).lines())
    assert none[0] == "ana: 0 decided in this session"
    assert none[1].startswith("nothing is left to decide: apps-plus build RAW --out b")


# ---- the guidelines


@scenario
async def test_f1_shows_the_guidelines_that_a_team_wrote(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build")
    async with review(folder) as person:
        await person.press("f1")
        await person.sees("Read the statement first", "keep: the expected output is right")
        await person.press("escape")
        (folder / "guidelines.md").write_text("# Our rules\n\nSecond thoughts are *free*.\n")
        await person.press("enter", "f1")
        await person.sees("Our rules", "Second thoughts are free.")
        await person.press("escape")
        (folder / "guidelines.md").write_bytes(b"\xff\xfe")
        await person.press("f1")
        assert "it is not UTF-8: make it a text file" in person.text()
