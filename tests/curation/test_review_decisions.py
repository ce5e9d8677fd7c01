"""Reviewers' files: written, read back, merged, and what they amount to. Every decision here is invented."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.errors import BuildFolderError, InputError, OutputError
from curation.review_decisions import (
    Action,
    Changes,
    Decision,
    Resolution,
    Standing,
    append_decision,
    encode_line,
    import_decisions,
    parse_decision,
    read_decisions,
    resolve,
)

ITEM = "d1g3st"
PROBLEM = "train/0001"


def decision(action: str = "keep", reviewer: str = "ada", time: str = "2024-05-01T10:00:00Z", **more: Any) -> Decision:
    return Decision(PROBLEM, ITEM, Action(action), reviewer, time, **more)


def at(minute: int, action: str, reviewer: str = "ada", **more: Any) -> Decision:
    return decision(action, reviewer, f"2024-05-01T10:{minute:02}:00Z", **more)


def row(**changed: Any) -> dict[str, Any]:
    """A line of a reviewer's file, with some fields changed."""
    return {**json.loads(json.dumps(decision().to_row())), **changed}


def standing(*decisions: Decision, digest: str = ITEM) -> Standing:
    return resolve(decisions, PROBLEM, digest).standing


# ---- one reviewer's file


def test_a_decision_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = decision(
        "correct",
        note="line 2 was cut: “…”\n\x1b[31m",
        changes=Changes(
            {"0": "5\n", "12": "[1]"}, "checker", 3, "def check(a, b, c):\n    return True\n", {"1": "[2]"}, (3, 4)
        ),
    )
    append_decision(tmp_path / "decisions", written)
    assert read_decisions(tmp_path / "decisions") == [written]


@given(st.text(), st.sampled_from(Action), st.dictionaries(st.integers(0, 99).map(str), st.text()))
def test_whatever_a_reviewer_notes_a_decision_survives_json(note: str, action: Action, outputs: dict[str, str]) -> None:
    written = replace(decision(), note=note, action=action, changes=Changes(outputs))
    read = parse_decision(json.loads(json.dumps(written.to_row())))
    assert (read, read.decision_id) == (written, written.decision_id)


def test_half_a_surrogate_pair_from_a_terminal_is_no_reason_to_lose_a_decision(tmp_path: Path) -> None:
    written = decision(note="caf\udce9")
    append_decision(tmp_path, written)
    assert read_decisions(tmp_path) == [written]


def test_a_file_only_grows(tmp_path: Path) -> None:
    file = tmp_path / "ada.jsonl"
    before = b""
    for minute in range(3):
        append_decision(tmp_path, at(minute, "skip"))
        assert file.read_bytes().startswith(before)
        before = file.read_bytes()
    assert before.count(b"\n") == 3


def test_each_reviewer_has_a_file(tmp_path: Path) -> None:
    append_decision(tmp_path, decision(reviewer="ada"))
    append_decision(tmp_path, decision(reviewer="grace@example.org"))
    assert sorted(path.name for path in tmp_path.glob("*.jsonl")) == ["ada.jsonl", "grace@example.org.jsonl"]


@pytest.mark.parametrize(
    "name", ["ada", "Ada Lovelace", "a.lovelace", "ada+2@example.org", "Zoë", "李雷", "x", "a" * 60]
)
def test_a_name_that_is_safe_as_a_file_name_is_taken(tmp_path: Path, name: str) -> None:
    append_decision(tmp_path, decision(reviewer=name))
    assert [d.reviewer for d in read_decisions(tmp_path)] == [name]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "/etc/x", "a\\b", ".hidden", " ada", "ada ", "ada\n", "a\0b", "a:b", "*", "a" * 61],
)
def test_a_name_that_is_not_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside" / "decisions"
    with pytest.raises(InputError, match="cannot be a reviewer's name"):
        append_decision(folder, decision(reviewer=name))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "decisions").write_text("a file")
    with pytest.raises(OutputError, match=r"ada\.jsonl"):
        append_decision(tmp_path / "decisions", decision())


# ---- a crash


