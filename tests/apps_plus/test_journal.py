"""A journal keeps every entry when its process is killed at any byte, and stays valid on a full disk."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_faults import HALF, disk_with_room_for, no_space, python

from apps_plus import journal as journals
from apps_plus.errors import OutputError
from apps_plus.journal import Journal


class TestJournal:
    def test_entries_come_back_after_reopening(self, tmp_path):
        path = tmp_path / "new/journal.jsonl"
        with Journal(path) as journal:
            journal.append("a", {"n": 10**5000, "text": "é\n" + HALF})
            journal.append("b", {})
            assert journal["a"]["n"] == 10**5000
        with Journal(path) as journal:
            assert (list(journal.keys()), len(journal)) == (["a", "b"], 2)
            assert "a" in journal
            assert "c" not in journal
            assert journal["a"] == {"n": 10**5000, "text": "é\n" + HALF}
            assert journal["b"] == {}
            with pytest.raises(KeyError):
                journal["c"]

    def test_the_last_entry_of_a_key_counts(self, tmp_path):
        with Journal(tmp_path / "j") as journal:
            for n in range(3):
                journal.append("a", {"n": n})
            assert journal["a"] == {"n": 2}
        with Journal(tmp_path / "j") as journal:
            assert journal["a"] == {"n": 2}

    def test_a_line_is_a_key_and_a_value(self, tmp_path):
        with Journal(tmp_path / "j") as journal:
            journal.append("train/0001", {"n": 1})
            assert (tmp_path / "j").read_text() == '{"key":"train/0001","value":{"n":1}}\n'

    @settings(max_examples=50, deadline=None)
    @given(entries=st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), max_size=4), data=st.data())
    def test_cut_at_any_byte_it_holds_what_was_whole(self, tmp_path_factory, entries, data):
        path = tmp_path_factory.mktemp("journal") / "j"
        ends = [0]
        with Journal(path) as journal:
            for key, text in entries:
                journal.append(key, {"text": text})
                ends.append(path.stat().st_size)
        cut = data.draw(st.integers(0, ends[-1]))
        os.truncate(path, cut)
        whole = sum(end <= cut for end in ends) - 1
        with Journal(path) as journal:
            assert {key: journal[key]["text"] for key in journal.keys()} == dict(entries[:whole])  # noqa: SIM118
            assert path.stat().st_size == ends[whole]
            journal.append("after", {"n": 1})
        with Journal(path) as journal:
            assert journal["after"] == {"n": 1}

    def test_lines_that_cannot_be_read_are_passed_over(self, tmp_path):
        path = tmp_path / "j"
        good = b'{"key":"a","value":{"n":1}}\n'
        bad = [b"{\n", b"\xff\n", b"[]\n", b"\n", b'{"key":1,"value":{}}\n', b'{"key":"x"}\n', b"\0" * 9 + b"\n"]
        path.write_bytes(b"".join(bad) + good + b"[" * 100_000 + b"\n" + good.replace(b'"a"', b'"b"'))
        with Journal(path) as journal:
            assert list(journal.keys()) == ["a", "b"]
            assert journal["b"] == {"n": 1}

    def test_every_entry_of_a_killed_process_is_kept(self, tmp_path):
        code = """
import sys; from pathlib import Path; from apps_plus.journal import Journal
journal = Journal(Path(sys.argv[1])); n = 0
while True:
    journal.append(str(n), {"n": n, "text": "x" * 1000}); print(n, flush=True); n += 1
"""
        process = python(code, tmp_path / "j")
        assert process.stdout is not None
        while int(last := process.stdout.readline()) < 50:
            pass
        process.send_signal(signal.SIGKILL)
        told = [
            int(last),
            *(int(line) for line in process.communicate()[0].splitlines(keepends=True) if line[-1] == "\n"),
        ]
        with Journal(tmp_path / "j") as journal:
            assert all(journal[str(n)]["n"] == n for n in range(told[-1] + 1))

    def test_a_full_disk_is_an_error_and_the_journal_stays_valid(self, tmp_path):
        path = tmp_path / "j"
        with Journal(path) as journal:
            journal.append("a", {"n": 1})
            size = path.stat().st_size
            with (
                disk_with_room_for(size + 10),
                pytest.raises(OutputError, match=f"cannot write {path}: File too large"),
            ):
                journal.append("b", {"text": "x" * 1000})
            assert path.stat().st_size == size
            assert "b" not in journal
            journal.append("c", {"n": 3})
            assert (journal["a"], journal["c"]) == ({"n": 1}, {"n": 3})
        with Journal(path) as journal:
            assert list(journal.keys()) == ["a", "c"]

    def test_a_full_disk_says_what_to_do(self, tmp_path, monkeypatch):
        with Journal(tmp_path / "j") as journal:
            monkeypatch.setattr(os, "pwrite", no_space)
            with pytest.raises(
                OutputError, match="No space left on device: free some space and run the same command again"
            ):
                journal.append("a", {})

    def test_an_interrupt_leaves_no_half_line(self, tmp_path, monkeypatch):
        path = tmp_path / "j"
        write = os.pwrite

        def interrupted(descriptor: int, data: bytes, offset: int) -> int:
            write(descriptor, data[:5], offset)
            raise KeyboardInterrupt

        with Journal(path) as journal:
            journal.append("a", {"n": 1})
            size = path.stat().st_size
            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(os, "pwrite", interrupted)
                journal.append("b", {"n": 2})
            assert path.stat().st_size == size
            journal.append("c", {"n": 3})
            assert journal["c"] == {"n": 3}

    def test_the_disk_is_waited_for_at_most_once_a_second(self, tmp_path, monkeypatch):
        calls = []
        now = 100.0
        monkeypatch.setattr(os, "fsync", calls.append)
        monkeypatch.setattr(journals.time, "monotonic", lambda: now)
        journal = Journal(tmp_path / "j")
        for _ in range(10):
            journal.append("a", {})
        assert len(calls) == 0
        now += 1
        for _ in range(10):
            journal.append("a", {})
        assert len(calls) == 1
        journal.close()
        assert len(calls) == 2

    def test_closing_twice_does_nothing(self, tmp_path):
        journal = Journal(tmp_path / "j")
        journal.close()
        journal.close()

    def test_a_path_that_cannot_be_a_file_is_an_error(self, tmp_path):
        with pytest.raises(OutputError, match="cannot write"):
            Journal(tmp_path)
