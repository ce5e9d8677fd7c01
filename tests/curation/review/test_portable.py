"""Decisions that hold on any machine."""

from __future__ import annotations

from curation.review.portable import make_portable
from curation.review_decisions import Action, Decision, Standing, resolve, standing_decisions

LEDGER = [
    {"problem_id": "train/0001", "item_digest": "here", "raw_digest": "raw"},
    {"problem_id": "x", "item_digest": "x"},
]


def made(item_digest: str = "here", problem_id: str = "train/0001") -> Decision:
    return Decision(problem_id, item_digest, Action.KEEP, "ada", "2024-05-01T10:00:00Z")


def test_a_portable_decision_holds_where_only_the_raw_problem_is_the_same() -> None:
    (portable,) = make_portable([made()], LEDGER)
    assert resolve([portable], "train/0001", "elsewhere", "raw").standing is Standing.APPLIES
    assert resolve([portable], "train/0001", "elsewhere", "other").standing is Standing.STALE
    assert resolve([made()], "train/0001", "elsewhere", "raw").standing is Standing.STALE


def test_a_stale_decision_and_one_in_a_build_of_an_earlier_version_stay_as_they_are() -> None:
    for decision in (made("before"), made("x", "x")):
        assert make_portable([decision], LEDGER) == [decision]


def test_a_retraction_still_retracts() -> None:
    retraction = Decision(
        "train/0001", "here", Action.RETRACT, "ada", "2024-05-01T11:00:00Z", retracts=made().decision_id
    )
    assert standing_decisions(make_portable([made(), retraction], LEDGER)) == []


def test_a_decision_without_a_raw_digest_keeps_its_id_and_its_line() -> None:
    assert "raw_digest" not in made().to_row()
    assert make_portable([made()], LEDGER)[0].decision_id != made().decision_id
