"""Checkers that judge many answers in few processes."""

from __future__ import annotations

from curation.mutation.run_checker import MOST_QUESTIONS, run_checker

IS_EVEN = "def check(given, expected, actual):\n    return actual % 2 == 0\n"


class CountingSandbox:
    """Counts the processes that a sandbox is asked for."""

    def __init__(self, sandbox):
        self.sandbox, self.processes = sandbox, 0

    def execute(self, *arguments, **named):
        self.processes += 1
        return self.sandbox.execute(*arguments, **named)


def test_each_answer_is_judged_in_order_and_few_processes_judge_all(sandbox):
    counting = CountingSandbox(sandbox)
    answers = range(2 * MOST_QUESTIONS + 1)
    executions = run_checker(counting, IS_EVEN, [["", 0, answer] for answer in answers])
    assert [e.result for e in executions] == ["false" if answer % 2 else "true" for answer in answers]
    assert counting.processes == 3


def test_without_answers_nothing_runs(sandbox):
    counting = CountingSandbox(sandbox)
    assert run_checker(counting, IS_EVEN, []) == []
    assert counting.processes == 0


def test_an_answer_that_the_checker_fails_on_leaves_the_others_alone(sandbox):
    executions = run_checker(sandbox, IS_EVEN, [["", 0, 2], ["", 0, "text"], ["", 0, 4]])
    assert [e.result for e in executions] == ["true", None, "true"]
