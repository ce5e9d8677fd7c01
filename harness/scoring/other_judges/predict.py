"""Predict whether a judge's verdict on a program could differ from ours, and why.

Two questions: where the program passes here, does a rule say that the judge could reject it? Where it fails here, would
the judge accept every test, and no rule says that it rejects the program? The answers come from the program's syntax
tree, from the tests and from our own executions; nothing runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps_plus.problem import Tests
from harness.judging.judge import JudgedTest
from harness.judging.verdict import Verdict, value_of
from harness.sandbox.execution import Ended, Execution
from harness.scoring.other_judges import function_rules, script_rules
from harness.scoring.other_judges.function_rules import CalledProgram
from harness.scoring.other_judges.judges import FACTS, OtherJudge, names_given
from harness.scoring.other_judges.program_rules import reasons_of
from harness.scoring.other_judges.reasons import Reason
from harness.scoring.other_judges.texts import acceptance, rejection
from harness.scoring.other_judges.values import accepts_value, unwrapped
from harness.scoring.other_judges.wrapping import wrap

NEAR_LIMIT = 0.5
"""Share of a judge's limit of time from which a program could exceed it: that is wall time, ours processor time."""
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_EXACT_NUMBERS = ("Fraction", "Decimal", "complex")
_UNSURE = frozenset(
    {Reason.THREAD, Reason.LIBRARY, Reason.NESTED_TUPLES, Reason.NUMPY_VALUE, Reason.STATE_BETWEEN_TESTS}
)
"""Reasons of rules that reject some of the programs to which they apply, and so hide no acceptance."""


@dataclass(frozen=True, slots=True)
class ComparedProgram:
    """A program with our verdicts: what a prediction rests on."""

    source: str
    """The program as the sample has it, before repairs."""
    entry_point: str | None
    tests: Tests
    judged: Sequence[JudgedTest]
    """One for each test, of the repaired program."""
    imports: tuple[str, ...] = ()
    """Names whose import it was given."""

    @property
    def passed(self) -> bool:
        """True if it passes every test here."""
        return all(test.verdict is Verdict.PASSED for test in self.judged)


def could_differ(judge: OtherJudge, program: ComparedProgram) -> tuple[Reason, ...]:
    """Return the reasons why a judge's verdict could differ from ours; none if it should be the same."""
    if program.passed:
        return tuple(dict.fromkeys([*rejecting_rules(judge, program), *_rejected_tests(judge, program)]))
    accepting = _accepted_tests(judge, program)
    if accepting is None or not program.judged or not _UNSURE.issuperset(rejecting_rules(judge, program)):
        return ()
    return tuple(dict.fromkeys(accepting))


# ---- passes here


def rejecting_rules(judge: OtherJudge, program: ComparedProgram) -> Iterator[Reason]:
    """Yield the reasons of all rules over the program that apply; its executions do not matter."""
    if program.entry_point is None:
        script = wrap(judge, program.source, program.tests.inputs)
        if script is None:
            yield Reason.NOT_WRAPPED
            return
        yield from reasons_of(script_rules.RULES, judge, script)
    else:
        called = CalledProgram(program.source, program.entry_point, program.tests.inputs, program.tests.outputs)
        yield from reasons_of(function_rules.RULES, judge, called)
    if set(program.imports) - names_given(judge):
        yield Reason.MISSING_IMPORT


def _rejected_tests(judge: OtherJudge, program: ComparedProgram) -> Iterator[Reason]:
    """Yield the reasons why a judge could reject tests that pass here."""
    facts = FACTS[judge]
    seconds = [test.execution.seconds for test in program.judged]
    if sum(seconds) > NEAR_LIMIT * facts.program_seconds or max(seconds) > NEAR_LIMIT * facts.test_seconds:
        yield Reason.TIME
    long_integer = re.compile(rf"[0-9]{{{facts.digits + 1}}}")
    for given, expected, test in zip(program.tests.inputs, program.tests.outputs, program.judged, strict=True):
        if program.entry_point is None:
            if acceptance(judge, expected, test.execution.output) is None:
                yield rejection(expected, test.execution.output)
            if long_integer.search(given) or long_integer.search(test.execution.output):
                yield Reason.LONG_INTEGER
        else:
            value = value_of(test.execution)
            if value is not None and not accepts_value(judge, expected, value.value):
                differs_by_list = value.value in (expected, unwrapped(expected))
                yield Reason.WRAPPING if differs_by_list else Reason.FLOATS


# ---- fails here


def _accepted_tests(judge: OtherJudge, program: ComparedProgram) -> list[Reason] | None:
    """Return why a judge could accept the tests that fail here; None if it rejects one of them."""
    reasons: list[Reason] = []
    for expected, test in zip(program.tests.outputs, program.judged, strict=True):
        execution = test.execution
        reason = _ended_otherwise(judge, execution)
        if reason is not None and reason in _OPEN:
            reasons.append(reason)
            continue
        if execution.ended is not Ended.FINISHED and (reason is None or program.entry_point is not None):
            return None
        if program.entry_point is None:
            accepted = acceptance(judge, expected, execution.output)
        else:
            accepted = _accepted_value(judge, expected, execution)
        if accepted is None:
            return None
        if reason is not None:
            reasons.append(reason)
        elif test.verdict is not Verdict.PASSED:
            reasons.append(accepted)
    return reasons


_OPEN = (Reason.TIME, Reason.MEMORY, Reason.RECURSION_LIMIT, Reason.MISSING_IMPORT)
"""Reasons for which the program would go on, to an answer that is not known."""


def _ended_otherwise(judge: OtherJudge, execution: Execution) -> Reason | None:
    """Return why an execution that ended early here could go on under a judge; None if it could not."""
    facts = FACTS[judge]
    if execution.ended is Ended.MEMORY_LIMIT:
        return Reason.MEMORY
    if execution.ended in (Ended.TIMEOUT, Ended.NOT_RUN):
        return Reason.TIME if execution.seconds < facts.test_seconds else None
    if execution.ended is not Ended.EXCEPTION:
        return None
    if execution.exception == "SystemExit":
        return Reason.EXIT_STATUS
    if execution.exception == "RecursionError" and facts.recursion_limit > 1000:
        return Reason.RECURSION_LIMIT
    name = _UNDEFINED.match(execution.message) if execution.exception == "NameError" else None
    return Reason.MISSING_IMPORT if name is not None and name[1] in names_given(judge) else None


def _accepted_value(judge: OtherJudge, expected: object, execution: Execution) -> Reason | None:
    if execution.result_type in _EXACT_NUMBERS and judge is not OtherJudge.VERL:
        return Reason.NUMBER_TYPE
    value = value_of(execution)
    if value is None or not accepts_value(judge, expected, value.value):
        return None
    return Reason.FIRST_ELEMENT
