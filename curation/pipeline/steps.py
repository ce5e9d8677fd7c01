"""The steps of the pipeline, in order.

    screen -> normalize -> verify -> consensus      each problem on its own: READ_STEPS, RUN_STEPS
    -> decide -> dedup -> split -> publish          the dataset, in the order of raw APPS: DATASET_STEPS

A problem flows through the first two lists as a ``ProblemState``, and comes out as a ``VerifiedProblem``, which the
build journals. It then becomes a ``Decided``, which flows through the third list to ``curation.pipeline.publish``. A
step passes the problem on, or gives a reason: ``ProblemState.block``, ``Decided.drop``.
"""

from __future__ import annotations

from collections.abc import Callable

from apps_plus.problem import RawProblem
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.pipeline.decide import Decided, decide, strengthen
from curation.pipeline.dedup import DatasetContext, drop_contaminated, drop_near_duplicates
from curation.pipeline.problem_state import ProblemState
from curation.pipeline.screen import note_image, note_raw_defects, read_solutions, read_tests, screen_statement
from curation.pipeline.split import assign_split
from curation.pipeline.verify_solutions import (
    check_determinism,
    choose_comparison,
    correct_inputs,
    correct_outputs,
    describe_solutions,
    finish_one_solution,
    judge_solutions,
    locate_conditionals,
    pick_canonical,
    run_on_tests,
    suggest_correction,
    vote_on_tests,
)
from curation.records import VerifiedProblem
from curation.review_decisions import Changes, Resolution
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits

PIPELINE_VERSION = 5
"""Part of every journal key: raise it with each change of a step that may change its result."""

READ_STEPS: tuple[Callable[[RawProblem, ProblemState], None], ...] = (
    note_raw_defects,  # ingest: files that could not be read, a difficulty that APPS does not have
    note_image,  # screen: the statement refers to an image
    read_tests,  # normalize: one shape for the tests; no tests block the problem
    read_solutions,  # screen: no solutions block it
    screen_statement,  # screen: an image for a statement, or an interactive task, blocks it
)
"""All of them run on every problem, so that its findings hold every reason; a blocked problem is not run."""

JUDGE_STEPS: tuple[Callable[[ProblemState], None], ...] = (
    correct_outputs,  # a reviewer's decision: put the corrected outputs in place
    choose_comparison,  # consensus: exact, tokens, case, float ..., by the statement and the outputs
    judge_solutions,  # verify: a verdict for every solution on every test
    finish_one_solution,  # verify: more time for one solution where all lacked only that
    check_determinism,  # verify: a second run with other seeds
    describe_solutions,  # verify: the reason for which each solution failed, the repairs
    vote_on_tests,  # consensus: the tests on which solutions disagree with the expected output
    suggest_correction,  # consensus: a suggestion for the reviewer
    pick_canonical,  # verify: the first solution that passes every test
    locate_conditionals,  # verify: where its conditional statements stand
)
"""From executions to a result; a reviewer's trial (``curation.review.trial``) takes them too."""

RUN_STEPS: tuple[Callable[[ProblemState], None], ...] = (
    correct_inputs,  # a reviewer's decision: change inputs, leave out tests
    run_on_tests,  # verify: every solution on every test, repaired where it does not run as written
    *JUDGE_STEPS,
)

DATASET_STEPS: tuple[Callable[[Decided, DatasetContext], Decided], ...] = (
    drop_contaminated,  # dedup: the canonical solution of a benchmark
    drop_near_duplicates,  # dedup: the statement of an earlier problem
    assign_split,  # split: train, validation or test
)
"""After *decide*, which gives every problem its outcome."""


def verify_problem(
    raw: RawProblem, sandbox: Sandbox, limits: Limits, changes: Changes | None = None
) -> VerifiedProblem:
    """Take one raw problem through the steps up to the consensus.

    Args:
        raw: The problem.
        sandbox: The worker that runs its solutions.
        limits: For each run of a solution on a test.
        changes: A reviewer's corrections; None for the problem as it is.

    Raises:
        HarnessFaultError: The sandbox failed, even on its own retry.
        InputError: The changes do not fit the problem.
    """
    state = ProblemState.begin(raw, sandbox, limits, changes)
    for read in READ_STEPS:
        read(raw, state)
    if not state.blocked_by:
        for step in RUN_STEPS:
            step(state)
    return state.to_verified()


def decide_problem(
    problem: VerifiedProblem,
    resolution: Resolution,
    corrected: VerifiedProblem | None,
    context: DatasetContext,
    strengthened: StrengthenedProblem | None = None,
) -> Decided:
    """Take one verified problem through the steps of the dataset; call it in the order of raw APPS.

    Args:
        problem: As ``verify_problem`` returned it.
        resolution: The reviewers' decisions on it.
        corrected: The same problem verified with a ``correct`` decision's changes, where there is one.
        context: The problems before it, and the benchmarks.
        strengthened: Its generated tests, in a build with ``--strengthen``.
    """
    decided = decide(problem, resolution, corrected)
    if strengthened is not None and decided.released:
        decided = strengthen(decided, strengthened)
    for step in DATASET_STEPS:
        decided = step(decided, context)
    return decided
