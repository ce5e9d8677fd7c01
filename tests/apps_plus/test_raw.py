"""Raw APPS is read the same from every layout; what is broken is told, with its place, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_plus import raw
from apps_plus.errors import RawDataError
from apps_plus.problem import RawProblem
from apps_plus.raw import RawSource, open_raw

SOLUTIONS = '["print(input())\\r\\n"]'
INPUT_OUTPUT = '{"inputs": ["1\\n"], "outputs": ["1\\n"]}'
METADATA = '{"difficulty": "interview", "url": "https://example.com/1"}'

root_reads_everything = pytest.mark.skipif(os.geteuid() == 0, reason="root reads what has no permissions")


def problem_folder(folder: Path, question: str | bytes | None = "Echo.\n", **files: str | bytes) -> Path:
    """A folder in APPS's layout; ``files`` by name, the dot written as ``__``."""
    folder.mkdir(parents=True)
    contents = {"question.txt": question} if question is not None else {}
    contents |= {name.replace("__", "."): text for name, text in files.items()}
    for name, text in contents.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def row(problem_id: int | str = 0, **columns: Any) -> dict[str, Any]:
    columns = {"question": "Echo.\n", "solutions": SOLUTIONS, "input_output": INPUT_OUTPUT} | columns
    return {
        "problem_id": problem_id,
        "difficulty": "interview",
        "url": "https://example.com/1",
        "starter_code": "",
    } | columns