def test_a_torn_last_line_is_ignored(tmp_path: Path) -> None:
    append_decision(tmp_path, at(0, "keep"))
    with (tmp_path / "ada.jsonl").open("ab") as file:
        file.write(json.dumps(row(note="é"), ensure_ascii=False).encode()[:-12])
    assert read_decisions(tmp_path) == [at(0, "keep")]


def test_work_goes_on_after_a_torn_line_and_everything_reads(tmp_path: Path) -> None:
    append_decision(tmp_path, at(0, "keep"))
    file = tmp_path / "ada.jsonl"
    first = file.stat().st_size
    append_decision(tmp_path, at(1, "drop"))
    whole = file.read_bytes()
    for length in [0, 1, first // 2, first - 1, first, first + 1, len(whole) - 2, len(whole) - 1]:
        file.write_bytes(whole[:length])
        append_decision(tmp_path, at(2, "flag"))
        # A line that lacks only its end is whole.
        saved = [at(0, "keep")] * (length >= first - 1) + [at(1, "drop")] * (length == len(whole) - 1)
        assert read_decisions(tmp_path) == [*saved, at(2, "flag")]


def test_a_whole_last_line_without_its_end_is_kept(tmp_path: Path) -> None:
    (tmp_path / "ada.jsonl").write_text(json.dumps(at(0, "keep").to_row()))
    append_decision(tmp_path, at(1, "drop"))
    assert read_decisions(tmp_path) == [at(0, "keep"), at(1, "drop")]


# ---- lines that are not decisions


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (row(action="maybe"), "maybe"),
        (row(reason="ugly"), "ugly"),
        (row(reviewer="../x"), "reviewer"),
        (row(changes=[]), ""),
        (row(changes=None), ""),
        (row(changes={"colour": "red"}), "colour"),
        (row(changes={"comparison": "roughly"}), "roughly"),
        (row(changes={"outputs": ["5"]}), "changes.outputs"),
        (row(changes={"outputs": {"0": 5}}), "changes.outputs"),
        (row(changes={"outputs": {"-1": "5"}}), "changes.outputs"),
        (row(changes={"outputs": {"first": "5"}}), "changes.outputs"),
        (row(changes={"inputs": {"0": 5}}), "changes.inputs"),
        (row(changes={"dropped_tests": ["1"]}), "changes.dropped_tests"),
        (row(changes={"dropped_tests": [-1]}), "changes.dropped_tests"),
        (row(changes={"dropped_tests": 5}), "int"),
        (row(changes={"canonical": "3"}), "changes.canonical"),
        (row(changes={"canonical": True}), "changes.canonical"),
        (row(changes={"checker": 5}), "changes.checker"),
        (row(time="yesterday"), "'yesterday' is no time"),
        (row(time="0001-01-01T00:00:00+09:00"), "is no time"),
        ({key: value for key, value in row().items() if key != "item_digest"}, "no field 'item_digest'"),
        ({}, "no field"),
    ],
)
def test_a_line_that_is_no_decision_is_named_with_file_and_line(
    tmp_path: Path, line: dict[str, Any], told: str
) -> None:
    append_decision(tmp_path, at(0, "keep"))
    file = tmp_path / "ada.jsonl"
    file.write_text(file.read_text() + json.dumps(line) + "\n")
    with pytest.raises(BuildFolderError) as caught:
        read_decisions(tmp_path)
    assert str(caught.value).startswith(f"{file}:2: not a decision (")
    assert told in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("line", ["hello", "[]", "5", "{", "\x00"])
def test_a_line_in_the_middle_that_is_no_json_object_is_named_too(tmp_path: Path, line: str) -> None:
    file = tmp_path / "ada.jsonl"
    file.write_text(f"{json.dumps(row())}\n{line}\n{json.dumps(row())}\n")
    with pytest.raises(BuildFolderError, match=r"ada\.jsonl:2: "):
        read_decisions(tmp_path)


# ---- several files


