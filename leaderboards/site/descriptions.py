"""Describe records and boards in words: settings, sizes, tiers, categories. Pure functions."""

from __future__ import annotations

from collections import Counter

from apps_plus.wording import plural
from harness.scoring.result_record import OVERALL, CostFacts, Record
from leaderboards.site.board_scores import BoardScores
from leaderboards.site.wording import limit, tier_title

SIZES = (
    (0.0, 3e9, "under 3B"),
    (3e9, 10e9, "3B to 10B"),
    (10e9, 40e9, "10B to 40B"),
    (40e9, float("inf"), "40B and more"),
)
"""Bands of the filter by size: parameters from, parameters below, label."""


def categories_of(record: Record) -> dict[str, dict[str, int]]:
    """Return error categories by tier, with ``overall`` computed as the sum of the tiers if the record lacks it.

    An only tier without a name becomes ``overall``.
    """
    by_tier = record.categories
    if not by_tier or OVERALL in by_tier:
        return by_tier
    if list(by_tier) == [""]:
        return {OVERALL: by_tier[""]}
    total: Counter[str] = Counter()
    for counts in by_tier.values():
        total.update(counts)
    return {OVERALL: dict(total), **by_tier}


def settings(record: Record) -> list[tuple[str, str]]:
    """List how the samples were generated and judged, as (name, value), as far as the record says."""
    made, harness = record.generation, record.harness
    pairs: list[tuple[str, object]] = [
        ("Prompt", made.prompt),
        ("Temperature", made.temperature),
        ("Top-p", made.top_p),
        ("Max. tokens", made.max_tokens and f"{made.max_tokens:,}"),
        ("Samples per problem", made.samples and f"{made.samples:,}"),
        ("Seed", made.seed),
        ("Engine", made.engine),
        ("Number format", made.dtype),
        ("Thinking", None if made.thinking is None else "on" if made.thinking else "off"),
        ("Reasoning effort", made.reasoning_effort),
        ("Max. reasoning tokens", made.max_reasoning_tokens and f"{made.max_reasoning_tokens:,}"),
        ("Refused by the server", ", ".join(made.left_out or ())),
    ]
    pairs += _costs(record.cost) if record.cost else []
    if harness:
        limits = ", ".join(limit(name, value) for name, value in sorted(harness.limits.items()))
        pairs += [
            ("Harness", " ".join(filter(None, (harness.name, harness.version)))),
            ("Commit", harness.commit),
            ("Python", harness.python),
            ("Program from sample", harness.rule),
            ("Missing imports", "added" if harness.given_imports else None),
            ("Limits", limits),
            ("Sandbox", ", ".join(harness.isolation)),
        ]
    return [(name, str(value)) for name, value in pairs if value not in (None, "")]


def _costs(cost: CostFacts) -> list[tuple[str, object]]:
    money = cost.money and f"{cost.money.amount:,.12g} {cost.money.currency}"
    of = f" of {plural(cost.samples, 'sample')}"
    return [
        (f"Tokens of prompts{of}", cost.prompt_tokens and f"{cost.prompt_tokens:,}"),
        (f"Tokens of answers{of}", cost.completion_tokens and f"{cost.completion_tokens:,}"),
        ("Reasoning among them", cost.reasoning_tokens and f"{cost.reasoning_tokens:,}"),
        ("Time of generation", cost.seconds and f"{cost.seconds:,.12g} s"),
        ("Cost", money),
    ]


def size_band(parameters: float | None) -> int:
    """Return the index of a model's band in ``SIZES``; -1 if its size is unknown."""
    if parameters is None:
        return -1
    return next(i for i, (least, below, _) in enumerate(SIZES) if least <= parameters < below)


def tier_sizes(scores: BoardScores) -> str:
    """Write the sizes of the tiers: ``1,840 problems: 700 introductory, 1,000 interview, 140 competition``."""
    tiers = scores.records[0].dataset.tiers
    parts = ", ".join(f"{n:,} {tier}" for tier, n in tiers.items() if tier)
    return plural(scores.n_problems(OVERALL), "problem") + (f": {parts}" if parts and len(tiers) > 1 else "")


def cut_title(tier: str, k: int) -> str:
    """Write a tier and a k: ``Overall, pass@1``."""
    return f"{tier_title(tier)}, pass@{k}"