def json_lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def parquet(path: Path, *rows: dict[str, Any]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def only(source: RawSource) -> RawProblem:
    (problem,) = source
    return problem


class TestFolder:
    def test_every_file_of_a_problem_is_read(self, tmp_path):
        problem_folder(
            tmp_path / "apps/train/0007",
            question="Echo.\n",
            solutions__json=SOLUTIONS,
            input_output__json=INPUT_OUTPUT,
            metadata__json=METADATA,
            starter_code__py="def echo(x):",
        )
        source = open_raw(tmp_path / "apps")
        assert (len(source), source.ids(), source.kind, source.name) == (1, ("train/0007",), "folder", "apps")
        assert only(source) == RawProblem(
            problem_id="train/0007",
            split="train",
            question="Echo.\n",
            solutions=SOLUTIONS,
            input_output=INPUT_OUTPUT,
            difficulty="interview",
            url="https://example.com/1",
            starter_code="def echo(x):",
        )

    def test_all_but_the_question_may_be_missing(self, tmp_path):
        problem_folder(tmp_path / "train/0000")
        assert only(open_raw(tmp_path)) == RawProblem("train/0000", "train", "Echo.\n", None, None)

    def test_an_empty_file_is_a_missing_one_as_in_the_rows(self, tmp_path):
        problem_folder(tmp_path / "train/0000", solutions__json="", input_output__json="")
        problem = only(open_raw(tmp_path))
        assert (problem.solutions, problem.input_output) == (None, None)

    def test_problems_come_by_split_then_by_number(self, tmp_path):
        for name in ("test/0001", "train/10000", "train/0002", "train/9999", "extra/0000", "train/bonus"):
            problem_folder(tmp_path / name)
        source = open_raw(str(tmp_path))
        expected = ("train/0002", "train/9999", "train/10000", "train/bonus", "test/0001", "extra/0000")
        assert source.ids() == expected
        assert tuple(p.problem_id for p in source) == expected
        assert [p.split for p in source][-2:] == ["test", "extra"]

    def test_a_source_can_be_read_twice(self, tmp_path):
        problem_folder(tmp_path / "train/0000")
        source = open_raw(tmp_path)
        assert list(source) == list(source)

    @pytest.mark.parametrize(
        ("folder", "expected"), [("test", "test/0003"), ("train", "train/0003"), ("mine", "train/0003")]
    )
    def test_one_split_alone_may_be_given(self, tmp_path, folder, expected):
        problem_folder(tmp_path / folder / "0003")
        assert open_raw(tmp_path / folder).ids() == (expected,)

    def test_the_working_directory_is_called_by_its_name(self, tmp_path, monkeypatch):
        problem_folder(tmp_path / "test/0003")
        monkeypatch.chdir(tmp_path / "test")
        assert (open_raw(".").ids(), open_raw(".").name) == (("test/0003",), "test")

    def test_hidden_and_stray_files_and_folders_are_passed_over(self, tmp_path):
        problem_folder(tmp_path / "train/0000")
        problem_folder(tmp_path / ".git/0001")
        problem_folder(tmp_path / "train/.cache/0002")
        (tmp_path / "train/notes").mkdir()
        (tmp_path / "train/README.md").write_text("hello")
        (tmp_path / "LICENSE").write_text("hello")
        assert open_raw(tmp_path).ids() == ("train/0000",)

    def test_line_ends_are_kept(self, tmp_path):
        problem_folder(tmp_path / "train/0000", question="a\r\nb\rc\n\n", starter_code__py="x\r\n")
        problem = only(open_raw(tmp_path))
        assert (problem.question, problem.starter_code) == ("a\r\nb\rc\n\n", "x\r\n")

    def test_invalid_utf8_is_replaced_and_told(self, tmp_path):
        problem_folder(tmp_path / "train/0000", question=b"seventeen bytes..\xff!")
        problem = only(open_raw(tmp_path))
        assert problem.question == "seventeen bytes..�!"
        assert problem.defects == ("question.txt: invalid UTF-8 at byte 17",)

    def test_a_missing_question_is_a_defect(self, tmp_path):
        problem_folder(tmp_path / "train/0000", question=None)
        problem = only(open_raw(tmp_path))
        assert (problem.question, problem.defects) == ("", ("question.txt: missing",))

    @pytest.mark.parametrize(
        ("metadata", "defect"),
        [
            ("{difficulty", "metadata.json: not JSON (Expecting property name enclosed in double quotes at column 2)"),
            ("", "metadata.json: not JSON (Expecting value at column 1)"),
            ("[]", "metadata.json: not a JSON object"),
            ("[" * 100_000, "metadata.json: not JSON (nested too deep)"),
            ('{"difficulty": 3}', "metadata.json: difficulty: not text but int"),
            ('{"url": "\\ud800"}', "metadata.json: url: half of a surrogate pair at character 0"),
        ],
        ids=["broken", "empty", "list", "deep", "number", "surrogate"],
    )
    def test_broken_metadata_is_a_defect(self, tmp_path, metadata, defect):
        problem_folder(tmp_path / "train/0000", metadata__json=metadata)
        problem = only(open_raw(tmp_path))
        assert (problem.difficulty, problem.defects) == ("", (defect,))

    def test_metadata_may_begin_with_a_byte_order_mark(self, tmp_path):
        problem_folder(tmp_path / "train/0000", metadata__json="\ufeff" + METADATA)
        assert only(open_raw(tmp_path)).difficulty == "interview"

    @root_reads_everything
    def test_a_file_without_permission_is_a_defect(self, tmp_path):
        problem_folder(tmp_path / "train/0000", solutions__json=SOLUTIONS)
        (tmp_path / "train/0000/solutions.json").chmod(0)
        problem = only(open_raw(tmp_path))
        assert problem.defects == ("solutions.json: cannot be read (Permission denied)",)

    def test_a_file_that_fails_to_be_read_is_a_defect(self, tmp_path, monkeypatch):
        problem_folder(tmp_path / "train/0000")

        def fail(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "read_bytes", fail)
        problem = only(open_raw(tmp_path))
        assert problem.question == ""
        assert problem.defects[0] == "question.txt: cannot be read (Permission denied)"
        assert "question.txt: missing" not in problem.defects

    def test_a_named_pipe_is_a_defect_and_not_waited_for(self, tmp_path):
        problem_folder(tmp_path / "train/0000")
        os.mkfifo(tmp_path / "train/0000/solutions.json")
        assert only(open_raw(tmp_path)).defects == ("solutions.json: not a file",)

    def test_a_folder_without_problems_says_what_was_expected(self, tmp_path):
        with pytest.raises(RawDataError, match=r"no problems in .*: expected <split>/<NNNN>/question.txt"):
            open_raw(tmp_path)

    def test_a_folder_of_something_else_is_refused_and_what_it_holds_is_named(self, tmp_path):
        for name in ("a.txt", "b.csv", "c.md", "d.md"):
            (tmp_path / name).touch()
        (tmp_path / "2024/03").mkdir(parents=True)
        with pytest.raises(RawDataError, match=r"4 files \(a.txt, b.csv, c.md, ...\) and 1 folder \(2024\): expected"):
            open_raw(tmp_path)

    def test_an_empty_folder_holds_nothing(self, tmp_path):
        with pytest.raises(RawDataError, match="holds nothing: expected"):
            open_raw(tmp_path)

    def test_one_level_too_high_names_the_folder_to_give(self, tmp_path):
        problem_folder(tmp_path / "apps/train/0000")
        with pytest.raises(RawDataError, match=r"holds 1 folder \(apps\): give .*apps$"):
            open_raw(tmp_path)

    def test_files_of_rows_one_level_too_high_are_named_too(self, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data/train.jsonl").touch()
        with pytest.raises(RawDataError, match=r"give .*data$"):
            open_raw(tmp_path)

    def test_one_level_too_low_names_the_folder_to_give(self, tmp_path):
        problem_folder(tmp_path / "apps/train/0000")
        with pytest.raises(RawDataError, match=r"it is a single problem: give the folder of all problems, .*apps$"):
            open_raw(tmp_path / "apps/train/0000")

    def test_the_folder_of_a_build_is_no_raw_data(self, tmp_path):
        (tmp_path / ".build").mkdir()
        with pytest.raises(RawDataError, match="it is a build, not raw APPS"):
            open_raw(tmp_path)

    def test_problems_at_two_levels_are_refused(self, tmp_path):
        problem_folder(tmp_path / "0000")
        problem_folder(tmp_path / "train/0000")
        with pytest.raises(RawDataError, match="has problems in it and in train/"):
            open_raw(tmp_path)


class TestJsonLines:
    def test_a_row_is_a_problem(self, tmp_path):
        source = open_raw(json_lines(tmp_path / "train.jsonl", row(7)))
        assert (len(source), source.ids(), source.kind, source.name) == (1, ("train/0007",), "jsonl", "train.jsonl")
        assert only(source) == RawProblem(
            "train/0007", "train", "Echo.\n", SOLUTIONS, INPUT_OUTPUT, "interview", "https://example.com/1", ""
        )

    @pytest.mark.parametrize(
        ("name", "given", "expected"),
        [
            ("train.jsonl", 3, "train/0003"),
            ("test.jsonl", "3", "test/0003"),
            ("apps_test.json", "0003", "test/0003"),
            ("train-00000-of-00001.jsonl", 12345, "train/12345"),
            ("contest.jsonl", 3, "train/0003"),
            ("rows.jsonl", "two-sum", "train/two-sum"),
            ("rows.jsonl", "test/0003", "test/0003"),
            ("rows.jsonl", "mine/3", "mine/3"),
        ],
    )
    def test_an_id_is_the_split_and_the_number(self, tmp_path, name, given, expected):
        problem = only(open_raw(json_lines(tmp_path / name, row(given))))
        assert problem.problem_id == expected
        assert problem.split == ("test" if expected.startswith("test/") else "train")

    def test_a_rows_own_split_comes_first(self, tmp_path):
        problem = only(open_raw(json_lines(tmp_path / "train.jsonl", row(3, split="test"))))
        assert (problem.problem_id, problem.split) == ("test/0003", "test")

    @pytest.mark.parametrize("missing", ["", None])
    def test_empty_texts_are_missing_ones(self, tmp_path, missing):
        problem = only(
            open_raw(json_lines(tmp_path / "x.jsonl", row(solutions=missing, input_output=missing, url=None)))
        )
        assert (problem.solutions, problem.input_output, problem.url) == (None, None, "")

    def test_columns_may_be_left_out_but_for_id_and_question(self, tmp_path):
        path = json_lines(tmp_path / "x.jsonl", {"problem_id": 1, "question": ""})
        assert only(open_raw(path)) == RawProblem("train/0001", "train", "", None, None)

    def test_lists_and_objects_become_json_text(self, tmp_path):
        big = 10**5000
        path = tmp_path / "x.jsonl"
        path.write_text(
            f'{{"problem_id":1,"question":"","solutions":["é\\ud800"],"input_output":{{"inputs":[1{"0" * 5000}]}}}}\n'
        )
        problem = only(open_raw(path))
        assert problem.solutions == '["é\\ud800"]'
        assert raw.load_json(problem.input_output or "") == {"inputs": [big]}

    def test_bad_json_in_a_text_column_is_not_the_readers_business(self, tmp_path):
        problem = only(open_raw(json_lines(tmp_path / "x.jsonl", row(input_output='{"inputs": ['))))
        assert (problem.input_output, problem.defects) == ('{"inputs": [', ())

    def test_rows_come_by_number_whatever_their_order_in_the_file(self, tmp_path):
        rows = [row(n, question=f"question {n}", split=split) for n, split in [(10, "test"), (9, "train"), (2, "test")]]
        in_order = list(open_raw(json_lines(tmp_path / "a.jsonl", *[rows[i] for i in (1, 2, 0)])))
        shuffled = open_raw(json_lines(tmp_path / "b.jsonl", *rows))
        assert shuffled.ids() == ("train/0009", "test/0002", "test/0010")
        assert list(shuffled) == in_order

    def test_compressed_lines_are_read(self, tmp_path):
        path = tmp_path / "test.jsonl.gz"
        path.write_bytes(gzip.compress(b"".join(json.dumps(row(n)).encode() + b"\n" for n in (2, 1))))
        source = open_raw(path)
        assert [p.problem_id for p in source] == ["test/0001", "test/0002"]

    @pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda _: b"not gzip"], ids=["cut short", "other"])
    def test_damaged_compression_is_an_error(self, tmp_path, damage):
        path = tmp_path / "test.jsonl.gz"
        path.write_bytes(damage(gzip.compress(json.dumps(row()).encode())))
        with pytest.raises(RawDataError, match=r"test\.jsonl\.gz is cut short or damaged"):
            open_raw(path)

    def test_blank_lines_a_byte_order_mark_and_a_missing_last_newline_are_no_trouble(self, tmp_path):
        path = tmp_path / "x.jsonl"
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(row(1)).encode() + b"\r\n\n" + json.dumps(row(2)).encode())
        assert open_raw(path).ids() == ("train/0001", "train/0002")

    def test_unicode_line_ends_do_not_end_a_line(self, tmp_path):
        path = tmp_path / "x.jsonl"
        path.write_text(json.dumps(row(1, question="a\u2028b\x85c"), ensure_ascii=False) + "\n")
        assert only(open_raw(path)).question == "a\u2028b\x85c"

    def test_invalid_utf8_and_half_characters_are_replaced_and_told(self, tmp_path):
        path = tmp_path / "x.jsonl"
        path.write_bytes(b'{"problem_id": 1, "question": "a\\ud800\\ud83d\\ude00", "url": "\xff"}\n')
        problem = only(open_raw(path))
        assert (problem.question, problem.url) == ("a�😀", "�")
        assert problem.defects == (
            "row: invalid UTF-8 at byte 61",
            "question: half of a surrogate pair at character 1",
        )

    def test_a_text_column_of_another_type_is_a_defect(self, tmp_path):
        problem = only(open_raw(json_lines(tmp_path / "x.jsonl", row(difficulty=3))))
        assert (problem.difficulty, problem.defects) == ("", ("difficulty: not text but int",))

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("{", r"x\.jsonl:2: not JSON \(Expecting .* at column 2\): fix or remove the line"),
            ("[1]", r"x\.jsonl:2: not a JSON object but list"),
            ("[" * 100_000, r"x\.jsonl:2: not JSON \(nested too deep\)"),
            ('{"problem_id": 2}', r"x\.jsonl:2: no question"),
            ('{"problem_id": 2, "question": null}', r"x\.jsonl:2: no question"),
            ('{"question": ""}', r"x\.jsonl:2: no problem_id"),
            ('{"question": "", "problem_id": true}', r"x\.jsonl:2: no problem_id"),
            ('{"question": "", "problem_id": 2, "split": 3}', r"x\.jsonl:2: split is not text"),
        ],
        ids=["broken", "list", "deep", "no question", "null question", "no id", "bool id", "split"],
    )
    def test_a_broken_line_is_named(self, tmp_path, line, message):
        path = tmp_path / "x.jsonl"
        path.write_text(json.dumps(row(1)) + "\n" + line + "\n")
        with pytest.raises(RawDataError, match=message):
            open_raw(path)

    def test_an_id_that_occurs_twice_is_named_with_both_places(self, tmp_path):
        path = json_lines(tmp_path / "x.jsonl", row(1), row(2), row("0001"))
        with pytest.raises(RawDataError, match=r"x\.jsonl:3: train/0001 is also at .*x\.jsonl:1"):
            open_raw(path)

    def test_a_file_without_rows_is_an_error(self, tmp_path):
        with pytest.raises(RawDataError, match="has no rows"):
            open_raw(json_lines(tmp_path / "x.jsonl"))

    @pytest.mark.parametrize("first", [1, 2], ids=["in order", "out of order"])
    def test_a_file_that_changes_meanwhile_is_an_error(self, tmp_path, first):
        path = json_lines(tmp_path / "x.jsonl", row(first), row(3 - first))
        source = open_raw(path)
        json_lines(path, row(3), row(4))
        with pytest.raises(RawDataError, match="changed while it was read"):
            list(source)


