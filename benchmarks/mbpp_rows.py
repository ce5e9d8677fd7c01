"""Write MBPP, and the bundled sample, as rows of raw APPS, so that `apps-plus build` makes one dataset of both.

    python -m benchmarks.mbpp_rows mbpp.jsonl --out rows.jsonl

MBPP (Austin et al. 2021, arXiv 2108.07732) tests a function by assertions. A problem becomes a call-based one where
each of its assertions is ``f(constants) == constant`` for one function, and JSON can hold the constants (tuples become
lists, as in APPS); the others are left out and counted. The question does not name the function: the starter code has
its header, as APPS's does.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.raw import open_raw

FIRST_NUMBER = 10_000
"""Added to MBPP's numbers, so that they differ from those of the sample."""


def call_and_answer(assertion: str) -> tuple[str, list[Any], Any] | None:
    """Return the function's name, the arguments and the answer of ``assert f(...) == ...``; None for another form."""
    try:
        [statement] = ast.parse(assertion).body
    except (SyntaxError, ValueError):
        return None
    match statement:
        case ast.Assert(
            test=ast.Compare(
                left=ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]), ops=[ast.Eq()], comparators=[answer]
            )
        ):
            try:
                values = [ast.literal_eval(node) for node in [*arguments, answer]]
            except (ValueError, TypeError):
                return None
            return (name, values[:-1], values[-1]) if all(map(_is_json, values)) else None
    return None


def _is_json(value: object) -> bool:
    """Tell whether JSON holds a value, but for tuples."""
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
    return value is None or isinstance(value, str | int | float)


def to_row(problem: dict[str, Any]) -> dict[str, Any] | None:
    """Return a problem of MBPP as a row of raw APPS; None if its tests are not all calls of one function."""
    code = problem["code"].replace("\r\n", "\n")
    cases = [call_and_answer(text) for text in [*problem["test_list"], *problem["challenge_test_list"]]]
    if problem["test_setup_code"] or not cases or None in cases:
        return None
    calls = [case for case in cases if case is not None]
    names = {name for name, _, _ in calls}
    header = _header(code, next(iter(names)))
    if len(names) > 1 or header is None:
        return None
    return {
        "problem_id": FIRST_NUMBER + problem["task_id"],
        "split": "train",
        "question": problem["text"],
        "solutions": json.dumps([code]),
        "input_output": json.dumps(
            {
                "fn_name": next(iter(names)),
                "inputs": [arguments for _, arguments, _ in calls],
                "outputs": [[answer] for _, _, answer in calls],
            }
        ),
        "difficulty": "introductory",
        "url": "",
        "starter_code": header,
    }


def _header(code: str, name: str) -> str | None:
    """Return ``def name(parameters):`` of the program's function; None if there is none or it is not that simple."""
    try:
        functions = [one for one in ast.parse(code).body if isinstance(one, ast.FunctionDef) and one.name == name]
    except (SyntaxError, ValueError):
        return None
    return f"def {name}({ast.unparse(functions[-1].args)}):" if functions else None


def read_mbpp(path: Path) -> list[dict[str, Any]]:
    """Read ``mbpp.jsonl``. Raises InputError."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON lines ({error}): give MBPP's mbpp.jsonl") from error
    needed = {"task_id", "text", "code", "test_list", "test_setup_code", "challenge_test_list"}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or (missing := needed - row.keys()):
            lacks = ", ".join(sorted(missing)) if isinstance(row, dict) else "everything"
            raise InputError(f"{path}:{number}: lacks {lacks}: give MBPP's mbpp.jsonl, not sanitized-mbpp.json")
    return rows


def sample_rows() -> Iterator[dict[str, Any]]:
    """Yield the problems of the bundled sample."""
    for problem in open_raw(None):
        yield {name: value for name, value in asdict(problem).items() if name != "defects"}


def write_rows(mbpp: Path, out: Path) -> str:
    """Write the rows; return a line that says how many. Raises InputError."""
    problems = read_mbpp(mbpp)
    rows = [row for row in map(to_row, problems) if row is not None]
    sample = list(sample_rows())
    out.write_text("".join(json.dumps(row) + "\n" for row in [*sample, *rows]), encoding="utf-8")
    return f"{out}: {len(rows)} of {len(problems)} problems of MBPP, and {len(sample)} of the sample"


def main() -> None:
    """Write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mbpp", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        print(write_rows(arguments.mbpp, arguments.out))
    except InputError as error:
        raise SystemExit(f"mbpp_rows: {error}") from None


if __name__ == "__main__":
    main()
