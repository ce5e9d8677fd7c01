"""Record the verdicts of other projects' judges on the cases of ``benchmarks.judges`` in ``peers.json``.

    python -m benchmarks.judge_peers livecodebench    # nvidia-livecodebench from PyPI
    python -m benchmarks.judge_peers apps --peers ~/peers    # a checkout of hendrycks/apps in that folder
    python -m benchmarks.judge_peers verl             # verl from PyPI
    python -m benchmarks.judge_peers evalplus         # evalplus from PyPI

One peer a process, since some patch the interpreter. The packages may be installed without their dependencies: the
judges themselves need ``numpy``, ``tqdm`` and ``psutil`` only. Nothing of the peers is copied here.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import importlib.util
import io
import json
import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.judges import CASES, PEERS, Case, input_output, read_cases
from benchmarks.peer_environments import PeerMissingError
from benchmarks.peers import load, package_at, stand_in

TIMEOUT = 6
Tests = dict[str, Any]
"""The ``input_output`` of a problem: ``inputs``, ``outputs`` and, for a function, ``fn_name``."""
Accepts = Callable[[str, Tests], bool]
"""Returns whether a judge accepts a program on tests in the format of raw APPS."""


def livecodebench(_: Path | None) -> tuple[Accepts, str]:
    """Load ``evaluate_generations_by_problem``; arguments are lines of JSON, values are JSON and not wrapped."""
    folder = _installed("livecodebench")
    package_at("livecodebench", folder)
    package_at("livecodebench.evaluation", folder / "evaluation")
    evaluation = load("livecodebench.evaluation.compute_code_generation_metrics")

    def accepts(program: str, tests: Tests) -> bool:
        results, _ = evaluation.evaluate_generations_by_problem(
            ([program], {"input_output": json.dumps(as_lines(tests))}, False, TIMEOUT)
        )
        return _all_passed(results[0], tests)

    return accepts, f"nvidia-livecodebench {version('nvidia-livecodebench')} (`evaluate_generations_by_problem`)"


def apps(peers: Path | None) -> tuple[Accepts, str]:
    """Load ``check_correctness`` of ``test_one_solution.py``."""
    folder = checkout(peers, "apps", "eval")
    sys.path.insert(0, str(folder))
    stand_in("datasets", load_dataset=None)
    stand_in("pyext", RuntimeModule=_RuntimeModule)
    evaluation = load("test_one_solution")
    commit = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)

    def accepts(program: str, tests: Tests) -> bool:
        problem = {"input_output": copy.deepcopy(tests)}
        result = evaluation.check_correctness(problem, generation=program, timeout=TIMEOUT, debug=False)
        return _all_passed(result, tests)

    return accepts, f"hendrycks/apps at {commit.stdout[:7]} (`check_correctness`)"


class _RuntimeModule:
    """Replace the part of ``pyext`` that APPS uses, since ``pyext`` does not install on supported Pythons."""

    @staticmethod
    def from_string(name: str, docstring: str, source: str) -> types.ModuleType:
        space: dict[str, Any] = {}
        exec(source, space)
        module = sys.modules[name] = types.ModuleType(name, docstring)
        vars(module).update(space)
        return module


def verl(_: Path | None) -> tuple[Accepts, str]:
    """Load ``check_correctness`` of its ``prime_code``; tests are in LiveCodeBench's format."""
    folder = _installed("verl")
    for name in ("verl", "verl.utils", "verl.utils.reward_score"):
        package_at(name, folder.joinpath(*name.split(".")[1:]))
    judge = load("verl.utils.reward_score.prime_code.utils")

    def accepts(program: str, tests: Tests) -> bool:
        results, _ = judge.check_correctness(as_lines(tests), program, timeout=TIMEOUT, debug=False)
        return len(results) == len(tests["inputs"]) and all(result is True for result in results)

    return accepts, f"verl {version('verl')} (`prime_code`, `check_correctness` on all tests)"


