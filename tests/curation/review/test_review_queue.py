"""Open, list and search the queue; an invalid one is refused with one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flawed_problems import QUEUE
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import dump_json
from curation.records import Suggestion
from curation.review.assignment import Assignment, assigned_reviewers
from curation.review.item_header import read_header, title_of
from curation.review.queue import Queue, QueueRow, State, matches, open_queue
from curation.review_decisions import Action, Changes, Decision

FIRST = QUEUE[0]


def decided(queue: Queue, action: str, reviewer: str = "ada", minute: int = 0, **more: Any) -> Decision:
    digest = more.pop("digest", queue.headers[FIRST].digest)
    return Decision(FIRST, digest, Action(action), reviewer, f"2024-05-01T10:{minute:02}:00Z", **more)


# ---- opening


def test_the_queue_holds_what_waits_for_review_in_the_ledgers_order(queue: Queue, review_folder: Path, rows) -> None:
    waiting = [row["problem_id"] for row in rows(review_folder / "ledger.jsonl") if row["outcome"] == "needs_review"]
    assert list(queue.ids) == waiting == list(QUEUE)
    assert len(queue) == 4


def test_an_item_is_the_problem_that_the_build_judged(queue: Queue) -> None:
    for problem_id in queue.ids:
        item = queue.item(problem_id)
        assert item.problem.problem_id == problem_id
        assert item.digest == item.problem.digest() == queue.headers[problem_id].digest
        assert item.problem.suggestion == queue.headers[problem_id].suggestion
        assert set(item.problem.sources) == {str(s.index) for s in item.problem.solutions if s.same_as is None}


def test_a_row_says_what_a_list_shows(queue: Queue) -> None:
    row = queue.rows([])[0]
    assert row == QueueRow(
        problem_id=FIRST,
        tier="introductory",
        reasons=("output_mismatch",),
        title="Return the number tripled. Exercise 1 of the chapter on multiplying.",
        suggestion="expected_output",
        suggestion_text="4/4 solutions agree on another output for test 1",
        votes="4/4",
        state=State.OPEN,
    )


def test_the_limits_are_those_of_the_build(queue: Queue) -> None:
    assert queue.limits().cpu_seconds == 1.0


def test_a_build_that_is_made_anew_meanwhile_does_not_mix_with_what_is_read(queue: Queue, review_folder: Path) -> None:
    before = queue.item(FIRST)
    assert not queue.outdated
    (review_folder / "new").write_text("other lines\n")
    (review_folder / "new").replace(review_folder / "review.jsonl")
    assert queue.item(FIRST) == before
    assert queue.outdated


@pytest.mark.parametrize(("missing", "told"), [("manifest.json", "not a whole build"), ("review.jsonl", "cannot read")])
def test_a_folder_without_a_build_or_a_queue_is_named(review_folder: Path, missing: str, told: str) -> None:
    (review_folder / missing).unlink()
    with pytest.raises(BuildFolderError, match=f"{told}.*build"):
        open_queue(review_folder)


@pytest.mark.parametrize("line", ["{", "5", "{}", '{"problem_id": "x"}', '{"item_digest": 5, "problem_id": 5}', "\0"])
def test_a_line_that_is_no_item_is_named_with_its_number(review_folder: Path, line: str) -> None:
    path = review_folder / "review.jsonl"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(BuildFolderError, match=r"review\.jsonl:5: not a review item"):
        open_queue(review_folder)


def test_an_item_whose_line_is_broken_further_on_is_named_when_it_is_read(review_folder: Path) -> None:
    path = review_folder / "review.jsonl"
    path.write_text(path.read_text().replace('"raw_split"', '"raw_split":', 1))
    with (
        open_queue(review_folder) as queue,
        pytest.raises(BuildFolderError, match=f"line of {FIRST} is not a review item"),
    ):
        queue.item(FIRST)


def test_an_empty_queue_is_a_queue(review_folder: Path) -> None:
    (review_folder / "review.jsonl").write_text("")
    with open_queue(review_folder) as queue:
        assert queue.rows([]) == []


# ---- the header, read without parsing the line

TRICKY = st.lists(st.sampled_from([*'"\\{}[]:,\n\t é\x00😀a', '"suggestion":', '"canonical":null'])).map("".join)


@given(TRICKY, TRICKY, TRICKY, st.one_of(st.none(), st.dictionaries(TRICKY, TRICKY, max_size=3)), st.booleans())
def test_the_header_is_what_the_whole_line_says(
    question: str, problem_id: str, source: str, outputs: dict[str, str] | None, canonical: bool
) -> None:
    suggestion = None if outputs is None else Suggestion("expected_output", source, outputs, "", question)
    row = {
        "item_digest": "d1g3st",
        "reasons": [problem_id, "]"],
        "problem_id": problem_id,
        "difficulty": source,
        "question": question,
        "findings": [{"evidence": {"suggestion": "drop", "canonical": 5, "question": "?"}}],
        "suggestion": None
        if suggestion is None
        else {name: getattr(suggestion, name) for name in ("kind", "text", "outputs", "comparison", "votes")},
        "canonical": 3 if canonical else None,
        "sources": {"0": source},
    }
    for line in (dump_json(row), json.dumps(row), json.dumps(row, indent=1)):
        header = read_header(line.encode())
        assert (header.problem_id, header.tier, header.reasons) == (problem_id, source, (problem_id, "]"))
        assert (header.suggestion, header.can_be_kept) == (suggestion, canonical)


def test_a_title_is_the_first_line_that_says_something_and_can_be_printed() -> None:
    assert title_of("\n -----\n\tA \x1b[31mred\x1b[0m   fox \n more") == r"A \x1b[31mred\x1b[0m fox"
    assert title_of("") == title_of("***\n") == ""
    assert len(title_of("x" * 1000)) == 120


# ---- states


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        (lambda q: [], State.OPEN),
        (lambda q: [decided(q, "skip")], State.OPEN),
        (lambda q: [decided(q, "drop")], State.DONE),
        (lambda q: [decided(q, "drop", digest="older")], State.STALE),
        (lambda q: [decided(q, "drop"), decided(q, "keep", "bob", 1)], State.DISAGREEMENT),
        (lambda q: [decided(q, "flag")], State.FLAGGED),
        (lambda q: [decided(q, "flag"), decided(q, "drop", "bob", 1)], State.DONE),
    ],
)
def test_decisions_make_the_state(queue: Queue, decisions: Callable[[Queue], list[Decision]], state: State) -> None:
    given_ = decisions(queue)
    row = queue.rows(given_, "ada")[0]
    assert row.state is state
    assert row.reviewers == tuple(
        d.reviewer for d in given_ if d.action != "skip" and (state, d.action) != ("done", "flag")
    )


def test_a_row_says_whether_i_judged_the_item_as_it_is(queue: Queue) -> None:
    for decision, mine in [
        (decided(queue, "drop"), True),
        (decided(queue, "correct", changes=Changes({"1": "15"})), True),
        (decided(queue, "drop", "bob"), False),
        (decided(queue, "drop", digest="older"), False),
        (decided(queue, "flag"), False),
        (decided(queue, "skip"), False),
    ]:
        assert queue.row(FIRST, [decision], "ada").decided_by_me is mine


def test_a_note_shows_whatever_it_is_on(queue: Queue) -> None:
    assert queue.row(FIRST, [decided(queue, "skip", note="hm")]).has_note
    assert not queue.row(FIRST, [decided(queue, "skip")]).has_note


def test_a_decision_that_the_build_could_not_apply_is_as_good_as_stale(
    queue: Queue, review_folder: Path, rebuild: Callable[[], Path]
) -> None:
    from curation.review_decisions import append_decision, read_decisions

    append_decision(review_folder / "decisions", decided(queue, "correct", changes=Changes({"1": "17"})))
    decisions = read_decisions(review_folder / "decisions")
    assert queue.row(FIRST, decisions).state is State.DONE
    rebuild()
    with open_queue(review_folder) as anew:
        assert anew.row(FIRST, decisions).state is State.STALE


# ---- filters and search


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"tier": "interview"}, [1, 2]),
        ({"tier": "competition"}, []),
        ({"reason": "multiple_outputs"}, [2]),
        ({"state": "open"}, [1, 2, 3]),
        ({"state": "done", "tier": "introductory"}, [0]),
        ({"text": "EXPECTED_output"}, [0, 1, 3]),
        ({"text": "tripled 4"}, [0, 3]),
        ({"text": "0004 tripled"}, [3]),
        ({"text": "bob"}, [0]),
        ({"text": "nothing like it"}, []),
        ({"mine": True}, [0, 1, 2, 3]),
    ],
)
def test_a_row_passes_every_filter_that_is_given(queue: Queue, wanted: dict[str, Any], found: list[int]) -> None:
    rows = queue.rows([decided(queue, "drop", "bob")])
    assert [place for place, row in enumerate(rows) if matches(row, **wanted)] == found


@pytest.mark.parametrize(("wanted", "found"), [("1", FIRST), ("train/1", FIRST), ("train/0002", QUEUE[1])])
def test_an_item_is_found_by_what_a_person_writes(queue: Queue, wanted: str, found: str) -> None:
    assert queue.find(wanted) == found


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("0", "train/0000 does not need review, it is kept: .*explain"),
        ("5", "train/0005 does not need review, it is dropped: .*explain"),
        ("77", "no problem 77"),
        ("test/0001", "did you mean train/0001"),
    ],
)
def test_the_error_for_a_problem_outside_the_queue_has_its_outcome(queue: Queue, wanted: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        queue.find(wanted)


def test_a_settled_problem_is_found_where_it_may_be_settled(queue: Queue) -> None:
    assert queue.find("0", settled_too=True) == "train/0000"


# ---- who judges what

PEOPLE = ("ada", "bob", "eve")
IDS = [f"train/{number:04d}" for number in range(3000)]


def test_everybody_gets_about_the_same_share_and_each_item_has_one() -> None:
    shares = [assigned_reviewers(problem_id, PEOPLE) for problem_id in IDS]
    assert {len(share) for share in shares} == {1}
    assert all(900 < sum(name in share for share in shares) < 1100 for name in PEOPLE)


def test_an_overlap_share_of_the_items_is_judged_by_two() -> None:
    twice = sum(len(assigned_reviewers(problem_id, PEOPLE, 0.2)) == 2 for problem_id in IDS)
    assert 500 < twice < 700
    assert all(len(assigned_reviewers(problem_id, PEOPLE, 1.0)) == 2 for problem_id in IDS)
    assert assigned_reviewers("x", ("ada",), 1.0) == ("ada",)
    assert assigned_reviewers("x", ()) == ()


def test_neither_order_nor_repetition_of_names_counts() -> None:
    for problem_id in IDS[:50]:
        assert assigned_reviewers(problem_id, PEOPLE, 0.5) == assigned_reviewers(
            problem_id, (*reversed(PEOPLE), "ada"), 0.5
        )


def test_who_joins_takes_items_over_and_nothing_else_moves() -> None:
    for problem_id in IDS[:300]:
        before, after = assigned_reviewers(problem_id, PEOPLE), assigned_reviewers(problem_id, (*PEOPLE, "joe"))
        assert after in (before, ("joe",))


def test_an_item_for_two_stays_open_for_each_until_they_judged_it(queue: Queue) -> None:
    both = Assignment(("ada", "bob"), overlap=1.0)
    done = [decided(queue, "drop")]
    assert queue.row(FIRST, done, "ada", both).state is State.DONE
    bobs = queue.row(FIRST, done, "bob", both)
    assert (bobs.state, bobs.mine) == (State.OPEN, True)
    assert queue.row(FIRST, [*done, decided(queue, "drop", "bob", 1)], "bob", both).state is State.DONE


def test_what_is_not_mine_shows_in_its_own_state(queue: Queue) -> None:
    alone = Assignment(assigned_reviewers(FIRST, PEOPLE))
    other = next(name for name in PEOPLE if name not in alone.reviewers)
    row = queue.row(FIRST, [decided(queue, "drop", other)], other, alone)
    assert (row.mine, row.state) == (False, State.DONE)
    assert not matches(replace(row), mine=True)
