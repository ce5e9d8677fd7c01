"""Read the decisions that ship, and their checkers."""

from __future__ import annotations

from pathlib import Path

from curation.review_decisions import Decision, read_decisions

SHIPPED = Path(__file__).parent / "apps"
"""The folder of the reviewers' files."""
CHECKERS = SHIPPED / "checkers"
"""Python files with ``check(input, expected, actual)``; decisions hold the same source."""


def read_shipped_decisions() -> list[Decision]:
    """Return the decisions on the problems of APPS, oldest first."""
    return read_decisions(SHIPPED)
