"""Choose the canonical solution."""

from __future__ import annotations

from solution_runs import run_of

from curation.pipeline.canonical import choose_canonical
from harness.judging.verdict import Verdict


def test_the_first_solution_that_passes_as_written_is_canonical() -> None:
    runs = [
        run_of(0, Verdict.WRONG_ANSWER),
        run_of(1, Verdict.PASSED, repairs=("dedent",)),
        run_of(2, Verdict.PASSED, stable=False),
        run_of(3, Verdict.PASSED),
        run_of(4, Verdict.PASSED),
    ]
    assert choose_canonical(runs) is runs[3]


def test_a_repaired_solution_is_canonical_where_no_other_passes() -> None:
    runs = [run_of(0, Verdict.TIMEOUT), run_of(1, Verdict.PASSED, repairs=("tabs",)), run_of(2, Verdict.WRONG_ANSWER)]
    assert choose_canonical(runs) is runs[1]


def test_no_solution_is_canonical_where_none_passes_everything() -> None:
    assert (
        choose_canonical([run_of(0, Verdict.PASSED, Verdict.TIMEOUT), run_of(1, Verdict.PASSED, stable=False)]) is None
    )
    assert choose_canonical([]) is None
