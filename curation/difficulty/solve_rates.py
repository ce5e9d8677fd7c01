"""Compute solve rates of problems: the share of a model's samples that pass, with Wilson's 95% interval.

Pure functions over counts. The counts are those of ``apps-plus evaluate`` (``harness.scoring.summary.sample_counts``):
a sample that could not be judged (``harness_error``) is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import Problem, SolveRate
from curation.stats import by_tier
from harness.scoring.pass_at_k import Counts, pass_at_k, wilson_interval

ALL_MODELS = ""
"""The name of the rate over the samples of all models together."""

BINS = ("never", "to 25%", "to 50%", "to 75%", "below 100%", "always")
NO_SAMPLES = "no samples"


@dataclass(frozen=True, slots=True)
class ModelSamples:
    """The samples of one model, counted."""

    model: str
    file: str
    """Name of the file of samples, or of results."""
    sha256: str
    """Of the file, in hex."""
    counts: Counts
    """For each problem: its samples, and those of them that passed."""

    def facts(self) -> dict[str, Any]:
        """Return what the manifest says of it: the file, the counts, and pass@1, which is the mean of the rates."""
        samples, passed = (sum(numbers) for numbers in zip(*self.counts.values(), strict=True))
        mean = pass_at_k(self.counts, [1]).estimates[1]
        return {
            "model": self.model,
            "file": self.file,
            "sha256": self.sha256,
            "problems": len(self.counts),
            "samples": samples,
            "passed": passed,
            "mean_rate": mean.value,
            "ci95": [mean.low, mean.high],
        }


def solve_rate(model: str, samples: int, passed: int) -> SolveRate:
    """Return the rate of at least one sample, with its interval."""
    low, high = wilson_interval(passed, samples)
    return SolveRate(model, samples, passed, passed / samples, low, high)


def rates_of(problem_id: str, models: Iterable[ModelSamples]) -> tuple[SolveRate, ...]:
    """Return the rates of one problem, in the order of the models; a model without samples for it has none."""
    counted = ((model.model, model.counts[problem_id]) for model in models if problem_id in model.counts)
    return tuple(solve_rate(name, samples, passed) for name, (samples, passed) in counted)


def pooled(rates: Iterable[SolveRate]) -> SolveRate | None:
    """Return the rate over all samples of all models; None without a sample."""
    rates = list(rates)
    samples, passed = sum(rate.samples for rate in rates), sum(rate.passed for rate in rates)
    return solve_rate(ALL_MODELS, samples, passed) if samples else None


def columns_of(problems: Iterable[Problem], models: Sequence[ModelSamples]) -> dict[str, dict[str, Any]]:
    """Return the columns of the released files: values by name of the column, then by problem id."""
    columns: dict[str, dict[str, Any]] = {
        name: {} for name in ("solve_rate", "solve_rate_low", "solve_rate_high", "solve_rates")
    }
    for problem in problems:
        rates = rates_of(problem.problem_id, models)
        whole = pooled(rates)
        columns["solve_rates"][problem.problem_id] = [asdict(rate) for rate in rates]
        if whole is not None:
            values = {"solve_rate": whole.rate, "solve_rate_low": whole.low, "solve_rate_high": whole.high}
            for name, value in values.items():
                columns[name][problem.problem_id] = value
    return columns


def bin_of(rate: float | None) -> str:
    """Return the bin of a rate."""
    if rate is None:
        return NO_SAMPLES
    if rate in (0, 1):
        return BINS[-1] if rate else BINS[0]
    return next(name for name, limit in zip(BINS[1:], (0.25, 0.5, 0.75, 1), strict=False) if rate <= limit)


def count_rates(rates: Iterable[tuple[str, float | None]], tiers: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count the problems of each bin by tier, given the tier and the rate of each problem."""
    rows = [{"difficulty": tier, "bin": bin_of(rate)} for tier, rate in rates]
    return {name: by_tier((row for row in rows if row["bin"] == name), tiers) for name in (*BINS, NO_SAMPLES)}


def summarise_rates(
    problems: Iterable[Problem], models: Sequence[ModelSamples], tiers: Sequence[str]
) -> dict[str, Any]:
    """Return the entry ``solve_rates`` of the manifest's counts: the models, and the problems by rate and tier."""
    rates = ((problem.difficulty, pooled(rates_of(problem.problem_id, models))) for problem in problems)
    bins = count_rates(((tier, rate.rate if rate else None) for tier, rate in rates), tiers)
    return {"models": [model.facts() for model in models], "bins": bins}


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]
