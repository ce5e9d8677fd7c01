"""Propose a checker of the catalogue for a problem with several right answers. Pure functions.

The entries are tried from the strictest to the laxest. The first is proposed that

1. accepts every expected output, every output that two solutions agree on, and all outputs of at least ``MIN_ACCEPTED``
   of the solutions, among them some that the comparison as it is refuses;
2. rejects at least ``MIN_REJECTED`` of the mutated outputs (``mutate_outputs``), those aside that are in another order
   if it says that the order is free;
3. does not free an order that seems to be the answer (the values are those of the input, or 1 to n), unless the
   statement does.

Where nothing else fits and there are signs of several right answers, one is proposed with a caution, as a start for a
reviewer's own: an entry that does not look at most of what an output says; any order, where the statement allows
several answers in other words ("print any such permutation"); and, if these words are there, the answers that are
known. It must reject ``MIN_REJECTED_WEAKLY``. If none fits, none is proposed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Comparison, dump_json
from curation.checkers.answered_tests import AnsweredTest, answers_in_votes
from curation.checkers.catalogue import (
    CATALOGUE,
    KNOWN_ANSWER,
    Checker,
    Outputs,
    accepts,
    load_check,
    source_with_answers,
)
from curation.checkers.mutate_outputs import SWAPPED, MutatedOutput, mutated_outputs
from curation.checkers.proposal import CheckerProposal
from curation.pipeline.choose_comparison import rule_for
from curation.pipeline.consensus import is_arrangement
from curation.pipeline.several_answers import signs_of_several_answers
from curation.pipeline.statement_flags import allows_any_answer, allows_any_order, allows_several_answers
from curation.records import VerifiedProblem
from harness.judging.comparison import normalize_text
from harness.judging.verdict import expect, is_same

MIN_ACCEPTED = 0.9
"""The least share of the solutions whose outputs a checker must accept: a few solutions may be wrong."""
MIN_SOLUTIONS = 2
"""The least solutions whose answers are known."""
MIN_REJECTED = 0.9
"""The least share of the mutated outputs that a checker must reject."""
MIN_REJECTED_WEAKLY = 0.25
"""The same for one that is proposed with a caution."""
MUTATED_TESTS = 8
"""Tests whose expected outputs are mutated: those on which solutions differ first."""
MAX_CHARACTERS = 2_000_000
"""Of all expected outputs and answers together; for a problem with more nothing is proposed."""
MAX_TABLE = 20_000
"""Characters of a table of known answers."""
Accepts = Callable[[int, Any], bool]
"""Returns True if an output is accepted for the test of this number."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An entry of the catalogue, ready to be tried on a problem."""

    checker: Checker
    source: str
    accepts: Accepts
    caution: str = ""


def propose_for_item(problem: VerifiedProblem) -> CheckerProposal | None:
    """Return the proposal for a problem that needs review, from its votes; None if no checker fits."""
    if problem.blocked_by or not problem.tests:
        return None
    call_based = problem.entry_point is not None
    tests, unknown = answers_in_votes(problem)
    suggestion = problem.suggestion
    inputs, outputs = [test.given for test in tests], [test.expected for test in tests]
    several = suggestion is not None and suggestion.kind in ("drop", "look")
    several = several or bool(signs_of_several_answers(problem.question, inputs, outputs, call_based))
    found = propose(problem.question, tests, call_based, several=several, unknown=unknown)
    suggested = suggestion.comparison if suggestion is not None else ""
    return None if found is None or found.comparison == suggested else found


