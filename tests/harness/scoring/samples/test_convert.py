"""``convert``: report how a file was read, and write its samples as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_benchmarks import HUMANEVAL, write_lines
from typer.testing import CliRunner

from apps_plus.cli import app
from harness.scoring.samples.read_samples import read_samples

ONE, TWO = "def double(x):\n    return 2 * x\n", "def double(x):\n    return 3 * x\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "he.jsonl", HUMANEVAL)
    (tmp_path / "generations.json").write_text(json.dumps([[ONE, TWO]]))
    return tmp_path


def convert(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


TASK = ("--task", "humaneval", "--data", "he.jsonl")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_samples_are_written_as_json_lines_with_the_benchmarks_ids(folder: Path) -> None:
    result = convert("generations.json", *TASK, "--out", "s.jsonl")
    assert result.exit_code == 0
    assert rows(folder / "s.jsonl") == [
        {"task_id": "HumanEval/0", "program": text, "sample": number} for number, text in enumerate((ONE, TWO))
    ]
    assert "lists of programs without ids (as bigcode's generations.json)" in result.stdout
    assert "2, for 1 of 3 problems (2 each)" in result.stdout
    assert result.stderr.splitlines()[-1] == "2 samples are in s.jsonl."


def test_json_says_what_was_understood_and_writes_nothing_unless_asked(folder: Path) -> None:
    rows_there = [{"task_id": "HumanEval/0", "generation": t, "passed": t == ONE} for t in (ONE, TWO, None)]
    write_lines(folder / "mine.jsonl", [*rows_there, {"task_id": "HumanEval/99", "generation": ONE}, {"passed": 1}])
    told = json.loads(convert("mine.jsonl", *TASK, "--json").stdout)
    assert told["fields"] == {"generation": 2, "response": 1}
    assert told["written_as"] == {"response": 3}
    assert (told["n_problems"], told["n_benchmark_problems"], told["n_samples"], told["empty"]) == (1, 3, 3, 1)
    assert (told["left_out"], told["published"], told["out"]) == (1, {"samples": 3, "passed": 1}, None)
    assert any("HumanEval/99" in remark for remark in told["remarks"])
    assert sorted(path.name for path in folder.iterdir()) == ["generations.json", "he.jsonl", "mine.jsonl"]


def test_what_was_written_reads_back_as_the_same_samples(folder: Path) -> None:
    rows_there = [
        {"task_id": "a", "solution": ONE, "base_status": "pass", "plus_status": "fail"},
        {"task_id": "a", "solution": "\ud800", "base_status": "fail", "plus_status": "fail"},
    ]
    write_lines(folder / "mine.jsonl", rows_there)
    convert("mine.jsonl", "--out", "s.jsonl")
    before, after = read_samples(folder / "mine.jsonl"), read_samples(folder / "s.jsonl")
    assert [(s.task_id, s.text, s.field, s.published, s.published_base) for s in after] == [
        (s.task_id, s.text, s.field, s.published, s.published_base) for s in before
    ]


def test_without_a_task_positions_stand_for_ids(folder: Path) -> None:
    result = convert("generations.json", "--out", "s.jsonl")
    assert [row["task_id"] for row in rows(folder / "s.jsonl")] == ["0", "0"]
    assert "--task gives the ids of a benchmark" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("he.jsonl", "--out", "he.jsonl"), "would overwrite what it is made from"),
        (("run", "--out", "run/s.jsonl"), "would overwrite what it is made from"),
        (("generations.json", "--out", "s.json"), "the name must end in .jsonl"),
        (("generations.json", "--out", "mine.jsonl"), "exists and holds something else"),
        (("nope.json",), "No such file"),
        (("wrong.json", *TASK), "no sample answers a problem of humaneval"),
        (("generations.json", "--data", "he.jsonl"), "give --task TASK too"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_lost(folder: Path, arguments: Any, told: str) -> None:
    (folder / "run").mkdir()
    (folder / "run" / "0.py").write_text(ONE)
    (folder / "mine.jsonl").write_text("precious\n")
    (folder / "wrong.json").write_text('{"Mbpp/2": ["x"]}')
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = convert(*arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_same_again_is_fine_and_another_file_needs_replace(folder: Path) -> None:
    for _ in range(2):
        assert convert("generations.json", "--out", "s.jsonl").exit_code == 0
    (folder / "generations.json").write_text(json.dumps([[TWO]]))
    assert convert("generations.json", "--out", "s.jsonl").exit_code == 2
    assert convert("generations.json", "--out", "s.jsonl", "--replace").exit_code == 0
    assert [row["program"] for row in rows(folder / "s.jsonl")] == [TWO]
