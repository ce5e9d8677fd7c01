"""Raw problems with the flaws that send them to review, invented for the tests of the review queue."""

from __future__ import annotations

from typing import Any

from raw_problems import doubling

TRIPLING = [
    "def f(x):\n    return 3 * x\n",
    "def f(x):\n    return x + x + x\n",
    "def f(x):\n    return x * 3\n",
    "def f(x: Optional[int]):\n    return x + 2 * x\n",  # repaired: its import is missing
    "def f(x):\n    return 3 * x + 0 * g\n",
    "def f(x):\n    return 3 * x\n",  # a copy
]


def tripling(number: int) -> dict[str, Any]:
    """Call-based; test 1 expects what no solution returns: 4 different ones agree on 15."""
    return doubling(number) | {
        "question.txt": f"Return the number tripled. Exercise {number} of the chapter on multiplying.",
        "input_output.json": {"fn_name": "f", "inputs": [[1], [5], [-2]], "outputs": [3, 16, -6]},
        "solutions.json": TRIPLING,
    }


def adding() -> dict[str, Any]:
    """Standard input; one solution prints what test 2 expects, four print another sum."""
    right = "a, b = map(int, input().split())\nprint(a + b)\n"
    solutions = [right + "#" * number for number in range(4)]
    solutions.append("a, b = map(int, input().split())\nprint(a + b if a < 100 else 1)\n")
    return {
        "question.txt": "Add the two numbers.\n\nThey are on one line; print their sum.",
        "input_output.json": {"inputs": ["1 2\n", "5 5\n", "100 2\n"], "outputs": ["3\n", "10\n", "1\n"]},
        "solutions.json": solutions,
        "metadata.json": {"difficulty": "interview", "url": "https://example.org"},
    }


def choosing() -> dict[str, Any]:
    """Standard input; the statement allows any divisor, and solutions choose as they like."""
    choices = ["print(1)", "print(int(input()))", "n = int(input())\nprint(n // 2)", "n = int(input())\nprint(n // 3)"]
    return {
        "question.txt": "Print a divisor of the even number n. If there are several answers, print any of them.",
        "input_output.json": {"inputs": ["12\n", "30\n"], "outputs": ["4\n", "5\n"]},
        "solutions.json": [f"{choice}\n" for choice in choices],
        "metadata.json": {"difficulty": "interview", "url": "https://example.org"},
    }


FLAWED = {
    "0000": doubling(0),
    "0001": tripling(1),
    "0002": adding(),
    "0003": choosing(),
    "0004": tripling(4),
    "0005": doubling(5, **{"solutions.json": ["def f(x):\n    return 0\n"]}),
}
"""0000 is sound, 0005 is dropped; the others wait for a person."""
QUEUE = ("train/0001", "train/0002", "train/0003", "train/0004")
ANY_DIVISOR = "def check(given, expected, actual):\n    return int(given) % int(actual) == 0\n"
"""A checker for ``choosing``."""
