"""``apps-plus overlap``, and the options of ``build`` that go with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.problem import dump_json

RUNNER = CliRunner()


def row(problem_id: str, solution: str) -> dict[str, Any]:
    return {
        "problem_id": problem_id,
        "question": "Return the greatest of some numbers that a list holds, and nothing else.",
        "canonical_solution": solution,
        "entry_point": "f",
        "tests": '{"inputs":[[1]],"outputs":[1]}',
        "starter_code": "",
        "conditionals": [],
        "comparison": "exact",
        "difficulty": "introductory",
        "url": "",
        "dict_keys": "str",
        "checker": "",
        "repairs": [],
        "outcome": "kept",
    }


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A build of two problems: one of which two of three lines are MBPP's, and one that shares nothing."""
    folder = tmp_path / "made"
    folder.mkdir()
    solutions = {
        "train": "def f(x):\n    y = g(x)\n    y = h(y)\n    y = k(y)\n",
        "test": "def f(x):\n    return x * x\n",
    }
    for split in ("train", "validation", "test"):
        rows = [row(f"{split}/0001", solutions[split])] if split in solutions else []
        (folder / f"{split}.jsonl").write_text("".join(dump_json(r) + "\n" for r in rows))
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture
def mbpp(tmp_path: Path) -> Path:
    """Two tasks: number 1 of the split ``prompt``, number 11 of ``test``."""
    tasks = [
        {
            "task_id": 1,
            "text": "Return the greatest of some numbers that a list holds.",
            "code": "def q(x):\n    y = g(x)\n",
        },
        {"task_id": 11, "text": "Do another thing.", "code": "def r(x):\n    y=h( y )\n    return y\n"},
    ]
    path = tmp_path / "mbpp.jsonl"
    path.write_text(
        "".join(json.dumps({**t, "test_list": ["assert q(1)"], "test_setup_code": ""}) + "\n" for t in tasks)
    )
    return path


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, [*map(str, arguments)])


def report(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_json_holds_the_figures_the_evidence_and_the_near_statements(made: Path, mbpp: Path) -> None:
    told = report("overlap", made, "--with", "mbpp", "--data", f"mbpp={mbpp}")
    assert (told["build"], told["problems"]) == (str(made), 2)
    (against,) = told["with"]
    assert (against["benchmark"], against["tasks"], against["split"], against["paper"]) == ("mbpp", 2, "all", 0.002)
    assert against["more_than_half"]["telling"] == {"count": 1, "of": 2, "share": 0.5}
    (top,) = against["top"]
    assert (top["problem_id"], top["fraction"]) == ("train/0001", 0.6667)
    assert top["shared"] == {"y = g(x)": ["Mbpp/1"], "y = h(y)": ["Mbpp/11"]}
    assert {(pair["problem_id"], pair["similarity"]) for pair in against["near_statements"]} == {
        ("train/0001", 1.0),
        ("test/0001", 1.0),
    }


def test_one_split_of_mbpp_can_be_asked_for(made: Path, mbpp: Path) -> None:
    (against,) = report("overlap", made, "--data", f"mbpp={mbpp}", "--split", "test")["with"]
    assert (against["split"], against["tasks"], against["matched_lines"]) == ("test", 1, 1)


def test_without_a_name_it_is_humaneval(made: Path) -> None:
    assert [against["benchmark"] for against in report("overlap", made)["with"]] == ["humaneval"]


def test_the_file_has_a_line_for_every_problem_and_benchmark(made: Path, mbpp: Path, tmp_path: Path) -> None:
    out = tmp_path / "overlap.jsonl"
    assert run("overlap", made, "--with", "humaneval", "--data", f"mbpp={mbpp}", "--out", out).exit_code == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(r["benchmark"], r["problem_id"], r["matched"]) for r in rows] == [
        ("humaneval", "train/0001", 0),
        ("humaneval", "test/0001", 0),
        ("mbpp", "train/0001", 2),
        ("mbpp", "test/0001", 0),
    ]