def propose(
    question: str, tests: Sequence[AnsweredTest], call_based: bool, *, several: bool = False, unknown: int = 0
) -> CheckerProposal | None:
    """Return the strictest checker that fits; None if none does.

    Args:
        question: The statement: its words count as a sign of several right answers.
        tests: Given or generated tests, with the answers of the solutions to them.
        call_based: True if outputs are values; False if they are texts.
        several: True if something else is a sign of several right answers: solutions that part ways.
        unknown: Number of solutions whose answers are not among those of the tests.
    """
    if not tests or sum(map(_size, tests)) > MAX_CHARACTERS:
        return None
    signs = several or allows_several_answers(question)
    same = _acceptor_of(Comparison.EXACT, question, tests, call_based)
    groups = [_distinct(test, number, same) for number, test in enumerate(tests)]
    differing = {index for group in groups for output, indices in group[1:] for index in indices}
    if not differing and not allows_any_order(question):
        return None
    mutations = _mutations(tests, groups, same)
    trial = _Trial(question, tests, call_based, groups, differing, mutations)
    if not mutations or trial.solutions < MIN_SOLUTIONS:
        return None
    because = _because(question, differing, trial.solutions)
    candidates = sorted(trial.candidates(signs), key=lambda candidate: bool(candidate.caution))  # keeps their order
    return next((found for candidate in candidates if (found := trial.judge(candidate, because, unknown))), None)


def _size(test: AnsweredTest) -> int:
    return sum(len(_text(output)) for output in (test.expected, *test.answers.values()))


def _text(output: Any) -> str:
    return normalize_text(output) if isinstance(output, str) else dump_json(output)


def _distinct(test: AnsweredTest, number: int, same: Accepts) -> list[tuple[Any, list[int]]]:
    """Return the expected output, then every other answer, each with the solutions that give it."""
    groups: dict[str | None, tuple[Any, list[int]]] = {None: (test.expected, [])}
    for index, output in test.answers.items():
        key = None if same(number, output) else _text(output)
        groups.setdefault(key, (output, []))[1].append(index)
    return list(groups.values())


def _mutations(
    tests: Sequence[AnsweredTest], groups: Sequence[list[tuple[Any, list[int]]]], same: Accepts
) -> list[tuple[int, MutatedOutput]]:
    """Return mutated outputs, with their tests, that no solution gives."""
    order = sorted(range(len(tests)), key=lambda test: -len(groups[test]))[:MUTATED_TESTS]
    return [
        (test, mutation)
        for test in order
        for given in [{_text(output) for output, _ in groups[test]}]
        for mutation in mutated_outputs(tests[test].expected)
        if _text(mutation.output) not in given and not same(test, mutation.output)
    ]


def _acceptor_of(mode: Comparison, question: str, tests: Sequence[AnsweredTest], call_based: bool) -> Accepts:
    """Return the acceptance of a comparison that is built in."""
    inputs, outputs = [test.given for test in tests], [test.expected for test in tests]
    expected = expect(outputs, call_based, rule_for(mode, question, inputs, outputs, call_based))
    return lambda test, output: _is_of_kind(output, call_based) and is_same(expected[test], output)


def _is_of_kind(output: Any, call_based: bool) -> bool:
    return call_based or isinstance(output, str)


def _caution(checker: Checker, question: str, order_is_answer: bool) -> str:
    """Return why a reviewer should not adopt an entry as it is; empty if nothing speaks against it."""
    if checker.is_weak:
        return "it looks at little else"
    if checker.name == KNOWN_ANSWER:
        return "it refuses right answers that no two solutions give"
    if checker.order_is_free and allows_any_answer(question):
        words = "answers that differ in more" if allows_any_order(question) else "several answers, but not any order"
        return f"the statement allows {words}"
    if checker.order_is_free and order_is_answer and not allows_any_order(question):
        return "the order seems to be the answer"
    return ""


def _because(question: str, differing: Iterable[int], solutions: int) -> str:
    """Say which signs of several right answers there are."""
    count = len(set(differing))
    words = "any order" if allows_any_order(question) else "several answers" if allows_several_answers(question) else ""
    parts = [f"the statement allows {words}"] if words else []
    parts += [f"{count} of {solutions} solutions give other outputs than expected"] if count else []
    return ", and ".join(parts)


