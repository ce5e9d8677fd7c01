"""Builders of small raw data that tests of several packages share."""

from __future__ import annotations

import json
from pathlib import Path

from harness.sandbox.execution import Limits

LIMITS = Limits(cpu_seconds=1.0, wall_seconds=30.0)


def write_raw(folder: Path, problems: dict[str, dict]) -> Path:
    """Write raw problems in APPS's official layout. A problem is its files by name; JSON values are encoded."""
    for name, files in problems.items():
        target = folder / "train" / name
        target.mkdir(parents=True)
        for file, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (target / file).write_text(text, encoding="utf-8")
    return folder


def doubling(number: int, **changes) -> dict:
    """A sound call-based problem, the same each time but for its number."""
    return {
        "question.txt": f"Return the number doubled, plus {number}. Problem {number} of many.",
        "input_output.json": {
            "fn_name": "f",
            "inputs": [[1], [5], [-2]],
            "outputs": [[2 + number], [10 + number], [number - 4]],
        },
        "solutions.json": [
            f"def f(x):\n    return 2 * x + {number}\n",
            f"def f(x):\n    if x:\n        x += x\n    return x + {number}\n",
        ],
        "metadata.json": {"difficulty": "introductory", "url": "https://example.org"},
    } | changes
