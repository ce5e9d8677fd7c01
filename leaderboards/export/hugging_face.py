"""Export scores for the Hugging Face hub: ``.eval_results/*.yaml``, and a model card's table and ``model-index``.

The hub's documents (hub-docs: ``eval_results.yaml``, ``docs/hub/eval-results.md``, ``modelcard.md``) define no scale of
a value. Of their two examples, ``20.90`` is a percentage and ``0.412`` a share; here values are percentages. An entry
of ``.eval_results`` has one value per task: the overall pass@1. Tiers, interval and settings are in its ``notes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps_plus.errors import InputError, WorkError
from harness.scoring.result_record import OVERALL, Record, Status
from leaderboards.board import BoardKey, Interval
from leaderboards.contamination import warnings
from leaderboards.cost import solved_text, tokens_text
from leaderboards.export.checksum_mark import marked
from leaderboards.export.hub_datasets import HubDataset, required_dataset
from leaderboards.scores import distinct_scores, score_of, scored_part

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, EvalResultEntry

TASK = "text-generation"
"""The hub's name for the task of these models."""


# ---- .eval_results


def eval_results_text(records: Sequence[Record], datasets: Mapping[str, HubDataset]) -> str:
    """Return the text of one file of ``.eval_results``, with an entry for each record.

    Raises:
        InputError: A record has no overall pass@1, or its dataset on the hub is unknown.
        WorkError: The installed huggingface_hub does not support the format.
    """
    try:
        from huggingface_hub import eval_result_entries_to_yaml
    except ImportError as error:
        raise WorkError("eval-results needs huggingface_hub 1.4 or newer: pip install -U huggingface_hub") from error

    entries = eval_result_entries_to_yaml([eval_result_entry(record, datasets) for record in records])
    return marked("# ", f"\n{_yaml(entries)}")


def eval_result_entry(record: Record, datasets: Mapping[str, HubDataset]) -> EvalResultEntry:
    """Return the entry of a record. Raises InputError as ``eval_results_text``."""
    from huggingface_hub import EvalResultEntry

    dataset = required_dataset(record, datasets, "eval-results")
    score = score_of(record)
    if score is None:
        raise InputError(f"{record.id}: no overall pass@1, which eval-results requires: leave the record out")
    url = record.source.url if record.source else None
    part = scored_part(record)
    return EvalResultEntry(
        dataset_id=dataset.id,
        task_id=dataset.task_id,
        value=percent(score.value),
        date=record.date.isoformat() if record.date else None,
        source_url=url,
        source_name=record.source.title if record.source and url else None,
        notes="; ".join(
            [
                *([f"only {part}"] if part else []),
                f"{BoardKey.of(record).title}: pass@1 in percent, 95% interval {_interval(score)}",
                *_tiers(record),
                *_settings(record),
                *_cost(record),
                status_in_words(record),
            ]
        ),
    )


def _yaml(value: object) -> str:
    import yaml  # type: ignore[import-untyped]  # comes with huggingface-hub

    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000))


def percent(share: float) -> float:
    """Convert a share to a percentage with 4 decimal places, free of binary rounding errors."""
    return round(100 * share, 4)


def _interval(score: Interval) -> str:
    return f"{100 * score.low:.1f} to {100 * score.high:.1f} over {score.n_problems:,} problems ({score.method})"


def _tiers(record: Record) -> Iterator[str]:
    scores = [(score.tier, score.value) for score in distinct_scores(record) if score.tier != OVERALL and score.k == 1]
    if texts := [f"{tier} {100 * value:.1f}" for tier, value in scores]:
        yield ", ".join(texts)


def _settings(record: Record) -> Iterator[str]:
    """Describe how the samples were generated, as far as known."""
    made = record.generation
    facts = {
        "samples per problem": made.samples,
        "temperature": made.temperature,
        "top-p": made.top_p,
        "max. tokens": made.max_tokens,
        "prompt": made.prompt,
        "thinking": None if made.thinking is None else "on" if made.thinking else "off",
        "reasoning effort": made.reasoning_effort,
        "max. reasoning tokens": made.max_reasoning_tokens,
        "not sent, since the server refuses it:": ", ".join(made.left_out or ()) or None,
    }
    if texts := [f"{name} {value}" for name, value in facts.items() if value is not None]:
        yield ", ".join(texts)


def _cost(record: Record) -> Iterator[str]:
    """Describe what the samples cost, as far as known."""
    texts = []
    if tokens := tokens_text(record):
        texts.append(f"{tokens} completion tokens a sample in the mean, reasoning included")
    if solved := solved_text(record):
        texts.append(f"{solved} problems solved for 1,000 of them")
    if record.cost and record.cost.money:
        texts.append(f"paid: {record.cost.money.amount:g} {record.cost.money.currency}")
    if texts:
        yield ", ".join(texts)


