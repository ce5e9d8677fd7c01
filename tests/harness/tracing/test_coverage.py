"""Executable, executed and missed lines, computed from executions alone."""

from __future__ import annotations

import pytest

from harness.sandbox.execution import Ended, Execution
from harness.tracing.coverage import executable_lines, executed_lines, missed_lines, runs_of_lines, union

SOURCE = """\
# a comment
if x:
    y = 1

else:
    y = 2
"""


def ran(*lines: int, ended: Ended = Ended.FINISHED) -> Execution:
    return Execution(ended, lines=frozenset(lines))


def test_lines_of_code_are_executable_and_comments_and_blank_lines_are_not() -> None:
    assert executable_lines(SOURCE) == {2, 3, 5, 6}
    assert executable_lines("") == frozenset()
    assert executable_lines("\ufeffx = 1") == {1}


@pytest.mark.parametrize("source", ["x = (", "\0", "-" * 100_000 + "1", "x = 1\n" * 50_000])
def test_nothing_is_known_of_what_does_not_compile_or_is_too_large(source: str) -> None:
    assert executable_lines(source) is None
    assert missed_lines(source, [ran(1)]) == frozenset()


def test_a_line_is_executed_where_any_test_ran_it() -> None:
    executions = [ran(2, 3), ran(2, 5, 6, ended=Ended.TIMEOUT), ran(ended=Ended.NOT_RUN)]
    assert executed_lines(SOURCE, executions) == {2, 3, 5, 6}
    assert missed_lines(SOURCE, executions) == frozenset()
    assert missed_lines(SOURCE, executions[:1]) == {5, 6}
    assert runs_of_lines(executions) == {2: 2, 3: 1, 5: 1, 6: 1}


def test_without_tests_nothing_is_executed() -> None:
    assert executed_lines(SOURCE, []) == frozenset()
    assert missed_lines(SOURCE, []) == {2, 3, 5, 6}


def test_where_one_test_is_not_known_every_line_may_have_run() -> None:
    for unknown in (Execution(Ended.COMPILE_ERROR), Execution(Ended.HARNESS_ERROR)):
        assert union([ran(2), unknown]) is None
        assert executed_lines(SOURCE, [ran(2), unknown]) == {1, 2, 3, 4, 5, 6, 7}
        assert missed_lines(SOURCE, [ran(2), unknown]) == frozenset()
