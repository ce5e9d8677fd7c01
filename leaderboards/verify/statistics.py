"""Infer from a random part of the problems what holds for all of them. Pure functions."""

from __future__ import annotations

import math

from harness.scoring.pass_at_k import CONFIDENCE


def most_wrong(population: int, drawn: int, wrong: int) -> int:
    """Return the upper 95% confidence bound of the wrong ones in a population, given ``wrong`` among ``drawn``.

    Clopper and Pearson's one-sided bound for draws without replacement: the largest number of wrong ones under which
    so few among the drawn ones have a probability above 5%.
    """
    low, high = wrong, population - (drawn - wrong)
    while low < high:
        middle = (low + high + 1) // 2
        if _hypergeometric_cdf(population, middle, drawn, wrong) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle - 1
    return low


def _hypergeometric_cdf(population: int, bad: int, drawn: int, wrong: int) -> float:
    """Return the probability of at most ``wrong`` bad ones among ``drawn``, if ``bad`` of the population are bad.

    In exact integers: scipy's ``hypergeom.cdf`` rounds, and puts an exact 5% (3 bad of 6, 0 of 3 drawn) above 5%.
    """
    few = sum(math.comb(bad, k) * math.comb(population - bad, drawn - k) for k in range(wrong + 1))
    return few / math.comb(population, drawn)


def binomial_p(passed: int, drawn: int, share: float) -> float:
    """Return the exact two-sided p of ``passed`` among ``drawn`` samples, if each passes with probability ``share``."""
    from scipy.stats import binomtest

    return float(binomtest(passed, drawn, share).pvalue) if drawn else 1.0
