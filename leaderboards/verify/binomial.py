"""How much a random part says about the whole. Exact, by counting; pure functions."""

from __future__ import annotations

import math

CONFIDENCE = 0.95


def most_wrong(population: int, drawn: int, wrong: int) -> int:
    """How many of a population may be wrong, with 95% confidence, where ``wrong`` of ``drawn`` of them are.

    Clopper and Pearson's upper bound (one-sided), for draws without replacement: the largest number in the population
    with which so few among the drawn ones would still be no surprise.
    """
    low, high = wrong, population - (drawn - wrong)
    while low < high:
        middle = (low + high + 1) // 2
        if _chance_of_so_few(population, middle, drawn, wrong) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle - 1
    return low


def _chance_of_so_few(population: int, bad: int, drawn: int, wrong: int) -> float:
    """That at most ``wrong`` of ``drawn`` are bad, where ``bad`` of the population are (hypergeometric)."""
    few = sum(math.comb(bad, k) * math.comb(population - bad, drawn - k) for k in range(wrong + 1))
    return few / math.comb(population, drawn)


def binomial_p(passed: int, drawn: int, share: float) -> float:
    """How likely a number of passes as unlikely as this one, or more so, is where ``share`` pass (exact, two-sided)."""
    seen = _log_chance(passed, drawn, share)
    chances = (_log_chance(k, drawn, share) for k in range(drawn + 1))
    return min(1.0, math.fsum(math.exp(chance) for chance in chances if chance <= seen + 1e-9))


def _log_chance(k: int, n: int, share: float) -> float:
    if share in (0.0, 1.0):
        return 0.0 if k == n * share else -math.inf
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(share) + (n - k) * math.log1p(-share)
