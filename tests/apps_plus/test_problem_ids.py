"""A problem is found by the id as people type it."""

from __future__ import annotations

import pytest

from apps_plus.errors import InputError
from apps_plus.problem_ids import find_problem


class TestFindProblem:
    IDS = ("train/0003", "train/0010", "test/0003", "test/0004", "train/two-sum")

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ("train/0003", "train/0003"),
            ("train/3", "train/0003"),
            (" test/00003 ", "test/0003"),
            ("4", "test/0004"),
            ("0010", "train/0010"),
            ("two-sum", "train/two-sum"),
        ],
    )
    def test_what_a_person_types_finds_the_id(self, wanted, expected):
        assert find_problem(self.IDS, wanted) == expected

    def test_an_exact_id_wins_over_one_that_only_fits(self):
        assert find_problem(["train/0003", "train/3"], "train/3") == "train/3"

    @pytest.mark.parametrize(
        ("wanted", "message"),
        [
            ("3", "3 matches 2 problems: write train/0003, test/0003"),
            ("test/10", r"no problem test/10: did you mean train/0010\? \(the split in an id is that of raw APPS"),
            (
                "validation/10",
                r"did you mean train/0010\? \(the split in an id is that of raw APPS, not of the build\)",
            ),
            ("tain/0004", r"no problem tain/0004: did you mean test/0004\?"),
            ("train/0013", r"no problem train/0013: did you mean train/0010, train/0003"),
            ("5", r"no problem 5: did you mean test/0004, test/0003, train/0003\?"),
            ("train/9", r"no problem train/9: did you mean train/0010, train/0003\?"),
            ("9" * 5000, "no problem 9999"),
            ("zzz", "no problem zzz: the ids look like train/0003"),
        ],
    )
    def test_otherwise_the_candidates_are_listed(self, wanted, message):
        with pytest.raises(InputError, match=message):
            find_problem(self.IDS, wanted)

    def test_no_problems_at_all_is_said(self):
        with pytest.raises(InputError, match="no problem 3: there are none"):
            find_problem([], "3")