def test_decisions_of_all_reviewers_come_oldest_first(tmp_path: Path) -> None:
    for each in (at(5, "keep", "zoe"), at(3, "drop", "ada"), at(4, "flag", "bob")):
        append_decision(tmp_path, each)
    assert [d.reviewer for d in read_decisions(tmp_path)] == ["ada", "bob", "zoe"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_the_lines_which_a_merge_may_change_does_not_count(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Neither for what is read nor for what it amounts to, even at the same time."""
    decisions = [at(0, "keep"), at(0, "drop"), decision("flag", time="2024-05-01T10:00:00.5Z")]
    (tmp_path / "ada.jsonl").write_bytes(b"".join(encode_line(decisions[place]) for place in order))
    read = read_decisions(tmp_path)
    assert read == [*sorted(decisions[:2], key=lambda d: d.decision_id), decisions[2]]
    assert resolve(read, PROBLEM, ITEM).decisions == (decisions[2],)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000001Z"),
        ("2024-05-01T10:00:00.9Z", "2024-05-01T10:00:01Z"),
        ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:01Z"),
        ("2024-05-01T10:00:00", "2024-05-01T10:00:01+00:00"),
    ],
)
def test_times_count_as_times_however_they_are_written(tmp_path: Path, earlier: str, later: str) -> None:
    append_decision(tmp_path, decision("drop", time=later))
    append_decision(tmp_path, decision("keep", time=earlier))
    assert [d.action for d in read_decisions(tmp_path)] == ["keep", "drop"]


def test_a_file_merged_from_two_machines_counts_each_decision_once(tmp_path: Path) -> None:
    lines = [json.dumps(d.to_row()) + "\n" for d in (at(0, "keep"), at(1, "drop"), at(0, "keep"), at(1, "drop"))]
    (tmp_path / "ada.jsonl").write_text("".join(lines))
    assert read_decisions(tmp_path) == [at(0, "keep"), at(1, "drop")]


def test_there_may_be_no_folder_yet_and_other_files_in_it(tmp_path: Path) -> None:
    assert read_decisions(tmp_path / "none") == []
    (tmp_path / "notes.txt").write_text("not ours")
    assert read_decisions(tmp_path) == []


def test_importing_twice_adds_nothing_the_second_time(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for each in (at(0, "keep"), at(1, "drop", "bob"), at(2, "retract", retracts=at(0, "keep").decision_id)):
        append_decision(theirs, each)
    append_decision(ours, at(0, "keep"))
    assert import_decisions(theirs, ours) == 2
    before = {path.name: path.read_bytes() for path in ours.iterdir()}
    assert import_decisions(theirs, ours) == 0
    assert import_decisions(ours, ours) == 0
    assert {path.name: path.read_bytes() for path in ours.iterdir()} == before
    assert read_decisions(ours) == read_decisions(theirs)


@pytest.mark.parametrize("made", ["manifest.json", "ledger.jsonl", "findings.jsonl"])
def test_a_build_that_nobody_reviewed_holds_no_decisions_yet(tmp_path: Path, made: str) -> None:
    build = tmp_path / "build"
    (build / ".build").mkdir(parents=True)
    (build / made).write_text('{"problem_id": "train/0000"}\n')
    with pytest.raises(BuildFolderError, match=r"build holds no decisions yet: apps-plus review .*build makes them"):
        import_decisions(build, tmp_path / "mine")
    (build / "decisions").mkdir()
    with pytest.raises(BuildFolderError, match="holds no decisions yet"):
        import_decisions(build, tmp_path / "mine")


def test_importing_from_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildFolderError, match="no decisions in"):
        import_decisions(tmp_path / "none", tmp_path)


def test_importing_from_a_build_takes_its_decisions(tmp_path: Path) -> None:
    append_decision(tmp_path / "build/decisions", decision("drop"))
    assert import_decisions(tmp_path / "build", tmp_path / "mine") == 1


def test_decisions_that_cannot_be_listed_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "decisions").write_text("a file where a folder should be")
    with pytest.raises(BuildFolderError, match="cannot read the decisions in"):
        read_decisions(tmp_path / "decisions")


# ---- what the decisions on one item amount to


def test_no_decision_amounts_to_nothing() -> None:
    assert resolve([], PROBLEM, ITEM) == Resolution(Standing.NONE)
    other = replace(decision("drop"), problem_id="train/0002")
    assert resolve([other], PROBLEM, ITEM) == Resolution(Standing.NONE)


@pytest.mark.parametrize("action", ["keep", "correct", "drop"])
def test_one_decision_applies(action: str) -> None:
    assert resolve([decision(action)], PROBLEM, ITEM) == Resolution(Standing.APPLIES, (decision(action),))


def test_the_last_decision_of_a_reviewer_counts() -> None:
    assert resolve([at(0, "keep"), at(1, "drop")], PROBLEM, ITEM).decisions == (at(1, "drop"),)


def test_two_reviewers_who_agree_both_count() -> None:
    agreeing = (at(0, "drop", "ada", reason="image_only"), at(1, "drop", "bob", reason="image_only", note="yes"))
    assert resolve(agreeing, PROBLEM, ITEM) == Resolution(Standing.APPLIES, agreeing)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (at(0, "keep"), at(1, "drop", "bob")),
        (at(0, "drop", reason="image_only"), at(1, "drop", "bob", reason="interactive")),
        (at(0, "correct", changes=Changes({"0": "5"})), at(1, "correct", "bob", changes=Changes({"0": "6"}))),
        (at(0, "correct", changes=Changes({"0": "5"})), at(1, "keep", "bob")),
    ],
)
def test_two_reviewers_who_want_different_things_disagree(first: Decision, second: Decision) -> None:
    assert resolve([first, second], PROBLEM, ITEM) == Resolution(Standing.DISAGREEMENT, (first, second))


def test_the_same_corrections_in_another_order_agree() -> None:
    ada = at(0, "correct", changes=Changes({"0": "5", "1": "6"}))
    bob = at(1, "correct", "bob", changes=Changes({"1": "6", "0": "5"}))
    assert standing(ada, bob) is Standing.APPLIES


def test_two_who_disagreed_agree_once_one_changes_their_mind() -> None:
    assert standing(at(0, "keep"), at(1, "drop", "bob"), at(2, "keep", "bob")) is Standing.APPLIES


def test_to_skip_is_no_opinion_and_takes_an_earlier_one_away() -> None:
    assert standing(at(0, "skip")) is Standing.NONE
    assert standing(at(0, "keep"), at(1, "skip")) is Standing.NONE
    assert standing(at(0, "skip"), at(1, "keep")) is Standing.APPLIES
    assert standing(at(0, "keep"), at(1, "skip", "bob")) is Standing.APPLIES


def test_a_flag_waits_for_a_second_reviewer_who_then_decides() -> None:
    flag, answer = at(0, "flag"), at(1, "drop", "bob")
    assert resolve([flag], PROBLEM, ITEM) == Resolution(Standing.FLAGGED, (flag,))
    assert standing(flag, at(1, "flag", "bob")) is Standing.FLAGGED
    assert resolve([flag, answer], PROBLEM, ITEM) == Resolution(Standing.APPLIES, (answer,))


def test_who_decides_after_flagging_has_decided() -> None:
    assert standing(at(0, "flag"), at(1, "keep")) is Standing.APPLIES
    assert standing(at(0, "keep"), at(1, "flag")) is Standing.FLAGGED


def test_a_decision_that_is_taken_back_counts_no_more_and_the_one_before_it_does() -> None:
    keep, drop = at(0, "keep"), at(1, "drop")
    back = at(2, "retract", retracts=drop.decision_id)
    assert resolve([keep, drop, back], PROBLEM, ITEM).decisions == (keep,)
    assert standing(drop, back) is Standing.NONE
    assert standing(drop, back, at(3, "drop")) is Standing.APPLIES


def test_a_retraction_of_what_never_was_does_nothing() -> None:
    assert standing(at(0, "keep"), at(1, "retract", retracts="no such id")) is Standing.APPLIES
    assert standing(at(1, "retract", retracts="")) is Standing.NONE


@pytest.mark.parametrize("action", ["keep", "correct", "drop", "flag"])
def test_a_decision_on_an_item_that_has_changed_is_stale(action: str) -> None:
    old = decision(action)
    assert resolve([old], PROBLEM, "another digest") == Resolution(Standing.STALE, (old,))


def test_a_decision_on_the_item_as_it_is_outweighs_stale_ones() -> None:
    stale = replace(at(0, "keep"), item_digest="old")
    assert resolve([stale, at(1, "drop", "bob")], PROBLEM, ITEM).decisions == (at(1, "drop", "bob"),)
    assert resolve([stale, at(1, "drop")], PROBLEM, ITEM).decisions == (at(1, "drop"),)


def test_the_latest_word_of_a_reviewer_is_stale_even_where_an_earlier_one_was_not() -> None:
    assert standing(at(0, "keep"), replace(at(1, "drop"), item_digest="newer, then changed back")) is Standing.STALE


def test_a_decision_has_one_id_in_every_copy_and_another_for_every_change() -> None:
    assert decision().decision_id == decision().decision_id
    assert parse_decision(row(decision_id="forged")).decision_id == decision().decision_id
    changed = [decision("drop"), decision(reviewer="bob"), decision(note="x"), decision(changes=Changes(canonical=1))]
    assert len({d.decision_id for d in (decision(), *changed)}) == 5


@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(["ada", "bob", "eve"]), st.booleans()), max_size=8))
def test_every_history_has_a_standing_and_decisions_that_bear_it(history: list[tuple[Action, str, bool]]) -> None:
    decisions = [
        replace(at(minute, action, reviewer), item_digest=ITEM if fresh else "old")
        for minute, (action, reviewer, fresh) in enumerate(history)
    ]
    resolution = resolve(decisions, PROBLEM, ITEM)
    assert (resolution.standing is Standing.NONE) == (not resolution.decisions)
    assert not {d.action for d in resolution.decisions} & {Action.SKIP, Action.RETRACT}
    if resolution.standing is Standing.APPLIES:
        assert all(d.item_digest == ITEM and d.action is not Action.FLAG for d in resolution.decisions)
        assert len({(d.action, d.reason, str(asdict(d.changes))) for d in resolution.decisions}) == 1


def test_a_reviewer_cannot_retract_another_reviewers_decision() -> None:
    drop = at(0, "drop")
    assert standing(drop, at(1, "retract", "bob", retracts=drop.decision_id)) is Standing.APPLIES


@pytest.mark.parametrize(
    ("made", "summary"),
    [
        (decision("keep"), "keep"),
        (decision("drop", reason="multiple_outputs"), "drop (multiple_outputs)"),
        (decision("correct", changes=Changes(comparison="checker", checker="...")), "correct (checker)"),
        (decision("correct", changes=Changes(comparison="unordered")), "correct (comparison unordered)"),
        (decision("correct", changes=Changes(canonical=0)), "correct (canonical solution 0)"),
        (
            decision("correct", changes=Changes({"10": "a", "2": "b"})),
            "correct (output of test 2, output of test 10)",
        ),
        (decision("correct"), "correct"),
    ],
)
def test_a_decision_has_a_summary(made: Decision, summary: str) -> None:
    assert made.summary == summary


def test_a_decision_that_changes_no_input_has_the_id_that_it_always_had() -> None:
    assert set(decision(changes=Changes({"0": "5"})).to_row()["changes"]) == {
        "outputs",
        "comparison",
        "canonical",
        "checker",
    }
    changed = decision(changes=Changes(inputs={"0": "5"}, dropped_tests=(2,))).to_row()["changes"]
    assert (changed["inputs"], changed["dropped_tests"]) == ({"0": "5"}, [2])


def test_numbers_of_tests_are_those_of_the_item_before_any_is_left_out() -> None:
    changes = Changes(dropped_tests=(1, 3))
    assert [changes.number_after(test) for test in range(6)] == [0, None, 1, None, 2, 3]
    assert [changes.number_before(test) for test in range(4)] == [0, 2, 4, 5]
