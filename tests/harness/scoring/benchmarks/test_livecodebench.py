"""LiveCodeBench: load its rows, select contests by date, score programs."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from livecodebench_rows import cases, half, packed, row, write
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.errors import InputError
from apps_plus.problem import Comparison
from apps_plus.problem import Tests as Pairs
from harness.generation.prompts import default_template
from harness.scoring.benchmarks.dataset_facts import dataset_facts
from harness.scoring.benchmarks.livecodebench import cases_in, split_for
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.summary import groups


def problem(path: Path, given: dict[str, Any]) -> Any:
    [found] = load_benchmark("livecodebench", write(path / "lcb.jsonl", given)).problems
    return found


def ids(data: Path, split: str | None = None) -> list[str]:
    return [found.task_id for found in load_benchmark("livecodebench", data, split).problems]


# ---- rows


def test_public_tests_come_before_private_ones(tmp_path):
    found = problem(tmp_path, row())
    assert found.suites[0].tests == Pairs(("2\n", "5\n", "-1\n"), ("4\n", "10\n", "-2\n"))
    assert (found.task_id, found.tier, found.entry_point) == ("double", "easy", None)
    assert found.comparison is Comparison.FLOAT and found.gives_imports


def test_a_functional_problem_is_called_with_a_value_a_line(tmp_path):
    found = problem(tmp_path, half())
    assert found.entry_point == "half"
    assert found.suites[0].tests == Pairs(([[2, 4], 1], [[1], 0]), ([1.0, 2.0], [0.5]))


def test_private_tests_may_be_plain_json(tmp_path):
    assert len(problem(tmp_path, row(private_test_cases=json.dumps(cases(("1", "2"))))).suites[0].tests) == 2


@pytest.mark.parametrize("missing", ["", "[]", None])
def test_without_private_tests_the_public_ones_count_and_that_is_told(tmp_path, missing):
    benchmark = load_benchmark("livecodebench", write(tmp_path / "lcb.jsonl", row(private_test_cases=missing)))
    assert len(benchmark.problems[0].suites[0].tests) == 1
    assert benchmark.source.endswith(", 1 of 1 with public tests only")


def pickled(value: object) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


BROKEN = {
    "no base64": "?" * 8,
    "no zlib": base64.b64encode(b"text").decode(),
    "cut short": packed(cases(("1", "2")))[:-8],
    "a class": pickled(OrderedDict),
    "an object": pickled(OrderedDict(a=1)),
    "a list": pickled(cases(("1", "2"))),
    "no JSON": pickled("[oops"),
    "no list": pickled("{}"),
    "no input": packed([{"output": "1", "testtype": "stdin"}]),
    "numbers": packed([{"input": 1, "output": 2, "testtype": "stdin"}]),
    "of another kind": packed(cases(("1", "2"), kind="functional")),
}


@pytest.mark.parametrize("private", BROKEN.values(), ids=BROKEN.keys())
def test_a_problem_whose_private_tests_are_broken_is_not_judged_by_the_public_ones(tmp_path, private):
    assert problem(tmp_path, row(private_test_cases=private)).suites == ()


def test_no_pickle_is_unpickled(monkeypatch):
    monkeypatch.setattr(pickle, "loads", lambda *given: pytest.fail("unpickled"))
    with pytest.raises(ValueError, match="it has the opcode"):
        cases_in(pickled(OrderedDict))


def test_only_the_wanted_tests_are_unpacked(tmp_path, monkeypatch):
    unpacked: list[str] = []
    real = cases_in
    monkeypatch.setattr(
        "harness.scoring.benchmarks.livecodebench.cases_in", lambda text: unpacked.append(text) or real(text)
    )
    data = write(tmp_path / "lcb.jsonl", row(), half())
    double, other = load_benchmark("livecodebench", data, None, {"double"}).problems
    assert (len(double.suites), len(other.suites), len(unpacked)) == (1, 0, 2)


@pytest.mark.parametrize(
    "given, told",
    [
        ({"question_id": None}, "its question_id is neither"),
        ({"question_content": None}, "its question_content is of type NoneType"),
        ({"metadata": "[]"}, "its metadata is not a JSON object"),
        ({"metadata": "{"}, "not a problem of LiveCodeBench"),
    ],
)
def test_a_row_that_is_none_is_named(tmp_path, given, told):
    with pytest.raises(InputError, match=rf"lcb.jsonl:2: not a problem of LiveCodeBench: .*|{told}") as error:
        load_benchmark("livecodebench", write(tmp_path / "lcb.jsonl", half(), row(**given)))
    assert told in str(error.value)


def test_rows_of_another_benchmark_are_refused(tmp_path):
    with pytest.raises(InputError, match=r":1: not a problem of LiveCodeBench: no field 'question_id'"):
        load_benchmark("livecodebench", write(tmp_path / "he.jsonl", {"task_id": "HumanEval/0", "prompt": ""}))


def test_an_id_that_stands_there_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"lcb.jsonl:2: double is also at .*lcb.jsonl:1"):
        load_benchmark("livecodebench", write(tmp_path / "lcb.jsonl", row(), row()))


@pytest.mark.parametrize("text", ["[1]\n", "{oops\n"])
def test_a_line_that_is_no_object_is_named(tmp_path, text):
    (tmp_path / "lcb.jsonl").write_text(json.dumps(row()) + "\n" + text)
    with pytest.raises(InputError, match=r"lcb.jsonl:2: not "):
        load_benchmark("livecodebench", tmp_path / "lcb.jsonl")


def test_a_release_may_be_packed_or_in_several_files(tmp_path):
    (tmp_path / "test.jsonl").write_text(json.dumps(row()) + "\n")
    (tmp_path / "test2.jsonl.gz").write_bytes(gzip.compress(json.dumps(half()).encode()))
    assert ids(tmp_path) == ["double", "half"]
    assert ids(tmp_path / "test2.jsonl.gz") == ["half"]


def test_a_folder_without_a_release_and_a_file_cut_short_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no test\*\.jsonl"):
        ids(tmp_path)
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(json.dumps(row()).encode())[:-9])
    with pytest.raises(InputError, match=r"cannot read .*cut.jsonl.gz"):
        ids(tmp_path / "cut.jsonl.gz")


# ---- contests in a time window


@pytest.fixture
def dated(tmp_path) -> Path:
    days = {"a": "2024-07-31T23:59:00", "b": "2024-08-01T00:00:00", "c": "2025-01-31T18:00:00", "d": "2025-02-01"}
    rows = [row(name, contest_date=day) for name, day in days.items()]
    return write(tmp_path / "lcb.jsonl", *rows, row("e", contest_date=None), row("f", contest_date="soon"))


@pytest.mark.parametrize(
    "since, until, wanted",
    [
        (None, None, "abcdef"),
        ("2024-08-01", None, "bcd"),
        (None, "2025-01-31", "abc"),
        ("2024-08-01", "2025-01-31", "bc"),
        ("2024-08-01", "2024-08-01", "b"),
    ],
)
def test_both_days_of_a_window_belong_to_it(dated, since, until, wanted):
    assert ids(dated, split_for("livecodebench", None, since, until)) == list(wanted)


def test_what_has_no_date_is_in_no_window_and_that_is_told(dated):
    source = load_benchmark("livecodebench", dated, "2024-08-01..").source
    assert source.endswith(", contests from 2024-08-01, 2 without a date left out")


@pytest.mark.parametrize(
    "task, split, since, until, told",
    [
        ("humaneval", None, "2024-08-01", None, "are for livecodebench"),
        ("livecodebench", None, "yesterday", None, "--since yesterday is not a date"),
        ("livecodebench", None, None, "2024-13-01", "--until 2024-13-01 is not a date"),
        ("livecodebench", None, "2025-01-01", "2024-01-01", "is after --until"),
        ("livecodebench", "2024-01-01..", "2025-01-01", None, "leave one out"),
    ],
)
def test_a_window_that_is_none_is_refused(task, split, since, until, told):
    with pytest.raises(InputError, match=told):
        split_for(task, split, since, until)


def test_another_split_and_an_empty_window_are_refused(dated):
    with pytest.raises(InputError, match="livecodebench has no split train"):
        ids(dated, "train")
    with pytest.raises(InputError, match="has no problems"):
        ids(dated, "2030-01-01..")


def test_the_facts_of_a_record_name_the_window_and_the_same_problems_have_one_digest(tmp_path, dated):
    facts = dataset_facts("livecodebench", dated, "2024-08-01..2025-01-31")
    assert (facts.split, facts.tiers, facts.named_by_hash) == ("2024-08-01..2025-01-31", {"easy": 2}, True)
    rows = [json.loads(line) for line in dated.read_text().splitlines()]
    assert {name: str(day) for name, day in facts.days.items()} == {
        rows[i]["question_id"]: rows[i]["contest_date"][:10] for i in (1, 2)
    }
    again = dataset_facts("livecodebench", write(tmp_path / "two.jsonl", rows[2], rows[1]))
    assert (again.split, again.sha256) == (None, facts.sha256)
    changed = write(tmp_path / "three.jsonl", rows[2], rows[1] | {"private_test_cases": "[]"})
    assert dataset_facts("livecodebench", changed).sha256 != facts.sha256


def test_the_tiers_come_easiest_first():
    tiers = {"a": "hard", "b": "easy", "c": "medium"}
    assert list(groups(tiers)) == ["overall", "easy", "medium", "hard"]


# ---- prompts and scores (also the table of docs/livecodebench.md)


@pytest.mark.parametrize("chat", [False, True])
def test_a_prompt_holds_the_question_and_the_starter_code(tmp_path, chat):
    template = default_template("livecodebench", chat)
    for given in (row(), half()):
        text = template.render(problem(tmp_path, given))
        assert given["question_content"] in text and given["starter_code"] in text


RIGHT = """class Solution:
    def half(self, numbers: List[int], k: int) -> List[float]:
        return [n / 2 for n in numbers]
