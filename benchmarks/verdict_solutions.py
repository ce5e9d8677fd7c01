"""The solutions of a build's problems, with the tests of the raw problems."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from apps_plus.problem import sha256_of
from apps_plus.raw import open_raw
from apps_plus.selection import draw_sample
from benchmarks.verified_journal import verified_journal
from curation.pipeline.screen import parse_solutions
from harness.sandbox.execution import Limits
from harness.sandbox.sandbox import SANDBOX_VERSION
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import apps_problem
from harness.scoring.run_samples import problem_digest

_RAW_DIGEST = re.compile(r"@([0-9a-f]{24})@")


@dataclass(frozen=True, slots=True)
class Solution:
    """One solution of a problem."""

    key: str
    """Digest of the program and of everything that decides its verdict."""
    name: str
    """``train/0001#3``: the problem, and the solution's index."""
    problem: BenchmarkProblem
    source: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The solutions to judge."""

    solutions: Sequence[Solution]
    problems: int
    notes: Sequence[str]
    """Problems that were left out, and why."""


def choose(build: Path, raw: str, sample: int | None, limits: Limits) -> Chosen:
    """Return the solutions of the problems that a build verified, without copies of earlier ones.

    Args:
        build: Folder of the build, which may still be running.
        raw: The raw problems that it was made from, which hold the programs and the tests.
        sample: Number of problems, of each split and difficulty in proportion; None: all.
        limits: The limits of one test.

    Raises:
        InputError: The build has no journal, or the raw problems cannot be read or are others.
    """
    verified: dict[str, tuple[str, list[int]]] = {}
    strata = {}
    for key_of_problem, value in verified_journal(build):
        found = _RAW_DIGEST.search(key_of_problem)
        indices = [s["index"] for s in value["solutions"] if s["same_as"] is None]
        verified[value["problem_id"]] = (found[1] if found else "", indices)
        strata[value["problem_id"]] = (value.get("raw_split"), value.get("difficulty"))
    drawn = draw_sample(strata, sample if sample is not None else len(strata))
    solutions: list[Solution] = []
    problems = untested = others = 0
    for one in open_raw(raw):
        if one.problem_id not in drawn:
            continue
        digest, indices = verified[one.problem_id]
        sources, _ = parse_solutions(one.solutions)
        if one.digest()[:24] != digest:
            others += 1
            continue
        problem = apps_problem(one)
        if not problem.suites or not indices or max(indices) >= len(sources):
            untested += 1
            continue
        problems += 1
        setting = sha256_of([problem_digest(problem), *_setting(limits)])
        for index in indices:
            key = sha256_of([setting, sources[index]])[:24]
            solutions.append(Solution(key, f"{one.problem_id}#{index}", problem, sources[index]))
    if not solutions:
        raise InputError(f"{raw} holds none of the solutions that {build} verified: give what the build was made from")
    missing = len(drawn) - problems - untested - others
    notes = [
        f"{count} of {len(drawn)} problems left out: {why}"
        for count, why in ((untested, "no tests or no solutions"), (others + missing, f"others, or none, in {raw}"))
        if count
    ]
    return Chosen(solutions, problems, notes)


def _setting(limits: Limits) -> list[Any]:
    return [asdict(limits), SANDBOX_VERSION, platform.python_version(), apps_plus.__version__]
