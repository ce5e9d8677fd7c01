"""Judge programs by EvalPlus's tests: the rules, by digests and by the answers themselves."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judging.judge import JudgedTest, judge_checks
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.scoring.benchmarks.benchmark import PlusTests
from harness.scoring.benchmarks.evalplus.chunks import Chunks, chunks_of
from harness.scoring.benchmarks.evalplus.inputs import pack
from harness.scoring.benchmarks.evalplus.judge import (
    ALL_OF,
    answering_all,
    checks_of,
    digesting_all,
    judge_chunks,
)
from harness.scoring.benchmarks.evalplus.references import NO_DIGEST
from harness.scoring.benchmarks.evalplus.rules import rule_of

LIMITS = Limits()


def chunks(sandbox: Sandbox, name: str, reference: str, inputs: list[Any], atol: float = 0.0) -> Chunks:
    return chunks_of(sandbox, PlusTests(tuple(inputs), reference, atol), name)


def verdict(
    sandbox: Sandbox, name: str, reference: str, program: str, inputs: list[Any], atol: float = 0.0
) -> tuple[str, str]:
    """Return the verdict of a program on a problem's tests, and its details; it is the same without digests."""
    tests = chunks(sandbox, name, reference, inputs, atol)
    judged = judge_chunks(sandbox, program, tests, LIMITS)[-1]
    every = range(len(tests.chunks[-1].inputs))
    asked = judge_checks(sandbox, answering_all(program, name), checks_of(sandbox, tests.chunks[-1], every))
    assert (judged.verdict, judged.execution.message) == (asked.verdict, asked.execution.message)
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


# ---- digests


def digests_of(*values: Any, rule_from: str = "f") -> list[str]:
    """Return the digests that a program sends which returns its argument, in this process."""
    space: dict[str, Any] = {}
    exec(digesting_all(f"def {rule_from}(x): return x", rule_from).source, space)
    found: str = space[ALL_OF](" ".join(pack([value]) for value in values))
    return [found[at : at + len(NO_DIGEST)] for at in range(0, len(found), len(NO_DIGEST))]


def test_no_two_different_values_share_a_digest() -> None:
    values: list[Any] = [
        None, False, True, 0, 1, 2**31, 2**70, -1, 0.0, -0.0, 1.0, float("inf"), 0j, 1 + 0j,
        "", "0", "1", "True", "None", "\ud800", "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301", b"", b"1",
        [], (), set(), frozenset(), {}, [[]], [()], ([],), [0], [False], (0,), {0}, frozenset([0]), {0: 0}, {"0": 0},
        [1, 2], [2, 1], [[1], 2], [[1, 2]], ["12"], ["1", "2"], {1: [2]}, {(1,): 2}, {1: 2, 3: 4}, {1: {2: {}}},
    ]  # fmt: skip
    digests = digests_of(*values)
    assert NO_DIGEST not in digests
    assert len(set(digests)) == len(values)


def test_equal_values_share_a_digest_wherever_they_come_from() -> None:
    text = "ab"
    one, other = [text, text, [1], [1]], ["".join(("a", "b")), "ab", *[[1]] * 2]
    assert digests_of(one) == digests_of(other)


def test_sets_that_are_compared_as_sets_have_one_digest_in_any_order() -> None:
    one, other, third = digests_of([3, 1, 1], (1, 3), [1], rule_from="Diff")
    assert one == other != third


@pytest.mark.parametrize("value", ["object()", "iter([1])", "__import__('collections').Counter('a')", "lambda: 1"])
def test_a_value_without_a_canonical_form_has_no_digest(value: str) -> None:
    space: dict[str, Any] = {}
    exec(digesting_all(f"def f(x): return {value}", "f").source, space)
    assert space[ALL_OF](pack([1])) == NO_DIGEST


