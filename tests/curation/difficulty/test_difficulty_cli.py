"""``apps-plus difficulty``: columns of a build, and problems chosen by them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import apps_plus
from apps_plus.cli import app
from apps_plus.errors import BuildFolderError, InputError
from apps_plus.storage import SPLITS
from curation.pipeline.publish import FILES

RUNNER = CliRunner()
WRONG = "raise SystemExit(3)\n"


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, [*map(str, arguments)])


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def judged(sample_build: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample's build with the rates of one model: the first problem 1 of 2, the second 2 of 2, the third 0 of 2."""
    folder = tmp_path_factory.mktemp("difficulty")
    out = folder / "b"
    shutil.copytree(sample_build, out)
    first, second, third = apps_plus.load(out).train[:3]
    right = [(first, False), (first, True), (second, True), (second, True), (third, False), (third, False)]
    samples = lines(
        folder / "m.jsonl",
        *({"task_id": p.problem_id, "solution": p.canonical_solution if good else WRONG} for p, good in right),
        {"task_id": "train/9999", "solution": WRONG},
    )
    result = run("difficulty", out, "--samples", samples, "--json", "--workers", 1)
    assert result.exit_code == 0, result.stderr
    return out, samples


@pytest.fixture
def build(judged: tuple[Path, Path], tmp_path: Path) -> Path:
    shutil.copytree(judged[0], tmp_path / "b")
    return tmp_path / "b"


def plain(sample_build: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample_build, tmp_path / "plain", ignore=shutil.ignore_patterns(".build"))
    return tmp_path / "plain"


def test_the_columns_are_in_every_file_and_null_without_samples(judged: tuple[Path, Path]) -> None:
    dataset = apps_plus.load(judged[0])
    rates = [(problem.solve_rate, len(problem.solve_rates)) for problem in dataset.train]
    assert rates[:3] == [(0.5, 1), (1.0, 1), (0.0, 1)]
    assert set(rates[3:]) == {(None, 0)}
    (rate,) = dataset.train[0].solve_rates
    assert (rate.model, rate.samples, rate.passed) == ("m", 2, 1)
    assert (rate.low, rate.high) == (dataset.train[0].solve_rate_low, dataset.train[0].solve_rate_high)
    for split in SPLITS:
        rows = [json.loads(line) for line in (judged[0] / f"{split}.jsonl").read_text().splitlines()]
        assert pq.read_table(judged[0] / f"{split}.parquet").to_pylist() == rows


def test_the_counts_are_those_of_evaluate(judged: tuple[Path, Path], tmp_path: Path) -> None:
    out, samples = judged
    result = run("evaluate", "apps+", samples, "--data", out, "--split", "all", "--out", tmp_path / "r.jsonl", "--json")
    summary = json.loads(result.stdout)
    counts = json.loads((out / "manifest.json").read_text())["counts"]["solve_rates"]
    (model,) = counts["models"]
    assert (model["passed"], model["samples"]) == (3, 6)
    assert summary["categories"]["overall"]["passed"] == 3
    assert summary["pass_at_k"]["overall"]["1"]["value"] == model["mean_rate"] == 0.5
    assert counts["bins"]["no samples"]["total"] == len(apps_plus.load(out)) - 3


def test_the_same_command_changes_no_byte_and_runs_nothing(
    build: Path, judged: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (build / name).read_bytes() for name in FILES}
    monkeypatch.setattr("harness.scoring.run_samples.score_job", None)
    result = run("difficulty", build, "--samples", judged[1])
    assert result.exit_code == 0, result.stderr
    assert {name: (build / name).read_bytes() for name in FILES} == before
    assert "have no samples: their solve_rate is null" in result.stderr
    assert "no problem" in result.stderr
    assert "train/9999" in result.stderr


def test_results_of_evaluate_do_as_well_and_models_stand_side_by_side(
    build: Path, judged: tuple[Path, Path], tmp_path: Path
) -> None:
    (kept,) = (build / ".build" / "solve_rates").glob("m-*.results.jsonl")
    shutil.copy(kept, tmp_path / "again.results.jsonl")
    samples, results = f"one={judged[1]}", f"two={tmp_path / 'again.results.jsonl'}"
    assert run("difficulty", build, "--samples", samples, "--results", results).exit_code == 0
    problem = apps_plus.load(build).train[0]
    assert [(rate.model, rate.passed, rate.samples) for rate in problem.solve_rates] == [("one", 1, 2), ("two", 1, 2)]
    assert problem.solve_rate == 0.5
    for command in (["stats", build], ["explain", build, problem.problem_id]):
        shown = " ".join(run(*command).stdout.split())
        assert "one" in shown
        assert "two" in shown
    assert "| two | again.results.jsonl | 3 | 6 | 3 |" in (build / "README.md").read_text()


def test_problems_are_loaded_by_their_rate(judged: tuple[Path, Path]) -> None:
    out = judged[0]
    first, second, third = (problem.problem_id for problem in apps_plus.load(out).train[:3])
    for given, expected in (((0.05, 0.95), [first]), ((0.5, 1.0), [first, second]), ((0.0, 0.0), [third])):
        chosen = apps_plus.load(out, solve_rate=given)
        assert [problem.problem_id for split in SPLITS for problem in chosen[split]] == expected
    assert len(apps_plus.load(out, solve_rate=(0, 1), solve_rate_model="m")) == 3
    with pytest.raises(BuildFolderError, match="no solve rates of x, only of m"):
        apps_plus.load(out, solve_rate=(0, 1), solve_rate_model="x")
    with pytest.raises(InputError, match="no range"):
        apps_plus.load(out, solve_rate=(0.9, 0.1))


