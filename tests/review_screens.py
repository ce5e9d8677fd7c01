"""Shared by the tests of the review app: a build folder written by hand, and a driver that presses keys."""

from __future__ import annotations

import asyncio
import functools
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot

from apps_plus.problem import dump_json
from curation.pipeline.decide import Decided
from curation.pipeline.publish import review_item
from curation.records import Option, Outcome, SolutionResult, Suggestion, VerifiedProblem, Vote
from curation.review.queue import open_queue
from curation.review.session import Session
from curation.review.tui.app import ReviewApp
from curation.review_decisions import Action, Decision, append_decision, read_decisions
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.sandbox.execution import Limits

DOUBLE = "print(2 * int(input()))"
PRINTS_ZERO = "input()\nprint(0)"
FAILS = "raise ValueError('no')"


def item(problem_id: str, **changes: Any) -> VerifiedProblem:
    """A problem that doubles a number; its second test expects 5 for 4, and both good solutions print 8."""
    problem = VerifiedProblem(
        problem_id=problem_id,
        raw_split=problem_id.partition("/")[0],
        difficulty="introductory",
        url="",
        question="Print twice the number.\n\nFor example 4 gives 8.\n",
        starter_code="",
        tests=dump_json({"inputs": ["3\n", "4\n"], "outputs": ["6\n", "5\n"]}),
        solutions=(
            SolutionResult(0, "output_mismatch", "test 1: gave another output", failed_tests=(1,)),
            SolutionResult(1, "output_mismatch", "test 1: gave another output", failed_tests=(1,)),
            SolutionResult(2, "runtime_error", "test 0: ValueError: no", failed_tests=(0, 1), line=1),
        ),
        votes=(Vote(1, "5\n", 0, (Option("8", (0, 1)),), 2),),
        suggestion=Suggestion(
            "expected_output", "2/2 solutions agree on another output for test 1", {"1": "8"}, votes="2/2"
        ),
        sources={"0": DOUBLE, "1": "n = int(input())\nprint(n + n)", "2": FAILS},
    )
    return replace(problem, **changes)


def several_answers(problem_id: str, kind: str = "drop", **changes: Any) -> VerifiedProblem:
    """A problem with several right answers, one of which is expected; solution 0 gives it."""
    return item(
        problem_id,
        difficulty="interview",
        question="Print any even number. If there are multiple answers, print any of them.\n",
        tests=dump_json({"inputs": ["1\n"], "outputs": ["2\n"]}),
        solutions=(
            SolutionResult(0, "passed"),
            SolutionResult(1, "output_mismatch", "test 0: gave another output", failed_tests=(0,)),
        ),
        votes=(Vote(0, "2\n", 1, (Option("0", (1,)),), 2),),
        suggestion=Suggestion(kind, "the statement allows several answers", votes="1/2"),
        canonical=0,
        sources={"0": DOUBLE, "1": PRINTS_ZERO},
        **changes,
    )


def divisors(problem_id: str) -> VerifiedProblem:
    """A problem whose statement allows any order; solution 0 gives the expected one, the others two more."""
    line = "for _ in range(int(input())):\n    n = int(input())\n    print(*{})"
    falling = line.format("[d for d in range(n, 0, -1) if n % d == 0]")
    return _four_answers(
        problem_id,
        "Print all divisors of n in any order, on one line for each case.\n",
        ("2\n4\n6\n", "1 2 4\n1 2 3 6\n", "4 2 1\n6 3 2 1", "1 4 2\n1 6 2 3"),
        {
            "0": line.format("[d for d in range(1, n + 1) if n % d == 0]"),
            "1": falling,
            "2": f"{falling} ",
            "3": line.format("[d for d in (1, n, 2, 3) if n % d == 0]"),
        },
    )


def least_then_plan(problem_id: str) -> VerifiedProblem:
    """A problem whose statement allows any plan; all four solutions give the least cost, and three plans."""
    return _four_answers(
        problem_id,
        "Print the least cost, then any such sequence of moves.\n",
        ("5\n", "3\n1 2 7\n", "3\n2 2 2", "3\n9 8 5"),
        {
            "0": "print('3\\n1 2 7')",
            "1": "print('3\\n2 2 2')",
            "2": "print('3\\n2 2 2' )",
            "3": "print('3\\n9 8 5')",
        },
    )


def _four_answers(
    problem_id: str, question: str, texts: tuple[str, str, str, str], sources: dict[str, str]
) -> VerifiedProblem:
    """One test; of four solutions the first gives the expected output, two the third text, one the fourth."""
    given, expected, often, once = texts
    wrong = [SolutionResult(n, "output_mismatch", "test 0: gave another output", failed_tests=(0,)) for n in (1, 2, 3)]
    return item(
        problem_id,
        question=question,
        tests=dump_json({"inputs": [given], "outputs": [expected]}),
        solutions=(SolutionResult(0, "passed"), *wrong),
        votes=(Vote(0, expected, 1, (Option(often, (1, 2)), Option(once, (3,))), 4),),
        suggestion=Suggestion("look", "the statement allows several answers; 2/4 give another one to test 0"),
        canonical=0,
        sources=sources,
    )