"""
STATEFUL = """class Solution:
    def __init__(self):
        self.out = []

    def half(self, numbers, k):
        self.out += [n / 2 for n in numbers]
        return self.out
"""
PROGRAMS = {
    "double": [
        ("n = int(input())\nprint(2 * n)", "passed"),
        ("print(int(input()) * 2.0)", "passed"),
        ("print(4)", "wrong_answer"),
        ("print(int(input()) ** 2)", "wrong_answer"),
        ("print(sqrt(4) * int(input()))", "passed"),
        ("import sys\nprint(2 * int(sys.stdin.buffer.read()))", "passed"),
        ("print(2 * int(open(0).read()))", "passed"),
        ("import sys\nsys.stdout.buffer.write(b'%d' % (2 * int(input())))", "passed"),
        ("from sys import stdin, stdout\nstdout.write(str(2 * int(stdin.readline())))", "passed"),
        ("from __future__ import annotations\nprint(2 * int(input()))", "passed"),
        ("n = 0\ndef f():\n    global n\n    n = int(input())\nf()\nprint(2 * n)", "passed"),
        ("def f():\n    print(2 * int(input()))\nif '__main__' == __name__:\n    f()", "passed"),
        ("print(2 * int(input()))\nraise SystemExit(1)", "runtime_error"),
    ],
    "half": [
        (RIGHT, "passed"),
        (RIGHT.replace("n / 2 ", "n / 2 + 1e-9 "), "passed"),
        (RIGHT.replace("[n / 2 for n in numbers]", "tuple(n / 2 for n in numbers)"), "passed"),
        (RIGHT.replace("n / 2 ", "n // 2 "), "wrong_answer"),
        ("def half(numbers, k):\n    return [n / 2 for n in numbers]", "passed"),
        ("# no class Solution\ndef half(numbers, k):\n    return [n / 2 for n in numbers]", "passed"),
        (STATEFUL, "passed"),
    ],
}


def test_programs_score_and_the_window_is_in_the_summary_and_the_record(tmp_path):
    data = write(tmp_path / "lcb.jsonl", row(), half(), row("old", contest_date="2020-01-01"))
    lines = [{"task_id": i, "solution": source} for i, its in PROGRAMS.items() for source, _ in its]
    samples, record = write(tmp_path / "samples.jsonl", *lines), tmp_path / "record.json"
    words = ["evaluate", "livecodebench", samples, "--data", data, "--since", "2024-01-01", "--until", "2025-12-31"]
    words += ["--workers", 1, "--record", record, "--model", "me/mine", "--json"]
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    told = [json.loads(line) for line in (tmp_path / "samples.results.jsonl").read_text().splitlines()]
    assert [line["verdict"] for line in told] == [verdict for its in PROGRAMS.values() for _, verdict in its]
    assert (summary["n_benchmark_problems"], list(summary["pass_at_k"])) == (2, ["overall", "easy", "hard"])
    assert summary["benchmark"]["split"] == "2024-01-01..2025-12-31"
    assert "contests from 2024-01-01 to 2025-12-31" in summary["benchmark"]["source"]
    assert json.loads(record.read_text())["dataset"]["split"] == "2024-01-01..2025-12-31"


def test_selfcheck_says_that_there_is_nothing_to_run(tmp_path):
    data = write(tmp_path / "lcb.jsonl", row(), row("broken", private_test_cases="??"))
    result = CliRunner().invoke(app, ["selfcheck", "livecodebench", "--data", str(data)])
    assert result.exit_code == 2
    assert "comes without solutions" in result.stderr and "1 lack tests that can be used: broken" in result.stderr
