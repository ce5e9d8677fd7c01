"""Offer the checkers of the catalogue, and try a checker on outputs with one small mistake."""

from __future__ import annotations

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, dump_json
from curation.checkers.catalogue import CATALOGUE, KNOWN_ANSWER, Checker, Outputs, find_checker
from curation.checkers.mutate_outputs import mutated_outputs
from curation.pipeline.shorten import as_text
from curation.records import VerifiedProblem
from curation.review.accepted_outputs import AcceptedOutput
from curation.review.solution_answers import output_text, suggested_test, tests_of
from harness.judging.verdict import value_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits, Program

MUTATED_TESTS = 3
"""Tests whose expected outputs are mutated, starting with the suggested one."""
MUTATED_CHARACTERS = 20_000
"""Longer expected outputs are not mutated."""


def fitting_checkers(problem: VerifiedProblem) -> list[Checker]:
    """Return the programs of the catalogue that can read the outputs of a problem, from the strictest to the laxest."""
    outputs = tests_of(problem).outputs
    texts, lists = (all(isinstance(output, kind) for output in outputs) for kind in (str, list))
    readable = {Outputs.TEXTS: texts, Outputs.LISTS: lists, Outputs.ANY: True}
    return [
        checker
        for checker in CATALOGUE
        if checker.comparison is Comparison.CHECKER and checker.name != KNOWN_ANSWER and readable[checker.outputs]
    ]


def named_checker(name: str) -> str:
    """Return the source of a checker of the catalogue.

    Raises InputError if there is none of that name, or it is a comparison that is built in.
    """
    checker = find_checker(name)
    if checker.comparison is not Comparison.CHECKER:
        raise InputError(f"{name} is a comparison that is built in: give --comparison {checker.comparison}")
    if name == KNOWN_ANSWER:
        raise InputError(f"{name} needs a table of answers: use `adopt` where it is proposed, or copy its file")
    return checker.source()


def try_mutated_outputs(
    sandbox: Sandbox, problem: VerifiedProblem, checker: str, limits: Limits
) -> tuple[AcceptedOutput | None, str]:
    """Call a checker with expected outputs that were changed in one place.

    Returns the first changed output that it accepts (None if it rejects all), and how many it rejects, in words (empty
    if none was tried). Some of them may be right answers: a person judges the one that is shown.
    """
    tests, first = tests_of(problem), suggested_test(problem)
    order = sorted(range(len(tests)), key=lambda test: test != first)
    short = [test for test in order if len(as_text(tests.outputs[test])) <= MUTATED_CHARACTERS][:MUTATED_TESTS]
    tried = [(test, mutation) for test in short for mutation in mutated_outputs(tests.outputs[test])]
    calls = [[tests.inputs[test], tests.outputs[test], mutation.output] for test, mutation in tried]
    if not calls:
        return None, ""
    executions = sandbox.execute(Program(checker, "check"), calls, limits)
    accepted = []
    for (test, mutation), execution in zip(tried, executions, strict=True):
        value = value_of(execution) if execution.ended is Ended.FINISHED else None
        if value is not None and value.value is True:
            accepted.append((test, mutation))
    told = f"the checker rejects {len(tried) - len(accepted)} of {len(tried)} expected outputs with one small change"
    if not accepted:
        return None, told
    test, mutation = accepted[0]
    shown = dump_json(mutation.output) if problem.entry_point is not None else str(mutation.output)
    return AcceptedOutput(test, output_text(problem, tests.outputs[test]), shown, mutation.what), told
