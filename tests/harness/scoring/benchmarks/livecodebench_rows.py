"""Invented problems in LiveCodeBench's format."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from pathlib import Path
from typing import Any


def cases(*pairs: tuple[str, str], kind: str = "stdin") -> list[dict[str, str]]:
    return [{"input": given, "output": wanted, "testtype": kind} for given, wanted in pairs]


def packed(tests: object, protocol: int | None = None) -> str:
    """Encode private tests in LiveCodeBench's format."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests), protocol=protocol))).decode()


def row(question_id: str = "double", **fields: Any) -> dict[str, Any]:
    """Return a standard-input problem: print twice the number."""
    return {
        "question_title": "Double",
        "question_content": "Print twice the number that is given.",
        "platform": "atcoder",
        "question_id": question_id,
        "contest_id": "abc1",
        "contest_date": "2024-08-03T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": json.dumps(cases(("2\n", "4\n"))),
        "private_test_cases": packed(cases(("5\n", "10\n"), ("-1\n", "-2\n"))),
        "metadata": "{}",
    } | fields


def half(**fields: Any) -> dict[str, Any]:
    """Return a call-based problem like LeetCode's: halve every number."""
    tests = cases(("[2, 4]\n1", "[1.0, 2.0]"), kind="functional")
    more = cases(("[1]\n0", "[0.5]"), kind="functional")
    return row("half") | {
        "platform": "leetcode",
        "contest_date": "2025-01-11T18:30:00",
        "starter_code": "class Solution:\n    def half(self, numbers: List[int], k: int) -> List[float]:\n        ",
        "difficulty": "hard",
        "public_test_cases": json.dumps(tests),
        "private_test_cases": packed(more),
        "metadata": json.dumps({"func_name": "half"}),
    } | fields  # fmt: skip


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path
