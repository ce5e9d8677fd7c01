"""Which problems a score is over: the name, version, split and hash by which two scores are seen to be comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.problem import sha256_of
from apps_plus.raw import open_raw
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.benchmarks.livecodebench import EVERYTHING, asked_digest
from harness.scoring.benchmarks.load import ALL, MBPP_SPLITS, load_benchmark
from harness.scoring.result_record import OVERALL, VERSION_DIGITS, DatasetFacts
from harness.scoring.run_samples import problem_digest
from harness.scoring.summary import groups

SIZES: dict[tuple[str, str | None], int] = {
    ("humaneval", None): 164,
    **{("mbpp", split): len(ids) for split, ids in MBPP_SPLITS.items()},
    ("mbpp", ALL): 974,
    ("mbpp-sanitized", "test"): 257,
    ("mbpp-sanitized", ALL): 427,
    ("apps", "train"): 5_000,
    ("apps", "test"): 5_000,
    ("apps", ALL): 10_000,
}
"""Benchmarks that exist in one version: how many problems it has. Some of them only are another set of problems."""

RELEASES = {"e62f41301469": "v0.1.10", "a9b3721257bd": "v0.1.0", "af43697e8791": "v0.2.0"}
"""EvalPlus's releases of HumanEval+ (the first) and MBPP+, by the hash of their file."""


def dataset_facts(task: str, data: Path | None = None, split: str | None = None) -> DatasetFacts:
    """What a record says of the problems that ``evaluate`` would score with the same arguments.

    It is about all problems of the split, whichever of them samples answer. Raises what ``load_benchmark`` does.
    """
    benchmark, split = _load(task, data, split)
    ids = {problem.task_id for problem in benchmark.problems}
    if task == "apps":
        digest = raw_digest(data, ids)
    elif task == "livecodebench" and data is not None:
        digest = asked_digest(data, ids)
    else:
        digest = problems_digest(benchmark.problems)
    return DatasetFacts(
        name=task,
        version=version_of(task, split, benchmark, digest),
        split=split,
        sha256=digest,
        tiers=tiers_of(benchmark),
    )


def _load(task: str, data: Path | None, split: str | None) -> tuple[Benchmark, str | None]:
    """The problems, and the split that they are of. Tests that may be gigabytes (APPS, LiveCodeBench) are left out."""
    only = () if task in ("apps", "livecodebench") else None
    if task in ("apps", "apps+") and split is None:
        try:
            return load_benchmark(task, data, "test", only), "test"
        except InputError:  # it has no such split, or is no data at all, which the next line will say
            split = ALL
    benchmark = load_benchmark(task, data, split, only)
    if task.startswith("humaneval") or task == "mbpp+":
        return benchmark, None
    if task == "livecodebench":
        return benchmark, None if split in EVERYTHING else split
    return benchmark, split or "test"


def problems_digest(problems: Iterable[BenchmarkProblem]) -> str:
    """SHA-256 of what problems ask and what decides about answers, whatever order they stand in."""
    return sha256_of(sorted([p.task_id, p.prompt, p.starter_code, problem_digest(p)] for p in problems))


def raw_digest(data: Path | None, ids: Iterable[str]) -> str:
    """The same of problems of raw APPS, from the text of their files, one after another."""
    wanted = set(ids)
    raw = open_raw(None if str(data) == "sample" else str(data))
    told = ([p.problem_id, sha256_of([p.question, p.starter_code, p.input_output])] for p in raw)
    return sha256_of(sorted(row for row in told if row[0] in wanted))


def tiers_of(benchmark: Benchmark) -> dict[str, int]:
    """How many problems each tier has; ``{"": n}`` where there are none."""
    sizes = {name: len(ids) for name, ids in groups({p.task_id: p.tier for p in benchmark.problems}).items()}
    total = sizes.pop(OVERALL)
    return sizes or {"": total}


def version_of(task: str, split: str | None, benchmark: Benchmark, digest: str) -> str | None:
    """None for a benchmark of which there is one; the release where it is a known one; else the hash, cut short."""
    if len(benchmark) == SIZES.get((task, split)):
        return None
    source = re.search(r"sha256 (\w+)$", benchmark.source)
    return RELEASES.get(source[1] if source else "", digest[:VERSION_DIGITS])
