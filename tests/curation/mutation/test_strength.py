"""``apps-plus strength`` on a build of three problems."""

from __future__ import annotations

import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from raw_problems import LIMITS, write_raw
from typer.testing import CliRunner

import apps_plus
from apps_plus.cli import app
from apps_plus.errors import BuildFolderError, InputError, WorkError
from apps_plus.problem import Comparison, Problem, SolveRate
from apps_plus.problem import Tests as UnitTests
from curation.build import BuildOptions, build
from curation.mutation import strength as command
from curation.mutation.measure_strength import StrengthSettings, measure_strength
from curation.mutation.plot_strength import draw_strength
from curation.mutation.strength import StrengthOptions, journal_key, measure_build
from harness.sandbox.execution import Limits

FILES = ("train.jsonl", "test.jsonl", "train.parquet", "strength.jsonl", "manifest.json", "README.md")
SETTINGS = StrengthSettings(mutants=12, pool=0)


STATEMENTS = (
    "Add up the numbers above two.",
    "A shop keeps the prices of all that it sells in a list: what does a customer pay who buys all but the cheap ones?",
    "Of several mountains the heights are known. Say how high a climber gets in all who leaves out the small hills.",
)
"""Different enough not to be duplicates, with one program that solves all."""
SOLUTION = """def f(a):
    total = 0
    for x in a:
        if x > 2:
            total += x
    return total
"""