def test_keep_names_the_problems(judged: tuple[Path, Path]) -> None:
    result = run("difficulty", judged[0], "--keep", "0.05:0.95", "--json")
    keep = json.loads(result.stdout)["keep"]
    assert (keep["kept"], keep["solve_rate"], keep["out"]) == (1, [0.05, 0.95], None)
    assert keep["problem_ids"]["train"] == [apps_plus.load(judged[0]).train[0].problem_id]


def test_keep_writes_a_folder_that_loads_and_accounts_for_every_problem(
    judged: tuple[Path, Path], tmp_path: Path
) -> None:
    out, chosen = judged[0], tmp_path / "chosen"
    before = {name: (out / name).read_bytes() for name in FILES}
    for _ in range(2):  # a selection may be replaced
        assert run("difficulty", out, "--keep", "0.05:", "--out", chosen).exit_code == 0
    assert {name: (out / name).read_bytes() for name in FILES} == before
    whole, part = apps_plus.load(out), apps_plus.load(chosen)
    assert part.train == whole.train[:2]
    assert len(part) == 2
    manifest = json.loads((chosen / "manifest.json").read_text())
    assert manifest["selection"] == {"solve_rate": [0.05, 1.0], "model": None, "of": len(whole), "kept": 2}
    counts = manifest["counts"]
    ends = [counts["outcomes"][name]["total"] for name in ("kept", "corrected", "dropped", "needs_review")]
    assert sum(ends) + counts["not_selected"]["total"] == counts["raw"]["total"]
    ledger = [json.loads(line) for line in (chosen / "ledger.jsonl").read_text().splitlines()]
    assert sum(row["released_in"] != "" for row in ledger) == 2
    assert sum("not_selected" in row for row in ledger) == len(whole) - 2
    assert "these are the 2 with a solve rate from 0.05 to 1.0" in (chosen / "README.md").read_text()
    assert "not selected: solve rate" in run("stats", chosen).stdout
    left_out = whole.train[2].problem_id
    assert "not selected: solve rate 0, not from 0.05 to 1" in run("explain", chosen, left_out).stdout


def test_a_build_does_not_replace_a_selection(judged: tuple[Path, Path], tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    assert run("difficulty", judged[0], "--keep", "0:1", "--out", chosen).exit_code == 0
    result = run("build", "--out", chosen)
    assert (result.exit_code, "selected from a build" in result.stderr) == (2, True)


def test_evaluate_scores_only_the_problems_in_the_range(judged: tuple[Path, Path], tmp_path: Path) -> None:
    out, samples = judged
    arguments = ("evaluate", "apps+", samples, "--data", out, "--split", "all", "--out", tmp_path / "r.jsonl")
    summary = json.loads(run(*arguments, "--solve-rate", "0.05:0.95", "--json").stdout)
    assert summary["categories"]["overall"]["passed"] == 1
    assert summary["benchmark"]["problems"] == 1
    refused = run(*arguments, "--solve-rate", "0.05:0.95", "--record", tmp_path / "r.json", "--model", "m")
    assert (refused.exit_code, "for all problems of a split" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to do"),
        (("--keep", "0.05:0.95"), "has no solve rates: measure them with apps-plus difficulty"),
        (("--keep", "5%"), "write LOW:HIGH"),
        (("--keep", "0.9:0.1"), "write LOW:HIGH"),
        (("--out", "x"), "give --keep"),
        (("--samples", "{tmp}/gone.jsonl"), "there is no such file"),
        (("--samples", "{tmp}/empty.jsonl"), "holds no samples"),
        (("--samples", "{tmp}/others.jsonl"), "no sample answers a problem"),
        (("--samples", "a={tmp}/others.jsonl", "--keep", "0:1", "--model", "b"), "the samples are of a"),
        (("--samples", "{tmp}/others.jsonl", "--keep", "0:1", "--out", "{build}"), "is the build itself"),
        (("--samples", "{tmp}/others.jsonl", "--keep", "0:1", "--out", "{tmp}"), "that no selection wrote"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_changes_nothing(
    sample_build: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    out = plain(sample_build, tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "train.jsonl").write_text("")
    lines(tmp_path / "others.jsonl", {"task_id": "HumanEval/0", "completion": "    return 1\n"})
    before = {name: (out / name).read_bytes() for name in FILES}
    result = run("difficulty", out, *(text.format(tmp=tmp_path, build=out) for text in arguments))
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""
    assert {name: (out / name).read_bytes() for name in FILES} == before


def test_what_is_no_build_is_one_line(tmp_path: Path) -> None:
    samples = lines(tmp_path / "s.jsonl", {"task_id": "train/0", "completion": ""})
    result = run("difficulty", tmp_path, "--samples", samples)
    assert (result.exit_code, "is not a build" in result.stderr) == (2, True)
