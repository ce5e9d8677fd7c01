"""The cases of ``docs/judges.md``: our verdicts are those on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.judges import Case, our_verdict, page, read_cases, read_peers
from harness.sandbox import Sandbox

CASES = read_cases()
PAGE = Path(__file__).parents[4] / "docs" / "judges.md"


@pytest.mark.parametrize("case", CASES, ids=[f"{case.kind}: {case.name}" for case in CASES])
def test_the_verdict_is_the_one_that_the_page_shows(sandbox: Sandbox, case: Case) -> None:
    assert our_verdict(sandbox, case) == case.apps


def test_cases_have_names_of_their_own_and_verdicts() -> None:
    assert len({(case.kind, case.name) for case in CASES}) == len(CASES) > 200
    assert {case.truth for case in CASES} == {"A", "R", "E"}
    assert {letters for case in CASES for letters in case.apps.split("/")} == {"A", "R"}
    assert {case.kind for case in CASES} == {"stdin", "call"}


def test_every_verdict_of_ours_that_is_not_the_truth_says_why() -> None:
    wrong = [case for case in CASES if case.truth != "E" and case.apps != case.truth]
    assert [case.name for case in wrong if not case.note] == []
    assert [case.name for case in CASES if case.note and case not in wrong] == []


def test_no_right_program_is_rejected() -> None:
    assert [case.name for case in CASES if case.truth == "A" and case.apps != "A"] == []


def test_every_peer_has_judged_every_case_that_it_can() -> None:
    verdicts = read_peers()["verdicts"]
    for case in CASES:
        letters = verdicts[case.kind][case.name]
        named = {"livecodebench", "apps", "verl"} | ({"evalplus"} if case.kind == "call" else set())
        assert set(letters) == named, case.name
        assert all(re.fullmatch("[AR](/[AR])?", one) for one in letters.values())
    assert {name for its in verdicts.values() for name in its} == {case.name for case in CASES}


def test_the_page_is_made_of_the_cases() -> None:
    made_anew = page(CASES, read_peers())
    assert made_anew == PAGE.read_text(encoding="utf-8"), "python -m benchmarks.judges --write docs/judges.md"
