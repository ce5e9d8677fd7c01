"""Read samples files, and match their lines with problems."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_benchmarks import write_lines

from apps_plus.errors import InputError
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.read_samples import Sample, read_samples, repeated_samples, resolve_ids


def benchmark(*task_ids: str) -> Benchmark:
    return Benchmark("humaneval", "invented", tuple(BenchmarkProblem(i, "", "f", "", ()) for i in task_ids), True)


# ---- reading


@pytest.mark.parametrize(
    ("row", "text", "field"),
    [
        ({"completion": "a"}, "a", "completion"),
        ({"solution": "b"}, "b", "solution"),
        ({"program": "c"}, "c", "program"),
        ({"completion": "a", "solution": "b"}, "b", "solution"),
        ({"completion": "a", "solution": None}, "a", "completion"),
        ({"completion": ""}, "", "completion"),
        ({"completion": "\ud800\0"}, "\ud800\0", "completion"),
    ],
)
def test_a_program_stands_in_one_of_three_fields(tmp_path: Path, row: dict[str, Any], text: str, field: str) -> None:
    (sample,) = read_samples(write_lines(tmp_path / "s.jsonl", [{"task_id": "x/1", **row}]))
    assert sample == Sample("x/1", text, field, 1)


@pytest.mark.parametrize("change", [
    lambda data: data,
    gzip.compress,
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.rstrip(b"\n"),
    lambda data: data.replace(b"\n", b"\n\n  \n"),
])  # fmt: skip
def test_files_as_programs_write_them(tmp_path: Path, change: Any) -> None:
    path = write_lines(tmp_path / "s.jsonl", [{"task_id": n, "completion": "é"} for n in (1, 2)])
    path.write_bytes(change(path.read_bytes()))
    assert [(sample.task_id, sample.text) for sample in read_samples(path)] == [("1", "é"), ("2", "é")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no samples: a line looks like"),
        (b"\n \n", "holds no samples"),
        (b'{"task_id": "x", "completion": ""}\n{', ":2: not JSON"),
        (b"[" * 100_000, ":1: not JSON: nested too deep"),
        (b'[{"task_id": "x"}]', "entry 1: no completion, solution or program (its fields: task_id)"),
        (b'{"task_id": "x", "completion": ""}\n[1]', ":2: not a JSON object"),
        (b'{"completion": ""}', ":1: no task_id"),
        (b'{"task_id": true, "completion": ""}', ":1: no task_id"),
        (b'{"task_id": "x", "other": "y"}', ":1: no completion, solution or program (its fields: task_id, other)"),
        (b'{"task_id": "x", "solution": 1}', ":1: solution is a int, not a text"),
        (b'{"task_id": "\xff"}', ":1: not UTF-8"),
        (b"\xff\xfe{\x00", ":1: not UTF-8"),
        (gzip.compress(b"x" * 99, mtime=0)[:-5], "its gzip data is damaged"),
        (b"\x1f\x8b", "its gzip data is damaged"),
    ],
)
def test_what_is_no_samples_file_is_told_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_samples(path)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_samples_file_is_a_file_or_a_folder_of_programs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder without samples"):
        read_samples(tmp_path)
    with pytest.raises(InputError, match="it is not a file"):
        read_samples(Path("/dev/null"))
    with pytest.raises(InputError, match="No such file"):
        read_samples(tmp_path / "nope")


def test_a_samples_file_with_everything_in_it_reads_back(tmp_path: Path) -> None:
    rows = [{"task_id": "x/1", "completion": text} for text in ("\u2028", "\x85", "a\rb", "\x1b[31m")]
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert [sample.text for sample in read_samples(path)] == ["\u2028", "\x85", "a\rb", "\x1b[31m"]


# ---- matching problems


@pytest.mark.parametrize(
    ("task_id", "problem"),
    [
        ("Mbpp/76", "Mbpp/76"),
        ("MBPP/76", "Mbpp/76"),
        ("76", "Mbpp/76"),
        ("0076", "Mbpp/76"),
        ("HumanEval/76", None),
        ("Mbpp/760", None),
        ("Mbpp/", None),
        ("", None),
    ],
)
def test_an_id_may_be_written_in_several_ways(task_id: str, problem: str | None) -> None:
    known, unknown = resolve_ids(benchmark("Mbpp/7", "Mbpp/76"), [Sample(task_id, "", "completion", 1)])
    assert [p.task_id for p, _ in known] == ([problem] if problem else [])
    assert len(unknown) == (0 if problem else 1)


@pytest.mark.parametrize(("task_id", "problem"), [("42", None), ("43", "test/0043"), ("train/42", "train/0042")])
def test_a_short_id_must_be_the_only_one_of_its_kind(task_id: str, problem: str | None) -> None:
    given = benchmark("train/0042", "test/0042", "test/0043")
    known, _ = resolve_ids(given, [Sample(task_id, "", "solution", 1)])
    assert [p.task_id for p, _ in known] == ([problem] if problem else [])


def test_lines_that_say_they_are_the_same_sample(tmp_path: Path) -> None:
    rows = [{"task_id": "x", "completion": "", "sample_id": n} for n in (0, 1, 0)]
    assert repeated_samples(read_samples(write_lines(tmp_path / "s.jsonl", rows))) == [
        "line 3 repeats sample 0 of x (line 1)"
    ]
    assert repeated_samples([Sample("x", "same", "completion", line) for line in (1, 2)]) == []
