"""Each checker of the catalogue accepts what it should and rejects near misses; all examples are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as ProblemTests
from curation.checkers.catalogue import (
    CATALOGUE,
    KNOWN_ANSWER,
    PROGRAMS,
    Checker,
    accepts,
    find_checker,
    load_check,
    source_with_answers,
)
from harness.judging.judge import judge
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox

# name, expected, right answers, wrong ones that are nearly right
EXAMPLES: tuple[tuple[str, Any, list[Any], list[Any]], ...] = (
    ("any_white_space", "1 2\n3\n", ["1 2\n3", "1\n2 3", " 1  2\t3"], ["12 3", "1 2", "2 1 3", ""]),
    ("yes_or_no_in_any_case", "Yes\nno Ann\n", ["YES\nNo Ann"], ["yes\nno ann", "yes no Ann", "no\nno Ann", "yess"]),
    ("letters_in_any_case", "Ann 3\nBob", ["ANN 3\nbob"], ["Ann 4\nBob", "Ann 3 Bob", "Ann 3", "An n3\nBob"]),
    ("numbers_within_tolerance", "2.5 7 ok", ["2.5000001 7 ok", "2.5 7.0 ok"], ["2.6 7 ok", "2.5 7.1 ok", "2.5 7"]),
    ("numbers_within_tolerance", [2.5, 7], [[2.5000001, 7]], [[2.6, 7], [2.5, 8], [2.5], 2.5, [2.5, True]]),
    ("numbers_rounded_as_expected", "3.14 2", ["3.14159 2", "3.1444 2"], ["3.15 2", "3.146 2", "3.14 2.4", "3.14"]),
    ("numbers_rounded_as_expected", [0.5, 2], [[0.5401, 2]], [[0.56, 2], [0.5, 3], [0.5], ["0.5", 2]]),
    ("any_order_of_words_in_lines", "1 2\n3 4", ["2 1\n4 3"], ["3 4\n1 2", "1 2 3 4", "1 1\n3 4", "1 2"]),
    ("any_order_of_lines", "1 2\n3 4", ["3 4\n1 2"], ["2 1\n3 4", "1 2", "1 2\n3 4\n3 4", "1 2\n3 5"]),
    ("any_order_of_lines_and_words", "1 2\n3 4", ["4 3\n1 2"], ["1 3\n2 4", "1 2", "1 2\n3 3"]),
    ("any_order_of_words", "1 2\n3", ["3 2\n1", "1 2 3"], ["1 2", "1 2 3 3", "1 2 4"]),
    ("any_order_of_letters", "abc\nd", ["bca\nd", "c a b\nd"], ["abd\nc", "ab\nd", "abcc\nd"]),
    ("any_order_of_elements", [[1, 2], [3], 2.0], [[[3], 2, [1, 2]]], [[[2, 1], [3], 2], [[1, 2], [3]], "x"]),
    ("any_order_of_elements", [1, "1", True], [[True, 1, "1"]], [[1, 1, True], [1, "1", 1], [1, "1", False]]),
    ("any_order_at_every_level", [[1, 2], [3, [4]]], [[[[4], 3], [2, 1]]], [[[1, 3], [2, [4]]], [[1, 2]], None]),
    ("same_first_line", "2\n1 5\n4", ["2\n3 3\n9"], ["3\n1 5\n4", "2\n1 5 4", "2\n1 5", ""]),
    ("same_first_number", "2\n1 5\n4", ["2 9 9 9"], ["3\n1 5\n4", "2 1 5", "2 1 5 4 4"]),
    ("same_sum", "2 3 4", ["1 1 7", "4 3\n2"], ["2 3 5", "2 7", "9 0 0 0", "2 3 four", ""]),
    ("same_sum", [1, [2, 3]], [[3, 2, 1]], [[6], [1, 2, 4], [1, 2, True]]),
    ("same_number_of_words", "1 2\n3", ["9 9\n9"], ["1\n2 3", "1 2 3", "1 2\n3\n4"]),
    ("same_number_of_lines", "1 2\n3", ["9\n9"], ["1 2 3", "1\n2\n3", ""]),
    ("same_length", [1, 2], [[9, 9]], [[1], [1, 2, 3], "ab"]),
    ("same_length", "ab", ["cd", "cd\n"], ["abc", "a", ["a", "b"]]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "expected", "right", "wrong"), EXAMPLES)
def test_a_checker_accepts_right_answers_and_rejects_near_misses(
    name: str, expected: Any, right: list[Any], wrong: list[Any]
) -> None:
    check = load_check(find_checker(name).source()) if "tolerance" not in name else load_check(_within(1e-6).source())
    assert [answer for answer in [expected, *right] if not accepts(check, "the input", expected, answer)] == []
    assert [answer for answer in wrong if accepts(check, "the input", expected, answer)] == []


def _within(tolerance: float) -> Checker:
    return next(checker for checker in CATALOGUE if checker.constants.get("TOLERANCE") == tolerance)


def test_every_program_is_in_the_catalogue_and_has_examples() -> None:
    programs = {path.stem for path in PROGRAMS.glob("[!_]*.py")}
    assert programs == {checker.name for checker in CATALOGUE if checker.comparison is Comparison.CHECKER}
    assert programs == {name for name, *_ in EXAMPLES} | {KNOWN_ANSWER}


@pytest.mark.parametrize("tolerance", [1e-9, 1e-6, 1e-4])
def test_the_tolerance_is_a_constant_of_the_program(tolerance: float) -> None:
    source = _within(tolerance).source()
    check = load_check(source)
    assert f"TOLERANCE = {tolerance!r}\n" in source
    assert accepts(check, "", "0.5", str(0.5 + tolerance / 2))
    assert not accepts(check, "", "0.5", str(0.5 + 2 * tolerance))
    assert accepts(check, "", "1000.0", str(1000 * (1 + tolerance / 2)))


@pytest.mark.parametrize("checker", CATALOGUE, ids=lambda checker: checker.name)
def test_a_program_is_short_documented_and_needs_the_standard_library_only(checker: Checker) -> None:
    source = checker.source()
    assert bool(source) == (checker.comparison is Comparison.CHECKER)
    if source:
        assert source.startswith('"""')
        assert len(source.splitlines()) <= 60
        assert load_check(source).__doc__


