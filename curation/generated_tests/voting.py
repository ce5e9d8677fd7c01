"""Decide by vote which candidate inputs become tests. Pure functions over the answers of the voters.

A candidate is *elected* if the canonical solution answers it and enough other voters give the same answer:

- ``seen`` and ``stated`` inputs: at least ``MIN_VOTERS`` agree, and at most one in ``DISSENT`` voters does not.
- ``open`` inputs, on which the statement is silent: at least ``MIN_VOTERS_OPEN`` agree, and none dissents.

Voters may agree on nonsense. Where they fail or disagree on several inputs of one *family* (the same generator and the
same risk), that family's inputs are probably invalid, and none of it is elected (``distrusted_families``).

A voter that alone dissents on several inputs of low risk is an *outlier*: probably a wrong solution that the given
tests let pass. It no longer votes.

Where voters dissent on many inputs of low risk, but not on nearly all (``TRUSTED``), the inputs break a rule that the
model does not know: only families without any dissent count then, and none with ``open`` risk. Else, where the same
minority of some size agrees on other answers to several inputs of low risk, the solutions have *parted*: several
answers may be right, or the given tests let a common mistake pass; a person must look. Where a person has looked, and
decided that the given tests are right, only families without any dissent count, and none with ``open`` risk; none at
all where voters dissent on nearly all inputs, which are then at fault.

Where most families are distrusted, nothing is elected but whole given cases in another order (``pieces``), if no voter
dissents on any of them.

A plain feature of inputs (``input_features``), such as a list of one element, may explain that many inputs have
dissent: it does where no input without it has any. Then inputs without it are elected by five voters, if none dissents.

Two voters are few: where a problem has no more, they must agree on nearly all inputs (``PAIR_DISSENT``), else nothing
is elected; then inputs of low risk of the families on which they agree on all.

Where nearly all voters agree on another answer than the canonical solution's, it is the canonical solution that is at
fault (``majority_against``): another takes its place, and the vote is held again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from curation.generated_tests.candidate import Risk
from curation.generated_tests.voters import FEWEST_VOTERS, MIN_VOTERS

MIN_VOTERS_OPEN = 5
DISSENT = 10
"""Of so many voters one may dissent on an input of low risk."""
OUTLIER_DISSENTS = 3
"""Lone dissents on inputs of low risk that make a voter an outlier."""
MOST_OUTLIERS = 3
"""One voter in so many may be an outlier; where more are, the inputs are at fault."""
PARTED_INPUTS = 2
"""Inputs of low risk on which the same minority must agree on another answer."""
PARTED_SHARE = 0.2
PARTED_VOTERS = 2
"""Share of the voters, and number of voters, from which a minority counts."""
OUTVOTED_INPUTS = 3
"""Inputs of low risk on which the same majority must agree against the canonical solution."""
OUTVOTED_SHARE = 0.75
"""Share of the voters that this majority must have; it has as many voters as elect an input."""
TRUSTED = 0.8
"""Share of the inputs of low risk without dissent from which the model is trusted; below ``1 - TRUSTED`` it is not the
model that is at fault, but several answers are right."""
FAMILY_DISSENT = {Risk.SEEN: 0.25, Risk.STATED: 0.25, Risk.OPEN: 0.05}
"""Share of a family's inputs with dissent from which it is distrusted; at least two inputs must have it."""

EXPLAINED_INPUTS = 6
"""Inputs of low risk that all lack a feature, and have no dissent, from which it may explain the dissent on others."""
EXPLAINED_CHANCE = 0.01
"""Probability that all inputs with dissent have a feature by chance, up to which it explains their dissent."""

PAIR_DISSENT = 0.05
"""Share of the inputs of low risk up to which two voters may dissent."""

MANY_FAMILIES = 4
"""With so many families of low risk, more than half of them distrusted make every input suspect."""

PIECES = "pieces"
"""Generator of whole given cases in another order."""
NO_ANSWER = -1
"""Group of a voter that did not finish."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes on one candidate."""

    family: tuple[str, Risk]
    """Its generator and its risk."""
    groups: dict[int, int]
    """By voter, the group that gives one answer: 0 is the canonical solution's, ``NO_ANSWER`` did not finish."""
    features: frozenset[str] = frozenset()
    """The features of the input."""

    @property
    def votes(self) -> int:
        """Voters that give the canonical solution's answer."""
        return sum(group == 0 for group in self.groups.values())

    @property
    def dissenters(self) -> tuple[int, ...]:
        """Voters that do not."""
        return tuple(voter for voter, group in self.groups.items() if group != 0)

    def without(self, voters: frozenset[int]) -> Ballot:
        """Return the ballot without some voters."""
        return replace(self, groups={v: group for v, group in self.groups.items() if v not in voters})


