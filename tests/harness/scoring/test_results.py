"""The results file: appended results survive crashes; other files are left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError, OutputError
from harness.judging.verdict import Verdict
from harness.scoring.results import ResultsFile, SampleResult, read_results


def result(sample: int = 0, **fields: Any) -> SampleResult:
    return SampleResult("x/1", sample, "interview", fields.pop("verdict", Verdict.PASSED), **fields)


FULL = result(
    1, verdict=Verdict.RUNTIME_ERROR, detail="KeyError: 'é\ud800\n'", exception="KeyError", tests_passed=1,
    tests_total=2, seconds=0.25, base=Verdict.PASSED, reruns=1, digest="ab",
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_a_result_comes_back_as_it_was(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(), FULL])
    assert read_results(path) == [result(), FULL]


def test_a_line_has_the_fields_that_were_promised(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([FULL])
    row = json.loads(path.read_bytes())
    assert list(row)[:5] == ["task_id", "sample", "tier", "verdict", "category"]
    assert (row["verdict"], row["category"], row["base"]) == ("runtime_error", "runtime_error", "passed")
    assert (row["tests_passed"], row["tests_total"], row["seconds"], row["reruns"]) == (1, 2, 0.25, 1)


def test_a_line_says_that_a_timeout_is_unsure_only_where_it_is(path: Path) -> None:
    unsure = result(2, verdict=Verdict.TIMEOUT, unsure=True)
    with ResultsFile(path) as file:
        file.append([FULL, unsure])
    assert ["unsure" in json.loads(line) for line in path.read_bytes().splitlines()] == [False, True]
    assert read_results(path) == [FULL, unsure]


def test_what_was_there_is_known_and_more_is_appended(path: Path) -> None:
    for number in (0, 1):
        with ResultsFile(path) as file:
            assert file.earlier == [result(earlier) for earlier in range(number)]
            file.append([result(number)])
    assert read_results(path) == [result(0), result(1)]


def test_a_torn_line_is_no_result_and_is_cut_off(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(0), result(1)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert read_results(path) == [result(0)]
    with ResultsFile(path) as file:
        assert file.earlier == [result(0)]
        file.append([result(1)])
    assert path.read_bytes() == whole


def test_a_last_line_without_its_end_counts_where_it_is_whole(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(0), result(1)])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert read_results(path) == [result(0), result(1)]


def test_fresh_forgets_what_was_there(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(0), result(1)])
    with ResultsFile(path, fresh=True) as file:
        assert file.earlier == []
        file.append([result(5)])
    assert read_results(path) == [result(5)]


def test_finish_puts_results_in_order(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(1), result(0)])
        file.finish([result(0), result(1)])
    assert read_results(path) == [result(0), result(1)]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello\n", ":1: not a result of apps-plus evaluate: Expecting value"),
        (b"hello", ":1: not a result of"),
        (b'{"task_id": "x", "completion": ""}\n', "no 'sample'"),
        (b'{"task_id": "x", "sample": 0, "verdict": "good"}\n', "not a valid Verdict"),
        (b'{"task_id": 1, "sample": 0, "verdict": "passed"}\n', "other types"),
        (b'{"task_id": "x", "sample": 0, "verdict": "passed", "seconds": []}\n', "other types"),
        (b"[]\n", "other types"),
        (b"\xff\n", "utf-8"),
        (b"[" * 100_000 + b"\n", "nested too deep"),
    ],
)
def test_a_file_that_is_something_else_is_left_alone(path: Path, content: bytes, told: str, fresh: bool) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match="choose another --out") as raised:
        ResultsFile(path, fresh)
    assert path.read_bytes() == content
    assert told in str(raised.value)


def test_a_broken_line_in_the_middle_is_named(path: Path) -> None:
    with ResultsFile(path) as file:
        file.append([result(0)])
    line = path.read_bytes()
    path.write_bytes(line + b"{\n" + line)
    with pytest.raises(InputError, match=r"results\.jsonl:2: not a result"):
        read_results(path)


def test_a_file_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_results(tmp_path / "nope")
    with pytest.raises(OutputError, match="Is a directory"):
        ResultsFile(tmp_path)


def test_a_disk_that_fills_up_leaves_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    with ResultsFile(path) as file:
        file.append([result(0)])
        calls = []

        def full(descriptor: int, data: bytes, offset: int) -> int:
            calls.append(offset)
            if len(calls) > 1:
                raise OSError(28, "No space left on device")
            return write(descriptor, data[:9], offset)

        with monkeypatch.context() as patched:
            patched.setattr(os, "pwrite", full)
            with pytest.raises(OutputError, match="free some space and run the same command again"):
                file.append([result(1)])
        assert read_results(path) == [result(0)]
        file.append([result(2)])
    assert read_results(path) == [result(0), result(2)]
