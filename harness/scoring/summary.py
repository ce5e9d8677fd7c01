"""Summarise results for ``evaluate --json``: pass@k, error categories and notes. Pure functions.

Counting:

- A ``harness_error`` is a fault of the harness, not of the program: it is not a sample in pass@k (neither in n nor in
  c) and has its own category. A problem without other samples counts as missing.
- ``runtime_error`` is the paper's category (StepCoder, figure 4): it includes the timeouts and the other limits.
  ``timeout`` counts the timeouts again. All categories but ``timeout`` add up to the number of samples.
- If one sample of a problem has several results, the last one counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import DIFFICULTIES
from harness.judging.verdict import CATEGORIES, Verdict
from harness.scoring.benchmarks import livecodebench
from harness.scoring.pass_at_k import BOOTSTRAP, pass_at_k
from harness.scoring.results import SampleResult

OVERALL = "overall"
NAMED = 5
"""Problems that a note names one by one."""
FEW_PROBLEMS = 10
"""In simulations, bootstrap intervals over fewer problems cover the true value clearly less often than 95%."""

NAMED_BY_EXCEPTION = (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR)
"""Verdicts whose errors are named by the exception's type; others are named by the verdict."""

VerdictOf = Callable[[SampleResult], Verdict | None]


def summarise(
    task: str, tiers: Mapping[str, str], results: Sequence[SampleResult], ks: Iterable[int] = (1,)
) -> dict[str, Any]:
    """Summarise the results of one benchmark.

    Args:
        task: Name of the benchmark.
        tiers: The tier of every problem of the benchmark, in its order.
        results: One for each sample, in any order.
        ks: The k of each pass@k.

    Raises:
        InputError: A ``k`` is below 1.
    """
    ks = sorted(set(ks))
    known, notes = _known(tiers, results)
    counts = _counts(tiers, known, _verdict)
    missing = [task_id for task_id in tiers if task_id not in counts]
    part, part_notes = _part(tiers, known, ks, _verdict)
    notes += [*_notes(tiers, known, missing), *part_notes]
    summary: dict[str, Any] = {
        "task": task,
        "n_problems": len(counts),
        "n_samples": len(known),
        "n_benchmark_problems": len(tiers),
        **part,
    }
    if any(result.base for result in known):
        summary["base"], base_notes = _part(tiers, known, ks, _base)
        notes += [f"base tests alone: {note}" for note in base_notes if note not in notes]
    return summary | {
        "problems_missing": {"count": len(missing), "ids": missing},
        "reruns": sum(result.reruns for result in known),
        "processor_seconds": sum(result.seconds for result in known),
        "remarks": notes,
    }


def _verdict(result: SampleResult) -> Verdict | None:
    return result.verdict


def _base(result: SampleResult) -> Verdict | None:
    return result.base


# ---- results that count


def last_results(results: Iterable[SampleResult]) -> list[SampleResult]:
    """Return the last result of each sample of each problem."""
    return list({(result.task_id, result.sample): result for result in results}.values())


def sample_counts(results: Iterable[SampleResult], verdict_of: VerdictOf = _verdict) -> dict[str, tuple[int, int]]:
    """Return for each problem the number of samples judged, and of those that passed."""
    counts: dict[str, tuple[int, int]] = {}
    for result in results:
        verdict = verdict_of(result)
        if verdict is not None and verdict is not Verdict.HARNESS_ERROR:
            n, c = counts.get(result.task_id, (0, 0))
            counts[result.task_id] = n + 1, c + (verdict is Verdict.PASSED)
    return counts


def _counts(ids: Iterable[str], results: Iterable[SampleResult], verdict_of: VerdictOf) -> dict[str, tuple[int, int]]:
    counts = sample_counts(results, verdict_of)
    return {task_id: counts[task_id] for task_id in ids if task_id in counts}


def _known(tiers: Mapping[str, str], results: Sequence[SampleResult]) -> tuple[list[SampleResult], list[str]]:
    """Return the results that count, in the benchmark's order, and notes on those left out."""
    last = last_results(results)
    place = {task_id: number for number, task_id in enumerate(tiers)}
    known = sorted((r for r in last if r.task_id in place), key=lambda r: (place[r.task_id], r.sample))
    notes = []
    if len(last) < len(results):
        notes.append(f"{_many(len(results) - len(last), 'result')} left out: their samples have a later result")
    unknown = dict.fromkeys(result.task_id for result in last if result.task_id not in place)
    if unknown:
        samples = _many(len(last) - len(known), "sample")
        notes.append(f"{samples} left out: the benchmark has no problem {named(unknown)}")
    return known, notes


