"""The messages that the screens post to the app."""

from __future__ import annotations

from textual.message import Message

from curation.review_decisions import Action, Changes


class OpenItem(Message):
    """Open an item."""

    def __init__(self, problem_id: str) -> None:
        self.problem_id = problem_id
        super().__init__()


class CloseItem(Message):
    """Go back to the queue."""


class OpenFix(Message):
    """Open the screen that changes an item and tries the changes."""

    def __init__(self, problem_id: str, test: int, begin: str = "", answer: str | None = None) -> None:
        self.problem_id, self.test = problem_id, test
        self.begin = begin
        """The dialog to open at once: ``edit``, ``comparison`` or ``canonical``; empty for none."""
        self.answer = answer
        """The answer that was shown beside the expected output."""
        super().__init__()


class Decide(Message):
    """Write a decision, then open the next item."""

    def __init__(
        self, problem_id: str, action: Action, reason: str = "", changes: Changes | None = None, force: bool = False
    ) -> None:
        self.problem_id, self.action, self.reason, self.changes = problem_id, action, reason, changes
        self.force = force
        """Write it even if no build can apply it."""
        super().__init__()
