"""Add tests to one problem: propose inputs, let accepted solutions vote, choose few that kill much.

1. Divide the accepted solutions into voters and held-out ones (``voters``).
2. Make mutants of the canonical solution. *Guides* steer the search; *judges*, which it never sees, measure the result.
3. Search inputs that kill the guides which the given tests let live (``search``), elected by vote (``voting``).
4. If the voters outvote the canonical solution, begin anew with another (``outvoted``).
5. Choose the strongest few (``choose_tests``), and confirm them: where the canonical solution may keep something from
   call to call, each alone, in a process of its own.
6. Run the held-out solutions on them: what they fail is reported, and changes nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from apps_plus.problem import Comparison, GeneratedTest, Tests, dump_json, load_json
from curation.generated_tests.candidate import InputModel
from curation.generated_tests.choose_tests import choose_tests
from curation.generated_tests.guide_mutants import Mutants
from curation.generated_tests.outvoted import after, find_successor, with_canonical
from curation.generated_tests.problem_runs import QUICK_LIMITS, ProblemRuns
from curation.generated_tests.search import Budget, Search, Tried
from curation.generated_tests.strengthened import HeldOutFailure, LeftAlone, PartedInput, StrengthenedProblem
from curation.generated_tests.voters import FEWEST_VOTERS, Electorate, choose_voters
from curation.generated_tests.voting import NO_ANSWER
from curation.mutation.program_steps import GENERATED_STEPS, fewer, starts_slowly
from curation.pipeline.several_answers import signs_of_several_answers
from curation.pipeline.shorten import as_text, shorten
from curation.pipeline.statement_flags import allows_any_order
from curation.records import Option, VerifiedProblem
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

Infer = Callable[[VerifiedProblem, Sequence[str]], InputModel | None]
"""Infers the model of a problem's inputs, with the sources of the solutions that vote."""

MOST_PARTED = 3
"""Inputs with two groups of answers that are kept as evidence."""
MOST_CANDIDATE_STEPS = 300_000
"""Steps of the canonical solution on a generated input at most: even where given tests take more."""
FURTHER_TESTS = 5
"""Tests beyond the number asked for, where each kills further mutants."""


@dataclass(frozen=True, slots=True)
class StrengthenOptions:
    """The options of ``build --strengthen``."""

    tests: int = 15
    """Tests of a problem in all; more only where each kills further mutants, and where raw APPS gives more."""
    seed: int = 0
    budget: Budget = field(default_factory=Budget)
    most_bytes: int = 100_000
    """Of all generated tests of a problem."""
    min_voters: int = FEWEST_VOTERS
    """Voters that a problem must have."""


def strengthen_problem(
    problem: VerifiedProblem,
    sandbox: Sandbox,
    options: StrengthenOptions,
    infer: Infer,
    checker: str = "",
    is_settled: bool = False,
    electorate: Electorate | None = None,
) -> StrengthenedProblem:
    """Return the generated tests of a problem that has a canonical solution, or why there are none.

    Args:
        problem: The problem as it would be released.
        sandbox: The worker that runs the programs.
        options: How many tests, and the seed.
        infer: Infers the model of the inputs.
        checker: Source of the checker if the comparison is ``checker``.
        is_settled: True if a reviewer has decided what answers are right: signs of others then count for nothing.
        electorate: The solutions that vote, and those that are held out; None: as ``choose_voters`` divides them.

    Raises:
        HarnessFaultError: The sandbox failed, even on its own retry.
    """
    electorate = electorate or choose_voters(problem)
    first = _strengthen(problem, electorate, sandbox, options, infer, checker, is_settled)
    if first.canonical is None:
        return first
    successor = with_canonical(problem, first.canonical)
    voters = after(electorate, first.canonical, problem.canonical)
    second = _strengthen(successor, voters, sandbox, options, infer, checker, is_settled=False)
    is_better = second.canonical is None and second.tests
    kept = replace(second, canonical=first.canonical) if is_better else replace(first, canonical=None)
    return replace(kept, effort=first.effort.plus(second.effort))


