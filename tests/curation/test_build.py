"""A build, end to end: on the bundled sample, and on small raw data that is interrupted, shared out and broken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from raw_problems import LIMITS, doubling, write_raw

import apps_plus
from apps_plus.errors import BusyError, InputError, OutputError
from apps_plus.problem import sha256_of
from apps_plus.raw import open_raw
from apps_plus.selection import draw_sample
from apps_plus.storage import lock
from curation.build import build
from curation.build_options import BuildOptions, BuildProgress
from curation.cli import build_notes, counts_before, lost_columns, parse_decisions
from curation.console import compared_as
from curation.records import Reason
from curation.review_decisions import Action, Changes, Decision, append_decision
from harness.judging.repair_program import REPAIRS
from harness.sandbox.cache import ExecutionCache


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def last_verified(seen: list[BuildProgress]) -> BuildProgress:
    return [progress for progress in seen if progress.stage == "verify"][-1]


def decision(row: dict, action: Action, **fields) -> Decision:
    return Decision(row["problem_id"], row["item_digest"], action, "ada", "2026-01-02T03:04:05Z", **fields)


# ---- the sample


def test_every_raw_problem_ends_in_exactly_one_outcome(sample_build, rows):
    ledger = rows(sample_build / "ledger.jsonl")
    assert [row["problem_id"] for row in ledger] == list(open_raw(None).ids())
    assert {row["outcome"] for row in ledger} == {"kept", "corrected", "dropped", "needs_review"}
    released = sum(len(rows(sample_build / f"{split}.jsonl")) for split in ("train", "validation", "test"))
    assert released == sum(row["outcome"] in ("kept", "corrected") for row in ledger)
    assert all(row["reasons"] for row in ledger if row["outcome"] in ("dropped", "needs_review"))


def test_every_reason_occurs_in_the_sample(sample_build, rows):
    given = {reason for row in rows(sample_build / "ledger.jsonl") for reason in row["reasons"]}
    by_a_person = {str(Reason.BAD_INPUT)}  # no rule gives it
    assert {str(reason) for reason in Reason} - by_a_person <= given


def test_every_repair_occurs_in_the_sample(sample_build, rows):
    findings = rows(sample_build / "findings.jsonl")
    used = {name for row in findings if row["code"] == "repaired" for name in row["evidence"]["repairs"]}
    assert used == set(REPAIRS)


def test_most_of_the_sample_is_sound(sample_build, rows):
    ledger = rows(sample_build / "ledger.jsonl")
    assert sum(row["outcome"] == "kept" for row in ledger) > len(ledger) / 2
    assert {row["difficulty"] for row in ledger} == {"introductory", "interview", "competition"}


def test_a_released_canonical_solution_passes_its_own_tests(sample_build):
    from harness.judging.judge import judge
    from harness.judging.verdict import Verdict
    from harness.sandbox import Sandbox

    with Sandbox() as sandbox:
        for problem in apps_plus.load(sample_build).train:
            judged = judge(sandbox, problem.canonical_solution, problem, LIMITS)
            assert {item.verdict for item in judged} == {Verdict.PASSED}, problem.problem_id


def test_a_build_loads_with_datasets(sample_build, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(sample_build), cache_dir=str(tmp_path))
    ours = apps_plus.load(sample_build)
    assert {name: len(split) for name, split in loaded.items()} == {name: len(ours[name]) for name in loaded}
    assert json.loads(loaded["train"][0]["tests"])["inputs"] == list(ours.train[0].tests.inputs)
    assert loaded["train"][0]["conditionals"][0]["kind"] == ours.train[0].conditionals[0].kind


def test_the_problem_with_integer_keys_is_released_with_them(sample_build):
    problems = [p for split in ("train", "validation", "test") for p in apps_plus.load(sample_build)[split]]
    assert [p.problem_id for p in problems if p.dict_keys == "int"] == ["train/0038"]


def test_how_outputs_are_compared_is_released_and_explained(tmp_path, rows):
    halving = {"inputs": ["1\n", "6\n"], "outputs": ["0.5\n", "3\n"]}
    asking = {"inputs": ["1\n", "2\n"], "outputs": ["NO\n", "YES\n"]}
    raw = write_raw(
        tmp_path / "raw",
        {
            "0000": {
                "question.txt": "Print half the number. An absolute error of at most $10^{-2}$ is allowed.",
                "input_output.json": halving,
                "solutions.json": ["print(int(input()) / 2 + 0.001)", "print(int(input()) / 2)"],
            },
            "0001": {
                "question.txt": "Is the number even? You can print each letter in any case (upper or lower).",
                "input_output.json": asking,
                "solutions.json": ["print(['yes', 'no'][int(input()) % 2])", "print(['YES', 'NO'][int(input()) % 2])"],
            },
        },
    )
    build(BuildOptions(raw, tmp_path / "out", workers=1, limits=LIMITS))
    dataset = apps_plus.load(tmp_path / "out")
    problems = {p.problem_id: p for split in ("train", "validation", "test") for p in dataset[split]}
    half, even = problems["train/0000"], problems["train/0001"]
    assert (half.comparison, half.tolerance, half.tolerance_kind) == ("float", 1e-2, "absolute")
    assert half.canonical_solution.endswith("+ 0.001)")
    assert (even.comparison, even.tolerance_kind) == ("case", "")
    ledger = {row["problem_id"]: row for row in rows(tmp_path / "out/ledger.jsonl")}
    assert compared_as(ledger["train/0000"]) == "float (0.01, absolute)"
    assert compared_as(ledger["train/0001"]) == "case"
    assert compared_as({"comparison": "float"}) == "float"
    details = [row["detail"] for row in rows(tmp_path / "out/findings.jsonl") if row["code"] == "comparison"]
    assert details == [
        "compared as float: the statement allows an error of 0.01, absolute",
        "compared as case: the statement lets letters come in any case",
    ]


def test_the_card_and_the_manifest_have_the_same_counts(sample_build):
    manifest = json.loads((sample_build / "manifest.json").read_text())
    card = (sample_build / "README.md").read_text()
    assert f"| **released** | {' | '.join(str(n) for n in manifest['counts']['released'].values())} |" in card
    for reason in manifest["counts"]["dropped"]:
        assert f"`{reason}`" in card


# ---- the same again


@pytest.mark.worker_processes
def test_the_number_of_workers_changes_no_byte(raw, tmp_path):
    build(BuildOptions(raw, tmp_path / "one", workers=1))
    build(BuildOptions(raw, tmp_path / "three", workers=3))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "three")


@pytest.fixture
def unruly(tmp_path) -> Path:
    """Sound problems, and programs that chance, an earlier call, the clock, a repair or a reviewer decides about."""
    solutions = {
        "0000": doubling(0)["solutions.json"],
        "0001": ["import random\ndef f(x):\n    return random.random()\n", *doubling(1)["solutions.json"]],
        "0002": ["calls = []\ndef f(x):\n    calls.append(x)\n    return 2 * x + 2 + 9 * (len(calls) > 1)\n"],
        "0003": ["def f(x):\n    while x > 1: pass\n    return 2 * x + 3\n", *doubling(3)["solutions.json"]],
        "0004": ["def f(x):\n    print 'debug'\n    return 2 * x + 4\n", "def f(x):\n    return gcd(x, 1)\n"],
        "0005": ["def f(x):\n    return [] * x\n", "def f(:\n", "def g(x):\n    return x\n"],
        "0006": [f"def f(x):\n    return 2 * x + 7  # {name}\n" for name in "abcde"],
    }
    problems = {name: doubling(int(name), **{"solutions.json": given}) for name, given in solutions.items()}
    problems["0007"] = doubling(7) | {
        "input_output.json": {"inputs": ["1\n", "2\n"], "outputs": ["8\n", "9\n"]},
        "solutions.json": ["print(int(input()) + 7)\n", "import time\nprint(time.time_ns())\n"],
    }
    return write_raw(tmp_path / "unruly", problems)


@pytest.mark.worker_processes
def test_a_cache_changes_no_byte_be_it_cold_or_warm(unruly, tmp_path, rows):
    limits = replace(LIMITS, cpu_seconds=0.3)
    files, uses = [], []
    for name in ("without", "cold", "warm"):
        cache = None if name == "without" else ExecutionCache(tmp_path / "cache")
        out = tmp_path / name
        options = BuildOptions(unruly, out, workers=2 if name == "cold" else 1, limits=limits, cache=cache)
        build(options)
        row = row_of(out, rows, "train/0006")
        changes = Changes(outputs={str(test): str(2 * x + 7) for test, x in enumerate((1, 5, -2))})
        append_decision(out / "decisions", decision(row, Action.CORRECT, changes=changes))
        build(options)
        files.append(files_of(out))
        uses.append(cache and (cache.use.hits, cache.use.misses))
    assert files[0] == files[1] == files[2]
    outcomes = {row["outcome"] for row in rows(tmp_path / "warm/ledger.jsonl")}
    assert outcomes >= {"kept", "corrected", "dropped"}
    asked = sum(uses[1])
    assert sum(uses[2]) == asked
    timeouts = asked - uses[2][0]
    assert 0 < timeouts < 5, "all but the timeouts are known"


def test_a_second_build_verifies_nothing_again(raw, tmp_path):
    build(BuildOptions(raw, tmp_path / "out"))
    before = files_of(tmp_path / "out")
    seen: list[BuildProgress] = []
    build(BuildOptions(raw, tmp_path / "out"), seen.append)
    assert [p for p in seen if p.stage == "verify"] == [BuildProgress("verify", 8, 8, reused=8)]
    assert files_of(tmp_path / "out") == before


def test_fresh_verifies_everything_again(raw, tmp_path):
    build(BuildOptions(raw, tmp_path / "out"))
    seen: list[BuildProgress] = []
    build(BuildOptions(raw, tmp_path / "out", fresh=True), seen.append)
    assert last_verified(seen).reused == 0
    assert sum(p.stage == "verify" and bool(p.problem_id) for p in seen) == 8


def test_a_changed_problem_is_verified_again_and_the_others_are_not(raw, tmp_path):
    build(BuildOptions(raw, tmp_path / "out"))
    (raw / "train/0003/question.txt").write_text("Return the number doubled and three added.")
    seen: list[BuildProgress] = []
    build(BuildOptions(raw, tmp_path / "out"), seen.append)
    assert [p.problem_id for p in seen if p.stage == "verify" and p.problem_id] == ["train/0003"]


@pytest.mark.worker_processes
def test_a_killed_build_goes_on_where_it_was(raw, tmp_path, rows):
    slow = "import time\ndef f(x):\n    time.sleep(0.1)\n    return 2 * x + {}\n"
    for number in range(8):
        (raw / f"train/{number:04d}/solutions.json").write_text(json.dumps([slow.format(number)]))
    command = [
        sys.executable,
        "-m",
        "apps_plus.cli",
        "build",
        str(raw),
        "--out",
        str(tmp_path / "out"),
        "--workers",
        "1",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=tmp_path)
    journal = tmp_path / "out/.build/verified.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out/manifest.json").exists()
    done = journal.read_bytes().count(b"\n")
    seen: list[BuildProgress] = []
    build(BuildOptions(raw, tmp_path / "out"), seen.append)
    assert 0 < last_verified(seen).reused >= done
    assert len(rows(tmp_path / "out/ledger.jsonl")) == 8


def test_ctrl_c_says_how_to_go_on_and_exits_with_130(raw, tmp_path):
    (raw / "train/0000/solutions.json").write_text(json.dumps(["import time\ndef f(x):\n    time.sleep(60)\n"]))
    command = [sys.executable, "-m", "apps_plus.cli", "build", str(raw), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    journal = tmp_path / "out/.build/verified.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command resumes it" in stderr.splitlines()[-1]
    assert "Traceback" not in stderr


def test_shards_come_together(raw, tmp_path):
    build(BuildOptions(raw, tmp_path / "whole"))
    shared = [build(BuildOptions(raw, tmp_path / "out", shard=(i, 3)))["verified"] for i in (1, 2, 3)]
    assert sum(shared) == 8
    assert not (tmp_path / "out/manifest.json").exists()
    seen: list[BuildProgress] = []
    build(BuildOptions(raw, tmp_path / "out"), seen.append)
    assert not [p for p in seen if p.stage == "verify" and p.problem_id]
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


# ---- decisions


@pytest.fixture
def disputed(tmp_path) -> Path:
    """Three problems; in 0001 all of five solutions agree against one expected output."""
    wrong = doubling(1)
    wrong["input_output.json"]["outputs"][1] = [12]
    wrong["solutions.json"] = [f"def f(x):\n    return 2 * x + 1  # {name}\n" for name in "abcde"]
    return write_raw(tmp_path / "disputed", {"0000": doubling(0), "0001": wrong, "0002": doubling(2)})


def row_of(out: Path, rows, problem_id: str) -> dict:
    return next(row for row in rows(out / "ledger.jsonl") if row["problem_id"] == problem_id)


def test_a_disputed_test_needs_review(disputed, tmp_path, rows):
    build(BuildOptions(disputed, tmp_path / "out"))
    row = row_of(tmp_path / "out", rows, "train/0001")
    assert (row["outcome"], row["reasons"]) == ("needs_review", ["output_mismatch"])
    (item,) = rows(tmp_path / "out/review.jsonl")
    assert item["suggestion"]["outputs"] == {"1": "11"}
    assert item["suggestion"]["votes"] == "5/5"
    assert item["item_digest"] == row["item_digest"]


def test_a_correction_is_verified_and_released(disputed, tmp_path, rows):
    out = tmp_path / "out"
    build(BuildOptions(disputed, out))
    row = row_of(out, rows, "train/0001")
    append_decision(
        out / "decisions", decision(row, Action.CORRECT, changes=Changes(outputs={"1": "11"}), note="adds up")
    )
    build(BuildOptions(disputed, out))
    after = row_of(out, rows, "train/0001")
    assert (after["outcome"], after["decisions"][0]["reviewer"]) == ("corrected", "ada")
    problems = [p for split in ("train", "validation", "test") for p in apps_plus.load(out)[split]]
    released = next(p for p in problems if p.problem_id == "train/0001")
    assert released.tests.outputs == (3, 11, -3)
    details = [f["detail"] for f in rows(out / "findings.jsonl") if f["code"] == "decision"]
    assert details == ["correct (output of test 1) by ada (2026-01-02T03:04:05Z): adds up"]


def test_a_correction_that_no_solution_passes_goes_back_to_the_queue(disputed, tmp_path, rows):
    out = tmp_path / "out"
    build(BuildOptions(disputed, out))
    row = row_of(out, rows, "train/0001")
    append_decision(out / "decisions", decision(row, Action.CORRECT, changes=Changes(outputs={"1": "13"})))
    build(BuildOptions(disputed, out))
    assert row_of(out, rows, "train/0001")["outcome"] == "needs_review"


def test_a_checker_can_decide(disputed, tmp_path, rows):
    out = tmp_path / "out"
    build(BuildOptions(disputed, out))
    checker = "def check(given, expected, actual):\n    return abs(actual - expected) <= 1\n"
    row = row_of(out, rows, "train/0001")
    changes = Changes(comparison="checker", checker=checker)
    append_decision(out / "decisions", decision(row, Action.CORRECT, changes=changes))
    build(BuildOptions(disputed, out))
    problems = [p for split in ("train", "validation", "test") for p in apps_plus.load(out)[split]]
    released = next(p for p in problems if p.problem_id == "train/0001")
    assert (released.comparison, released.checker) == ("checker", checker)


def test_decisions_carry_to_another_build(disputed, tmp_path, rows):
    first, second = tmp_path / "first", tmp_path / "second"
    build(BuildOptions(disputed, first))
    row = row_of(first, rows, "train/0001")
    append_decision(first / "decisions", decision(row, Action.DROP, reason="output_mismatch"))
    build(BuildOptions(disputed, first))
    build(BuildOptions(disputed, second, decisions=first / "decisions"))
    assert files_of(first) == files_of(second)
    assert row_of(second, rows, "train/0001")["outcome"] == "dropped"


def test_a_decision_on_an_item_that_changed_since_is_stale(disputed, tmp_path, rows):
    out = tmp_path / "out"
    build(BuildOptions(disputed, out))
    row = row_of(out, rows, "train/0001")
    append_decision(out / "decisions", decision(row, Action.DROP, reason="output_mismatch"))
    (disputed / "train/0001/question.txt").write_text("Return the number doubled and one added.")
    build(BuildOptions(disputed, out))
    assert row_of(out, rows, "train/0001")["outcome"] == "needs_review"
    assert "stale_decision" in {f["code"] for f in rows(out / "findings.jsonl")}


def test_decisions_that_ship_are_replayed_unless_the_build_leaves_them_out(disputed, tmp_path, rows, monkeypatch):
    build(BuildOptions(disputed, tmp_path / "out"))
    row = row_of(tmp_path / "out", rows, "train/0001")
    changes = Changes(outputs={"1": "11"})
    ships = replace(decision(row, Action.CORRECT, changes=changes), item_digest="", raw_digest=row["raw_digest"])
    monkeypatch.setattr("curation.build.read_shipped_decisions", lambda: [ships, replace(ships, problem_id="train/9")])
    first, second, without = (BuildOptions(disputed, tmp_path / name) for name in ("first", "second", "without"))
    manifest = build(first)
    assert {**manifest["decisions"]["shipped"], "sha256": ""} == {"count": 2, "unused": 1, "stale": 0, "sha256": ""}
    assert build_notes(manifest) == []
    assert row_of(first.out, rows, "train/0001")["outcome"] == "corrected"
    assert not rows(first.out / "review.jsonl")
    build(second)
    assert files_of(first.out) == files_of(second.out)
    assert build(replace(without, shipped_decisions=False))["decisions"]["shipped"] is None
    assert row_of(without.out, rows, "train/0001")["outcome"] == "needs_review"


def test_decisions_that_ship_for_other_tests_of_a_problem_are_stale_and_change_nothing(
    raw, tmp_path, rows, monkeypatch
):
    statement = sha256_of((raw / "train/0003/question.txt").read_text())[:8]
    ships = Decision("train/0003", "", Action.DROP, "pass-1", "2024-05-01", "bad_input", raw_digest=f"{statement}-0")
    elsewhere = replace(ships, raw_digest="00000000-0", problem_id="train/0002")
    monkeypatch.setattr("curation.build.read_shipped_decisions", lambda: [ships, elsewhere])
    manifest = build(BuildOptions(raw, tmp_path / "out"))
    assert (manifest["decisions"]["shipped"]["stale"], manifest["decisions"]["shipped"]["unused"]) == (1, 1)
    assert row_of(tmp_path / "out", rows, "train/0003")["outcome"] == "kept"
    stale = [f["problem_id"] for f in rows(tmp_path / "out/findings.jsonl") if f["code"] == "stale_decision"]
    assert stale == ["train/0003"]
    assert "raw data differ" in build_notes(manifest)[0]


def test_decisions_none_and_a_folder_may_be_given_together():
    assert parse_decisions(None) == (None, True)
    assert parse_decisions(["none"]) == (None, False)
    assert parse_decisions(["theirs", "none"]) == (Path("theirs"), False)
    with pytest.raises(typer.BadParameter, match="give one folder"):
        parse_decisions(["one", "two"])


# ---- bad input


def test_two_builds_in_one_folder_at_once_are_refused(raw, tmp_path):
    with lock(tmp_path / "out/.build/lock"), pytest.raises(BusyError, match="another run is using"):
        build(BuildOptions(raw, tmp_path / "out"))


def test_a_shard_and_a_whole_build_at_once_are_refused(raw, tmp_path):
    with lock(tmp_path / "out/.build/lock-1-of-2"), pytest.raises(BusyError):
        build(BuildOptions(raw, tmp_path / "out"))


def test_a_full_disk_loses_nothing(raw, tmp_path, monkeypatch):
    written = os.pwrite
    count = 0

    def full_after_three(fd: int, data: bytes, offset: int) -> int:
        nonlocal count
        count += b'"key"' in bytes(data[:10])
        if count > 3:
            raise OSError(28, "No space left on device")
        return written(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", full_after_three)
    with pytest.raises(OutputError, match="No space left on device: free some space and run the same command again"):
        build(BuildOptions(raw, tmp_path / "out"))
    monkeypatch.undo()
    seen: list[BuildProgress] = []
    manifest = build(BuildOptions(raw, tmp_path / "out"), seen.append)
    assert last_verified(seen).reused == 3
    assert manifest["counts"]["released"]["total"] == 8


def test_broken_problems_are_findings_not_crashes(tmp_path, rows):
    raw = write_raw(
        tmp_path / "raw",
        {
            "0000": doubling(0),
            "0001": doubling(1, **{"input_output.json": '{"inputs": [[1]'}),
            "0002": doubling(2, **{"solutions.json": "[1, 2]"}),
            "0003": doubling(3, **{"metadata.json": "{"}),
            "0004": doubling(4, **{"input_output.json": {"fn_name": "f", "inputs": [1], "outputs": [2]}}),
            "0005": doubling(5, **{"input_output.json": {"inputs": [{}], "outputs": ["x"]}}),
            "0006": doubling(6, **{"input_output.json": "[" * 100_000}),
        },
    )
    (raw / "train/0000/starter_code.py").write_bytes(b"\xff\xfe")
    build(BuildOptions(raw, tmp_path / "out"))
    outcomes = {row["problem_id"]: row["reasons"] for row in rows(tmp_path / "out/ledger.jsonl")}
    assert outcomes == {
        "train/0000": ["raw_defect"],
        "train/0001": ["malformed_json"],
        "train/0002": ["malformed_json"],
        "train/0003": ["raw_defect"],
        "train/0004": ["malformed_json"],
        "train/0005": ["malformed_json"],
        "train/0006": ["malformed_json"],
    }
    defects = [f["problem_id"] for f in rows(tmp_path / "out/findings.jsonl") if f["code"] == "raw_defect"]
    assert set(defects) == {"train/0000", "train/0003"}


def test_an_empty_dataset_is_refused(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match="no problems in"):
        build(BuildOptions(tmp_path / "raw", tmp_path / "out"))


def test_if_no_solution_has_time_for_all_tests_one_gets_it(tmp_path, rows):
    slow = "import time\ndef f(x):\n    end = time.process_time() + 0.1\n"
    slow += "    while time.process_time() < end: pass\n    return x\n"
    tests = {"fn_name": "f", "inputs": [[i] for i in range(6)], "outputs": [[i] for i in range(6)]}
    slow_problem = doubling(0, **{"input_output.json": tests, "solutions.json": [slow, slow + "# another\n"]})
    raw = write_raw(tmp_path / "raw", {"0000": slow_problem})
    build(BuildOptions(raw, tmp_path / "out", limits=replace(LIMITS, program_seconds=0.25)))
    (row,) = rows(tmp_path / "out/ledger.jsonl")
    assert (row["outcome"], row["canonical"], row["solutions"]) == ("kept", 0, {"passed": 1, "unfinished": 1})


@pytest.mark.parametrize(
    "changes, told",
    [
        (Changes(outputs={"7": "11"}), "corrects test 7 of train/0001, but there is no test 7"),
        (Changes(outputs={"1": "eleven"}), "corrects test 1 of train/0001, but the output is not JSON"),
        (Changes(comparison="checker", checker="def check("), "checker that a decision gives train/0001 does not work"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_named(disputed, tmp_path, rows, changes, told):
    out = tmp_path / "out"
    build(BuildOptions(disputed, out))
    row = row_of(out, rows, "train/0001")
    append_decision(out / "decisions", decision(row, Action.CORRECT, changes=changes))
    with pytest.raises(InputError, match=told):
        build(BuildOptions(disputed, out))


def test_a_build_overwrites_neither_raw_data_nor_other_files(raw, tmp_path):
    with pytest.raises(InputError, match="is where the raw data lies"):
        build(BuildOptions(raw, raw))
    (tmp_path / "project").mkdir()
    (tmp_path / "project/README.md").write_text("mine")
    with pytest.raises(InputError, match=r"holds README.md, which no build wrote"):
        build(BuildOptions(raw, tmp_path / "project"))
    assert (tmp_path / "project/README.md").read_text() == "mine"


def test_a_problem_that_a_reviewer_keeps_is_not_dropped_as_a_duplicate(tmp_path, rows):
    words = " ".join(f"word{n}" for n in "abcdefghijklmnopqrstuvwxyz") + " "
    twin = doubling(0, **{"question.txt": words * 8})
    raw, out = write_raw(tmp_path / "raw", {"0000": twin, "0001": twin}), tmp_path / "out"
    build(BuildOptions(raw, out))
    row = row_of(out, rows, "train/0001")
    assert row["reasons"] == ["near_duplicate"]
    append_decision(out / "decisions", decision(row, Action.KEEP))
    build(BuildOptions(raw, out))
    assert row_of(out, rows, "train/0001")["outcome"] == "kept"


def test_a_program_whose_tree_cannot_be_read_is_released_without_conditionals(tmp_path, rows):
    source = "def f(x):\n    if x == 0: return 0\n" + "".join(
        f"    elif x == {n}: return {n}\n" for n in range(1, 2970)
    )
    tests = {"fn_name": "f", "inputs": [[1], [2]], "outputs": [[1], [2]]}
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0, **{"input_output.json": tests, "solutions.json": [source]})})
    build(BuildOptions(raw, tmp_path / "out"))
    (row,) = rows(tmp_path / "out/ledger.jsonl")
    assert row["outcome"] in ("kept", "dropped")


def test_messages_hold_no_address_and_no_path_of_this_machine(tmp_path, rows):
    source = "class A: pass\ndef f(x):\n    from fractions import gcd\n    raise KeyError(A())\n"
    other = "class A: pass\ndef f(x):\n    raise KeyError(A())\n"
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0, **{"solutions.json": [source, other]})})
    build(BuildOptions(raw, tmp_path / "out"))
    findings = (tmp_path / "out/findings.jsonl").read_text()
    assert "0x" not in findings
    assert "fractions.py" not in findings
    assert "cannot import name 'gcd' from 'fractions'" in findings


def test_a_build_with_an_empty_split_loads_with_datasets(raw, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    build(BuildOptions(raw, tmp_path / "out", limit=1))
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert sum(map(len, loaded.values())) == 1


def test_a_sample_is_built_and_recorded(raw, tmp_path, rows):
    manifest = build(BuildOptions(raw, tmp_path / "out", workers=1, sample=3))
    assert (manifest["sample"], manifest["limit"], manifest["input"]["problems"]) == (3, None, 3)
    ids = [row["problem_id"] for row in rows(tmp_path / "out/ledger.jsonl")]
    strata = {problem.problem_id: (problem.split, problem.difficulty) for problem in open_raw(raw)}
    assert ids == [problem_id for problem_id in strata if problem_id in draw_sample(strata, 3)]
    assert "--out DIR --sample 3" in (tmp_path / "out/README.md").read_text()


def test_columns_that_a_new_build_lost_are_named_with_their_commands(sample_build, tmp_path):
    assert counts_before(tmp_path) == {}
    counts = counts_before(sample_build)
    measured = {**counts, "strength": {}, "solve_rates": {}}
    assert lost_columns(sample_build, counts, {"counts": counts}) == []
    assert lost_columns(sample_build, measured, {"counts": measured}) == []
    assert lost_columns(sample_build, measured, {"shard": "1/2"}) == []
    strength, difficulty = lost_columns(sample_build, measured, {"counts": counts})
    assert f"apps-plus strength on {sample_build}" in strength
    assert f"apps-plus difficulty on {sample_build}" in difficulty
