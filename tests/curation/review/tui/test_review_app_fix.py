"""Correct an item in the review app: it can be decided only after every solution has run and the result was shown."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partialmethod
from pathlib import Path

import pytest
from review_screens import SIX, Person, item, review, scenario, several_answers, with_texts, write_build
from textual.widgets import TextArea

from apps_plus.problem import dump_json
from curation.review.tui.editor import edit_in, editor_of
from curation.review_decisions import Action, Changes
from harness.sandbox import LAYERS, Isolation, Sandbox


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the editor by a command that ends at once."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_build(tmp_path / "build")


async def write(person: Person, text: str) -> None:
    """Write a text into the open editor, and save it."""
    await person.until(lambda: bool(person.app.screen.query(TextArea)))
    person.app.screen.query_one(TextArea).text = text
    await person.press("ctrl+s")


@scenario
async def test_a_shows_before_and_after_and_enter_decides(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "a")
        await person.sees("Solutions that pass: 0 before, 2 after", "✓ solution 0 becomes the canonical one")
        assert "test 1: expect 8 instead of 5" in person.screen()
        assert person.decided() == []
        await person.press("enter")
        decision = person.decisions()[0]
        assert (decision.problem_id, decision.action) == ("train/0001", Action.CORRECT)
        assert decision.changes == Changes({"1": "8"})
        assert "train/0002" in person.lines()[0]


@scenario
async def test_a_correction_that_most_solutions_still_fail_is_questioned(tmp_path: Path) -> None:
    sources = {"0": "print(8 if input() == '4' else 6)", "1": "print(7)", "2": "print(9)"}
    async with review(write_build(tmp_path / "build", [item("train/0001", sources=sources)])) as person:
        await person.press("enter", "a")
        await person.sees("! only 1 of 3 solutions pass: are several answers right?")


@scenario
async def test_nothing_is_decided_while_the_solutions_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    execute = Sandbox.execute

    def slow(self: Sandbox, *args: object, **options: object) -> object:
        may_go_on.wait(30)
        return execute(self, *args, **options)

    monkeypatch.setattr(Sandbox, "execute", slow)
    async with review(folder) as person:
        await person.press("enter", "a", "enter")
        assert "the solutions are still running" in person.screen()
        assert person.decided() == []
        may_go_on.set()
        await person.sees("2 after")


@scenario
async def test_what_no_solution_passes_is_not_decided(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "e")
        await write(person, "9")
        await person.sees("! no solution passes the tests of train/0001 as changed")
        await person.press("enter")
        assert person.decided() == []


@scenario
async def test_e_edits_the_expected_output_in_place(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "e")
        await person.sees("Expected output of test 1")
        assert person.app.screen.query_one(TextArea).text == "5\n"
        await write(person, "8\n")
        await person.sees("0 before, 2 after")
        assert "changed" in person.screen()
        await person.press("enter")
        assert person.decisions()[0].changes.outputs == {"1": "8"}


@scenario
async def test_the_answer_that_was_shown_can_be_taken(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "e", "ctrl+t")
        assert person.app.screen.query_one(TextArea).text == "8"
        await person.press("escape")
        assert person.decided() == []
        assert person.lines()[0].startswith(" train/0001"), "back on the item, since nothing was changed"


@scenario
async def test_writing_what_is_expected_already_is_no_change(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "e")
        await write(person, "5")
        await person.sees("none yet")
        await person.press("enter")
        assert "nothing is changed yet" in person.screen()


@scenario
async def test_the_value_of_a_call_is_edited_as_json(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("g")
        await person.type("test/1")
        await person.press("enter")
        assert "double(4)" in person.screen()
        await person.press("e")
        await write(person, "[8")
        assert "is not JSON" in person.screen()
        await person.press("e")
        await write(person, " 8 ")
        await person.sees("0 before, 2 after")
        await person.press("enter")
        assert person.decisions()[0].changes.outputs == {"1": "8"}


@scenario
async def test_the_expected_output_in_the_editor_of_ones_choice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "sed -i s/5/8/")
    async with review(folder) as person:
        await person.press("enter", "e", "ctrl+o")
        assert person.app.screen.query_one(TextArea).text == "8\n"
        await person.press("ctrl+s")
        await person.sees("0 before, 2 after")


@scenario
async def test_an_editor_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    async with review(folder) as person:
        await person.press("enter", "e", "ctrl+o")
        await person.sees("/no/such/editor", "set $EDITOR")


@scenario
async def test_a_text_too_long_to_edit_here_is_edited_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "sed -i s/9/8/g")
    write_build(tmp_path / "build", [with_texts("train/0001", "Print nines.", "4\n", "9" * 200_000, "8")])
    async with review(tmp_path / "build") as person:
        await person.press("enter", "e")
        await person.sees("test 0: expect 888")


@scenario
async def test_control_characters_are_edited_as_json(tmp_path: Path) -> None:
    tests = '{"inputs": ["3\\n", "4\\n"], "outputs": ["6\\n", "\\u001b[2J"]}'
    write_build(tmp_path / "build", [item("train/0001", tests=tests)])
    async with review(tmp_path / "build") as person:
        await person.press("enter", "e")
        await person.sees("it is edited as JSON")
        assert "\x1b" not in person.app.screen.query_one(TextArea).text
        await write(person, "not JSON")
        await person.sees("that is not JSON")
        await write(person, '"8\\n"')
        await person.sees("0 before, 2 after")


@scenario
async def test_c_chooses_the_comparison(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "c")
        await person.sees("Compare outputs as")
        await person.press("j", "j", "j", "enter")
        await person.sees("compare as float instead of exact")
        await person.sees("! no solution passes")


@scenario
async def test_a_checker_is_written_tried_and_decided(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [several_answers("train/0003"), *SIX[:1]])
    checker = "def check(input, expected, actual):\n    return int(actual) % 2 == 0\n"
    async with review(folder) as person:
        await person.press("enter", "c", "up", "enter")
        await person.sees("Checker: check(input, expected, actual) -> bool")
        assert "def check(input, expected, actual):" in person.app.screen.query_one(TextArea).text
        await write(person, checker)
        await person.sees("Solutions that pass: 1 before, 2 after")
        await person.press("enter")
        assert person.decisions()[0].changes == Changes(comparison="checker", checker=checker)


@scenario
async def test_a_checker_that_does_not_work_says_so(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [several_answers("train/0003")])
    async with review(folder) as person:
        await person.press("enter", "c", "1")
        await write(person, "def check(input, expected, actual):\n    return nothing\n")
        await person.sees("the checker ends with NameError", "line 2")
        await person.press("enter")
        assert person.decided() == []


@scenario
async def test_a_checker_that_is_no_python_names_its_line(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [several_answers("train/0003")])
    async with review(folder, size=(160, 24)) as person:
        await person.press("enter", "c", "1")
        await write(person, "import re\ndef check(input, expected, actual)\n    return True\n")
        await person.sees("SyntaxError: expected ':'", ", line 2")
        await person.press("enter")
        assert person.decided() == []


@scenario
async def test_what_the_comparison_would_also_accept_stands_beside_the_expected_output(tmp_path: Path) -> None:
    lines = item(
        "train/0001",
        tests=dump_json({"inputs": ["3\n"], "outputs": ["1\n6\n"]}),
        sources={"0": "print(6)\nprint(1)", "1": "print(1)\nprint(6)", "2": "raise ValueError('no')"},
    )
    async with review(write_build(tmp_path / "build", [lines])) as person:
        await person.press("enter", "c", "6")
        await person.sees("unordered: the output on the right would also be accepted for test 0", "also accepted")
        assert "≠" in person.screen()


@scenario
async def test_choosing_the_comparison_in_force_says_so_and_changes_nothing(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "c", "enter")
        await person.sees("outputs are already compared as exact: nothing was changed", "[1 Diff]")


@scenario
async def test_p_picks_another_canonical_solution(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "a")
        await person.sees("solution 0 becomes")
        await person.press("p")
        await person.sees("Canonical solution (2 pass)")
        await person.press("j", "j", "enter")
        await person.sees("✓ solution 1 becomes the canonical one")
        await person.press("enter")
        assert person.decisions()[0].changes.canonical == 1


@scenario
async def test_a_draft_stays_until_it_is_decided_or_reset(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "a")
        await person.sees("2 after")
        await person.press("escape", "e", "escape")
        await person.sees("test 1: expect 8", "2 after")
        await person.press("z")
        await person.sees("none yet")


@scenario
async def test_a_note_goes_with_the_correction(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "a")
        await person.sees("2 after")
        await person.press("m")
        await person.type("sure")
        await person.press("enter")
        assert "note: sure" in person.lines()[0]
        await person.press("enter")
        assert person.decisions()[0].note == "sure"


# ---- where programs run


def without(layers: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove layers from every sandbox, as on a machine without them."""
    monkeypatch.setattr(Sandbox, "__init__", partialmethod(Sandbox.__init__, without=layers))


