"""Outcomes of problems: by rule, by decision, in the queue. Every problem here is invented; nothing runs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Comparison, Problem, dump_json, load_json
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.pipeline.decide import Decided, decide, dominant_reason, release
from curation.pipeline.dedup import DatasetContext
from curation.pipeline.publish import review_item, rows_of
from curation.pipeline.split import assign_split
from curation.pipeline.steps import decide_problem
from curation.records import Finding, Note, Option, Outcome, Reason, SolutionResult, Suggestion, VerifiedProblem, Vote
from curation.review_decisions import Action, Changes, Decision, Resolution, Standing, resolve
from curation.stats import summarize

UNDECIDED = Resolution(Standing.NONE)
CONTEXT = DatasetContext()
MAJORITY = Suggestion("expected_output", "3/4 solutions agree on another output for test 0", {"0": "5"}, votes="3/4")
SEVERAL = Suggestion("drop", "solutions give 4 answers: write a checker, or drop it", votes="2/4")
RAN = (
    "output_mismatch nondeterministic no_output timeout runtime_error api_misuse missing_dependency incomplete_code "
    "irrelevant_code syntax_error"
).split()
"""The reasons that a solution can fail for when it is run."""


def solutions(*codes: str, repairs: tuple[str, ...] = ()) -> tuple[SolutionResult, ...]:
    """One solution per code; repairs are those of the ones that pass."""
    return tuple(SolutionResult(i, code, repairs=repairs * (code == "passed")) for i, code in enumerate(codes))


def problem(*codes: str, **more: Any) -> VerifiedProblem:
    """A problem whose solutions ended like this; the first that passed is canonical."""
    results = more.pop("solutions", solutions(*codes))
    canonical = next((result.index for result in results if result.code == "passed"), None)
    verified = VerifiedProblem(
        problem_id="train/0001",
        raw_split="train",
        difficulty="interview",
        url="",
        question="Print the sum.",
        starter_code="",
        tests=dump_json({"inputs": ["1 2"], "outputs": ["3"]}),
        solutions=results,
        canonical=canonical,
        canonical_source="" if canonical is None else "print(3)",
    )
    return replace(verified, **more)


def decision(action: str = "keep", reviewer: str = "ada", **more: Any) -> Decision:
    return Decision("train/0001", "d1g3st", Action(action), reviewer, "2024-05-01", **more)


def applied(action: str, **more: Any) -> Resolution:
    return Resolution(Standing.APPLIES, (decision(action, **more),))


def ended(decided: Decided) -> tuple[str, tuple[str, ...]]:
    return str(decided.outcome), decided.reasons


# ---- the rules


def test_a_blocked_problem_is_dropped_for_the_blocking_reason() -> None:
    blocked = problem(tests="", blocked_by="missing_tests")
    assert ended(decide(blocked, UNDECIDED)) == ("dropped", ("missing_tests",))
    assert ended(decide(problem("passed", blocked_by="image_only"), UNDECIDED)) == ("dropped", ("image_only",))


@pytest.mark.parametrize("action", ["keep", "drop", "correct"])
def test_no_decision_releases_a_problem_that_cannot_be_run(action: str) -> None:
    assert decide(problem(blocked_by="malformed_json"), applied(action)).outcome is Outcome.DROPPED


def test_a_problem_that_a_solution_passes_is_kept_without_a_reason() -> None:
    assert ended(decide(problem("timeout", "passed"), UNDECIDED)) == ("kept", ())


def test_what_the_consensus_questions_waits_though_a_solution_passes() -> None:
    decided = decide(problem("passed", "output_mismatch", suggestion=MAJORITY), UNDECIDED)
    assert ended(decided) == ("needs_review", ("output_mismatch",))
    (finding,) = decided.findings
    assert (finding.detail, finding.evidence) == (MAJORITY.text, {"suggestion": "expected_output"})


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("drop", "multiple_outputs"),
        ("look", "multiple_outputs"),
        ("expected_output", "output_mismatch"),
        ("comparison", "output_mismatch"),
    ],
)
def test_the_kind_of_suggestion_is_the_reason_to_wait(kind: str, reason: str) -> None:
    waiting = problem("output_mismatch", suggestion=replace(SEVERAL, kind=kind))
    assert ended(decide(waiting, UNDECIDED)) == ("needs_review", (reason,))


@pytest.mark.parametrize(
    ("code", "changes"),
    [(Note.DUPLICATE_TEST, True), (Note.INTEGER_KEYS, True), (Note.LINE_ENDS, False), (Note.OUTPUT_WRAPPING, False)],
)
def test_a_problem_whose_content_differs_from_the_raw_one_is_corrected(code: Note, changes: bool) -> None:
    findings = (Finding("normalize", code, "", {}), Finding("screen", code, "again", {}))
    decided = decide(problem("passed", findings=findings), UNDECIDED)
    assert ended(decided) == (("corrected", (str(code),)) if changes else ("kept", ()))


def test_a_repaired_canonical_solution_is_a_correction() -> None:
    decided = decide(problem(solutions=solutions("passed", repairs=("dedent",))), UNDECIDED)
    assert ended(decided) == ("corrected", ("repaired",))


def test_a_repair_of_another_solution_changes_nothing() -> None:
    results = (*solutions("passed"), SolutionResult(1, "timeout", repairs=("tabs",)))
    assert decide(problem(solutions=results), UNDECIDED).outcome is Outcome.KEPT


def test_a_problem_that_nothing_passes_is_dropped_for_the_commonest_reason() -> None:
    decided = decide(problem("timeout", "runtime_error", "runtime_error"), UNDECIDED)
    assert ended(decided) == ("dropped", ("runtime_error",))
    assert decided.findings[0].detail == "no solution passes every test; 2 of 3 fail for this reason"


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (["syntax_error", "output_mismatch"], "output_mismatch"),
        (["syntax_error", "timeout", "runtime_error"], "timeout"),
        (["syntax_error", "syntax_error", "output_mismatch"], "syntax_error"),
        (["api_misuse", "missing_dependency"], "api_misuse"),
        (["irrelevant_code"], "irrelevant_code"),
    ],
)
def test_of_equally_common_reasons_the_one_that_got_furthest_counts(codes: list[str], reason: str) -> None:
    assert dominant_reason(solutions(*codes))[0] == reason


def test_copies_do_not_make_a_reason_commoner() -> None:
    results = [*solutions("timeout", "runtime_error"), SolutionResult(2, "runtime_error", same_as=1)]
    assert dominant_reason(results) == (Reason.TIMEOUT, 1, 2)


def test_every_reason_that_a_run_can_fail_for_can_drop_a_problem() -> None:
    never_ran = "missing_tests missing_solution malformed_json image_only interactive".split()
    later = "multiple_outputs near_duplicate contaminated bad_input".split()
    assert {*RAN, *never_ran, *later} == set(Reason)
    assert [decide(problem(code), UNDECIDED).reasons for code in RAN] == [(code,) for code in RAN]


def test_wrong_answers_are_multiple_outputs_if_several_are_right() -> None:
    free = problem("output_mismatch", question="Print any of them.")
    assert ended(decide(free, UNDECIDED)) == ("dropped", ("multiple_outputs",))
    slow = problem("timeout", question="Print any of them.")
    assert ended(decide(slow, UNDECIDED)) == ("dropped", ("timeout",))


# ---- decisions that apply


def test_a_question_that_a_reviewer_answers_with_keep_is_kept() -> None:
    decided = decide(problem("passed", suggestion=MAJORITY), applied("keep", note="the votes are wrong"))
    assert ended(decided) == ("kept", ())
    assert decided.decisions == (decision("keep", note="the votes are wrong"),)
    (finding,) = decided.findings
    assert (finding.code, finding.detail) == (Note.DECISION, "keep by ada (2024-05-01): the votes are wrong")


def test_a_repaired_problem_that_a_reviewer_keeps_is_still_a_corrected_one() -> None:
    repaired = problem(solutions=solutions("passed", repairs=("tabs",)), suggestion=MAJORITY)
    assert ended(decide(repaired, applied("keep"))) == ("corrected", ("repaired",))


@pytest.mark.parametrize("action", ["keep", "correct"])
def test_what_no_solution_passes_cannot_be_released_by_decision_and_goes_back_to_the_queue(action: str) -> None:
    waiting = problem("output_mismatch", suggestion=MAJORITY)
    decided = decide(waiting, applied(action), corrected=waiting if action == "correct" else None)
    assert ended(decided) == ("needs_review", ("output_mismatch",))
    assert "no solution passes the tests as decided" in decided.findings[-1].detail
    assert decided.findings[-1].evidence == {"decisions": [decision(action).decision_id]}


def test_a_correction_releases_the_problem_as_it_was_verified_with_it() -> None:
    corrected = problem("timeout", "passed", tests=dump_json({"inputs": ["1 2"], "outputs": ["5"]}))
    changes = Changes({"0": "5"})
    decided = decide(problem("passed", suggestion=MAJORITY), applied("correct", changes=changes), corrected)
    assert ended(decided) == ("corrected", ("decision",))
    assert decided.problem is corrected
    assert release(decided).tests.outputs == ("5",)


def test_a_correction_that_was_never_verified_is_not_released() -> None:
    uncorrected = problem("passed", suggestion=MAJORITY)
    assert decide(uncorrected, applied("correct", changes=Changes({"0": "5"}))).outcome is Outcome.NEEDS_REVIEW


def test_a_correction_with_a_checker_releases_the_checker() -> None:
    changes = Changes(comparison="checker", checker="def check(i, e, a): return True")
    verified = problem("passed", comparison="checker")
    released = release(decide(problem("timeout"), applied("correct", changes=changes), verified))
    assert (released.comparison, released.checker) == (Comparison.CHECKER, changes.checker)


def test_a_checker_that_is_not_asked_is_not_released() -> None:
    unused = applied("keep", changes=Changes(checker="def check(i, e, a): return True"))
    assert release(decide(problem("passed"), unused)).checker == ""


def test_a_drop_has_the_reviewers_reason() -> None:
    decided = decide(problem("passed"), applied("drop", reason="irrelevant_code"))
    assert ended(decided) == ("dropped", ("irrelevant_code",))
    assert decided.findings[0].evidence["reason"] == "irrelevant_code"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (problem("passed", suggestion=SEVERAL), "multiple_outputs"),
        (problem("timeout"), "timeout"),
        (problem("passed"), "output_mismatch"),
        (problem(solutions=solutions("passed", repairs=("dedent",))), "output_mismatch"),
    ],
)
def test_a_drop_without_a_reason_takes_the_rules_own_and_never_a_correction(item: VerifiedProblem, reason: str) -> None:
    assert ended(decide(item, applied("drop"))) == ("dropped", (reason,))


def test_reviewers_who_agree_are_all_named() -> None:
    both = Resolution(Standing.APPLIES, (decision("keep"), decision("keep", "bob")))
    decided = decide(problem("passed", suggestion=MAJORITY), both)
    assert decided.findings[0].detail == "keep by ada (2024-05-01), bob (2024-05-01)"
    assert [d["reviewer"] for d in decided.ledger_row()["decisions"]] == ["ada", "bob"]


# ---- decisions that do not


@pytest.mark.parametrize(
    ("standing", "code", "told"),
    [
        (Standing.STALE, Note.STALE_DECISION, "ada, bob judged an earlier version of this item (ada: keep; bob: drop)"),
        (Standing.DISAGREEMENT, Note.DISAGREEMENT, "ada, bob decided differently (ada: keep; bob: drop)"),
        (Standing.FLAGGED, Note.DECISION, "ada, bob asks for a second reviewer"),
    ],
)
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (problem("passed"), "output_mismatch"),
        (problem(solutions=solutions("passed", repairs=("dedent",))), "output_mismatch"),
        (problem("timeout"), "timeout"),
        (problem("passed", suggestion=SEVERAL), "multiple_outputs"),
    ],
)
def test_other_standings_send_the_problem_back_to_the_queue(
    standing: Standing, code: Note, told: str, item: VerifiedProblem, reason: str
) -> None:
    decisions = (decision("keep"), decision("drop", "bob"))
    decided = decide(item, Resolution(standing, decisions))
    assert ended(decided) == ("needs_review", (reason,))
    assert (decided.findings[-1].code, decided.findings[-1].detail) == (code, told)
    assert decided.findings[-1].evidence == {"decisions": [d.decision_id for d in decisions]}
    assert [row["reviewer"] for row in decided.ledger_row()["decisions"]] == ["ada", "bob"]


def test_a_disagreement_tells_who_wanted_what() -> None:
    checker = decision("correct", changes=Changes(comparison="checker", checker="def check(): ..."))
    drop = decision("drop", "bob", reason="multiple_outputs", note="not worth it")
    decided = decide(problem("passed"), Resolution(Standing.DISAGREEMENT, (checker, drop)))
    told = "ada, bob decided differently (ada: correct (checker); bob: drop (multiple_outputs))"
    assert decided.findings[-1].detail == told
    rows = decided.ledger_row()["decisions"]
    assert [(row["reviewer"], row["action"], row["reason"], row["changes"], row["note"]) for row in rows] == [
        ("ada", "correct", "", ["checker"], ""),
        ("bob", "drop", "multiple_outputs", [], "not worth it"),
    ]


def test_a_correction_tells_what_it_changes() -> None:
    changes = Changes({"0": "3"}, "unordered", 1)
    decided = decide(problem("timeout"), applied("correct", changes=changes), problem("passed"))
    told = "correct (comparison unordered, canonical solution 1, output of test 0) by ada (2024-05-01)"
    assert decided.findings[-1].detail == told
    assert decided.ledger_row()["decisions"][0]["changes"] == changes.describe()


# ---- what is written


def test_the_ledger_has_the_outcome_and_the_decisions() -> None:
    item = problem("timeout", "passed", "passed", entry_point="f", suggestion=MAJORITY)
    row = assign_split(decide(item, applied("keep")), CONTEXT).ledger_row()
    assert json.loads(json.dumps(row)) == {
        "problem_id": "train/0001",
        "split": "train",
        "difficulty": "interview",
        "outcome": "kept",
        "reasons": [],
        "kind": "call-based",
        "tests": 1,
        "solutions": {"passed": 2, "timeout": 1},
        "canonical": 1,
        "comparison": "exact",
        "tolerance": 1e-6,
        "tolerance_kind": "",
        "cases": "",
        "item_digest": item.digest(),
        "raw_digest": "",
        "decisions": [
            {
                "decision_id": decision("keep").decision_id,
                "reviewer": "ada",
                "time": "2024-05-01",
                "action": "keep",
                "reason": "",
                "changes": [],
                "note": "",
            }
        ],
        "released_in": row["released_in"],
    }
    assert row["released_in"] in ("train", "validation", "test")


def test_a_blocked_problem_has_a_ledger_line_too() -> None:
    row = decide(problem(tests="", blocked_by="missing_tests"), UNDECIDED).ledger_row()
    assert (row["tests"], row["solutions"], row["canonical"], row["released_in"]) == (0, {}, None, "")


def test_a_later_stage_can_drop_what_was_released() -> None:
    kept = decide(problem("passed", suggestion=MAJORITY), applied("keep"))
    dropped = kept.drop(Reason.NEAR_DUPLICATE, Finding("dedup", Reason.NEAR_DUPLICATE, "repeats train/0000"))
    assert ended(dropped) == ("dropped", ("near_duplicate",))
    assert [finding.stage for finding in dropped.findings] == ["decide", "dedup"]
    assert not dropped.released


def test_a_released_problem_holds_what_was_verified() -> None:
    results = (*solutions("timeout"), SolutionResult(1, "passed", repairs=("tabs",)))
    spot = {"start_line": 1, "start_col": 0, "end_line": 2, "end_col": 4, "kind": "if"}
    released = release(decide(problem(solutions=results, conditionals=(spot,), dict_keys="int"), UNDECIDED))
    assert (released.canonical_solution, released.repairs, released.outcome) == ("print(3)", ("tabs",), "corrected")
    assert (released.tests.inputs, released.tests.outputs) == (("1 2",), ("3",))
    assert (released.conditionals[0].kind, str(released.dict_keys)) == ("if", "int")
    assert Problem.from_row(json.loads(json.dumps(released.to_row()))) == released


def test_a_review_item_is_what_a_reviewer_needs_and_names_its_digest() -> None:
    item = problem("output_mismatch", suggestion=MAJORITY, sources={"0": "print(5)"})
    row = review_item(decide(item, UNDECIDED))
    assert (row["item_digest"], row["reasons"]) == (item.digest(), ["output_mismatch"])
    assert (row["question"], row["suggestion"]["votes"], row["sources"]) == ("Print the sum.", "3/4", {"0": "print(5)"})
    assert "canonical_source" not in row


# ---- the item that a decision judged


def voted() -> VerifiedProblem:
    vote = Vote(0, "3", 1, (Option("5", (1, 2, 3)),), 4)
    return problem("passed", "output_mismatch", votes=(vote,), suggestion=MAJORITY, findings=(Finding("x", "y", "z"),))


def test_a_verified_problem_comes_back_from_the_journal_as_it_was() -> None:
    item = voted()
    back = VerifiedProblem.from_json(load_json(dump_json(item.to_json())))
    assert (back, back.digest()) == (item, item.digest())
    bare = problem(tests="", blocked_by="missing_tests")
    assert VerifiedProblem.from_json(load_json(dump_json(bare.to_json()))) == bare


@pytest.mark.parametrize(
    "changed",
    [
        {"question": "Print the product."},
        {"tests": dump_json({"inputs": ["1 2"], "outputs": ["4"]})},
        {"comparison": "float"},
        {"votes": ()},
        {"solutions": solutions("passed", "timeout")},
        {"suggestion": None},
        {"suggestion": replace(MAJORITY, outputs={"0": "6"})},
    ],
)
def test_the_digest_changes_with_whatever_the_reviewer_saw(changed: dict[str, Any]) -> None:
    assert replace(voted(), **changed).digest() != voted().digest()


def test_the_digest_stays_where_only_the_telling_changes() -> None:
    assert replace(voted(), findings=(), sources={"0": "x"}, url="elsewhere").digest() == voted().digest()


# ---- conservation


@st.composite
def verified_problems(draw: st.DrawFn) -> VerifiedProblem:
    codes = draw(st.lists(st.sampled_from(["passed", *RAN]), max_size=4))
    notes = draw(st.lists(st.sampled_from([*Note]), max_size=3))
    return problem(
        solutions=solutions(*codes, repairs=draw(st.sampled_from([(), ("dedent",)]))),
        findings=tuple(Finding("normalize", str(note), "") for note in notes),
        suggestion=draw(st.sampled_from([None, None, MAJORITY, SEVERAL])),
        blocked_by=draw(st.sampled_from(["", "", "", "missing_tests", "image_only"])),
        problem_id=f"train/{draw(st.integers(0, 9999)):04}",
        difficulty=draw(st.sampled_from(["introductory", "interview", "competition", "", "hard"])),
        question=draw(st.sampled_from(["Print the sum.", "Print any of them.", ""])),
    )


@st.composite
def histories(draw: st.DrawFn, item: VerifiedProblem) -> list[Decision]:
    """Possible decisions of reviewers on an item."""
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from([*Action]), st.sampled_from("ab"), st.booleans(), st.sampled_from(["", *Reason])),
            max_size=3,
        )
    )
    return [
        Decision(item.problem_id, item.digest() if fresh else "old", action, who, str(time), str(reason))
        for time, (action, who, fresh, reason) in enumerate(drawn)
    ]


@given(st.data(), st.lists(verified_problems(), max_size=4))
def test_every_problem_ends_in_one_outcome_with_its_reasons_and_the_counts_add_up(
    data: st.DataObject, items: list[VerifiedProblem]
) -> None:
    ledger, files = [], Counter[str]()
    for item in items:
        resolution = resolve(data.draw(histories(item)), item.problem_id, item.digest())
        corrected = data.draw(st.sampled_from([None, item, problem("passed")]))
        decided = assign_split(decide(item, resolution, corrected), CONTEXT)
        row = decided.ledger_row()
        ledger.append(row)
        files.update(name for name, _ in rows_of(decided, row) if name != "findings.jsonl")
        if decided.outcome in (Outcome.DROPPED, Outcome.NEEDS_REVIEW):
            assert decided.reasons
            assert set(decided.reasons) <= set(Reason)
            assert not decided.released
        else:
            assert bool(decided.reasons) == (decided.outcome is Outcome.CORRECTED)
            assert release(decided).canonical_solution
            assert decided.problem.canonical is not None
    counts = summarize(ledger)
    assert counts["raw"]["total"] == len(items)
    assert sum(by_tier["total"] for by_tier in counts["outcomes"].values()) == len(items)
    for outcome in ("dropped", "needs_review", "corrected"):
        assert sum(by["total"] for by in counts[outcome].values()) == counts["outcomes"][outcome]["total"]
    released = counts["outcomes"]["kept"]["total"] + counts["outcomes"]["corrected"]["total"]
    assert released == counts["released"]["total"] == sum(by["total"] for by in counts["splits"].values())
    assert files["ledger.jsonl"] == len(items)
    assert files["review.jsonl"] == counts["outcomes"]["needs_review"]["total"]
    assert sum(files[f"{split}.jsonl"] for split in ("train", "validation", "test")) == released


def test_a_solution_that_took_the_place_of_the_canonical_one_is_released():
    sources = {"0": "print(3)", "1": "if True:\n    print(1 + 2)"}
    verified = problem("passed", "passed", sources=sources)
    strengthened = StrengthenedProblem(verified.problem_id, canonical=1)
    decided = decide_problem(verified, UNDECIDED, None, CONTEXT, strengthened)
    released = release(decided)
    assert released.canonical_solution == sources["1"]
    assert [conditional.kind for conditional in released.conditionals] == ["if"]
    assert decided.ledger_row()["canonical"] == 1
    assert decided.ledger_row()["item_digest"] == verified.digest()
    assert str(Note.OUTVOTED_CANONICAL) in [finding.code for finding in decided.findings]
