"""The lists of the review app draw the rows that they were filled with, even if the screen has moved on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, Person, decide_as, item, review, scenario, several_answers, write_build
from textual.events import Key
from textual.widgets import TextArea

from apps_plus.problem import dump_json
from curation.records import Reason, SolutionResult, VerifiedProblem, Vote
from curation.review_decisions import Action


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the editor by a command that ends at once."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


def of_size(problem_id: str, tests: int, solutions: int) -> VerifiedProblem:
    """An item with ``tests`` tests and ``solutions`` solutions, whose suggested drop is decided at once."""
    return replace(
        several_answers(problem_id),
        tests=dump_json({"inputs": ["1\n"] * tests, "outputs": ["2\n"] * tests}),
        solutions=tuple(SolutionResult(n, "passed") for n in range(solutions)),
        votes=(Vote(0, "2\n", 1, (replace(SIX[2].votes[0].options[0], solutions=(0,)),), 2),) if solutions else (),
        sources={str(n): "print(2)" for n in range(solutions)},
    )


SIZES = ((10, 9), (9, 3), (0, 0), (12, 11), (1, 1))


async def draw(person: Person) -> None:
    """Draw the screen at once, as a resize or a timer may at any moment."""
    person.app.screen._compositor.render_update(full=True)


@pytest.mark.parametrize("tab", "12345")
@scenario
async def test_items_of_other_sizes_may_be_drawn_at_any_moment_on_every_tab(tmp_path: Path, tab: str) -> None:
    problems = [of_size(f"train/000{n}", *size) for n, size in enumerate(SIZES)]
    async with review(write_build(tmp_path / "build", problems), size=(110, 36)) as person:
        await person.press("enter")
        for key in ("j", "j", "j", "j", "k", "k", "k", "k", "a", "u", "a", "o", "a", "u"):
            await person.press(tab)
            at_once(person, *["down"] * 10)
            await person.press("down")
            screen = person.app.review_screen
            screen.show(problems[0].problem_id)
            await draw(person)  # before any message has been read
            screen.show(problems[2].problem_id)
            await draw(person)
            screen.show(problems[1].problem_id)
            await person.press(tab)
            at_once(person, *["down"] * 8)
            await person.press(key)
            await draw(person)
        assert person.app.return_code in (None, 0)
        assert person.app.is_running


@pytest.mark.parametrize("tab", "34")
@scenario
async def test_the_list_has_the_rows_of_the_item_that_is_shown(tmp_path: Path, tab: str) -> None:
    problems = [of_size(f"train/000{n}", *size) for n, size in enumerate(SIZES)]
    async with review(write_build(tmp_path / "build", problems), size=(110, 36)) as person:
        await person.press("enter")
        for tests, solutions in SIZES:
            await person.press(tab)
            assert person.app.review_screen.body.list.count == (solutions if tab == "3" else tests)
            await person.press("1")
            assert person.app.review_screen.body.list.count == 0
            await person.press("j")


@scenario
async def test_a_late_moved_message_does_not_select_a_row_that_is_gone(tmp_path: Path) -> None:
    problems = [of_size(f"train/000{n}", *size) for n, size in enumerate(SIZES)]
    async with review(write_build(tmp_path / "build", problems), size=(110, 36)) as person:
        await person.press("enter", "4")
        body = person.app.review_screen.body
        body.list.cursor = 9  # its message is read only after the next item is shown on the same tab
        person.app.review_screen.show("train/0001")
        person.app.review_screen.action_show_tab(3)
        await person.settle()
        assert body.view.test == 0
        assert "test 0: input" in person.screen()


# ---- keys that are typed ahead


def at_once(person: Person, *keys: str) -> None:
    """Press keys faster than any screen is laid out."""
    for key in keys:
        person.app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize(
    ("digit", "reason"), [("1", "output_mismatch"), ("2", "multiple_outputs"), ("4", "missing_solution")]
)
@scenario
async def test_a_digit_finds_a_reason_even_before_the_window_stands(tmp_path: Path, digit: str, reason: str) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter")
        at_once(person, "x", digit, "enter")
        await person.until(lambda: bool(person.decided()))
        assert [(d.problem_id, d.reason) for d in person.decisions()] == [("train/0001", reason)]


@scenario
async def test_keys_typed_ahead_reach_the_window_that_they_are_for(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter")
        at_once(person, "c", "j", "j", "j", "enter")
        await person.sees("compare as float instead of exact")
        await person.press("z", "escape")
        at_once(person, "c", "1")
        await person.sees("Checker: check(input, expected, actual) -> bool")
        assert person.app.screen.query_one(TextArea).has_focus
        await person.press("escape")
        await person.sees("[1 Diff]")
        at_once(person, "x", "G", "k", "enter")
        await person.until(lambda: bool(person.decided()))
        assert person.decisions()[0].reason == list(Reason)[-2]


@scenario
async def test_a_window_that_never_comes_keeps_no_key_for_ever(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter")
        person.app.awaits_dialog = True
        at_once(person, "j")
        await asyncio.sleep(0)
        await person.sees("train/0002  open")
        await person.press("j")
        assert "train/0003" in person.lines()[0]


@scenario
async def test_a_digit_without_an_option_does_nothing(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter", "c")
        await person.sees("▶ 2 exact", "  1 checker", "  6 unordered", "  7 checker")
        await person.press("escape", "p")
        await person.sees("Canonical solution")
        await person.press("9")
        assert "Canonical solution" in person.screen()


# ---- the same for similar items


@scenario
async def test_the_preview_holds_the_item_itself_first_when_it_was_skipped(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build")) as person:
        await person.press("enter", "o", "enter", "k", "b")
        await person.sees("2 of 2 will be decided", "▶ [x] train/0001", "[x] train/0002")
        await person.press("enter")
        assert person.decided()[1:] == [("train/0001", "correct"), ("train/0002", "correct")]


@scenario
async def test_the_preview_shows_what_i_decided_about_the_item_itself(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [several_answers(f"train/000{n}") for n in range(3)])
    async with review(folder) as person:
        await person.press("enter", "a", "enter", "k", "b")
        await person.sees("▶ [=] train/0000", "decided already", "2 of 2 will be decided")
        await person.press("space", "space", "enter")
        assert [name for name, _ in person.decided()] == ["train/0000", "train/0001", "train/0002"]


@scenario
async def test_what_another_decided_is_not_decided_again_unless_it_is_marked(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build")
    decide_as(folder, "bob", SIX[0], Action.DROP)
    async with review(folder) as person:
        await person.press("home", "b")
        await person.sees("▶ [ ] train/0001", "[x] train/0002", "1 of 2 will be decided")
        await person.press("enter")
        assert person.decided()[1:] == [("train/0002", "correct")]


@scenario
async def test_every_candidate_decided_leaves_nothing_to_preview(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build", [item("train/0001")])) as person:
        await person.press("enter", "x", "1", "enter", "enter", "b")
        assert "no other open item has the same kind" in person.screen()
