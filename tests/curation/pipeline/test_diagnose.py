"""Find the reason for a failed execution. Executions are written down, or made by compiling and running here."""

from __future__ import annotations

import collections
from typing import Any

import pytest

from curation.pipeline.diagnose import diagnose, has_no_output
from curation.records import Reason
from harness.sandbox.execution import MISSING_ENTRY_POINT, Ended, Execution


def reason(execution: Execution, source: str = "pass", expects_output: bool = True) -> Reason:
    return diagnose(source, execution, expects_output)[0]


def raised(exception: str, message: str = "") -> Execution:
    return Execution(Ended.EXCEPTION, exception=exception, message=message, line=1)


def compiled(source: str) -> Execution:
    """Return the execution of a program that this Python cannot compile."""
    with pytest.raises(SyntaxError) as caught:
        compile(source, "program.py", "exec")
    error = caught.value
    return Execution(Ended.COMPILE_ERROR, exception=type(error).__name__, message=error.msg, line=error.lineno)


def attribute_error(owner: Any, name: str) -> Execution:
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)
    return raised("AttributeError", str(caught.value))


def import_error(statement: str) -> Execution:
    with pytest.raises(ImportError) as caught:
        exec(statement)
    return raised(type(caught.value).__name__, str(caught.value))


# ---- programs that do not parse


@pytest.mark.parametrize(
    "source",
    [
        "print 'hello'",
        "exec 'x = 1'",
        "if x <> 1:\n    pass\n",
        "try:\n    pass\nexcept 1 as 2:\n    pass\n",
        "x = 0777\nprint(x)\n",
        "def f():\n    return 1\n  return 2\n",
        "for i in range(3):\nprint(i)\nprint('done')\n",
        "x = 'one\nprint(x)\n",
    ],
)
def test_a_program_that_does_not_parse_has_a_syntax_error(source: str) -> None:
    assert reason(compiled(source), source) is Reason.SYNTAX_ERROR


@pytest.mark.parametrize(
    "source",
    [
        "print((1 + 2)\n",
        "x = [1,\n     2,\n",
        "def f(n):\n",
        "def f(n):\n    if n:\n\n\n",
        "class Solution:\n    def f(self, n):",
        'def f():\n    """what it does\n    return 1\n',
        "try:\n    n = int(input())\n",
        "for i in range(3):",
    ],
)
def test_a_program_that_stops_in_the_middle_is_incomplete(source: str) -> None:
    assert reason(compiled(source), source) is Reason.INCOMPLETE_CODE


def test_a_compiler_that_crashes_is_no_riddle() -> None:
    crash = Execution(Ended.COMPILE_ERROR, exception="CompilerCrash", message="the compiler took too long")
    assert diagnose("((((", crash, True) == (Reason.SYNTAX_ERROR, "CompilerCrash: the compiler took too long")


# ---- programs that raise


def test_a_program_without_the_function_is_irrelevant() -> None:
    assert reason(raised(MISSING_ENTRY_POINT), "def other(n): return n") is Reason.IRRELEVANT_CODE


def test_a_program_with_nothing_in_it_is_incomplete() -> None:
    assert reason(raised(MISSING_ENTRY_POINT), " \n\n") is Reason.INCOMPLETE_CODE


@pytest.mark.parametrize(
    "statement",
    [
        "import Queue",
        "import urllib2",
        "from itertools import izip",
        "from string import maketrans",
        "from fractions import gcd",
        "from collections import Mapping",
    ],
)
def test_importing_what_python_had_once_is_misuse(statement: str) -> None:
    assert reason(import_error(statement)) is Reason.API_MISUSE


@pytest.mark.parametrize(
    "statement",
    ["import no_such_package", "from no_such_package.inner import thing", "import preloaded_by_the_judge.x"],
)
def test_importing_what_is_not_installed_is_a_missing_dependency(statement: str) -> None:
    assert reason(import_error(statement)) is Reason.MISSING_DEPENDENCY


def test_an_import_error_without_a_name_is_a_missing_dependency() -> None:
    assert reason(raised("ImportError", "libtk8.6.so: cannot open shared object file")) is Reason.MISSING_DEPENDENCY


@pytest.mark.parametrize("name", ["raw_input", "xrange", "unicode", "reduce", "cmp", "long", "unichr"])
def test_calling_a_builtin_of_python_2_is_misuse(name: str) -> None:
    assert reason(raised("NameError", f"name '{name}' is not defined")) is Reason.API_MISUSE


