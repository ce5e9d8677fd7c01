"""Group the solutions of an item by their answer to one test: the expected output, another, or none. Pure functions.

The answers come from the votes of the build, or from a new run where there was one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from apps_plus.problem import Tests, dump_json
from curation.pipeline.statement_flags import allows_any_order, allows_several_answers
from curation.records import SolutionResult, VerifiedProblem, Vote


@dataclass(frozen=True, slots=True)
class SolutionAnswer:
    """One answer to a test, and the solutions that give it."""

    label: str
    """``expected``, ``A``, ``B``, ..., or the reason why there is no output."""
    solutions: tuple[int, ...]
    output: str | None = None
    """Their output; None if there is none, or it is unknown until they run again."""

    @property
    def is_expected(self) -> bool:
        """True for the expected output."""
        return self.label == EXPECTED


EXPECTED = "expected"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def tests_of(problem: VerifiedProblem) -> Tests:
    """Return the tests of an item."""
    return _parse_tests(problem.tests)


@lru_cache(maxsize=4)
def _parse_tests(text: str) -> Tests:
    """Parse and cache tests: they may have megabytes, and a screen needs them at every key."""
    return Tests.from_json(text) if text else Tests((), ())


def output_text(problem: VerifiedProblem, output: object) -> str:
    """Return an expected output as it is shown and edited: the text, or the value as JSON."""
    return dump_json(output) if problem.entry_point is not None or not isinstance(output, str) else output


def input_text(problem: VerifiedProblem, given: object) -> str:
    """Return a test's input as it is shown: the text, or the call."""
    if problem.entry_point is None or not isinstance(given, list):
        return given if isinstance(given, str) else dump_json(given)
    arguments = [dump_json(argument) for argument in given]
    one_line = f"{problem.entry_point}({', '.join(arguments)})"
    if len(one_line) <= 100 or len(arguments) < 2:
        return one_line
    return f"{problem.entry_point}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def disputed_tests(problem: VerifiedProblem) -> tuple[int, ...]:
    """Return the tests to review: those with votes, or, without votes, those that some solution fails."""
    voted = sorted({vote.test for vote in problem.votes})
    failed = sorted({test for result in problem.solutions for test in result.failed_tests})
    return tuple(voted or failed)


def most_disputed_test(problem: VerifiedProblem) -> int:
    """Return the test with the most votes against the expected output."""
    if problem.votes:
        return max(problem.votes, key=lambda vote: len(vote.options[0].solutions)).test
    return next(iter(disputed_tests(problem)), 0)


def suggested_test(problem: VerifiedProblem) -> int:
    """Return the test that the suggestion names, or else the most disputed one."""
    named = re.search(r"\btest (\d+)", problem.suggestion.text) if problem.suggestion else None
    test = int(named[1]) if named else -1
    return test if 0 <= test < len(tests_of(problem)) else most_disputed_test(problem)


def vote_on(problem: VerifiedProblem, test: int) -> Vote | None:
    """Return the vote on a test; None if it is not disputed."""
    return next((vote for vote in problem.votes if vote.test == test), None)


def answer_letter(problem: VerifiedProblem, test: int, solution: int) -> str:
    """Return the letter of a solution's answer to a test; empty if the votes do not have it."""
    vote = vote_on(problem, test)
    options = vote.options if vote else ()
    return next((letter for letter, o in zip(_LETTERS, options, strict=False) if solution in o.solutions), "")


def answers_on(
    problem: VerifiedProblem, test: int, reruns: Mapping[int, RerunResult] | None = None
) -> tuple[SolutionAnswer, ...]:
    """Return the answers to one test: other outputs, then the expected one, then solutions without output.

    Args:
        problem: The problem.
        test: The number of the test.
        reruns: The results of a new run, by solution (without copies); None: use the votes of the build.
    """
    if reruns is not None:
        return _answers_of_run(reruns)
    vote = vote_on(problem, test)
    options = vote.options if vote else ()
    others = [SolutionAnswer(letter, o.solutions, o.output) for letter, o in zip(_LETTERS, options, strict=False)]
    named = {index for option in options for index in option.solutions}
    failing = [r for r in problem.solutions if r.same_as is None and test in r.failed_tests and r.index not in named]
    passing = [
        r.index for r in problem.solutions if r.same_as is None and _seems_to_pass(r, test) and r.index not in named
    ]
    return (*others, *_expected(problem, test, passing), *_by_code(failing))