def _strengthen(
    problem: VerifiedProblem,
    electorate: Electorate,
    sandbox: Sandbox,
    options: StrengthenOptions,
    infer: Infer,
    checker: str,
    is_settled: bool,
) -> StrengthenedProblem:
    """Return the result with this canonical solution; ``canonical`` names another where the voters outvote it."""
    runs = ProblemRuns(problem, sandbox, checker)
    given, kept = runs.trace_given()
    mutants = Mutants.make(runs, given, kept)
    if starts_slowly(problem.canonical_source, problem.entry_point):
        judges = mutants.count_judges(Tests((), ()))
        left = StrengthenedProblem(problem.problem_id, judges=judges, effort=runs.effort())
        several = not is_settled and admits_several(problem)
        return left.leave_alone(LeftAlone.SEVERAL_ANSWERS if several else LeftAlone.TOO_SLOW)
    lines = frozenset[int]().union(*(execution.lines or () for execution in given))
    options = replace(options, budget=_reduced(options.budget, problem, kept, options.tests - len(given)))
    work = _Strengthening(problem, runs, options, electorate, mutants, lines, is_settled)
    result = work.run(infer)
    return replace(result, judges=mutants.count_judges(result.tests), effort=runs.effort())


@dataclass(frozen=True, slots=True)
class _Strengthening:
    problem: VerifiedProblem
    runs: ProblemRuns
    options: StrengthenOptions
    electorate: Electorate
    mutants: Mutants
    given_lines: frozenset[int]
    """Lines of the canonical solution that the given tests execute."""
    is_settled: bool = False

    @property
    def admits_several(self) -> bool:
        """True if several answers may be right, and no reviewer has decided about it."""
        return not self.is_settled and admits_several(self.problem)

    def run(self, infer: Infer) -> StrengthenedProblem:
        """Return the chosen tests, or why there are none."""
        voters, held_out = self.electorate.voters, self.electorate.held_out
        result = StrengthenedProblem(self.problem.problem_id, voters=voters, held_out=held_out)
        if len(voters) < self.options.min_voters:
            return self._leave_alone(result, LeftAlone.FEW_VOTERS, f"{len(voters)} of {self.options.min_voters}")
        model = infer(self.problem, [self.runs.source(voter) for voter in voters])
        if model is None:
            return self._leave_alone(result, LeftAlone.NO_MODEL)
        search = self._search(model)
        election = search.election
        result = replace(
            result,
            outliers=tuple(sorted(election.outliers)),
            distrusted=tuple(sorted(f"{generator}/{risk}" for generator, risk in election.distrusted)),
            parted=tuple(map(self._parted, (search.voted[i] for i in election.parted[:MOST_PARTED]))),
        )
        if self.admits_several:
            return result.leave_alone(LeftAlone.SEVERAL_ANSWERS)
        if not self.is_settled:  # a reviewer may have chosen the canonical solution
            ballots = [tried.ballot for tried in search.voted]
            result = replace(result, canonical=find_successor(self.problem, ballots))
        if election.parted and not (self.is_settled and search.elected):
            return result.leave_alone(LeftAlone.PARTED)
        chosen = self._choose(search)
        if not chosen:
            why = LeftAlone.ENOUGH_TESTS if search.elected else LeftAlone.NONE_ELECTED
            return result.leave_alone(why, f"{len(search.voted)} candidates were voted on")
        tests = self._tests(chosen, election.outliers)
        guides = self.mutants.count_guides(tests, frozenset[str]().union(*(tried.kills for tried in chosen)))
        return replace(result, tests=tests, guides=guides, failures=tuple(self._held_out_failures(tests)))

    def _leave_alone(self, result: StrengthenedProblem, why: LeftAlone, detail: str = "") -> StrengthenedProblem:
        """Return the problem without tests; where its statement allows several answers, that is the reason."""
        if self.admits_several:
            return result.leave_alone(LeftAlone.SEVERAL_ANSWERS)
        return result.leave_alone(why, detail)

    def _search(self, model: InputModel) -> Search:
        several = self.admits_several
        budget = self.options.budget
        search = Search(
            self.runs,
            model,
            self.electorate.voters,
            tuple if several else self.mutants.surviving_guides,
            self.mutants.kill,
            random.Random(f"{self.options.seed}/{self.problem.problem_id}"),  # noqa: S311 - to be the same again
            replace(budget, rounds=1) if several else budget,
            self.given_lines,
            wanted=0 if several else self.options.tests - len(self.runs.given_inputs),
            is_settled=self.is_settled,
        )
        search.run()
        return search

    def _choose(self, search: Search) -> list[Tried]:
        """Return the chosen candidates, the strongest first, confirmed: alone where an earlier one may matter."""
        elected = search.elected
        wanted = self.options.tests - len(self.runs.given_inputs)
        choices = [tried.choice() for tried in elected]
        order = choose_tests(choices, max(wanted, FURTHER_TESTS), self.options.most_bytes)
        may_differ = self.runs.may_keep_state(self.problem.canonical_source)
        at_once = {} if may_differ else dict(zip(order, self._confirm([elected[i] for i in order]), strict=True))
        chosen: list[Tried] = []
        killed: set[str] = set()
        for i in order:
            tried = elected[i]
            is_wanted = len(chosen) < wanted or tried.kills - killed
            if is_wanted and (at_once[i] if not may_differ else self._confirm([tried])[0]):
                chosen.append(tried)
                killed |= tried.kills
        return chosen

    def _confirm(self, tried: Sequence[Tried]) -> list[bool]:
        """Return whether the canonical solution, its steps not counted, gives the same answers in one process."""
        answers = self.runs.answers([one.candidate.input for one in tried])
        return [
            answer is not None and dump_json(answer.output) == dump_json(one.output)
            for one, answer in zip(tried, answers, strict=True)
        ]

    def _parted(self, tried: Tried) -> PartedInput:
        """Return the evidence that voters part ways on an input."""
        groups = Counter(answer for answer in tried.answers.values() if answer)
        options = tuple(
            Option(answer, tuple(voter for voter, given in tried.answers.items() if given == answer))
            for answer, _ in groups.most_common()
        )
        candidate, output = tried.candidate, tried.output
        return PartedInput(
            as_text(candidate.input),
            dump_json(output) if self.runs.call_based else output,
            sum(answer == "" for answer in tried.answers.values()),
            options,
            sum(group != NO_ANSWER for group in tried.ballot.groups.values()),
            candidate.generator,
            str(candidate.risk),
            self.options.seed,
        )

    def _tests(self, chosen: Sequence[Tried], outliers: frozenset[int]) -> Tests:
        first = len(self.runs.given_inputs)
        generated = []
        for number, tried in enumerate(chosen, first):
            ballot, candidate = tried.ballot.without(outliers), tried.candidate
            generated.append(
                GeneratedTest(
                    number,
                    candidate.generator,
                    str(candidate.risk),
                    self.options.seed,
                    ballot.votes,
                    len(ballot.groups),
                )
            )
        inputs = tuple(tried.candidate.input for tried in chosen)
        return Tests(inputs, tuple(tried.output for tried in chosen), tuple(generated))

    def _held_out_failures(self, tests: Tests) -> list[HeldOutFailure]:
        """Run the held-out solutions on the generated tests; confirm each failure alone.

        The first run has short limits of time, which cost little. What does not pass there runs again under the limits
        of a released test, which alone decide; after a timeout, no further failure of that solution is looked for.
        """
        sources = {solution: self.runs.source(solution) for solution in self.electorate.held_out}
        executed = self.runs.run_solutions(sources, tests.inputs, "held_out", QUICK_LIMITS)
        judged = self.runs.judge_each([executed[solution] for solution in sources], tests.inputs, tests.outputs)
        failures = []
        for (solution, source), verdicts in zip(sources.items(), judged, strict=True):
            for i, verdict in enumerate(verdicts):
                if verdict is Verdict.PASSED:
                    continue
                [alone] = self.runs.run(source, [tests.inputs[i]], "held_out", Limits())
                if self.runs.judge([tests.inputs[i]], [tests.outputs[i]])([alone]) != [Verdict.PASSED]:
                    failures.append(HeldOutFailure(solution, tests.generated[i].test, _ending(alone)))
                if alone.ended is Ended.TIMEOUT:
                    break
        return failures


