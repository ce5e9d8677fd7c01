"""A file is whole or absent, a journal survives kill -9 at any byte, a full disk is one clear error."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from storage_faults import HALF, disk_with_room_for, no_space, python

from apps_plus.errors import BuildFolderError, BusyError, OutputError
from apps_plus.problem import (
    Comparison,
    ComparisonRule,
    Conditional,
    Problem,
    Tolerance,
    ToleranceKind,
)
from apps_plus.problem import Tests as UnitTests
from apps_plus.storage import (
    load,
    lock,
    read_json_lines,
    write_atomically,
    write_json_lines,
    write_parquet,
)

PROBLEM = Problem(
    problem_id="train/0001",
    question="Écho.\r\n",
    canonical_solution="for _ in range(2):\n    print(input())\n",
    entry_point=None,
    tests=UnitTests(("1\n", "x"), ("1\n", "x")),
    starter_code="",
    conditionals=(Conditional(1, 0, 2, 18, "for"),),
    comparison=Comparison.EXACT,
    difficulty="interview",
    url="https://example.com/1",
    repairs=("import math",),
)
root_writes_everywhere = pytest.mark.skipif(os.geteuid() == 0, reason="root writes where it has no permissions")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestWriteAtomically:
    def test_the_file_is_there_when_the_block_ends_and_not_before(self, tmp_path):
        path = tmp_path / "new/folder/a.txt"
        with write_atomically(path) as file:
            file.write("é\r\n")
            assert not path.exists()
        assert path.read_bytes() == "é\r\n".encode()
        assert names_in(path.parent) == ["a.txt"]

    def test_after_an_error_the_old_file_stands(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("old")
        with pytest.raises(ZeroDivisionError), write_atomically(path) as file:
            file.write("new" * 100_000)
            raise ZeroDivisionError
        assert path.read_text() == "old"
        assert names_in(tmp_path) == ["a.txt"]

    def test_permissions_are_those_of_any_new_file(self, tmp_path):
        (tmp_path / "plain").write_text("")
        with write_atomically(tmp_path / "a.txt"):
            pass
        assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode
        assert stat.S_ISREG((tmp_path / "a.txt").stat().st_mode)

    def test_a_full_disk_is_one_clear_error(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("old")
        expected = f"^cannot write {path}: No space left on device: free some space and run the same command again$"
        with pytest.raises(OutputError, match=expected), write_atomically(path) as file:
            os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
            file.write("new" * 100_000)
        assert path.read_text() == "old"
        assert names_in(tmp_path) == ["a.txt"]

    def test_a_disk_that_fills_up_with_the_last_bytes_is_an_error_too(self, tmp_path):
        with (
            disk_with_room_for(2),
            pytest.raises(OutputError, match="File too large"),
            write_atomically(tmp_path / "a") as f,
        ):
            f.write("new")  # still in memory when the block ends
        assert names_in(tmp_path) == []

    def test_a_disk_that_fills_up_on_fsync_is_an_error_too(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "fsync", no_space)
        with pytest.raises(OutputError, match="free some space"), write_atomically(tmp_path / "a.txt"):
            pass
        assert names_in(tmp_path) == []

    def test_trouble_with_another_file_is_not_taken_for_this_ones(self, tmp_path):
        with pytest.raises(FileNotFoundError), write_atomically(tmp_path / "a.txt"):
            (tmp_path / "nowhere").read_text()

    @root_writes_everywhere
    def test_a_folder_without_permission_is_an_error(self, tmp_path):
        tmp_path.chmod(0o500)
        with (
            pytest.raises(OutputError, match="Permission denied: choose a place"),
            write_atomically(tmp_path / "a.txt"),
        ):
            pass

    def test_a_folder_that_is_a_file_is_an_error(self, tmp_path):
        (tmp_path / "a").write_text("")
        with pytest.raises(OutputError, match="cannot write"), write_atomically(tmp_path / "a/b.txt"):
            pass

    def test_a_device_is_not_replaced_by_a_file(self):
        with pytest.raises(OutputError, match="not a regular file"), write_atomically(Path("/dev/null")):
            pass

    def test_a_symbolic_link_stays_one(self, tmp_path):
        (tmp_path / "a").write_text("old")
        (tmp_path / "link").symlink_to("a")
        with write_atomically(tmp_path / "link") as file:
            file.write("new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "a").read_text() == "new"

    def test_two_writers_of_one_file_do_not_mix(self, tmp_path):
        path = tmp_path / "a.txt"
        with write_atomically(path) as file:
            file.write("first")
            with pytest.raises(BusyError, match="another process is writing"), write_atomically(path):
                pass
        assert path.read_text() == "first"

    def test_what_a_killed_writer_left_is_taken_over(self, tmp_path):
        code = """
import os, sys; from pathlib import Path; from apps_plus.storage import write_atomically
with write_atomically(Path(sys.argv[1])) as file:
    file.write("x" * 1_000_000); os.kill(os.getpid(), 9)
