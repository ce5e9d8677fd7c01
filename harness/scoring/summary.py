"""What ``evaluate --json`` says: many results become pass@k, error categories and plain remarks. Pure functions.

How things are counted:

- A ``harness_error`` is a fault of ours, never the program's: it is no sample in pass@k (neither in n nor in c) and has
  a category of its own. A problem that has no other samples counts as missing.
- ``runtime_error`` is the paper's category (StepCoder, figure 4): it holds the timeouts and the other limits.
  ``timeout`` says how many of those were timeouts. All categories but ``timeout`` add up to the number of samples.
- Where one sample of one problem has several results, the last one counts.
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
from harness.scoring.benchmarks.benchmark import SampleResult
from harness.scoring.pass_at_k import BOOTSTRAP, pass_at_k

OVERALL = "overall"
NAMED = 5
"""Problems that a remark names one by one."""
FEW_PROBLEMS = 10
"""In simulations, bootstrap intervals over fewer problems hold the truth clearly less often than they claim."""

NAMED_BY_EXCEPTION = (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR)
"""Verdicts that an exception's type tells more of; every other one is named by itself."""

VerdictOf = Callable[[SampleResult], Verdict | None]


def summarise(
    task: str, tiers: Mapping[str, str], results: Sequence[SampleResult], ks: Iterable[int] = (1,)
) -> dict[str, Any]:
    """Everything that the results of one benchmark say.

    Args:
        task: Name of the benchmark.
        tiers: The tier of every problem of the benchmark, in its order.
        results: One for each sample, in any order.
        ks: Which pass@k.

    Raises:
        InputError: A ``k`` below 1.
    """
    ks = sorted(set(ks))
    known, remarks = _known(tiers, results)
    counts = _counts(tiers, known, _verdict)
    missing = [task_id for task_id in tiers if task_id not in counts]
    part, notes = _part(tiers, known, ks, _verdict)
    remarks += [*_remarks(tiers, known, missing), *notes]
    summary: dict[str, Any] = {
        "task": task,
        "n_problems": len(counts),
        "n_samples": len(known),
        "n_benchmark_problems": len(tiers),
        **part,
    }
    if any(result.base for result in known):
        summary["base"], notes = _part(tiers, known, ks, _base)
        remarks += [f"base tests alone: {note}" for note in notes if note not in remarks]
    return summary | {
        "problems_missing": {"count": len(missing), "ids": missing},
        "reruns": sum(result.reruns for result in known),
        "processor_seconds": sum(result.seconds for result in known),
        "remarks": remarks,
    }


def _verdict(result: SampleResult) -> Verdict | None:
    return result.verdict


def _base(result: SampleResult) -> Verdict | None:
    return result.base


# ---- which results count


def last_results(results: Iterable[SampleResult]) -> list[SampleResult]:
    """One result for each sample of each problem: the last, where there are several."""
    return list({(result.task_id, result.sample): result for result in results}.values())


def sample_counts(results: Iterable[SampleResult], verdict_of: VerdictOf = _verdict) -> dict[str, tuple[int, int]]:
    """For each problem: how many samples were judged, how many of them passed."""
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
    """The results that count, in the benchmark's order, and what was left out."""
    last = last_results(results)
    place = {task_id: number for number, task_id in enumerate(tiers)}
    known = sorted((r for r in last if r.task_id in place), key=lambda r: (place[r.task_id], r.sample))
    remarks = []
    if len(last) < len(results):
        remarks.append(f"{_many(len(results) - len(last), 'result')} left out: their samples have a later result")
    unknown = dict.fromkeys(result.task_id for result in last if result.task_id not in place)
    if unknown:
        samples = _many(len(last) - len(known), "sample")
        remarks.append(f"{samples} left out: the benchmark has no problem {named(unknown)}")
    return known, remarks


