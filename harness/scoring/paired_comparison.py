"""Compare two models on the problems that both have samples of. Pure functions.

The difference is taken problem by problem, since the same problems are easy or hard for both: its interval is narrower
than that of two separate scores. Differences are B minus A throughout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from apps_plus.errors import InputError
from harness.scoring.pass_at_k import SEED, Estimate, mean_estimates, pass_at_k
from harness.scoring.results import SampleResult
from harness.scoring.summary import OVERALL, groups, last_results, named, sample_counts

MCNEMAR = "McNemar's exact test"
SIGN_FLIP = "paired sign-flip permutation test on per-problem pass rates"
ROUNDING = 1e-9
"""Floating-point error; far below any difference of rates."""
FLIPS = 100_000
"""Random assignments of signs; the least p of the sign-flip test is about 1 / FLIPS."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem and how often A and B pass it."""

    task_id: str
    tier: str
    a_passed: int
    a_samples: int
    b_passed: int
    b_samples: int

    @property
    def difference(self) -> float:
        """B's pass rate minus A's."""
        return self.b_passed / self.b_samples - self.a_passed / self.a_samples


@dataclass(frozen=True, slots=True)
class Difference:
    """pass@1 of both over one group of problems, and B minus A with its 95% interval."""

    a: Estimate
    b: Estimate
    b_minus_a: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return the object in ``compare --json``."""
        return {"a": self.a.to_json(), "b": self.b.to_json(), "b_minus_a": self.b_minus_a.to_json()}


@dataclass(frozen=True, slots=True)
class SignificanceTest:
    """The probability of a difference at least as large if A and B are equally good."""

    name: str
    """``MCNEMAR`` where both have one sample a problem, ``SIGN_FLIP`` elsewhere."""
    p_value: float
    a_better: int
    """Problems that A passes and B does not, or that A passes more often."""
    b_better: int


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """The comparison of two sets of results, A and B."""

    n_problems: int
    """Problems with judged samples of both: all numbers are over these."""
    only_in_a: tuple[str, ...]
    only_in_b: tuple[str, ...]
    groups: dict[str, Difference]
    """``overall``, then the tiers."""
    test: SignificanceTest
    a_better: tuple[Flip, ...]
    """Largest difference first; equal ones by id, whose numbers count as numbers."""
    b_better: tuple[Flip, ...]
    notes: tuple[str, ...]

    @property
    def overall(self) -> Difference:
        """The difference over all common problems."""
        return self.groups[OVERALL]

    @property
    def conclusion(self) -> str:
        """The conclusion in words: whether the difference may be noise."""
        difference = self.overall.b_minus_a
        p = format_p(self.test.p_value)
        if difference.low <= ROUNDING and difference.high >= -ROUNDING:
            return f"may be noise: the interval contains 0 ({p})"
        if self.test.p_value > 0.05:
            return f"on the edge: the interval does not contain 0, but {p}"
        return f"unlikely to be noise: the interval does not contain 0 ({p})"

    def to_json(self) -> dict[str, Any]:
        """Return the object in ``compare --json``."""
        return {
            "n_problems": self.n_problems,
            "only_in_a": {"count": len(self.only_in_a), "ids": list(self.only_in_a)},
            "only_in_b": {"count": len(self.only_in_b), "ids": list(self.only_in_b)},
            "pass_at_1": {group: difference.to_json() for group, difference in self.groups.items()},
            "test": asdict(self.test),
            "conclusion": self.conclusion,
            "a_better": [asdict(flip) for flip in self.a_better],
            "b_better": [asdict(flip) for flip in self.b_better],
            "remarks": list(self.notes),
        }


def format_p(p_value: float) -> str:
    """Format a p-value: ``p = 0.031``, ``p < 0.001``."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"


