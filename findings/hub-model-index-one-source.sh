#!/usr/bin/env bash
# A model card's model-index gives all scores on one benchmark the source of the first.
. "$(dirname "$0")/shared/environment.sh"
install huggingface-hub==2.4.0
observe <<'PYTHON'
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from report import report


def score(metric, value, source):
    return EvalResult(
        task_type="text-generation",
        dataset_type="openai/openai_humaneval",
        dataset_name="HumanEval",
        metric_type=metric,
        metric_value=value,
        source_name=source,
        source_url=f"https://example.org/{source}",
    )


def read_back(results):
    data = ModelCardData(model_name="mini", eval_results=results)
    found = ModelCard(f"---\n{data}\n---\n").data.eval_results
    return {one.metric_type: (one.metric_value, one.source_name) for one in found}


given = [score("pass@1", 30.0, "paper"), score("pass@10", 55.0, "rerun")]
forwards, backwards = read_back(given), read_back(given[::-1])
report(
    "huggingface-hub",
    "a score that is written into a model card is read with its own source: pass@1 from paper, pass@10 from rerun",
    f"written in this order: {forwards}; in the other: {backwards}",
    holds=forwards == {"pass@1": (30.0, "paper"), "pass@10": (55.0, "paper")}
    and backwards == {"pass@1": (30.0, "rerun"), "pass@10": (55.0, "rerun")},
)
PYTHON
