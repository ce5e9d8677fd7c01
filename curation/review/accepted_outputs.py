"""Construct an output that differs from the expected one and that a comparison still accepts. Pure functions.

Every mode except ``exact`` accepts more than the expected output. A reviewer is shown one such output and judges
whether it should be accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from apps_plus.problem import Comparison, ComparisonRule, Tolerance, dump_json
from curation.pipeline.choose_comparison import rule_for
from curation.pipeline.shorten import as_text
from curation.records import VerifiedProblem
from curation.review.solution_answers import output_text, suggested_test, tests_of
from harness.judging.cases import UNKNOWN, sizes_of_cases
from harness.judging.numbers import is_real
from harness.judging.verdict import Expected, expect, is_same

TRIED_TESTS = 20
"""Tests that are searched for an example, starting with the suggested one."""
TRIED_CHARACTERS = 100_000
"""Longer outputs are skipped."""
TOLERANCE_SHARE = 0.9
"""Numbers are changed by this share of the tolerance."""


@dataclass(frozen=True, slots=True)
class AcceptedOutput:
    """An output that differs from the expected one and is accepted."""

    test: int
    expected: str
    """A text, or a value as JSON text; the same holds for ``output``."""
    output: str
    how: str
    """The difference, in words."""

    @property
    def description(self) -> str:
        """The test and the difference, in one line."""
        return f"would also be accepted for test {self.test} ({self.how})"


Variant = tuple[str, Any]
"""The change, in words, and the changed output."""


def accepted_example(problem: VerifiedProblem, rule: ComparisonRule) -> AcceptedOutput | None:
    """Return an output that a rule accepts in place of an expected one; None if none is found or a checker decides."""
    if rule.comparison in (Comparison.EXACT, Comparison.CHECKER):
        return None
    tests, call_based = tests_of(problem), problem.entry_point is not None
    lax, strict = (expect(tests.outputs, call_based, one) for one in (rule, ComparisonRule()))
    first = suggested_test(problem)
    order = sorted(range(len(tests)), key=lambda test: test != first)[:TRIED_TESTS]
    for test in order:
        expected = tests.outputs[test]
        if len(as_text(expected)) > TRIED_CHARACTERS:
            continue
        for how, output in _variants(expected, rule, call_based):
            if is_same(lax[test], output) and not _is_identical(strict[test], output):
                shown = dump_json(output) if call_based else output
                return AcceptedOutput(test, output_text(problem, expected), shown, how)
    return None


def rule_for_mode(problem: VerifiedProblem, mode: str) -> ComparisonRule:
    """Return the comparison rule of a mode for this problem, with its tolerance and its cases."""
    tests = tests_of(problem)
    return rule_for(Comparison(mode), problem.question, tests.inputs, tests.outputs, problem.entry_point is not None)


def _is_identical(expected: Expected, output: Any) -> bool:
    """Return whether two outputs are exactly equal; ``3.0`` for the value 3 counts as different."""
    return is_same(expected, output) and (not expected.call_based or dump_json(expected.output) == dump_json(output))


def explain_no_example(rule: ComparisonRule) -> str:
    """Return why a rule accepts no other output, if the reviewer should know; else an empty text."""
    if rule.comparison is Comparison.UNORDERED and rule.cases == UNKNOWN:
        return "the test cases within one output cannot be separated, so no other order is accepted: write a checker"
    return ""


def _variants(expected: Any, rule: ComparisonRule, call_based: bool) -> Iterator[Variant]:
    match rule.comparison:
        case Comparison.UNORDERED:
            yield from _reordered_values(expected) if call_based else _reordered_lines(expected, rule.cases)
        case Comparison.TOKENS if not call_based:
            yield "all words on one line", " ".join(expected.split())
            yield "each word on a line of its own", "\n".join(expected.split())
        case Comparison.CASE:
            yield "letters in other case", _change(expected, call_based, _swap_case)
        case Comparison.FLOAT:
            for integers_too in (rule.tolerance.is_stated, False):
                shifted = _change(expected, call_based, _ShiftNumber(rule.tolerance, integers_too))
                yield f"numbers off by {TOLERANCE_SHARE:g} of the tolerance", shifted
            yield "integers written with a decimal point", _change(expected, call_based, _as_float)


def _reordered_lines(expected: str, cases: str) -> Iterator[Variant]:
    lines = [line for line in expected.splitlines() if line.strip()]
    yield "all lines sorted", "\n".join(sorted(lines))
    yield "all lines in reverse order", "\n".join(reversed(lines))
    yield "the words of each line sorted", "\n".join(" ".join(sorted(line.split())) for line in lines)
    yield "the words of each line in reverse order", "\n".join(" ".join(reversed(line.split())) for line in lines)
    ends = list(accumulate(sizes_of_cases(expected, cases) or [], initial=0))
    reversed_in_cases = [line for start, end in pairwise(ends) for line in reversed(lines[start:end])]
    yield "the lines of each case in reverse order", "\n".join(reversed_in_cases)


def _reordered_values(expected: Any) -> Iterator[Variant]:
    if isinstance(expected, list):
        yield "the elements sorted", sorted(expected, key=lambda value: (isinstance(value, str), dump_json(value)))
        yield "the elements in reverse order", list(reversed(expected))


def _change(expected: Any, call_based: bool, change: Callable[[Any], Any]) -> Any:
    """Apply ``change`` to every word of an output, or to every text and number of a value."""
    if not call_based:
        return re.sub(r"\S+", lambda match: str(change(match[0])), expected)
    if isinstance(expected, list):
        return [_change(item, call_based, change) for item in expected]
    if isinstance(expected, dict):
        return {name: _change(item, call_based, change) for name, item in expected.items()}
    return expected if isinstance(expected, bool) else change(expected)


def _swap_case(item: Any) -> Any:
    return item.swapcase() if isinstance(item, str) else item


def _as_float(item: Any) -> Any:
    if isinstance(item, int):
        return float(item) if abs(item) <= 1 << 53 else item
    return f"{item}.0" if isinstance(item, str) and re.fullmatch(r"[+-]?\d+", item) else item


@dataclass(frozen=True, slots=True)
class _ShiftNumber:
    """Change a number by almost as much as the tolerance allows."""

    tolerance: Tolerance
    integers_too: bool

    def __call__(self, item: Any) -> Any:
        if isinstance(item, str) and (is_real(item) or (self.integers_too and re.fullmatch(r"[+-]?\d{1,15}", item))):
            return repr(self._shifted(float(item)))
        if isinstance(item, float) or (isinstance(item, int) and self.integers_too and abs(item) <= 1 << 53):
            return self._shifted(item)
        return item

    def _shifted(self, value: float) -> float:
        return value + TOLERANCE_SHARE * max(self.tolerance.absolute, self.tolerance.relative * abs(value))