def compare(a: Sequence[SampleResult], b: Sequence[SampleResult]) -> PairedComparison:
    """Compare two sets of results over the problems that both have.

    Raises:
        InputError: They have no problem in common.
    """
    in_a, in_b = sample_counts(last_results(a)), sample_counts(last_results(b))
    common = [task_id for task_id in in_a if task_id in in_b]
    if not common:
        raise InputError("the two results have no problem in common: compare results of the same benchmark")
    tier_of = {result.task_id: result.tier for result in a}
    tiers = {task_id: tier_of[task_id] for task_id in common}
    flips = [Flip(task_id, tiers[task_id], *in_a[task_id][::-1], *in_b[task_id][::-1]) for task_id in common]
    ranked = sorted(flips, key=lambda flip: (-abs(flip.difference), _natural(flip.task_id)))
    by_group = {
        group: _difference({i: in_a[i] for i in ids}, {i: in_b[i] for i in ids}) for group, ids in groups(tiers).items()
    }
    only_in_a = tuple(task_id for task_id in in_a if task_id not in in_b)
    only_in_b = tuple(task_id for task_id in in_b if task_id not in in_a)
    return PairedComparison(
        n_problems=len(common),
        only_in_a=only_in_a,
        only_in_b=only_in_b,
        groups=by_group,
        test=significance(flips),
        a_better=tuple(flip for flip in ranked if flip.difference < 0),
        b_better=tuple(flip for flip in ranked if flip.difference > 0),
        notes=(*_left_out("A", a, only_in_a), *_left_out("B", b, only_in_b)),
    )


def _natural(task_id: str) -> list[tuple[int, str]]:
    """Return a sort key by which ``HumanEval/8`` precedes ``HumanEval/47``."""
    numbers = (part.lstrip("0") for part in re.findall("[0-9]+", task_id))
    words = ((0, word) for word in re.split("[0-9]+", task_id))
    return [part for pair in zip_longest(words, ((len(n), n) for n in numbers), fillvalue=(0, "")) for part in pair]


def _left_out(name: str, results: Sequence[SampleResult], only: Sequence[str]) -> Iterator[str]:
    if only:
        problems = "problem" if len(only) == 1 else "problems"
        yield f"{len(only):,} {problems} that only {name} has samples of left out: {named(only)}"
    last = last_results(results)
    if len(last) < len(results):
        yield f"{name}: {len(results) - len(last):,} results left out: their samples have a later result"
    faults = sum(result.category == "harness_error" for result in last)
    if faults:
        yield f"{name}: samples that could not be judged (harness_error) left out: {faults:,}"


def _difference(in_a: Mapping[str, tuple[int, int]], in_b: Mapping[str, tuple[int, int]]) -> Difference:
    import numpy as np

    differences = [in_b[task_id][1] / in_b[task_id][0] - in_a[task_id][1] / in_a[task_id][0] for task_id in in_a]
    values, frequencies = np.unique(np.array(differences), return_counts=True)
    [b_minus_a] = mean_estimates(values[:, None], frequencies, -1.0, 1.0)
    return Difference(pass_at_k(in_a, [1]).estimates[1], pass_at_k(in_b, [1]).estimates[1], b_minus_a)


def significance(flips: Iterable[Flip]) -> SignificanceTest:
    """Apply McNemar's exact test if both have one sample of each problem, else a sign-flip test."""
    flips = list(flips)
    differences = [flip.difference for flip in flips]
    a_better, b_better = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
    if all(flip.a_samples == flip.b_samples == 1 for flip in flips):
        return SignificanceTest(MCNEMAR, mcnemar(a_better, b_better), a_better, b_better)
    return SignificanceTest(SIGN_FLIP, sign_flip(differences), a_better, b_better)


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the two-sided p of McNemar's exact test: only A and only B pass equally often if both are equally good."""
    from scipy.stats import binomtest

    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue) if only_a + only_b else 1.0


def sign_flip(differences: Iterable[float]) -> float:
    """Return the two-sided p of a sign-flip test: if A and B are equally good, both signs are as likely.

    Of m problems with the same difference d, a binomial number keep their sign: one draw for each distinct d. The
    observed assignment is counted too, so p is never 0 (Phipson and Smyth 2010).
    """
    import numpy as np

    rounded = np.round(np.array(list(differences)), 12)
    sizes, numbers = np.unique(np.abs(rounded[rounded != 0]), return_counts=True)
    random = np.random.default_rng(SEED)
    totals = np.zeros(FLIPS)
    for size, number in zip(sizes.tolist(), numbers.tolist(), strict=True):
        totals += size * (2 * random.binomial(number, 0.5, FLIPS) - number)
    as_large = int((np.abs(totals) >= abs(float(rounded.sum())) - ROUNDING).sum())
    return (1 + as_large) / (1 + FLIPS)
