"""The programs that run for mutants, with limits on their steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curation.mutation.bounded_program import CountedProgram
from curation.mutation.mutants import Mutant

SLOWER = 3
"""Times the steps that the canonical solution keeps, or its processor time, after which a mutant is killed."""


@dataclass(frozen=True, slots=True)
class MutantProgram:
    """A mutant, and what runs for it."""

    source: str
    """The mutant."""
    bounded: str = ""
    """The mutant with a limit on its steps; empty: none."""

    @property
    def running(self) -> str:
        """The program that runs."""
        return self.bounded or self.source


def programs_of(
    canonical: str, entry_point: str | None, mutants: Iterable[Mutant], steps: int | None
) -> list[MutantProgram]:
    """Return the programs of mutants.

    Args:
        canonical: The program that they are mutants of.
        entry_point: The function that the tests call; None for scripts.
        mutants: The mutants.
        steps: The steps that the canonical solution keeps on each input; None: they are not counted.
    """
    counted = CountedProgram.of(canonical, entry_point) if steps is not None else None
    if counted is None or steps is None or counted.bounded(SLOWER * steps) is None:
        return [MutantProgram(mutant.source) for mutant in mutants]
    return [MutantProgram(mutant.source, counted.unchecked(SLOWER * steps, mutant.edit)) for mutant in mutants]