def admits_several(problem: VerifiedProblem) -> bool:
    """Return whether the statement has signs of several right answers that the problem's comparison does not allow."""
    if problem.comparison == Comparison.CHECKER:
        return False
    if problem.comparison == Comparison.UNORDERED and allows_any_order(problem.question):
        return False
    tests = load_json(problem.tests)
    call_based = problem.entry_point is not None
    return bool(signs_of_several_answers(problem.question, tests["inputs"], tests["outputs"], call_based))


def _reduced(budget: Budget, problem: VerifiedProblem, steps: int | None, wanted: int) -> Budget:
    """Return the budget of a problem on whose given tests the canonical solution keeps a limit on its steps.

    Where each candidate takes long, few more are tried than tests are wanted, and up to 12 are voted on.
    """
    divisor = fewer(problem.canonical_source, problem.entry_point, steps)
    return replace(
        budget,
        candidates=max(budget.candidates // divisor, min(20, wanted + 4)),
        voted=max(budget.voted // divisor, min(12, wanted + 2)),
        most_steps=min(max(steps or MOST_CANDIDATE_STEPS, GENERATED_STEPS), MOST_CANDIDATE_STEPS),
    )


def _ending(execution: Execution) -> str:
    if execution.ended is Ended.FINISHED:
        return shorten(execution.output if execution.result is None else execution.result)
    return f"{execution.ended}: {execution.exception} {execution.message}".strip(": ")[:200]