class TestParquet:
    def test_rows_are_read_in_order(self, tmp_path):
        source = open_raw(parquet(tmp_path / "test.parquet", row(2), row(1)))
        assert (source.ids(), source.kind, len(source)) == (("test/0001", "test/0002"), "parquet", 2)
        assert [p.solutions for p in source] == [SOLUTIONS] * 2

    def test_nested_columns_become_json_text(self, tmp_path):
        problem = only(open_raw(parquet(tmp_path / "x.parquet", row(solutions=["a"], input_output={"inputs": ["1"]}))))
        assert (problem.solutions, problem.input_output) == ('["a"]', '{"inputs":["1"]}')

    def test_a_broken_row_is_named(self, tmp_path):
        with pytest.raises(RawDataError, match=r"x\.parquet: row 2: no question"):
            open_raw(parquet(tmp_path / "x.parquet", row(1), row(2, question=None)))

    def test_a_file_that_is_not_parquet_is_an_error(self, tmp_path):
        (tmp_path / "x.parquet").write_text("hello")
        with pytest.raises(RawDataError, match=r"x\.parquet: not a readable parquet"):
            open_raw(tmp_path / "x.parquet")


class TestWhereItComesFrom:
    @pytest.mark.parametrize("write", [json_lines, parquet])
    def test_a_folder_may_hold_a_file_for_each_split(self, tmp_path, write):
        suffix = "jsonl" if write is json_lines else "parquet"
        write(tmp_path / f"test.{suffix}", row(0))
        write(tmp_path / f"train.{suffix}", row(0))
        (tmp_path / "README.md").write_text("hello")
        source = open_raw(tmp_path)
        assert (source.ids(), source.kind) == (("train/0000", "test/0000"), suffix)
        assert [p.split for p in source] == ["train", "test"]

    def test_the_same_rows_in_two_files_are_refused(self, tmp_path):
        json_lines(tmp_path / "train.jsonl", row(0))
        parquet(tmp_path / "train.parquet", row(0))
        with pytest.raises(RawDataError, match=r"train/0000 is also at"):
            open_raw(tmp_path)

    def test_nothing_there_is_an_error(self, tmp_path):
        with pytest.raises(RawDataError, match="does not exist"):
            open_raw(tmp_path / "nowhere")

    def test_an_unknown_kind_of_file_is_an_error(self, tmp_path):
        (tmp_path / "apps.csv").write_text("a,b\n")
        with pytest.raises(RawDataError, match="is not raw APPS"):
            open_raw(tmp_path / "apps.csv")

    def test_without_a_source_the_bundled_sample_is_read(self, tmp_path, monkeypatch):
        problem_folder(tmp_path / "sample/train/0000")
        monkeypatch.setattr(raw, "files", lambda package: tmp_path)
        source = open_raw(None)
        assert (source.kind, source.name, source.ids()) == ("sample", "sample", ("train/0000",))

    def test_the_sample_that_is_bundled_can_be_read(self):
        source = open_raw(None)
        assert [p.problem_id for p in source] == list(source.ids())

    def test_a_build_is_not_taken_for_raw_data(self, tmp_path):
        released = {"problem_id": "train/0001", "question": "Echo.\n", "canonical_solution": "print(input())"}
        with pytest.raises(RawDataError, match=r"train\.jsonl:1: a problem of a build, not of raw APPS"):
            open_raw(json_lines(tmp_path / "train.jsonl", released).parent)

    def test_a_missing_sample_says_to_install_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(raw, "files", lambda package: tmp_path)
        with pytest.raises(RawDataError, match="install apps-plus again"):
            open_raw(None)

    def test_the_hub_is_read_from_its_two_files(self, tmp_path, monkeypatch):
        json_lines(tmp_path / "train.jsonl", row(0))
        json_lines(tmp_path / "test.jsonl", row(0))

        def download(repo_id: str, filename: str, repo_type: str) -> str:
            assert (repo_id, repo_type) == ("codeparrot/apps", "dataset")
            return str(tmp_path / filename)

        monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
        source = open_raw("hub")
        assert (source.ids(), source.kind, source.name) == (("train/0000", "test/0000"), "hub", "codeparrot/apps")

    def test_a_hub_out_of_reach_says_what_to_download(self, monkeypatch):
        def download(*args: object, **kwargs: object) -> str:
            raise ConnectionError("no route\nto host")

        monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
        with pytest.raises(
            RawDataError, match=r"ConnectionError: no route\): download train\.jsonl and test\.jsonl"
        ) as error:
            open_raw("hub")
        assert "\n" not in str(error.value)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class TestOneProblemInEveryLayout:
    @settings(max_examples=40, deadline=None)
    @given(question=texts, solutions=texts, input_output=texts, difficulty=texts, url=texts, starter_code=texts)
    def test_has_the_same_digest(
        self, tmp_path_factory, question, solutions, input_output, difficulty, url, starter_code
    ):
        folder = tmp_path_factory.mktemp("raw")
        problem_folder(
            folder / "apps/train/0042",
            question=question,
            solutions__json=solutions,
            input_output__json=input_output,
            metadata__json=json.dumps({"difficulty": difficulty, "url": url}),
            starter_code__py=starter_code,
        )
        values = row(42, question=question, solutions=solutions, input_output=input_output)
        values |= {"difficulty": difficulty, "url": url, "starter_code": starter_code}
        sources = [
            folder / "apps",
            json_lines(folder / "train.jsonl", values),
            parquet(folder / "train.parquet", values),
        ]
        assert len({only(open_raw(source)).digest() for source in sources}) == 1


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_rows_of_another_benchmark_are_refused_and_their_fields_named(tmp_path, kind):
    row = {"task_id": "HumanEval/0", "prompt": "def f():", "canonical_solution": "    pass", "test": ""}
    path = tmp_path / f"train.{kind}"
    if kind == "jsonl":
        path.write_text(json.dumps(row) + "\n")
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist([{**row, "solutions": ""}]), path)
    with pytest.raises(RawDataError, match=r"no (column )?question, but task_id, prompt, canonical_solution, test"):
        open_raw(path)
