"""Check which files are judged, under which names, and which results are of this build."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from curation.difficulty.judge_samples import SampleFile, judge_files, named_files
from harness.scoring.options import EvaluateOptions

PROBLEM = Problem("train/0", "?", "print()", None, UnitTests((1, 2), (1, 2)), "", (), Comparison.EXACT, "", "")
OPTIONS = EvaluateOptions("apps+", Path())


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def result(task_id: str, sample: int, verdict: str, **changes: Any) -> dict[str, Any]:
    return {"task_id": task_id, "sample": sample, "verdict": verdict, "tests_total": 2} | changes


def count(path: Path, *rows: Any) -> Any:
    problems = [PROBLEM, replace(PROBLEM, problem_id="train/1")]
    file = SampleFile("m", lines(path, *rows), is_results=True)
    return judge_files(path.parent, problems, [file], OPTIONS, lambda progress: None)


def test_a_model_is_named_by_the_option_by_generates_settings_or_by_the_file(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        lines(tmp_path / f"{name}.jsonl", {"task_id": name, "completion": name})
    (tmp_path / "b.settings.json").write_text(json.dumps({"model": {"name": "org/model"}}))
    named = named_files([f"mine={tmp_path / 'a.jsonl'}", str(tmp_path / "b.jsonl"), str(tmp_path / "c.jsonl")], ())
    assert [file.model for file in named] == ["mine", "org/model", "c"]


def test_a_path_may_have_an_equals_sign(tmp_path: Path) -> None:
    path = lines(tmp_path / "t=0.8.jsonl", {"task_id": "a", "completion": ""})
    assert named_files([str(path)], ())[0] == SampleFile("t=0.8", path)


def test_two_files_of_one_model_and_one_file_twice_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    a = lines(tmp_path / "a.jsonl", {"task_id": "a", "completion": "1"})
    other = lines(tmp_path / "x" / "a.jsonl", {"task_id": "a", "completion": "2"})
    with pytest.raises(InputError, match="several files are of the model a"):
        named_files([str(a), str(other)], ())
    with pytest.raises(InputError, match="hold the same samples"):
        named_files([f"one={a}", f"two={a}"], ())


@pytest.mark.parametrize("text", ["gone.jsonl", "name=gone.jsonl"])
def test_a_file_that_does_not_exist_is_one_line(text: str) -> None:
    with pytest.raises(InputError, match=r"cannot read gone\.jsonl"):
        named_files([text], ())


def test_the_counts_of_results_are_those_of_evaluate(tmp_path: Path) -> None:
    judged = count(
        tmp_path / "r.jsonl",
        result("train/0", 0, "wrong_answer"),
        result("train/0", 1, "passed"),
        result("train/0", 0, "passed"),  # a later result of the same sample
        result("train/0", 2, "harness_error"),
        result("train/1", 0, "timeout"),
        result("train/9", 0, "passed"),
    )
    assert judged.models[0].counts == {"train/0": (2, 2), "train/1": (1, 0)}
    assert any("no problem train/9" in note for note in judged.notes)
    assert any("at most 2 samples a problem" in note for note in judged.notes)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "holds no results"),
        ([{"completion": "x"}], "not a result of apps-plus evaluate"),
        ([result("train/9", 0, "passed")], "no result is of a problem of this build"),
        ([result("train/0", 0, "passed", tests_total=7)], "had 7, this build has 2"),
        ([result("train/0", 0, "harness_error")], "none of its samples could be judged"),
    ],
)
def test_results_that_cannot_be_used_are_one_line(tmp_path: Path, rows: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        count(tmp_path / "r.jsonl", *rows)


def test_results_of_another_task_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.summary.json").write_text(json.dumps({"task": "apps"}))
    with pytest.raises(InputError, match=r"results of apps, not of apps\+"):
        count(tmp_path / "r.jsonl", result("train/0", 0, "passed"))
