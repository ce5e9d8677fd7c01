"""Format what the plain-text commands print, for scripts and screen readers, and their JSON.

All texts from problems, programs and notes are made printable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from apps_plus.printable import one_line, printable
from apps_plus.problem import Comparison, ComparisonRule, load_json
from curation.checkers.catalogue import Checker, Outputs
from curation.checkers.proposal import CheckerProposal
from curation.pipeline.shorten import as_text, first_difference, shorten, shorten_pair
from curation.records import SolutionResult, VerifiedProblem
from curation.review.accepted_outputs import AcceptedOutput, accepted_example, explain_no_example, rule_for_mode
from curation.review.agreement import PairAgreement
from curation.review.queue import Item, QueueRow, State
from curation.review.session import Proposal
from curation.review.trial import Trial, count_different
from curation.review_decisions import Action, Decision, standing_decisions

INDENT = "    "


def queue_lines(rows: Sequence[QueueRow]) -> Iterator[str]:
    """Yield one line per item: id, tier, state, suggestion, votes, reviewers, and the evidence."""
    table = [
        [
            one_line(row.problem_id),
            one_line(row.tier) or "-",
            str(row.state),
            f"{row.suggestion or 'none'} {row.votes}".strip(),
            (",".join(row.reviewers) + " (note)" * row.has_note).strip() or "-",
        ]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row, cells in zip(rows, table, strict=True):
        padded = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        checker = f" [checker: {row.checker}]" if row.checker else ""
        yield f"{padded}  {one_line((row.suggestion_text or ', '.join(row.reasons)) + checker)}"


def counts_line(rows: Sequence[QueueRow]) -> str:
    """Count the items by state: ``5 items: 3 open, 2 done``."""
    counts = Counter(row.state for row in rows)
    states = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    return f"{len(rows)} item{'s' * (len(rows) != 1)}" + (f": {states}" if states else "")


# ---- one item


def item_lines(item: Item, row: QueueRow, proposal: Proposal | None, history: Sequence[Decision]) -> Iterator[str]:
    """Yield an item as text with headings: suggestion, disputed tests, solutions, statement, history."""
    problem = item.problem
    kind = f"calls {problem.entry_point}" if problem.entry_point else "standard input"
    yield one_line(f"{problem.problem_id}: {row.state}; {row.tier or 'no tier'}, {kind}, compared as {problem.rule}")
    yield one_line(f"reasons: {', '.join(item.reasons)}")
    yield one_line(f"suggestion: {row.suggestion or 'none'}: {row.suggestion_text}")
    yield f"apply would decide: {describe(proposal.action, proposal.reason, proposal) if proposal else 'nothing'}"
    if proposal is not None and proposal.changes.comparison:
        rule = rule_for_mode(problem, proposal.changes.comparison)
        yield from also_accepted_lines(rule, accepted_example(problem, rule), explain_no_example(rule))
    yield from checker_lines(item.checker)
    yield ""
    yield "Disputed tests"
    yield from vote_lines(problem)
    yield ""
    yield "Solutions"
    for result in problem.solutions:
        yield INDENT + solution_line(result)
    yield ""
    yield "Statement"
    yield from _block(problem.question)
    yield ""
    yield "History"
    yield from history_lines(history, item.digest, problem.raw_digest)


def checker_lines(checker: CheckerProposal | None) -> Iterator[str]:
    """Yield the proposed checker with its evidence and its source; nothing without one."""
    if checker is None:
        return
    yield one_line(f"proposed checker: {checker.title}")
    yield one_line(f"{INDENT}since {checker.because}; it {checker.evidence}")
    if checker.source:
        yield from _block(checker.source, "adopt would decide by")


def vote_lines(problem: VerifiedProblem) -> Iterator[str]:
    """Yield each disputed test: its input, the expected output, and the other outputs of solutions."""
    if not problem.votes:
        yield INDENT + "none"
    inputs = load_json(problem.tests)["inputs"] if problem.tests else []
    for vote in problem.votes:
        yield f"{INDENT}test {vote.test}: {vote.for_expected} of {vote.voters} solutions give the expected output"
        yield from _block(shorten(as_text(inputs[vote.test])), "input", 2)
        best = vote.options[0].output if vote.options else vote.expected
        yield from _block(shorten_pair(vote.expected, best)[0], "expected", 2)
        for option in vote.options:
            where = first_difference(vote.expected, option.output)
            label = f"given by {len(option.solutions)} (differs from character {where} on)"
            yield from _block(shorten_pair(vote.expected, option.output)[1], label, 2)


def solution_line(result: SolutionResult) -> str:
    """Return one solution and its verdict, as a line."""
    more = f" (same text as {result.same_as})" if result.same_as is not None else ""
    more += f" (repaired: {', '.join(result.repairs)})" if result.repairs else ""
    return one_line(f"{result.index}: {result.code}{more}{': ' if result.detail else ''}{result.detail}")


def test_lines(problem: VerifiedProblem, test: int) -> Iterator[str]:
    """Yield one test in full."""
    tests = load_json(problem.tests)
    yield f"Test {test} of {problem.problem_id}"
    yield from _block(as_text(tests["inputs"][test]), "input")
    yield from _block(as_text(tests["outputs"][test]), "expected")
    for vote in problem.votes:
        for option in vote.options if vote.test == test else ():
            yield from _block(option.output, f"given by solutions {', '.join(map(str, option.solutions))}")


def history_lines(history: Sequence[Decision], digest: str, raw_digest: str = "") -> Iterator[str]:
    """Yield all decisions, oldest first; retracted ones and those about an earlier version are marked."""
    standing = {decision.decision_id for decision in standing_decisions(history)}
    if not history:
        yield INDENT + "no decisions"
    for decision in history:
        retracted = decision.action is not Action.RETRACT and decision.decision_id not in standing
        more = " (retracted)" if retracted else ""
        more += "" if decision.is_about(digest, raw_digest) else " (of an earlier version)"
        more += f": {decision.note}" if decision.note else ""
        what = describe(decision.action, decision.reason, decision)
        yield INDENT + one_line(f"{decision.time} {decision.reviewer}: {what}{more}")


def describe(action: Action, reason: str, holder: Proposal | Decision) -> str:
    """Describe an action with its reason and changes, in one line."""
    changes = holder.changes
    parts = [f"test {test} has the input {shorten(text, 60)!r}" for test, text in changes.inputs.items()]
    parts += [f"test {test} expects {shorten(text, 60)!r}" for test, text in changes.outputs.items()]
    parts += [f"without test {test}" for test in changes.dropped_tests]
    parts += [f"compare {changes.comparison}"] if changes.comparison else []
    parts += [f"solution {changes.canonical} is canonical"] if changes.canonical is not None else []
    parts += [f"for {reason}"] if reason else []
    return one_line(f"{action} {'; '.join(parts)}".strip())


def catalogue_lines(checkers: Sequence[Checker]) -> Iterator[str]:
    """Yield one line for each checker of the catalogue: name, outputs that it reads, what it accepts."""
    width = max(len(checker.name) for checker in checkers)
    for checker in checkers:
        built_in = checker.comparison is not Comparison.CHECKER
        how = f" (--comparison {checker.comparison})" if built_in else " (a start only)" if checker.is_weak else ""
        reads = "texts and values" if checker.outputs is Outputs.ANY else str(checker.outputs)
        yield f"{checker.name:<{width}}  {reads:<16}  {checker.accepts}{how}"


# ---- a trial


def trial_lines(trial: Trial) -> Iterator[str]:
    """Yield the results of every solution before and after, and the solution that would be released."""
    name = one_line(trial.problem.problem_id)
    if not trial.after:
        yield f"{name}: no solution was run"
        return
    before, after = trial.passed_before, trial.passed_after
    yield f"{name}: {before} of {count_different(trial.before)} different solutions passed before, {after} pass now"
    for was, now in zip(trial.before, trial.after, strict=True):
        change = now.code if was.code == now.code else f"{was.code} -> {now.code}"
        detail = f" ({now.detail})" if now.detail else ""
        yield INDENT + one_line(f"{now.index}: {change}{detail}")
    if trial.canonical is not None:
        yield f"solution {trial.canonical} would be canonical; outputs compared as {trial.problem.rule}"
    for new in trial.new_inputs:
        yield one_line(new.description)
    if trial.mutations:
        yield trial.mutations
    if trial.changes.comparison:
        yield from also_accepted_lines(trial.problem.rule, trial.accepted, trial.accepts_no_other)


def also_accepted_lines(rule: ComparisonRule, accepted: AcceptedOutput | None, why_none: str) -> Iterator[str]:
    """Yield an output that a rule accepts besides the expected one, or why it accepts none."""
    if accepted is None:
        yield from [why_none] if why_none else []
        return
    expected, output = shorten_pair(accepted.expected, accepted.output)
    yield f"compared as {rule}, another output {accepted.description}:"
    yield from _block(expected, "expected")
    yield from _block(output, "also accepted")


# ---- agreement


def agreement_lines(pairs: Sequence[PairAgreement]) -> Iterator[str]:
    """Yield a block for each pair of reviewers."""
    for pair in pairs:
        kappa = pair.kappa
        value = "undefined (one category only)" if kappa.kappa is None else f"{kappa.kappa:.3f}"
        yield (
            f"{pair.first} and {pair.second}: kappa {value}, n {kappa.n}, same category {kappa.observed or 0:.1%} "
            f"(by chance {kappa.expected or 0:.1%}), identical decisions {pair.identical} of {kappa.n}"
        )
        if pair.differing:
            yield one_line(f"{INDENT}differ on {', '.join(pair.differing)}")


# ---- JSON


def item_json(item: Item, row: QueueRow, proposal: Proposal | None, history: Sequence[Decision]) -> dict[str, Any]:
    """Return an item as a JSON object."""
    problem = item.problem.to_json()
    del problem["canonical_source"], problem["conditionals"], problem["blocked_by"]
    tests = load_json(item.problem.tests) if item.problem.tests else {"inputs": [], "outputs": []}
    return {
        **problem,
        "item_digest": item.digest,
        "reasons": list(item.reasons),
        "state": str(row.state),
        "reviewers": list(row.reviewers),
        "tests": tests,
        "proposal": asdict(proposal) if proposal else None,
        "checker_proposal": item.checker.to_json() if item.checker else None,
        "history": [decision.to_row() for decision in history],
    }


def trial_json(trial: Trial) -> dict[str, Any]:
    """Return a trial as a JSON object."""
    return {
        "passed_before": trial.passed_before,
        "passed_after": trial.passed_after,
        "canonical": trial.canonical,
        "comparison": trial.problem.comparison,
        "tolerance": trial.problem.tolerance,
        "tolerance_kind": trial.problem.tolerance_kind,
        "cases": trial.problem.cases,
        "accepted": asdict(trial.accepted) if trial.accepted else None,
        "mutations": trial.mutations,
        "new_inputs": [asdict(new) for new in trial.new_inputs],
        "error": trial.error,
        "solutions": [
            {"index": before.index, "before": before.code, "after": after.code, "detail": after.detail}
            for before, after in zip(trial.before, trial.after, strict=bool(trial.after))
        ],
    }


def _block(text: str, label: str = "", depth: int = 1) -> Iterator[str]:
    """Yield a text indented under its label, or beside it if it has one line."""
    indent = INDENT * depth
    lines = printable(text.rstrip("\n")).split("\n")
    if label and len(lines) == 1:
        yield f"{indent}{label}: {lines[0]}"
        return
    if label:
        yield f"{indent}{label}:"
        indent += INDENT
    for line in lines:
        yield (indent + line).rstrip()