def test_the_screen_fits_80_columns_and_shows_the_evidence(
    made: Path, mbpp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("overlap", made, "--with", "humaneval", "--with", "mbpp", "--data", f"mbpp={mbpp}")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    for text in ("to 70%", "█", "7.1%", "0.2%", "y = h(y)  Mbpp/11", "100%  test/0001 and Mbpp/1", "trivial ones too"):
        assert text in result.stdout


STATEMENT = "Return the greatest of some numbers that a list holds, and nothing else."


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    """A benchmark of three items, one of which is the statement of both problems."""
    path = tmp_path / "quiz.jsonl"
    texts = ["Sort a list of names by their last letters, then by their first ones.", f"<p>{STATEMENT}</p>", "Short."]
    path.write_text("".join(json.dumps({"id": number, "question": text}) + "\n" for number, text in enumerate(texts)))
    return path


def test_the_statements_of_any_file_are_compared(made: Path, quiz: Path, tmp_path: Path) -> None:
    (against,) = report("overlap", made, "--with", quiz, "--out", tmp_path / "o.jsonl")["with"]
    assert (against["benchmark"], against["compared"], against["field"], against["tasks"]) == (
        "quiz",
        "statements",
        "question",
        3,
    )
    assert (against["with_ngrams"], against["more_than_half"], against["near"], against["items_found"]) == (2, 2, 2, 1)
    assert [row["item"] for row in against["top"]] == ["1", "1"]
    written = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [(row["problem_id"], row["share"], row["jaccard"]) for row in written] == [
        ("train/0001", 1.0, 1.0),
        ("test/0001", 1.0, 1.0),
    ]


def test_programs_and_statements_are_compared_in_one_run(made: Path, quiz: Path, mbpp: Path) -> None:
    both = report("overlap", made, "--with", f"mbpp={mbpp}", "--with", f"riddles={quiz}")["with"]
    assert [against["benchmark"] for against in both] == ["mbpp", "riddles"]


def test_the_screen_names_the_problem_and_the_item(made: Path, quiz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("overlap", made, "--with", quiz, "--top", 1)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    for part in ("2 problems, 3 items", "2 (100.0%) share 13-grams", "test/0001", "100%", "and 1 more"):
        assert part in result.stdout
    assert "read from the field question" in result.stderr


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_histogram_is_drawn_the_same_each_time(made: Path, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("matplotlib")
    plots = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for plot in plots:
        assert run("overlap", made, "--plot", plot, "--top", 0).exit_code == 0
    first, second = (plot.read_bytes() for plot in plots)
    assert len(first) > 1000
    assert first == second


def test_the_benchmarks_own_file_is_not_written_over(made: Path, mbpp: Path) -> None:
    before = mbpp.read_bytes()
    result = run("overlap", made, "--data", f"mbpp={mbpp}", "--out", mbpp)
    assert (result.exit_code, "is a benchmark's file: choose another name" in result.stderr) == (2, True)
    assert mbpp.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{made}", "--with", "mbpp"], "mbpp=FILE"),
        (["{made}", "--with", "leetcode"], "choose one of humaneval"),
        (["{made}", "--with", "gone.jsonl"], "cannot read gone.jsonl"),
        (["{made}", "--with", "{mbpp}", "--field", "body"], "its fields are task_id, text"),
        (["{made}", "--with", "{mbpp}", "--plot", "o.png"], "--plot draws shared lines of programs"),
        (["{made}", "--with", "{mbpp}", "--out", "{mbpp}"], "is a benchmark's file"),
        (["{made}", "--with", "humaneval", "--field", "body"], "name one, --with FILE"),
        (["{made}", "--data", "mbpp"], "write NAME=FILE"),
        (["{made}", "--data", "mbpp={mbpp}", "--data", "mbpp=x"], "has two files"),
        (["{made}", "--data", "mbpp={tmp}/gone.jsonl"], "gone.jsonl"),
        (["{made}", "--data", "mbpp={tmp}"], "cannot read"),
        (["{made}", "--data", "mbpp={made}/train.jsonl"], "is not one of mbpp"),
        (["{made}", "--data", "mbpp={mbpp}", "--split", "dev"], "no split dev"),
        (["{made}", "--plot", "{tmp}/o.gif"], "must end in .png, .svg or .pdf"),
        (["{made}", "--out", "{made}/train.jsonl"], "a file of the build"),
        (["{tmp}"], "is not a build"),
        (["{tmp}/gone"], "is not a build"),
        (["{made}", "--similarity", "0"], "similarity"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_2(
    made: Path, mbpp: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = run("overlap", *(text.format(made=made, mbpp=mbpp, tmp=tmp_path) for text in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_build_that_released_nothing_has_nothing_to_compare(made: Path) -> None:
    for split in ("train", "test"):
        (made / f"{split}.jsonl").write_text("")
    result = run("overlap", made)
    assert (result.exit_code, "released no problem" in result.stderr) == (2, True)


# ---- build


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--overlap-with", "humaneval"], "add --drop-overlap"),
        (["--drop-overlap", "0.5", "--overlap-with", "mbpp"], "mbpp=FILE"),
        (["--drop-overlap", "0.5", "--overlap-with", "nothing"], "choose one of"),
        (["--drop-overlap", "0.5", "--overlap-with", "quiz=gone.jsonl"], "cannot read gone.jsonl"),
        (["--drop-overlap", "0.5", "--overlap-with", "mbpp=gone"], "gone"),
        (["--drop-overlap", "2"], "drop-overlap"),
        (["--drop-overlap", "nan"], "drop-overlap"),
    ],
)
def test_a_build_refuses_before_it_begins(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = run("build", "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out").exists()