@dataclass(frozen=True, slots=True)
class _Trial:
    """The outputs on which every candidate is tried."""

    question: str
    tests: Sequence[AnsweredTest]
    call_based: bool
    groups: Sequence[list[tuple[Any, list[int]]]]
    differing: set[int]
    mutations: Sequence[tuple[int, MutatedOutput]]

    @property
    def solutions(self) -> int:
        """Number of solutions whose answers are known."""
        return len({index for test in self.tests for index in test.answers})

    def candidates(self, several: bool) -> Iterable[_Candidate]:
        """Yield the entries of the catalogue that can read the outputs, the strictest first."""
        outputs = [test.expected for test in self.tests]
        texts, lists = (all(isinstance(output, kind) for output in outputs) for kind in (str, list))
        order_is_answer = any(map(self._is_arrangement, self.tests))
        for checker in CATALOGUE:
            is_readable = {Outputs.TEXTS: texts, Outputs.LISTS: lists, Outputs.ANY: True}[checker.outputs]
            caution = _caution(checker, self.question, order_is_answer)
            if not is_readable or (caution and not several):
                continue
            if checker.comparison is not Comparison.CHECKER:
                if checker.comparison is Comparison.TOKENS and self.call_based:  # values have no tokens
                    continue
                same = _acceptor_of(checker.comparison, self.question, self.tests, self.call_based)
                yield _Candidate(checker, "", same, caution)
                continue
            source = checker.source()
            if checker.name == KNOWN_ANSWER:
                table = self._known_answers() if allows_any_answer(self.question) else {}
                source = source_with_answers(table)
                if not table or len(source) > MAX_TABLE:
                    continue
            yield _Candidate(checker, source, self._acceptor(source), caution)

    def _acceptor(self, source: str) -> Accepts:
        check = load_check(source)
        tests = self.tests
        return lambda test, output: accepts(check, tests[test].given, tests[test].expected, output)

    def _is_arrangement(self, test: AnsweredTest) -> bool:
        if self.call_based and not isinstance(test.expected, list):
            return False
        expected = dump_json(test.expected) if self.call_based else test.expected
        return is_arrangement(expected, test.given, self.call_based)

    def _known_answers(self) -> dict[str, list[Any]]:
        """Return the answers to each input that at least two solutions give; empty if some answer has one only."""
        table = {}
        for test, group in zip(self.tests, self.groups, strict=True):
            others = group[1:]
            if any(len(indices) < 2 for _, indices in others):
                return {}
            if others:
                table[json.dumps(test.given, sort_keys=True)] = [output for output, _ in others]
        return table

    def judge(self, candidate: _Candidate, because: str, unknown: int) -> CheckerProposal | None:
        """Return the proposal of a candidate that fits; None otherwise."""
        checker = candidate.checker
        refused: set[int] = set()
        for test, group in enumerate(self.groups):
            for place, (output, indices) in enumerate(group):
                if not candidate.accepts(test, output):
                    if place == 0 or len(indices) > 1:
                        return None
                    refused.update(indices)
        accepted = self.solutions - len(refused)
        if accepted < MIN_ACCEPTED * self.solutions or (self.differing and self.differing <= refused):
            return None
        kept = [mutation for test, mutation in self.mutations if candidate.accepts(test, mutation.output)]
        if not self.differing and not (checker.order_is_free and kept):
            return None  # only the words of the statement speak for it, and they free the order
        by_design = {SWAPPED} if checker.order_is_free else set()
        counted = [mutation for _, mutation in self.mutations if mutation.change not in by_design]
        wrong = [mutation for mutation in kept if mutation.change not in by_design]
        least = MIN_REJECTED_WEAKLY if candidate.caution else MIN_REJECTED
        if not counted or len(counted) - len(wrong) < least * len(counted):
            return None
        return CheckerProposal(
            name=checker.name,
            accepts=checker.accepts,
            comparison=str(checker.comparison),
            source=candidate.source,
            because=because,
            accepted=accepted,
            solutions=self.solutions,
            passing=self.solutions - len(self.differing),
            unknown=unknown,
            rejected=len(self.mutations) - len(kept),
            mutated=len(self.mutations),
            accepts_mutated=tuple(f"{count} {change}" for change, count in Counter(m.change for m in kept).items()),
            caution=candidate.caution,
        )