@scenario
async def test_a_machine_without_a_sandbox_gives_an_error_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(LAYERS[:-1], monkeypatch)
    async with review(folder) as person:
        await person.press("enter", "r")
        await person.until(lambda: "! the sandbox is not safe here: programs would run without" in person.text())
        await person.until(lambda: "--unsafe accepts that" in person.text())
        await person.press("a")
        await person.until(lambda: "! the sandbox is not safe here: programs would run without" in person.text())
        await person.press("enter")
        assert person.decided() == []
        await person.press("escape", "b")
        await person.sees("0 of 2 will be decided", "! the sandbox is not safe here")


@scenario
async def test_on_such_a_machine_programs_run_where_that_is_accepted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(LAYERS[:-1], monkeypatch)
    async with review(folder, isolation=Isolation(unsafe=True)) as person:
        await person.press("enter", "a")
        await person.sees("0 before, 2 after")


@scenario
async def test_missing_isolation_that_is_required_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(["landlock"], monkeypatch)
    async with review(folder, isolation=Isolation(require_isolation=True)) as person:
        await person.press("enter", "a")
        await person.until(lambda: "! the sandbox is not safe here: a program could read a file" in person.text())


# ---- the same for similar items


@scenario
async def test_b_tries_and_shows_similar_items_before_it_decides_them(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "b")
        await person.sees("2 of 2 will be decided", "[x] train/0001", "[x] train/0002", "0 → 2 pass")
        assert person.decided() == []
        await person.press("enter")
        assert person.decided() == [("train/0001", "correct"), ("train/0002", "correct")]
        assert "train/0003" in person.lines()[0]
        await person.press("u", "u")
        assert len(person.decided()) == 4


