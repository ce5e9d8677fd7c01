"""The options of a build, and the progress that it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.sandbox.execution import Limits
from harness.sandbox.executor import HERE

if TYPE_CHECKING:
    from curation.generated_tests.strengthen_problem import StrengthenOptions
    from curation.overlap.drop_overlap import OverlapLimit
    from harness.sandbox.cache import ExecutionCache

BUILD_LIMITS = Limits(program_seconds=6.0)
"""For each solution: the harness's limits for a test, and 6 s of processor time for all tests together. One problem of
raw APPS has 72 tests that take its 70 solutions half a minute each. A solution that is stopped there, having passed the
tests it got to, is ``unfinished``: it has no vote, and gets all its time if no other solution passes."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The options of a build, from the command line."""

    source: str | Path | None
    """RAW; None builds the bundled sample."""
    out: Path
    decisions: Path | None = None
    """Decisions of another build to import first."""
    workers: int = 0
    """Processes; 0 takes every core that this process may use, or the cluster has."""
    limit: int | None = None
    """Only the first so many problems."""
    shard: tuple[int, int] | None = None
    """(i, n), i from 1: verify only this share, and publish nothing."""
    fresh: bool = False
    """Delete the journal of an earlier build of this folder first."""
    limits: Limits = BUILD_LIMITS
    isolation: Isolation = USUAL_ISOLATION
    cache: ExecutionCache | None = None
    """Executions of earlier builds, of this folder or another. It changes no byte of the build; the cache counts its
    hits and misses."""
    overlap: OverlapLimit | None = None
    """Also drop problems that share too many lines with a benchmark. Verification does not depend on it: builds with
    and without it share a journal."""
    strengthen: StrengthenOptions | None = None
    """Also generate tests. Builds with and without it share the journal of verified problems."""
    replace: bool = False
    """Replace a finished dataset in ``out`` that was made from other problems, or with other options."""
    shipped_decisions: bool = True
    """Replay the decisions that ship with this package (``curation.decisions``)."""
    sample: int | None = None
    """Only so many problems, drawn from each split and difficulty (``apps_plus.selection.draw_sample``)."""
    on: str = HERE
    """Where programs run (``harness.sandbox.executor``). It changes no byte of the build."""


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """The progress of one stage of a build."""

    stage: str
    done: int
    total: int
    problem_id: str = ""
    reused: int = 0
    """Of ``done``: finished by an earlier run of the same command."""


ReportProgress = Callable[[BuildProgress], None]
