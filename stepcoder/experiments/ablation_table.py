"""The numbers of the ablation: scores of runs, means over seeds, differences seed by seed, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stepcoder.experiments.learning_curves import mean_and_interval

METRIC = "eval/pass@1"


@dataclass(frozen=True, slots=True)
class RunScores:
    """The scores of one run."""

    greedy: float
    sampled: float
    rollouts: int
    full_generation: float


@dataclass(frozen=True, slots=True)
class SeedMean:
    """A mean over seeds, with Student's 95% interval cut to [0, 1]."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> SeedMean:
        """Estimate from one value per seed; a single value has no interval."""
        mean, low, high = mean_and_interval(values)
        return cls(mean, max(0.0, low), min(1.0, high))

    def __str__(self) -> str:
        return f"{self.mean:.2f}" + (f" ({self.low:.2f} to {self.high:.2f})" if self.low < self.high else "")


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One method on one family."""

    family: str
    method: str
    rollouts: int
    """Roll-outs per run."""
    successes: tuple[float, ...]
    """Greedy success of each seed's model: the share of the family's problems."""
    greedy: SeedMean
    """Mean of ``successes``."""
    sampled: SeedMean
    """Success of whole programs, sampled as in training: the mean of ``sampled_successes``."""
    full_generation: float
    """Share of problems in full generation at the end of training, mean over seeds."""
    sampled_successes: tuple[float, ...] = ()
    """Sampled success of each seed's model."""

    @classmethod
    def of(cls, family: str, method: str, found: Sequence[RunScores]) -> AblationRow:
        """Combine the runs of all seeds."""
        successes = tuple(run.greedy for run in found)
        at_full = sum(run.full_generation for run in found) / len(found)
        drawn = tuple(run.sampled for run in found)
        greedy, sampled = SeedMean.of(successes), SeedMean.of(drawn)
        return cls(family, method, found[0].rollouts, successes, greedy, sampled, at_full, drawn)


@dataclass(frozen=True, slots=True)
class Difference:
    """A method's sampled success less that of another one, seed by seed: both began with the same model."""

    family: str
    method: str
    other: str
    mean: float
    low: float
    high: float
    """Student's 95% interval of the mean; of a single seed the mean itself."""
    seeds: int

    @classmethod
    def of(cls, row: AblationRow, other: AblationRow) -> Difference:
        """Compare two methods on the same seeds of one family."""
        pairs = zip(row.sampled_successes, other.sampled_successes, strict=True)
        found = [one - another for one, another in pairs]
        return cls(row.family, row.method, other.method, *mean_and_interval(found), len(found))

    @property
    def verdict(self) -> str:
        """``above`` or ``below`` where the interval does not hold 0; else ``not settled``."""
        if self.seeds < 2:
            return "one seed"
        return "above" if self.low > 0 else "below" if self.high < 0 else "not settled"

    def __str__(self) -> str:
        return f"{self.mean:+.2f} ({self.low:+.2f} to {self.high:+.2f}), {self.verdict}"


REFERENCES = ("stepcoder", "stepcoder-no-fgo", "ppo")
"""Methods that the others are compared with, if they were run: StepCoder, the curriculum alone, neither."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """The result of the comparison."""

    rows: tuple[AblationRow, ...]

    def table(self) -> str:
        """Format as a Markdown table."""
        lines = [
            "| family | method | roll-outs | greedy success | of each seed | sampled success |",
            "| --- | --- | ---: | --- | --- | --- |",
        ]
        for row in self.rows:
            seeds = " ".join(f"{success:.2f}" for success in row.successes)
            lines.append(f"| {row.family} | {row.method} | {row.rollouts:,} | {row.greedy} | {seeds} | {row.sampled} |")
        return "\n".join(lines)

    def differences(self) -> list[Difference]:
        """Compare every method with each of ``REFERENCES``, family by family."""
        named = {(row.family, row.method): row for row in self.rows}
        return [
            Difference.of(row, named[row.family, other])
            for row in self.rows
            for other in REFERENCES
            if other != row.method and (row.family, other) in named
        ]

    def comparison(self) -> str:
        """Format the differences as a Markdown table; empty if there are none."""
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for one in self.differences():
            cells.setdefault((one.family, one.method), {})[one.other] = str(one)
        others = [other for other in REFERENCES if any(other in found for found in cells.values())]
        lines = [
            "| family | sampled success of | " + " | ".join(f"less that of {other}" for other in others) + " |",
            "| --- | --- |" + " --- |" * len(others),
        ]
        for (family, method), found in cells.items():
            lines.append(f"| {family} | {method} | " + " | ".join(found.get(other, "") for other in others) + " |")
        return "\n".join(lines) if cells else ""

    def markdown(self) -> str:
        """Format both tables, or the first alone if there is nothing to compare."""
        return "\n\n".join(filter(None, (self.table(), self.comparison())))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        rows, differences = [asdict(row) for row in self.rows], [asdict(one) for one in self.differences()]
        return {"metric": METRIC, "rows": rows, "differences": differences}
