"""Check that a judge is refused before it is measured if it is unsound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.contenders import fault_of
from benchmarks.stdio_problems import WRONG_PROGRAM


def judge(verdict: Callable[[Any, int], bool]) -> Callable[[Sequence[Any]], list[bool]]:
    """Make a judge that is told how often it has seen a task's program before."""
    seen: dict[str, int] = {}

    def judge_all(tasks: Sequence[Any]) -> list[bool]:
        verdicts = []
        for task in tasks:
            verdicts.append(verdict(task, seen.get(task.source, 0)))
            seen[task.source] = seen.get(task.source, 0) + 1
        return verdicts

    return judge_all


def test_a_sound_judge_has_no_fault() -> None:
    assert fault_of(judge(lambda task, _: task.source != WRONG_PROGRAM), "stdio-few") == ""


def test_a_correct_program_may_be_rejected_once() -> None:
    assert fault_of(judge(lambda task, seen: task.source != WRONG_PROGRAM and seen > 0), "stdio-few") == ""


def test_a_judge_that_rejects_correct_programs_is_broken() -> None:
    assert "rejects 12 of 12 correct programs" in fault_of(judge(lambda *_: False), "stdio-few")


def test_a_judge_that_accepts_wrong_programs_is_broken() -> None:
    assert "accepts 12 of 12 wrong programs" in fault_of(judge(lambda *_: True), "stdio-few")
