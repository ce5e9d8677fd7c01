"""Tell by the steps of the canonical solution how much is tried of a problem: the same on every machine.

A step is a turn of a loop or a call of a function (``generated_tests.bounded_program``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from curation.generated_tests.bounded_program import TOO_MANY_STEPS, bounded_program
from harness.sandbox.execution import Ended, Execution

STEPS = {30_000: 1, 300_000: 2, 3_000_000: 5}
"""Limits on the steps on an input: the least that every given test keeps counts. With each, so many times fewer
mutants (and candidates, see ``generated_tests``) are tried."""
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


def steps_of(run: Run, source: str, entry_point: str | None, given: Sequence[Any]) -> int:
    """Return the limit in ``STEPS`` that a program keeps on every given test; the last where it keeps no other."""
    *limits, last = STEPS
    large = list(given)
    for limit in limits:
        small = are_small(run, source, entry_point, large, limit)
        large = [one for one, is_small in zip(large, small, strict=True) if not is_small]
        if not large:
            return limit
    return last
