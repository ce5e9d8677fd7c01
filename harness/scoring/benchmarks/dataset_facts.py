"""Identify the problems of a score by name, version, split and hash, so that two scores can be compared."""

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
"""Number of problems of benchmarks that exist in one version; with another number, the problems are a subset."""

RELEASES = {"e62f41301469": "v0.1.10", "a9b3721257bd": "v0.1.0", "af43697e8791": "v0.2.0"}
"""EvalPlus's releases of HumanEval+ (the first) and MBPP+, by the hash of their files."""


def dataset_facts(task: str, data: Path | None = None, split: str | None = None) -> DatasetFacts:
    """Return the facts for a record about the problems that ``evaluate`` scores with the same arguments.

    They cover all problems of the split, with or without samples. Raises as ``load_benchmark`` does.
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
        test_strength=benchmark.test_strength,
        days={problem.task_id: problem.day for problem in benchmark.problems if problem.day is not None},
    )


def _load(task: str, data: Path | None, split: str | None) -> tuple[Benchmark, str | None]:
    """Return the problems and their split, without tests that may be gigabytes (APPS, LiveCodeBench)."""
    only = () if task in ("apps", "livecodebench") else None
    if task in ("apps", "apps+") and split is None:
        try:
            return load_benchmark(task, data, "test", only), "test"
        except InputError:  # without this split; invalid data raises again below
            split = ALL
    benchmark = load_benchmark(task, data, split, only)
    if task.startswith("humaneval") or task == "mbpp+":
        return benchmark, None
    if task == "livecodebench":
        return benchmark, None if split in EVERYTHING else split
    return benchmark, split or "test"


def problems_digest(problems: Iterable[BenchmarkProblem]) -> str:
    """Return the SHA-256 of prompts and everything that decides verdicts, independent of the order of the problems."""
    return sha256_of(sorted([p.task_id, p.prompt, p.starter_code, problem_digest(p)] for p in problems))


def raw_digest(data: Path | None, ids: Iterable[str]) -> str:
    """Return the SHA-256 of problems of raw APPS, from the text of their files, one after another."""
    chosen = set(ids)
    raw = open_raw(None if str(data) == "sample" else str(data))
    digests = ([p.problem_id, sha256_of([p.question, p.starter_code, p.input_output])] for p in raw)
    return sha256_of(sorted(row for row in digests if row[0] in chosen))


def tiers_of(benchmark: Benchmark) -> dict[str, int]:
    """Return the number of problems of each tier; ``{"": n}`` if there are no tiers."""
    sizes = {name: len(ids) for name, ids in groups({p.task_id: p.tier for p in benchmark.problems}).items()}
    total = sizes.pop(OVERALL)
    return sizes or {"": total}


def version_of(task: str, split: str | None, benchmark: Benchmark, digest: str) -> str | None:
    """Return the version: None if a benchmark has only one, a known release, or the first digits of the hash."""
    if len(benchmark) == SIZES.get((task, split)):
        return None
    source = re.search(r"sha256 (\w+)$", benchmark.source)
    return RELEASES.get(source[1] if source else "", digest[:VERSION_DIGITS])
