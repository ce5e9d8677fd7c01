"""Records: reading returns what was written; an invalid record is a one-line error that names the field."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from harness.scoring.result_record import OVERALL, Part, Record
from harness.scoring.result_record_files import check_replaceable, dump_record, parse_record, read_record, write_record

SCORE = {"value": 0.5, "ci95": [0.3, 0.7], "method": "wilson"}
FILE = {"file": "s.jsonl", "sha256": "a" * 64, "count": 6}
REPRODUCED = {"status": "reproduced", "samples": FILE, "reproduction": {"samples": 6, "agreed": 6}}


def raw(**changes: Any) -> dict[str, Any]:
    """Return a record of two difficulties, as JSON values; None removes a field."""
    fields = {
        "id": "tiny-apps+",
        "status": "self_reported",
        "dataset": {"name": "apps+", "version": "1.0", "tiers": {"introductory": 2, "interview": 2}},
        "model": {"id": "tiny"},
        "scores": [SCORE, SCORE | {"tier": "interview"}],
        "problems": {"introductory": {"train/0": [2, 1]}, "interview": {"train/1": [2, 2], "train/2": [2, 0]}},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def parsed(**changes: Any) -> Record:
    return parse_record(json.dumps(raw(**changes)), "r.json")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    record = parsed(date="2024-02-01", model={"id": "tiny \u2014 \u5c0f", "released": "2024-01-02"})
    write_record(record, tmp_path / "r.json")
    assert read_record(tmp_path / "r.json") == record


def test_what_is_not_said_is_not_written() -> None:
    assert list(json.loads(dump_record(parsed(problems=None)))) == [
        "schema_version", "id", "status", "dataset", "model", "scores",
    ]  # fmt: skip


def test_the_file_has_a_line_a_tier_not_four_a_problem() -> None:
    assert '\n    "interview": {"train/1": [2, 2], "train/2": [2, 0]}\n' in dump_record(parsed())


def test_scores_and_outcomes_by_tier() -> None:
    record = parsed()
    assert [score.value if (score := record.score(*which)) else None for which in (("interview",), (OVERALL, 10))] == [
        0.5, None,
    ]  # fmt: skip
    assert record.outcomes("interview") == {"train/1": (2, 2), "train/2": (2, 0)}
    assert [record.n_problems(tier) for tier in (OVERALL, "introductory", "competition")] == [3, 1, 0]
    assert parsed(problems=None).n_problems() == 4


def test_a_model_without_a_name_is_called_by_its_id() -> None:
    assert parsed().model.title == "tiny"
    assert parsed(model={"id": "tiny", "name": "Tiny 1"}).model.title == "Tiny 1"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": None}, "status is missing"),
        ({"score": 1}, "score: no such field: did you mean scores?"),
        ({"model": {"id": "tiny", "license": "mit"}}, "model.license: no such field: did you mean licence?"),
        ({"scores": []}, "scores: List should have at least 1 item"),
        ({"scores": [{"value": 50.0}]}, "scores.0.value: Input should be less than or equal to 1, not 50.0"),
        ({"scores": [{"value": "0.5"}]}, "scores.0.value: Input should be a valid number"),
        ({"scores": [{"value": 0.5, "ci95": [0.6, 0.7]}]}, "the value 0.5 is not within its interval [0.6, 0.7]"),
        ({"scores": [SCORE, SCORE]}, "scores: overall pass@1 occurs twice"),
        ({"scores": [SCORE | {"tier": "hard"}]}, "scores: no tier 'hard' in dataset.tiers (introductory, interview)"),
        ({"categories": {"hard": {}}}, "categories: no tier 'hard' in dataset.tiers"),
        ({"problems": {"hard": {}}}, "problems: no tier 'hard' in dataset.tiers"),
        ({"problems": {t: {"a": [1, 1]} for t in ("introductory", "interview")}}, "problems: a is in two tiers"),
        ({"problems": {"interview": {"a": [1, 2]}}}, "problems: a: 2 of 1 samples cannot have passed"),
        ({"problems": {"interview": {"a": [0, 0]}}}, "problems.interview.a.0: Input should be greater than 0"),
        ({"problems": {"interview": {c: [1, 1] for c in "abc"}}}, "problems: 3 of tier 'interview', which has 2"),
        ({"dataset": {"name": "apps+", "tiers": {}}, "problems": None, "scores": [SCORE]}, "dataset.tiers is empty"),
        ({"id": "../etc"}, "id: String should match pattern"),
        ({"id": "a\n"}, "id: String should match pattern"),
        ({"model": {"id": "\x1b[31m"}}, "model.id: String should match pattern"),
        ({"status": "reported"}, "source is missing: a reported number cites its source"),
        ({"status": "reproduced"}, "reproduction is missing"),
        ({"reproduction": {"samples": 2, "agreed": 3}}, "3 of 2 samples cannot agree"),
        ({"reproduction": {"samples": 7, "agreed": 7}, "samples": FILE}, "samples is 7, but samples.count is 6"),
        (REPRODUCED | {"samples": None}, "samples is missing: a reproduced record names the file whose samples ran"),
        (
            REPRODUCED | {"reproduction": {"samples": 6, "agreed": 5}},
            "a reproduced record needs at least 95%",
        ),
        (
            {"dataset": {"name": "apps", "tiers": {"": 10**400}}},
            "dataset.tiers.: Input should be less than or equal to",
        ),
        ({"problems": {"interview": {"a": [10**20, 1]}}}, "problems.interview.a.0: Input should be less than or equal"),
        ({"scores": [SCORE | {"k": 10**7}]}, "scores.0.k: Input should be less than or equal to 1000000, not 10000000"),
        ({"categories": {"overall": {"passed": 1 << 64}}}, "categories.overall.passed: Input should be less than or"),
        ({"generation": {"seed": 1 << 64}}, "generation.seed: Input should be less than 18446744073709551616"),
        ({"schema_version": 2}, "of schema version 2; this apps-plus reads 1: update it"),
        ({"model": {"id": "tiny", "released": "soon"}}, "model.released: Input should be a valid date"),
    ],
)
def test_what_is_no_record_is_told_by_its_field(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        parsed(**changes)
    message = str(error.value)
    assert message.startswith("r.json: ")
    assert told in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (dump_record(parsed())[:200], "not JSON: "),
        ("[]", "not a record: a record is one JSON object"),
        ('{"a": 1}\n{"a": 2}\n', "JSON lines, not a record: `apps-plus evaluate` writes one with --record"),
        ('{"task": "humaneval", "samples": {}}', "not a record, it has none of id, status, dataset, model, scores: "),
        ("[" * 100_000, "not JSON: nested too deep"),
        (json.dumps(raw(scores=[{"value": float("nan")}])), "not JSON: NaN is not a number"),
        (json.dumps(raw(scores=[{"value": float("inf")}])), "not JSON: Infinity is not a number"),
        ('{"id": "a", "id": "b"}', "not JSON: the field 'id' occurs twice"),
        ("", "not JSON: Expecting value"),
    ],
)
def test_what_is_no_json_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"^r\.json: ") as error:
        parse_record(text, "r.json")
    assert told in str(error.value)


@pytest.mark.parametrize(("data", "told"), [(None, "cannot read"), (b"\xff", "not UTF-8: save it in that encoding")])
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes | None, told: str) -> None:
    path = tmp_path / "r.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_record(path)


@pytest.mark.parametrize(
    ("text", "replaceable"),
    [(None, True), ("", True), (dump_record(parsed()), True), ('{"precious": 1}', False), ("a,b\n", False)],
)
def test_only_a_record_is_replaced_by_a_record(tmp_path: Path, text: str | None, replaceable: bool) -> None:
    path = tmp_path / "r.json"
    if text is not None:
        path.write_text(text)
    with nullcontext() if replaceable else pytest.raises(InputError, match=r"^--out .* exists and is not a record"):
        check_replaceable(path, "--out")


# ---- documentation

MANUAL = (Path(__file__).parents[3] / "docs" / "records.md").read_text("utf-8")


def test_the_manual_explains_every_field() -> None:
    table = MANUAL.partition("## Fields")[2].partition("## An example")[0]
    for name, part in {"": Record, **{part.__name__: part for part in Part.__subclasses__()}}.items():
        lacking = [field for field in part.model_fields if f"`{field}`" not in table and f"`.{field}`" not in table]
        assert lacking == [], f"docs/records.md says nothing of {name} {lacking}"


def test_the_example_of_the_manual_is_a_record() -> None:
    text = MANUAL.partition("## An example")[2].partition("```json\n")[2].partition("```")[0]
    assert parse_record(text, "docs/records.md").id == "tiny-humaneval"


@pytest.mark.parametrize(
    "cost, told",
    [
        ({"samples": 1, "completion_tokens": -1}, "cost.completion_tokens"),
        ({"samples": 0}, "cost.samples"),
        ({"samples": 1, "completion_tokens": 5, "reasoning_tokens": 6}, "6 reasoning_tokens cannot be part of 5"),
        ({"samples": 1, "money": {"amount": 1.0, "currency": "$"}}, "cost.money.currency"),
        ({"samples": 1, "money": {"amount": 1.0}}, "cost.money.currency"),
        ({"samples": 7}, "cost.samples is 7, but samples.count is 6"),
    ],
)
def test_a_cost_is_coherent(cost: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        parsed(cost=cost, samples=FILE)


def test_a_cost_is_read_back(tmp_path: Path) -> None:
    money = {"amount": 0.25, "currency": "USD"}
    record = parsed(cost={"samples": 6, "completion_tokens": 60, "seconds": 1.5, "money": money}, samples=FILE)
    write_record(record, tmp_path / "r.json")
    assert read_record(tmp_path / "r.json") == record
    assert record.cost is not None and record.cost.tokens_per_sample == 10
