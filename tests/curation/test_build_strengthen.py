"""A build with generated tests, end to end, on small raw data."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from raw_problems import LIMITS, write_raw
from typer.testing import CliRunner

import apps_plus
from apps_plus.cli import app
from apps_plus.errors import InputError
from curation.build import build
from curation.build_options import BuildOptions, BuildProgress
from curation.cli import strengthen_options
from curation.explain import explain_problem
from curation.generated_tests.strengthen_problem import StrengthenOptions
from curation.mutation.measure_strength import StrengthSettings, measure_strength
from curation.review.queue import open_queue
from curation.review_decisions import Action, Decision, append_decision
from harness.judging.judge import judge
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits

SUMS = [
    "n = int(input())\nprint(sum(map(int, input().split())))\n",
    "input()\ntotal = 0\nfor word in input().split():\n    total += int(word)\nprint(total)\n",
    "from functools import reduce\nn = input()\nprint(reduce(lambda a, b: a + b, map(int, input().split()), 0))\n",
    "import sys\nwords = sys.stdin.read().split()\nprint(sum(int(w) for w in words[1:]))\n",
    "n = int(input())\na = [int(x) for x in input().split()]\nr = 0\nfor i in range(n):\n    r = r + a[i]\nprint(r)\n",
    "n = int(input())\na = list(map(int, input().split()))\nprint(sum(a[:n // 2]) + sum(a[n // 2:]))\n",
]


def sums(number: int) -> dict:
    return {
        "question.txt": f"Print the sum of n numbers. Task {number}.\n\n-----Input-----\nThe first line contains n "
        "(1 <= n <= 20). The second line contains n integers a_i (0 <= a_i <= 100).\n\n-----Output-----\nThe sum.\n",
        "input_output.json": {"inputs": ["3\n1 2 3\n", "2\n50 7\n"], "outputs": ["6\n", "57\n"]},
        "solutions.json": SUMS,
        "metadata.json": {"difficulty": "interview", "url": "https://example.org"},
    }


SORTED = {
    "question.txt": "Return a list of numbers, sorted. If there are several answers, return any of them.",
    "input_output.json": {"fn_name": "f", "inputs": [[[3, 1, 2]], [[5, 4]]], "outputs": [[1, 2, 3], [4, 5]]},
    "solutions.json": [
        "def f(a):\n    return sorted(a)\n",
        "def f(a):\n    a.sort()\n    return a\n",
        "def f(a):\n    b = []\n    for x in sorted(a):\n        b.append(x)\n    return b\n",
        "def f(a):\n    return sorted(a, reverse=True)[::-1]\n",
    ],
    "metadata.json": {"difficulty": "introductory", "url": "https://example.org"},
}
LONELY = {
    **sums(9),
    "question.txt": "Print the total of n numbers that nobody else has solved.",
    "solutions.json": SUMS[:1],
}
OPTIONS = StrengthenOptions(tests=8)


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    problems = {"0000": sums(0), "0001": SORTED, "0002": LONELY}
    return write_raw(tmp_path_factory.mktemp("raw"), problems)


@pytest.fixture(scope="module")
def strengthened(raw, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("strengthened")
    build(options(raw, out))
    return out


def options(raw: Path, out: Path, **changes) -> BuildOptions:
    return replace(BuildOptions(raw, out, workers=1, limits=LIMITS, strengthen=OPTIONS), **changes)


def released(out: Path) -> dict[str, apps_plus.problem.Problem]:
    dataset = apps_plus.load(out)
    return {problem.problem_id: problem for problem in (*dataset.train, *dataset.validation, *dataset.test)}


def test_given_tests_come_first_and_stay_as_they_are(strengthened):
    tests = released(strengthened)["train/0000"].tests
    assert tests.inputs[:2] == ("3\n1 2 3\n", "2\n50 7\n")
    assert [test.test for test in tests.generated] == list(range(2, len(tests)))
    assert len(tests) == 8


def test_every_solution_passes_the_generated_tests(strengthened):
    problem = released(strengthened)["train/0000"]
    with Sandbox() as sandbox:
        assert all(test.verdict == "passed" for test in judge(sandbox, SUMS[4], problem))


def test_the_ledger_and_the_manifest_count_them(strengthened, rows):
    ledger = {row["problem_id"]: row for row in rows(strengthened / "ledger.jsonl")}
    assert ledger["train/0000"]["generated_tests"] == 6
    assert ledger["train/0000"]["tests"] == 8
    assert ledger["train/0002"]["strengthened"]["left_alone"] == "few_voters"
    manifest = json.loads((strengthened / "manifest.json").read_text())
    assert manifest["strengthen"]["tests"] == 8
    counts = manifest["counts"]["strengthened"]
    assert counts["extended"]["total"] == 1
    assert counts["left_alone"] == {
        "few_voters": {"introductory": 0, "interview": 1, "competition": 0, "total": 1},
        "several_answers": {"introductory": 1, "interview": 0, "competition": 0, "total": 1},
    }
    assert "Generated tests" in (strengthened / "README.md").read_text()


def test_the_strength_of_the_tests_is_in_the_released_row(strengthened):
    assert 0 < released(strengthened)["train/0000"].test_strength <= 1


def test_the_strength_is_the_one_that_is_measured_on_the_released_problem(strengthened):
    problems = released(strengthened).values()
    with Sandbox() as sandbox:
        measured = [measure_strength(sandbox, problem, StrengthSettings(pool=0), Limits()) for problem in problems]
    assert [its.strength for its in measured] == [problem.test_strength for problem in problems]


def test_a_statement_that_allows_several_answers_waits_for_review(strengthened, rows):
    ledger = {row["problem_id"]: row for row in rows(strengthened / "ledger.jsonl")}
    assert (ledger["train/0001"]["outcome"], ledger["train/0001"]["reasons"]) == ("needs_review", ["multiple_outputs"])
    with open_queue(strengthened) as queue:
        item = queue.item("train/0001")
    assert item.problem.suggestion is not None
    assert "allows several answers" in item.problem.suggestion.text


def test_explain_says_why(strengthened):
    codes = {f["code"] for f in explain_problem(strengthened, "train/0002").findings}
    assert "not_strengthened" in codes
    assert "generated_tests" in {f["code"] for f in explain_problem(strengthened, "train/0000").findings}


def test_a_decision_releases_it_with_generated_tests(raw, strengthened, tmp_path, rows):
    row = next(row for row in rows(strengthened / "ledger.jsonl") if row["problem_id"] == "train/0001")
    append_decision(
        tmp_path / "decisions",
        Decision("train/0001", row["item_digest"], Action.KEEP, "ada", "2026-01-02T03:04:05Z"),
    )
    build(options(raw, tmp_path, cache=None))
    tests = released(tmp_path)["train/0001"].tests
    assert len(tests.generated) == 6
    assert list(tests.outputs) == [sorted(given[0]) for given in tests.inputs]


def test_shards_and_workers_give_the_same_bytes(raw, strengthened, tmp_path):
    for i in (1, 2):
        counts = build(options(raw, tmp_path, shard=(i, 2)))
        assert counts["strengthened"] <= counts["verified"]
    seen: list[BuildProgress] = []
    build(options(raw, tmp_path, workers=2), seen.append)
    last = [progress for progress in seen if progress.stage == "strengthen"][-1]
    assert last.reused == 3
    assert files_of(tmp_path) == files_of(strengthened)


def test_the_same_command_with_strengthen_extends_a_build(raw, strengthened, tmp_path):
    build(options(raw, tmp_path, strengthen=None))
    assert not released(tmp_path)["train/0000"].tests.generated
    seen: list[BuildProgress] = []
    build(options(raw, tmp_path), seen.append)
    assert [progress for progress in seen if progress.stage == "verify"][-1].reused == 3
    assert files_of(tmp_path) == files_of(strengthened)
    with pytest.raises(InputError, match="--strengthen"):
        build(options(raw, tmp_path, strengthen=None))
    with pytest.raises(InputError, match="--tests 8"):
        build(options(raw, tmp_path, strengthen=StrengthenOptions(tests=9)))


@pytest.mark.parametrize("damage", ["not readable", "too large"])
def test_a_damaged_entry_of_the_journal_is_made_again(damage, raw, strengthened, tmp_path):
    out = tmp_path / "b"
    shutil.copytree(strengthened, out)
    path = out / ".build" / "strengthened.jsonl"
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    damaged = next(entry["value"] for entry in entries if entry["value"]["problem_id"] == "train/0000")
    tests = json.loads(damaged["tests"])
    tests["inputs"][0] = "1\n" * OPTIONS.budget.most_bytes
    damaged["tests"] = json.dumps(tests) if damage == "too large" else "{"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    build(options(raw, out))
    assert files_of(out) == files_of(strengthened)


@pytest.mark.parametrize("option", ["--tests", "--seed", "--min-voters"])
def test_an_option_of_strengthening_alone_is_refused(option):
    result = CliRunner().invoke(app, ["build", option, "3"])
    assert result.exit_code == 2
    assert option in result.output
    assert "--strengthen" in result.output


def test_the_options_of_strengthening_are_those_of_the_command():
    assert strengthen_options(True, None, None, None) == StrengthenOptions()
    assert strengthen_options(True, 20, 1, 3) == StrengthenOptions(tests=20, seed=1, min_voters=3)
