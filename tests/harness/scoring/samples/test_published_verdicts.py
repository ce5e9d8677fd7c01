"""Compare the verdicts in a samples file with ours."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judging.verdict import Verdict
from harness.scoring.results import SampleResult
from harness.scoring.samples.formats.texts import verdict_of, verdicts_in
from harness.scoring.samples.published_verdicts import compare_published, published_notes
from harness.scoring.samples.sample import Sample

WORDS = {"p": Verdict.PASSED, "w": Verdict.WRONG_ANSWER, "h": Verdict.HARNESS_ERROR}


def result(task_id: str, verdict: str, base: str | None = None) -> SampleResult:
    return SampleResult(task_id, 0, "", WORDS[verdict], base=WORDS[base] if base else None)


def sample(task_id: str, published: bool | None, base: bool | None = None) -> Sample:
    return Sample(task_id, "", "program", 1, published=published, published_base=base)


def test_differences_are_counted_and_named() -> None:
    samples = [sample("a", True), sample("b", True), sample("c", False), sample("d", None), sample("e", True)]
    results = [result("a", "p"), result("b", "w"), result("c", "p"), result("d", "p"), result("e", "h")]
    block = compare_published(samples, results)
    assert block == {
        "compared": 3, "passed_theirs": 2, "passed_ours": 2, "differ": 2,
        "only_theirs": [{"task_id": "b", "sample": 0}], "only_ours": [{"task_id": "c", "sample": 0}],
    }  # fmt: skip
    assert published_notes(block) == [
        "3 verdicts in the file were compared with ours: 2 differ (2 passed there, 2 here): "
        "1 passed only there (b), 1 passed only here (c)"
    ]


def test_base_verdicts_are_compared_with_base_verdicts() -> None:
    samples = [sample("a", False, True)]
    assert published_notes(compare_published(samples, [result("a", "p")])) == [
        "1 verdicts in the file were compared with ours: all agree (1 passed)"
    ]
    block = compare_published(samples, [result("a", "w", base="w")])
    assert block is not None
    assert (block["differ"], block["base"]["differ"]) == (0, 1)


def test_a_file_without_verdicts_says_nothing() -> None:
    assert compare_published([sample("a", None)], [result("a", "p")]) is None
    assert published_notes(None) == []


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        (True, True), (0, False), (1.0, True), (0.5, None), ("passed", True), ("failed: AssertionError", False),
        ("timed out", False), ("C", True), ("I", False), ("unknown", None), (None, None), ([True], None),
    ],
)  # fmt: skip
def test_a_verdict_is_written_in_many_ways(value: Any, passed: bool | None) -> None:
    assert verdict_of(value) is passed


@pytest.mark.parametrize(
    ("row", "number", "verdicts"),
    [
        ({"passed": True}, 1, [True]),
        ({"passed": True}, 2, [None, None]),
        ({"graded_list": [True, False]}, 2, [True, False]),
        ({"passed": [1, 0]}, 2, [True, False]),
        ({"is_solved": False, "result": "passed"}, 1, [False]),
        ({"status": "success"}, 1, [None]),
        ({"status": "fail"}, 1, [False]),
    ],
)
def test_where_verdicts_stand(row: Any, number: int, verdicts: list[bool | None]) -> None:
    assert verdicts_in(row, number) == verdicts