def groups(tiers: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the problems of each group: ``overall``, known tiers, easiest first, then others (none if unnamed)."""
    found = dict.fromkeys(tiers.values())
    members: dict[str, list[str]] = {OVERALL: list(tiers)}
    if not any(found):
        return members
    in_order = (*DIFFICULTIES, *livecodebench.DIFFICULTIES)
    for tier in [*(t for t in in_order if t in found), *(t for t in found if t not in in_order)]:
        name = f"{tier} (tier)" if tier == OVERALL else tier
        members[name] = [task_id for task_id, its_tier in tiers.items() if its_tier == tier]
    return members


# ---- pass@k and the errors, by group


def _part(
    tiers: Mapping[str, str], results: Sequence[SampleResult], ks: Sequence[int], verdict_of: VerdictOf
) -> tuple[dict[str, Any], list[str]]:
    """Return pass@k, categories, verdicts and exceptions by group, and notes on them."""
    counts = sample_counts(results, verdict_of)
    part: dict[str, Any] = {"pass_at_k": {}, "categories": {}, "verdicts": {}, "exceptions": {}}
    notes: list[str] = []
    few: list[str] = []
    by_problem: dict[str, list[SampleResult]] = {}
    for result in results:
        by_problem.setdefault(result.task_id, []).append(result)
    for group, ids in groups(tiers).items():
        members = [result for task_id in ids for result in by_problem.get(task_id, ())]
        if not members and group != OVERALL:
            notes.append(f"{group or '(no tier)'}: no problem has samples")
            continue
        scores = pass_at_k({task_id: counts[task_id] for task_id in ids if task_id in counts}, ks)
        part["pass_at_k"][group] = {str(k): estimate.to_json() for k, estimate in scores.estimates.items()}
        verdicts = Counter(verdict for result in members if (verdict := verdict_of(result)) is not None)
        part["categories"][group] = categories(verdicts)
        part["verdicts"][group] = {str(verdict): verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
        part["exceptions"][group] = _exceptions(members) if verdict_of is _verdict else {}
        if group == OVERALL:  # the notes of the tiers would repeat these
            notes += [*scores.not_computed.values(), *scores.notes]
        if any(e.method == BOOTSTRAP and e.n_problems < FEW_PROBLEMS for e in scores.estimates.values()):
            few.append(group or "(no tier)")
    if few:
        notes.append(f"too few problems for a reliable interval: {', '.join(few)}")
    if verdict_of is not _verdict:  # the exception of a result is that of its verdict over all tests
        del part["exceptions"]
    return part, notes


def categories(verdicts: Mapping[Verdict, int]) -> dict[str, int]:
    """Count the paper's categories. A timeout is a ``runtime_error`` too; ``harness_error`` only if one occurred."""
    counts = dict.fromkeys(("passed", "failure", "runtime_error", "timeout", "compile_error"), 0)
    for verdict, number in verdicts.items():
        category = CATEGORIES[verdict]
        counts[category] = counts.get(category, 0) + number
    counts["timeout"] = verdicts.get(Verdict.TIMEOUT, 0)
    return counts


def _exceptions(results: Sequence[SampleResult]) -> dict[str, dict[str, int]]:
    """Count exceptions and signals by type, for runtime errors and for compile errors, commonest first."""
    found: dict[str, dict[str, int]] = {}
    for verdict in NAMED_BY_EXCEPTION:
        types = Counter(result.exception for result in results if result.exception and result.verdict is verdict)
        found[str(verdict)] = dict(sorted(types.items(), key=lambda item: (-item[1], item[0])))
    return found


# ---- notes


def _notes(tiers: Mapping[str, str], results: Sequence[SampleResult], missing: Sequence[str]) -> Iterator[str]:
    if missing:
        have = len(tiers) - len(missing)
        yield (f"pass@k is over the {have:,} of {len(tiers):,} problems that have samples; without: {named(missing)}")
    faults = sum(result.verdict is Verdict.HARNESS_ERROR for result in results)
    if faults:
        yield f"{_many(faults, 'sample')} could not be judged (harness_error): not part of pass@k"
    again = [result for result in results if result.reruns]
    if again:
        still = sum(result.verdict is Verdict.TIMEOUT for result in again)
        yield (
            f"{_many(len(again), 'sample')} ran again alone, since the machine may have caused the first verdict "
            f"(busy, or short of a shared resource): {still:,} timed out"
        )
    twice = sum(result.unsure for result in again)
    if twice:
        yield f"{_many(twice, 'sample')} timed out on a busy machine both times: the same command runs them again"
    left = sum(result.unsure for result in results) - twice
    if left:
        yield (
            f"{_many(left, 'sample')} timed out on a busy machine and did not run again, since so many did: the same "
            "command runs them again"
        )


def named(ids: Iterable[str]) -> str:
    """List the first few ids and the number of the others."""
    ids = list(ids)
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# ---- the commonest errors


@dataclass(frozen=True, slots=True)
class CommonError:
    """One kind of error with an example."""

    error: str
    """The exception's type or the signal; without one, the verdict: ``timeout``, ``wrong_answer``, ..."""
    category: str
    count: int
    share: float
    """Share of the samples that did not pass."""
    n_problems: int
    task_id: str
    """The example's problem."""
    sample: int
    detail: str
    """The commonest message."""

    def to_json(self) -> dict[str, Any]:
        """Return the object in ``errors --json``."""
        row = asdict(self)
        example = {name: row.pop(name) for name in ("task_id", "sample", "detail")}
        return {**row, "example": example}


def common_errors(results: Iterable[SampleResult], top: int | None = 10) -> list[CommonError]:
    """Return the ``top`` commonest errors, the commonest first; all if ``top`` is None.

    The example is the first sample, in the order given, with the commonest message; messages that differ only in
    numbers (a line, an index) count as one.
    """
    failed = [result for result in last_results(results) if result.verdict is not Verdict.PASSED]
    kinds: dict[tuple[str, str], list[SampleResult]] = {}
    for result in failed:
        kinds.setdefault((_error_name(result), result.category), []).append(result)
    ranked = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_common_error(*kind, members, len(failed)) for kind, members in ranked[:top]]


def _error_name(result: SampleResult) -> str:
    named_by_exception = result.exception and result.verdict in NAMED_BY_EXCEPTION
    return result.exception if named_by_exception else str(result.verdict)


def _common_error(error: str, category: str, members: Sequence[SampleResult], n_failed: int) -> CommonError:
    messages = Counter(_shape(result.detail) for result in members)
    most = max(messages.values())
    example = next(result for result in members if messages[_shape(result.detail)] == most)
    problems = {result.task_id for result in members}
    return CommonError(
        error, category, len(members), len(members) / n_failed, len(problems),
        example.task_id, example.sample, example.detail,
    )  # fmt: skip


def _shape(detail: str) -> str:
    return re.sub(r"\d+", "0", detail)
