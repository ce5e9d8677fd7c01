"""Scores and their sums, from invented records."""

from __future__ import annotations

import json

import pytest

from apps_plus.errors import InputError
from benchmarks.strength import common_problems, compare, survival, with_given_tests_alone
from curation.mutation.mutants import Mutant
from curation.mutation.score import (
    ProblemStrength,
    Survivor,
    count_operators,
    group_of,
    share,
    sum_up,
    summarize,
)
from curation.mutation.source_text import Edit

ALIVE = (Survivor("a1", "comparison", 3), Survivor("b2", "constant", 4, equivalent=True))
STRONG = ProblemStrength("train/1", 4, 2, 10, 8, ALIVE, {"comparison": (7, 8), "constant": (1, 2)}, 50, (9, 10), (3, 4))
UNMEASURED = ProblemStrength("train/2", 1, fault="the canonical solution does not pass every test here")


def row(strength: ProblemStrength, difficulty: str = "interview") -> dict:
    return {"difficulty": difficulty, "test_strength": strength.strength, **strength.to_json()}


def test_equivalent_mutants_count_as_survivors():
    assert (STRONG.strength, STRONG.equivalent) == (0.8, 1)


def test_without_mutants_there_is_no_strength():
    assert UNMEASURED.strength is None and share(0, 0) is None


@pytest.mark.parametrize("strength", [STRONG, UNMEASURED])
def test_record_survives_the_journal(strength):
    read = ProblemStrength.from_json(json.loads(json.dumps(strength.to_json())))
    assert json.dumps(read.to_json()) == json.dumps(strength.to_json())
    assert (read.survivors, read.strength, read.lines) == (strength.survivors, strength.strength, strength.lines)


def test_operators_are_counted():
    mutants = [Mutant(str(i), "", Edit(operator, 0, 0, b"", 1)) for i, operator in enumerate(["b", "a", "b"])]
    assert count_operators(mutants, [Survivor("1", "b", 1)]) == {"a": (1, 1), "b": (1, 2)}


@pytest.mark.parametrize(("tests", "name"), [(1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (14, "6-14"), (15, "15+")])
def test_groups_by_number_of_tests(tests, name):
    assert group_of(tests) == name


def test_sums_are_those_of_all_mutants_together():
    weak = ProblemStrength("train/3", 1, 0, 30, 10, (), {"comparison": (10, 30)}, 0, (1, 2), None)
    sums = sum_up([row(STRONG), row(weak), row(UNMEASURED)])
    assert (sums["problems"], sums["not_measured"], sums["tests"]) == (3, 1, 6)
    assert (sums["mutants"], sums["killed"], sums["equivalent"]) == (40, 18, 1)
    assert sums["strength"] == 0.45 and sums["strength_without_equivalent"] == round(18 / 39, 4)
    assert sums["mean"] == round((0.8 + 0.3333) / 2, 4)
    assert sums["lines"] == [10, 12] and sums["branches"] == [3, 4]


def test_groups_go_by_given_tests_and_tiers():
    sums = summarize([row(STRONG, "introductory"), row(UNMEASURED)], {"mutants": 100})
    assert {name: group["problems"] for name, group in sums["given_tests"].items()} == {"1": 1, "2": 1}
    assert list(sums["tiers"]) == ["introductory", "interview"]
    assert sums["operators"]["constant"] == {"mutants": 2, "killed": 1, "equivalent": 1, "strength": 0.5}
    assert sums["settings"] == {"mutants": 100}


def test_builds_are_compared_on_the_problems_that_both_measured():
    after = ProblemStrength("train/1", 15, 13, 10, 9, ALIVE[1:], {"constant": (1, 2)}, 50, None, None)
    builds = common_problems([[row(STRONG), row(UNMEASURED)], [row(after), row(UNMEASURED)]])
    assert [[one["problem_id"] for one in rows] for rows in builds] == [["train/1"], ["train/1"]]
    groups = compare(builds)
    assert list(groups) == ["all", "interview", "2 given"]
    assert [survival(sums, with_equivalent=True) for sums in groups["all"]] == [0.2, 0.1]
    assert [survival(sums, with_equivalent=False) for sums in groups["2 given"]] == [pytest.approx(1 / 9), 0.0]


def test_strengthened_build_shows_its_given_tests_alone():
    ledger = {"train/1": {"strengthened": {"judges": {"mutants": 10, "before": 5, "after": 8}}}}
    given = with_given_tests_alone([row(STRONG), row(UNMEASURED)], ledger)
    assert (given[0]["tests"], given[0]["killed"], given[0]["test_strength"]) == (2, 5, 0.5)
    assert given[1] == row(UNMEASURED)
    sums = compare([given, [row(STRONG), row(UNMEASURED)]])["2 given"]
    assert [survival(its, with_equivalent=False) for its in sums] == [pytest.approx(4 / 9), pytest.approx(1 / 9)]


def test_ledger_about_other_mutants_is_refused():
    ledger = {"train/1": {"strengthened": {"judges": {"mutants": 9, "before": 5, "after": 8}}}}
    with pytest.raises(InputError, match="train/1 was strengthened with other mutants"):
        with_given_tests_alone([row(STRONG)], ledger)
