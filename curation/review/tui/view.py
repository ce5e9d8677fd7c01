"""What a reviewer looks at, and where the keys that go to the next of something lead. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from curation.records import VerifiedProblem
from curation.review.queue import Item
from curation.review.solution_answers import Reply, Voice, disputed_tests, suggested_test, voices_on, vote_on


class Tab(IntEnum):
    """The tabs of an item."""

    DIFF = 0
    STATEMENT = 1
    SOLUTIONS = 2
    TESTS = 3
    HISTORY = 4

    @property
    def label(self) -> str:
        """Its name."""
        return self.name.capitalize()


@dataclass(frozen=True, slots=True)
class View:
    """What a reviewer looks at: an item, one of its tests, one of the answers, one of its solutions."""

    item: Item
    test: int = 0
    voice: int = 0
    solution: int = 0
    whitespace: bool = False
    replies: dict[int, Reply] | None = None
    """What the solutions did on the test when they ran again, where they did."""

    @property
    def problem(self) -> VerifiedProblem:
        """The item's problem."""
        return self.item.problem

    def voices(self) -> tuple[Voice, ...]:
        """What the solutions say on the test."""
        return voices_on(self.problem, self.test, self.replies)

    def heard(self) -> Voice | None:
        """The answer that is compared with the expected output."""
        voices = self.voices()
        return voices[self.voice % len(voices)] if voices else None

    def failing(self) -> tuple[int, ...]:
        """The tests that ``n`` and ``N`` go through."""
        return disputed_tests(self.problem)

    def step_test(self, step: int) -> View:
        """The next failing test, or the one before; the replies on another test are forgotten."""
        tests = self.failing()
        if not tests:
            return self
        place = tests.index(self.test) + step if self.test in tests else 0
        return replace(self, test=tests[place % len(tests)], voice=0, replies=None)

    def step_voice(self, step: int) -> View:
        """The next answer, or the one before, and the first of its solutions."""
        view = replace(self, voice=(self.voice + step) % max(len(self.voices()), 1))
        heard = view.heard()
        return replace(view, solution=heard.solutions[0]) if heard else view

    def step_solution(self, step: int) -> View:
        """The next solution, or the one before."""
        return replace(self, solution=(self.solution + step) % max(len(self.problem.solutions), 1))


def first_view(item: Item) -> View:
    """Where a reviewer begins: at the test that the suggestion names, with the answer that most solutions give."""
    test = suggested_test(item.problem)
    vote = vote_on(item.problem, test)
    return View(item, test=test, solution=vote.options[0].solutions[0] if vote else 0)