def groups(tiers: Mapping[str, str]) -> dict[str, list[str]]:
    """The problems of each group: ``overall``, known tiers, easiest first, others; no tiers where none has a name."""
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
    """pass@k, categories, verdicts and exceptions by group, and remarks on the numbers."""
    counts = sample_counts(results, verdict_of)
    part: dict[str, Any] = {"pass_at_k": {}, "categories": {}, "verdicts": {}, "exceptions": {}}
    remarks: list[str] = []
    few: list[str] = []
    by_problem: dict[str, list[SampleResult]] = {}
    for result in results:
        by_problem.setdefault(result.task_id, []).append(result)
    for group, ids in groups(tiers).items():
        members = [result for task_id in ids for result in by_problem.get(task_id, ())]
        if not members and group != OVERALL:
            remarks.append(f"{group or '(no tier)'}: no problem has samples")
            continue
        scores = pass_at_k({task_id: counts[task_id] for task_id in ids if task_id in counts}, ks)
        part["pass_at_k"][group] = {str(k): estimate.to_json() for k, estimate in scores.estimates.items()}
        verdicts = Counter(verdict for result in members if (verdict := verdict_of(result)) is not None)
        part["categories"][group] = categories(verdicts)
        part["verdicts"][group] = {str(verdict): verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
        part["exceptions"][group] = _exceptions(members) if verdict_of is _verdict else {}
        if group == OVERALL:  # what a tier lacks, overall lacks too: it is said once
            remarks += [*scores.not_computed.values(), *scores.remarks]
        if any(e.method == BOOTSTRAP and e.n_problems < FEW_PROBLEMS for e in scores.estimates.values()):
            few.append(group or "(no tier)")
    if few:
        remarks.append(f"too few problems for the interval to be relied on: {', '.join(few)}")
    if verdict_of is not _verdict:  # the exception of a result is that of its verdict over all tests
        del part["exceptions"]
    return part, remarks


def categories(verdicts: Mapping[Verdict, int]) -> dict[str, int]:
    """The paper's categories. A timeout is a ``runtime_error`` too; no ``harness_error`` where none occurred."""
    counts = dict.fromkeys(("passed", "failure", "runtime_error", "timeout", "compile_error"), 0)
    for verdict, number in verdicts.items():
        category = CATEGORIES[verdict]
        counts[category] = counts.get(category, 0) + number
    counts["timeout"] = verdicts.get(Verdict.TIMEOUT, 0)
    return counts


def _exceptions(results: Sequence[SampleResult]) -> dict[str, dict[str, int]]:
    """Types of exceptions (and signals) of programs that died, and of those that do not compile; commonest first."""
    found: dict[str, dict[str, int]] = {}
    for verdict in NAMED_BY_EXCEPTION:
        types = Counter(result.exception for result in results if result.exception and result.verdict is verdict)
        found[str(verdict)] = dict(sorted(types.items(), key=lambda item: (-item[1], item[0])))
    return found


# ---- remarks


def _remarks(tiers: Mapping[str, str], results: Sequence[SampleResult], missing: Sequence[str]) -> Iterator[str]:
    if missing:
        have = len(tiers) - len(missing)
        yield (f"pass@k is over the {have:,} of {len(tiers):,} problems that have samples; without: {named(missing)}")
    faults = sum(result.verdict is Verdict.HARNESS_ERROR for result in results)
    if faults:
        yield f"{_many(faults, 'sample')} could not be judged (harness_error, a fault of ours): not part of pass@k"
    again = [result for result in results if result.reruns]
    if again:
        still = sum(result.verdict is Verdict.TIMEOUT for result in again)
        yield (
            f"{_many(len(again), 'sample')} ran again alone, since the machine may have been to blame the first time "
            f"(busy, or short of what all share): {still:,} timed out"
        )


def named(ids: Iterable[str]) -> str:
    """The first few ids, and how many more there are."""
    ids = list(ids)
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# ---- the commonest errors


@dataclass(frozen=True, slots=True)
class CommonError:
    """One way in which samples fail, with an example."""

    error: str
    """The exception's type or the signal, or the verdict where there was none: ``timeout``, ``wrong_answer``, ..."""
    category: str
    count: int
    share: float
    """Of the samples that did not pass."""
    n_problems: int
    task_id: str
    """The example's problem."""
    sample: int
    detail: str
    """The example's message: the commonest one."""

    def to_json(self) -> dict[str, Any]:
        """As ``errors --json`` has it."""
        row = asdict(self)
        example = {name: row.pop(name) for name in ("task_id", "sample", "detail")}
        return {**row, "example": example}


def common_errors(results: Iterable[SampleResult], top: int | None = 10) -> list[CommonError]:
    """Why samples did not pass, the commonest first; all reasons where ``top`` is None.

    The example is the first sample, in the order given, with the commonest message; messages that differ in numbers
    only (a line, an index) are the same one.
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