"""
        path = tmp_path / "a.txt"
        process = python(code, path)
        process.communicate()
        assert not path.exists()
        assert len(names_in(tmp_path)) == 1
        with write_atomically(path) as file:
            file.write("whole")
        assert path.read_text() == "whole"
        assert names_in(tmp_path) == ["a.txt"]


class TestJsonLines:
    def test_rows_come_back(self, tmp_path):
        rows = [{"a": 10**5000, "b": "é\u2028\r\n"}, {"half": HALF}, {}]
        assert write_json_lines(tmp_path / "a.jsonl", iter(rows)) == 3
        assert list(read_json_lines(tmp_path / "a.jsonl")) == rows
        assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") == 3

    def test_the_form_is_compact(self, tmp_path):
        write_json_lines(tmp_path / "a.jsonl", [{"b": [1, 2], "a": "é"}])
        assert (tmp_path / "a.jsonl").read_text() == '{"b":[1,2],"a":"é"}\n'

    def test_no_rows_are_an_empty_file(self, tmp_path):
        assert write_json_lines(tmp_path / "a.jsonl", []) == 0
        assert (tmp_path / "a.jsonl").read_bytes() == b""
        assert list(read_json_lines(tmp_path / "a.jsonl")) == []

    @pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff", b"[" * 100_000], ids=["broken", "list", "bytes", "deep"])
    def test_a_bad_line_is_named(self, tmp_path, line):
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"a": 1}\n\n' + line + b'\n{"b": 2}\n')
        with pytest.raises(BuildFolderError, match=r"a\.jsonl:3: not a JSON object"):
            list(read_json_lines(path, torn_tail_ok=True))

    def test_a_torn_last_line_is_left_out_when_asked(self, tmp_path):
        path = tmp_path / "a.jsonl"
        path.write_text('{"a": 1}\n{"b": ')
        assert list(read_json_lines(path, torn_tail_ok=True)) == [{"a": 1}]
        with pytest.raises(BuildFolderError, match=r"a\.jsonl:2"):
            list(read_json_lines(path))

    def test_a_whole_last_line_counts_even_without_its_newline(self, tmp_path):
        path = tmp_path / "a.jsonl"
        path.write_text('{"a": 1}\n{"b": 2}')
        assert list(read_json_lines(path, torn_tail_ok=True)) == [{"a": 1}, {"b": 2}]

    def test_a_missing_file_is_an_error(self, tmp_path):
        with pytest.raises(BuildFolderError, match=r"cannot read .*nowhere"):
            list(read_json_lines(tmp_path / "nowhere"))


class TestParquet:
    def rows(self, path: Path) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows

    def test_problems_come_back(self, tmp_path):
        problems = [replace(PROBLEM, problem_id=f"train/{n:04d}") for n in range(5)]
        problems.append(replace(PROBLEM, conditionals=(), repairs=(), tests=UnitTests(([10**5000],), ([HALF],))))
        assert write_parquet(tmp_path / "a.parquet", (p.to_row() for p in problems), batch=2) == 6
        assert [Problem.from_row(row) for row in self.rows(tmp_path / "a.parquet")] == problems
        assert names_in(tmp_path) == ["a.parquet"]

    def test_an_empty_split_has_the_same_columns(self, tmp_path):
        import pyarrow.parquet as pq

        write_parquet(tmp_path / "full.parquet", [PROBLEM.to_row()])
        assert write_parquet(tmp_path / "empty.parquet", []) == 0
        assert pq.read_schema(tmp_path / "empty.parquet") == pq.read_schema(tmp_path / "full.parquet")

    def test_the_columns_are_those_of_a_row(self, tmp_path):
        import pyarrow.parquet as pq

        write_parquet(tmp_path / "a.parquet", [])
        assert pq.read_schema(tmp_path / "a.parquet").names == list(PROBLEM.to_row())

    def test_the_same_rows_give_the_same_bytes(self, tmp_path):
        for name in "ab":
            write_parquet(tmp_path / name, [PROBLEM.to_row()] * 10, batch=3)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_a_full_disk_is_an_error_and_the_old_file_stands(self, tmp_path):
        path = tmp_path / "a.parquet"
        path.write_text("old")
        with disk_with_room_for(1000), pytest.raises(OutputError, match=r"cannot write .*a\.parquet: File too large"):
            write_parquet(path, [replace(PROBLEM, question=os.urandom(9999).hex()).to_row()])
        assert path.read_text() == "old"
        assert names_in(tmp_path) == ["a.parquet"]


class TestLoad:
    def build(self, folder: Path) -> Path:
        (folder / "manifest.json").write_text("{}")
        for split in ("train", "validation", "test"):
            write_json_lines(folder / f"{split}.jsonl", [replace(PROBLEM, problem_id=f"{split}/0000").to_row()])
        return folder

    def test_a_build_comes_back_by_split(self, tmp_path):
        dataset = load(self.build(tmp_path))
        assert len(dataset) == 3
        assert dataset.train == [replace(PROBLEM, problem_id="train/0000")]
        assert [dataset[split][0].problem_id for split in ("validation", "test")] == ["validation/0000", "test/0000"]

    def test_how_outputs_are_compared_comes_back(self, tmp_path):
        stated = replace(PROBLEM, comparison=Comparison.FLOAT, tolerance=1e-2, tolerance_kind=ToleranceKind.ABSOLUTE)
        unordered = replace(PROBLEM, comparison=Comparison.UNORDERED, cases="counted")
        write_json_lines(self.build(tmp_path) / "test.jsonl", [stated.to_row(), unordered.to_row()])
        assert load(tmp_path).test == [stated, unordered]
        assert stated.rule == ComparisonRule(Comparison.FLOAT, Tolerance(1e-2, ToleranceKind.ABSOLUTE))
        assert unordered.rule == ComparisonRule(Comparison.UNORDERED, cases="counted")

    def test_a_problem_of_an_earlier_build_has_the_usual_tolerance(self, tmp_path):
        row = replace(PROBLEM, comparison=Comparison.FLOAT).to_row()
        for name in ("tolerance", "tolerance_kind", "cases"):
            del row[name]
        write_json_lines(self.build(tmp_path) / "test.jsonl", [row])
        assert load(tmp_path).test[0].rule == ComparisonRule(Comparison.FLOAT, Tolerance(1e-6, ToleranceKind.DEFAULT))

    def test_a_folder_that_is_not_a_build_says_how_to_make_one(self, tmp_path):
        expected = f"^{tmp_path} is not a build: no manifest.json; make one with apps-plus build RAW --out {tmp_path}$"
        with pytest.raises(BuildFolderError, match=expected):
            load(tmp_path)

    def test_a_missing_split_is_an_error(self, tmp_path):
        (self.build(tmp_path) / "validation.jsonl").unlink()
        with pytest.raises(BuildFolderError, match=r"cannot read .*validation\.jsonl"):
            load(tmp_path)

    @pytest.mark.parametrize(
        "change",
        [
            {"tests": "{"},
            {"tests": "[]"},
            {"comparison": "fuzzy"},
            {"conditionals": [{"line": 1}]},
            {"repairs": None},
            {"tolerance": "1e-6"},
            {"tolerance": 0},
            {"tolerance": 2.0},
            {"tolerance_kind": "some"},
        ],
        ids=str,
    )
    def test_a_row_that_is_not_a_problem_is_named(self, tmp_path, change):
        write_json_lines(self.build(tmp_path) / "test.jsonl", [PROBLEM.to_row(), PROBLEM.to_row() | change])
        with pytest.raises(BuildFolderError, match=r"test\.jsonl:2: not a problem of APPS\+"):
            load(tmp_path)


HOLD_LOCK = """
import sys; from pathlib import Path; from apps_plus.storage import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True); sys.stdin.read()
"""


class TestLock:
    def test_a_second_process_is_told_who_holds_it(self, tmp_path):
        path = tmp_path / "build/.lock"
        other = python(HOLD_LOCK, path)
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        expected = rf"another run is using {path.parent} \(process {other.pid}\): wait for it or choose another --out"
        with pytest.raises(BusyError, match=expected), lock(path):
            pass
        other.communicate()
        with lock(path):
            assert path.read_text() == f"{os.getpid()}\n"

    def test_it_ends_with_a_process_that_is_killed(self, tmp_path):
        other = python(HOLD_LOCK, tmp_path / ".lock")
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
        other.communicate()
        with lock(tmp_path / ".lock"):
            assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"

    def test_it_ends_with_the_block_and_leaves_nothing(self, tmp_path):
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), lock(tmp_path / ".lock"):
                raise ZeroDivisionError
            assert names_in(tmp_path) == []

    def test_a_forked_worker_neither_ends_nor_keeps_it(self, tmp_path):
        path = tmp_path / ".lock"
        reader, writer = os.pipe()
        with lock(path):
            child = os.fork()
            if child == 0:
                try:
                    os.close(writer)
                    with lock(tmp_path / "other"):
                        pass
                    os.read(reader, 1)  # outlives the block of its parent
                finally:
                    os._exit(0)
            with pytest.raises(BusyError), lock(path):
                pass
        with lock(path):
            pass
        os.close(writer)
        assert os.waitpid(child, 0)[1] == 0
        os.close(reader)

    def test_a_child_that_leaves_the_block_takes_nothing_from_its_parent(self, tmp_path):
        try:
            with lock(tmp_path / ".lock"), write_atomically(tmp_path / "a.txt") as file:
                file.write("whole")
                child = os.fork()
                if child == 0:
                    raise ZeroDivisionError
                assert os.waitpid(child, 0)[1] == 0
                assert (tmp_path / ".lock").exists()
                with pytest.raises(BusyError), lock(tmp_path / ".lock"):
                    pass
        except ZeroDivisionError:
            os._exit(0)
        assert (tmp_path / "a.txt").read_text() == "whole"

    @root_writes_everywhere
    def test_a_folder_without_permission_is_an_error(self, tmp_path):
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError, match="Permission denied"), lock(tmp_path / ".lock"):
            pass

    def test_a_path_that_cannot_be_a_file_is_an_error(self, tmp_path):
        with pytest.raises(OutputError, match="cannot write"), lock(tmp_path):
            pass
