"""The proposed checker on the screen: shown with its evidence, tried with one key, decided with another."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_screens import divisors, item, least_then_plan, review, scenario, write_build
from textual.widgets import TextArea

from curation.review_decisions import Action, Changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_build(tmp_path / "build", [divisors("train/0001"), least_then_plan("train/0002"), item("train/0003")])


@scenario
async def test_t_tries_the_proposal_and_enter_decides(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter")
        assert "[t] Compare as unordered: accepts 4 of 4 solutions' outputs, rejects" in person.text()
        await person.press("t")
        await person.sees("Solutions that pass: 1 before, 4 after")
        assert person.decided() == []
        await person.press("enter")
        assert [(d.action, d.changes) for d in person.decisions()] == [
            (Action.CORRECT, Changes(comparison="unordered"))
        ]


@scenario
async def test_one_with_a_caution_opens_in_the_editor(folder: Path) -> None:
    async with review(folder, size=(120, 35)) as person:
        await person.press("enter", "j")
        assert "[t] Edit same_first_line: ! it looks at little else; accepts 4 of 4" in person.text()
        await person.press("t")
        await person.until(lambda: bool(person.app.screen.query(TextArea)))
        editor = person.app.screen.query_one(TextArea)
        assert "def check(input: object, expected: str, actual: str) -> bool:" in editor.text
        mine = "def check(input, expected, actual):\n    return actual.split()[0] == '3'\n"
        editor.text = mine
        await person.press("ctrl+s")
        await person.sees("Solutions that pass: 1 before, 4 after", "return actual.split()[0] == '3'")
        await person.press("enter")
        assert person.decisions()[0].changes == Changes(comparison="checker", checker=mine)


@scenario
async def test_leaving_the_editor_leaves_no_draft(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "j", "t")
        await person.until(lambda: bool(person.app.screen.query(TextArea)))
        await person.press("escape")
        await person.sees("[1 Diff]")
        assert person.decided() == []


@scenario
async def test_without_a_proposal_there_is_no_line_and_t_says_what_to_do(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "j", "j")
        assert "[t]" not in person.screen()
        await person.press("t")
        await person.sees("no checker is proposed: c chooses a comparison, or writes one")
