"""Compare the verdicts in a file of samples with ours. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.judging.verdict import Verdict
from harness.scoring.results import SampleResult
from harness.scoring.samples.sample import Sample
from harness.scoring.summary import named

SHOWN = 200
"""Most samples that are named one by one."""

_Verdicts = tuple[bool | None, Verdict | None]
"""The verdict in the file, and ours."""


def compare_published(samples: Sequence[Sample], results: Sequence[SampleResult]) -> dict[str, Any] | None:
    """Return the comparison for ``evaluate --json``; None if the file has no verdicts.

    If the benchmark has base tests and others, the verdicts over all tests are compared, and those on the base tests
    separately; if it has only base tests, the file's verdicts on these are compared.

    Args:
        samples: The judged samples.
        results: Their results, in the same order.
    """
    has_base = any(result.base is not None for result in results)

    def over_all(sample: Sample, result: SampleResult) -> _Verdicts:
        base_only = not has_base and sample.published_base is not None
        return sample.published_base if base_only else sample.published, result.verdict

    block = _compared(samples, results, over_all)
    if block is not None and has_base and any(sample.published_base is not None for sample in samples):
        block["base"] = _compared(samples, results, lambda sample, result: (sample.published_base, result.base))
    return block


def _compared(
    samples: Sequence[Sample], results: Sequence[SampleResult], verdicts: Callable[[Sample, SampleResult], _Verdicts]
) -> dict[str, Any] | None:
    compared = theirs = ours = 0
    only_theirs: list[dict[str, Any]] = []
    only_ours: list[dict[str, Any]] = []
    for sample, result in zip(samples, results, strict=True):
        published, verdict = verdicts(sample, result)
        if published is None or verdict is None or verdict is Verdict.HARNESS_ERROR:
            continue
        passed = verdict is Verdict.PASSED
        compared, theirs, ours = compared + 1, theirs + published, ours + passed
        if published != passed:
            (only_theirs if published else only_ours).append({"task_id": result.task_id, "sample": result.sample})
    if not compared:
        return None
    return {
        "compared": compared,
        "passed_theirs": theirs,
        "passed_ours": ours,
        "differ": len(only_theirs) + len(only_ours),
        "only_theirs": only_theirs[:SHOWN],
        "only_ours": only_ours[:SHOWN],
    }


def published_notes(block: dict[str, Any] | None) -> list[str]:
    """Describe the comparison in notes."""
    if block is None:
        return []
    notes = [_describe(block, "verdicts in the file")]
    if block.get("base"):
        notes.append(_describe(block["base"], "verdicts on the base tests in the file"))
    return notes


def _describe(block: dict[str, Any], what: str) -> str:
    compared = f"{block['compared']:,} {what} were compared with ours: "
    if not block["differ"]:
        return f"{compared}all agree ({block['passed_ours']:,} passed)"
    sides = [
        f"{len(block[key]):,} passed only {where} ({named(_name(one) for one in block[key])})"
        for key, where in (("only_theirs", "there"), ("only_ours", "here"))
        if block[key]
    ]
    counts = f"{block['passed_theirs']:,} passed there, {block['passed_ours']:,} here"
    return f"{compared}{block['differ']:,} differ ({counts}): {', '.join(sides)}"


def _name(one: dict[str, Any]) -> str:
    return str(one["task_id"]) + (f" sample {one['sample']}" if one["sample"] else "")
