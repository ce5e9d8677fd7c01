"""The journal's entry of a strengthened problem."""

from __future__ import annotations

import json

from apps_plus.problem import GeneratedTest
from apps_plus.problem import Tests as UnitTests
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
