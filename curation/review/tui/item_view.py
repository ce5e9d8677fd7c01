"""The current view of an item: its test, answer and solution, and how the keys change them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from curation.records import VerifiedProblem
from curation.review.queue import Item
from curation.review.solution_answers import (
    RerunResult,
    SolutionAnswer,
    answers_on,
    disputed_tests,
    suggested_test,
    vote_on,
)


class Tab(IntEnum):
    """The tabs of an item."""

    DIFF = 0
    STATEMENT = 1
    SOLUTIONS = 2
    TESTS = 3
    HISTORY = 4

    @property
    def label(self) -> str:
        """The name that is shown."""
        return self.name.capitalize()


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with the selected test, answer and solution."""

    item: Item
    test: int = 0
    answer_index: int = 0
    solution: int = 0
    whitespace: bool = False
    reruns: dict[int, RerunResult] | None = None
    """The results of running the solutions again on this test; None if they have not run again."""

    @property
    def problem(self) -> VerifiedProblem:
        """The problem of the item."""
        return self.item.problem

    def answers(self) -> tuple[SolutionAnswer, ...]:
        """Return the answers of the solutions to the test."""
        return answers_on(self.problem, self.test, self.reruns)

    def selected_answer(self) -> SolutionAnswer | None:
        """Return the answer to compare with the expected output; None if there is none."""
        answers = self.answers()
        return answers[self.answer_index % len(answers)] if answers else None

    def failing(self) -> tuple[int, ...]:
        """Return the tests that ``n`` and ``N`` step through."""
        return disputed_tests(self.problem)

    def step_test(self, step: int) -> ItemView:
        """Return the view of the next or previous failing test; reruns are of one test, and are dropped."""
        tests = self.failing()
        if not tests:
            return self
        place = tests.index(self.test) + step if self.test in tests else 0
        return replace(self, test=tests[place % len(tests)], answer_index=0, reruns=None)

    def step_answer(self, step: int) -> ItemView:
        """Return the view of the next or previous answer, with its first solution."""
        view = replace(self, answer_index=(self.answer_index + step) % max(len(self.answers()), 1))
        selected = view.selected_answer()
        return replace(view, solution=selected.solutions[0]) if selected else view

    def step_solution(self, step: int) -> ItemView:
        """Return the view of the next or previous solution."""
        return replace(self, solution=(self.solution + step) % max(len(self.problem.solutions), 1))


def first_view(item: Item) -> ItemView:
    """Return the first view: the test that the suggestion names, and the answer of most solutions."""
    test = suggested_test(item.problem)
    vote = vote_on(item.problem, test)
    return ItemView(item, test=test, solution=vote.options[0].solutions[0] if vote else 0)
