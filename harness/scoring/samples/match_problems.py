"""Match samples with the problems that they answer.

Ids are spelled in many ways: ``HumanEval/0``, ``HumanEval_0``, ``humaneval-0``, ``python/HumanEval/0``, ``0``,
``0000``, ``mbpp_3_is_not_prime``. A spelling is accepted if only one problem fits. Files without ids have positions or
prompts: then the functions that the programs define, and the prompts, identify the problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.problem_names import Names, Problems, Prompts, defined_in, number_in, short_id
from harness.scoring.samples.sample import Sample

Find = Callable[[int], BenchmarkProblem | None]
"""Finds the problem of a number."""


FEW_POSITIONS, FEW_NUMBERS = 2, 3
"""Samples that must define the functions of other problems before their numbers are read as positions: with positions
only, and with ids that are numbers."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Samples with their problems."""

    known: list[tuple[BenchmarkProblem, Sample]]
    """In the order of the samples."""
    unknown: list[Sample]
    """Samples whose problem is not in the benchmark."""
    notes: tuple[str, ...] = ()
    """Notes on ids that are not the benchmark's own."""


def match_samples(benchmark: Benchmark, samples: Sequence[Sample]) -> Matched:
    """Match each sample with its problem.

    Raises:
        InputError: Positions alone identify the problems, and they cannot be of this benchmark.
    """
    names, prompts = Names(benchmark.problems), Prompts(benchmark.problems)
    found: list[BenchmarkProblem | None] = []
    weak: list[int] = []
    """Samples identified by a number only."""
    spelled: dict[str, str] = {}
    by_prompt = 0
    for number, sample in enumerate(samples):
        problem = names.strong(sample.task_id) if sample.task_id else None
        if problem is None and sample.prompt and _is_weak(sample):
            problem = prompts.find(sample.prompt)
            by_prompt += problem is not None
        elif problem is not None and problem.task_id.lower() != sample.task_id.lower():
            spelled.setdefault(sample.task_id, problem.task_id)
        if problem is None and _is_weak(sample):
            weak.append(number)
        found.append(problem)
    notes = []
    if spelled:
        theirs, ours = next(iter(spelled.items()))
        notes.append(f"{len(spelled):,} ids are spelled differently: {one_line(theirs, 60)} was read as {ours}")
    if by_prompt:
        notes.append(f"{by_prompt:,} samples: their problem was found by their prompt")
    if weak:
        find, numbering_notes = _numbering(benchmark, [samples[number] for number in weak], names)
        for number in weak:
            found[number] = find(_number(samples[number]))
        notes += numbering_notes
    pairs = list(zip(found, samples, strict=True))
    known = [(problem, sample) for problem, sample in pairs if problem is not None]
    return Matched(known, [sample for problem, sample in pairs if problem is None], tuple(notes))


def resolve_ids(
    benchmark: Benchmark, samples: Sequence[Sample]
) -> tuple[list[tuple[BenchmarkProblem, Sample]], list[Sample]]:
    """Return the samples with their problems, and those without; see ``match_samples``."""
    matched = match_samples(benchmark, samples)
    return matched.known, matched.unknown


