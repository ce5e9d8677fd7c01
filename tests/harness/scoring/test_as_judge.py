"""``evaluate apps --as JUDGE``: counts and reasons on the screen, in the summary and in the file of results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_benchmarks import write_lines
from typer.testing import CliRunner

from apps_plus.cli import app

TESTS = {"inputs": ["3\n", "4\n"], "outputs": ["-1000001\n", "-1000001\n"]}
PROGRAMS = [
    "n = int(input())\nprint(-1000001)\n",
    "import sys\nn = sys.stdin.buffer.read()\nprint(-1000001)\n",
    "print(-1000002)\n",
    "print(7)\n",
    "n = int(input())\nprint(-1000001)\n",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with one problem of raw APPS and a few samples."""
    monkeypatch.chdir(tmp_path)
    row = {"problem_id": 0, "question": "?", "solutions": "[]", "input_output": json.dumps(TESTS), "starter_code": ""}
    write_lines(tmp_path / "test.jsonl", [row | {"difficulty": "interview", "url": ""}])
    write_lines(tmp_path / "s.jsonl", [{"task_id": "test/0000", "completion": program} for program in PROGRAMS])
    return tmp_path


def evaluate(*arguments: object, task: str = "apps"):
    given = ["evaluate", task, "s.jsonl", "--data", "test.jsonl", "--workers", "1", *map(str, arguments)]
    result = CliRunner().invoke(app, given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "s.results.jsonl").read_text().splitlines()]


def test_the_summary_counts_verdicts_that_could_differ_by_direction_and_reason(folder: Path, ran: list[str]) -> None:
    result = evaluate("--as", "apps", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)["as_judge"]
    counts = (found["samples"], found["could_differ"], found["could_be_rejected"], found["could_be_accepted"])
    assert counts == (5, 2, 1, 1)
    assert {name: one["samples"] for name, one in found["reasons"].items()} == {"stdin_buffer": 1, "near_numbers": 1}
    assert "hendrycks/apps" in found["version"]
    assert found == json.loads((folder / "s.results.summary.json").read_text())["as_judge"]


def test_each_line_of_the_results_names_its_reasons(folder: Path, ran: list[str]) -> None:
    evaluate("--as", "livecodebench")
    assert [(row["as_judge"], row["could_differ"]) for row in rows(folder)] == [
        ("livecodebench", []),
        ("livecodebench", ["stdin_buffer"]),
        ("livecodebench", []),
        ("livecodebench", []),
        ("livecodebench", []),
    ]


def test_the_screen_says_the_reasons_in_words(folder: Path, ran: list[str]) -> None:
    text = " ".join(evaluate("--as", "apps").stdout.split())
    assert "as apps: 2 of 5 verdicts could differ: 1 pass here and could be rejected there, 1 fail here" in text
    assert "1 numbers that are close are equal, integers too" in text


def test_nothing_is_said_without_the_option(folder: Path, ran: list[str]) -> None:
    result = evaluate("--json")
    assert "as_judge" not in json.loads(result.stdout)
    assert all("as_judge" not in row and "could_differ" not in row for row in rows(folder))


def test_earlier_results_are_used_where_they_name_the_judge(folder: Path, ran: list[str]) -> None:
    evaluate()
    assert len(ran) == 4  # one of the five is a copy
    evaluate("--as", "verl")
    assert len(ran) == 8
    evaluate("--as", "verl")
    evaluate()
    assert len(ran) == 8
    assert {row["as_judge"] for row in rows(folder)} == {"verl"}
    evaluate("--as", "apps")
    assert len(ran) == 12


@pytest.mark.parametrize(
    ("task", "judge", "told"),
    [
        ("apps", "codeforces", "there is no judge codeforces: choose one of livecodebench, apps, verl"),
        ("humaneval", "apps", "other judges are compared with on the task apps, not on humaneval"),
    ],
)
def test_a_judge_that_is_not_known(folder: Path, task: str, judge: str, told: str) -> None:
    result = evaluate("--as", judge, task=task)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in " ".join(result.stderr.split())
    assert not (folder / "s.results.jsonl").exists()
