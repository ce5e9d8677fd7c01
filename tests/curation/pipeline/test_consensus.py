"""Votes of the solutions and suggestions. No program runs: the executions are written down here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Comparison, ComparisonRule
from curation.pipeline.choose_comparison import choose_rule
from curation.pipeline.consensus import (
    AGREEING,
    MAX_OPTIONS,
    answer_of,
    count_votes,
    suggest,
    vote_findings,
)
from curation.pipeline.judge_runs import judge_by_comparison, judge_runs
from curation.pipeline.run_solutions import SolutionRun
from curation.records import Note, Option, Suggestion, Vote
from harness.sandbox.execution import Ended, Execution

ONE_ANSWER = "Print the sum of the numbers."
ANY_ANSWER = "Print any of them. If there are several answers, print any."
ANY_ORDER = "Print the numbers in any order."
NO_INPUTS = [""] * 20
EXACTLY = ComparisonRule()
CRASHED = Execution(Ended.EXCEPTION, exception="ValueError")


def printed(text: str) -> Execution:
    return Execution(Ended.FINISHED, output=text)


def returned(value: Any) -> Execution:
    return Execution(Ended.FINISHED, result=json.dumps(value))


def runs_of(
    executions: Sequence[Sequence[Execution]],
    outputs: Sequence[Any],
    call_based: bool = False,
    comparison: Comparison = Comparison.EXACT,
) -> list[SolutionRun]:
    """One run per list of executions, judged."""
    runs = [SolutionRun(index, f"program {index}", list(ended)) for index, ended in enumerate(executions)]
    judge_runs(runs, judge_by_comparison(outputs, call_based, ComparisonRule(comparison)))
    return runs


def runs_that_print(*texts: str, expected: str, comparison: Comparison = Comparison.EXACT) -> list[SolutionRun]:
    """Solutions of a problem with one test."""
    return runs_of([[printed(text)] for text in texts], [expected], comparison=comparison)


def votes_on(expected: str, *texts: str, comparison: Comparison = Comparison.EXACT) -> list[Vote]:
    return count_votes(
        runs_that_print(*texts, expected=expected, comparison=comparison), [expected], False, ComparisonRule(comparison)
    )


def suggestion_on(question: str, expected: str, *texts: str, given: str = "") -> Suggestion | None:
    runs = runs_that_print(*texts, expected=expected)
    return suggest(question, count_votes(runs, [expected], False, EXACTLY), runs, [given], False)


def options_of(vote: Vote) -> list[tuple[str, tuple[int, ...]]]:
    return [(option.output, option.solutions) for option in vote.options]


# ---- how outputs are compared (what the statement says about it: test_comparison.py)


@pytest.mark.parametrize(
    ("expected", "actual", "comparison"),
    [
        ("1 2\n3\n", "1 2 \r\n3", Comparison.EXACT),
        ("1 2\n3\n", "1  2\n3", Comparison.TOKENS),
        ("1 2\n3\n", "1\n2\n3", Comparison.TOKENS),
        ("0.5\n", "0.50000001\n", Comparison.FLOAT),
        ("3\n", "3.0\n", Comparison.FLOAT),
        ("Case #1: 1e9", "Case #1: 1000000000.0", Comparison.FLOAT),
    ],
)
def test_the_strictest_comparison_that_loses_no_solution_is_chosen(
    expected: str, actual: str, comparison: Comparison
) -> None:
    assert choose_rule(ONE_ANSWER, runs_that_print(actual, expected=expected), [expected], False)[0] == ComparisonRule(
        comparison
    )


@pytest.mark.parametrize(
    ("expected", "actual"),
    [("1000000000", "1000000001"), ("10000000", "10000001"), ("1 2", "2 1"), ("YES", "yes"), ("0.5", "0.6"), ("1", "")],
)
def test_wrong_answers_change_no_comparison_and_integers_are_never_fuzzy(expected: str, actual: str) -> None:
    runs = runs_that_print(expected, actual, expected=expected)
    assert choose_rule(ONE_ANSWER, runs, [expected], False) == (EXACTLY, None)


def test_where_nobody_passes_in_any_mode_the_comparison_is_exact() -> None:
    assert choose_rule(ONE_ANSWER, runs_that_print("1", "2", expected="3"), ["3"], False) == (EXACTLY, None)
    assert choose_rule(ONE_ANSWER, [], ["3"], False) == (EXACTLY, None)


def test_the_choice_says_who_gains() -> None:
    runs = runs_that_print("0.5", "0.5000001", "0.7", "0.4999999", expected="0.5")
    rule, finding = choose_rule(ONE_ANSWER, runs, ["0.5"], False)
    assert rule == ComparisonRule(Comparison.FLOAT)
    assert finding is not None
    assert (finding.code, finding.evidence) == (Note.COMPARISON, {"comparison": "float", "solutions": [1, 3]})
    assert "2 more solutions pass" in finding.detail


def test_tokens_are_enough_where_floats_gain_nothing_more() -> None:
    runs = runs_that_print("1  0.5", "1  0.5", expected="1 0.5")
    assert choose_rule(ONE_ANSWER, runs, ["1 0.5"], False)[0] == ComparisonRule(Comparison.TOKENS)


def test_a_solution_must_pass_all_tests_to_count_for_a_comparison() -> None:
    outputs = ["0.5", "7"]
    runs = runs_of([[printed("0.5000001"), printed("8")], [printed("0.5"), printed("7")]], outputs)
    assert choose_rule(ONE_ANSWER, runs, outputs, False)[0] == ComparisonRule(Comparison.EXACT)


def test_copies_do_not_count_for_a_comparison() -> None:
    runs = runs_that_print("1 2", "1  2", expected="1 2")
    runs[1].same_as = 0
    assert choose_rule(ONE_ANSWER, runs, ["1 2"], False)[0] == ComparisonRule(Comparison.EXACT)


@pytest.mark.parametrize(
    ("expected", "value", "comparison"),
    [
        (0.5, 0.50000001, Comparison.FLOAT),
        ([1, [2.0]], [1, [2.0000001]], Comparison.FLOAT),
        (2, 2.0, Comparison.EXACT),
        (10**9, 10**9 + 1, Comparison.EXACT),
        (True, 1, Comparison.EXACT),
        ("1 2", "1  2", Comparison.EXACT),
        ("0.5", "0.50000001", Comparison.EXACT),
    ],
)
def test_values_are_compared_exactly_or_as_floats(expected: Any, value: Any, comparison: Comparison) -> None:
    runs = runs_of([[returned(value)]], [expected], call_based=True)
    assert choose_rule(ONE_ANSWER, runs, [expected], True)[0] == ComparisonRule(comparison)


# ---- votes


def test_a_test_that_nobody_disputes_has_no_vote() -> None:
    assert votes_on("4", "4", "4\n", "4 ") == []


def test_one_solution_alone_is_mistaken_where_another_gives_the_expected() -> None:
    assert votes_on("4", "4", "5") == []


def test_two_solutions_on_another_output_dispute_a_test() -> None:
    (vote,) = votes_on("4", "4", "5", "5\n", "4")
    assert vote == Vote(test=0, expected="4", for_expected=2, options=(Option("5", (1, 2)),), voters=4)


def test_a_test_that_nobody_bears_out_is_disputed_by_one() -> None:
    (vote,) = votes_on("4", "5")
    assert (vote.for_expected, options_of(vote)) == (0, [("5", (0,))])


def test_options_stand_by_votes_and_then_by_solution() -> None:
    (vote,) = votes_on("4", "9", "7", "8", "7", "8", "6", "8")
    assert options_of(vote) == [("8", (2, 4, 6)), ("7", (1, 3)), ("9", (0,)), ("6", (5,))]


def test_of_many_options_the_first_few_are_kept_and_all_voters_counted() -> None:
    (vote,) = votes_on("x", *map(str, range(20)))
    assert (len(vote.options), vote.voters) == (MAX_OPTIONS, 20)


def test_votes_name_the_test() -> None:
    outputs = ["1", "2", "3"]
    runs = runs_of([[printed("1"), printed("9"), printed("3")]] * 2, outputs)
    assert [vote.test for vote in count_votes(runs, outputs, False, EXACTLY)] == [1]


def test_copies_and_programs_that_contradict_themselves_have_no_vote() -> None:
    runs = runs_that_print("5", "5", "5", "4", "4", expected="4")
    runs[1].same_as, runs[2].stable, runs[4].same_as = 0, False, 3
    assert count_votes(runs, ["4"], False, EXACTLY) == []
    runs[3].stable = False
    (vote,) = count_votes(runs, ["4"], False, EXACTLY)
    assert (vote.for_expected, options_of(vote), vote.voters) == (0, [("5", (0,))], 1)


@pytest.mark.parametrize(
    "silent", [CRASHED, Execution(Ended.TIMEOUT), Execution(Ended.NOT_RUN), printed(""), printed(" \n\n"), printed("5")]
)
def test_who_does_not_answer_does_not_vote(silent: Execution) -> None:
    runs = runs_of([[printed("5")], [printed("5")], [silent]], ["4"])
    (vote,) = count_votes(runs, ["4"], False, EXACTLY)
    answered = silent == printed("5")
    assert vote.voters == (3 if answered else 2)


def test_an_empty_output_is_an_answer_where_it_is_the_expected_one() -> None:
    (vote,) = votes_on("", "", "5", "5")
    assert (vote.for_expected, vote.voters) == (1, 3)


@pytest.mark.parametrize("nothing", [returned(None), Execution(Ended.FINISHED, result_type="set"), CRASHED])
def test_a_function_that_returns_nothing_json_like_does_not_vote(nothing: Execution) -> None:
    runs = runs_of([[returned([5])], [returned([5])], [nothing]], [[4]], call_based=True)
    (vote,) = count_votes(runs, [[4]], True, EXACTLY)
    assert vote == Vote(test=0, expected="[4]", for_expected=0, options=(Option("[5]", (0, 1)),), voters=2)


def test_outputs_that_the_comparison_takes_for_the_same_are_counted_together() -> None:
    texts = ["0.25", "0.2500001", "0.7", "0.2499999"]
    (vote,) = votes_on("0.5", *texts, comparison=Comparison.FLOAT)
    assert options_of(vote) == [("0.25", (0, 1, 3)), ("0.7", (2,))]
    (vote,) = votes_on("0.5", *texts, comparison=EXACTLY)
    assert len(vote.options) == 4


@pytest.mark.parametrize(
    ("execution", "call_based", "answer"),
    [
        (printed("a \r\nb\n\n"), False, "a\nb"),
        (printed(" a"), False, " a"),
        (printed("\n"), False, None),
        (returned({"a": [1.5, True, None]}), True, '{"a":[1.5,true,null]}'),
        (returned(""), True, '""'),
        (returned(0), True, "0"),
        (returned(None), True, None),
        (Execution(Ended.FINISHED, result="[" * 100_000 + "]" * 100_000), True, None),
    ],
)
def test_an_answer_has_one_form(execution: Execution, call_based: bool, answer: str | None) -> None:
    assert answer_of(execution, call_based) == answer


def test_an_answer_of_ten_thousand_digits_is_counted_whole() -> None:
    digits = "7" * 10_000
    assert answer_of(Execution(Ended.FINISHED, result=digits), True) == digits


@given(st.lists(st.sampled_from(["1", "2", "3", ""]), max_size=12))
def test_votes_add_up(texts: list[str]) -> None:
    for vote in votes_on("1", *texts):
        assert vote.for_expected == texts.count("1")
        assert vote.voters == len(texts) - texts.count("")
        assert vote.for_expected + sum(len(option.solutions) for option in vote.options) == vote.voters
        assert all(texts[index] == option.output for option in vote.options for index in option.solutions)


# ---- suggestions


def test_nothing_is_suggested_where_nothing_is_disputed() -> None:
    assert suggestion_on(ONE_ANSWER, "4", "4", "4", "5") is None
    assert suggestion_on(ONE_ANSWER, "4", "5", "6", "7") is None, "three solutions, three answers: they are wrong"
    assert suggestion_on(ONE_ANSWER, "4") is None


def test_two_solutions_that_agree_question_a_test_that_nobody_passes() -> None:
    assert suggestion_on(ONE_ANSWER, "4", "5", "5", "6") == Suggestion(
        kind="expected_output",
        text="2/3 solutions agree on another output for test 0",
        outputs={"0": "5"},
        votes="2/3",
    )
    assert suggestion_on(ONE_ANSWER, "4", "5") is None, "one solution has nobody to agree with"


def test_a_test_that_someone_passes_is_questioned_by_a_majority_of_some_size_only() -> None:
    majority = ["5"] * AGREEING
    assert suggestion_on(ONE_ANSWER, "4", "4", *majority[1:]) is None, "too few"
    assert suggestion_on(ONE_ANSWER, "4", *["4"] * AGREEING, *majority) is None, "as many for as against"
    assert suggestion_on(ONE_ANSWER, "4", *["4"] * AGREEING, *majority, "5") is not None
    assert suggestion_on(ONE_ANSWER, "4", "4", *majority) == Suggestion(
        kind="expected_output",
        text="3/4 solutions agree on another output for test 0",
        outputs={"0": "5"},
        votes="3/4",
    )


def test_a_passing_solution_that_contradicts_itself_passes_nothing() -> None:
    runs = runs_that_print("4", "5", "5", expected="4")
    votes = count_votes(runs, ["4"], False, EXACTLY)
    assert suggest(ONE_ANSWER, votes, runs, NO_INPUTS, False) is None
    runs[0].stable = False
    votes = count_votes(runs, ["4"], False, EXACTLY)
    assert suggest(ONE_ANSWER, votes, runs, NO_INPUTS, False) is not None


def test_copies_make_no_majority() -> None:
    runs = runs_that_print("5", "5", "5", "5", expected="4")
    for copy in runs[1:]:
        copy.same_as = 0
    votes = count_votes(runs, ["4"], False, EXACTLY)
    assert suggest(ONE_ANSWER, votes, runs, NO_INPUTS, False) is None


def test_every_questioned_test_gets_its_output_and_the_text_names_the_strongest() -> None:
    outputs = ["1", "2", "3"]
    answers = [("1", "8", "9"), ("1", "8", "9"), ("1", "8", "9"), ("1", "8", "3")]
    runs = runs_of([[printed(text) for text in texts] for texts in answers], outputs)
    votes = count_votes(runs, outputs, False, EXACTLY)
    suggestion = suggest(ONE_ANSWER, votes, runs, NO_INPUTS, False)
    assert suggestion is not None
    assert suggestion.outputs == {"1": "8", "2": "9"}
    assert (suggestion.text, suggestion.votes) == ("4/4 solutions agree on another output for test 1", "4/4")


def test_the_suggestion_says_that_only_letter_case_differs() -> None:
    suggestion = suggestion_on(ONE_ANSWER, "YES\n", "Yes", "Yes", "No")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.outputs) == ("expected_output", {"0": "Yes"})
    assert suggestion.text == "2/3 solutions give test 0's expected output in other letter case"


def test_the_expected_values_in_another_order_suggest_to_compare_without_order_where_the_statement_allows_it() -> None:
    suggestion = suggestion_on(ANY_ORDER, "1 2 3", "3 2 1", "3 2 1")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.comparison, suggestion.outputs) == ("comparison", "unordered", {})
    one_order = suggestion_on(ONE_ANSWER, "1 2 3", "3 2 1", "3 2 1")
    assert one_order is not None
    assert one_order.kind == "expected_output", "sorting the other way is another answer"


@pytest.mark.parametrize(
    ("cases", "answer", "kind"),
    [
        ("counted", "2\n4 1\n1 4\n1\n4 2", "comparison"),
        ("counted", "2\n4 2\n1 4\n1\n4 1", "drop"),  # lines of one case in another
        ("unknown", "2\n4 1\n1 4\n1\n4 2", "drop"),
        ("whole", "2\n4 2\n1 4\n1\n4 1", "comparison"),
    ],
)
def test_another_order_is_suggested_only_within_detected_cases(cases: str, answer: str, kind: str) -> None:
    expected = "2\n1 4\n4 1\n1\n4 2"
    runs = runs_that_print(answer, answer, expected, "0\n0", expected=expected)
    votes = count_votes(runs, [expected], False, EXACTLY)
    suggestion = suggest(ANY_ORDER, votes, runs, ["2\n"], False, cases)
    assert suggestion is not None
    assert suggestion.kind == kind


def test_lists_in_another_order_suggest_the_same_for_values() -> None:
    runs = runs_of([[returned([2, 1])], [returned([2, 1])]], [[1, 2]], call_based=True)
    votes = count_votes(runs, [[1, 2]], True, EXACTLY)
    suggestion = suggest(ANY_ORDER, votes, runs, [[]], True)
    assert suggestion is not None
    assert suggestion.comparison == "unordered"


def test_other_values_than_the_expected_are_no_other_order() -> None:
    suggestion = suggestion_on(ANY_ORDER, "1 2 3", "3 2 2", "3 2 2")
    assert suggestion is not None
    assert suggestion.kind != "comparison"


def test_many_answers_where_the_statement_allows_several_suggest_a_checker_or_to_drop_it() -> None:
    suggestion = suggestion_on(ANY_ANSWER, "1", "2", "2", "3", "4")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.votes) == ("drop", "2/4")
    assert "write a checker" in suggestion.text


def test_one_other_answer_where_the_statement_allows_several_needs_a_look() -> None:
    suggestion = suggestion_on(ANY_ANSWER, "1", "2", "2", "2")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.outputs) == ("look", {"0": "2"})


def test_an_integer_and_a_text_of_it_are_two_answers_of_a_function() -> None:
    runs = runs_of([[returned("5")], [returned(5)]], [4], call_based=True)
    (vote,) = count_votes(runs, [4], True, EXACTLY)
    assert options_of(vote) == [('"5"', (0,)), ("5", (1,))]


# ---- where nothing in the statement allows several answers


def kind_on(question: str, expected: str, *texts: str, given: str = "") -> str | None:
    suggestion = suggestion_on(question, expected, *texts, given=given)
    return suggestion and suggestion.kind


def sample(shown: str, given: str = "2 3") -> str:
    return f"Walk the board.\n\n-----Input-----\nTwo numbers.\n\n-----Example-----\nInput\n{given}\n\nOutput\n{shown}\n"


def test_the_expected_output_of_the_statements_sample_is_right() -> None:
    suggestion = suggestion_on(sample("1 1\n1 2"), "1 1\n1 2\n", *["1 2\n1 3"] * 11, given="2 3\n")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.outputs, suggestion.votes) == ("look", {}, "11/11")
    assert "test 0 is the statement's sample, which has the expected output" in suggestion.text
    assert "write a checker" in suggestion.text


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (sample("1 1\n1 2"), "look"),
        (sample(" 1  1\n\n1 2 "), "look"),
        (sample("4 4"), "look"),
        (sample("1 2\n1 3"), "expected_output"),
        (sample("1 1\n1 2", given="2 4"), "expected_output"),
        ("Walk the board of 2 3, such as 1 1 1 2.", "expected_output"),
    ],
    ids=["has the expected", "in other spacing", "has a third", "has the solutions'", "is another", "has no sample"],
)
def test_what_the_statements_sample_says_of_a_disputed_test(question: str, kind: str) -> None:
    assert kind_on(question, "1 1\n1 2\n", *["1 2\n1 3"] * 5, given="2 3\n") == kind


def test_a_sample_of_several_cases_run_together_does_not_speak_against_the_solutions() -> None:
    assert kind_on(sample("5\n7", given="1\n2"), "5\n7\n", "5", "5", "5", given="1\n2\n") == "expected_output"


@pytest.mark.parametrize(
    ("expected", "returns", "kind"), [(10, 12, "look"), (12, 10, "expected_output"), (9, 12, "expected_output")]
)
def test_samples_of_functions_are_recognised(expected: int, returns: int, kind: str) -> None:
    question = "Take stones.\n\nExample 1:\nInput: piles = [2, 7,9], m = 1\nOutput: 10\n"
    runs = runs_of([[returned(returns)]] * 3, [expected], call_based=True)
    votes = count_votes(runs, [expected], True, EXACTLY)
    suggestion = suggest(question, votes, runs, [[[2, 7, 9], 1]], True)
    assert suggestion is not None
    assert suggestion.kind == kind


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["5"] * 6 + ["6"] * 3, "expected_output"),
        (["5"] * 6 + ["6"] * 4, "look"),
        (["5"] * 8 + ["6", "6"], "expected_output"),
        (["5"] * 8 + ["6", "7"], "look"),
        (["5"] * 5 + ["6", "6", "7", "7", "8", "9", "10"], "look"),
        (["5"] * 90 + ["6", "7", "8", "9"], "expected_output"),
    ],
    ids=["2 of 3", "6 of 10", "one other", "two others", "scattered", "all but a few"],
)
def test_scattered_votes_need_a_look(texts: list[str], kind: str) -> None:
    suggestion = suggestion_on(ONE_ANSWER, "4", *texts)
    assert suggestion is not None
    assert suggestion.kind == kind
    assert (suggestion.outputs == {}) == (kind == "look")


@pytest.mark.parametrize(
    ("expected", "texts", "kind"),
    [
        ("2\n4\n7", ["2\n7\n4", "2\n7\n4", "2\n7\n4", "2\n4\n7"], "comparison"),
        ("4 7 9", ["7 4 9", "7 4 9", "9 7 4"], "comparison"),
        ("2\n4\n7", ["2\n7\n4", "2\n7\n4", "2\n7\n4", "2\n7\n8"], "expected_output"),
        ("5 3 8", ["8 3 5", "8 3 5", "8 3 5", "5 3 8"], "expected_output"),
        ("2 1 3", ["3 2 1", "3 2 1", "3 2 1", "2 1 3"], "expected_output"),
        ("3\n2\n1\n3", ["3\n1\n2\n3"] * 3 + ["3\n2\n1\n3"], "expected_output"),
    ],
    ids=["lines", "tokens", "another value", "arranges the input", "a permutation", "a counted permutation"],
)
def test_solutions_that_agree_on_the_values_and_not_on_their_order(expected: str, texts: list[str], kind: str) -> None:
    suggestion = suggestion_on(ONE_ANSWER, expected, *texts, given="3\n3 5 8\n")
    assert suggestion is not None
    assert suggestion.kind == kind
    assert suggestion.comparison == ("unordered" if kind == "comparison" else "")


def test_lists_that_arrange_an_argument_are_compared_in_order() -> None:
    runs = runs_of([[returned([8, 5])]] * 3 + [[returned([5, 8])]], [[5, 8]], call_based=True)
    votes = count_votes(runs, [[5, 8]], True, EXACTLY)
    kinds = [suggest(ONE_ANSWER, votes, runs, [[given]], True) for given in ([8, 5], [1, 2])]
    assert [suggestion and suggestion.kind for suggestion in kinds] == ["expected_output", "comparison"]


@pytest.mark.parametrize(
    ("expected", "answer", "kind"),
    [("5\n010", "5\n011", "look"), ("5", "6", "expected_output"), ("YES\n1 2", "Yes\n1 2", "expected_output")],
)
def test_solutions_that_agree_against_many_tests_construct_other_answers(expected: str, answer: str, kind: str) -> None:
    outputs = [expected] * AGREEING
    runs = runs_of([[printed(answer)] * AGREEING] * 4, outputs)
    votes = count_votes(runs, outputs, False, EXACTLY)
    suggestion = suggest(ONE_ANSWER, votes, runs, NO_INPUTS, False)
    assert suggestion is not None
    assert suggestion.kind == kind


# ---- findings


def test_a_disputed_test_is_a_finding_with_its_votes() -> None:
    (finding,) = vote_findings(votes_on("4", "5", "5", "4"), ["2 2"])
    assert finding.code == Note.DISPUTED_TEST
    assert finding.detail == "test 0: 1 of 3 solutions give the expected output, 2 agree on another"
    assert finding.evidence == {
        "test": 0,
        "input": "2 2",
        "expected": "4",
        "for_expected": 1,
        "voters": 3,
        "options": [{"output": "5", "votes": 2, "solutions": [0, 1]}],
    }


def test_long_outputs_are_shown_around_their_difference() -> None:
    expected, other = "a" * 5000 + "b", "a" * 5000 + "c"
    (finding,) = vote_findings(votes_on(expected, other, other), ["x" * 5000])
    assert len(json.dumps(finding.evidence)) < 2000
    assert finding.evidence["expected"].endswith("b")
    assert finding.evidence["options"][0]["output"].endswith("c")


def test_a_minority_never_becomes_the_expected_output() -> None:
    suggestion = suggestion_on(ANY_ANSWER, "YES\n", *["YES"] * 8, "Yes", "Yes")
    assert suggestion is not None
    assert (suggestion.kind, suggestion.outputs) == ("look", {})
