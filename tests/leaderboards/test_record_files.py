"""Files of records: what is good is there, what is not is one clear line."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest
from board_records import numbered, samples_file, solved, text_of, write

from apps_plus.errors import InputError
from harness.scoring.result_record import ModelFacts, TierScore
from harness.scoring.result_record_files import dump_record
from leaderboards.record_files import add, find_record, load, shipped_records

RUN = f', "samples": {{"file": "s.jsonl", "sha256": "{"a" * 64}", "count": 164}}'


def test_the_shipped_records_are_good() -> None:
    loaded = load()
    assert loaded.faults == ()
    assert {path.parent for path in loaded.paths.values()} == {shipped_records()}
    assert all(path.stem == record_id for record_id, path in loaded.paths.items())
    assert sum(record.id.startswith("paper-") for record in loaded.records) == 14 + 6 + 6


def test_the_papers_tables_are_whole() -> None:
    titles = [record.model.title for record in load().records if record.dataset.name == "apps+"]
    assert len(set(titles)) == 14
    stepcoder = find_record(load(), "paper-stepcoder-apps-plus")
    assert {score.tier: score.value for score in stepcoder.scores} == {
        "introductory": 0.597,
        "interview": 0.235,
        "competition": 0.086,
        "overall": 0.361,
    }
    assert stepcoder.source.where == "Table 1"


def test_a_folder_is_read_however_deep_and_a_file_alone(tmp_path: Path) -> None:
    write(tmp_path / "x" / "y", deep=text_of("deep"))
    write(tmp_path, top=text_of("top"))
    (tmp_path / "notes.txt").write_text("no record")
    assert [record.id for record in load([tmp_path]).records] == ["top", "deep"]
    assert [record.id for record in load([tmp_path / "top.json"]).records] == ["top"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a=text_of("a"))
    loaded = load([tmp_path, tmp_path / "a.json", tmp_path / "." / "a.json"])
    assert (len(loaded.records), loaded.faults) == (1, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (text_of("b", value="NaN"), "NaN is not a number"),
        (text_of("b", value="Infinity"), "Infinity is not a number"),
        (text_of("b", value="1.5"), "scores.0.value"),
        (text_of("b", more=', "modle": 1'), "modle: no such field: did you mean model?"),
        (text_of("b")[:60], "not JSON"),
        ("", "not JSON"),
        ("[]", "one JSON object"),
        ('{"id": "b"}', "is missing"),
        (text_of("b", more=', "schema_version": 99'), "schema version 99"),
        ("[" * 100_000, "nested too deep"),
        (text_of("a"), "its id a is that of"),
        (text_of("b", more=', "problems": {"": {"P/0": [1, 2]}}'), "2 of 1 samples cannot have passed"),
    ],
)
def test_a_bad_file_is_a_line_and_the_others_are_there(tmp_path: Path, text: str, fault: str) -> None:
    write(tmp_path, a=text_of("a"), b=text, c=text_of("c"))
    loaded = load([tmp_path])
    assert [record.id for record in loaded.records] == ["a", "c"]
    [line] = loaded.faults
    assert line.startswith(f"{tmp_path / 'b.json'}: ")
    assert fault in line
    assert "\n" not in line


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    write(tmp_path, a=text_of("a"))
    (tmp_path / "b.json").write_bytes(b"\xff\xfe{}")
    assert "not UTF-8" in load([tmp_path]).faults[0]


def test_a_link_to_nowhere_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, a=text_of("a"))
    (tmp_path / "b.json").symlink_to(tmp_path / "gone")
    assert len(load([tmp_path]).records) == 1


def test_two_records_of_one_run_are_one(tmp_path: Path) -> None:
    record = json.loads(text_of("a", more=RUN))
    twin = {**record, "id": "b"}
    other_model = {**record, "id": "c", "model": {"id": "other"}}
    write(tmp_path, a=json.dumps(record), b=json.dumps(twin), c=json.dumps(other_model))
    loaded = load([tmp_path])
    assert [record.id for record in loaded.records] == ["a", "c"]
    assert loaded.faults == (
        f"{tmp_path / 'b.json'}: the same samples of a as in {tmp_path / 'a.json'}: keep one of the two",
    )


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(f"{tmp_path / 'gone'} does not exist")):
        load([tmp_path / "gone"])


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a=text_of("a"))
    closed = write(tmp_path / "closed", b=text_of("b"))
    look = os.scandir

    def refusing(place: object) -> object:
        if str(place) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(closed))
        return look(place)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=re.escape(f"cannot read the folder {closed}: Permission denied")):
        load([tmp_path])


def test_a_folder_without_records_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \*.json there"):
        load([tmp_path])


def test_where_nothing_is_good_the_first_fault_is_the_error(tmp_path: Path) -> None:
    write(tmp_path, a="{", b="[", c="")
    with pytest.raises(InputError, match=r"a\.json: not JSON: .* \(and 2 more files"):
        load([tmp_path])


def test_an_unknown_id_is_told_with_those_like_it() -> None:
    with pytest.raises(InputError, match="did you mean paper-stepcoder-apps-plus"):
        find_record(load(), "stepcoder-apps-plus")


def test_ten_thousand_records_load(tmp_path: Path) -> None:
    write(tmp_path, **{f"r{i}": text_of(f"r{i}") for i in range(10_000)})
    assert len(load([tmp_path]).records) == 10_000


# ---- add


def test_a_record_is_copied_under_its_id_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(text_of("a").encode() + b"\r\n\n")
    [path] = add([tmp_path / "mine.json"], tmp_path / "new" / "results")
    assert path == tmp_path / "new" / "results" / "a.json"
    assert path.read_bytes() == text_of("a").encode() + b"\r\n\n"


def test_what_can_be_read_only_once_is_added_whole(tmp_path: Path) -> None:
    """As ``add <(make-a-record)`` has it."""
    reader, writer = os.pipe()
    os.write(writer, text_of("a").encode())
    os.close(writer)
    [path] = add([Path(f"/dev/fd/{reader}")], tmp_path)
    os.close(reader)
    assert path.read_text() == text_of("a")


@pytest.mark.parametrize("why", ["id", "run", "numbers", "interval", "categories"])
def test_what_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, why: str) -> None:
    folder = tmp_path / "results"
    model = ModelFacts(id="m")
    write(folder, there=dump_record(numbered(0.5, "there", model=model, samples=samples_file())))
    bad = {
        "id": (numbered(0.7, "there"), "its id there is that of"),
        "run": (numbered(0.5, "again", model=model, samples=samples_file()), "the same samples of m as in"),
        "numbers": (
            solved([1, 0], "odd", scores=numbered(0.9).scores),
            "its numbers are inconsistent: pass@1 of overall is 90.0%, its problems give 50.0",
        ),
        "interval": (
            solved([1, 0] * 82, "odd", scores=[TierScore(value=0.5, ci95=(0.4999, 0.5001), method="measured twice")]),
            "its interval and the one that its problems give differ",
        ),
        "categories": (
            solved([1, 0], "odd", categories={"overall": {"passed": 1_000}}),
            "its numbers are inconsistent: categories: overall has 1000 of 1000 samples passed, "
            "its problems have 1 of 2",
        ),
    }
    record, message = bad[why]
    write(tmp_path, good=dump_record(numbered(0.1, "good")), bad=dump_record(record))
    with pytest.raises(InputError, match=re.escape(message)):
        add([tmp_path / "good.json", tmp_path / "bad.json"], folder)
    assert [path.name for path in folder.iterdir()] == ["there.json"]


def test_two_of_one_id_are_not_added_together(tmp_path: Path) -> None:
    write(tmp_path, x=text_of("a"), y=text_of("a"))
    with pytest.raises(InputError, match="its id a is that of"):
        add([tmp_path / "x.json", tmp_path / "y.json"], tmp_path / "results")


def test_a_file_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    folder = write(tmp_path / "results", a="{", b=text_of("b"))
    write(tmp_path, mine=text_of("a"))
    with pytest.raises(InputError, match="exists and is not a valid record"):
        add([tmp_path / "mine.json"], folder)
    assert (folder / "a.json").read_text() == "{"
