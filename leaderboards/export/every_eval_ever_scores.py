"""Convert the scores of a record to the results of Every Eval Ever: metric, value, uncertainty, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.scoring.result_record import OVERALL, Record, TierScore
from leaderboards.export.every_eval_ever_metrics import cost_details, metrics
from leaderboards.export.every_eval_ever_names import collection, component, details
from leaderboards.export.hub_datasets import HubDataset
from leaderboards.scores import distinct_scores, n_of, scored_part

PAPERS_APPS_PLUS = "https://github.com/Ablustrund/APPS_Plus"
"""Repository of the authors of APPS+."""
_HUB_SPLITS = {"train": "train", "validation": "val", "test": "test"}


def results(
    record: Record, datasets: Mapping[str, HubDataset], others: Sequence[Record] = ()
) -> Iterator[dict[str, Any]]:
    """Yield a result for each score, overall first; then tokens per sample if known, and win rates over ``others``."""
    source_data, generation_config = _source_data(record, datasets), _generation_config(record)
    for score in distinct_scores(record):
        overall = score.tier == OVERALL
        name = collection(record) if overall else f"{collection(record)}.{component(score.tier or 'all')}"
        yield {
            "evaluation_result_id": f"{name}.pass_at_{score.k}",
            "evaluation_name": name,
            "source_data": source_data,
            "metric_config": {
                "evaluation_description": _description(record, score),
                "metric_id": "pass_at_k",
                "metric_name": f"pass@{score.k}",
                "metric_kind": "pass_rate",
                "metric_unit": "proportion",
                "metric_parameters": {"k": score.k},
                "lower_is_better": False,
                "score_type": "continuous",
                "min_score": 0.0,
                "max_score": 1.0,
            },
            "score_details": _score_details(record, score),
            "generation_config": generation_config,
        }
    for metric in metrics(record, others):
        yield metric | {"source_data": source_data, "generation_config": generation_config}


def _description(record: Record, score: TierScore) -> str:
    tier = (scored_part(record) or "all problems") if score.tier == OVERALL else f"the tier {score.tier}"
    return f"pass@{score.k} on {tier} of {record.dataset.name}: a program passes if it passes every test of its problem"


def _source_data(record: Record, datasets: Mapping[str, HubDataset]) -> dict[str, Any]:
    facts = record.dataset
    place = datasets.get(facts.name)
    more = details(
        version=facts.version,
        split=facts.split,
        sha256=facts.sha256,
        problems_by_tier={tier or OVERALL: n for tier, n in facts.tiers.items()},
        hf_config=place and place.config,
    )
    found: dict[str, Any] = {"dataset_name": facts.name, "source_type": "other"}
    if place:
        split = _HUB_SPLITS.get(facts.split or "test")
        found |= {
            "source_type": "hf_dataset",
            "hf_repo": place.id,
            "hf_split": split,
            "samples_number": facts.n_problems,
        }
    elif (facts.name, facts.version) == ("apps+", "paper"):
        found |= {"source_type": "url", "url": [PAPERS_APPS_PLUS]}
    return found | {"additional_details": more}


def _score_details(record: Record, score: TierScore) -> dict[str, Any]:
    n_problems = n_of(record, score.tier)
    level = "all" if score.tier == OVERALL else "tier"
    categories = record.categories.get(score.tier)
    interval = score.ci95 and {
        "lower": score.ci95[0],
        "upper": score.ci95[1],
        "confidence_level": 0.95,
        "method": score.method,
    }
    return {
        "score": score.value,
        "uncertainty": {"confidence_interval": interval, "num_samples": n_problems} if interval else None,
        "details": details(level=level, tier=score.tier, problems=n_problems, samples_by_category=categories),
    }


def _generation_config(record: Record) -> dict[str, Any]:
    made = record.generation
    return {
        "generation_args": {
            "temperature": made.temperature,
            "top_p": made.top_p,
            "max_tokens": made.max_tokens,
            "reasoning": made.thinking,
        },
        "additional_details": details(
            prompt=made.prompt,
            prompt_sha256=made.prompt_sha256,
            samples_per_problem=made.samples,
            seed=made.seed,
            dtype=made.dtype,
            reasoning_effort=made.reasoning_effort,
            max_reasoning_tokens=made.max_reasoning_tokens,
            refused_by_the_server=made.left_out,
            scored_with=record.command,
        )
        | cost_details(record.cost),
    }