def add_large(inputs: list, number: int) -> dict:
    name = "abc"[number]
    solution = SOLUTION.replace("(a)", f"({name})").replace("in a", f"in {name}")
    return {
        "question.txt": STATEMENTS[number],
        "input_output.json": {
            "fn_name": "f",
            "inputs": inputs,
            "outputs": [sum(x for x in a if x > 2) for (a,) in inputs],
        },
        "solutions.json": [solution, solution.replace("total", "found")],
        "metadata.json": {"difficulty": "introductory", "url": ""},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("strength")
    strong = [[[1, 2, 3, 4]], [[4, 2, 1]], [[-5, 3, -7]], [[]], [[2, 2]]]
    problems = {"0000": add_large([[[7]]], 0), "0001": add_large(strong, 1), "0002": add_large([[[1, 5]], [[4]]], 2)}
    build(BuildOptions(write_raw(folder / "raw", problems), folder / "b", workers=1, limits=LIMITS))
    return folder / "b"


@pytest.fixture
def folder(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "b")
    return tmp_path / "b"


def options(folder: Path, workers: int = 1) -> StrengthOptions:
    return StrengthOptions(folder, workers, SETTINGS)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_more_telling_tests_are_stronger_and_every_file_says_so(folder):
    sums = measure_build(options(folder))
    rows = {row["problem_id"]: row for row in map(json.loads, (folder / "strength.jsonl").read_text().splitlines())}
    assert rows["train/0000"]["test_strength"] < rows["train/0002"]["test_strength"]
    assert rows["train/0002"]["test_strength"] <= rows["train/0001"]["test_strength"]
    dataset = apps_plus.load(folder)
    for problem in (*dataset.train, *dataset.validation, *dataset.test):
        assert problem.test_strength == rows[problem.problem_id]["test_strength"]
    one = rows["train/0000"]
    assert one["killed"] + len(one["survivors"]) == one["mutants"] > 0
    assert one["lines"] == [6, 6] and one["branches"] == [3, 4]
    assert rows["train/0001"]["branches"] == [4, 4]
    assert json.loads((folder / "manifest.json").read_text())["counts"]["strength"] == json.loads(json.dumps(sums))
    assert len(apps_plus.load(folder, min_strength=one["test_strength"] + 0.01)) == 2
    assert "## How strong the tests are" in (folder / "README.md").read_text()


@pytest.mark.worker_processes
def test_same_bytes_whatever_the_workers_and_nothing_is_measured_twice(folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "other")
    measure_build(options(folder))
    measure_build(options(tmp_path / "other", workers=2))
    assert bytes_of(folder) == bytes_of(tmp_path / "other")
    monkeypatch.setattr(command, "_measure", None)  # every problem is in the journal
    measure_build(options(folder))
    assert bytes_of(folder) == bytes_of(tmp_path / "other")


def test_interrupted_run_keeps_what_it_measured(folder):
    seen = []

    def stop_after_one(progress) -> None:
        seen.append(progress)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_build(options(folder), stop_after_one)
    assert len((folder / ".build/strength.jsonl").read_text().splitlines()) == 1
    assert len(apps_plus.load(folder)) == 3
    measure_build(options(folder), seen.append)
    assert [progress.done for progress in seen[1:]] == [2, 3] and seen[-1].reused == 1


def test_fault_of_the_harness_keeps_the_rest_and_writes_nothing(folder, monkeypatch):
    def fail(sandbox, job):
        return command.StrengthResult(job.key, job.problem.problem_id, None, "no memory")

    monkeypatch.setattr(command, "_measure", fail)
    with pytest.raises(WorkError, match=r"3 problems could not be measured \(first: .*: no memory\)"):
        measure_build(options(folder))
    assert not (folder / "strength.jsonl").exists()


def test_key_changes_with_tests_and_settings_but_not_with_the_strength():
    problem = Problem("train/1", "?", "print(1)", None, UnitTests(("",), ("1",)), "", (), Comparison.EXACT, "", "")
    key = journal_key(problem, {}, SETTINGS)
    assert journal_key(replace(problem, test_strength=0.5, url="x"), {}, SETTINGS) == key
    rates = (SolveRate("m", 2, 1, 0.5, 0.1, 0.9),)
    assert journal_key(replace(problem, solve_rate=0.5, solve_rates=rates), {}, SETTINGS) == key
    others = [
        journal_key(replace(problem, tests=UnitTests(("1",), ("1",))), {}, SETTINGS),
        journal_key(problem, {}, StrengthSettings(13, 0)),
        journal_key(problem, {"python": "3.99"}, SETTINGS),
    ]
    assert len({key, *others}) == 4


def test_canonical_solution_that_fails_here_has_no_strength(sandbox):
    problem = Problem("train/1", "?", "print(1)", None, UnitTests(("",), ("2",)), "", (), Comparison.EXACT, "", "")
    found = measure_strength(sandbox, problem, SETTINGS, Limits())
    assert found.strength is None and "does not pass" in found.fault


def test_command_prints_tables_and_json(folder):
    runner = CliRunner()
    arguments = ["strength", str(folder), "--mutants", "12", "--pool", "0", "--workers", "1"]
    plain = runner.invoke(app, arguments)
    assert plain.exit_code == 0, plain.output
    assert "Strength of the tests" in plain.stdout and "2 given tests" in plain.stdout and "comparison" in plain.stdout
    as_json = json.loads(runner.invoke(app, [*arguments, "--json"]).stdout)
    assert as_json["total"]["problems"] == 3 and as_json["settings"] == {"mutants": 12, "pool": 0}


def test_stats_and_explain_show_what_was_measured(folder):
    runner = CliRunner()
    assert "Strength of the tests" not in runner.invoke(app, ["stats", str(folder)]).stdout
    measure_build(options(folder))
    assert "Strength of the tests" in runner.invoke(app, ["stats", str(folder)]).stdout
    explained = runner.invoke(app, ["explain", str(folder), "train/0000"]).stdout
    assert "strength of the tests: they reject" in explained and "wrong programs that pass every test:" in explained
    parsed = json.loads(runner.invoke(app, ["explain", str(folder), "train/0000", "--json"]).stdout)
    assert parsed["survivors"] and {"operator", "line"} <= set(parsed["survivors"][0])
    (folder / "strength.jsonl").unlink()  # the column alone
    assert "they reject" in runner.invoke(app, ["explain", str(folder), "train/0000"]).stdout


def test_folder_that_is_no_build_is_one_line(tmp_path):
    with pytest.raises(BuildFolderError, match="not a whole build"):
        measure_build(options(tmp_path))
    assert not (tmp_path / ".build").exists()


def test_plot_of_nothing_is_drawn_without_a_warning(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_strength({"given_tests": {}}, [], tmp_path / "empty.png")
    assert (tmp_path / "empty.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="there is no folder"):
        draw_strength({"given_tests": {}}, [], tmp_path / "missing" / "a.png")