class NamedTasks:
    """Container of the task ids that samples may name, in any spelling."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._names: set[str] = set()
        self._every = False
        for sample in samples:
            self._every = self._every or not sample.task_id
            self._names.add(short_id(sample.task_id))
            self._names.update(digits.lstrip("0") or "0" for digits in re.findall(r"\d+", sample.task_id))

    def __contains__(self, task_id: object) -> bool:
        return self._every or short_id(str(task_id)) in self._names


def repeated_samples(samples: Sequence[Sample]) -> list[str]:
    """Return a message for each line that has the task and sample id of an earlier line."""
    seen: dict[tuple[str, str], int] = {}
    messages: list[str] = []
    for sample in samples:
        if sample.sample_id and sample.task_id:
            first = seen.setdefault((sample.task_id, sample.sample_id), sample.line)
            if first != sample.line:
                what = f"sample {sample.sample_id} of {sample.task_id} (line {first})"
                messages.append(f"line {sample.line} repeats {what}")
    return messages


# ---- positions


def _numbering(benchmark: Benchmark, samples: Sequence[Sample], names: Names) -> tuple[Find, list[str]]:
    """Decide whether the numbers of samples are the problems' numbers or positions, by the functions they define.

    Raises:
        InputError: Positions cannot be of this benchmark.
    """
    by_position = all(sample.place is not None for sample in samples)
    orders = _orders(benchmark)
    votes = [_votes(order, samples, names) for order in orders]
    fitting = sum(bool(names.by_function(sample.text)) for sample in samples)
    first: Find = (lambda number: _at(orders[0], number)) if by_position else names.by_number
    own = sum(_agrees(first(_number(sample)), sample) for sample in samples)
    best = [(count, place, offset) for place, of in enumerate(votes) for offset, count in of.most_common(1)]
    count, place, offset = max(best, key=lambda one: one[0], default=(0, 0, 0))
    if by_position:
        _check_benchmark(benchmark, samples, max(own, count))
    if count > own and count * 2 > fitting and count >= (FEW_POSITIONS if by_position else FEW_NUMBERS):
        order = orders[place]
        meaning = f"their numbers were read as positions in {benchmark.name}, of which {-offset} is the first problem"
        notes = [f"{len(samples):,} samples: {meaning} (by the functions they define)"]
        return lambda number: _at(order, number + offset), notes
    if by_position:
        what = f"position i is the i-th problem of {benchmark.name}, from 0"
        return first, [f"{len(samples):,} samples have no ids: {what}"]
    meant = first(_number(samples[0]))
    if meant is None:
        return first, []
    return first, [f"ids are numbers only: {one_line(samples[0].task_id, 40)} was read as {meant.task_id}"]


def _orders(benchmark: Benchmark) -> list[Problems]:
    """Return the lists that a position may refer to: the benchmark in its own order, and each tier."""
    whole: Problems = benchmark.problems
    if benchmark.name.startswith("livecodebench"):  # its runner sorts them
        whole = sorted(whole, key=lambda problem: problem.task_id)
    tiers = list(dict.fromkeys(problem.tier for problem in whole))
    return [whole, *([p for p in whole if p.tier == tier] for tier in tiers if len(tiers) > 1)]


def _votes(order: Problems, samples: Sequence[Sample], names: Names) -> Counter[int]:
    """Count the offsets between the position of a sample's problem, found by its function, and the sample's number."""
    place = {problem.task_id: number for number, problem in enumerate(order)}
    votes: Counter[int] = Counter()
    for sample in samples:
        near = {place[p.task_id] - _number(sample) for p in names.by_function(sample.text) if p.task_id in place}
        votes.update(near)
    return votes


def _agrees(problem: BenchmarkProblem | None, sample: Sample) -> bool:
    return problem is not None and problem.entry_point in defined_in(sample.text)


def _at(order: Problems, number: int) -> BenchmarkProblem | None:
    return order[number] if 0 <= number < len(order) else None


def _check_benchmark(benchmark: Benchmark, samples: Sequence[Sample], fitting: int) -> None:
    """Raise InputError if the benchmark has too few problems, or the samples hardly ever define its functions."""
    last = max(_number(sample) for sample in samples) + 1
    if last > len(benchmark):
        raise InputError(
            f"the samples are identified by position only, with {last:,} positions, but {benchmark.name} has "
            f"{len(benchmark):,} problems ({benchmark.source}): check TASK, --data and --split"
        )
    defining = sum(bool(defined_in(sample.text)) for sample in samples)
    named = sum(problem.entry_point is not None for problem in benchmark.problems)
    if (
        defining >= FEW_NUMBERS
        and fitting * 10 < defining
        and defining * 2 > len(samples)
        and named * 10 > 9 * len(benchmark)
    ):
        raise InputError(
            f"the samples are identified by position only, and {fitting:,} of {defining:,} define the function of "
            f"{benchmark.name} at their position ({benchmark.source}): check TASK, --data and --split"
        )


def _is_weak(sample: Sample) -> bool:
    """Return whether a sample has no id but a number, a position or a prompt."""
    return not sample.task_id or number_in(sample.task_id) is not None


def _number(sample: Sample) -> int:
    if sample.place is not None:
        return sample.place
    number = number_in(sample.task_id)
    return -1 if number is None else number
