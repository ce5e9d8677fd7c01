"""Run a benchmark's own solutions on its tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from raw_problems import doubling, write_raw
from tiny_benchmarks import HUMANEVAL, mbpp_row, plus_row, write_lines
from typer.testing import CliRunner

from apps_plus.cli import app
from harness.judging.verdict import Verdict
from harness.sandbox import USUAL_ISOLATION
from harness.scoring import run_samples
from harness.scoring.run_samples import EvaluationProgress
from harness.scoring.score import Score
from harness.scoring.selfcheck import Selfcheck
from harness.scoring.selfcheck import selfcheck as check


def selfcheck(task: str, data: Path | None, seen: list[EvaluationProgress] | None = None) -> Selfcheck:
    return check(task, data, None, 1, None, USUAL_ISOLATION, seen.append if seen is not None else lambda told: None)


def test_solutions_that_pass(tmp_path: Path, ran: list[str]) -> None:
    seen: list[EvaluationProgress] = []
    told = selfcheck("humaneval", write_lines(tmp_path / "he.jsonl", HUMANEVAL), seen)
    assert told.ok
    assert len(ran) == 3
    assert (told.to_json()["passed"], told.to_json()["n_problems"], told.to_json()["failed"]) == (3, 3, {})
    assert (seen[-1].done, seen[-1].total, seen[-1].passed) == (3, 3, 3)


def test_every_solution_that_does_not_pass_is_named_with_the_reason(tmp_path: Path, ran: list[str]) -> None:
    broken = {**HUMANEVAL[1], "canonical_solution": "    return x\n"}
    told = selfcheck("humaneval", write_lines(tmp_path / "he.jsonl", [HUMANEVAL[0], broken]))
    assert not told.ok
    assert told.describe_failures() == "1 of 2 solutions of humaneval do not pass: HumanEval/1"
    assert told.to_json()["failed"]["HumanEval/1"]["verdict"] == "wrong_answer"


def test_all_splits_are_checked(tmp_path: Path, ran: list[str]) -> None:
    data = write_lines(tmp_path / "mbpp.jsonl", map(mbpp_row, (1, 11, 511, 601)))
    assert selfcheck("mbpp", data).to_json()["passed"] == 4


def test_evalplus_asks_its_reference_about_itself(tmp_path: Path, ran: list[str]) -> None:
    rows = [
        plus_row("Mbpp/3", "f", "def f(x): return [x]", [[1]], [[2]]),
        plus_row("Mbpp/4", "f", "def f(x): return 1 / x", [[1]], [[0]]),
    ]
    told = selfcheck("mbpp+", write_lines(tmp_path / "plus.jsonl", rows))
    assert told.failed == ["Mbpp/4"]
    assert told.results["Mbpp/4"].verdict is Verdict.HARNESS_ERROR
    assert told.results["Mbpp/4"].base is Verdict.PASSED


def test_a_problem_without_a_solution_or_tests_does_not_pass(tmp_path: Path, ran: list[str]) -> None:
    raw = write_raw(tmp_path / "raw", {
        "0000": doubling(0), "0001": doubling(1, **{"solutions.json": "[]"}),
        "0002": doubling(2, **{"input_output.json": ""}),
    })  # fmt: skip
    told = selfcheck("apps", raw)
    assert told.failed == ["train/0001", "train/0002"]
    assert told.to_json()["failed"] == {"train/0001": None, "train/0002": None}
    assert len(ran) == 1


def test_a_doubtful_verdict_is_asked_for_again(tmp_path: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = iter([Score(Verdict.TIMEOUT, unsure=True), Score(Verdict.PASSED), Score(Verdict.PASSED)])
    monkeypatch.setattr(run_samples, "score", lambda *_: next(waiting))
    told = selfcheck("humaneval", write_lines(tmp_path / "he.jsonl", HUMANEVAL[:2]))
    assert told.ok
    assert len(ran) == 3


@pytest.mark.parametrize(("rows", "code"), [(HUMANEVAL[:1], 0), ([{**HUMANEVAL[0], "canonical_solution": ""}], 1)])
def test_the_command(tmp_path: Path, ran: list[str], rows: list[Any], code: int) -> None:
    data = write_lines(tmp_path / "he.jsonl", rows)
    result = CliRunner().invoke(app, ["selfcheck", "humaneval", "--data", str(data), "--json"])
    assert result.exit_code == code
    assert json.loads(result.stdout)["passed"] == 1 - code
    assert ("1 of 1 solutions of humaneval do not pass: HumanEval/0" in result.stderr) is bool(code)
    shown = CliRunner().invoke(app, ["selfcheck", "humaneval", "--data", str(data)])
    assert shown.exit_code == code
    assert "canonical solutions pass" in shown.stdout
