"""Find contradictions in a record, or between a record and its samples, before anything runs. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps_plus.printable import one_line
from harness.scoring.pass_at_k import Estimate, pass_at_k
from harness.scoring.result_record import OVERALL, DatasetFacts, Record, TierScore

ROUNDING = 0.0005
"""Tolerance for scores, which may be rounded to a tenth of a percent."""
INTERVAL_ROUNDING = 0.005
"""Tolerance for the ends of a bootstrap interval, which depend on the version of numpy's random numbers."""


def faults_inside(record: Record) -> Iterator[str]:
    """Yield the contradictions between a record's scores, intervals, outcomes, categories and counts."""
    if record.problems:
        for tier in dict.fromkeys(score.tier for score in record.scores):
            yield from _score_faults(record, tier)
    yield from _category_faults(record)


def _score_faults(record: Record, tier: str) -> Iterator[str]:
    scores = [score for score in record.scores if score.tier == tier]
    outcomes = record.outcomes(tier)
    if not outcomes:
        yield f"scores: {_named(tier)} has one, but no problem of it has outcomes"
        return
    found = pass_at_k(outcomes, [score.k for score in scores])
    for score in scores:
        estimate = found.estimates.get(score.k)
        if estimate is None:
            yield f"scores: {_named(tier)}: {found.not_computed[score.k]}"
        else:
            yield from _differences(score, estimate)


def _differences(score: TierScore, estimate: Estimate) -> Iterator[str]:
    what = f"scores: {_named(score.tier)} pass@{score.k}"
    if abs(score.value - estimate.value) > ROUNDING + 1e-9:
        yield f"{what} is {score.value:.4f}, by the record's own problems it is {estimate.value:.4f}"
    elif score.ci95 is not None:  # whichever method the record names
        stated, computed = score.ci95, (estimate.low, estimate.high)
        if any(abs(a - b) > INTERVAL_ROUNDING for a, b in zip(stated, computed, strict=True)):
            shown = " and ".join(f"[{low:.4f}, {high:.4f}]" for low, high in (stated, computed))
            yield f"{what}: its interval and the one that its problems give differ ({shown}): leave ci95 out"


def _category_faults(record: Record) -> Iterator[str]:
    for tier, categories in record.categories.items():
        total, passed = total_of(categories), categories.get("passed", 0)
        if categories.get("timeout", 0) > categories.get("runtime_error", 0):
            yield f"categories: {_named(tier)}: more timeouts than runtime errors, which they are part of"
        outcomes = record.outcomes(tier).values()
        if outcomes:
            judged, right = (sum(column) for column in zip(*outcomes, strict=True))
            if (total - categories.get("harness_error", 0), passed) != (judged, right):
                yield (
                    f"categories: {_named(tier)} has {passed} of {total} samples passed, "
                    f"its problems have {right} of {judged}"
                )
    tiers = [total_of(its) for tier, its in record.categories.items() if tier != OVERALL]
    if OVERALL in record.categories and tiers and sum(tiers) != total_of(record.categories[OVERALL]):
        yield f"categories: the tiers have {sum(tiers)} samples, all together {total_of(record.categories[OVERALL])}"
    if record.samples and OVERALL in record.categories:
        total = total_of(record.categories[OVERALL])
        if total > record.samples.count:
            yield f"categories: {total} samples, but samples.count is {record.samples.count}"


def total_of(categories: Mapping[str, int]) -> int:
    """Return the number of samples in all categories; timeouts are counted among the runtime errors."""
    return sum(count for name, count in categories.items() if name != "timeout")


def file_faults(record: Record, digest: str, count: int) -> Iterator[str]:
    """Yield the differences between a samples file and the one that the record names."""
    assert record.samples is not None, "the caller checks that the record names samples"
    if digest != record.samples.sha256:
        yield (
            f"samples.sha256 is {record.samples.sha256[:12]}..., the file's is {digest[:12]}...: another file, or the "
            "same file compressed differently"
        )
    if count != record.samples.count:
        yield f"samples.count is {record.samples.count}, the file has {count}"


def sample_faults(record: Record, sizes: Mapping[str, int], tiers: Mapping[str, str]) -> Iterator[str]:
    """Yield the contradictions between a record's outcomes and the samples in the file.

    Args:
        record: The record.
        sizes: Number of samples that can be scored, by problem.
        tiers: Tier of each problem, as named in records.
    """
    for tier, its in record.problems.items():
        for task_id, (judged, _) in its.items():
            there = sizes.get(task_id, 0)
            if judged > there:
                yield f"problems: {_named(task_id)}: {judged} judged, the file has {there} samples of it"
            elif tiers.get(task_id, tier) != tier:
                yield f"problems: {_named(task_id)} is of tier {tiers[task_id]!r}, not {tier!r}"
    total, overall = sum(sizes.values()), record.categories.get(OVERALL, {})
    if overall and total_of(overall) != total:
        yield f"categories: {total_of(overall)} samples, the file has {total} that can be scored"
    missing = total - sum(judged for judged, _ in record.outcomes().values()) - overall.get("harness_error", 0)
    if record.problems and missing > 0:
        yield f"problems: {missing} of the file's {total} samples are left out"
    if not record.problems and overall and len(set(sizes.values())) == 1 and not overall.get("harness_error"):
        score, share = record.score(), overall.get("passed", 0) / total
        if score is not None and abs(score.value - share) > ROUNDING + 1e-9:
            yield f"scores: pass@1 is {score.value:.4f}, by the categories it is {share:.4f}"


def dataset_faults(stated: DatasetFacts, found: DatasetFacts) -> Iterator[str]:
    """Yield the differences between the stated and the found problems: tiers, version and split."""
    if stated.tiers != found.tiers:
        yield f"dataset.tiers is {_sizes(stated.tiers)}, the problems have {_sizes(found.tiers)}"
    if stated.split != found.split:
        yield f"dataset.split is {_or_none(stated.split)}, that of the problems {_or_none(found.split)}"
    if stated.version != found.version and not (stated.named_by_hash and found.named_by_hash):
        yield f"dataset.version is {_or_none(stated.version)}, that of the problems {_or_none(found.version)}"


def _or_none(text: str | None) -> str:
    return "not given" if text is None else _named(text)


def _sizes(tiers: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {n}" if name else str(n) for name, n in tiers.items())


def _named(text: str) -> str:
    return one_line(text, 60) or "(no tier)"
