"""The review app, driven by its keys: the queue, an item, and decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, decide_as, item, review, scenario, write_build
from textual.events import Key

from curation.review_decisions import Action


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the editor by a command that ends at once."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_build(tmp_path / "build")


# ---- the queue


@scenario
async def test_the_queue_shows_every_item_with_tier_reason_suggestion_and_votes(folder: Path) -> None:
    async with review(folder, size=(120, 24)) as person:
        shown = person.screen()
        assert "0 of 6 done · 6 open" in shown
        for problem in SIX:
            assert problem.problem_id in shown
        row = next(line for line in person.lines() if "train/0003" in line)
        assert row.split()[:10] == "open train/0003 interview 1/2 multiple_outputs drop Print any even number.".split()


@scenario
async def test_j_and_k_and_the_arrows_move_and_enter_opens_and_esc_goes_back(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "down", "k", "up", "j")
        await person.press("enter")
        assert person.lines()[0].startswith(" train/0002  open")
        await person.press("escape")
        assert any(line.startswith("▶") and "train/0002" in line for line in person.lines())
        await person.press("end", "enter")
        assert "test/0001" in person.lines()[0]
        await person.press("backspace", "home", "right")
        assert "train/0001" in person.lines()[0]


@scenario
async def test_search_narrows_while_it_is_typed_and_esc_clears_it(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("slash")
        await person.type("any even")
        await person.press("enter")
        shown = person.screen()
        assert "2 shown" in shown
        assert "train/0003" in shown
        assert "train/0001" not in shown
        await person.press("escape")
        assert "train/0001" in person.screen()


@scenario
async def test_leaving_the_search_leaves_the_rows_as_they_were(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("slash")
        await person.type("nothing has this")
        await person.press("escape")
        assert "train/0001" in person.screen()


@scenario
async def test_the_filter_narrows_by_state_tier_and_reason(folder: Path) -> None:
    async with review(folder) as person:
        choices = [f"{name}={value}" for name, value, _ in person.app.worklist.filter_choices()]
        wanted = {"state=open": 6, "state=mine": 6, "tier=interview": 3, "reason=multiple_outputs": 2, "state=done": 0}
        for field, shown in wanted.items():
            await person.press("f", *["j"] * (choices.index(field) + 1), "enter")
            assert len(person.app.worklist.visible) == shown, field
            await person.press("escape")
            assert len(person.app.worklist.visible) == 6


@scenario
async def test_two_filters_narrow_together_and_choosing_one_again_takes_it_off(folder: Path) -> None:
    async with review(folder) as person:
        choices = [f"{name}={value}" for name, value, _ in person.app.worklist.filter_choices()]
        for field in ("tier=interview", "reason=multiple_outputs", "tier=interview"):
            await person.press("f", *["down"] * (choices.index(field) + 1), "space")
        assert [row.problem_id for row in person.app.worklist.visible] == ["train/0003", "train/0004"]


@scenario
async def test_g_goes_to_an_item_by_a_short_id(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("g")
        await person.type("train/5")
        await person.press("enter")
        assert "train/0005" in person.lines()[0]
        await person.press("g")
        await person.type("77")
        await person.press("enter")
        assert "no problem 77" in person.screen()
        assert "train/0005" in person.lines()[0]


@scenario
async def test_tab_goes_to_the_next_item_that_waits(folder: Path) -> None:
    decide_as(folder, "ana", SIX[1], Action.DROP)
    async with review(folder) as person:
        await person.press("tab")
        assert any(line.startswith("▶") and "train/0003" in line for line in person.lines())


@scenario
async def test_help_shows_every_key_and_the_file_for_other_ones(folder: Path) -> None:
    async with review(folder, size=(120, 110)) as person:
        await person.press("question_mark")
        shown = person.screen()
        for text in ("item.keep", "back to the queue", "keymap.toml", "a second reviewer should look"):
            assert text in shown
        await person.press("escape")
        assert "train/0001" in person.screen()


@scenario
async def test_the_command_palette_has_the_keys_of_the_screen(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "ctrl+p")
        await person.type("drop it")
        await person.sees("Drop it, for a reason")
        await person.press("enter")
        await person.sees("Drop train/0001: reason")


# ---- the item


@scenario
async def test_the_diff_shows_expected_beside_actual_and_marks_the_first_difference(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter")
        lines = person.lines()
        assert lines[1] == " [a] Correct test 1 to 8: 2/2 solutions agree on another output for test 1"
        place = next(n for n, line in enumerate(lines) if line.startswith(" ≠ 5"))
        assert lines[place].split() == ["≠", "5", "│", "8"]
        assert lines[place + 1].split() == ["^", "│", "^"]
        assert "first difference: line 1, token 1" in person.screen()


@scenario
async def test_the_statement_marks_the_sentence_that_allows_several_answers(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "2")
        assert "»If there are multiple answers, print any of them.«" in person.screen()


@scenario
async def test_solutions_have_verdicts_and_sources_and_s_steps_through_them(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "3")
        shown = person.screen()
        assert "✗   2  runtime_error: test 0: ValueError: no" in shown
        assert "print(2 * int(input()))" in shown
        await person.press("s")
        assert "print(n + n)" in person.screen()
        await person.press("down")
        assert "▶   1 raise ValueError" in person.screen()
        await person.press("S")
        assert "print(n + n)" in person.screen()


@scenario
async def test_s_steps_through_the_answers_on_the_diff(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter")
        assert "answer A" in person.screen()
        await person.press("s")
        assert "runtime_error: solutions 2" in person.screen()
        await person.press("S")
        assert "answer A" in person.screen()


@scenario
async def test_tests_show_votes_and_n_steps_through_the_disputed_ones(folder: Path) -> None:
    vote = SIX[0].votes[0]
    votes = replace(vote, test=0, expected="6\n"), vote
    write_build(folder / "two", [item("train/0009", votes=votes, suggestion=None)])
    async with review(folder / "two") as person:
        await person.press("enter")
        assert "1 of 2 disputed" in person.screen()
        await person.press("n")
        assert "test 1, 2 of 2 disputed" in person.screen()
        await person.press("N")
        assert "test 0, 1 of 2 disputed" in person.screen()
        await person.press("4", "down")
        assert "test 1: expected output" in person.screen()


@scenario
async def test_w_shows_white_space(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "w")
        assert "5↵" in person.screen()
        await person.press("w")
        assert "↵" not in person.screen()


@scenario
async def test_history_shows_what_everyone_decided(folder: Path) -> None:
    decide_as(folder, "ana", SIX[0], Action.DROP, reason="timeout")
    decide_as(folder, "bob", SIX[0], Action.FLAG, note="odd one")
    async with review(folder) as person:
        await person.press("home", "enter", "5")
        shown = person.screen()
        assert "ana: drop (timeout)" in shown
        assert "bob: flag" in shown
        assert "note: odd one" in shown


@scenario
async def test_j_and_k_go_from_item_to_item_and_stop_at_the_ends(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "k")
        assert "this is the first item" in person.screen()
        await person.press("j", "right", "left")
        assert "train/0002" in person.lines()[0]


@scenario
async def test_r_runs_every_solution_again_on_the_test(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "r")
        await person.sees("run again just now")
        shown = person.screen()
        assert "▶   2× A" in shown
        assert "exception: ValueError: no" in shown


# ---- deciding


@scenario
async def test_a_decision_is_written_and_the_next_open_item_opens(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "y")
        assert "Keep train/0003: are its tests right as they are?" in person.screen()
        assert person.decided() == []
        await person.press("enter")
        assert person.decided() == [("train/0003", "keep")]
        assert "train/0004" in person.lines()[0]
        assert "✓ saved: train/0003: keep after " in person.screen()
        assert "· u undoes it" in person.screen()
        assert person.lines()[-1].startswith(" u Undo "), "the line of keys begins with it"
        await person.press("k")
        assert "u Undo" not in person.lines()[-1]


@scenario
async def test_the_question_before_a_keep_says_so_if_no_solution_passes(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "y")
        assert "Keep train/0001 anyway?" in person.screen()
        assert "train/0001 cannot be kept: no solution passes its tests" in person.text()
        assert "e corrects it, x drops it" in person.text()
        await person.press("escape")
        assert person.decided() == []
        await person.press("y", "enter")
        assert person.decided() == [("train/0001", "keep")]


@scenario
async def test_x_drops_with_a_reason_and_the_items_own_comes_first(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "x")
        await person.sees("Drop train/0001: reason")
        await person.press("enter", "x", "j", "enter")
        assert [(d.problem_id, d.reason) for d in person.decisions()] == [
            ("train/0001", "output_mismatch"),
            ("train/0002", "multiple_outputs"),
        ]


@scenario
async def test_leaving_the_reasons_decides_nothing(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "x", "escape")
        assert person.decided() == []
        assert "train/0001" in person.lines()[0]


@scenario
async def test_o_skips_and_the_item_stays_open_but_does_not_come_back_at_once(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "o", "enter")
        assert person.decided() == [("train/0001", "skip")]
        assert "train/0002" in person.lines()[0]
        await person.press("escape")
        assert "0 of 6 done · 6 open" in person.screen()


@scenario
async def test_the_exclamation_mark_asks_why_and_flags_for_a_second_reviewer(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "exclamation_mark", "enter")
        assert "nothing was decided: say why" in person.screen()
        await person.press("exclamation_mark", "escape")
        assert person.decided() == []
        await person.press("exclamation_mark")
        await person.type("two readings")
        await person.press("enter")
        assert [(d.action, d.note) for d in person.decisions()] == [("flag", "two readings")]
        await person.press("escape")
        assert "! flagged" in person.screen()


@scenario
async def test_a_note_goes_with_the_decision(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "m")
        await person.type("see line 3")
        await person.press("enter")
        assert "note" in person.lines()[0]
        await person.press("y", "enter")
        assert person.decisions()[0].note == "see line 3"
        await person.press("escape")
        assert "✎" in next(line for line in person.lines() if "train/0003" in line)


@scenario
async def test_a_suggested_drop_is_applied_after_a_question(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "a")
        assert "Drop train/0003 as suggested, for multiple_outputs?" in person.screen()
        assert person.decided() == []
        await person.press("enter")
        assert [(d.problem_id, d.reason) for d in person.decisions()] == [("train/0003", "multiple_outputs")]


@scenario
async def test_a_says_so_where_nothing_can_be_applied(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("g")
        await person.type("train/4")
        await person.press("enter", "a")
        assert "there is no suggestion to apply" in person.screen()
        assert person.decided() == []


@scenario
async def test_undo_shows_the_item_again_and_redo_decides_it_again_and_goes_on(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "y", "enter", "u")
        assert "train/0003  open" in person.lines()[0]
        assert "undone: train/0003: keep" in person.screen()
        await person.press("U")
        assert person.decided()[-1] == ("train/0003", "keep")
        assert "train/0004" in person.lines()[0]
        await person.press("u", "u")
        assert "there is nothing to undo" in person.screen()


@scenario
async def test_undo_gives_the_note_back(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("j", "j", "enter", "m")
        await person.type("odd")
        await person.press("enter", "y", "enter", "u", "x", "enter")
        assert [(str(d.action), d.note) for d in person.decisions()] == [
            ("keep", "odd"),
            ("retract", ""),
            ("drop", "odd"),
        ]


@scenario
async def test_undo_works_on_the_queue_too(folder: Path) -> None:
    decide_as(folder, "ana", SIX[2], Action.KEEP)
    async with review(folder) as person:
        assert "1 of 6 done" in person.screen()
        await person.press("u")
        assert "Undo your last decision, train/0003: keep?" in person.screen(), "an older one only after a question"
        assert "You decided it on 2026-01-01 00:00 (UTC)." in person.screen()
        await person.press("escape")
        assert "1 of 6 done" in person.screen()
        await person.press("u", "enter")
        assert "0 of 6 done" in person.screen()
        await person.press("U")
        assert "1 of 6 done" in person.screen()


@scenario
async def test_when_nothing_is_left_the_queue_comes_back(folder: Path) -> None:
    write_build(folder / "one", [SIX[2]])
    async with review(folder / "one") as person:
        await person.press("enter", "a", "enter")
        shown = person.text()
        assert "Nothing is left for you to decide" in shown
        assert "ana: 1 decided in this session (1 drop)" in shown
        assert "nothing is left to decide: apps-plus build RAW" in shown
        await person.press("enter")
        assert "1 of 1 done" in person.screen()
        assert "no item left to decide here" in person.text()
        assert "ana, 0 left" in person.screen()
        await person.press("u")
        assert "0 of 1 done" in person.screen()


@scenario
async def test_a_disagreement_shows_both_and_comes_back(folder: Path) -> None:
    decide_as(folder, "ana", SIX[2], Action.KEEP)
    decide_as(folder, "bob", SIX[2], Action.DROP, reason="multiple_outputs")
    async with review(folder, size=(100, 24)) as person:
        assert "≠ disagreement" in person.screen()
        await person.press("g")
        await person.type("train/3")
        await person.press("enter")
        assert "disagreement: ana, bob" in person.lines()[0]
        assert "ana: keep · bob: drop (multiple_outputs)" in person.screen()


@scenario
async def test_a_stale_decision_returns_to_the_queue(folder: Path) -> None:
    decide_as(folder, "ana", SIX[2], Action.KEEP, item_digest="of an earlier build")
    async with review(folder) as person:
        assert "~ stale" in person.screen()
        assert "1 stale" in person.screen()


@scenario
async def test_q_quits_and_names_notes_that_would_be_lost(folder: Path) -> None:
    async with review(folder) as person:
        await person.press("enter", "m")
        await person.type("hm")
        await person.press("enter", "q")
        assert "notes on train/0001 will be lost" in person.screen()
        assert person.app.is_running
        await person.press("q")
        await person.until(lambda: not person.app.is_running)


@scenario
async def test_other_keys_by_a_keymap(folder: Path) -> None:
    async with review(folder, keymap={"item.keep": "v", "queue.down": "t"}) as person:
        await person.press("t", "t", "enter", "y", "enter")
        assert person.decided() == []
        assert " v Keep " in person.lines()[-1]
        await person.press("v", "enter")
        assert person.decided() == [("train/0003", "keep")]


@scenario
async def test_an_empty_queue_says_so(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "none", [])) as person:
        assert "No problem of this build needs review." in person.screen()
        await person.press("enter", "j", "b", "u", "tab", "f", "escape", "x")
        assert "0 of 0 done" in person.screen()


@scenario
async def test_keys_that_come_faster_than_the_screens_break_nothing(folder: Path) -> None:
    async with review(folder) as person:
        for key in (
            "enter",
            "j",
            "escape",
            "enter",
            "2",
            "x",
            "escape",
            "g",
            "escape",
            "a",
            "escape",
            "e",
            "escape",
            "q",
        ):
            person.app.post_message(Key(key, key if len(key) == 1 else None))
        await person.settle()
        assert person.app.return_code in (None, 0)
