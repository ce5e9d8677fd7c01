"""EvalPlus's rules: equality with the reference's answer, and the inputs of MBPP+."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judging.judge import judge_checks
from harness.sandbox import Sandbox
from harness.scoring.benchmarks import evalplus
from harness.scoring.benchmarks.benchmark import PlusTests
from harness.scoring.benchmarks.evalplus import (
    BrokenReferenceError,
    Chunks,
    answering_all,
    chunks_of,
    literal,
    mbpp_inputs,
    rule_of,
)


def chunks(sandbox: Sandbox, name: str, reference: str, inputs: list[Any], atol: float = 0.0) -> Chunks:
    return chunks_of(sandbox, PlusTests(tuple(inputs), reference, atol), name)


def verdict(
    sandbox: Sandbox, name: str, reference: str, program: str, inputs: list[Any], atol: float = 0.0
) -> tuple[str, str]:
    """Return the verdict of a program on the first piece of a problem's tests, and its details."""
    first = chunks(sandbox, name, reference, inputs, atol).chunks[0]
    judged = judge_checks(sandbox, answering_all(program, name), first.checks)
    return str(judged.verdict), judged.execution.message


def returning(name: str, value: str) -> str:
    return f"def {name}(*arguments):\n    return {value}\n"


@pytest.mark.parametrize(
    ("name", "expected", "right", "wrong"),
    [
        ("f", "[1, 2]", "[1, 2]", "[2, 1]"),
        ("f", "(1, 2)", "(1, 2)", "[1, 2]"),
        ("f", "{1: {'a'}}", "{1: {'a'}}", "{1: {'b'}}"),
        ("f", "None", "None", "0"),
        ("f", "True", "True", "False"),
        ("f", "10 ** 5000", "10 ** 5000", "10 ** 5000 + 1"),
        ("f", "'\\ud800'", "'\\ud800'", "'?'"),
        ("f", "float('inf')", "float('inf')", "1e308"),
        ("f", "[-float('inf')]", "[-float('inf')]", "[float('inf')]"),
        # Floats are equal within 1e-6 if the types are equal.
        ("f", "0.3", "0.1 + 0.2", "0.3001"),
        ("f", "0.0", "1e-7", "1e-5"),
        ("f", "[0.3, 1e9]", "[0.1 + 0.2, 1e9 + 1]", "(0.3, 1e9)"),
        ("f", "[0.3, 0.3]", "[0.3, 0.3]", "[0.3]"),
        ("f", "[0.3]", "[0.1 + 0.2]", "['0.3']"),
        # Without a float there is no tolerance.
        ("f", "[1, 0.3]", "[1, 0.3]", "[1, 0.1 + 0.2]"),
        ("f", "1", "1.0", "1.0000001"),
        # Compared as sets: order and repetition are ignored.
        ("similar_elements", "(1, 2)", "[2, 1, 1]", "(1, 3)"),
        ("find_dissimilar", "(1, 2)", "{2, 1}", "()"),
        ("larg_nnum", "[1, 2]", "[2, 1]", "[[1], [2]]"),
        ("intersection_array", "[1, 2]", "(2, 1)", "None"),
        # Compared by truth value only.
        ("text_match_three", "'Found a match!'", "7", "None"),
        ("check_str", "None", "False", "'no'"),
        # Zero counts as a result.
        ("sum_div", "5", "0", "4"),
        ("sum_div", "5", "5", "None"),
    ],
)
def test_right_and_wrong_answers(sandbox: Sandbox, name: str, expected: str, right: str, wrong: str) -> None:
    reference = returning(name, expected)
    assert verdict(sandbox, name, reference, returning(name, right), [[1]])[0] == "passed"
    assert verdict(sandbox, name, reference, returning(name, wrong), [[1]])[0] == "wrong_answer"


def test_a_problem_that_admits_any_answer_needs_one_all_the_same(sandbox: Sandbox) -> None:
    reference = returning("are_equivalent", "True")
    assert verdict(sandbox, "are_equivalent", reference, returning("are_equivalent", "'no'"), [[1]])[0] == "passed"
    raising = returning("are_equivalent", "1 / 0")
    assert verdict(sandbox, "are_equivalent", reference, raising, [[1]])[0] == "runtime_error"


