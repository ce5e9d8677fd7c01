"""An episode of several turns: the first failing test is shown, and a mended program ends it."""

from __future__ import annotations

import pytest

from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.integrations.mending import SHOWN, MendingEpisode


def problem(**fields) -> Problem:
    usual = {
        "problem_id": "train/0001",
        "question": "Double the number.",
        "canonical_solution": "print(2 * int(input()))",
        "entry_point": None,
        "tests": UnitTests(("1\n", "2\n", "3\n"), ("2\n", "4\n", "6\n")),
        "starter_code": "",
        "conditionals": (),
        "comparison": Comparison.EXACT,
        "difficulty": "introductory",
        "url": "",
    }
    return Problem(**{**usual, **fields})


def test_the_first_failing_test_is_shown_and_a_mended_program_ends_the_episode():
    episode = MendingEpisode(problem(), turns=3)
    turn = episode.step("Here:\n```python\nprint(int(input()) ** 2 + 1)\n```")
    assert (turn.outcome.tests_passed, turn.done, turn.turns_left) == (1, False, 2)
    assert (turn.failed.number, turn.failed.input, turn.failed.expected, turn.failed.output) == (1, "2\n", "4\n", "5\n")
    turn = episode.step("print(2 * int(input()))")
    assert (turn.outcome.passed, turn.failed, turn.done) == (True, None, True)
    with pytest.raises(ValueError, match="is over"):
        episode.step("print(1)")


def test_an_exception_is_shown_with_its_line_and_no_output():
    turn = MendingEpisode(problem(), turns=1).step("print(1)\nraise ValueError('mine')")
    assert (turn.failed.error, turn.failed.output) == ("ValueError: mine (line 2)", "")
    assert turn.done


def test_a_function_shows_its_arguments_and_what_it_returned():
    called = problem(entry_point="double", tests=UnitTests(([1], [2]), (2, 4)))
    turn = MendingEpisode(called, turns=2).step("def double(x): return [x]")
    assert (turn.failed.input, turn.failed.expected, turn.failed.output) == ("[1]", "2", "[1]")


def test_long_texts_are_cut():
    long = problem(tests=UnitTests(("x" * (SHOWN + 5),), ("y",)))
    turn = MendingEpisode(long, turns=1).step("print('z')")
    assert turn.failed.input == "x" * SHOWN + "... (5 more characters)"