def test_a_checker_that_raises_has_refused_the_output() -> None:
    check = load_check(find_checker("any_order_of_lines").source())
    assert not accepts(check, "", "1", 1)
    assert not accepts(check, "", "1", None)


@pytest.mark.parametrize("name", ["numbers_within_tolerance", "numbers_rounded_as_expected", "same_sum"])
def test_a_very_long_word_is_no_number_and_is_read_once(name: str) -> None:
    check = load_check(find_checker(name).source())
    for word in ("1" * 200_000 + "x", "." + "1" * 200_000 + "x"):
        assert not accepts(check, "", "2.5", word)
        assert not accepts(check, "", word, "2.5")


def test_an_unknown_name() -> None:
    with pytest.raises(InputError, match=r"there is no checker 'any_thing' in the catalogue: give one of tokens, "):
        find_checker("any_thing")


def test_the_table_of_known_answers_is_by_input() -> None:
    table = {json.dumps("4\n"): ["2\n2", "3\n'1'\n"], json.dumps([1, {"b": 2, "a": 1}], sort_keys=True): [[1.5, None]]}
    check = load_check(source_with_answers(table))
    assert accepts(check, "4\n", "4", "2\n2 \n")
    assert accepts(check, "4\n", "4", "3\n'1'")
    assert accepts(check, "4\n", "4", "4\n")
    assert not accepts(check, "5\n", "5", "2\n2")
    assert not accepts(check, "4\n", "4", "22")
    assert accepts(check, [1, {"a": 1, "b": 2}], 0, [1.5, None])
    assert not accepts(check, [1, {"a": 1, "b": 3}], 0, [1.5, None])


def _problem(source: str, inputs: list[Any], outputs: list[Any], entry_point: str | None = None) -> Problem:
    return Problem(
        problem_id="train/0001",
        question="",
        canonical_solution="",
        entry_point=entry_point,
        tests=ProblemTests(tuple(inputs), tuple(outputs)),
        comparison=Comparison.CHECKER,
        checker=source,
        starter_code="",
        conditionals=(),
        difficulty="interview",
        url="",
    )


def test_programs_judge_in_the_sandbox_as_they_do_here() -> None:
    known = source_with_answers({json.dumps("5\n"): ["3 2"]})
    lists = find_checker("any_order_at_every_level").source()
    with Sandbox() as sandbox:
        texts = [judge(sandbox, f"print({p!r})", _problem(known, ["5\n"], ["5"]))[0].verdict for p in ("5", "3 2", "2")]
        values = [
            judge(sandbox, f"def f(n): return {value}", _problem(lists, [[3]], [[[1, 2], [0]]], "f"))[0].verdict
            for value in ("[[0], [2, 1]]", "[[0, 2], [1]]", "0")
        ]
    assert texts == [Verdict.PASSED, Verdict.PASSED, Verdict.WRONG_ANSWER]
    assert values == [Verdict.PASSED, Verdict.WRONG_ANSWER, Verdict.WRONG_ANSWER]


def test_the_documentation_lists_the_catalogue_in_its_order() -> None:
    text = (Path(__file__).parents[3] / "docs" / "checkers.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| `")]
    assert rows == [[f"| `{checker.name}`", checker.accepts] for checker in CATALOGUE]
