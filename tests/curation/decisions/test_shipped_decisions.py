"""The decisions that ship: well formed, portable, agreed, and on the page that lists them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps_plus.problem import sha256_of
from apps_plus.raw import open_raw
from curation.decisions import CHECKERS, SHIPPED, read_shipped_decisions
from curation.decisions.table import decided_problems, markdown, table_lines
from curation.review_decisions import Action, Changes, Decision, Standing, decision_files, resolve

PAGE = Path(__file__).resolve().parents[3] / "docs" / "decisions.md"
DECISIONS = read_shipped_decisions()
PROBLEMS = sorted({decision.problem_id for decision in DECISIONS})


def about(problem_id: str) -> list[Decision]:
    return [decision for decision in DECISIONS if decision.problem_id == problem_id]


def test_every_problem_was_judged_twice_and_the_judgements_agree_in_the_end() -> None:
    assert len(PROBLEMS) >= 57
    for problem_id in PROBLEMS:
        raw_digest = about(problem_id)[0].raw_digest
        resolution = resolve(about(problem_id), problem_id, "digest of another machine", raw_digest)
        assert resolution.standing is Standing.APPLIES, problem_id
        assert {decision.reviewer for decision in resolution.decisions} == {"pass-1", "pass-2"}


def test_every_decision_holds_on_any_machine_and_gives_a_reason_in_a_sentence() -> None:
    for decision in DECISIONS:
        assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{24}", decision.raw_digest), decision
        assert decision.note.endswith("."), decision
        assert decision.action is not Action.DROP or decision.reason, decision


def test_the_first_judgements_stay_where_a_third_look_overruled_one() -> None:
    revised = [problem.problem_id for problem in decided_problems(DECISIONS) if problem.passes_differed]
    assert revised
    for problem_id in revised:
        assert any(decision.note.startswith("Third look: ") for decision in about(problem_id)), problem_id


def test_the_files_are_those_of_their_reviewers_in_order_of_time() -> None:
    for path in decision_files(SHIPPED):
        mine = [decision for decision in DECISIONS if decision.reviewer == path.stem]
        assert len(path.read_text(encoding="utf-8").splitlines()) == len(mine)


def embedded() -> set[str]:
    return {decision.changes.checker for decision in DECISIONS if decision.changes.checker}


def test_the_decisions_hold_the_checkers_of_the_folder_and_no_others() -> None:
    assert embedded() == {path.read_text(encoding="utf-8") for path in CHECKERS.glob("*.py")}


def test_the_page_is_the_one_that_the_command_prints() -> None:
    page = markdown(decided_problems(DECISIONS))
    assert PAGE.read_text(encoding="utf-8") == page, "apps-plus review shipped --markdown > docs/decisions.md"
    assert [problem_id for problem_id in PROBLEMS if f"| {problem_id} |" not in page] == []


def test_a_line_tells_the_decision_its_checker_and_the_reason() -> None:
    checker = next(iter(sorted(embedded())))
    changes = Changes(comparison="checker", checker=checker)
    decision = Decision("train/1", "", Action.CORRECT, "ada", "2024-05-01", "", "Any order is right.", changes)
    (line,) = table_lines(decided_problems([decision]))
    assert line.startswith("train/1: correct (checker) [")
    assert line.endswith(".py]: Any order is right.")


def real_problems() -> Iterator[tuple[str, str]]:
    for problem in open_raw(os.environ["APPS_PLUS_RAW"]):
        if problem.problem_id in PROBLEMS:
            yield problem.problem_id, f"{sha256_of(problem.question)[:8]}-{problem.digest()[:24]}"


@pytest.mark.real_data
@pytest.mark.skipif(not os.environ.get("APPS_PLUS_RAW"), reason="APPS_PLUS_RAW names no raw APPS problems")
def test_the_decisions_are_about_the_real_problems() -> None:
    digests = dict(real_problems())
    assert {d.problem_id: d.raw_digest for d in DECISIONS if d.problem_id in digests} == digests
