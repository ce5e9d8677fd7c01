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


class MutantPrograms:
    """Makes the programs of the mutants of one program."""

    def __init__(self, canonical: str, entry_point: str | None) -> None:
        """Take the program that they are mutants of, and the function that the tests call; None for scripts."""
        counted = CountedProgram.of(canonical, entry_point)
        self._counted = None if counted is None or counted.bounded(1) is None else counted

    def of(self, mutants: Iterable[Mutant], steps: int | None) -> list[MutantProgram]:
        """Return the programs of mutants.

        Args:
            mutants: The mutants.
            steps: The steps that the canonical solution keeps on each input; None: they are not counted.
        """
        counted = self._counted
        if counted is None or steps is None:
            return [MutantProgram(mutant.source) for mutant in mutants]
        return [MutantProgram(mutant.source, counted.unchecked(SLOWER * steps, mutant.edit)) for mutant in mutants]
