"""Search candidate inputs that kill the mutants which are still alive.

Each round takes candidates from the model, or neighbours of good inputs; runs the canonical solution and the living
mutants on them; lets the voters vote on those that kill most, in the first round also on some of every kind. Mutants
that elected inputs kill are dead. The search ends when none is alive, its rounds are over, or two rounds in a row find
nothing that kills one or executes a new line: budgets are counts, not times, so that it
finds the same on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Any

from apps_plus.problem import dump_json
from curation.generated_tests.candidate import Candidate, InputModel, Risk
from curation.generated_tests.choose_tests import Choice, choose_tests
from curation.generated_tests.input_features import features_of
from curation.generated_tests.problem_runs import Answer, ProblemRuns, groups_of, is_readable, size_of
from curation.generated_tests.voters import FEWEST_VOTERS
from curation.generated_tests.voting import (
    MIN_VOTERS_OPEN,
    Ballot,
    Election,
    hold_election,
    hold_election_of_two,
)
from curation.mutation.program_steps import GENERATED_STEPS, STEPS

Killer = Callable[[Sequence[str], Sequence[Any], Sequence[Any], Sequence[frozenset[int]]], list[frozenset[int]]]
"""Returns, for each of some mutants (by id), which inputs kill it: from the inputs, the expected outputs, and the lines
of the canonical solution that run on each input."""


LOOKED_AT = 10
"""So many times the candidates of a round are looked at, at most: most may be known, or of distrusted families."""
FRUITLESS_ROUNDS = 2
"""Rounds in a row without any use that end the search."""


TRIED_LIMITS = 2
"""Limits on steps that candidates are counted by: the highest of the budget, and the one below."""
MOST_SLOW = 4
"""One voter in so many may be too slow for most candidates, and votes no more; where more are, the candidates go."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one problem, in counts."""

    rounds: int = 4
    candidates: int = 80
    """Of the first round; of each later round half as many."""
    voted: int = 24
    """Candidates of the first round that the voters see; of each later round half as many."""
    most_bytes: int = 16_000
    """Of one candidate with its output."""
    most_steps: int = GENERATED_STEPS
    """Turns of loops and calls that the canonical solution takes on one candidate; fewer (the limit below in ``STEPS``,
    but not below ``GENERATED_STEPS``) where half of the candidates keep to that."""


@dataclass(slots=True)
class Tried:
    """One candidate that the canonical solution answered."""

    candidate: Candidate
    output: Any
    size: int
    kills: frozenset[str] = frozenset()
    """Mutants that it kills, of those that lived when it was tried."""
    lines: frozenset[Hashable] = frozenset()
    """Lines of the canonical solution that it executes, and neither a given nor an earlier elected input."""
    answers: dict[int, str | None] = field(default_factory=dict)
    """The voters' answers: see ``ProblemRuns.vote``."""

    def choice(self) -> Choice:
        """Return what ``choose_tests`` needs to know."""
        kind = f"{self.candidate.generator}/{self.candidate.risk}"
        return Choice(frozenset(self.kills), self.lines, kind, dump_json(self.output), self.size)

    @property
    def ballot(self) -> Ballot:
        """The votes on it."""
        candidate = self.candidate
        return Ballot((candidate.generator, candidate.risk), groups_of(self.answers), features_of(candidate.input))


