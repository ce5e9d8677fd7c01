"""Small files in the formats of other tools."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_benchmarks import write_lines

from apps_plus.errors import InputError
from harness.scoring.samples.formats import archives, json_text
from harness.scoring.samples.read_samples import digest_of_samples, name_of_samples, read_samples, read_samples_file
from harness.scoring.samples.sample import Sample

ONE, TWO = "def f(x):\n    return 1\n", "def f(x):\n    return 2\n"


def write(path: Path, value: Any, **how: Any) -> Path:
    path.write_text(json.dumps(value, **how), encoding="utf-8")
    return path


def short(samples: list[Sample]) -> list[tuple[str, str, str]]:
    return [(sample.task_id, sample.text, sample.field) for sample in samples]


# ---- rows


@pytest.mark.parametrize(
    ("row", "texts", "field"),
    [
        ({"generation": ONE}, [ONE], "response"),
        ({"generations": [ONE, TWO]}, [ONE, TWO], "response"),
        ({"raw_generation": [ONE]}, [ONE], "response"),
        ({"generated_text": ONE}, [ONE], "response"),
        ({"model_output": ONE}, [ONE], "response"),
        ({"response": ONE}, [ONE], "response"),
        ({"response": {"choices": [{"message": {"content": text}} for text in (ONE, TWO)]}}, [ONE, TWO], "response"),
        ({"output": ONE}, [ONE], "response"),
        ({"last_completion": ONE}, [ONE], "completion"),
        ({"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": ONE}]}, [ONE], "response"),
        ({"completions": [ONE, TWO]}, [ONE, TWO], "completion"),
        ({"completion": [ONE, None]}, [ONE, ""], "completion"),
        ({"source_codes": [ONE, TWO]}, [ONE, TWO], "program"),
        ({"code": ONE}, [ONE], "program"),
        ({"solutions": [ONE]}, [ONE], "program"),
        ({"results": [{"program": ONE, "status": "OK"}]}, [ONE], "program"),
        ({"solution": [ONE, TWO]}, [ONE, TWO], "solution"),
    ],
)  # fmt: skip
def test_what_a_model_wrote_stands_in_many_fields(tmp_path: Path, row: Any, texts: list[str], field: str) -> None:
    samples = read_samples(write_lines(tmp_path / "s.jsonl", [{"task_id": "x/1", **row}]))
    assert short(samples) == [("x/1", text, field) for text in texts]


def test_fields_of_the_problem_are_not_the_models(tmp_path: Path) -> None:
    mbpp = {"task_id": 2, "text": "Add one.", "code": ONE, "test_list": [], "generation": TWO}
    apps = {"problem_id": 2, "input_output": "", "solutions": [ONE], "generation": TWO}
    for row in (mbpp, apps):
        assert short(read_samples(write_lines(tmp_path / "s.jsonl", [row]))) == [("2", TWO, "response")]


def test_a_field_can_be_chosen_and_the_others_are_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "s.jsonl", [{"question_id": "q", "code_list": [ONE], "output_list": ["Sure."]}])
    read = read_samples_file(path)
    assert short(read.samples) == [("q", ONE, "program")]
    assert "the rows also hold texts in output_list: --field chooses another" in read.notes
    assert short(read_samples(path, "output_list")) == [("q", "Sure.", "response")]
    with pytest.raises(InputError, match=r"s\.jsonl:1: no field nope"):
        read_samples(path, "nope")


def test_null_and_errors_are_empty_samples_that_are_counted(tmp_path: Path) -> None:
    rows = [{"task_id": 1, "completion": ONE}, {"task_id": 2, "completion": None}, {"task_id": 3, "error": "refused"}]
    read = read_samples_file(write_lines(tmp_path / "s.jsonl", [*rows, {"task_id": 4}]))
    assert short(read.samples) == [("1", ONE, "completion"), *((str(n), "", "completion") for n in (2, 3, 4))]
    assert read.notes == (
        "3 of 4 samples have no text (null; refused; none of the fields is there): empty programs, which fail",
    )


def test_a_summary_among_the_lines_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [{"model": "m"}, {"task_id": 1, "completion": ONE}, {"passed": 25, "total": 492}]
    read = read_samples_file(write_lines(tmp_path / "s.jsonl", rows))
    assert len(read.samples) == 1
    told = "entries left out, since they have no task_id and no text: 2 (the first is number 1)"
    assert read.notes == (told,)


def test_ids_may_be_numbers_and_nan_is_null(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"task_id": 3, "completion": "a"}\n{"task_id": 4.0, "completion": NaN}\n')
    assert short(read_samples(path)) == [("3", "a", "completion"), ("4", "", "completion")]


# ---- formats of tools


def lm_eval_row(number: int, name: str, prompt: Any, **more: Any) -> dict[str, Any]:
    return {
        "doc_id": number,
        "doc": {"task_id": f"HumanEval/{number}", "prompt": "def f(x):\n"},
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {}}},
        "resps": [["raw", "again"]],
        "filtered_resps": [["made", "made"]],
        "filter": name,
        "metrics": ["pass@1"],
        "pass@1": 1.0,
        **more,
    }


def test_lm_eval_logs_a_line_for_each_filter_and_raw_answers_count(tmp_path: Path) -> None:
    rows = [lm_eval_row(n, name, "def f(x):\n") for name in ("one", "two") for n in (0, 1)]
    path = write_lines(tmp_path / "s.jsonl", rows)
    read = read_samples_file(path)
    assert short(read.samples) == [(f"HumanEval/{n}", text, "completion") for n in (0, 1) for text in ("raw", "again")]
    assert [sample.published for sample in read.samples] == [True] * 4
    assert "read as JSON lines, samples logged by lm-eval" in read.notes
    assert "2 lines left out: the same samples again, for another filter of lm-eval" in read.notes
    assert {s.text for s in read_samples(path, "filtered_resps")} == {"made"}
    with pytest.raises(InputError, match="no field nope"):
        read_samples(path, "nope")


@pytest.mark.parametrize(
    ("prompt", "field"),
    [
        (['[{"role": "user", "content": "Write f."}]'], "response"),
        ("<|im_start|>user\nWrite f.<|im_end|>", "response"),
        ("Write f:\n```python\ndef f(x):\n", "response"),
        ("def f(x):\n", "completion"),
    ],
)
def test_lm_eval_says_by_the_prompt_what_an_answer_is(tmp_path: Path, prompt: Any, field: str) -> None:
    samples = read_samples(write_lines(tmp_path / "s.jsonl", [lm_eval_row(0, "f", prompt)]))
    assert {sample.field for sample in samples} == {field}


def batch_row(custom_id: str, body: Any, status: int = 200, error: Any = None) -> dict[str, Any]:
    return {"id": "b", "custom_id": custom_id, "response": {"status_code": status, "body": body}, "error": error}


def test_batches_give_a_sample_a_choice_and_errors_are_empty_ones(tmp_path: Path) -> None:
    choices = [{"message": {"role": "assistant", "content": text}} for text in (ONE, None)]
    rows = [
        batch_row("HumanEval/0", {"choices": choices}),
        batch_row("HumanEval/1", {"choices": [{"text": TWO}]}),
        batch_row("HumanEval/2", {"output": [{"type": "reasoning", "summary": []}, {
            "type": "message", "content": [{"type": "output_text", "text": ONE}],
        }]}),
        batch_row("HumanEval/3", {"error": {"message": "too long"}}, 400),
        {"custom_id": "HumanEval/4", "response": None, "error": {"code": "expired"}},
        {"custom_id": "HumanEval/5", "result": {"type": "succeeded", "message": {"content": [
            {"type": "thinking", "thinking": "..."}, {"type": "text", "text": ONE},
        ]}}},
        {"key": "HumanEval/6", "response": {"candidates": [{"content": {"parts": [{"text": ONE}], "role": "model"}}]}},
    ]  # fmt: skip
    read = read_samples_file(write_lines(tmp_path / "b.jsonl", rows))
    assert [(s.task_id[-1], s.text) for s in read.samples] == [
        ("0", ONE), ("0", ""), ("1", TWO), ("2", ONE), ("3", ""), ("4", ""), ("5", ONE), ("6", ONE),
    ]  # fmt: skip
    assert [s.field for s in read.samples] == ["response", "response", "completion", *["response"] * 5]
    assert "3 of 8 samples have no text (null; too long; expired): empty programs, which fail" in read.notes


def test_vllm_outputs_tell_their_problem_by_the_prompt(tmp_path: Path) -> None:
    rows = [
        {"request_id": "0", "prompt": "def f(x):\n", "outputs": [{"index": n, "text": t} for n, t in enumerate("ab")]}
    ]
    samples = read_samples(write(tmp_path / "v.json", rows))
    assert [(s.task_id, s.place, s.prompt, s.text, s.field) for s in samples] == [
        ("", 0, "def f(x):\n", text, "completion") for text in "ab"
    ]


def test_livecodebench_brings_its_verdicts_along(tmp_path: Path) -> None:
    rows = [{"question_id": "1_A", "code_list": [ONE, TWO], "output_list": ["", ""], "graded_list": [True, False]}]
    read = read_samples_file(write(tmp_path / "l.json", rows, indent=4))
    assert [(s.task_id, s.field, s.published) for s in read.samples] == [
        ("1_A", "program", True),
        ("1_A", "program", False),
    ]
    assert "read as a JSON array, LiveCodeBench's output" in read.notes


def test_evalplus_results_hold_programs_and_verdicts(tmp_path: Path) -> None:
    def of(base: str, plus: str | None) -> list[dict[str, Any]]:
        return [{"task_id": "HumanEval/0", "solution": ONE, "base_status": base, "plus_status": plus}]

    rows = {"a": of("pass", "fail"), "b": of("pass", "pass"), "c": of("fail", "pass"), "d": of("pass", None)}
    read = read_samples_file(write(tmp_path / "x.json", {"date": "", "hash": "", "eval": rows}))
    verdicts = [(True, False), (True, True), (False, False), (True, True)]
    assert [(s.published_base, s.published) for s in read.samples] == verdicts
    assert read.shape == "EvalPlus's .eval_results.json"


def folder(root: Path) -> Path:
    for name in ("HumanEval_0/0.py", "HumanEval_0/10.py", "HumanEval_0/2.py", "HumanEval_10/0.py", "Mbpp_2/0.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")
    (root / "HumanEval_0" / "notes.txt").write_text("none")
    return root


def test_a_folder_of_programs_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    read = read_samples_file(folder(tmp_path / "run"))
    found = [(s.task_id, s.sample_id, s.text) for s in read.samples]
    assert found == [
        ("HumanEval/0", "0", "# HumanEval_0/0.py\n"), ("HumanEval/0", "2", "# HumanEval_0/2.py\n"),
        ("HumanEval/0", "10", "# HumanEval_0/10.py\n"), ("HumanEval/10", "0", "# HumanEval_10/0.py\n"),
        ("Mbpp/2", "0", "# Mbpp_2/0.py\n"),
    ]  # fmt: skip
    assert {s.field for s in read.samples} == {"solution"}


def test_a_zip_of_such_a_folder_is_read_alike(tmp_path: Path) -> None:
    root = folder(tmp_path / "run")
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        for path in root.rglob("*"):
            archive.write(path, path.relative_to(tmp_path))
    assert read_samples(tmp_path / "run.zip") == read_samples(root)


def test_the_digest_of_a_folder_is_that_of_names_and_contents(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one"), folder(tmp_path / "other")
    assert digest_of_samples(one) == digest_of_samples(other)
    (other / "HumanEval_0" / "2.py").rename(other / "HumanEval_0" / "3.py")
    assert digest_of_samples(one) != digest_of_samples(other)


def test_files_of_one_object_each(tmp_path: Path) -> None:
    for number in (0, 2, 10):
        row = {"name": f"HumanEval_{number}_f", "completions": [ONE, TWO]}
        (tmp_path / f"HumanEval_{number}_f.json.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    assert [s.task_id for s in read_samples(tmp_path)] == [f"HumanEval_{n}_f" for n in (0, 0, 2, 2, 10, 10)]


def test_multipl_e_writes_its_verdicts_beside_the_same_programs(tmp_path: Path) -> None:
    write(tmp_path / "HumanEval_0_f.json", {"name": "HumanEval_0_f", "completions": [ONE]})
    results = [
        {"program": ONE, "status": "OK", "exit_code": 0},
        {"program": TWO, "status": "Exception", "exit_code": 1},
    ]
    write(tmp_path / "HumanEval_0_f.results.json", {"name": "HumanEval_0_f", "results": results})
    write(tmp_path / "HumanEval_1_g.results.json", {"name": "HumanEval_1_g", "results": results})
    found = [(s.task_id, s.field, s.published) for s in read_samples(tmp_path)]
    assert found == [
        ("HumanEval_0_f", "completion", None), ("HumanEval_1_g", "program", True), ("HumanEval_1_g", "program", False),
    ]  # fmt: skip


def test_the_folder_of_one_problem_or_of_a_data_set_is_no_folder_of_samples(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder of one problem: give the folder that it lies in"):
        read_samples(folder(tmp_path / "run") / "HumanEval_0")
    (tmp_path / "saved").mkdir()
    for name in ("data-00000-of-00001.arrow", "state.json", "dataset_info.json"):
        (tmp_path / "saved" / name).write_text("{}")
    with pytest.raises(InputError, match="a data set saved by datasets: write it with to_json"):
        read_samples(tmp_path / "saved")


# ---- documents


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([[ONE, TWO], [], [None]], [(0, ONE), (0, TWO), (2, "")]),
        ([ONE, TWO], [(0, ONE), (1, TWO)]),
        ({"generations": [[ONE], [TWO]], "model": "m"}, [(0, ONE), (1, TWO)]),
        ([[[{"role": "assistant", "content": ONE}]]], [(0, ONE)]),
    ],
)
def test_lists_without_ids_tell_positions(tmp_path: Path, value: Any, found: Any) -> None:
    samples = read_samples(write(tmp_path / "generations.json", value))
    assert [(s.place, s.text) for s in samples] == found
    assert {(s.task_id, s.field) for s in samples} <= {("", "program"), ("", "response")}


@pytest.mark.parametrize(
    "value",
    [
        [{"task_id": "1", "program": ONE}, {"task_id": "2", "program": TWO}],
        {"samples": [{"task_id": "1", "program": ONE}, {"task_id": "2", "program": TWO}], "model": "m"},
        {"1": [ONE], "2": [TWO]},
        {"1": ONE, "2": TWO},
        {"1": {"code": [ONE]}, "2": {"code": TWO}},
        {"1": [{"code": ONE}], "2": [{"code": TWO}]},
        {"task_id": {"0": 1, "1": 2}, "program": {"0": ONE, "1": TWO}},
        {"task_id": [1, 2], "program": [ONE, TWO]},
        {"columns": ["task_id", "program"], "index": [0, 1], "data": [[1, ONE], [2, TWO]]},
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_document_may_hold_rows_in_many_ways(tmp_path: Path, value: Any, zipped: bool) -> None:
    path = write(tmp_path / "d.json", value, indent=1)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert short(read_samples(path)) == [("1", ONE, "program"), ("2", TWO, "program")]


@pytest.mark.parametrize(
    "text",
    [
        '{"task_id": 1, "code": "a"}{"task_id": 2, "code": "b"}',
        '{"task_id": 1, "code": "a"},\n{"task_id": 2, "code": "b"},\n',
        '{"task_id": 1, "code": "a"}\n{"task_id": 2, "code": "b"},\n',
        '{\n"task_id": 1,\n"code": "a"\n}\n{\n"task_id": 2,\n"code": "b"\n}\n',
        '{"task_id": 1, "code": "a"}\n\n{"task_id": 2,\n"code": "b"}',
    ],
)
def test_objects_may_stand_one_after_another(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.jsonl").write_text(text)
    assert short(read_samples(tmp_path / "s.jsonl")) == [("1", "a", "program"), ("2", "b", "program")]


def test_a_line_that_is_cut_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"task_id": 1, "code": "a"}\n{"task_id": 2, "code": "b"}\n{"task_id": 3, "co')
    with pytest.raises(InputError, match=r"s\.jsonl:3: not JSON"):
        read_samples(tmp_path / "s.jsonl")


@pytest.mark.parametrize("zipped", [False, True])
def test_parquet(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "s.parquet"
    pq.write_table(pa.table({"task_id": ["1", "2"], "completion": [ONE, None], "passed": [True, False]}), path)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    read = read_samples_file(path)
    assert [(s.task_id, s.text, s.published, s.line) for s in read.samples] == [
        ("1", ONE, True, 1),
        ("2", "", False, 2),
    ]
    assert read.shape == "a parquet file"


# ---- inspect_ai


def inspect_sample(task_id: Any, epoch: int, content: Any, value: Any = "C", **more: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": content}, "stop_reason": "stop"}
    output = {"model": "mock", "choices": [choice], "completion": content if isinstance(content, str) else ""}
    scores = {"verify": {"value": value, "answer": ""}}
    return {"id": task_id, "epoch": epoch, "input": "Write f.", "output": output, "scores": scores, **more}


SAMPLES = [
    inspect_sample("HumanEval/10", 1, ONE),
    inspect_sample("HumanEval/2", 1, [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": TWO}], "I"),
    inspect_sample("HumanEval/2", 2, "attachment://a", "N", attachments={"a": ONE}),
]
FOUND = [("HumanEval/2", "1", TWO, False), ("HumanEval/2", "2", ONE, False), ("HumanEval/10", "1", ONE, True)]


def zstandard_zip(members: dict[str, bytes], size_told: int | None = None) -> bytes:
    """Write a zip with Zstandard members (method 93), as inspect_ai does; ``zipfile`` needs Python 3.14 for it."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, data in members.items():
        packed = pa.compress(data, codec="zstd", asbytes=True)
        sizes = (zlib.crc32(data), len(packed), size_told or len(data), len(name), 0)
        offset = body.tell()
        body.write(struct.pack("<4s5HIIIHH", b"PK\3\4", 63, 0, 93, 0, 0, *sizes) + name.encode() + packed)
        directory.write(struct.pack("<4s6HIIIHHHHHII", b"PK\1\2", 63, 63, 0, 93, 0, 0, *sizes, 0, 0, 0, 0, offset))
        directory.write(name.encode())
    tables, count = directory.getvalue(), len(members)
    return (
        body.getvalue() + tables + struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, count, count, len(tables), body.tell(), 0)
    )