def _seems_to_pass(result: SolutionResult, test: int) -> bool:
    """Return whether a solution probably gave the expected output: it ran that test, and did not fail it."""
    ran = result.code not in ("syntax_error", "missing_dependency", "nondeterministic", "incomplete_code")
    return (
        ran
        and test not in result.failed_tests
        and (result.code != "timeout" or test < max(result.failed_tests, default=0))
    )


def _expected(problem: VerifiedProblem, test: int, solutions: Sequence[int]) -> tuple[SolutionAnswer, ...]:
    outputs = tests_of(problem).outputs
    if not solutions or test >= len(outputs):
        return ()
    return (SolutionAnswer(EXPECTED, tuple(solutions), output_text(problem, outputs[test])),)


def _by_code(failing: Sequence[SolutionResult]) -> list[SolutionAnswer]:
    codes = dict.fromkeys(result.code for result in failing)
    return [
        SolutionAnswer(_LABELS.get(code, code), tuple(r.index for r in failing if r.code == code)) for code in codes
    ]


_LABELS = {"output_mismatch": "other outputs, not kept"}
"""The build keeps only the most frequent other outputs; running the solutions again shows the rest."""


@dataclass(frozen=True, slots=True)
class RerunResult:
    """The result of running one solution on one test again."""

    output: str | None
    """The printed output, or the value as JSON; None if it did not finish."""
    passed: bool
    ended: str = ""
    """The status and the exception of a run that did not finish, in words."""


def _answers_of_run(reruns: Mapping[int, RerunResult]) -> tuple[SolutionAnswer, ...]:
    groups: dict[tuple[str, str], list[int]] = {}
    for index, rerun in reruns.items():
        kind = EXPECTED if rerun.passed else "other" if rerun.output is not None else rerun.ended
        text = "" if rerun.passed or rerun.output is None else rerun.output.rstrip()
        groups.setdefault((kind, text), []).append(index)
    others = sorted((k for k in groups if k[0] == "other"), key=lambda k: (-len(groups[k]), groups[k]))
    answers = [
        SolutionAnswer(
            _LETTERS[n] if n < len(_LETTERS) else f"answer {n + 1}", tuple(groups[key]), reruns[groups[key][0]].output
        )
        for n, key in enumerate(others)
    ]
    rest = sorted((key for key in groups if key[0] != "other"), key=lambda key: key[0] != EXPECTED)
    return (*answers, *(SolutionAnswer(key[0], tuple(groups[key]), reruns[groups[key][0]].output) for key in rest))


def statement_evidence(problem: VerifiedProblem, test: int) -> str:
    """Say that the statement has the input of a test, and which output follows it there; empty if it has not."""
    tests = tests_of(problem)
    if problem.entry_point is not None or test >= len(tests):
        return ""
    if len(str(tests.inputs[test])) > len(problem.question):
        return ""
    question = _normalize_spaces(problem.question)
    given, expected = _normalize_spaces(str(tests.inputs[test])), _normalize_spaces(str(tests.outputs[test]))
    if len(given) < 3 or given not in question:
        return ""
    after = " " + question.partition(given)[2]
    vote = vote_on(problem, test)
    other = _normalize_spaces(vote.options[0].output) if vote else ""
    found = {
        "the expected output": _follows_soon(after, expected),
        "answer A": bool(other) and _follows_soon(after, other),
    }
    named = [name for name, is_there in found.items() if is_there]
    return "this input is in the statement" + (f", followed by {' and '.join(named)}" if named else "")


def _follows_soon(text: str, output: str) -> bool:
    """Return whether a text has another within its first 40 characters, as an example's output follows its input."""
    place = text.find(output)
    return bool(output) and 0 <= place < 40


def _normalize_spaces(text: str) -> str:
    return " " + " ".join(text.split()) + " " if text.strip() else ""


def permissive_sentences(question: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence of the statement that allows several answers, or any order."""
    places = []
    start = 0
    for end in [*(match for match in _sentence_ends(question)), len(question)]:
        sentence = question[start:end]
        if allows_several_answers(" ".join(sentence.split())) or allows_any_order(sentence):
            blank = len(sentence) - len(sentence.lstrip())
            places.append((start + blank, start + len(sentence.rstrip())))
        start = end
    return places


def _sentence_ends(question: str) -> list[int]:
    return [match.end() for match in re.finditer(r"(?i)(?<=[.!?])(?<!i\.e\.)(?<!e\.g\.)\s+|\n\s*\n|-{4,}", question)]
