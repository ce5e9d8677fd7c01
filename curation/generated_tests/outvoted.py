"""Replace a canonical solution that the voters outvote: it passes the given tests and is wrong all the same.

The canonical solution is the first that passes every given test. Where these are few, it may be wrong, or keep state
from one call to the next; then hardly any input is elected, since the other voters, who agree among themselves,
dissent. The first of them takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from apps_plus.conditionals import find_conditionals
from curation.generated_tests.voters import Electorate
from curation.generated_tests.voting import Ballot, majority_against
from curation.records import VerifiedProblem


def find_successor(problem: VerifiedProblem, ballots: Sequence[Ballot]) -> int | None:
    """Return the solution that takes the place of an outvoted canonical one: the first of those that agree against it.

    Args:
        problem: The problem, with its canonical solution.
        ballots: The votes on all candidates.

    Returns:
        The index of a solution that runs as written and can be parsed; None where the canonical one is not outvoted.
    """
    against = majority_against(ballots) - {problem.canonical}  # alone, one that keeps state may agree with the others
    as_written = {result.index for result in problem.solutions if not result.repairs}
    return next((index for index in sorted(against & as_written) if _can_be_parsed(problem, index)), None)


def _can_be_parsed(problem: VerifiedProblem, index: int) -> bool:
    try:
        with_canonical(problem, index)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def with_canonical(problem: VerifiedProblem, index: int) -> VerifiedProblem:
    """Return the problem with another canonical solution. Raises SyntaxError or ValueError if it cannot be parsed."""
    source = problem.sources[str(index)]
    conditionals = tuple(asdict(found) for found in find_conditionals(source.removeprefix("\ufeff")))
    return replace(problem, canonical=index, canonical_source=source, conditionals=conditionals)


def after(electorate: Electorate, successor: int, outvoted: int | None) -> Electorate:
    """Return the electorate in which a voter has taken the place of the outvoted one, who votes no more.

    The held-out solutions remain the same.
    """
    others = [voter for voter in electorate.voters if voter not in (successor, outvoted)]
    return Electorate((successor, *others), electorate.held_out)
