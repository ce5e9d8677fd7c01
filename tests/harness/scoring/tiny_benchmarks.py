"""Benchmarks of two or three invented problems, in their original formats."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def write_lines(path: Path, rows: Iterable[Any]) -> Path:
    """Write a JSON-lines file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def humaneval_row(number: int, name: str, body: str, *assertions: str) -> Row:
    """Return one line of HumanEval's file."""
    return {
        "task_id": f"HumanEval/{number}",
        "prompt": f'def {name}(x):\n    """Invented."""\n',
        "entry_point": name,
        "canonical_solution": f"    {body}\n",
        "test": "def check(candidate):\n" + "".join(f"    assert {line}\n" for line in assertions),
    }


HUMANEVAL = (
    humaneval_row(0, "double", "return 2 * x", "candidate(2) == 4", "candidate(-1) == -2"),
    humaneval_row(1, "halve", "return x / 2", "candidate(3) == 1.5"),
    humaneval_row(7, "negate", "return -x", "candidate(3) == -3"),
)


def plus_row(task_id: str, name: str, reference: str, base: Any, plus: Any, atol: float = 0, **more: Any) -> Row:
    """Return one line of EvalPlus's files: ``reference`` is a whole program, the prompt a comment."""
    return {
        "task_id": task_id,
        "prompt": '"""\nInvented.\nassert True\n"""\n',
        "entry_point": name,
        "canonical_solution": reference,
        "base_input": base,
        "plus_input": plus,
        "atol": atol,
        **more,
    }


def mbpp_row(number: int, name: str = "f", code: str | None = None, **more: Any) -> Row:
    """Return one line of mbpp.jsonl, with the line ends of some of its fields."""
    return {
        "task_id": number,
        "text": f"Write a function {name}\r\nthat adds one.",
        "code": code or f"def {name}(x):\r\n  return x + 1",
        "test_list": [f"assert {name}(1) == 2", f"assert {name}(-1) == 0"],
        "test_setup_code": "",
        **more,
    }


def sanitized_row(number: int, **more: Any) -> Row:
    """Return one object of sanitized-mbpp.json."""
    row = mbpp_row(number)
    del row["text"], row["test_setup_code"]
    return {**row, "prompt": "Write a function f that adds one.", "test_imports": ["import math"], **more}