def test_a_problems_own_tolerance(sandbox: Sandbox) -> None:
    reference = returning("f", "[1, 0.5]")
    close, far = returning("f", "[1, 0.51]"), returning("f", "[1, 0.6]")
    assert verdict(sandbox, "f", reference, close, [[1]], atol=0.05)[0] == "passed"
    assert verdict(sandbox, "f", reference, far, [[1]], atol=0.05)[0] == "wrong_answer"


def test_any_root_of_the_polynomial_will_do(sandbox: Sandbox) -> None:
    reference = returning("find_zero", "1.0")  # of 2 - 3x + x^2
    for value, expected in (("1.0", "passed"), ("2.0", "passed"), ("3.0", "wrong_answer")):
        program = returning("find_zero", value)
        assert verdict(sandbox, "find_zero", reference, program, [[[2, -3, 1]]], atol=1e-4)[0] == expected


def test_the_pyramid_may_have_either_height(sandbox: Sandbox) -> None:
    reference = "def surface_Area(b, s): return 2 * b * s + b * b"
    slanted = "def surface_Area(b, h): return round(b * b + 2 * b * ((b / 2) ** 2 + h * h) ** 0.5)"
    for program, expected in ((reference, "passed"), (slanted, "passed"), (slanted + " + 1", "wrong_answer")):
        assert verdict(sandbox, "surface_Area", reference, program, [[3, 4]])[0] == expected


def test_the_digit_distance_may_be_taken_digit_by_digit(sandbox: Sandbox) -> None:
    reference = "def digit_distance_nums(a, b): return sum(map(int, str(abs(a - b))))"
    for value, expected in (("9", "passed"), ("2", "passed"), ("3", "wrong_answer")):
        program = returning("digit_distance_nums", value)
        assert verdict(sandbox, "digit_distance_nums", reference, program, [[19, 28]])[0] == expected


def test_rules_go_by_the_name_of_the_function() -> None:
    assert rule_of("find_zero") == "root"
    assert rule_of("extract_singly") == "as_sets"
    assert rule_of("anything_else") == "equal"


def test_a_wrong_answer_names_the_input(sandbox: Sandbox) -> None:
    program = "def f(x): return x if x < 2 else 'no'"
    assert verdict(sandbox, "f", "def f(x): return x", program, [[1], [2], [3]]) == (
        "wrong_answer", "input 1: 'no' instead of 2",
    )  # fmt: skip


def test_inputs_that_json_cannot_write(sandbox: Sandbox) -> None:
    inputs = [[float("inf"), {1, 2}], [float("nan"), (1, 2j)], [10**5000, "\ud800"]]
    assert verdict(sandbox, "f", "def f(*a): return repr(a)", "def f(*a): return repr(a)", inputs) == ("passed", "")


def test_a_program_cannot_change_the_inputs_of_the_next_question(sandbox: Sandbox) -> None:
    program = "def f(x):\n    x.append(1)\n    return len(x)"
    reference = "def f(x): return len(x) + 1"
    assert verdict(sandbox, "f", reference, program, [[[1]], [[1]], [[]]])[0] == "passed"


def test_a_program_may_answer_with_one_list_again_and_again(sandbox: Sandbox) -> None:
    program = "R, S = [], [[]]\ndef f(x):\n    R[:] = [x]\n    S[0][:] = [x]\n    return R, S, {'s': S[0]}"
    reference = "def f(x): return [x], [[x]], {'s': [x]}"
    assert verdict(sandbox, "f", reference, program, [[1], [2], [3]])[0] == "passed"


def test_a_counter_is_a_dict_to_whoever_compares_it(sandbox: Sandbox) -> None:
    reference = "from collections import Counter\ndef f(x): return [Counter(x)]"
    assert verdict(sandbox, "f", reference, "def f(x): return [{'a': 2}]", [["aa"]])[0] == "passed"


# ---- pieces of a suite


