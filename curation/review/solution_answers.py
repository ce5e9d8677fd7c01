"""What the solutions say about one test: who gives the expected output, who another, who none. Pure functions.

Before anything runs again this is read off the votes of the build; what a run prints takes their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from apps_plus.problem import Tests, dump_json, load_json
from curation.pipeline.statement_flags import allows_any_order, allows_several_answers
from curation.records import SolutionResult, VerifiedProblem, Vote


@dataclass(frozen=True, slots=True)
class Voice:
    """Solutions that say the same about a test."""

    label: str
    """``expected``, ``A``, ``B``, ..., or the reason for which they say nothing."""
    solutions: tuple[int, ...]
    output: str | None = None
    """What they print; None where they print nothing that counts, or it is not known without running them."""

    @property
    def is_expected(self) -> bool:
        """Whether it is the expected output."""
        return self.label == EXPECTED


EXPECTED = "expected"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def tests_of(problem: VerifiedProblem) -> Tests:
    """The tests of an item, in their one shape."""
    return _parse_tests(problem.tests)


@lru_cache(maxsize=4)
def _parse_tests(text: str) -> Tests:
    """Tests may be megabytes of JSON, and a screen asks for them at every key."""
    tests = load_json(text) if text else {"inputs": [], "outputs": []}
    return Tests(tuple(tests["inputs"]), tuple(tests["outputs"]))


def output_text(problem: VerifiedProblem, output: object) -> str:
    """An expected output as it is shown and edited: the text, or the value as JSON."""
    return dump_json(output) if problem.entry_point is not None or not isinstance(output, str) else output


def input_text(problem: VerifiedProblem, given: object) -> str:
    """A test's input as it is shown: the text, or the call."""
    if problem.entry_point is None or not isinstance(given, list):
        return given if isinstance(given, str) else dump_json(given)
    arguments = [dump_json(argument) for argument in given]
    one_line = f"{problem.entry_point}({', '.join(arguments)})"
    if len(one_line) <= 100 or len(arguments) < 2:
        return one_line
    return f"{problem.entry_point}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def disputed_tests(problem: VerifiedProblem) -> tuple[int, ...]:
    """The tests that a reviewer looks at: those with votes; where there are none, those that any solution fails."""
    voted = sorted({vote.test for vote in problem.votes})
    failed = sorted({test for result in problem.solutions for test in result.failed_tests})
    return tuple(voted or failed)


def strongest_test(problem: VerifiedProblem) -> int:
    """The test to begin with: that with most votes against the expected output."""
    if problem.votes:
        return max(problem.votes, key=lambda vote: len(vote.options[0].solutions)).test
    return next(iter(disputed_tests(problem)), 0)


def suggested_test(problem: VerifiedProblem) -> int:
    """The test that the suggestion names, since that is what a reviewer is asked about; else the strongest."""
    named = re.search(r"\btest (\d+)", problem.suggestion.text) if problem.suggestion else None
    test = int(named[1]) if named else -1
    return test if 0 <= test < len(tests_of(problem)) else strongest_test(problem)


def vote_on(problem: VerifiedProblem, test: int) -> Vote | None:
    """The vote on a test, where it is disputed."""
    return next((vote for vote in problem.votes if vote.test == test), None)


def answer_of(problem: VerifiedProblem, test: int, solution: int) -> str:
    """The letter of a solution's answer on a test; empty where the votes do not tell."""
    vote = vote_on(problem, test)
    options = vote.options if vote else ()
    return next((letter for letter, o in zip(_LETTERS, options, strict=False) if solution in o.solutions), "")


def voices_on(problem: VerifiedProblem, test: int, replies: Mapping[int, Reply] | None = None) -> tuple[Voice, ...]:
    """What the solutions say on one test, other outputs before the expected one, the silent last.

    Args:
        problem: The item's.
        test: Its number.
        replies: What each solution, copies aside, did when it ran again; None: what the build knows.
    """
    if replies is not None:
        return _voices_of_run(replies)
    vote = vote_on(problem, test)
    options = vote.options if vote else ()
    others = [Voice(letter, o.solutions, o.output) for letter, o in zip(_LETTERS, options, strict=False)]
    named = {index for option in options for index in option.solutions}
    failing = [r for r in problem.solutions if r.same_as is None and test in r.failed_tests and r.index not in named]
    passing = [
        r.index for r in problem.solutions if r.same_as is None and _seems_to_pass(r, test) and r.index not in named
    ]
    return (*others, *_expected(problem, test, passing), *_by_code(failing))


