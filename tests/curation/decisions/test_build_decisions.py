"""The decisions of one build: a user's own come before those that ship."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.decisions import BuildDecisions
from curation.pipeline.decide import Decided, decide
from curation.records import Note, Outcome, SolutionResult, Suggestion, VerifiedProblem
from curation.review_decisions import Action, Changes, Decision, Standing

RAW = "57a7e3e7-" + "a" * 24
OTHER_TESTS = "57a7e3e7-" + "b" * 24
OTHER_STATEMENT = "07e7e3e7-" + "a" * 24
ITEM = VerifiedProblem(
    problem_id="train/0001",
    raw_split="train",
    difficulty="interview",
    url="",
    question="Print any divisor of n.",
    starter_code="",
    solutions=(SolutionResult(0, "passed"), SolutionResult(1, "output_mismatch")),
    suggestion=Suggestion("drop", "solutions give 2 others than expected"),
    canonical=0,
    raw_digest=RAW,
)


def ships(action: Action = Action.KEEP, reviewer: str = "pass-1", **more: object) -> Decision:
    made = Decision(ITEM.problem_id, "digest of another machine", action, reviewer, "2024-05-01T10:00:00Z")
    return replace(made, **{"raw_digest": RAW, **more})


def own(action: Action, item_digest: str = "") -> Decision:
    return Decision(ITEM.problem_id, item_digest or ITEM.digest(), action, "ada", "2024-05-02T10:00:00Z")


def outcome(*mine: Decision, shipped: list[Decision] | None, problem: VerifiedProblem = ITEM) -> Decided:
    return decide(problem, BuildDecisions(mine, shipped).resolve(problem))


def test_a_decision_that_ships_holds_where_the_raw_problem_is_the_same_whatever_the_votes() -> None:
    decided = outcome(shipped=[ships(), ships(reviewer="pass-2")])
    assert decided.outcome is Outcome.KEPT
    assert [decision.reviewer for decision in decided.decisions] == ["pass-1", "pass-2"]
    assert "decisions that ship with apps-plus" in decided.findings[-1].detail


def test_without_them_the_problem_waits_for_a_person() -> None:
    assert outcome(shipped=None).outcome is Outcome.NEEDS_REVIEW


def test_where_the_raw_problem_differs_the_rules_decide_and_a_finding_says_so() -> None:
    other = [ships(raw_digest=OTHER_TESTS)]
    decided = outcome(shipped=other)
    assert (decided.outcome, decided.decisions) == (Outcome.NEEDS_REVIEW, ())
    assert decided.findings[-1].code == Note.STALE_DECISION
    assert outcome(shipped=other, problem=replace(ITEM, suggestion=None)).outcome is Outcome.KEPT


def test_another_problem_with_the_same_id_has_no_decision_that_ships() -> None:
    decided = outcome(shipped=[ships(raw_digest=OTHER_STATEMENT)])
    assert (decided.outcome, decided.findings) == outcome_and_findings(outcome(shipped=None))


def outcome_and_findings(decided: Decided) -> tuple[object, object]:
    return decided.outcome, decided.findings


@pytest.mark.parametrize("made", [own(Action.DROP), own(Action.FLAG), own(Action.DROP, "an earlier item")])
def test_a_users_own_decision_comes_first(made: Decision) -> None:
    resolution = BuildDecisions([made], [ships()]).resolve(ITEM)
    assert (resolution.decisions, resolution.ships) == ((made,), False)


def test_a_user_who_skipped_the_problem_has_no_decision_of_their_own() -> None:
    assert outcome(own(Action.SKIP), shipped=[ships()]).outcome is Outcome.KEPT


def test_passes_that_differ_leave_the_problem_in_the_queue() -> None:
    both = [ships(), ships(Action.DROP, "pass-2", reason="multiple_outputs")]
    assert BuildDecisions([], both).resolve(ITEM).standing is Standing.DISAGREEMENT
    assert outcome(shipped=both).outcome is Outcome.NEEDS_REVIEW


def test_a_checker_that_no_solution_passes_here_cannot_be_applied() -> None:
    correct = ships(Action.CORRECT, changes=Changes(comparison="checker", checker="def check(a, b, c): ..."))
    nobody = replace(ITEM, canonical=None)
    decided = decide(ITEM, BuildDecisions([], [correct]).resolve(ITEM), nobody)
    assert decided.outcome is Outcome.NEEDS_REVIEW
    assert "cannot be applied" in decided.findings[-1].detail


def test_the_manifest_counts_both_kinds() -> None:
    shipped = [ships(), *(ships(problem_id=f"train/000{number}") for number in (2, 3, 4))]
    found = {"train/0001": RAW, "train/0002": OTHER_TESTS, "train/0003": OTHER_STATEMENT}
    counts = BuildDecisions([own(Action.KEEP)], shipped).counts(found)
    assert (counts["count"], counts["unused"]) == (1, 0)
    assert {name: counts["shipped"][name] for name in ("count", "unused", "stale")} == {
        "count": 4,
        "unused": 2,
        "stale": 1,
    }
    assert BuildDecisions([], None).counts({})["shipped"] is None
