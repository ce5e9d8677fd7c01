"""Tell by the steps of the canonical solution how much is tried of a problem: the same on every machine.

A step is a turn of a loop or a call of a function (``bounded_program``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from curation.mutation.bounded_program import TOO_MANY_STEPS, bounded_program
from harness.sandbox.execution import Ended, Execution

STEPS = {30_000: 1, 300_000: 2, 3_000_000: 5}
"""Limits on the steps on an input: the least that every given test keeps counts. With each, so many times fewer
mutants (and candidates, see ``generated_tests``) are tried."""
MOST_STEPS = max(STEPS)
_TOO_LARGE = (Ended.TIMEOUT, Ended.NOT_RUN, Ended.OUT_OF_BUDGET)

Run = Callable[[str, Sequence[Any]], Sequence[Execution]]
"""Runs a program on inputs."""


def are_small(run: Run, source: str, entry_point: str | None, inputs: Sequence[Any], steps: int) -> list[bool]:
    """Return for each input whether a program takes at most so many steps on it.

    Where its steps cannot be counted, every input counts as small, and the limits of time must do. Raises as ``run``.
    """
    bounded = bounded_program(source, entry_point, steps)
    if bounded is None:
        return [True] * len(inputs)
    return [e.exception != TOO_MANY_STEPS and e.ended not in _TOO_LARGE for e in run(bounded, inputs)]


def steps_kept(run: Run, source: str, entry_point: str | None, inputs: Sequence[Any], least: int = 0) -> int | None:
    """Return the lowest limit in ``STEPS``, from ``least``, that a program keeps on every input; None: it keeps none.

    Raises as ``run``.
    """
    large = list(inputs)
    for limit in (limit for limit in STEPS if limit >= least):
        small = are_small(run, source, entry_point, large, limit)
        large = [one for one, is_small in zip(large, small, strict=True) if not is_small]
        if not large:
            return limit
    return None
