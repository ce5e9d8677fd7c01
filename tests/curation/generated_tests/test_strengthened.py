"""The journal's entry of a strengthened problem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps_plus.problem import GeneratedTest
from apps_plus.problem import Tests as UnitTests
from curation.build_folder import is_readable
from curation.generated_tests.strengthened import (
    LEFT_ALONE,
    Effort,
    HeldOutFailure,
    Kills,
    LeftAlone,
    PartedInput,
    StrengthenedProblem,
)
from curation.records import Option

FULL = StrengthenedProblem(
    "train/0001",
    tests=UnitTests(([10**30],), (1,), (GeneratedTest(3, "boundary", "stated", 7, 5, 5),)),
    voters=(0, 1, 2),
    held_out=(4,),
    outliers=(3,),
    distrusted=("large/open",),
    failures=(HeldOutFailure(4, 3, "2"),),
    parted=(PartedInput("[1]", "2", 3, (Option("3", (1, 2)),), 5, "small", "seen", 7),),
    guides=Kills(10, 6, 9),
    judges=Kills(8, 4, 6),
    effort=Effort(80, {"voters": 50}, {"voters": 900}, {"voters": 0.25}),
)


def test_an_entry_survives_the_journal():
    assert StrengthenedProblem.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_a_problem_left_alone_has_no_tests_and_no_failures():
    alone = FULL.leave_alone(LeftAlone.PARTED, "why")
    assert (len(alone.tests), alone.failures, alone.left_alone, alone.detail) == (0, (), "parted", "why")
    assert alone.parted == FULL.parted


def test_strength_is_the_share_of_judges_that_all_tests_kill():
    assert FULL.strength == 0.75
    assert StrengthenedProblem("train/0001").strength is None


def test_every_reason_has_a_meaning():
    assert set(LEFT_ALONE) == set(LeftAlone)


TESTS = FULL.to_json()["tests"]


@pytest.mark.parametrize(
    ("damaged", "value"),
    [
        ("tests", "{"),
        ("tests", {"inputs": []}),
        ("tests", TESTS.replace('"outputs":[1]', '"outputs":[]')),
        ("tests", TESTS.replace('"generator":"boundary",', "")),
        ("tests", '{"inputs":["1"],"outputs":["1"]}'),
        ("judges", {"mutants": "x"}),
        ("judges", {"mutants": 2, "before": 1, "after": 3}),
        ("parted", [{}]),
        ("voters", None),
        ("unknown", 1),
    ],
)
def test_a_damaged_entry_is_not_readable(damaged: str, value: Any):
    entry = FULL.to_json()
    assert is_readable(StrengthenedProblem, entry)
    assert not is_readable(StrengthenedProblem, entry | {damaged: value})


def test_numbers_of_tests_that_do_not_follow_one_another_are_refused():
    two = UnitTests(("1", "2"), ("1", "2"), tuple(GeneratedTest(n, "small", "seen", 0, 3, 3) for n in (1, 3)))
    entry = StrengthenedProblem("train/0001", tests=two).to_json()
    with pytest.raises(ValueError, match="follow"):
        StrengthenedProblem.from_json(entry)
