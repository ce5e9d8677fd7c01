"""Bring tests into one shape, or report them as unusable; every problem here is invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import dump_json, unlimited_digits
from curation.pipeline.normalize import (
    MAX_NESTING,
    ShapedTests,
    Unusable,
    has_integer_like_keys,
    parse_tests,
    resolve_wrapping,
)
from curation.records import Finding, Note, Reason


def script_tests(inputs: Any, outputs: Any) -> str:
    return json.dumps({"inputs": inputs, "outputs": outputs})


def call_tests(inputs: Any, outputs: Any, fn_name: Any = "f") -> str:
    return json.dumps({"fn_name": fn_name, "inputs": inputs, "outputs": outputs})


def shaped(text: str | None) -> tuple[ShapedTests, list[Finding]]:
    tests, findings = parse_tests(text)
    assert isinstance(tests, ShapedTests), tests
    return tests, findings


def why_unusable(text: str | None) -> Finding:
    tests, findings = parse_tests(text)
    assert isinstance(tests, Unusable), tests
    assert not findings
    return tests.finding


def codes(findings: list[Finding]) -> list[str]:
    return [str(finding.code) for finding in findings]


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def borne_out(*returned: Any) -> Callable[[int, Any], int]:
    """Return ``count_matches`` for solutions that all return ``returned[i]`` on test ``i``."""
    return lambda test, value: int(dump_json(returned[test]) == dump_json(value))


def nobody(test: int, value: Any) -> int:
    return 0


# ---- standard input


def test_texts_stay_as_they_are() -> None:
    tests, findings = shaped(script_tests(["1 2\n"], ["3"]))
    assert (tests.entry_point, tests.inputs, tests.outputs, findings) == (None, ["1 2\n"], ["3"], [])


def test_a_list_of_lines_becomes_a_text_and_says_so() -> None:
    tests, findings = shaped(script_tests([["2", "1 2"], "1\n1"], ["3", ["1"]]))
    assert tests.inputs == ["2\n1 2\n", "1\n1"]
    assert tests.outputs == ["3", "1\n"]
    assert [(f.code, f.evidence) for f in findings] == [
        (Note.JOINED_LINES, {"raw_tests": [0]}),
        (Note.JOINED_LINES, {"raw_tests": [1]}),
    ]


def test_lines_that_bring_their_own_ends_get_no_second_one() -> None:
    tests, _ = shaped(script_tests([["a\n", "b\r\n", "c"]], ["x"]))
    assert tests.inputs == ["a\nb\nc\n"]


def test_an_empty_line_in_a_list_stays_a_line() -> None:
    tests, _ = shaped(script_tests([["", "a", ""], []], ["x", "y"]))
    assert tests.inputs == ["\na\n\n", ""]


def test_carriage_returns_become_line_ends_and_say_so() -> None:
    tests, findings = shaped(script_tests(["1\r\n2\r3\n"], ["6"]))
    assert tests.inputs == ["1\n2\n3\n"]
    assert codes(findings) == ["line_ends"]


@pytest.mark.parametrize(("number", "text"), [(5, "5"), (-1, "-1"), (2.5, "2.5")])
def test_a_number_becomes_its_text(number: float, text: str) -> None:
    tests, _ = shaped(script_tests([number, [number, 1]], [number, "x"]))
    assert tests.inputs == [text, f"{text}\n1\n"]
    assert tests.outputs[0] == text


@pytest.mark.parametrize("value", [None, True, {"n": 1}])
def test_what_no_program_can_read_is_malformed_and_named(value: Any) -> None:
    finding = why_unusable(script_tests(["1", value], ["1", "2"]))
    assert finding.code == Reason.MALFORMED_JSON
    assert "inputs[1]" in finding.detail
    assert type(value).__name__ in finding.detail


# ---- call-based


def test_a_list_of_arguments_stays_one() -> None:
    tests, findings = shaped(call_tests([[1, [2]], []], [[3], [4]]))
    assert (tests.entry_point, tests.inputs, tests.outputs, findings) == ("f", [[1, [2]], []], [[3], [4]], [])


def test_a_text_holds_one_argument_a_line() -> None:
    tests, findings = shaped(call_tests(['[1, 2]\r\n"a"\n\n3', ""], [[1], [2]]))
    assert tests.inputs == [[[1, 2], "a", 3], []]
    assert [(f.code, f.evidence) for f in findings] == [(Note.PARSED_ARGUMENTS, {"raw_tests": [0, 1]})]


@pytest.mark.parametrize("arguments", ["[1, 2", "hello", "1 2"])
def test_a_text_that_is_not_arguments_is_malformed(arguments: str) -> None:
    finding = why_unusable(call_tests([[1], arguments], [[1], [2]]))
    assert finding.code == Reason.MALFORMED_JSON
    assert "inputs[1] is not a list of arguments" in finding.detail


@pytest.mark.parametrize("arguments", [5, None, True, {"a": 1}])
def test_arguments_that_are_no_list_are_malformed(arguments: Any) -> None:
    assert why_unusable(call_tests([arguments], [[1]])).code == Reason.MALFORMED_JSON


def test_an_empty_name_means_standard_input() -> None:
    assert shaped(call_tests(["1"], ["2"], fn_name=""))[0].entry_point is None
    assert shaped(call_tests(["1"], ["2"], fn_name=None))[0].entry_point is None


@pytest.mark.parametrize("name", [5, 0, False, [], ["f"], {}])
def test_a_name_that_is_no_text_is_malformed(name: Any) -> None:
    finding = why_unusable(call_tests([[1]], [[2]], fn_name=name))
    assert (finding.code, finding.detail) == (Reason.MALFORMED_JSON, "fn_name is not a string")


# ---- what is missing or broken as a whole


@pytest.mark.parametrize(
    "text",
    [
        None,
        "{}",
        '{"inputs": [], "outputs": []}',
        '{"inputs": ["1"], "outputs": []}',
        '{"inputs": {"0": "1"}, "outputs": {"0": "2"}}',
        '{"inputs": "1", "outputs": "2"}',
        '{"inputs": null, "outputs": null}',
        '{"fn_name": "f"}',
    ],
)
def test_tests_that_are_not_there_are_missing(text: str | None) -> None:
    assert why_unusable(text).code == Reason.MISSING_TESTS


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"text"', "null", "\x00", '{"inputs": ["1"], "outputs": ["2"]', "{}{}"]
)
def test_what_is_no_json_object_is_malformed(text: str) -> None:
    assert why_unusable(text).code == Reason.MALFORMED_JSON


def test_a_file_that_was_cut_off_shows_its_end() -> None:
    text = script_tests(["1" * 500], ["the end of it"])[:-20]
    finding = why_unusable(text)
    assert finding.detail.startswith("input_output is not JSON: ")
    assert finding.evidence == {"ends_with": text[-80:]}


def test_unequal_numbers_of_inputs_and_outputs_are_malformed() -> None:
    finding = why_unusable(script_tests(["1", "2", "3"], ["1", "2"]))
    assert (finding.code, finding.detail) == (Reason.MALFORMED_JSON, "3 inputs but 2 outputs")


@pytest.mark.parametrize("levels", [MAX_NESTING, 500, *range(960, 1010), 100_000])
def test_data_nested_too_deep_is_malformed_at_every_depth(levels: int) -> None:
    as_output = f'{{"fn_name": "f", "inputs": [[1]], "outputs": [{nested(levels)}]}}'
    as_text = json.dumps({"fn_name": "f", "inputs": [nested(levels)], "outputs": [[1]]})
    as_line = f'{{"inputs": [[{nested(levels)}]], "outputs": ["1"]}}'
    for text in (as_output, as_text, as_line):
        assert why_unusable(text).code == Reason.MALFORMED_JSON


def test_dicts_nested_too_deep_are_malformed() -> None:
    value = '{"a":' * 150 + "1" + "}" * 150
    assert why_unusable(f'{{"fn_name": "f", "inputs": [[{value}]], "outputs": [[1]]}}').code == Reason.MALFORMED_JSON


def test_deep_but_readable_data_is_kept() -> None:
    tests, _ = shaped(f'{{"fn_name": "f", "inputs": [[{nested(50)}]], "outputs": [[1]]}}')
    assert dump_json(tests.inputs) == f"[[{nested(50)}]]"


def test_integers_of_ten_thousand_digits_come_through_whole() -> None:
    digits = "7" * 10_000
    tests, _ = shaped(f'{{"fn_name": "f", "inputs": [[{digits}]], "outputs": [["{digits}"]]}}')
    with unlimited_digits():
        assert tests.inputs == [[int(digits)]]
    script, _ = shaped(f'{{"inputs": [{digits}], "outputs": [[{digits}]]}}')
    assert (script.inputs, script.outputs) == ([digits], [digits + "\n"])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_json_has_no_number_for_cannot_be_released(number: str) -> None:
    unusable, _ = parse_tests('{"fn_name": "f", "inputs": [[1]], "outputs": [[{"a": [' + number + "]}]]}")
    assert isinstance(unusable, Unusable)
    assert unusable.finding.code == Reason.MALFORMED_JSON


def test_tests_given_as_numbers_become_texts_and_say_so() -> None:
    _, findings = parse_tests('{"inputs": ["1", 2], "outputs": ["3", "4"]}')
    assert [(f.code, f.evidence) for f in findings] == [(Note.NUMBERS_AS_TEXT, {"raw_tests": [1]})]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8))
def test_whatever_the_file_holds_there_is_an_answer_and_no_exception(value: Any) -> None:
    whole = json.dumps({"fn_name": "f", "inputs": [value], "outputs": [value]})
    for text in (json.dumps(value), script_tests(value, value), script_tests([value], [value]), whole, whole[:-2]):
        tests, _ = parse_tests(text)
        if isinstance(tests, ShapedTests):
            assert len(tests.inputs) == len(tests.outputs) > 0
        else:
            assert tests.finding.code in (Reason.MISSING_TESTS, Reason.MALFORMED_JSON)


# ---- tests that stand there twice


def test_a_test_that_stands_there_twice_is_kept_once() -> None:
    tests, findings = shaped(script_tests(["1", "2", "1", "1"], ["a", "b", "a", "a"]))
    assert (tests.inputs, tests.outputs) == (["1", "2"], ["a", "b"])
    assert [(f.code, f.evidence) for f in findings] == [(Note.DUPLICATE_TEST, {"raw_tests": [[0, 2], [0, 3]]})]


def test_tests_that_contradict_each_other_are_both_kept_and_named() -> None:
    tests, findings = shaped(script_tests(["1", "2", "1"], ["a", "b", "c"]))
    assert len(tests.inputs) == 3
    assert [(f.code, f.evidence) for f in findings] == [(Note.CONTRADICTORY_TESTS, {"raw_tests": [[0, 2]]})]


def test_duplicates_show_only_once_their_shape_is_one() -> None:
    tests, findings = shaped(script_tests(["1\n2\n", ["1", "2"], "1\r\n2\r\n"], ["3\n"] * 3))
    assert tests.inputs == ["1\n2\n"]
    assert codes(findings) == ["joined_lines", "line_ends", "duplicate_test"]


def test_true_and_one_and_one_point_zero_are_three_arguments() -> None:
    tests, findings = shaped(call_tests([[True], [1], [1.0], ["1"]], [[0], [0], [0], [0]]))
    assert len(tests.inputs) == 4
    assert not findings


# ---- wrapped outputs


def test_an_output_is_unwrapped_where_the_solutions_return_what_is_in_it() -> None:
    values, finding = resolve_wrapping([[5], [6]], borne_out(5, 6))
    assert values == [5, 6]
    assert finding is not None
    assert finding.detail == "all outputs were wrapped in a list of one"
    assert finding.evidence == {"unwrapped": [0, 1], "no_solution_bears_out": []}


def test_an_output_stays_where_the_solutions_return_the_list() -> None:
    assert resolve_wrapping([[5], [6]], borne_out([5], [6])) == ([[5], [6]], None)


def test_what_is_no_list_of_one_is_never_unwrapped() -> None:
    outputs = [5, [1, 2], [], "x", None, {"a": 1}, ""]
    assert resolve_wrapping(outputs, nobody) == (outputs, None)


def test_each_output_is_read_as_its_solutions_bear_out() -> None:
    values, finding = resolve_wrapping([[[1]], [2], [3, 4]], borne_out([1], [2], [3, 4]))
    assert values == [[1], [2], [3, 4]]
    assert finding is not None
    assert finding.detail == "1 of 3 outputs were wrapped in a list of one"
    assert finding.evidence["unwrapped"] == [0]


def test_an_ambiguous_output_follows_the_problems_other_tests() -> None:
    def only_the_first_two(bare: bool) -> Callable[[int, Any], int]:
        return lambda test, value: int(test < 2 and isinstance(value, list) == bare)

    assert resolve_wrapping([[1], [2], [3]], only_the_first_two(bare=True))[0] == [[1], [2], [3]]
    assert resolve_wrapping([[1], [2], [3]], only_the_first_two(bare=False))[0] == [1, 2, 3]


def test_where_nothing_decides_outputs_are_wrapped_as_nearly_all_of_raw_apps_are() -> None:
    values, finding = resolve_wrapping([[1], [2]], nobody)
    assert values == [1, 2]
    assert finding is not None
    assert finding.evidence["no_solution_bears_out"] == [0, 1]


def test_where_nothing_decides_but_another_output_is_bare_all_are() -> None:
    assert resolve_wrapping([[1], [1, 2]], nobody) == ([[1], [1, 2]], None)


def test_of_a_mixed_problem_an_ambiguous_output_follows_the_majority() -> None:
    borne_out_bare = [True, False, False]

    def counts(test: int, value: Any) -> int:
        return int(test < 3 and isinstance(value, list) == borne_out_bare[test])

    assert resolve_wrapping([[1], [2], [3], [4]], counts)[0] == [[1], 2, 3, 4]


@pytest.mark.parametrize(("for_value", "for_list", "read"), [(3, 2, 5), (2, 3, [5]), (2, 2, 5)])
def test_the_reading_that_more_solutions_bear_out_wins(for_value: int, for_list: int, read: Any) -> None:
    assert resolve_wrapping([[5]], lambda test, value: for_value if value == 5 else for_list)[0] == [read]


@given(st.lists(st.integers() | st.lists(st.integers(), max_size=2), min_size=1, max_size=6))
def test_solutions_that_agree_on_every_test_always_get_their_reading(returned: list[Any]) -> None:
    assert resolve_wrapping([[value] for value in returned], borne_out(*returned))[0] == returned
    assert resolve_wrapping(returned, borne_out(*returned))[0] == returned


# ---- keys of dicts


@pytest.mark.parametrize("value", [{"1": 2}, [[{"-3": 0, "4": 0}]], {"a": {"7": 1}}])
def test_keys_that_read_as_integers_may_have_been_some(value: Any) -> None:
    assert has_integer_like_keys(value)


@pytest.mark.parametrize("value", [{}, {"a": 1}, {"1": 1, "a": 2}, {"1.5": 1}, {"": 1}, {"-": 1}, {"²": 1}, ["1"], "1"])
def test_other_keys_were_texts_all_along(value: Any) -> None:
    assert not has_integer_like_keys(value)
