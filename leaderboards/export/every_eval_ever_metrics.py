"""Results of Every Eval Ever beside pass@k: what a sample cost, and win rates against other models.

The schema takes any metric with an id; one that is not common has a name space (``apps_plus.win_rate``). A win rate is
of two models: the other one stands in ``metric_parameters``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.scoring.pass_at_k import CONFIDENCE
from harness.scoring.result_record import OVERALL, CostFacts, Record
from leaderboards.board import BoardKey
from leaderboards.export.every_eval_ever_names import collection, component, details
from leaderboards.win_rates import win_rate


def metrics(record: Record, others: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield the results beside pass@k, without source and settings, which are those of pass@k.

    Args:
        record: The record.
        others: Records to compare it with; those of other boards, and those without common problems, are skipped.
    """
    if record.cost and record.cost.tokens_per_sample is not None:
        yield _tokens(record, record.cost, record.cost.tokens_per_sample)
    for other in others:
        if other.id != record.id and BoardKey.of(other) == BoardKey.of(record):
            yield from _win_rate(record, other)


def cost_details(cost: CostFacts | None) -> dict[str, str]:
    """Return what the generation of all samples took, as texts."""
    if cost is None:
        return {}
    money = cost.money
    return details(
        cost_samples=cost.samples,
        prompt_tokens=cost.prompt_tokens,
        completion_tokens=cost.completion_tokens,
        reasoning_tokens=cost.reasoning_tokens,
        generation_seconds=cost.seconds,
        paid=f"{money.amount:g} {money.currency}" if money else None,
    )


def _tokens(record: Record, cost: CostFacts, tokens: float) -> dict[str, Any]:
    name = collection(record)
    return {
        "evaluation_result_id": f"{name}.completion_tokens_per_sample",
        "evaluation_name": name,
        "metric_config": {
            "evaluation_description": "mean number of completion tokens of a sample, reasoning included, by the "
            "model's own tokenizer",
            "metric_id": "apps_plus.completion_tokens_per_sample",
            "metric_name": "completion tokens per sample",
            "metric_kind": "cost",
            "metric_unit": "tokens",
            "lower_is_better": True,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": "Infinity",
        },
        "score_details": {"score": round(tokens, 6), "details": {"level": "all"} | cost_details(cost)},
    }


def _win_rate(record: Record, other: Record) -> Iterator[dict[str, Any]]:
    rate = win_rate(record, other, OVERALL)
    if rate is None:
        return
    name = collection(record)
    interval = {"lower": rate.low, "upper": rate.high, "confidence_level": CONFIDENCE, "method": "bootstrap"}
    yield {
        "evaluation_result_id": f"{name}.win_rate.{component(other.id)}",
        "evaluation_name": name,
        "metric_config": {
            "evaluation_description": f"share of the {rate.n_problems:,} common problems that the model solves more "
            f"often than {other.model.title}; ties count half",
            "metric_id": "apps_plus.win_rate",
            "metric_name": f"win rate against {other.model.title}",
            "metric_kind": "win_rate",
            "metric_unit": "proportion",
            "metric_parameters": {"against_model": other.model.id, "against_record": other.id},
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
        },
        "score_details": {
            "score": rate.value,
            "uncertainty": {"confidence_interval": interval, "num_samples": rate.n_problems},
            "details": details(level="all", wins=rate.wins, ties=rate.ties, losses=rate.losses),
        },
    }
