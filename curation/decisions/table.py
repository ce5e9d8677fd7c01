"""Describe the decisions that ship, one row a problem, for ``apps-plus review shipped`` and docs/decisions.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps_plus.printable import one_line
from curation.decisions.shipped import CHECKERS
from curation.review.queue_rows import by_problem_id
from curation.review_decisions import Action, Decision, effect_of, latest_by_reviewer

INTRODUCTION = """# Decisions that ship

A build of raw APPS replays these decisions, so that nobody reviews its problems twice. Of 3,023 problems of its train
split they settle all that a build leaves to a person, give a checker to those whose statements allow several answers
while the solutions happen to agree on one, and release five whose only solution gives another right answer. Some are
about generated inputs on which accepted solutions part ways (`--strengthen`), as their reasons say.
`--decisions none` builds without them; a decision of your own on a problem comes before them.

Each problem was judged twice, by different criteria: pass 1 read the statement before the votes of the solutions,
pass 2 the votes before the statement. Where the two passes differed, a third look settled it; the lines of both stay.
The table gives the reason of pass 1; those of both passes are in `curation/decisions/apps/*.jsonl`, the checkers in
`curation/decisions/apps/checkers/`, each with examples in `tests/curation/decisions/test_checkers.py`.

A decision names digests of the statement and of the whole raw problem, and applies only where both are the same.

"""


@dataclass(frozen=True, slots=True)
class DecidedProblem:
    """One problem on which decisions ship."""

    problem_id: str
    decision: Decision
    """The decision that counts, as the first reviewer wrote it."""
    checker: str
    """Name of its checker's file; empty without one."""
    reviewers: tuple[str, ...]
    passes_differed: bool
    """True if the first judgements of the reviewers differed."""

    @property
    def reason(self) -> str:
        """The reason, in a sentence."""
        return self.decision.note


def decided_problems(decisions: Sequence[Decision]) -> list[DecidedProblem]:
    """Return the problems in the order of their ids."""
    names = checker_names()
    return [_decided(problem_id, about, names) for problem_id, about in sorted(by_problem_id(decisions).items())]


def _decided(problem_id: str, about: Sequence[Decision], names: Mapping[str, str]) -> DecidedProblem:
    latest = sorted(latest_by_reviewer(about), key=lambda decision: decision.reviewer)
    decision = latest[0]
    first: dict[str, str] = {}
    for earlier in about:
        if earlier.action is not Action.RETRACT:
            first.setdefault(earlier.reviewer, effect_of(earlier))
    return DecidedProblem(
        problem_id,
        decision,
        names.get(decision.changes.checker, ""),
        tuple(each.reviewer for each in latest),
        len(set(first.values())) > 1,
    )


def checker_names(folder: Path = CHECKERS) -> dict[str, str]:
    """Return the names of the checkers' files by their sources."""
    return {path.read_text(encoding="utf-8"): path.name for path in sorted(folder.glob("*.py"))}


def table_lines(problems: Sequence[DecidedProblem]) -> Iterator[str]:
    """Yield one line of text for each problem."""
    for problem in problems:
        checker = f" [{problem.checker}]" if problem.checker else ""
        yield one_line(f"{problem.problem_id}: {problem.decision.summary}{checker}: {problem.reason}")


def markdown(problems: Sequence[DecidedProblem]) -> str:
    """Return the page docs/decisions.md."""
    head = "| problem | decision | checker | reason | passes |\n| :-- | :-- | :-- | :-- | :-- |\n"
    return INTRODUCTION + head + "".join(f"| {' | '.join(_cells(problem))} |\n" for problem in problems)


def _cells(problem: DecidedProblem) -> Iterator[str]:
    yield problem.problem_id
    yield problem.decision.summary
    yield f"`{problem.checker}`" if problem.checker else ""
    yield one_line(problem.reason).replace("|", "\\|")
    yield "differed" if problem.passes_differed else "agree"