def members() -> dict[str, bytes]:
    rows = {f"samples/{s['id']}_epoch_{s['epoch']}.json": json.dumps(s).encode() for s in SAMPLES}
    return {"header.json": b"{}", "_journal/start.json": b"{}", **rows}


def told(samples: list[Sample]) -> list[tuple[str, str, str, bool | None]]:
    return [(s.task_id, s.sample_id, s.text, s.published) for s in samples]


def test_an_inspect_log_may_be_a_zip_of_zstandard(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    path.write_bytes(zstandard_zip(members()))
    assert told(read_samples(path)) == FOUND
    assert {s.field for s in read_samples(path)} == {"response"}
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert told(read_samples(path)) == FOUND


def test_an_inspect_log_may_be_an_ordinary_zip_or_json(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "log.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members().items():
            archive.writestr(name, data)
    assert told(read_samples(tmp_path / "log.eval")) == FOUND
    log = write(tmp_path / "log.json", {"version": 2, "eval": {"task": "he"}, "samples": SAMPLES}, indent=2)
    assert sorted(told(read_samples(log))) == sorted(FOUND)


def test_a_sample_that_ended_in_an_error_is_empty(tmp_path: Path) -> None:
    row = {"id": 1, "epoch": 1, "output": {"choices": [], "completion": ""}, "error": {"message": "no more tokens"}}
    log = write(tmp_path / "log.json", {"eval": {"task": "he"}, "samples": [row]})
    read = read_samples_file(log)
    assert (read.samples[0].text, read.samples[0].missing) == ("", "no more tokens")


# ---- files that are not samples

KEYS = st.sampled_from(
    "task_id id name custom_id key doc doc_id resps filtered_resps arguments completion generations solution code "
    "code_list results samples eval task epoch output choices message content role text type parts response body error "
    "status_code outputs prompt messages columns data base_status plus_status passed graded_list 0 HumanEval/0".split()
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "text", "assistant", "pass"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


@settings(max_examples=300)
@given(st.lists(VALUES, min_size=1, max_size=3), st.booleans())
def test_any_json_gives_samples_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], lines: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "s.json"
    path.write_text("\n".join(map(json.dumps, values)) if lines else json.dumps(values[0], indent=1))
    try:
        read = read_samples_file(path)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert read.samples
        assert all(isinstance(sample.text, str) and isinstance(sample.task_id, str) for sample in read.samples)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("s.csv", b"task_id,completion\n0,x\n", "is CSV: save the rows as JSON lines, with pandas.read_csv"),
        ("s.txt", b"id;task_id\n", "is CSV"),
        ("s.pkl", b"\x80\x04\x95", "is a pickle, which is never loaded"),
        ("s.pdf", b"%PDF-1.7\n", "is a PDF"),
        ("s.json", b"<!DOCTYPE html><html>", "is an HTML page, not the file itself: download the raw file"),
        ("s.yaml", b"task_id: 0\n", "is YAML"),
        ("s.py", b"def f():\n", "is one program: give the folder of programs"),
        ("s.jsonl", b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        ("s.jsonl.zst", b"\x28\xb5\x2f\xfd", "is compressed by Zstandard: unpack it first"),
        ("s.tar.gz", gzip.compress(b"\0" * 257 + b"ustar" + b"\0" * 250, mtime=0), "is a tar archive: unpack it"),
        ("s.json", b'{"foo": 1}', "is a JSON object that holds no samples (its fields: foo)"),
        ("s.json", b"[]", "holds no samples"),
        ("s.json", b"[[], []]", "holds no samples"),
        ("s.json", b"[1, 2]", "is a JSON array whose entries are neither rows nor lists of programs"),
        ("s.json", b'{"0": [[true], [-2]]}', "is a JSON object that holds no samples"),
        ("s.json", b'{"humaneval": {"pass@1": 0.2}, "config": {}}', "is scores without programs"),
        ("s.json", b'{"results": {}, "configs": {}}', "is lm-eval's scores, without programs"),
        ("s.json", b'{"eval": {"HumanEval/0": {"base": []}}}', "is EvalPlus's results, verdicts without programs"),
        ("s.json", b'{"0": ["a"],\n "0": ["b"]}', "'0' occurs twice"),
        ("s.json", b'{\n "0": ["a"]\n', ":3: not JSON"),
        ("s.json", b'{\n "0": "\xff"}', ":2: not UTF-8"),
        ("s.json", b'[{"task_id": 1, "code": "a"}, ["b"]]', "is a JSON array whose entries are rows and lists"),
        ("s.json", b'[["b"], {"task_id": 1, "code": "a"}]', "is a JSON array whose entries are rows and lists"),
        ("s.json", b'{"task_id": [1], "program": ["a", "b"]}', "of different lengths"),
        ("s.zip", b"PK\3\4 cut off", "its zip data is damaged or cut off"),
        ("s.parquet", b"PAR1 cut off", "its parquet data is damaged"),
        ("s.eval", zstandard_zip({"header.json": b"{}"}), "is a log of inspect_ai without samples"),
        ("s.eval", zstandard_zip({"samples/1_epoch_1.json": b"{"}), "s.eval/samples/1_epoch_1.json: not JSON"),
        ("s.eval", zstandard_zip({"samples/1_epoch_1.json": b"{}"}, size_told=1), "its size or checksum differs"),
        ("s.eval", zstandard_zip({"samples/1_epoch_1.json": b"{}"}, size_told=1 << 31), "2,147,483,648 bytes"),
        ("s.xlsx", zstandard_zip({"[Content_Types].xml": b""}), "is an Office document"),
        ("s.pt", zstandard_zip({"archive/data.pkl": b""}), "a pickle and is never loaded"),
        ("s.zip", zstandard_zip({"a/samples.jsonl": b""}), "is a zip: unpack it, and give a/samples.jsonl"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_samples(path)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_without_programs_names_what_to_give(tmp_path: Path) -> None:
    write_lines(tmp_path / "samples.jsonl", [])
    with pytest.raises(InputError, match=r"is a folder without samples .*: give .*samples\.jsonl"):
        read_samples(tmp_path)


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "LINE_LIMIT", 100)
    monkeypatch.setattr(json_text, "DOCUMENT_LIMIT", 100)
    monkeypatch.setattr(archives, "MEMBER_LIMIT", 100)
    monkeypatch.setattr(archives, "TOTAL_LIMIT", 150)
    for name, content, said in (
        ("line.jsonl.gz", b'{"task_id": "' + b"x" * 1000, "longer than the 100 bytes of a line"),
        ("document.json", b"[\n" + b'{"task_id": 1, "code": "a"},\n' * 10, "larger than the 100 bytes of a document"),
        ("s.parquet.gz", b"PAR1" + b"\0" * 1000, "unpacks to more than the 100 bytes"),
    ):
        (tmp_path / name).write_bytes(gzip.compress(content))
        with pytest.raises(InputError, match=said):
            read_samples(tmp_path / name)
    many = {
        f"samples/{n}_epoch_1.json": b'{"id": 1, "epoch": 1, "output": {}, "x": "' + b"x" * 40 + b'"}' for n in range(3)
    }
    (tmp_path / "log.eval").write_bytes(zstandard_zip(many))
    with pytest.raises(InputError, match="unpacks to more than the 150 bytes"):
        read_samples(tmp_path / "log.eval")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.jsonl", "a"),
        ("a.jsonl.gz", "a"),
        ("log.eval", "log"),
        ("a.parquet", "a"),
        ("a.json", "a"),
        (".json", ".json"),
    ],
)
def test_names_of_files_beside_the_samples(tmp_path: Path, name: str, stem: str) -> None:
    assert name_of_samples(tmp_path / name) == stem


def test_a_folder_keeps_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run.json").mkdir()
    assert name_of_samples(tmp_path / "run.json") == "run.json"
    monkeypatch.chdir(tmp_path)
    assert name_of_samples(Path()) == tmp_path.name
