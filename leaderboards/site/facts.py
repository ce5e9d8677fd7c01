"""What pages say of a record or a board in words: how samples were made, sizes, tiers. Pure functions."""

from __future__ import annotations

from collections import Counter

from harness.scoring.result_record import OVERALL, Record
from leaderboards.site.scoring import Scores
from leaderboards.site.wording import limit, plural, tier_title

SIZES = (
    (0.0, 3e9, "under 3B"),
    (3e9, 10e9, "3B to 10B"),
    (10e9, 40e9, "10B to 40B"),
    (40e9, float("inf"), "40B and more"),
)
"""What the filter by size offers: from, below, in words."""


def categories_of(record: Record) -> dict[str, dict[str, int]]:
    """Error categories by tier, with ``overall`` as the sum of the tiers where the record does not say it.

    The only tier, where it has no name, is overall itself.
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
    """How the samples were made and judged, as far as it is said: names and values."""
    made, harness = record.generation, record.harness
    pairs: list[tuple[str, object]] = [
        ("Prompt", made.prompt),
        ("Temperature", made.temperature),
        ("Top-p", made.top_p),
        ("Tokens at most", made.max_tokens and f"{made.max_tokens:,}"),
        ("Samples a problem", made.samples and f"{made.samples:,}"),
        ("Seed", made.seed),
        ("Engine", made.engine),
        ("Number format", made.dtype),
        ("Thinking", None if made.thinking is None else "on" if made.thinking else "off"),
        ("Reasoning effort", made.reasoning_effort),
        ("Reasoning tokens at most", made.max_reasoning_tokens and f"{made.max_reasoning_tokens:,}"),
        ("Refused by the server", ", ".join(made.left_out or ())),
    ]
    if harness:
        limits = ", ".join(limit(name, value) for name, value in sorted(harness.limits.items()))
        pairs += [
            ("Harness", " ".join(filter(None, (harness.name, harness.version)))),
            ("Commit", harness.commit),
            ("Python", harness.python),
            ("Sample to program", harness.rule),
            ("Missing imports", "given" if harness.given_imports else None),
            ("Limits", limits),
            ("Sandbox", ", ".join(harness.isolation)),
        ]
    return [(name, str(value)) for name, value in pairs if value not in (None, "")]


def size_band(parameters: float | None) -> int:
    """The number of the band of ``SIZES`` that a model is in; -1 where its size is not known."""
    if parameters is None:
        return -1
    return next(i for i, (least, below, _) in enumerate(SIZES) if least <= parameters < below)


def tier_sizes(scores: Scores) -> str:
    """``1,840 problems: 700 introductory, 1,000 interview, 140 competition``."""
    tiers = scores.records[0].dataset.tiers
    parts = ", ".join(f"{n:,} {tier}" for tier, n in tiers.items() if tier)
    return plural(scores.n_problems(OVERALL), "problem") + (f": {parts}" if parts and len(tiers) > 1 else "")


def cut_title(tier: str, k: int) -> str:
    """``Overall, pass@1``."""
    return f"{tier_title(tier)}, pass@{k}"
