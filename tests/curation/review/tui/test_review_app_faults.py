"""The review app on folders left by crashes, other reviewers or full disks: a clear message, and no decision lost."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, decide_as, review, scenario, write_build

from apps_plus.errors import BuildFolderError, BusyError, OutputError
from curation.review.queue import open_queue
from curation.review.session import Session
from curation.review_decisions import Action, encode_line, read_decisions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_build(tmp_path / "build")


@scenario
async def test_a_read_only_folder_is_said_at_once_and_decides_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_as(folder, "bob", SIX[2], Action.DROP)

    def refuse(path: Path) -> None:
        raise OutputError(f"cannot write {path}: Read-only file system: choose a place where you may write")

    monkeypatch.setattr("curation.review.session.lock", refuse)
    async with review(folder) as person:
        assert "! read-only, no decision can be saved: cannot write" in person.text()
        assert "1 of 6 done" in person.screen(), "everything is still shown"
        await person.press("j", "j", "enter", "y", "enter")
        assert "Read-only file system: choose a place where you may write" in person.text()
        assert "train/0003" in person.lines()[0]
        await person.press("u")
        assert "there is nothing to undo" in person.screen()
        await person.press("m", "x", "enter", "x", "enter")
        assert "note" in person.lines()[0], "the note waits on"
    assert sorted(path.name for path in (folder / "decisions").iterdir()) == [".gitattributes", "bob.jsonl"]


@scenario
async def test_the_same_reviewer_twice_at_once_is_refused_and_the_first_works_on(folder: Path) -> None:
    async with review(folder) as person:
        with pytest.raises(BusyError, match=rf"ana already has a session on .* \(process {os.getpid()}\): close that"):
            async with review(folder):
                pass
        async with review(folder, reviewer="bob") as other:
            await other.press("j", "j", "enter", "y", "enter")
        await person.press("enter", "x", "enter")
        assert [d.reviewer for d in person.decisions()] == ["bob", "ana"]


@scenario
async def test_a_torn_last_line_is_passed_over_and_what_comes_after_it_is_whole(folder: Path) -> None:
    decide_as(folder, "ana", SIX[2], Action.KEEP)
    file = folder / "decisions" / "ana.jsonl"
    whole = read_decisions(folder / "decisions")
    with file.open("ab") as torn:
        torn.write(encode_line(replace(whole[0], problem_id="train/0004"))[:-20])
    async with review(folder) as person:
        assert "1 of 6 done" in person.screen()
        await person.press("enter", "x", "enter")
        assert person.decided() == [("train/0003", "keep"), ("train/0001", "drop")]
        await person.press("u", "escape")
        assert "1 of 6 done" in person.screen()


@scenario
async def test_a_line_that_breaks_while_the_app_is_open_is_named_and_the_app_stays(folder: Path) -> None:
    async with review(folder) as person:
        (folder / "decisions" / "bob.jsonl").write_text("<<<<<<< HEAD\n{}\n")
        await person.press("enter")
        await person.until(lambda: "jsonl:1: not a JSON object" in person.text())
        await person.press("x", "enter")
        await person.until(lambda: "jsonl:1: not a JSON object" in person.text())
        assert not (folder / "decisions" / "ana.jsonl").exists(), "nothing can be decided before the file is repaired"
        await person.press("j", "5", "escape", "k", "tab", "escape")
        assert person.app.is_running
        (folder / "decisions" / "bob.jsonl").unlink()
        await person.press("enter", "x", "enter")
        await person.until(lambda: [action for _, action in person.decided()] == ["drop"])


def test_what_is_no_build_opens_no_screen(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BuildFolderError, match="is not a whole build: make or finish it with apps-plus build"):
            open_queue(folder)
    folder = write_build(tmp_path / "build")
    (folder / "review.jsonl").write_text("{}\n")
    with pytest.raises(BuildFolderError, match=r"review\.jsonl:1: not a review item"):
        open_queue(folder)


@scenario
async def test_an_item_that_breaks_while_the_app_is_open_is_named(folder: Path) -> None:
    file = folder / "review.jsonl"
    with open_queue(folder) as queue, Session(queue, "bob"):
        line = file.read_text().splitlines()[1]
    file.write_text(file.read_text().replace(line, line.replace('"tests":', '"test2":'), 1))
    async with review(folder) as person:
        await person.press("j", "enter")
        await person.until(lambda: "the line of train/0002 is not a review item" in person.text())
        await person.press("j", "enter")
        assert "train/0003" in person.lines()[0]