@dataclass(slots=True)
class Search:
    """The search on one problem, and what it found."""

    runs: ProblemRuns
    model: InputModel
    voters: Sequence[int]
    mutants: Callable[[], Sequence[str]]
    """Returns the guide mutants that the given tests do not kill, by id. First called when a candidate can kill one:
    where none is small enough, no mutant need run."""
    kill: Killer
    rng: random.Random
    budget: Budget = Budget()
    given_lines: frozenset[int] = frozenset()
    """Lines of the canonical solution that the given tests execute."""
    voted: list[Tried] = field(default_factory=list)
    election: Election = field(default_factory=lambda: hold_election(()))
    wanted: int = 0
    """Inputs that are to be elected at least, though they kill nothing more."""
    is_settled: bool = False
    """True if a person has decided what the right answers are (``hold_election``)."""
    slow: set[int] = field(default_factory=set)
    """Voters that were too slow for several candidates; they vote no more."""
    _known: set[str] = field(default_factory=set)

    @property
    def elected(self) -> list[Tried]:
        """The candidates that may become tests."""
        return [self.voted[i] for i in self.election.elected]

    @property
    def alive(self) -> frozenset[str]:
        """Mutants that no elected input kills."""
        return frozenset(self.mutants()).difference(*(tried.kills for tried in self.elected))

    @property
    def _has_too_few(self) -> bool:
        return len(self.election.elected) < self.wanted

    def _may_be_elected(self, candidate: Candidate) -> bool:
        """Return whether a vote on a candidate can still elect it."""
        if candidate.risk is Risk.OPEN and len(self.voters) < MIN_VOTERS_OPEN:
            return False
        if self.election.avoided and self.election.avoided in features_of(candidate.input):
            return False
        return (candidate.generator, candidate.risk) not in self.election.distrusted

    def run(self) -> None:
        """Search until no mutant is alive and enough inputs are elected, or all rounds are over."""
        self._known = {dump_json(given) for given in self.runs.given_inputs}
        stream = self.model.candidates(self.rng)
        fruitless = 0
        for number in range(self.budget.rounds):
            most = self.budget.candidates if number == 0 else self.budget.candidates // 2
            fresh = self._fresh(self._proposals(stream, number), most)
            if not fresh:
                break
            if number == 0:
                self._vote(self._shortlist(fresh, self.budget.voted))
                if not self.voted:  # too large for the voters, as later ones would be
                    break
            elif useful := [tried for tried in fresh if tried.kills or tried.lines or self._has_too_few]:
                fruitless = 0
                self._vote(self._shortlist(useful, self.budget.voted // 2))
            else:
                fruitless += 1
            if not self._has_too_few and (not self.alive or fruitless == FRUITLESS_ROUNDS):
                break

    def _proposals(self, stream: Iterator[Candidate], number: int) -> Iterator[Candidate]:
        """Yield candidates of the model; from the third round on, every second one is a neighbour of a good input."""
        near = self._neighbours() if number >= 2 else iter(())
        for candidate in stream:  # ``yield from`` would close the stream with this generator, at the end of the round
            yield candidate
            yield from islice(near, 1)
        yield from near

    def _neighbours(self) -> Iterator[Candidate]:
        """Yield neighbours of the elected inputs that kill most, and of the given ones, in turn."""
        best = sorted(self.elected, key=lambda tried: (-len(tried.kills), tried.size))[:6]
        sources = [tried.candidate.input for tried in best] + list(self.runs.given_inputs[:2])
        streams = [self.model.neighbours(source, self.rng) for source in sources]
        for one_of_each in zip_longest(*streams):
            yield from (candidate for candidate in one_of_each if candidate is not None)

    def _fresh(self, proposals: Iterator[Candidate], most: int) -> list[Tried]:
        """Run the canonical solution and the living mutants on new candidates, up to so many."""
        candidates: list[Candidate] = []
        for candidate in islice(proposals, LOOKED_AT * most):
            key = dump_json(candidate.input)
            if key not in self._known and len(key) <= self.budget.most_bytes and self._may_be_elected(candidate):
                self._known.add(key)
                candidates.append(candidate)
            if len(candidates) == most:
                break
        candidates.sort(key=lambda candidate: len(dump_json(candidate.input)))  # a timeout ends a run: small ones first
        self.runs.candidates += len(candidates)
        tried, executed = [], []
        for candidate, answer in self._answered(candidates):
            if answer is None or not is_readable(answer.output):
                continue
            if (size := size_of(candidate.input, answer.output)) <= self.budget.most_bytes:
                tried.append(Tried(candidate, answer.output, size, lines=frozenset(answer.lines - self.given_lines)))
                executed.append(answer.lines)
        self._kill(tried, executed)
        known_lines = frozenset[Hashable]().union(*(one.lines for one in self.elected))
        for one in tried:
            one.lines -= known_lines
        return tried

    def _answered(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Answer | None]]:
        """Return the candidates on which the canonical solution takes few steps, each with its answer.

        If these are few, also larger ones.
        """
        found: dict[int, Answer | None] = {}
        for most in [steps for steps in STEPS if GENERATED_STEPS <= steps <= self.budget.most_steps][-TRIED_LIMITS:]:
            rest = [i for i in range(len(candidates)) if i not in found]
            answers = self.runs.answers_within([candidates[i].input for i in rest], most)
            found |= {i: answer[0] for i, answer in zip(rest, answers, strict=True) if answer is not None}
            if 2 * len(found) >= len(candidates):
                break
        return [(candidates[i], found[i]) for i in sorted(found)]

    def _kill(self, tried: Sequence[Tried], executed: Sequence[frozenset[int]]) -> None:
        """Run the living mutants on the candidates, and keep which of them each kills."""
        if not tried:
            return
        alive = sorted(self.alive)
        inputs, outputs = [one.candidate.input for one in tried], [one.output for one in tried]
        killed_by = self.kill(alive, inputs, outputs, executed)
        for i, one in enumerate(tried):
            one.kills = frozenset(mutant for mutant, killers in zip(alive, killed_by, strict=True) if i in killers)

    def _shortlist(self, tried: Sequence[Tried], most: int) -> list[Tried]:
        """Return the candidates to vote on, the smallest first."""
        choices = [one.choice() for one in tried]
        chosen = choose_tests(choices, most, most * self.budget.most_bytes)
        return sorted((tried[i] for i in chosen), key=lambda one: one.size)

    def _vote(self, shortlist: Sequence[Tried]) -> None:
        """Let the voters vote; drop candidates that are too large for some voter."""
        voters = [voter for voter in self.voters if voter not in self.slow and voter not in self.election.outliers]
        inputs, outputs = [one.candidate.input for one in shortlist], [one.output for one in shortlist]
        votes = self.runs.vote(voters, inputs, outputs, self.budget.most_steps)
        slow = {voter for voter in voters if sum(voter in answers for answers in votes) < len(votes) / 2}
        if (
            len(self.slow | slow) <= len(self.voters) / MOST_SLOW
        ):  # else the inputs are too large, not a few voters slow
            self.slow |= slow
        for one, answers in zip(shortlist, votes, strict=True):
            if all(voter in answers for voter in voters if voter not in self.slow):
                one.answers = {voter: answer for voter, answer in answers.items() if voter not in self.slow}
                self.voted.append(one)
        ballots = [one.ballot for one in self.voted]
        is_pair = len(self.voters) == FEWEST_VOTERS
        self.election = hold_election_of_two(ballots) if is_pair else hold_election(ballots, self.is_settled)
