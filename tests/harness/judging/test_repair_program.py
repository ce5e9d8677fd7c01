"""Repair failing programs, one fault at a time. All programs are invented."""

from __future__ import annotations

import builtins
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging.repair_program import (
    MAX_ROUNDS,
    REPAIRS,
    dedent_all_but_first,
    exit_instead_of_return,
    has_broken_string,
    import_for,
    in_solution_class,
    join_broken_strings,
    plain_starred_calls,
    propose,
    unescape,
    with_import,
)
from harness.sandbox.execution import Ended, Execution


def failure_of(source: str, entry_point: str | None = None) -> Execution | None:
    """Run one of the trusted programs below; return its failure in the form of the sandbox."""
    namespace: dict[str, object] = {"__name__": "solution"}
    try:
        exec(compile(source, "<program>", "exec", dont_inherit=True), namespace)
        if entry_point and entry_point not in namespace:
            getattr(namespace["Solution"](), entry_point)(1)  # type: ignore[operator]
        elif entry_point:
            namespace[entry_point](1)  # type: ignore[operator]
    except SyntaxError as error:
        return Execution(Ended.COMPILE_ERROR, exception=type(error).__name__, message=error.msg, line=error.lineno)
    except SystemExit:
        return None
    except Exception as error:
        return Execution(Ended.EXCEPTION, exception=type(error).__name__, message=str(error), line=1)
    return None


DAMAGED = {
    "unescape": "print(\\'a\\')\n",
    "broken_string": "words = ['a', 'b']\ntext = '\\\n'.join(words)\nassert text == 'a\\nb'\n",
    "shifted_indent": "x = 1\n    y = 2\n    z = x + y\n",
    "dedent": "    x = 1\n    y = 2\n",
    "tabs": "for i in range(2):\n        x = i\n\ty = x\n",
    "starred_call": "xs = [1, 2]\nmax((*xs))\n",
    "top_level_return": "x = 1\nif x:\n    return\nprint(x)\n",
    "nonlocal_global": "a = 1\ndef g():\n    nonlocal a\n    a = 2\ng()\nassert a == 2\n",
    "solution_class": "import math\n\ndef f(self, x):\n    return math.sqrt(x)\n",
    "missing_import": "def f(x):\n    return Counter([sqrt(x)])\n",
}


def test_every_repair_has_an_example() -> None:
    assert list(DAMAGED) == list(REPAIRS)


@pytest.mark.parametrize("repair", REPAIRS)
def test_a_damaged_program_is_mended_by_its_repair(repair: str) -> None:
    source, entry_point, used = DAMAGED[repair], "f" if "def f" in DAMAGED[repair] else None, []
    if repair == "broken_string":  # it compiles; only its wrong output shows the damage
        assert has_broken_string(source)
        source, used = join_broken_strings(source), [repair]
    failure = failure_of(source, entry_point)
    while failure is not None and len(used) < MAX_ROUNDS:
        name, source = next((name, text) for name, text in propose(source, entry_point, failure) if name == repair)
        used.append(name)
        failure = failure_of(source, entry_point)
    assert used
    assert failure is None


@pytest.mark.parametrize("ended", [e for e in Ended if e not in (Ended.COMPILE_ERROR, Ended.EXCEPTION)])
def test_nothing_is_proposed_for_a_program_that_ended_otherwise(ended: Ended) -> None:
    failure = Execution(ended, exception="NameError", message="name 'math' is not defined")
    assert list(propose("math.pi", None, failure)) == []


@pytest.mark.filterwarnings("ignore:invalid escape")
@given(st.text(max_size=60), st.sampled_from(["SyntaxError", "IndentationError", "TabError", "ValueError"]))
def test_whatever_the_text_a_proposal_is_a_known_repair_that_changes_something(source: str, exception: str) -> None:
    for message in ("'return' outside function", "cannot use starred expression here", "after line continuation"):
        failure = Execution(Ended.COMPILE_ERROR, exception=exception, message=message, line=1)
        for name, repaired in propose(source, "f", failure):
            assert name in REPAIRS
            assert repaired != source


def test_no_repair_is_proposed_for_a_name_that_nobody_imports() -> None:
    failure = Execution(Ended.EXCEPTION, exception="NameError", message="name 'my_helper' is not defined")
    assert list(propose("my_helper()", None, failure)) == []


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        ("print(\\'a\\')", "print('a')"),
        ('print(\\"a\\")', 'print("a")'),
        ("\\tx = 1\n\\t\\ty = 2", "\tx = 1\n\t\ty = 2"),
        ("x = 'a\\tb'", "x = 'a\\tb'"),
        ("x = 1", "x = 1"),
    ],
)
def test_unescape_takes_back_quotes_and_indenting_tabs_only(escaped: str, plain: str) -> None:
    assert unescape(escaped) == plain