def status_in_words(record: Record) -> str:
    """Describe the status of a record as a clause."""
    if record.status is Status.REPORTED and record.source:
        return f"as reported in {record.source.title}, {record.source.where}"
    if record.status is Status.REPRODUCED and record.reproduction:
        again = record.reproduction
        return f"reproduced: {again.agreed:,} of {again.samples:,} samples that ran again agreed"
    return "self-reported"


# ---- model card


def model_card_text(records: Sequence[Record], datasets: Mapping[str, HubDataset]) -> str:
    """Return a model card with one model's scores: the ``model-index`` that the hub reads, and a table for people.

    ``huggingface_hub.ModelCard(text).data.eval_results`` has all scores. A benchmark that is on no hub has the name
    that its records give it.
    """
    front = _yaml({"model-index": _model_index(records, datasets)})
    body = "\n".join(_body(records))
    return marked(f"---\n{front}---\n<!-- ", f" -->\n{body}\n")


def _model_index(records: Sequence[Record], datasets: Mapping[str, HubDataset]) -> list[dict[str, Any]]:
    """Make the model-index record by record: the hub's function keeps one source for all results on a dataset."""
    from huggingface_hub.repocard_data import eval_results_to_model_index

    name = records[0].model.id
    parts = [eval_results_to_model_index(name, list(card_results(record, datasets))) for record in records]
    return [{"name": name, "results": [result for (part,) in parts for result in part["results"]]}]


def card_results(record: Record, datasets: Mapping[str, HubDataset]) -> Iterator[EvalResult]:
    """Yield every score of a record as a result of the model card's metadata."""
    from huggingface_hub import EvalResult

    dataset = datasets.get(record.dataset.name, HubDataset(record.dataset.name))
    url = record.source.url if record.source else None
    for tier, k, score in scores_of(record):
        named = "" if tier == OVERALL else f" ({tier})"
        yield EvalResult(
            task_type=TASK,
            task_name="code generation",
            dataset_type=dataset.id,
            dataset_name=_title(record),
            dataset_config=dataset.config,
            dataset_split=record.dataset.split,
            metric_type=f"pass@{k}",
            metric_name=f"pass@{k}{named}",
            metric_value=percent(score.value),
            source_url=url,
            source_name=record.source.title if record.source and url else None,
        )


def _title(record: Record) -> str:
    """Name the problems of a score: ``humaneval``, or ``humaneval, 40 of 164 problems``."""
    return ", ".join(filter(None, (BoardKey.of(record).title, scored_part(record))))


def refuse_parts(records: Sequence[Record]) -> None:
    """Raise InputError if a score is of a part of its benchmark: the hub would show it as the benchmark's."""
    for record in records:
        if part := scored_part(record):
            raise InputError(
                f"{record.id}: its score is of {part} of {BoardKey.of(record).title}, and the hub would show it as "
                "that of all: score the others too, or export it marked as a part with --part"
            )


def scores_of(record: Record) -> Iterator[tuple[str, int, Interval]]:
    """Yield (tier, k, score) for every score of a record, overall first."""
    for stated in distinct_scores(record):
        if score := score_of(record, stated.tier, stated.k):
            yield stated.tier or OVERALL, stated.k, score


def _body(records: Sequence[Record]) -> Iterator[str]:
    yield f"\n## Scores of {_plain(records[0].model.title)}\n"
    yield "| benchmark | tier | metric | percent | 95% interval | problems | interval from | note |"
    yield "| --- | --- | --- | ---: | ---: | ---: | --- | ---: |"
    for number, record in enumerate(records, 1):
        for tier, k, score in scores_of(record):
            ends = f"{100 * score.low:.1f} to {100 * score.high:.1f}"
            yield (
                f"| {_plain(_title(record))} | {_plain(tier)} | pass@{k} | {100 * score.value:.1f} | {ends} "
                f"| {score.n_problems:,} | {_plain(score.method)} | {number} |"
            )
    yield ""
    for number, record in enumerate(records, 1):
        texts = [*_settings(record), *_cost(record), *warnings(record), *record.notes]
        yield f"{number}. {'; '.join([_linked(record), *(_plain(text.rstrip('.')) for text in texts)])}"


def _linked(record: Record) -> str:
    """Describe the status, with a link to the source where Markdown can hold its URL."""
    source = record.source
    if source is None or source.url is None or any(c in source.url for c in " ()<>"):
        return _plain(status_in_words(record))
    if record.status is Status.REPORTED:
        return f"as reported in [{_plain(source.title)}]({source.url}), {_plain(source.where)}"
    return f"{_plain(status_in_words(record))}; source: [{_plain(source.title)}]({source.url})"


def _plain(text: str) -> str:
    """Escape a text for Markdown and HTML, in one cell of a table."""
    escaped = "".join(f"\\{c}" if c in "\\`*_[]|~$" else c for c in text)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
