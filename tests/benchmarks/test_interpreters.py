"""Compare builds made under several interpreters: which verdicts differ, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from benchmarks.interpreters import cause_of, changes, read_build, row, table

PASSED = ("passed", "")


def write_build(folder: Path, python: str, solutions: list[tuple[str, str]], **fields: Any) -> Path:
    """Write what the comparison reads of a build of one problem."""
    (folder / ".build").mkdir(parents=True)
    setting = {"python": python, "limits": {"cpu_seconds": 4.0}}
    write_manifest(folder, setting)
    results = [{"index": i, "code": code, "detail": text, "same_as": None} for i, (code, text) in enumerate(solutions)]
    copy = {"index": 9, "code": "passed", "detail": "", "same_as": 0}
    value = {
        "problem_id": "train/0001",
        "solutions": [*results, copy],
        "comparison": "exact",
        "canonical": 0,
        "question": "a\x85b",
    } | fields
    (folder / ".build" / "verified.jsonl").write_text(
        json.dumps({"key": "k", "value": value}, ensure_ascii=False) + "\n"
    )
    (folder / "ledger.jsonl").write_text(json.dumps({"problem_id": "train/0001", "outcome": "kept"}) + "\n")
    return folder


def write_manifest(folder: Path, setting: dict[str, Any]) -> None:
    counts = dict.fromkeys(("tiers", "raw", "outcomes", "dropped", "released", "splits"), 0)
    (folder / "manifest.json").write_text(json.dumps({"setting": setting, "counts": counts}))


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        (("timeout", "test 0: timeout"), "limit of time"),
        (("unfinished", "passed every test that it had time for"), "limit of time"),
        (("runtime_error", "test 0: MemoryError: "), "limit of memory"),
        (("api_misuse", "test 0: ModuleNotFoundError: No module named 'distutils'"), "module distutils"),
        (("runtime_error", "test 2: RecursionError: maximum recursion depth exceeded"), "RecursionError"),
        (("output_mismatch", "test 0: gave another output"), "another output"),
        (("missing_solution", ""), "missing_solution or passed"),
    ],
)
def test_the_cause_of_a_change(other: tuple[str, str], cause: str) -> None:
    assert cause_of(PASSED, other) == cause_of(other, PASSED) == cause


def test_verdicts_that_differ_are_counted_by_cause(tmp_path: Path) -> None:
    first = read_build(write_build(tmp_path / "a", "3.11.7", [PASSED, PASSED, PASSED]))
    gone = ("api_misuse", "test 0: ModuleNotFoundError: No module named 'distutils'")
    second = read_build(write_build(tmp_path / "b", "3.12.1", [PASSED, gone, PASSED], canonical=2))
    assert [(change.problem_id, change.index) for change in changes(first, second)] == [("train/0001", 1)]
    found = row(first, second)
    assert (found["pythons"], found["problems"], found["solutions"]) == (["3.11.7", "3.12.1"], 1, 3)
    assert (found["verdicts"], found["causes"]) == (1, {"module distutils": 1})
    assert (found["canonical"], found["comparison"], found["outcomes"], found["settings"]) == (1, 0, 0, [])
    assert "| 3.11.7 and 3.12.1 | 1 | 3 | 1 | 1 module distutils | 0 | 1 | 0 |" in list(table([found]))


def test_other_settings_that_differ_are_named(tmp_path: Path) -> None:
    first = read_build(write_build(tmp_path / "a", "3.11.7", [PASSED]))
    folder = write_build(tmp_path / "b", "3.12.1", [PASSED])
    write_manifest(folder, {"python": "3.12.1", "limits": {"cpu_seconds": 9}})
    assert row(first, read_build(folder))["settings"] == ["limits"]


def test_a_folder_that_is_no_build_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a whole build"):
        read_build(tmp_path)


def test_a_journal_that_was_cut_short_is_read_up_to_there(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "a", "3.11.7", [PASSED])
    with (folder / ".build" / "verified.jsonl").open("a") as journal:
        journal.write('{"key": "k2", "va')
    assert list(read_build(folder).problems) == ["train/0001"]