@scenario
async def test_space_leaves_one_out_and_esc_leaves_all(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("b")
        await person.sees("2 of 2 will be decided")
        await person.press("space")
        await person.sees("1 of 2 will be decided")
        await person.press("escape")
        assert person.decided() == []
        await person.press("b")
        await person.sees("2 of 2 will be decided")
        await person.press("j", "k", "down", "space", "enter")
        assert person.decided() == [("train/0001", "correct")]


@scenario
async def test_b_on_an_item_that_i_decided_decides_the_others_alike(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [several_answers(f"train/000{n}") for n in range(3)])
    async with review(folder) as person:
        await person.press("enter", "x", "j", "j", "enter", "k", "b")
        await person.sees("The same decision for train/0000", "drop (missing_tests)", "2 of 2 will be decided")
        await person.press("enter")
        assert [d.reason for d in person.decisions()] == ["missing_tests"] * 3


@scenario
async def test_what_cannot_be_decided_so_is_left_out(tmp_path: Path) -> None:
    hopeless = item("train/0002", sources={str(n): "print(1)" for n in range(3)})
    async with review(write_build(tmp_path / "build", [SIX[0], hopeless])) as person:
        await person.press("b")
        await person.sees("[-] train/0002", "1 of 2 will be decided", "1 [-] cannot be decided")
        await person.press("enter")
        assert person.decided() == [("train/0001", "correct")]


@scenario
async def test_b_says_so_where_nothing_is_similar(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("g")
        await person.type("train/4")
        await person.press("enter", "b")
        assert "no other open item has the same kind" in person.screen()


# ---- the editor outside


def test_the_editor_is_visual_then_editor_then_vi() -> None:
    assert editor_of({"VISUAL": "code -w", "EDITOR": "nano"}) == ["code", "-w"]
    assert editor_of({"EDITOR": "nano"}) == ["nano"]
    assert editor_of({}) == ["vi"]


def test_the_line_end_that_an_editor_adds_is_no_change() -> None:
    assert edit_in(["sed", "-i", "$a\\"], "8") == "8"
    assert edit_in(["true"], "8\r\n") == "8\r\n"


def test_an_editor_that_fails_changes_nothing() -> None:
    with pytest.raises(OSError, match="status 1"):
        edit_in(["false"], "8")


# ---- bad inputs, and checkers of the catalogue


@scenario
async def test_i_changes_the_input_and_the_answer_to_it_can_be_taken_as_expected_output(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "i")
        await person.sees("Input of test 1")
        await person.press("ctrl+a", "delete")
        await person.type("10")
        await person.press("ctrl+s")
        await person.sees("test 1: input 10", "(bad input)", "no solution passes")
        await person.press("enter")
        assert person.decided() == []
        await person.press("e")
        await person.sees("Expected output of test 1")
        await person.press("ctrl+t", "ctrl+s")
        await person.sees("test 1: expect 20 instead of 5", "✓ solution 0 becomes the canonical one")
        assert "2 of 2 solutions answer the changed input of test 1 with the expected output" in person.text()
        await person.press("enter")
        (decision,) = person.decisions()
        assert (decision.reason, decision.changes) == ("bad_input", Changes({"1": "20"}, inputs={"1": "10\n"}))
        await person.press("k", "5")
        await person.sees("test 1: input 10", "test 1: expect 20")


@scenario
async def test_d_leaves_a_test_out_and_takes_it_back(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "d")
        await person.sees("without test 1 (bad input)", "0 before, 2 after")
        await person.press("d")
        await person.sees("test 1 is in again: nothing is changed", "[1 Diff]")
        await person.press("d")
        await person.sees("0 before, 2 after")
        await person.press("enter")
        assert [(d.reason, d.changes) for d in person.decisions()] == [("bad_input", Changes(dropped_tests=(1,)))]


@scenario
async def test_the_only_test_cannot_be_left_out(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build", [several_answers("train/0001")])) as person:
        await person.press("enter", "d")
        await person.until(lambda: "no test would be left: drop the problem" in person.text())
        await person.press("enter")
        assert person.decided() == []


@scenario
async def test_c_offers_the_checkers_of_the_catalogue_and_shows_what_one_would_also_accept(folder: Path) -> None:
    async with review(folder, size=(100, 40)) as person:
        await person.press("enter", "e")
        await person.press("ctrl+t", "ctrl+s")
        await person.sees("2 after")
        await person.press("c")
        await person.sees("checker    lines in any order", "a start: it opens in the editor")
        while "▶   checker    lines in any order" not in person.screen():
            await person.press("j")
        await person.press("enter")
        await person.until(lambda: "the checker rejects" in person.text())
        assert "compare as checker instead of exact" in person.screen()
