"""What samples cost: sums over the rows of ``generate``, and what a person states."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from apps_plus.storage import write_json_lines
from harness.scoring.result_record import CostFacts, Money
from harness.scoring.sample_cost import check_stated, combine, cost_of, count_cost


def row(task_id: str = "a", **fields: Any) -> dict[str, Any]:
    return {"task_id": task_id, "completion": "x", "tokens": 10, "prompt_tokens": 3, "seconds": 0.5, **fields}


def test_tokens_and_seconds_are_summed() -> None:
    rows = [row(reasoning_tokens=4), row(tokens=20, reasoning_tokens=0)]
    assert cost_of(rows) == CostFacts(samples=2, prompt_tokens=6, completion_tokens=30, reasoning_tokens=4, seconds=1.0)


def test_a_response_with_several_answers_counts_once() -> None:
    shared = {"samples": 2, "tokens": 50, "prompt_tokens": 7, "reasoning_tokens": None}
    rows = [row(tokens=None, prompt_tokens=None, request=shared), row(tokens=None, prompt_tokens=None), row()]
    found = cost_of(rows)
    assert found == CostFacts(samples=3, prompt_tokens=10, completion_tokens=60, seconds=1.5)
    assert found.tokens_per_sample == 20


def test_a_response_with_an_infinite_number_of_answers_counts_as_one() -> None:
    assert cost_of([row(tokens=None, request={"samples": float("inf"), "tokens": 50})]).samples == 1


def test_samples_without_tokens_are_not_counted_and_their_time_is_not_told_apart() -> None:
    assert cost_of([row(), row(tokens=None)]) == CostFacts(samples=1, prompt_tokens=3, completion_tokens=10)


@pytest.mark.parametrize("name", ["prompt_tokens", "seconds"])
@pytest.mark.parametrize("value", [None, -1, "7", True, float("nan"), float("inf")])
def test_a_sum_is_unknown_if_one_number_is(name: str, value: object) -> None:
    found = cost_of([row(), row(**{name: value})])
    assert found is not None
    assert getattr(found, name) is None
    assert found.completion_tokens == 20


def test_reasoning_that_is_not_part_of_the_tokens_is_left_out() -> None:
    found = cost_of([row(reasoning_tokens=11)])
    assert (found.completion_tokens, found.reasoning_tokens) == (10, None)


@pytest.mark.parametrize("rows", [[], [{"task_id": "a"}], [row(tokens=[1, 2, 3])]])
def test_without_any_tokens_there_is_no_cost(rows: list[dict[str, Any]]) -> None:
    assert cost_of(rows) is None


@pytest.mark.parametrize("zipped", [False, True])
def test_only_samples_of_the_scored_problems_count(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "s.jsonl"
    write_json_lines(path, [row("a"), row("b"), row("a")])
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert count_cost(path, {"a"}).samples == 2
    assert count_cost(path).samples == 3


@pytest.mark.parametrize("content", [b"[1]\n", b"{\n", b"\xff\xfe", b"\x1f\x8b\x00"])
def test_of_a_file_that_generate_did_not_write_nothing_is_known(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.jsonl").write_bytes(content)
    assert count_cost(tmp_path / "s.jsonl") is None


def test_a_person_adds_the_money() -> None:
    stated = {"money": {"amount": 2, "currency": "EUR"}}
    counted = CostFacts(samples=3, completion_tokens=60)
    euros = Money(amount=2, currency="EUR")
    assert combine(counted, stated, 9) == CostFacts(samples=3, completion_tokens=60, money=euros)
    assert combine(None, stated, 9) == CostFacts(samples=9, money=euros)
    assert combine(None, {}, 9) is None


def test_what_generate_counted_is_not_stated(tmp_path: Path) -> None:
    write_json_lines(tmp_path / "s.jsonl", [row()])
    check_stated({"money": {}, "reasoning_tokens": 4}, tmp_path / "s.jsonl", Path("f.toml"))
    with pytest.raises(InputError, match=r"f\.toml: cost\.completion_tokens: generate counted it"):
        check_stated({"completion_tokens": 9}, tmp_path / "s.jsonl", Path("f.toml"))
