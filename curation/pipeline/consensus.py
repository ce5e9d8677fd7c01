"""Compare the outputs of the solutions with the expected ones: votes, and a suggestion. Pure functions.

Copies and unstable programs have no vote. The suggestion is for a reviewer; nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_plus.problem import Comparison, ComparisonRule, dump_json, load_json
from curation.pipeline.choose_comparison import DISSENT, STAGE
from curation.pipeline.run_solutions import SolutionRun
from curation.pipeline.shorten import as_text, shorten, shorten_pair
from curation.pipeline.statement_flags import allows_any_order, allows_several_answers
from curation.pipeline.statement_samples import sample_outputs, shows_output
from curation.records import Finding, Note, Option, Suggestion, Vote
from harness.judging.cases import same_unordered
from harness.judging.comparison import normalize_text, same_value
from harness.judging.verdict import Verdict, expect, is_same, value_of
from harness.sandbox.execution import Ended, Execution

MAX_OPTIONS = 6
"""Options kept per vote; a problem with many right answers has more."""
MANY_ANSWERS = 50
"""With more different outputs than this, close ones are not merged: the vote is scattered anyway."""
AGREEING = 3
"""The least solutions on one other output to question a test that some solution passes."""
CLEAR = 2 / 3
"""The least share of the answering solutions for an answer to be clear, rather than one of several right ones."""
NEARLY_ALL = 0.9
"""The same if there are more than two other answers: of a hundred solutions some are always wrong."""


def count_votes(
    runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool, rule: ComparisonRule
) -> list[Vote]:
    """Return the votes on each disputed test: two solutions give another output, or none gives the expected one."""
    votes = (_count(runs, test, output, call_based, rule) for test, output in enumerate(outputs))
    return [vote for vote in votes if vote.options and (vote.voters - vote.for_expected > 1 or not vote.for_expected)]


def _count(runs: Sequence[SolutionRun], test: int, output: Any, call_based: bool, rule: ComparisonRule) -> Vote:
    answers: dict[str, list[int]] = {}
    for_expected = 0
    for run in runs:
        execution = run.executions[test]
        if not run.votes or execution.ended is not Ended.FINISHED:
            continue
        if run.verdicts[test] is Verdict.PASSED:
            for_expected += 1
        elif (answer := answer_of(execution, call_based)) is not None:
            answers.setdefault(answer, []).append(run.index)
    voters = for_expected + sum(map(len, answers.values()))
    ranked = sorted(_merge_close(answers, call_based, rule).items(), key=lambda item: (-len(item[1]), item[1]))
    options = tuple(Option(answer, tuple(indices)) for answer, indices in ranked[:MAX_OPTIONS])
    expected = dump_json(output) if call_based else output
    return Vote(test, expected, for_expected, options, voters)


def answer_of(execution: Execution, call_based: bool) -> str | None:
    """Return the answer of a finished execution in the form in which votes are counted; None without an answer."""
    if not call_based:
        return normalize_text(execution.output) or None
    value = value_of(execution)
    return None if value is None or value.value is None else dump_json(value.value)


def _merge_close(answers: dict[str, list[int]], call_based: bool, rule: ComparisonRule) -> dict[str, list[int]]:
    """Count outputs together that are equal under the comparison rule."""
    if len(answers) > MANY_ANSWERS or (rule.comparison is Comparison.EXACT and not call_based):
        return answers
    merged: dict[str, list[int]] = {}
    for answer, indices in answers.items():
        same = next((known for known in merged if _same_answer(known, answer, call_based, rule)), answer)
        merged[same] = sorted(merged.get(same, []) + indices)
    return merged


def _same_answer(a: str, b: str, call_based: bool, rule: ComparisonRule) -> bool:
    one, other = (load_json(a), load_json(b)) if call_based else (a, b)
    [expected] = expect([one], call_based, rule)
    return is_same(expected, other)


def suggest(
    question: str,
    votes: Sequence[Vote],
    runs: Sequence[SolutionRun],
    inputs: Sequence[Any],
    call_based: bool,
    cases: str = "",
) -> Suggestion | None:
    """Return the suggestion that follows from the votes; None if no review is needed.

    A test that some solution passes is questioned only if at least ``AGREEING`` solutions agree on another output and
    outnumber those that give the expected one; or, if the statement allows several answers, if a share of ``DISSENT``
    gives another one. A statement that does not say so proves little: another expected output is suggested only if
    there is no other sign of several right answers (see ``_doubt``). Another order is suggested only within the cases
    of an output, as divided by ``cases``.
    """
    someone_passes = any(run.passed for run in runs)
    several = allows_several_answers(question)
    outvoted = [vote for vote in votes if _is_outvoted(vote, someone_passes)]
    questioned = [vote for vote in votes if vote in outvoted or (several and _has_dissent(vote))]
    if not questioned:
        return None
    strongest = max(questioned, key=lambda vote: len(vote.options[0].solutions))
    share = f"{len(strongest.options[0].solutions)}/{strongest.voters}"
    order = f"{share} solutions give the expected values of test {strongest.test} in another order"
    if allows_any_order(question):
        if all(_same_in_any_order(vote.expected, vote.options[0].output, call_based, cases) for vote in questioned):
            return Suggestion("comparison", order, comparison=str(Comparison.UNORDERED), votes=share)
    elif not several and _order_is_free(questioned, inputs, call_based, cases):
        text = f"{order}, and not all in the same one"
        return Suggestion("comparison", text, comparison=str(Comparison.UNORDERED), votes=share)
    if several:
        return _suggest_for_several(questioned, outvoted, strongest, share)
    doubt = _doubt(question, outvoted, inputs, call_based)
    if doubt:
        text = f"{doubt} ({share} solutions agree on another output for test {strongest.test})"
        return Suggestion("look", text, votes=share)
    outputs = {str(vote.test): vote.options[0].output for vote in outvoted}
    text = f"{share} solutions agree on another output for test {strongest.test}"
    if all(_same_but_case(vote) for vote in outvoted):
        text = f"{share} solutions give test {strongest.test}'s expected output in other letter case"
    return Suggestion("expected_output", text, outputs=outputs, votes=share)


def _suggest_for_several(questioned: list[Vote], outvoted: list[Vote], strongest: Vote, share: str) -> Suggestion:
    """Return the suggestion for a statement that allows several answers: one expected output cannot judge them."""
    scattered = next((vote for vote in questioned if len(vote.options) > 1 and _is_scattered(vote)), None)
    if scattered is not None:
        count = f"{len(scattered.options)}{' or more' if len(scattered.options) == MAX_OPTIONS else ''} others"
        text = f"the statement allows several answers, and solutions give {count} than expected to test "
        return Suggestion("drop", f"{text}{scattered.test}: write a checker, or drop it", votes=share)
    text = f"the statement allows several answers; {share} solutions give another one to test {strongest.test}"
    outputs = {str(vote.test): vote.options[0].output for vote in outvoted}
    return Suggestion("look", text, outputs=outputs, votes=share)


def _doubt(question: str, outvoted: Sequence[Vote], inputs: Sequence[Any], call_based: bool) -> str:
    """Return the reason why the answer with most votes may be one of several right ones; empty if there is none."""
    for vote in outvoted:
        if doubt := _sample_doubt(question, vote, inputs[vote.test], call_based):
            return doubt
    for vote in outvoted:
        if _has_no_clear_answer(vote):
            count = f"{len(vote.options)}{' or more' if len(vote.options) == MAX_OPTIONS else ''} other answers"
            return f"{count} than expected to test {vote.test}, and none clearly ahead: several may be right, or none"
    many = [vote for vote in outvoted if _has_parts(vote.expected, call_based) and not _same_but_case(vote)]
    if len(many) >= AGREEING:  # wrong expected outputs come one or two to a problem; a construction has many
        text = f"solutions agree against {len(many)} tests at once"
        return f"{text}: probably several answers are right, then write a checker"
    return ""


def _sample_doubt(question: str, vote: Vote, given: Any, call_based: bool) -> str:
    """Return the reason if the disputed test is a sample of the statement and contradicts the leading answer."""
    samples = sample_outputs(question, given, call_based)
    # a test may be several samples in one: the statement then shows the outputs of both
    if not samples or any(shows_output(sample, vote.options[0].output, call_based) for sample in samples):
        return ""
    if any(shows_output(sample, vote.expected, call_based) for sample in samples):
        text = f"test {vote.test} is the statement's sample, which has the expected output"
        return f"{text}: probably several answers are right, then write a checker"
    if call_based:  # a statement can write a value in many ways
        return ""
    text = f"test {vote.test} is the statement's sample, which has neither the expected output nor the solutions'"
    return f"{text}: probably several answers are right, then write a checker"


def _has_parts(expected: str, call_based: bool) -> bool:
    """Return whether an output is a list or several words: one value is seldom one of several right answers."""
    return isinstance(load_json(expected), (list, dict)) if call_based else len(expected.split()) > 1


def _has_no_clear_answer(vote: Vote) -> bool:
    needed = CLEAR if len(vote.options) <= 2 else NEARLY_ALL
    return len(vote.options[0].solutions) < needed * vote.voters


def _is_outvoted(vote: Vote, someone_passes: bool) -> bool:
    """Return whether another output has more votes than the expected one, and enough of them."""
    leading = len(vote.options[0].solutions)
    if someone_passes:
        return leading >= AGREEING and leading > vote.for_expected
    return leading >= 2 and leading > vote.for_expected


def _has_dissent(vote: Vote) -> bool:
    """Return whether so many solutions give another output that correct programs would fail."""
    others = vote.voters - vote.for_expected
    return others >= 2 and others >= DISSENT * vote.voters


def _is_scattered(vote: Vote) -> bool:
    """Return whether no answer has more than half of the voters."""
    return 2 * len(vote.options[0].solutions) <= vote.voters


def _same_but_case(vote: Vote) -> bool:
    return normalize_text(vote.expected).casefold() == vote.options[0].output.casefold()


def _order_is_free(questioned: Sequence[Vote], inputs: Sequence[Any], call_based: bool, cases: str) -> bool:
    """Return whether all answers are the expected values, in more than one order, and the order is not the answer.

    If all solutions give the same other order, that order may be required. If the values are those of the input, or all
    numbers up to one, the order is the answer: compared without it, every arrangement would pass.
    """
    return (
        any(vote.for_expected or len(vote.options) > 1 for vote in questioned)
        and all(
            _same_in_any_order(vote.expected, option.output, call_based, cases)
            for vote in questioned
            for option in vote.options
        )
        and not any(is_arrangement(vote.expected, inputs[vote.test], call_based) for vote in questioned)
    )


def is_arrangement(expected: str, given: Any, call_based: bool) -> bool:
    """Return whether the values of an output are those of the input, or all numbers up to one: the order is the answer.

    Args:
        expected: A text; of a call-based problem a list as JSON text.
        given: The input.
        call_based: True if the problem calls a function.
    """
    if call_based:
        values = list(map(dump_json, load_json(expected)))
        lists = [list(map(dump_json, value)) for value in given if isinstance(value, list)]
    else:
        values = expected.split()
        lists = [line.split() for line in str(given).splitlines()]
    readings = [values]
    if values and values[0] == str(len(values) - 1):  # how many follow
        readings.append(values[1:])
    lists += [[str(number + first) for number in range(len(read))] for read in readings for first in (0, 1)]
    known = {tuple(sorted(one)) for one in lists if len(one) > 1}
    return any(tuple(sorted(read)) in known for read in readings)


def _same_in_any_order(expected: str, answer: str, call_based: bool, cases: str) -> bool:
    if not call_based:
        return same_unordered(expected, answer, cases)
    value, actual = load_json(expected), load_json(answer)
    return isinstance(value, list) and same_value(value, actual, Comparison.UNORDERED)


def vote_findings(votes: Sequence[Vote], inputs: Sequence[Any]) -> list[Finding]:
    """Return one finding for each disputed test."""
    return [
        Finding(
            STAGE,
            Note.DISPUTED_TEST,
            f"test {vote.test}: {vote.for_expected} of {vote.voters} solutions give the expected output, "
            + ("1 gives another" if (n := len(vote.options[0].solutions)) == 1 else f"{n} agree on another"),
            {
                "test": vote.test,
                "input": shorten(as_text(inputs[vote.test])),
                "expected": shorten_pair(vote.expected, vote.options[0].output)[0],
                "for_expected": vote.for_expected,
                "voters": vote.voters,
                "options": [
                    {
                        "output": shorten_pair(vote.expected, option.output)[1],
                        "votes": len(option.solutions),
                        "solutions": list(option.solutions[:20]),
                    }
                    for option in vote.options[:3]
                ],
            },
        )
        for vote in votes
    ]
