"""Choose the comparison by the statement, then by the outputs of the solutions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from apps_plus.problem import Comparison, ComparisonRule, Tolerance, ToleranceKind
from curation.pipeline.choose_comparison import choose_rule, rule_for
from curation.pipeline.run_solutions import SolutionRun
from curation.records import Note
from harness.sandbox.execution import Ended, Execution

EXACT, TOKENS, CASE = (ComparisonRule(mode) for mode in (Comparison.EXACT, Comparison.TOKENS, Comparison.CASE))
FLOAT = ComparisonRule(Comparison.FLOAT)
LOOSE = ComparisonRule(Comparison.FLOAT, Tolerance(1e-2, ToleranceKind.EITHER))
SUM = "Print the sum of the numbers."
WITHIN = "Print the mean. Your answer is accepted if its absolute or relative error does not exceed $10^{-2}$."
ANY_CASE = "Print YES or NO. You can print each letter in any case (upper or lower)."


def runs_of(*solutions: Sequence[str]) -> list[SolutionRun]:
    """Solutions by what each prints on every test."""
    return [
        SolutionRun(index, f"program {index}", [Execution(Ended.FINISHED, output=text) for text in texts])
        for index, texts in enumerate(solutions)
    ]


def chosen(question: str, outputs: Sequence[str], *solutions: Sequence[str]) -> ComparisonRule:
    return choose_rule(question, runs_of(*solutions), outputs, False)[0]


# ---- what the statement says


def test_a_stated_tolerance_is_taken_whatever_the_solutions_print() -> None:
    rule, finding = choose_rule(
        WITHIN,
        runs_of(
            ["0.5"],
            [
                "0.5",
            ],
        ),
        ["0.5"],
        False,
    )
    assert rule == LOOSE
    assert finding is not None
    assert (finding.code, finding.evidence) == (
        Note.COMPARISON,
        {"comparison": "float", "solutions": [], "tolerance": 0.01, "tolerance_kind": "either"},
    )
    assert "the statement allows an error of 0.01, absolute or relative" in finding.detail


def test_a_stated_tolerance_counts_for_values_too() -> None:
    execution = Execution(Ended.FINISHED, result=json.dumps(0.504))
    assert choose_rule(WITHIN, [SolutionRun(0, "program", [execution])], [0.5], True)[0] == LOOSE


def test_a_tolerance_needs_numbers() -> None:
    assert chosen(WITHIN, ["YES"], ["YES"]) == EXACT


def test_letters_in_any_case_make_it_case_whatever_the_solutions_print() -> None:
    rule, finding = choose_rule(ANY_CASE, runs_of(["YES"], ["yes"]), ["YES"], False)
    assert rule == CASE
    assert finding is not None
    assert finding.evidence == {"comparison": "case", "solutions": [1]}
    assert "letters come in any case" in finding.detail


@pytest.mark.parametrize("output", ["1 2 3", "YES\na A"])
def test_case_counts_where_it_is_part_of_the_answer(output: str) -> None:
    assert chosen(ANY_CASE, [output], [output]) == EXACT


def test_a_statement_that_allows_both_is_compared_so_that_most_solutions_pass() -> None:
    both = f"{WITHIN} {ANY_CASE}"
    assert chosen(both, ["YES 0.5"], ["YES 0.504"]) == LOOSE
    assert chosen(both, ["YES 0.5"], ["Yes 0.5"]) == CASE
    assert chosen(both, ["YES 0.5"], ["YES 0.5"]) == LOOSE


def test_expected_outputs_that_are_rounded_more_than_the_statement_allows_are_compared_as_usual() -> None:
    question = "An absolute error of at most 1e-9 is allowed."
    assert chosen(question, ["0.333333"], ["0.3333333333"], ["0.3333333"]) == FLOAT
    assert chosen(question, ["0.333333"], ["0.5"]) == ComparisonRule(
        Comparison.FLOAT, Tolerance(1e-9, ToleranceKind.ABSOLUTE)
    )


# ---- what the solutions print


def test_one_solution_that_divides_with_a_slash_does_not_make_integers_floats() -> None:
    careful, careless = ["221643095476699771875"], ["2.2164309547669977e+20"]
    assert chosen(SUM, careful, careless, *[careful] * 16) == EXACT
    assert chosen(SUM, ["3"], ["3.0"], *[["3"]] * 5) == EXACT


def test_where_many_write_integers_with_a_decimal_point_the_task_s_own_judge_took_it() -> None:
    assert chosen(SUM, ["3"], *[["3.0"]] * 2, *[["3"]] * 5) == FLOAT
    assert chosen(SUM, ["3"], ["3.0"]) == FLOAT
    assert chosen(SUM, ["3"], ["3.0"], ["4"]) == FLOAT


def test_wrong_integers_are_no_evidence() -> None:
    assert chosen(SUM, ["998244352"], *[["998244353.0"]] * 5, ["9.982443e8"]) == EXACT


def test_one_solution_is_enough_where_numbers_are_real() -> None:
    assert chosen(SUM, ["0.5"], ["0.50"], *[["0.5"]] * 20) == FLOAT


def test_tokens_are_tried_before_floats() -> None:
    assert chosen(SUM, ["1 2\n3"], ["1 2 3"], ["1\n2\n3"]) == TOKENS
    assert chosen(SUM, ["1 2\n3"], ["1 2 3"], *[["1.0 2\n3"]] * 3) == FLOAT
    assert chosen(SUM, ["1 2\n3"], *[["1 2 3"]] * 9, ["1.0 2\n3"]) == TOKENS


# ---- what a reviewer names


def test_a_reviewer_s_mode_takes_the_rest_from_the_problem() -> None:
    def named(mode: Comparison, question: str, given: Any = "2\n..", output: Any = "1\n5\n1\n6\n") -> ComparisonRule:
        return rule_for(mode, question, [given], [output], not isinstance(output, str))

    assert named(Comparison.FLOAT, WITHIN) == LOOSE
    assert named(Comparison.FLOAT, SUM) == FLOAT
    assert named(Comparison.TOKENS, WITHIN) == TOKENS
    many = "The first line holds the number of test cases."
    assert named(Comparison.UNORDERED, many) == ComparisonRule(Comparison.UNORDERED, cases="counted")
    assert named(Comparison.UNORDERED, SUM).cases == "whole"
    assert named(Comparison.UNORDERED, many, [2], [1, 2]).cases == ""