def test_a_right_answer_stays_in_the_process_of_the_program(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = chunks(sandbox, "f", "def f(x): return [x] * 10", [[number] for number in range(300)])
    monkeypatch.setattr(Sandbox, "check", None)
    judged = judge_chunks(sandbox, "def f(x): return [x for _ in range(10)]", tests, LIMITS)
    assert [str(test.verdict) for test in judged] == ["passed"] * 3


def test_no_process_of_the_program_gets_an_expected_output(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = chunks(sandbox, "f", "def f(x): return ['expected', x]", [[1], [2]])
    sent: list[Any] = []
    execute = Sandbox.execute

    def recorded(of: Sandbox, program: Any, inputs: Any, *given: Any, **more: Any) -> Any:
        sent.append((program, inputs))
        return execute(of, program, inputs, *given, **more)

    monkeypatch.setattr(Sandbox, "execute", recorded)
    judge_chunks(sandbox, "def f(x): return ['expected', x]", tests, LIMITS)
    assert sent
    assert not any(digest in repr(sent) for digest in tests.chunks[0].digests)


@pytest.mark.parametrize(
    "forging",
    [
        "import marshal\nmarshal.dumps = lambda *_: b''\ndef f(x): return 0",
        f"def f(x): return 0\nimport builtins\nbuiltins.str = lambda *_: '{NO_DIGEST}'",
        "class Same:\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"
        "def f(x): return Same()",
        "class Same(int):\n    def __eq__(self, other): return True\ndef f(x): return Same(0)",
        "import sys, os\ndef f(x):\n    sys._getframe(1).f_locals['_digests'][:] = ['']\n    return 0",
    ],
)
def test_a_program_that_deceives_its_own_digests_does_not_pass(sandbox: Sandbox, forging: str) -> None:
    tests = chunks(sandbox, "f", "def f(x): return x", [[1], [2]])
    assert str(judge_chunks(sandbox, forging, tests, LIMITS)[-1].verdict) in ("wrong_answer", "runtime_error")


def test_an_output_that_equals_nothing_is_met_by_no_answer(sandbox: Sandbox) -> None:
    reference = "def f(x): return [float('nan'), x]"
    assert verdict(sandbox, "f", reference, reference, [[1.5]])[0] == "wrong_answer"


@pytest.mark.parametrize("value", ["IntEnum('E', {'A': 5}).A", "5.0 + 1e-9", "Fraction(5)"])
def test_an_answer_that_only_compares_equal_is_asked_for(sandbox: Sandbox, value: str) -> None:
    program = f"from enum import IntEnum\nfrom fractions import Fraction\ndef f(x): return {value}"
    reference = "def f(x): return 5.0" if "e-9" in value else "def f(x): return 5"
    assert verdict(sandbox, "f", reference, program, [[1], [2]]) == ("passed", "")


def test_the_first_answer_that_is_wrong_is_told_where_others_differ_within_the_tolerance(sandbox: Sandbox) -> None:
    program = "def f(x): return x + 1e-9 if x < 2 else 0.25"
    assert verdict(sandbox, "f", "def f(x): return x", program, [[0.5], [1.5], [2.5], [3.5]]) == (
        "wrong_answer", "input 2: 0.25 instead of 2.5",
    )  # fmt: skip


# ---- one process for several chunks


@pytest.mark.parametrize("name", ["map", "str", "sorted", "isinstance", "bool", "ValueError", "len", "tuple"])
def test_a_program_may_give_a_built_in_name_to_something_else(sandbox: Sandbox, name: str) -> None:
    for entry_point, value in (("f", "7"), ("check_str", "7")):
        reference = returning(entry_point, value)
        assert verdict(sandbox, entry_point, reference, f"{reference}{name} = 5\n", [[1], [2]]) == ("passed", "")


def counting(answer: str) -> str:
    return f"calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return {answer}"


@pytest.mark.parametrize("after", ["'no'", "1 // 0", "exit(3)", "'x' * 2 ** 40"])
def test_what_a_program_does_after_many_calls_is_told_by_a_process_for_each_chunk(sandbox: Sandbox, after: str) -> None:
    tests = chunks(sandbox, "f", "def f(x): return x", [[number] for number in range(400)])
    judged = judge_chunks(sandbox, counting(f"x if calls <= 128 else {after}"), tests, LIMITS)
    assert [str(test.verdict) for test in judged] == ["passed"] * 4


def described(test: JudgedTest) -> tuple[Any, ...]:
    execution = test.execution
    return test.verdict, execution.ended, execution.exception, execution.message, execution.line


@pytest.mark.parametrize(
    "program",
    [
        "def f(x): return x[0]",
        "def f(): return 1",
        "def g(x): return x",
        "1 / 0\ndef f(x): return x",
        "def f(x):\n    return (",
        "def f(x):\n    '''no end\n    return x",
        "def f(x): raise SystemExit(2)",
        "import os\ndef f(x): os._exit(2)",
        "import os\ndef f(x): os.abort()",
        "def f(x): return f(x)",
        "def f(x): return 'x' * 2 ** 40",
        "class Solution:\n    def f(self, x): return x",
        "import sys\nsys.modules['marshal'] = None\ndef f(x): return 'no'",
    ],
)
def test_a_program_that_fails_is_described_as_if_it_were_asked_for_its_answers(sandbox: Sandbox, program: str) -> None:
    tests = chunks(sandbox, "f", "def f(x): return x", [[1], [2]])
    told = judge_chunks(sandbox, program, tests, LIMITS)[-1]
    asked = judge_checks(sandbox, answering_all(program, "f"), checks_of(sandbox, tests.chunks[0], range(2)))
    assert described(told) == described(asked)
    assert str(told.verdict) != "passed"