@pytest.mark.parametrize(
    ("broken", "joined"),
    [
        ("print('a\\\n')", "print('a\\n')"),
        ("print('\\\n'.join(xs))", "print('\\n'.join(xs))"),
        ('print("a\\\nb\\\nc")', 'print("a\\nb\\nc")'),
        ("x = 1 + \\\n    2", "x = 1 + \\\n    2"),
        ("x = f(a) \\\n    and b", "x = f(a) \\\n    and b"),
    ],
)
def test_broken_strings_are_joined_and_continued_lines_are_not(broken: str, joined: str) -> None:
    assert join_broken_strings(broken) == joined


def test_a_broken_string_is_an_empty_one_over_two_lines() -> None:
    assert has_broken_string("print('\\\n'.join(xs))")
    assert not has_broken_string("x = 1 + \\\n 2")
    assert not has_broken_string("print('\\n')")


def test_all_lines_but_the_first_are_dedented() -> None:
    assert dedent_all_but_first("x = 1\n    if x:\n        y = 2\n") == "x = 1\nif x:\n    y = 2\n"
    assert dedent_all_but_first("    x = 1\n    y = 2\n") is None


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("print((*xs))", "print(*xs)"),
        ("print((*sorted(xs)))", "print(*sorted(xs))"),
        ("print((*xs), sep='')", "print((*xs), sep='')"),
        ("print((*xs, 1))", "print(*xs, 1)"),
        ("print((*xs)); print((*ys))", "print(*xs); print(*ys)"),
        ("print((*xs", "print((*xs"),
        ("f(a, (*b,))", "f(a, (*b,))"),
    ],
)
def test_a_starred_call_loses_its_inner_parentheses(source: str, plain: str) -> None:
    assert plain_starred_calls(source) == plain


@pytest.mark.parametrize(
    ("source", "line", "ending"),
    [
        ("return", 1, "raise SystemExit"),
        ("return 0", 1, "raise SystemExit"),
        ("x = 1\nif x: return; y = 2", 2, "x = 1\nif x: raise SystemExit; y = 2"),
        ("return\nreturn", 2, "return\nraise SystemExit"),
        ("return", None, None),
        ("return", 9, None),
    ],
)
def test_a_return_outside_a_function_becomes_an_exit(source: str, line: int | None, ending: str | None) -> None:
    assert exit_instead_of_return(source, line) == ending


def test_bare_methods_are_put_into_the_class_below_the_imports() -> None:
    source = "import math\ndef f(self, x):\n    return self.g(x)\ndef g(self, x):\n    return x"
    assert in_solution_class(source, "f") == (
        "import math\nclass Solution:\n    def f(self, x):\n        return self.g(x)\n"
        "    def g(self, x):\n        return x\n"
    )


@pytest.mark.parametrize("source", ["def f(x): pass", "class A:\n    def f(self): pass", "def g(self): pass"])
def test_what_is_not_a_bare_method_stays(source: str) -> None:
    assert in_solution_class(source, "f") is None


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("math", "import math"),
        ("heapq", "import heapq"),
        ("List", "from typing import List"),
        ("Optional", "from typing import Optional"),
        ("Counter", "from collections import Counter"),
        ("defaultdict", "from collections import defaultdict"),
        ("lru_cache", "from functools import lru_cache"),
        ("accumulate", "from itertools import accumulate"),
        ("heappush", "from heapq import heappush"),
        ("bisect_left", "from bisect import bisect_left"),
        ("gcd", "from math import gcd"),
        ("ascii_lowercase", "from string import ascii_lowercase"),
        ("my_helper", None),
        ("TreeNode", None),
        ("print", None),
        ("_private", None),
        ("pow", None),
    ],
)
def test_the_import_is_the_one_that_the_usual_preamble_had(name: str, statement: str | None) -> None:
    assert import_for(name) == statement


@given(st.sampled_from(sorted(vars(builtins))))
def test_no_built_in_name_is_ever_imported(name: str) -> None:
    assert import_for(name) is None


def test_an_import_stands_first_but_below_the_future() -> None:
    assert with_import("x = math.pi", "math") == "import math\nx = math.pi"
    future = "from __future__ import annotations\n"
    assert with_import(f"{future}x = math.pi", "math") == f"{future}import math\nx = math.pi"


@pytest.mark.parametrize("transform", [unescape, join_broken_strings, plain_starred_calls])
@given(source=st.text(st.sampled_from("ab(*)'\"\\\n\t =1"), max_size=40))
def test_the_text_functions_end_on_any_text(transform: Callable[[str], str], source: str) -> None:
    assert isinstance(transform(source), str)


def test_nonlocal_of_a_global_variable_becomes_global_wherever_it_names_it():
    source = "def f():\n    nonlocal a, b\n    a = 1\ndef g():\n    def h():\n        nonlocal c\n    c = 1\n"
    source += "def k():\n    nonlocal a\n"
    failure = Execution(
        Ended.COMPILE_ERROR, exception="SyntaxError", message="no binding for nonlocal 'a' found", line=2
    )
    (name, repaired), *_ = propose(source, None, failure)
    assert name == "nonlocal_global"
    assert repaired == source.replace("nonlocal a", "global a")