def test_a_name_that_never_was_is_a_runtime_error() -> None:
    assert reason(raised("NameError", "name 'totl' is not defined. Did you mean: 'total'?")) is Reason.RUNTIME_ERROR


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ({}, "has_key"),
        (collections.defaultdict(int), "iteritems"),
        (collections.OrderedDict(), "itervalues"),
        (collections.Counter(), "iterkeys"),
        ("text", "decode"),
        (iter([]), "next"),
        ((n for n in [1]), "next"),
        (enumerate([]), "next"),
        ({}.keys(), "sort"),
        (map(int, []), "append"),
        (range(3), "remove"),
        (collections, "Mapping"),
    ],
)
def test_what_python_2_objects_could_do_is_misuse(owner: Any, name: str) -> None:
    assert reason(attribute_error(owner, name)) is Reason.API_MISUSE


@pytest.mark.parametrize(("owner", "name"), [(None, "next"), ([], "next"), (None, "sort"), (3, "append"), ("", "sort")])
def test_other_missing_attributes_are_runtime_errors(owner: Any, name: str) -> None:
    """A linked list's ``next``, asked of None, is no iterator's."""
    assert reason(attribute_error(owner, name)) is Reason.RUNTIME_ERROR


@pytest.mark.parametrize(
    "exception", ["IndexError", "ZeroDivisionError", "RecursionError", "SystemExit", "MyError", ""]
)
def test_any_other_exception_is_a_runtime_error(exception: str) -> None:
    assert reason(raised(exception, "whatever it says")) is Reason.RUNTIME_ERROR


def test_the_detail_tells_the_exception() -> None:
    assert diagnose("", raised("IndexError", "list index out of range"), True)[1] == (
        "IndexError: list index out of range"
    )
    assert diagnose("", raised("KeyboardInterrupt"), True)[1] == "KeyboardInterrupt"


# ---- programs that use up something


def test_a_run_out_of_time_is_a_timeout() -> None:
    assert reason(Execution(Ended.TIMEOUT)) is Reason.TIMEOUT


@pytest.mark.parametrize("ended", [Ended.SIGNAL, Ended.MEMORY_LIMIT])
def test_a_run_that_was_killed_is_a_runtime_error_with_a_detail(ended: Ended) -> None:
    assert diagnose("", Execution(ended), True) == (Reason.RUNTIME_ERROR, str(ended))
    assert diagnose("", Execution(ended, exception="SIGSEGV"), True) == (Reason.RUNTIME_ERROR, "SIGSEGV")


def test_endless_output_is_a_mismatch() -> None:
    assert reason(Execution(Ended.OUTPUT_LIMIT, output="yes" * 9)) is Reason.OUTPUT_MISMATCH


# ---- programs that finish with the wrong answer


def test_another_output_is_a_mismatch() -> None:
    assert diagnose("", Execution(Ended.FINISHED, output="4\n"), True) == (
        Reason.OUTPUT_MISMATCH,
        "gave another output",
    )


@pytest.mark.parametrize(
    ("execution", "detail"),
    [
        (Execution(Ended.FINISHED, output=" \n"), "printed nothing"),
        (Execution(Ended.FINISHED, result="null"), "returned None"),
    ],
)
def test_nothing_where_something_is_expected_is_no_output(execution: Execution, detail: str) -> None:
    assert diagnose("", execution, True) == (Reason.NO_OUTPUT, detail)


def test_nothing_where_nothing_is_expected_is_a_mismatch_if_anything() -> None:
    assert reason(Execution(Ended.FINISHED, output=""), expects_output=False) is Reason.OUTPUT_MISMATCH


def test_an_object_of_its_own_is_named() -> None:
    code, detail = diagnose("", Execution(Ended.FINISHED, result_type="Fraction"), True)
    assert (code, detail) == (Reason.OUTPUT_MISMATCH, "returned a Fraction, which is not a JSON-like value")


@pytest.mark.parametrize(
    ("execution", "nothing"),
    [
        (Execution(Ended.FINISHED), True),
        (Execution(Ended.FINISHED, output="0"), False),
        (Execution(Ended.FINISHED, result="0"), False),
        (Execution(Ended.FINISHED, result='""'), False),
        (Execution(Ended.FINISHED, result="[]"), False),
        (Execution(Ended.FINISHED, result_type="generator"), False),
    ],
)
def test_zero_and_the_empty_list_are_something(execution: Execution, nothing: bool) -> None:
    assert has_no_output(execution) is nothing


@pytest.mark.parametrize("ended", list(Ended))
def test_every_way_to_end_has_a_reason(ended: Ended) -> None:
    assert isinstance(reason(Execution(ended)), Reason)
