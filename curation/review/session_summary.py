"""Sum up a reviewer's session: what was decided, the time an item took, what is left, and the next command."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from apps_plus.durations import duration
from curation.review_decisions import Action


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The result of one session, or of one decision on the command line."""

    reviewer: str
    folder: Path
    """The folder of the build."""
    actions: Mapping[str, int]
    """Number of items by the action that was decided in this session."""
    seconds: tuple[float, ...]
    """The time that each of these items was on the screen."""
    left: int
    """Items that still need this reviewer's decision."""
    disputed: int = 0
    """Items on which reviewers disagree, or for which a second one was asked."""

    @property
    def is_finished(self) -> bool:
        """True if nothing is left for this reviewer."""
        return self.left == 0

    def lines(self) -> Iterator[str]:
        """Yield the summary, and the next command, line by line."""
        decided = sum(self.actions.values())
        each = ", ".join(f"{count} {action}" for action, count in sorted(self.actions.items()))
        took = f"; {duration(median(self.seconds))} an item (median)" if self.seconds else ""
        yield f"{self.reviewer}: {decided} decided in this session{f' ({each})' if each else ''}{took}"
        yield from self.next_lines()

    def next_lines(self) -> Iterator[str]:
        """Yield what is left and the next command."""
        if self.disputed:
            yield (f"{self.disputed} flagged or in disagreement: apps-plus review list {self.folder} shows their state")
        if self.left:
            command = f"apps-plus review {self.folder} --reviewer {shlex.quote(self.reviewer)}"
            rest = f", about {duration(median(self.seconds) * self.left)}" if self.seconds else ""
            yield f"{self.left} left{rest}: {command} goes on"
        else:
            yield f"nothing is left to decide: apps-plus build RAW --out {self.folder} applies the decisions"
            yield f"to share them: apps-plus review export {self.folder} DECISIONS"


def summarize_session(
    reviewer: str, folder: Path, made: Sequence[tuple[Action, float | None]], left: int, disputed: int = 0
) -> SessionSummary:
    """Return the summary of the decisions made: their actions, and seconds where known."""
    seconds = tuple(seconds for _, seconds in made if seconds is not None)
    return SessionSummary(reviewer, folder, Counter(str(action) for action, _ in made), seconds, left, disputed)
