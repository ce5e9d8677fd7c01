"""Add what strengthening found to an item of the review queue. Pure functions.

Each input on which accepted solutions part ways becomes a further test of the item, with the canonical solution's
answer as its expected output and the votes of the solutions: the reviewer sees it, and can run solutions and checkers
on it, like a given test. It is no part of the problem: a decision cannot correct its output.
"""

from __future__ import annotations

from dataclasses import replace

from apps_plus.problem import GeneratedTest, Tests, load_json
from curation.generated_tests.strengthened import LeftAlone, StrengthenedProblem
from curation.records import Suggestion, VerifiedProblem, Vote


def with_evidence(problem: VerifiedProblem, strengthened: StrengthenedProblem) -> VerifiedProblem:
    """Return the item with the generated inputs as tests, the votes on them, and a text that says what to look at."""
    given = Tests.from_json(problem.tests)
    first = len(given)
    call_based = problem.entry_point is not None
    inputs, outputs, generated, votes = [], [], [], []
    for number, parted in enumerate(strengthened.parted, first):
        inputs.append(load_json(parted.input) if call_based else parted.input)
        outputs.append(load_json(parted.expected) if call_based else parted.expected)
        votes.append(Vote(number, parted.expected, parted.for_expected, parted.options, parted.voters))
        origin = (parted.generator, parted.risk, parted.seed)
        generated.append(GeneratedTest(number, *origin, votes=parted.for_expected, voters=parted.voters))
    return replace(
        problem,
        tests=Tests((*given.inputs, *inputs), (*given.outputs, *outputs), tuple(generated)).to_json(),
        votes=(*problem.votes, *votes),
        suggestion=problem.suggestion or Suggestion("look", _text(strengthened, first)),
    )


def _text(strengthened: StrengthenedProblem, first: int) -> str:
    """Return one sentence with the evidence."""
    allowed = strengthened.left_alone == LeftAlone.SEVERAL_ANSWERS
    text = "the statement allows several answers, and outputs are compared with one" if allowed else ""
    if not strengthened.parted:
        return f"{text}; accepted solutions agree on generated inputs"
    leading = strengthened.parted[0]
    count = len(leading.options[0].solutions)
    parted = f"{count} of {leading.voters} accepted solutions give another answer to test {first}, which was generated"
    return f"{text}; {parted}" if text else parted
