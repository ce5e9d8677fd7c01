"""A build may replace the finished dataset in its folder only if it has the same problems and options."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from raw_problems import LIMITS, doubling, write_raw

from apps_plus.errors import InputError
from apps_plus.raw import open_raw
from curation.build import BuildOptions, build
from curation.build_checks import digest_of, note_origin, read_origin, refuse_to_replace, resolve_raw

DECISION = {"problem_id": "train/0000", "item_digest": "x", "action": "skip", "reviewer": "ada", "time": "2026-01-02"}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with two problems (``raw``) and the dataset made of them (``out``)."""
    place = tmp_path_factory.mktemp("replacing")
    write_raw(place / "raw", {f"{number:04d}": doubling(number) for number in range(2)})
    build(BuildOptions(place / "raw", place / "out", workers=1, limits=LIMITS))
    return place


@pytest.fixture
def here(place, tmp_path) -> Path:
    """A copy of it, whose note of where RAW lay is as a build here would have left it."""
    shutil.copytree(place, tmp_path / "here")
    place = tmp_path / "here"
    origin, digest = read_origin(place / "out")
    note_origin(place / "out/.build", replace(origin, place=resolve_raw(place / "raw")), {"input": {"sha256": digest}})
    return place


def options(here: Path, raw: str = "raw", **others: object) -> BuildOptions:
    return BuildOptions(here / raw, here / "out", workers=1, limits=LIMITS, **others)


def released(here: Path) -> int:
    return json.loads((here / "out/manifest.json").read_text())["input"]["problems"]


def test_the_same_command_may_run_again(here):
    assert build(options(here))["input"]["problems"] == 2


def test_the_same_command_brings_in_what_changed_in_raw(here):
    write_raw(here / "raw", {"0002": doubling(2)})
    assert build(options(here))["input"]["problems"] == 3


def test_another_resolve_raw_the_same_problems_is_the_same_dataset(here):
    (here / "raw").rename(here / "moved")
    build(options(here, "moved"))


def test_other_problems_are_refused_and_both_are_named(here):
    write_raw(here / "other", {f"{number:04d}": doubling(number + 5) for number in range(2)})
    before = (here / "out/train.jsonl").read_bytes()
    with pytest.raises(InputError, match=r"made from raw \(2 problems\), this one would be from other \(2 problems\)"):
        build(options(here, "other"))
    assert (here / "out/train.jsonl").read_bytes() == before


def test_another_folder_of_the_same_name_is_other_problems(here):
    write_raw(here / "there/raw", {f"{number:04d}": doubling(number + 5) for number in range(2)})
    with pytest.raises(InputError, match="--replace it"):
        build(options(here, "there/raw"))


@pytest.mark.parametrize("others", [{"limit": 1}, {"limit": 1, "shard": (1, 2)}, {"limit": 1, "fresh": True}])
def test_another_limit_is_refused(here, others):
    with pytest.raises(InputError, match=r"this one would be from raw \(1 problems, --limit 1\)"):
        build(options(here, **others))
    assert released(here) == 2


def test_a_limit_that_leaves_out_nothing_is_the_same_dataset(here):
    build(options(here, limit=2))


def test_replace_replaces_it_and_keeps_what_reviewers_decided(here):
    (here / "out/decisions").mkdir()
    (here / "out/decisions/ada.jsonl").write_text(json.dumps(DECISION) + "\n")
    build(options(here, limit=1, replace=True))
    assert released(here) == 1
    assert (here / "out/decisions/ada.jsonl").read_text() == json.dumps(DECISION) + "\n"
    with pytest.raises(InputError, match="--replace it"):
        build(options(here))


def test_new_decisions_make_no_other_dataset(here):
    (here / "theirs").mkdir()
    (here / "theirs/ada.jsonl").write_text(json.dumps(DECISION) + "\n")
    assert build(options(here, decisions=here / "theirs"))["decisions"]["count"] == 1


def test_an_unfinished_build_is_no_dataset_to_lose(here):
    (here / "out/manifest.json").unlink()
    build(options(here, limit=1))


def test_a_copy_without_its_journal_knows_raw_by_name(here):
    shutil.rmtree(here / "out/.build")
    write_raw(here / "other", {"0000": doubling(7)})
    with pytest.raises(InputError, match="--replace it"):
        build(options(here, "other"))
    build(options(here))


def test_a_manifest_of_somebody_elses_is_never_replaced(here):
    (here / "out/manifest.json").write_text('{"name": "my extension"}')
    with pytest.raises(InputError, match="is none that a build wrote"):
        build(options(here))


def test_another_limit_of_shared_lines_is_another_dataset(here):
    origin, _ = read_origin(here / "out")
    raw = open_raw(here / "raw")
    refuse_to_replace(here / "out", raw, raw.ids(), origin)
    with pytest.raises(InputError, match=r"2 problems, --drop-overlap 0.5\)"):
        refuse_to_replace(here / "out", raw, raw.ids(), replace(origin, overlap={"above": 0.5}))


def test_another_sample_is_another_dataset_unless_it_has_the_same_problems(here):
    origin, _ = read_origin(here / "out")
    raw = open_raw(here / "raw")
    refuse_to_replace(here / "out", raw, raw.ids()[:2], replace(origin, sample=2))
    with pytest.raises(InputError, match=r"1 problems, --sample 1\)"):
        refuse_to_replace(here / "out", raw, raw.ids()[:1], replace(origin, n_problems=1, sample=1))


def test_the_digest_is_that_of_the_manifest(here):
    assert digest_of(open_raw(here / "raw"), open_raw(here / "raw").ids()[:2]) == read_origin(here / "out")[1]


def test_statements_without_tests_and_solutions_are_no_apps(tmp_path):
    (tmp_path / "qa.jsonl").write_text('{"problem_id": 1, "question": "Why?", "answer": "42"}\n')
    with pytest.raises(InputError, match=r"none of the 1 problems in qa.jsonl has solutions or tests"):
        build(BuildOptions(tmp_path / "qa.jsonl", tmp_path / "out", workers=1))
    assert not (tmp_path / "out").exists()


SETTINGS = {"version": 1, "tests": 15, "seed": 0}


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        (None, SETTINGS, False),
        (SETTINGS, SETTINGS | {"version": 2}, False),  # a later version makes the same tests better
        (SETTINGS, SETTINGS | {"seed": 1}, True),
        (SETTINGS, SETTINGS | {"tests": 20}, True),
        (SETTINGS, None, True),
    ],
)
def test_other_generated_tests_are_another_dataset(here, old, new, refused):
    path = here / "out/manifest.json"
    manifest = json.loads(path.read_text()) | ({"strengthen": old} if old else {})
    path.write_text(json.dumps(manifest))
    origin, _ = read_origin(here / "out")
    with pytest.raises(InputError, match="--replace") if refused else nullcontext():
        refuse_to_replace(
            here / "out", open_raw(here / "raw"), open_raw(here / "raw").ids(), replace(origin, strengthen=new)
        )


def test_damaged_settings_of_generated_tests_are_a_damaged_manifest(here):
    path = here / "out/manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"strengthen": {"tests": 15}}))
    with pytest.raises(InputError, match="none that a build wrote"):
        read_origin(here / "out")