@dataclass(frozen=True, slots=True)
class Election:
    """The outcome of the vote on all candidates of a problem."""

    elected: tuple[int, ...]
    """Positions of the candidates that may become tests."""
    outliers: frozenset[int]
    distrusted: frozenset[tuple[str, Risk]]
    parted: tuple[int, ...]
    """Positions of the candidates that show two groups of voters against each other; empty if the voters agree."""
    avoided: str = ""
    """The feature that explains the dissent on many inputs: no input with it is elected."""


def hold_election(ballots: Sequence[Ballot], is_settled: bool = False) -> Election:
    """Return which candidates are elected, by the rules of this module's docstring.

    Args:
        ballots: The votes on all candidates.
        is_settled: True if a person has decided what the right answers are, for all that the voters disagree.
    """
    outliers = find_outliers(ballots)
    counted = [ballot.without(outliers) for ballot in ballots]
    low_risk = _judging([ballot for ballot in counted if ballot.family[1] is not Risk.OPEN])
    clean = sum(not has_dissent(ballot) for ballot in low_risk)
    is_trusted = clean >= TRUSTED * len(low_risk) or clean >= len(low_risk) - 1  # one input proves nothing
    distrusted = distrusted_families(counted) if is_trusted else families_with_dissent(counted)
    parted = parted_inputs(counted) if is_trusted or clean <= (1 - TRUSTED) * len(low_risk) else ()
    if parted and is_settled:
        distrusted = families_with_dissent(counted) if is_trusted else frozenset(b.family for b in counted)
    if not is_trusted and not is_settled and (avoided := explain_dissent(low_risk)):
        explained = tuple(
            i for i, ballot in enumerate(counted) if avoided not in ballot.features and is_unanimous(ballot)
        )
        return Election(explained, outliers, open_families(counted), parted, avoided)
    # later votes may restore trust, so that the search goes on with the other families
    left_out = all_but_pieces(counted) if has_lost_trust(counted, distrusted) else distrusted
    elected = tuple(i for i, ballot in enumerate(counted) if ballot.family not in left_out and is_elected(ballot))
    return Election(elected, outliers, distrusted, parted)


def hold_election_of_two(ballots: Sequence[Ballot]) -> Election:
    """Return which candidates are elected where a problem has two voters: see this module's docstring."""
    low_risk = [ballot for ballot in ballots if ballot.family[1] is not Risk.OPEN]
    distrusted = families_with_dissent(ballots) | open_families(ballots)
    if sum(bool(ballot.dissenters) for ballot in low_risk) > PAIR_DISSENT * len(low_risk):
        return Election((), frozenset(), distrusted, ())
    elected = (i for i, b in enumerate(ballots) if b.family not in distrusted and b.votes == FEWEST_VOTERS)
    return Election(tuple(elected), frozenset(), distrusted, ())


def explain_dissent(ballots: Sequence[Ballot]) -> str:
    """Return the feature that explains the dissent on inputs of low risk; empty where none does.

    Every input with dissent has it, which must be no chance, and many have it not. Of several, the rarest counts.
    """
    disputed = [ballot for ballot in ballots if ballot.dissenters]
    shared = frozenset[str].intersection(*(ballot.features for ballot in disputed)) if disputed else frozenset()
    counts = {feature: sum(feature in ballot.features for ballot in ballots) for feature in shared}
    explaining = [
        feature
        for feature, count in counts.items()
        if len(ballots) - count >= EXPLAINED_INPUTS and (count / len(ballots)) ** len(disputed) <= EXPLAINED_CHANCE
    ]
    return min(explaining, key=lambda feature: (counts[feature], feature), default="")


def is_unanimous(ballot: Ballot) -> bool:
    """Return whether an input of low risk has many votes and no dissent."""
    return ballot.family[1] is not Risk.OPEN and ballot.votes >= MIN_VOTERS_OPEN and not ballot.dissenters


def open_families(ballots: Sequence[Ballot]) -> frozenset[tuple[str, Risk]]:
    """Return the families of ``open`` risk."""
    return frozenset(ballot.family for ballot in ballots if ballot.family[1] is Risk.OPEN)


def has_lost_trust(ballots: Sequence[Ballot], distrusted: frozenset[tuple[str, Risk]]) -> bool:
    """Return whether most families of low risk are distrusted: what is left obeys the unknown rule by chance."""
    families = {ballot.family for ballot in ballots if ballot.family[1] is not Risk.OPEN}
    return len(families) >= MANY_FAMILIES and 2 * len(families & distrusted) > len(families)


def _judging(ballots: Sequence[Ballot]) -> list[Ballot]:
    """Return the ballots by which the model is judged: those on whole given cases do not count where most are."""
    made_up = [ballot for ballot in ballots if ballot.family[0] != PIECES]
    return made_up if made_up and 2 * len(made_up) < len(ballots) else list(ballots)


def all_but_pieces(ballots: Sequence[Ballot]) -> frozenset[tuple[str, Risk]]:
    """Return every family but those of whole given cases, put together anew, on which no voter dissents.

    What else the model makes up may be invalid; given cases are not.
    """
    disputed = {ballot.family for ballot in ballots if ballot.dissenters}
    made_up = {ballot.family for ballot in ballots if ballot.family[0] != PIECES}
    return frozenset(disputed | made_up)


