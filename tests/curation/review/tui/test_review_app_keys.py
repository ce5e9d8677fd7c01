"""Press every key of the review app at least once and check its effect; a key without a step fails a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from review_screens import SIX, Person, review, scenario, write_build
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import TextArea

from curation.records import Reason
from curation.review.tui.background_runner import BackgroundRunner
from curation.review.tui.batch_screen import BatchScreen
from curation.review.tui.dialogs import ChoiceDialog, ConfirmDialog, InputDialog, NoticeDialog, ScrolledDialog
from curation.review.tui.keys import KEYS

Look = Callable[[Person], object]


@dataclass(frozen=True)
class Step:
    """Press a key, check its effect, and go back if needed."""

    id: str
    key: str
    sees: str = ""
    """A text that the screen shows only after the key."""
    changes: Look | None = None
    """Or: a value that the key changes."""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def scrolled(person: Person) -> object:
    return person.app.review_screen.query_one("#scroll", VerticalScroll).scroll_y


def cursor(problem_id: str) -> str:
    return f"▶ open       {problem_id}"


def text(person: Person) -> object:
    return person.app.screen.query_one(TextArea).text


RUNS: list[int] = []


def runs(_: Person) -> object:
    return len(RUNS)


def steps(name: str, *keys_and_sights: str, after: Iterable[str] = ()) -> list[Step]:
    """Steps of one action: a key, the text shown then, another key, ..."""
    pairs = zip(keys_and_sights[::2], keys_and_sights[1::2], strict=True)
    return [Step(name, key, sees, after=tuple(after)) for key, sees in pairs]


def moving(name: str, *keys: str) -> list[Step]:
    return [Step(name, key, changes=scrolled) for key in keys]


ESC = ("escape",)
LAST_REASON = str(list(Reason)[-1])
FIRST, LAST = cursor("train/0001"), cursor("test/0001")

QUEUE = [
    *steps("queue.down", "j", cursor("train/0002"), "down", cursor("train/0003")),
    *steps("queue.up", "k", cursor("train/0002"), "up", FIRST),
    *steps("queue.page_down", "pagedown", LAST),
    *steps("queue.page_up", "pageup", FIRST),
    *steps("queue.page_down", "ctrl+d", LAST),
    *steps("queue.page_up", "ctrl+u", FIRST),
    *steps("queue.last", "end", LAST),
    *steps("queue.first", "home", FIRST),
    *steps("queue.last", "G", LAST),
    *steps("queue.next_open", "tab", FIRST),
    *steps("queue.search", "slash", "Search (enter keeps the search", after=ESC),
    *steps("queue.filter", "f", "Show only", after=ESC),
    Step("queue.clear", "escape", "train/0001", before=("slash", "a", "n", "y", "enter")),
    *steps("queue.open", "enter", "[1 Diff]", "l", "[1 Diff]", "right", "[1 Diff]", after=ESC),
    *steps("app.help", "question_mark", "esc closes", after=ESC),
    *steps("app.go_to", "g", "Go to", after=ESC),
    *steps("app.batch", "b", "space in or out", after=ESC),
    *steps("app.undo", "u", "there is nothing to undo"),
    *steps("app.redo", "U", "there is nothing to redo"),
]
ITEM = [
    *steps("item.tab_2", "2", "[2 Statement]"),
    *steps("item.tab_3", "3", "[3 Solutions]"),
    *steps("item.tab_4", "4", "[4 Tests]"),
    *steps("item.tab_5", "5", "[5 History]"),
    *steps("item.tab_1", "1", "[1 Diff]"),
    *steps("item.next_tab", "right_square_bracket", "[2 Statement]", "tab", "[3 Solutions]"),
    *steps("item.previous_tab", "left_square_bracket", "[2 Statement]", "shift+tab", "[1 Diff]"),
    Step("item.tab_2", "2", "line 01"),
    *moving("item.scroll_down", "down", "ctrl+e"),
    *moving("item.scroll_up", "up", "ctrl+y"),
    *moving("item.page_down", "pagedown", "ctrl+d"),
    *moving("item.page_up", "pageup", "ctrl+u"),
    *steps("item.next_test", "n", "2 of 2 disputed"),
    *steps("item.previous_test", "N", "1 of 2 disputed"),
    *steps("item.next_solution", "s", "runtime_error: solutions 2"),
    *steps("item.previous_solution", "S", "+ answer A"),
    *steps("item.whitespace", "w", "6↵", after=("w",)),
    Step("item.run_again", "r", changes=runs, after=("every solution has run again",)),
    *steps("item.checker", "t", "no checker is proposed"),
    *steps("item.next_item", "j", "train/0002  open", "right", "train/0003  open"),
    *steps("item.previous_item", "k", "train/0002  open", "left", "train/0001  open"),
    *steps("item.note", "m", "Note on train/0001", after=ESC),
    *steps("item.drop", "x", "Drop train/0001: reason", after=ESC),
    *steps("item.edit", "e", "Expected output of test", after=ESC),
    *steps("item.comparison", "c", "Compare outputs as", after=ESC),
    *steps("item.canonical", "p", "Canonical solution", after=ESC),
    *steps("item.apply", "a", "Correct train/0001", after=ESC),
    *steps("item.input", "i", "Input of test", after=ESC),
    *steps("item.drop_test", "d", "without test", after=("z", "none yet", "escape")),
    *steps("app.guidelines", "f1", "Read the statement first", after=ESC),
    *steps("item.flag", "exclamation_mark", "Flag train/0001: why", after=("y", "enter", "saved: train/0001: flag")),
    *steps("item.skip", "o", "Skip train/0002", after=("enter", "saved: train/0002: skip")),
    *steps("item.keep", "y", "Keep train/0003", after=("enter", "saved: train/0003: keep")),
    *steps("app.undo", "u", "undone: train/0003: keep"),
    *steps("app.redo", "U", "saved: train/0003: keep"),
    *steps("item.close", "escape", "1 of 6 done"),
    Step("item.close", "backspace", "1 of 6 done", before=("enter",)),
]
FIX = [
    Step("fix.run_again", "r", changes=runs, after=("2 after",)),
    *moving("fix.page_down", "pagedown"),
    *moving("fix.page_up", "pageup"),
    *moving("fix.page_down", "ctrl+d"),
    *moving("fix.page_up", "ctrl+u"),
    *moving("fix.scroll_down", "j", "down"),
    *moving("fix.scroll_up", "k", "up"),
    Step("fix.whitespace", "w", "5↵", before=("pagedown", "pagedown"), after=("w", "pageup", "pageup")),
    *steps("fix.next_test", "n", " test 0  "),
    *steps("fix.previous_test", "N", " test 1  "),
    *steps("fix.note", "m", "Note on train/0001", after=ESC),
    *steps("fix.comparison", "c", "Compare outputs as", after=ESC),
    *steps("fix.canonical", "p", "Canonical solution", after=ESC),
    *steps("fix.input", "i", "Input of test", after=ESC),
    *steps("fix.edit", "e", "Expected output of test"),
    Step("editor.other", "ctrl+t", changes=text, before=("delete",)),
    Step("editor.other", "f3", changes=text, before=("delete",)),
    Step("editor.external", "ctrl+o", changes=text),
    Step("editor.external", "f4", changes=text, before=("delete", "8")),
    *steps("editor.close", "escape", "Changes"),
    Step("editor.save", "ctrl+s", "test 1: expect 78", before=("e", "7")),
    Step("editor.save", "f2", "test 1: expect 878", before=("e", "8")),
    *steps("fix.reset", "z", "none yet"),
    *steps("fix.drop_test", "d", "without test 1", after=("z", "none yet")),
    *steps("fix.close", "escape", "[1 Diff]"),
    Step("fix.accept", "enter", "saved: train/0001: correct", before=("a", "2 after")),
    Step("app.leave", "q", "will be lost", before=("m", "x", "enter")),
]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor that answers at once, and a background runner that counts its jobs."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/8/9/")
    run = BackgroundRunner.submit

    def counted(self: BackgroundRunner, *args: object) -> int:
        RUNS.append(0)
        return run(self, *args)

    monkeypatch.setattr(BackgroundRunner, "submit", counted)


def test_every_key_of_every_action_is_pressed_by_some_step() -> None:
    pressed = {(step.id, step.key) for step in (*QUEUE, *ITEM, *FIX)}
    assert {(key.id, one) for key in KEYS for one in key.keys.split(",")} == pressed


@pytest.mark.parametrize(
    ("start", "tour", "size"),
    [((), QUEUE, (80, 24)), (("enter",), ITEM, (60, 24)), (("enter", "n", "a", "2 after"), FIX, (80, 12))],
    ids=["queue", "item", "fix"],
)
@scenario
async def test_every_key_does_what_it_says(
    tmp_path: Path, start: Sequence[str], tour: Sequence[Step], size: tuple[int, int]
) -> None:
    question = "".join(f"line {number:02}\n\n" for number in range(60))
    vote = SIX[0].votes[0]
    votes = replace(vote, test=0, expected="6\n"), vote
    first = replace(SIX[0], question=question, votes=votes, suggestion=replace(SIX[0].suggestion, text="of test 0"))
    async with review(write_build(tmp_path / "build", [first, *SIX[1:]]), size=size) as person:
        await go(person, start)
        for step in tour:
            await go(person, step.before)
            shown, was = person.screen(), step.changes and step.changes(person)
            await person.press(step.key)
            if step.changes is not None:
                await person.until(lambda step=step, was=was: step.changes(person) != was, f"{step.id} {step.key}")
            else:
                assert step.sees not in shown, f"{step.id} {step.key}: it was there before"
                await person.sees(step.sees)
            await go(person, step.after)


async def go(person: Person, way: Sequence[str]) -> None:
    """Press keys; wait for a step with a space to show as a text."""
    for key in way:
        await (person.sees(key) if " " in key else person.press(key))


# ---- the dialogs, whose keys have no ids


@pytest.mark.parametrize(
    "window", [InputDialog, ConfirmDialog, ScrolledDialog, NoticeDialog, ChoiceDialog, BatchScreen]
)
def test_every_key_of_a_dialog_has_an_action(window: type[ModalScreen[object]]) -> None:
    actions = {binding.action.partition("(")[0] for binding in window.BINDINGS}
    assert [action for action in actions if not hasattr(window, f"action_{action}")] == []


def chosen(person: Person) -> str:
    """The reason under the cursor, after its digit if it has one."""
    found = re.search(r"│ ▶ [1-9 ] ([a-z_]+)", person.screen())
    return found[1] if found else ""


@scenario
async def test_the_keys_of_a_list_to_choose_from(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build"), size=(80, 16)) as person:
        await person.press("enter", "x")
        for key, reason in (
            ("j", "multiple_outputs"),
            ("down", "missing_tests"),
            ("k", "multiple_outputs"),
            ("up", "output_mismatch"),
            ("pagedown", "irrelevant_code"),
            ("pageup", "output_mismatch"),
            ("ctrl+d", "irrelevant_code"),
            ("ctrl+u", "output_mismatch"),
            ("G", LAST_REASON),
            ("g", "output_mismatch"),
            ("end", LAST_REASON),
            ("home", "output_mismatch"),
            ("k", LAST_REASON),
            ("j", "output_mismatch"),
        ):
            await person.press(key)
            await person.until(lambda reason=reason: chosen(person) == reason, reason)
            assert "enter decides" in person.screen(), "what leaves it is always in sight"
        await person.press("q", "x", "space", "1", "9", "1")
        assert person.decided() == [], "only enter decides"
        await person.press("enter")
        assert [decision.reason for decision in person.decisions()] == ["output_mismatch"]


@scenario
async def test_the_table_of_keys_scrolls(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build"), size=(60, 15)) as person:
        await person.press("question_mark")

        def place() -> float:
            return person.app.screen.query_one(VerticalScroll).scroll_y

        for down, up in (("j", "k"), ("down", "up"), ("pagedown", "pageup"), ("ctrl+d", "ctrl+u")):
            await person.press(down)
            await person.until(lambda: place() > 0, down)
            await person.press(up)
            await person.until(lambda: place() == 0, up)
        await person.press("q")
        assert cursor("train/0001") in person.screen()
