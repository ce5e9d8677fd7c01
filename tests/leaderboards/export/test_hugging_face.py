"""Scores as the Hugging Face hub reads them, read back with the hub's own library."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from export_records import a_record

from apps_plus.errors import InputError
from harness.scoring.result_record import Record
from leaderboards.export.hub_datasets import HUB_DATASETS, named_datasets
from leaderboards.export.hugging_face import eval_results_text, model_card_text, refuse_parts
from leaderboards.record_files import load

hub = pytest.importorskip("huggingface_hub", minversion="1.4")

SOURCE = {"title": "A paper: with a colon", "url": "https://arxiv.org/abs/2402.01391", "where": "Table 1"}
TIERS = {"introductory": 700, "interview": 1000, "competition": 140}
SCORES = [
    {"tier": "interview", "value": 0.235},
    {"value": 0.361, "ci95": [0.33, 0.39], "method": "wilson"},
    {"tier": "introductory", "value": 0.597},
]
REPORTED = a_record(
    "reported",
    status="reported",
    source=SOURCE,
    dataset={"name": "apps", "tiers": TIERS, "split": "test"},
    scores=SCORES,
)
REPRODUCED = a_record(
    "reproduced",
    status="reproduced",
    reproduction={"samples": 1640, "agreed": 1639},
    samples={"file": "mini.jsonl", "sha256": "0" * 64, "count": 1640},
    generation={"temperature": 0.2, "top_p": 0.95, "samples": 10},
    scores=[{"value": 0.29878048780487804}, {"k": 10, "value": 0.5}],
)


def entries(*records: Record) -> list[Any]:
    return hub.parse_eval_result_entries(yaml.safe_load(eval_results_text(records, HUB_DATASETS)))


def test_an_entry_has_the_dataset_the_percentage_and_where_it_stands() -> None:
    (entry,) = entries(REPORTED)
    assert (entry.dataset_id, entry.task_id, entry.value) == ("codeparrot/apps", "default", 36.1)
    assert (entry.source_url, entry.source_name) == (SOURCE["url"], SOURCE["title"])
    assert entry.date == "2026-11-20"


def test_the_notes_tell_the_interval_the_tiers_and_the_status() -> None:
    (entry,) = entries(REPORTED)
    assert entry.notes.startswith("apps (test): pass@1 in percent")
    assert "95% interval 33.0 to 39.0 over 1,840 problems" in entry.notes
    assert "introductory 59.7, interview 23.5" in entry.notes
    assert "as reported in A paper: with a colon, Table 1" in entry.notes


def test_the_notes_tell_how_the_samples_were_made_and_how_many_ran_again() -> None:
    (entry,) = entries(REPRODUCED)
    assert "samples per problem 10, temperature 0.2, top-p 0.95" in entry.notes
    assert "1,639 of 1,640 samples that ran again agreed" in entry.notes
    assert (entry.value, entry.source_url) == (29.878, None)


def test_the_notes_tell_what_was_asked_about_reasoning_and_what_the_server_refused() -> None:
    made = {"temperature": 0.2, "thinking": False, "reasoning_effort": "low", "left_out": ["seed", "temperature"]}
    (entry,) = entries(a_record("thinker", generation=made))
    assert "thinking off, reasoning effort low" in entry.notes
    assert "not sent, since the server refuses it: seed, temperature" in entry.notes


def test_the_notes_tell_what_samples_cost() -> None:
    cost = {"samples": 4, "completion_tokens": 5000, "money": {"amount": 2, "currency": "EUR"}}
    (entry,) = entries(a_record("costly", cost=cost))
    told = "1,250 completion tokens a sample in the mean, reasoning included, 0.40 problems solved for 1,000 of them"
    assert f"{told}, paid: 2 EUR" in entry.notes


def test_a_source_without_an_address_is_told_in_the_notes_only() -> None:
    (entry,) = entries(a_record(status="reported", source={"title": "A talk", "where": "slide 3"}))
    assert (entry.source_url, entry.source_name) == (None, None)
    assert "A talk, slide 3" in entry.notes


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (a_record("x", dataset={"name": "apps+", "tiers": {"": 9}}), r"x: .*--dataset-id apps\+=ORG/NAME"),
        (a_record("x", scores=[{"k": 10, "value": 0.5}]), "x: no overall pass@1"),
    ],
)
def test_what_an_entry_cannot_do_without_is_named(record: Record, message: str) -> None:
    with pytest.raises(InputError, match=message):
        eval_results_text([record], HUB_DATASETS)


def test_the_library_reads_every_score_of_a_card_back_with_its_source() -> None:
    data = hub.ModelCard(model_card_text([REPORTED, REPRODUCED], HUB_DATASETS)).data
    assert data.model_name == "tiny-lab/mini"
    found = [(r.dataset_type, r.dataset_name, r.metric_name, r.metric_value, r.source_url) for r in data.eval_results]
    assert found == [
        ("codeparrot/apps", "apps (test)", "pass@1", 36.1, SOURCE["url"]),
        ("codeparrot/apps", "apps (test)", "pass@1 (introductory)", 59.7, SOURCE["url"]),
        ("codeparrot/apps", "apps (test)", "pass@1 (interview)", 23.5, SOURCE["url"]),
        ("openai/openai_humaneval", "humaneval", "pass@1", 29.878, None),
        ("openai/openai_humaneval", "humaneval", "pass@10", 50.0, None),
    ]


def test_two_records_of_one_benchmark_keep_a_source_each() -> None:
    again = REPORTED.model_copy(update={"id": "again", "source": None, "status": "self_reported"})
    results = hub.ModelCard(model_card_text([REPORTED, again], HUB_DATASETS)).data.eval_results
    assert [result.source_url for result in results] == [SOURCE["url"]] * 3 + [None] * 3


PART = a_record("part", problems={"": {f"HumanEval/{number}": [1, number % 2] for number in range(40)}})


def test_a_score_of_a_part_is_refused() -> None:
    with pytest.raises(InputError, match=r"part: its score is of 40 of 164 problems of humaneval, .* with --part"):
        refuse_parts([REPRODUCED, PART])
    refuse_parts([REPORTED, REPRODUCED])


def test_a_score_of_a_part_is_marked_in_every_place() -> None:
    [entry] = entries(PART)
    assert entry.notes.startswith("only 40 of 164 problems; humaneval: pass@1 in percent")
    card = model_card_text([PART], HUB_DATASETS)
    assert [result.dataset_name for result in hub.ModelCard(card).data.eval_results] == [
        "humaneval, 40 of 164 problems"
    ]
    assert "| humaneval, 40 of 164 problems | overall | pass@1 | 50.0 |" in card


def test_the_table_has_a_row_for_each_score_with_its_interval() -> None:
    text = model_card_text([REPORTED, REPRODUCED], HUB_DATASETS)
    assert "| apps (test) | overall | pass@1 | 36.1 | 33.0 to 39.0 | 1,840 | Wilson | 1 |" in text
    assert "| humaneval | overall | pass@1 | 29.9 | 23.4 to 37.3 | 164 | Wilson, from the number alone | 2 |" in text
    assert "1. as reported in [A paper: with a colon](https://arxiv.org/abs/2402.01391), Table 1" in text


def test_an_only_tier_is_all_problems_and_stands_there_once() -> None:
    record = a_record(scores=[{"value": 0.5}, {"tier": "", "value": 0.5}])
    assert len(hub.ModelCard(model_card_text([record], HUB_DATASETS)).data.eval_results) == 1


def test_text_of_a_record_is_text_in_the_card() -> None:
    name = "a|b <i>*x*</i> [l](javascript:1) `c` \U0001f600"
    record = a_record(model={"id": "---\u2028#: 'x\"", "name": name}, notes=["one\n---\n# two", "<script>"])
    text = model_card_text([record], HUB_DATASETS)
    assert hub.ModelCard(text).data.model_name == record.model.id
    assert "<i>" not in text
    assert "<script>" not in text
    assert "\n# two" not in text
    assert r"a\|b" in text


def test_the_shipped_records_of_each_model_export() -> None:
    datasets = named_datasets(["apps+=us/apps-plus"])
    by_model: dict[str, list[Record]] = {}
    for record in load().records:
        by_model.setdefault(record.model.id, []).append(record)
    for records in by_model.values():
        assert len(yaml.safe_load(eval_results_text(records, datasets))) == len(records)
        results = hub.ModelCard(model_card_text(records, datasets)).data.eval_results
        assert len(results) >= len(records)
