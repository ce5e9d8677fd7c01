"""Options of an evaluation, and the limits that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps_plus.selection import EVERYTHING, Selection
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.executor import HERE
from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.samples.sample_programs import ProgramRule

DEFAULT_KS = (1, 2, 5, 10, 20, 50, 100, 200)
"""Each k that is at most the number of samples of a problem is estimated."""


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """Arguments of ``apps-plus evaluate``."""

    task: str
    samples: Path
    data: Path | None = None
    split: str | None = None
    ks: tuple[int, ...] | None = None
    """None: every k of ``DEFAULT_KS`` that the samples allow."""
    out: Path | None = None
    """None: beside the samples, see ``results_path``."""
    workers: int = 0
    """Processes; 0 takes every core that this process may use, or the cluster has."""
    timeout: float | None = None
    """Seconds of processor time for each test (a suite of tests that are code is one test, and so are up to 128 inputs
    of EvalPlus's); None: 4."""
    rule: ProgramRule | None = None
    """None: detected from the samples."""
    cut: bool | None = None
    """True if text after a completion's function is cut off; None: as the benchmark's authors do."""
    reasoning_end: str | None = None
    """The text that ends a model's reasoning; ``none``: there is no reasoning; None: look for the known markers."""
    fresh: bool = False
    """Run every sample again, ignoring earlier results."""
    isolation: Isolation = USUAL_ISOLATION
    cache: ExecutionCache | None = None
    give_imports: bool | None = None
    """True if a program that lacks an import which judges usually provide is given it; None: as the benchmark does
    (APPS, APPS+ and LiveCodeBench give it, the others do not)."""
    field: str | None = None
    """The field of the samples' rows that holds the text; None: detected."""
    as_judge: OtherJudge | None = None
    """The judge under which verdicts could differ; None: none is compared with."""
    selection: Selection = EVERYTHING
    """Of ``apps+``: the problems to score."""
    on: str = HERE
    """Where programs run (``harness.sandbox.executor``). It changes no verdict."""