def has_dissent(ballot: Ballot) -> bool:
    """Return whether more voters dissent than one in ``DISSENT``, as careless solutions do."""
    return len(ballot.dissenters) > len(ballot.groups) // DISSENT


def is_elected(ballot: Ballot) -> bool:
    """Return whether enough voters agree with the canonical solution, and few enough do not."""
    if ballot.family[1] is Risk.OPEN:
        return ballot.votes >= MIN_VOTERS_OPEN and not ballot.dissenters
    return ballot.votes >= MIN_VOTERS and not has_dissent(ballot)


def find_outliers(ballots: Sequence[Ballot]) -> frozenset[int]:
    """Return the voters that alone dissent on several inputs of low risk, on which at least three others agree."""
    alone = Counter(
        ballot.dissenters[0]
        for ballot in ballots
        if ballot.family[1] is not Risk.OPEN and len(ballot.dissenters) == 1 and ballot.votes >= MIN_VOTERS
    )
    outliers = frozenset(voter for voter, count in alone.items() if count >= OUTLIER_DISSENTS)
    n_voters = len({voter for ballot in ballots for voter in ballot.groups})
    return outliers if len(outliers) * MOST_OUTLIERS <= n_voters else frozenset()


def distrusted_families(ballots: Sequence[Ballot]) -> frozenset[tuple[str, Risk]]:
    """Return the families of which too many inputs have dissent: their inputs are probably invalid.

    An invalid input of one family with ``open`` risk casts doubt on what was assumed for all of them, so two distrusted
    ``open`` families make every ``open`` family distrusted.
    """
    counts: dict[tuple[str, Risk], list[bool]] = defaultdict(list)
    for ballot in ballots:
        counts[ballot.family].append(has_dissent(ballot))
    found = {
        family
        for family, dissent in counts.items()
        if sum(dissent) >= 2 and sum(dissent) > FAMILY_DISSENT[family[1]] * len(dissent)
    }
    if sum(risk is Risk.OPEN for _, risk in found) >= 2:
        found |= {family for family in counts if family[1] is Risk.OPEN}
    return frozenset(found)


def families_with_dissent(ballots: Sequence[Ballot]) -> frozenset[tuple[str, Risk]]:
    """Return the families with any dissent, and all of ``open`` risk."""
    return frozenset(b.family for b in ballots if has_dissent(b) or b.family[1] is Risk.OPEN)


def majority_against(ballots: Sequence[Ballot]) -> frozenset[int]:
    """Return the voters that agree on another answer than the canonical solution's; none where they are few.

    They must do so on several inputs of low risk, and on most of those with dissent. It is the canonical solution that
    is at fault then, not the inputs: voters fail in different ways on invalid ones.
    """
    disputed = [ballot for ballot in ballots if ballot.family[1] is not Risk.OPEN and has_dissent(ballot)]
    majorities = [majority for ballot in disputed if (majority := _majority_against(ballot))]
    if len(majorities) < OUTVOTED_INPUTS or 2 * len(majorities) <= len(disputed):
        return frozenset()
    always = majorities[0].intersection(*majorities)
    return always if len(always) >= MIN_VOTERS else frozenset()


def _majority_against(ballot: Ballot) -> frozenset[int]:
    """Return the voters of a large majority that gives one other answer; none where there is no such majority."""
    others = Counter(group for group in ballot.groups.values() if group not in (0, NO_ANSWER))
    [(largest, count)] = others.most_common(1) or [(NO_ANSWER, 0)]
    if count < max(MIN_VOTERS, OUTVOTED_SHARE * len(ballot.groups)):
        return frozenset()
    return frozenset(voter for voter, group in ballot.groups.items() if group == largest)


def parted_inputs(ballots: Sequence[Ballot]) -> tuple[int, ...]:
    """Return the inputs of low risk on which the same minority agrees on another answer; none if they are few."""
    by_minority: dict[frozenset[int], list[int]] = defaultdict(list)
    for i, ballot in enumerate(ballots):
        if ballot.family[1] is not Risk.OPEN and (minority := _minority(ballot)):
            by_minority[minority].append(i)
    most = max(by_minority.values(), key=len, default=[])
    return tuple(most) if len(most) >= PARTED_INPUTS else ()


def _minority(ballot: Ballot) -> frozenset[int]:
    """Return the second largest group of voters with one answer; empty if it is too small to count."""
    answered = {voter: group for voter, group in ballot.groups.items() if group != NO_ANSWER}
    largest = Counter(answered.values()).most_common(2)
    if len(largest) < 2 or largest[1][1] < max(PARTED_VOTERS, PARTED_SHARE * len(ballot.groups)):
        return frozenset()
    return frozenset(voter for voter, group in answered.items() if group == largest[1][0])
