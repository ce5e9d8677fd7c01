"""Name the cause of a verdict that changed between two runs, by evidence. Pure functions.

The evidence is what the two runs measured, and what the program does when it is repeated, alone and under load.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from harness.judging.verdict import Verdict
from harness.sandbox.execution import Limits
from harness.scoring.score import Score

NEAR = 0.5
"""Share of the limit from which processor time is near it: a busy machine makes the same work take up to 1.94 times as
much (``docs/timeouts.md``)."""
CHANCE = 0.05
"""A program depends on load only if chance would explain its repeats in fewer than this share of cases."""
_MEASURED = 0.95
"""Share of the limit that a program which reached it has used at least, as the kernel counts it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict on one solution, and what was measured on the way."""

    verdict: str
    """A ``Verdict``; empty where our own code raised."""
    detail: str = ""
    exception: str = ""
    seconds: float = 0.0
    """Processor time of all tests."""
    wall: float = 0.0
    """Time by the clock of all tests, in seconds."""
    slowest: float = 0.0
    """Most processor time of one test that did not time out, in seconds."""
    timed_out: float | None = None
    """Processor time of the test that timed out, in seconds; None if none did."""
    peak_memory: int = 0
    """Most resident bytes of one test."""
    answers: str = ""
    """Digest of all outputs and of the ways in which the tests ended."""
    unsure: bool = False
    """As in ``Score``: the machine may have caused the verdict."""
    fault: str = ""
    """The exception of our own code; empty if none."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Judged:
        """Read a row that ``to_row`` wrote. Raises KeyError or TypeError for another."""
        return cls(**{name: row[name] for name in _FIELDS})

    def to_row(self) -> dict[str, Any]:
        """Return the entry of the journal."""
        return asdict(self)

    def as_score(self) -> Score:
        """Return what the policy for second runs looks at. Raises ValueError for a fault of ours."""
        return Score(Verdict(self.verdict), seconds=self.seconds, unsure=self.unsure)


_FIELDS = [field.name for field in fields(Judged)]


class Cause(StrEnum):
    """The cause of a change."""

    PROCESSOR_TIME = "time limit: processor time near it"
    WAITED = "deadline of wall time: waited for a processor"
    SLEPT = "deadline of wall time: slept"
    MEMORY = "memory"
    SHARED_LIMIT = "limit of threads, processes or scratch"
    KILLED = "killed from outside"
    NONDETERMINISM = "the program: its repeats differ"
    LOAD = "the program: it does other things under load"
    SANDBOX = "error of the sandbox"
    OURS = "fault of ours"
    UNEXPLAINED = "not explained"


_SHARED = {Verdict.THREAD_LIMIT, Verdict.PROCESS_LIMIT, Verdict.SCRATCH_LIMIT}
_KILLED = {"SIGKILL", "CompilerCrash"}


@dataclass(frozen=True, slots=True)
class Repeats:
    """The same solution again: alone on the machine, and under the heaviest load."""

    alone: Sequence[Judged] = ()
    loaded: Sequence[Judged] = ()

    def __str__(self) -> str:
        """Describe them: how often each verdict came, and the processor time of the slowest test."""
        parts = [f"{name} {_counts(rows)}" for name, rows in (("alone", self.alone), ("loaded", self.loaded)) if rows]
        return "; ".join(parts)


def cause_of(first: Judged, other: Judged, repeats: Repeats, limits: Limits) -> Cause:
    """Return the cause of a change between two verdicts. Limits come before the program, faults before both."""
    both = (first, other)
    if any(one.fault for one in both):
        return Cause.OURS
    if any(one.verdict == Verdict.HARNESS_ERROR for one in both):
        return Cause.SANDBOX
    late = [one for one in both if one.verdict == Verdict.TIMEOUT]
    if late:
        return _cause_of_timeout(late, [*both, *repeats.alone, *repeats.loaded], repeats, limits)
    if any(one.verdict == Verdict.MEMORY_LIMIT or one.exception == "MemoryError" for one in both):
        return Cause.MEMORY
    if any(one.verdict in _SHARED for one in both):
        return Cause.SHARED_LIMIT
    if any(one.exception in _KILLED for one in both):
        return Cause.KILLED
    return _cause_in_program(repeats)


def _cause_of_timeout(late: Sequence[Judged], seen: Sequence[Judged], repeats: Repeats, limits: Limits) -> Cause:
    """Return the cause where a run timed out: ``late`` are those of the two that did, ``seen`` all runs."""
    by_clock = [one for one in late if one.timed_out is None or one.timed_out < _MEASURED * limits.cpu_seconds]
    if by_clock:
        return Cause.WAITED if any(one.unsure for one in by_clock) else Cause.SLEPT
    in_time = [one.slowest for one in seen if one.verdict != Verdict.TIMEOUT and not _is_broken(one)]
    if in_time and min(in_time) >= NEAR * limits.cpu_seconds:
        return Cause.PROCESSOR_TIME
    return _cause_in_program(repeats)


def _cause_in_program(repeats: Repeats) -> Cause:
    """Return whether the program differs from itself, and whether load makes it."""
    alone, loaded = _ends(repeats.alone), _ends(repeats.loaded)
    if len(set(alone)) == 1 and _chance_of_load_only(len(alone), [end != alone[0] for end in loaded]) < CHANCE:
        return Cause.LOAD
    if len({*alone, *loaded}) > 1:
        return Cause.NONDETERMINISM
    return Cause.UNEXPLAINED


def _chance_of_load_only(alone: int, differs: Sequence[bool]) -> float:
    """Return how likely all repeats that differ are under load by chance (Fisher's exact test, one-sided)."""
    differing = sum(differs)
    return math.comb(len(differs), differing) / math.comb(alone + len(differs), differing)


def _ends(rows: Iterable[Judged]) -> list[tuple[str, str]]:
    return [(row.verdict, row.answers) for row in rows if not _is_broken(row)]


def _is_broken(row: Judged) -> bool:
    return bool(row.fault) or row.verdict == Verdict.HARNESS_ERROR


def _counts(rows: Sequence[Judged]) -> str:
    counts = Counter(row.verdict or "fault" for row in rows).most_common()
    times = [max(row.slowest, row.timed_out or 0.0) for row in rows]
    answers = len({row.answers for row in rows})
    text = ", ".join(f"{count} {verdict}" for verdict, count in counts)
    return f"{text} (different answers: {answers}, {min(times):.2f} to {max(times):.2f} s)"