def evalplus(_: Path | None) -> tuple[Accepts, str]:
    """Load ``untrusted_check``, which only calls functions; expected values are Python's, so keys may be integers."""
    package_at("evalplus", _installed("evalplus"))
    evaluation = load("evalplus.eval")

    def accepts(program: str, tests: Tests) -> bool:
        inputs, expected = ([_integer_keys(value) for value in tests[name]] for name in ("inputs", "outputs"))
        seconds = [0.1] * len(inputs)
        name = tests["fn_name"]
        state, _ = evaluation.untrusted_check("mbpp", program, inputs, name, expected, 0, seconds, fast_check=True)
        return bool(state == evaluation.PASS)

    return accepts, f"evalplus {version('evalplus')} (`untrusted_check`, functions only)"


def as_lines(tests: Tests) -> Tests:
    """Convert tests to LiveCodeBench's format: arguments are lines of JSON, and so is the value."""
    if "fn_name" not in tests:
        return copy.deepcopy(tests)
    inputs = ["\n".join(map(json.dumps, given)) for given in tests["inputs"]]
    return tests | {"inputs": inputs, "outputs": [json.dumps(expected) for expected in tests["outputs"]]}


def _integer_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_integer_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    whole = all(re.fullmatch("-?[0-9]+", key) for key in value)
    return {int(key) if whole else key: item for key, item in value.items()}


def _all_passed(results: Any, tests: Tests) -> bool:
    """Return whether a result of APPS is a pass: above zero; negative results are error codes."""
    return len(results) == len(tests["inputs"]) and all(bool(result > 0) for result in results)


def checkout(peers: Path | None, name: str, below: str = "") -> Path:
    """Return a folder of a peer's checkout. Raises PeerMissingError."""
    if peers is None:
        raise PeerMissingError("no --peers given")
    folder = peers.resolve() / name / below
    if not folder.is_dir():
        raise PeerMissingError(f"{folder} does not exist")
    return folder


def _installed(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


JUDGES: dict[str, tuple[Callable[[Path | None], tuple[Accepts, str]], tuple[str, ...]]] = {
    "livecodebench": (livecodebench, ("stdin", "call")),
    "apps": (apps, ("stdin", "call")),
    "verl": (verl, ("stdin", "call")),
    "evalplus": (evalplus, ("call",)),
}
"""The loader of each peer, and the kinds of cases that it judges."""


def verdicts(name: str, accepts: Accepts, kinds: tuple[str, ...]) -> Iterator[tuple[Case, str]]:
    """Return the verdict on each case."""
    for case in read_cases():
        if case.kind in kinds:
            wrappings = (True, False) if name == "apps" and case.kind == "call" else (False,)
            letters = []
            for wrapped in wrappings:
                with contextlib.redirect_stdout(io.StringIO()):
                    letters.append("A" if accepts(case.program, input_output(case, wrapped)) else "R")
            yield case, letters[0] if len(set(letters)) == 1 else "/".join(letters)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge_peers", description=__doc__.split("\n", 1)[0])
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--peers", type=Path, help="the folder of checkouts")
    arguments = parser.parse_args()
    make, kinds = JUDGES[arguments.name]
    sys.argv = ["judge"]  # programs look at it
    try:
        accepts, told = make(arguments.peers)
    except PeerMissingError as error:
        sys.exit(str(error))
    path = CASES / "peers.json"
    found = json.loads(path.read_text()) if path.exists() else {"versions": {}, "verdicts": {"stdin": {}, "call": {}}}
    python = ".".join(map(str, sys.version_info[:3]))
    found["versions"][arguments.name] = f"{told}, Python {python}"
    for case, letters in verdicts(arguments.name, accepts, kinds):
        found["verdicts"][case.kind].setdefault(case.name, {})[arguments.name] = letters
        print(f"{case.kind}: {case.name}: {letters}", file=sys.stderr)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
