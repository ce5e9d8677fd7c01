"""MBPP's assertions as APPS's call-based tests."""

import json
from pathlib import Path

import pytest

from apps_plus.errors import InputError
from apps_plus.storage import load
from benchmarks.mbpp_rows import FIRST_NUMBER, call_and_answer, read_mbpp, to_row, write_rows
from curation.build import build
from curation.build_options import BuildOptions

PROBLEM = {
    "task_id": 7,
    "text": "Write a function to add up the numbers of a tuple.",
    "code": "def total(numbers, start=0):\r\n    return sum(numbers) + start",
    "test_list": ["assert total((1, 2)) == 3", "assert total((), 4) == 4"],
    "challenge_test_list": ["assert total((-1,)) == -1"],
    "test_setup_code": "",
}


def test_a_problem_becomes_a_call_based_one() -> None:
    row = to_row(PROBLEM)
    assert row is not None
    assert row["problem_id"] == FIRST_NUMBER + 7
    assert row["starter_code"] == "def total(numbers, start=0):"
    assert json.loads(row["solutions"]) == ["def total(numbers, start=0):\n    return sum(numbers) + start"]
    assert json.loads(row["input_output"]) == {
        "fn_name": "total",
        "inputs": [[[1, 2]], [[], 4], [[-1]]],
        "outputs": [[3], [4], [-1]],
    }


@pytest.mark.parametrize(
    "assertion",
    [
        "assert set(f(1)) == {1}",
        "assert f(1) == {1}",
        "assert f({1: 2}) == 1",
        "assert f(x=1) == 1",
        "assert f(1)",
        "assert f(1) == 1 == 1",
        "assert f(1j) == 1",
        "assert f(1) == g(1)",
        "f(1) == 1",
        "assert f(",
    ],
)
def test_other_assertions_are_none_of_apps(assertion: str) -> None:
    assert call_and_answer(assertion) is None


@pytest.mark.parametrize(
    "change",
    [
        {"test_list": ["assert total((1,)) == 1", "assert other((1,)) == 1"]},
        {"test_list": ["assert total({1}) == 1"]},
        {"test_list": [], "challenge_test_list": []},
        {"test_setup_code": "root = Node(1)"},
        {"code": "total = sum"},
        {"code": "def total(numbers"},
    ],
)
def test_problems_with_other_tests_are_left_out(change: dict[str, object]) -> None:
    assert to_row(PROBLEM | change) is None


def test_the_rows_are_read_as_raw_apps_and_released(tmp_path: Path) -> None:
    mbpp, rows = tmp_path / "mbpp.jsonl", tmp_path / "rows.jsonl"
    mbpp.write_text(json.dumps(PROBLEM) + "\n" + json.dumps(PROBLEM | {"task_id": 8, "test_setup_code": "x"}) + "\n")
    assert write_rows(mbpp, rows).startswith(f"{rows}: 1 of 2 problems of MBPP, and 71 of the sample")
    alone = tmp_path / "alone.jsonl"
    alone.write_text(rows.read_text().splitlines()[-1] + "\n")
    build(BuildOptions(alone, tmp_path / "build", workers=1))
    [problem] = load(tmp_path / "build").train
    assert (problem.problem_id, problem.entry_point) == (f"train/{FIRST_NUMBER + 7}", "total")
    assert problem.tests.outputs == (3, 4, -1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read as JSON lines"),
        ("[]", "lacks everything"),
        ('{"task_id": 1}', "lacks challenge_test_list"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=reason):
        read_mbpp(path)
