"""Count the steps of a canonical solution, and set by them how many mutants and candidates are tried.

Steps are the same on every machine.

A step is a turn of a loop or a call of a function (``bounded_program``).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from curation.mutation.bounded_program import TOO_MANY_STEPS, bounded_program
from curation.mutation.bytecode import tree_of
from curation.mutation.syntax_tree import walk
from harness.sandbox.execution import Ended, Execution

STEPS = {3_000: 1, 30_000: 1, 100_000: 3, 300_000: 10, 1_000_000: 10, 3_000_000: 10}
"""Limits on the steps on an input: the least that every given test keeps counts. With each, so many times fewer
mutants (and candidates, see ``generated_tests``) are tried."""
GENERATED_STEPS = 30_000
"""The limit that counts for a generated test at least: most given ones of APPS are small, and these need not be."""
MOST_STEPS = max(STEPS)
_SLOW_LIBRARIES = {"matplotlib", "networkx", "pandas", "scipy", "sklearn"}
"""Libraries that take a tenth of a second to import, and take it on every input: as they register functions to run at
exit, a script that imports them gets a process for each input."""
_TOO_LARGE = (Ended.TIMEOUT, Ended.NOT_RUN, Ended.OUT_OF_BUDGET)

Run = Callable[[str, Sequence[Any]], Sequence[Execution]]
"""Runs a program on inputs."""


def starts_slowly(source: str, entry_point: str | None) -> bool:
    """Return whether a program spends most of its time on an input on importing a library, which is no step."""
    if entry_point is not None or not any(library in source for library in _SLOW_LIBRARIES):
        return False
    try:
        nodes = walk(tree_of(source), {ast.Import, ast.ImportFrom})
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return any(name.split(".")[0] in _SLOW_LIBRARIES for name in names)


def fewer(source: str, entry_point: str | None, steps: int | None) -> int:
    """Return how many times fewer mutants and candidates of a program are tried than of most.

    Args:
        source: The program.
        entry_point: The function that the tests call; None for scripts.
        steps: The limit that it keeps on the given tests (``steps_kept``); None: none.
    """
    return STEPS[MOST_STEPS if steps is None or starts_slowly(source, entry_point) else steps]


def are_small(run: Run, source: str, entry_point: str | None, inputs: Sequence[Any], steps: int) -> list[bool]:
    """Return for each input whether a program takes at most so many steps on it.

    Where its steps cannot be counted, every input counts as small, and the limits of time must do. Raises as ``run``.
    """
    bounded = bounded_program(source, entry_point, steps)
    if bounded is None:
        return [True] * len(inputs)
    return list(map(is_small, run(bounded, inputs)))


def is_small(execution: Execution) -> bool:
    """Return whether a program kept its limit on steps (``bounded_program``)."""
    return execution.exception != TOO_MANY_STEPS and execution.ended not in _TOO_LARGE


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
