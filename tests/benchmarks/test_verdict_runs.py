"""Judge a build's solutions several times into a journal, resume, and find what was changed in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from apps_plus.raw import open_raw
from benchmarks import verdicts
from benchmarks.verdict_runs import Load
from benchmarks.verdict_solutions import choose
from harness.sandbox.execution import limits_of

RIGHT, WRONG, RAISES = "print(int(input()) + 1)", "print(5)", "print(1 / 0)"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Write one raw problem with tests and three solutions, one of them twice, and one problem without tests."""
    tests = json.dumps({"inputs": ["1\n", "7\n"], "outputs": ["2\n", "8\n"]})
    solutions = json.dumps([RIGHT, WRONG, RIGHT, RAISES])
    fields = {"difficulty": "interview", "url": "", "starter_code": ""}
    rows = [
        {"problem_id": 1, "question": "Add one.", "solutions": solutions, "input_output": tests} | fields,
        {"problem_id": 2, "question": "Add two.", "solutions": solutions, "input_output": ""} | fields,
    ]
    path = tmp_path / "raw.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def build(tmp_path: Path, raw: Path) -> Path:
    """Write the journal of a build of these problems, as far as it is read."""
    folder = tmp_path / "build"
    (folder / ".build").mkdir(parents=True)
    lines = []
    for problem in open_raw(raw):
        solutions = [{"index": i, "same_as": same} for i, same in enumerate((None, None, 0, None))]
        value = {"problem_id": problem.problem_id, "raw_split": "train", "difficulty": "interview"}
        key = f"{problem.problem_id}@{problem.digest()[:24]}@{'0' * 16}"
        lines.append(json.dumps({"key": key, "value": value | {"solutions": solutions}}) + "\n")
    (folder / ".build" / "verified.jsonl").write_text("".join(lines) + '{"key": "cut sho')
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Run the command; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["verdicts", "changes", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        verdicts.main()
    return int(stopped.value.code or 0)


def test_copies_and_problems_without_tests_are_not_judged(build: Path, raw: Path) -> None:
    chosen = choose(build, str(raw), None, limits_of(None))
    assert [(one.name.partition("#")[2], one.source) for one in chosen.solutions] == [
        ("0", RIGHT),
        ("1", WRONG),
        ("3", RAISES),
    ]
    assert chosen.notes == ["1 of 2 problems left out: no tests or no solutions"]


def test_an_interrupted_run_resumes_and_a_changed_verdict_is_found_and_repeated(
    build: Path, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = (build, raw, "--out", out, "--loads", "1", "--repeats", "2")
    assert run(monkeypatch, *words) == 0
    assert "| round 2, 1 worker | 3 | 0 |" in capsys.readouterr().out
    journal = out / "verdicts.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    rows = [line for line in lines if '"verdict"' in line]
    assert [json.loads(line)["value"]["verdict"] for line in rows] == 2 * ["passed", "wrong_answer", "runtime_error"]

    kept = [line.replace('"passed"', '"wrong_answer"') if "round 2" in line else line for line in rows[:-1]]
    journal.write_text("".join(kept) + rows[-1][:20])
    assert run(monkeypatch, *words, "--json", tmp_path / "counts.json") == 0
    captured = capsys.readouterr()
    assert "5 of 6 verdicts are there" in captured.err
    assert "repeat 1 solutions under 1 worker: 2 of 2" in captured.err
    assert "| not explained | 1, 1 |" in captured.out
    counts = json.loads((tmp_path / "counts.json").read_text())
    assert (counts["runs"][0]["before"], counts["runs"][0]["after"]) == (1, 1)
    [example] = counts["causes"]["not explained"]["examples"].values()
    assert "alone 2 passed (different answers: 1," in example


def test_raw_problems_that_the_build_was_not_made_from_are_refused(
    build: Path, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw.write_text(raw.read_text().replace("Add one", "Add another one"))
    assert run(monkeypatch, build, raw, "--out", tmp_path / "out") == 2
    assert "holds none of the solutions" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_build_is_refused(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, raw, "--out", tmp_path / "out") == 2
    assert "is no folder of a build" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["{}", '{"key": "k", "value": {"problem_id": "1", "solutions": [{"index": "x"}]}}'])
def test_a_line_of_the_journal_that_is_no_verified_problem_is_named(
    line: str,
    build: Path,
    raw: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (build / ".build" / "verified.jsonl").write_text(line + "\n")
    assert run(monkeypatch, build, raw, "--out", tmp_path / "out") == 2
    assert "verified.jsonl:1: not a verified problem" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--loads", "1", "--rounds", "1"], "nothing to be compared with"),
        (["--loads", "2", "2"], "names one load twice"),
        (["--loads", "0"], "is no load"),
        (["--loads", "9999"], "this machine takes at most"),
        (["--sample", "0"], "is no whole number above zero"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    words: list[str],
    complaint: str,
    build: Path,
    raw: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, build, raw, "--out", tmp_path / "out", *words) == 2
    assert complaint in capsys.readouterr().err


def test_a_load_is_workers_and_loops() -> None:
    assert Load.parse("2+2") == Load(2, 2)
    assert str(Load(2, 2)) == "2 workers beside 2 busy loops"
    assert str(Load(1, 1)) == "1 worker beside 1 busy loop"
