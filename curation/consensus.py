"""Sets what the solutions say against what the tests expect. Pure functions over verified runs.

Copies and programs that contradict themselves have no vote. What comes out are votes and a suggestion; nothing is
changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_plus.problem import Comparison, dump_json, load_json
from curation.evidence import as_text, shorten, shorten_pair
from curation.records import Finding, Note, Option, Suggestion, Vote
from curation.screen import allows_any_order, allows_several_answers
from curation.verify import SolutionRun
from harness.compare import normalize_text, same_text, same_value, unordered_text
from harness.execution import Ended, Execution
from harness.verdict import Expected, Verdict, value_of, verdict_of

STAGE = "consensus"
MAX_OPTIONS = 6
"""Options kept per vote; a problem with many valid answers has many."""
MANY_ANSWERS = 50
"""More different outputs than this are scattered, whatever is merged."""
DISSENT = 0.2
"""Share of the answering solutions; fewer are mistakes as often as they are other valid answers."""
AGREEING = 3
"""As many solutions on one other output outweigh a test that some solution passes."""


def choose_comparison(
    runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool
) -> tuple[Comparison, Finding | None]:
    """The strictest of ``exact``, ``tokens`` and ``float`` under which no more solutions would pass in a laxer one."""
    modes = [Comparison.EXACT, Comparison.TOKENS, Comparison.FLOAT]
    if call_based:  # values have no tokens
        modes.remove(Comparison.TOKENS)
    passing = {mode: _passing(runs, outputs, call_based, mode) for mode in modes}
    most = max(len(indices) for indices in passing.values())
    chosen = next(mode for mode in modes if len(passing[mode]) == most)
    if chosen is Comparison.EXACT:
        return chosen, None
    gained = sorted(passing[chosen] - passing[Comparison.EXACT])
    detail = f"compared as {chosen}: {len(gained)} more solutions pass than compared exactly"
    return chosen, Finding(STAGE, Note.COMPARISON, detail, {"comparison": str(chosen), "solutions": gained[:20]})


def _passing(runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool, mode: Comparison) -> set[int]:
    expected = [Expected(output, call_based, mode) for output in outputs]
    return {run.index for run in runs if run.same_as is None and _passes(run.executions, expected)}


def _passes(executions: Sequence[Execution], expected: Sequence[Expected]) -> bool:
    return all(verdict_of(e, x) is Verdict.PASSED for e, x in zip(executions, expected, strict=True))


def count_votes(
    runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool, comparison: Comparison
) -> list[Vote]:
    """The votes on each disputed test: one where two solutions give another output, or none gives the expected."""
    votes = (_count(runs, test, output, call_based, comparison) for test, output in enumerate(outputs))
    return [vote for vote in votes if vote.options and (vote.voters - vote.for_expected > 1 or not vote.for_expected)]


def _count(runs: Sequence[SolutionRun], test: int, output: Any, call_based: bool, comparison: Comparison) -> Vote:
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
    ranked = sorted(_merge_close(answers, call_based, comparison).items(), key=lambda item: (-len(item[1]), item[1]))
    options = tuple(Option(answer, tuple(indices)) for answer, indices in ranked[:MAX_OPTIONS])
    expected = dump_json(output) if call_based else output
    return Vote(test, expected, for_expected, options, voters)


def answer_of(execution: Execution, call_based: bool) -> str | None:
    """What a finished run answered, in the form that votes are counted in; None where it answered nothing."""
    if not call_based:
        return normalize_text(execution.output) or None
    value = value_of(execution)
    return None if value is None or value.value is None else dump_json(value.value)


def _merge_close(answers: dict[str, list[int]], call_based: bool, comparison: Comparison) -> dict[str, list[int]]:
    """Count outputs together that the comparison mode takes for the same."""
    if len(answers) > MANY_ANSWERS or (comparison is Comparison.EXACT and not call_based):
        return answers
    merged: dict[str, list[int]] = {}
    for answer, indices in answers.items():
        same = next((known for known in merged if _same_answer(known, answer, call_based, comparison)), answer)
        merged[same] = sorted(merged.get(same, []) + indices)
    return merged


def _same_answer(a: str, b: str, call_based: bool, comparison: Comparison) -> bool:
    return same_value(load_json(a), load_json(b), comparison) if call_based else same_text(a, b, comparison)


def suggest(question: str, votes: Sequence[Vote], runs: Sequence[SolutionRun], call_based: bool) -> Suggestion | None:
    """What the votes amount to; None where nothing needs a person.

    A test that some solution passes is questioned only where at least ``AGREEING`` solutions agree on another
    output and outnumber those that give the expected one; or, where the statement allows several answers, where a
    share of ``DISSENT`` gives another one.
    """
    someone_passes = any(run.passed for run in runs)
    several = allows_several_answers(question)
    outvoted = [vote for vote in votes if _is_outvoted(vote, someone_passes)]
    questioned = [vote for vote in votes if vote in outvoted or (several and _has_dissent(vote))]
    if not questioned:
        return None
    strongest = max(questioned, key=lambda vote: len(vote.options[0].solutions))
    share = f"{len(strongest.options[0].solutions)}/{strongest.voters}"
    if allows_any_order(question) and all(_same_in_any_order(vote, call_based) for vote in questioned):
        text = f"{share} solutions give the expected values of test {strongest.test} in another order"
        return Suggestion("comparison", text, comparison=str(Comparison.UNORDERED), votes=share)
    if several:
        return _suggest_for_several(questioned, outvoted, strongest, share)
    outputs = {str(vote.test): vote.options[0].output for vote in outvoted}
    text = f"{share} solutions agree on another output for test {strongest.test}"
    if all(_same_but_case(vote) for vote in outvoted):
        text = f"{share} solutions give test {strongest.test}'s expected output in other letter case"
    return Suggestion("expected_output", text, outputs=outputs, votes=share)


def _suggest_for_several(questioned: list[Vote], outvoted: list[Vote], strongest: Vote, share: str) -> Suggestion:
    """The statement allows several answers: one expected output cannot judge them."""
    scattered = next((vote for vote in questioned if len(vote.options) > 1 and _is_scattered(vote)), None)
    if scattered is not None:
        count = f"{len(scattered.options)}{' or more' if len(scattered.options) == MAX_OPTIONS else ''} others"
        text = f"the statement allows several answers, and solutions give {count} than expected to test "
        return Suggestion("drop", f"{text}{scattered.test}: write a checker, or drop it", votes=share)
    text = f"the statement allows several answers; {share} solutions give another one to test {strongest.test}"
    outputs = {str(vote.test): vote.options[0].output for vote in outvoted}
    return Suggestion("look", text, outputs=outputs, votes=share)


def _is_outvoted(vote: Vote, someone_passes: bool) -> bool:
    """Another output has more votes than the expected one, and enough of them."""
    leading = len(vote.options[0].solutions)
    if someone_passes:
        return leading >= AGREEING and leading > vote.for_expected
    return leading >= 2 and leading > vote.for_expected


def _has_dissent(vote: Vote) -> bool:
    """Enough solutions give something else than expected that an exact comparison would wrong correct programs."""
    others = vote.voters - vote.for_expected
    return others >= 2 and others >= DISSENT * vote.voters


def _is_scattered(vote: Vote) -> bool:
    """No single answer has most of the voters."""
    return 2 * len(vote.options[0].solutions) <= vote.voters


def _same_but_case(vote: Vote) -> bool:
    return normalize_text(vote.expected).casefold() == vote.options[0].output.casefold()


def _same_in_any_order(vote: Vote, call_based: bool) -> bool:
    answer = vote.options[0].output
    if not call_based:
        return unordered_text(vote.expected) == unordered_text(answer)
    expected, actual = load_json(vote.expected), load_json(answer)
    return isinstance(expected, list) and same_value(expected, actual, Comparison.UNORDERED)


def vote_findings(votes: Sequence[Vote], inputs: Sequence[Any]) -> list[Finding]:
    """One finding per disputed test."""
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