def with_texts(problem_id: str, question: str, given: str, expected: str, said: str) -> VerifiedProblem:
    """A problem with this statement and one test, to which both solutions give another output."""
    return item(
        problem_id,
        question=question,
        tests=dump_json({"inputs": [given], "outputs": [expected]}),
        votes=(Vote(0, expected, 0, (Option(said, (0, 1)),), 2),),
    )


SIX = (
    item("train/0001"),
    item("train/0002"),
    several_answers("train/0003"),
    several_answers("train/0004", "look"),
    item("train/0005", difficulty="competition"),
    item(
        "test/0001",
        entry_point="double",
        difficulty="interview",
        tests=dump_json({"inputs": [[3], [4]], "outputs": [6, 5]}),
        votes=(Vote(1, "5", 0, (Option("8", (0, 1)),), 2),),
        sources={"0": "def double(n): return 2 * n", "1": "def double(n): return n + n", "2": FAILS},
    ),
)


def write_build(folder: Path, problems: Sequence[VerifiedProblem] = SIX) -> Path:
    """Write the files of a build that a review reads."""
    folder.mkdir(parents=True)
    rows = []
    for problem in problems:
        reason = (
            "output_mismatch"
            if problem.suggestion and problem.suggestion.kind == "expected_output"
            else "multiple_outputs"
        )
        rows.append(review_item(Decided(problem, Outcome.NEEDS_REVIEW, (reason,))))
    text = "".join(dump_json(row) + "\n" for row in rows)
    (folder / "review.jsonl").write_text(text, encoding="utf-8", errors="backslashreplace")
    ledger = "".join(json.dumps({"problem_id": p.problem_id, "outcome": "needs_review"}) + "\n" for p in problems)
    (folder / "ledger.jsonl").write_text(ledger, encoding="utf-8")
    (folder / "findings.jsonl").write_text("", encoding="utf-8")
    limits = asdict(Limits(cpu_seconds=2.0, program_seconds=4.0))
    (folder / "manifest.json").write_text(json.dumps({"setting": {"limits": limits}}), encoding="utf-8")
    return folder


def decide_as(folder: Path, reviewer: str, problem: VerifiedProblem, action: Action, **more: Any) -> None:
    """Append an earlier decision of some reviewer."""
    fields = {"item_digest": problem.digest(), "time": "2026-01-01T00:00:00.000000Z", **more}
    append_decision(folder / "decisions", Decision(problem.problem_id, action=action, reviewer=reviewer, **fields))


class Person:
    """A driver of the app: presses keys, reads the screen, waits for a text."""

    def __init__(self, app: ReviewApp, pilot: Pilot[None], folder: Path) -> None:
        self.app, self.pilot, self.folder = app, pilot, folder

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until the app has handled each."""
        for key in keys:
            character = key if len(key) == 1 else None
            self.app.post_message(Key(_character_to_key(key) if character else key, character))
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text; all but its last character are pasted, which is faster."""
        self.app.post_message(Paste(text[:-1]))
        await self.press(text[-1])

    async def settle(self) -> None:
        """Wait until all widgets have handled their messages and those that follow."""
        for _ in range(5):
            await self.pilot.pause(0)

    async def sees(self, *texts: str) -> None:
        """Wait until the screen shows every text."""
        await self.until(lambda: all(text in self.screen() for text in texts), f"no {texts!r}")

    async def until(self, holds: Callable[[], bool], otherwise: str = "") -> None:
        """Wait until a condition is true."""
        for seconds in (*(0.01 * 1.2**n for n in range(14)), *[0.1] * 150):  # to look costs as much as to run a program
            await self.settle()
            if holds():
                return
            await asyncio.sleep(seconds)
        raise AssertionError(f"{otherwise or 'it did not appear'} in\n{self.screen()}")

    def screen(self) -> str:
        """Return the whole screen as text, without colour."""
        width, height = self.app.size
        console = Console(width=width, height=height, file=io.StringIO(), record=True, legacy_windows=False)
        console.print(self.app.screen._compositor.render_update(full=True))
        return console.export_text(styles=False)

    def text(self) -> str:
        """Return the screen in one line, so that folded messages can be searched."""
        return " ".join(self.screen().split())

    def lines(self) -> list[str]:
        """Return the screen line by line."""
        return [line.rstrip() for line in self.screen().splitlines()]

    def decisions(self) -> list[Decision]:
        """Return the decisions written so far."""
        return read_decisions(self.folder / "decisions")

    def decided(self) -> list[tuple[str, str]]:
        """Return id and action of each decision."""
        return [(decision.problem_id, str(decision.action)) for decision in self.decisions()]


@asynccontextmanager
async def review(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    reviewer: str = "ana",
    keymap: dict[str, str] | None = None,
    isolation: Isolation = USUAL_ISOLATION,
) -> AsyncIterator[Person]:
    """Run the app on a build, with a driver."""
    with open_queue(folder) as queue, Session(queue, reviewer) as session:
        app = ReviewApp(session, keymap, isolation)
        async with app.run_test(size=size) as pilot:
            person = Person(app, pilot, folder)
            await person.settle()
            yield person


def scenario(test: Callable[..., Any]) -> Callable[..., None]:
    """Make a coroutine a test that pytest can run."""

    @functools.wraps(test)
    def run(*args: Any, **options: Any) -> None:
        asyncio.run(test(*args, **options))

    return run