def test_many_inputs_come_in_pieces_that_count_through(sandbox: Sandbox) -> None:
    made = chunks(sandbox, "f", "def f(x): return x", [[number] for number in range(300)])
    assert (len(made.chunks), made.left_out) == (3, 0)
    program = answering_all("def f(x): return x if x < 290 else 'no'", "f")
    told = [judge_checks(sandbox, program, chunk.checks).execution.message for chunk in made.chunks]
    assert told == ["", "", "input 290: 'no' instead of 290"]


def test_large_inputs_make_more_pieces(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evalplus, "CHUNK_BYTES", 5_000)
    made = chunks(sandbox, "f", "def f(x): return len(x)", [["x" * 3_000]] * 5)
    assert len(made.chunks) == 3


def test_no_inputs_make_no_pieces(sandbox: Sandbox) -> None:
    assert chunks(sandbox, "f", "def f(x): return x", []) == Chunks((), 0)


def test_an_answer_too_large_to_be_asked_is_left_out_and_counted(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(evalplus._REFERENCE_LIMITS, output_bytes=5_000)
    monkeypatch.setattr(evalplus, "_REFERENCE_LIMITS", small)
    made = chunks(sandbox, "f", "def f(n): return 'x' * n", [[1], [10_000], [2]])
    assert made.left_out == 1
    program = answering_all("def f(n): return 'x' if n == 1 else 'no'", "f")
    judged = judge_checks(sandbox, program, made.chunks[0].checks)
    assert judged.execution.message == "input 2: 'no' instead of 'xx'"  # the number is EvalPlus's


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("def f(x): return 1 // x", "fails on input 1: exception ZeroDivisionError"),
        ("def g(x): return x", "fails on input 0: exception NameError"),
        ("def f(x: return x", "fails on input 0: compile_error SyntaxError"),
        ("def f(x): return object()", "fails on input 0: exception ValueError"),
    ],
)
def test_a_reference_that_fails_says_nothing_of_the_program(sandbox: Sandbox, reference: str, told: str) -> None:
    with pytest.raises(BrokenReferenceError, match=told):
        chunks(sandbox, "f", reference, [[1], [0]])


def test_the_time_that_the_reference_takes_is_known(sandbox: Sandbox) -> None:
    made = chunks(sandbox, "f", "def f(x):\n    for _ in range(10 ** 6): pass\n    return x", [[1]])
    assert made.chunks[0].reference_seconds > 0


# ---- values that JSON cannot express


@pytest.mark.parametrize(
    ("number", "given", "made"),
    [
        (2, [[1, [2]], 3], [(1, [2]), 3]),
        (63, [[[1, 2], [3]]], [[(1, 2), (3,)]]),
        (75, [[[1]], [[2]]], [[(1,)], [[2]]]),
        (106, [[1], [2]], [[1], (2,)]),
        (115, [[[1, 2], []]], [[{1, 2}, {}]]),
        (124, [1, "2+3j"], [1.0, 2 + 3j]),
        (250, [[1], [2]], [(1,), [2]]),
        (259, [[[1], [2]], [[3]]], [((1,), (2,)), ((3,),)]),
        (722, [{"a": [1, 2]}, 3, 4], [{"a": (1, 2)}, 3, 4]),
        (252, ["1j"], [1j]),
        (580, [[[[1]], [2, [[3]]]]], [(((1,),), (2, ((3,),)))]),
        (3, [[1]], [[1]]),
    ],
)
def test_arguments_get_their_types_back(number: int, given: list[Any], made: list[Any]) -> None:
    assert repr(mbpp_inputs(f"Mbpp/{number}", [given])) == repr([made])


def test_a_literal_is_the_same_in_every_process() -> None:
    value = [({"b", "a", "c"}, {"k": [{2, 1}]}, set(), {}), (1.5, "x", None, 1 + 2j)]
    assert literal(value) == "[({'a', 'b', 'c'}, {'k': [{1, 2}]}, set(), {}, ), (1.5, 'x', None, (1+2j), )]"
    assert eval(literal(value)) == value