def _seems_to_pass(result: SolutionResult, test: int) -> bool:
    """Whether a solution gave the expected output; one that never ran far enough did not."""
    ran = result.code not in ("syntax_error", "missing_dependency", "nondeterministic", "incomplete_code")
    return (
        ran
        and test not in result.failed_tests
        and (result.code != "timeout" or test < max(result.failed_tests, default=0))
    )


def _expected(problem: VerifiedProblem, test: int, solutions: Sequence[int]) -> tuple[Voice, ...]:
    outputs = tests_of(problem).outputs
    if not solutions or test >= len(outputs):
        return ()
    return (Voice(EXPECTED, tuple(solutions), output_text(problem, outputs[test])),)


def _by_code(failing: Sequence[SolutionResult]) -> list[Voice]:
    codes = dict.fromkeys(result.code for result in failing)
    return [Voice(_LABELS.get(code, code), tuple(r.index for r in failing if r.code == code)) for code in codes]


_LABELS = {"output_mismatch": "yet other outputs"}
"""The build keeps only the most frequent ones; running the solutions again shows the rest."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one solution did on one test when it ran again."""

    output: str | None
    """What it printed, or the value as JSON; None where it did not finish."""
    passed: bool
    ended: str = ""
    """How it ended where it did not finish, in words."""


def _voices_of_run(replies: Mapping[int, Reply]) -> tuple[Voice, ...]:
    groups: dict[tuple[str, str], list[int]] = {}
    for index, reply in replies.items():
        kind = EXPECTED if reply.passed else "other" if reply.output is not None else reply.ended
        text = "" if reply.passed or reply.output is None else reply.output.rstrip()
        groups.setdefault((kind, text), []).append(index)
    others = sorted((k for k in groups if k[0] == "other"), key=lambda k: (-len(groups[k]), groups[k]))
    voices = [
        Voice(
            _LETTERS[n] if n < len(_LETTERS) else f"answer {n + 1}", tuple(groups[key]), replies[groups[key][0]].output
        )
        for n, key in enumerate(others)
    ]
    rest = sorted((key for key in groups if key[0] != "other"), key=lambda key: key[0] != EXPECTED)
    return (*voices, *(Voice(key[0], tuple(groups[key]), replies[groups[key][0]].output) for key in rest))


def statement_evidence(problem: VerifiedProblem, test: int) -> str:
    """What the statement itself says about a test: whether it is one of its examples, and which output stands there."""
    tests = tests_of(problem)
    if problem.entry_point is not None or test >= len(tests):
        return ""
    if len(str(tests.inputs[test])) > len(problem.question):
        return ""
    question = _squeezed(problem.question)
    given, expected = _squeezed(str(tests.inputs[test])), _squeezed(str(tests.outputs[test]))
    if len(given) < 3 or given not in question:
        return ""
    after = " " + question.partition(given)[2]
    vote = vote_on(problem, test)
    other = _squeezed(vote.options[0].output) if vote else ""
    found = {"the expected output": _stands_in(after, expected), "answer A": bool(other) and _stands_in(after, other)}
    named = [name for name, is_there in found.items() if is_there]
    return "this input stands in the statement" + (f", followed by {' and '.join(named)}" if named else "")


def _stands_in(text: str, wanted: str) -> bool:
    """Whether a text begins soon with another, as an example's output does after its input."""
    place = text.find(wanted)
    return bool(wanted) and 0 <= place < 40


def _squeezed(text: str) -> str:
    return " " + " ".join(text.split()) + " " if text.strip() else ""


def telling_sentences(question: str) -> list[tuple[int, int]]:
    """Where the statement says that several answers, or any order, will do: starts and ends of those sentences."""
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
