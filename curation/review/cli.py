"""The commands under ``apps-plus review``: the terminal UI, and plain-text commands for scripts and screen readers.

``COMMANDS`` holds them by name; ``apps-plus review DIR`` runs the first. stdout is data, stderr is progress. Slow
imports are inside the functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, RequireIsolation, Unsafe
from apps_plus.terminal import print_json
from curation.review.team_commands import BuildDir, agreement, checkers, export, guidelines, print_lines, shipped
from curation.review_decisions import Action

if TYPE_CHECKING:
    from curation.review.queue_rows import QueueRow
    from curation.review.session import Session


class DecideAction(StrEnum):
    """The actions of ``review decide``."""

    KEEP = "keep"
    CORRECT = "correct"
    DROP = "drop"
    SKIP = "skip"
    FLAG = "flag"
    APPLY = "apply"
    """Apply the suggestion."""
    ADOPT = "adopt"
    """Adopt the proposed checker."""
    RETRACT = "retract"
    """Undo my last decision about the item."""


ProblemId = Annotated[str, typer.Argument(metavar="ID", help="The problem's id, such as train/0042, or 42.")]
Reviewer = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Your name, which is the name of your decisions file; default: $APPS_PLUS_REVIEWER, git's user.name or "
        "the login name.",
    ),
]
Reviewers = Annotated[
    str | None,
    typer.Option(metavar="A,B,...", help="Share the items among these reviewers, by a hash of the item's id."),
]
Overlap = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=1.0,
        metavar="SHARE",
        help="With --reviewers: the share of items that two reviewers judge (0 to 1).",
    ),
]


def open_app(
    directory: BuildDir,
    reviewer: Reviewer = None,
    reviewers: Reviewers = None,
    overlap: Overlap = 0.0,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
) -> None:
    """Review the problems that a build could not decide.

    Opens a terminal UI; ? shows its keys. Every decision is saved at once in DIR/decisions, one file per reviewer, and
    the next build of DIR applies it. The other commands do the same in plain text. (If DIR has the name of a command,
    write ./list.)

    Example:

        apps-plus review my-apps-plus
    """
    from curation.review.browser import is_served

    if not is_served() and not _has_terminal():
        raise InputError(
            f"the review screen needs a terminal: apps-plus review serve {directory} shows it in a browser, and "
            "review list, review show and review decide do the same in plain text"
        )
    from curation.review.tui.app import run_app
    from harness.sandbox import Isolation

    wait = RELOAD_SECONDS if is_served() else 0.0
    with open_session(directory, reviewer, reviewers, overlap, wait) as session, session.queue:
        run_app(session, Isolation(require_isolation, unsafe))


RELOAD_SECONDS = 10.0
"""A page that is loaded again waits so long for its earlier session to end."""


def serve(
    directory: BuildDir,
    reviewer: Reviewer = None,
    reviewers: Reviewers = None,
    overlap: Overlap = 0.0,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="The port to listen on.")] = 8000,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
) -> None:
    """Show the review screen in a browser on this machine.

    Prints the address to open, which holds a key: whoever has it decides as the reviewer. One page at a time can be
    open for a reviewer. From another machine, forward the port with ssh. Needs the extra apps-plus[web].

    Example:

        apps-plus review serve my-apps-plus
    """
    from curation.review import browser

    with open_session(directory, reviewer, reviewers, overlap) as session, session.queue:
        me = session.reviewer
    options = [str(directory.resolve()), "--reviewer", me, "--overlap", str(overlap)]
    options += ["--reviewers", reviewers] if reviewers is not None else []
    options += ["--require-isolation"] * require_isolation + ["--unsafe"] * unsafe
    browser.serve(options, port, f"review of {directory} by {me}")


def _has_terminal() -> bool:
    """Return whether there is a terminal to draw on (Textual uses stderr) and to read keys from."""
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def list_items(
    directory: BuildDir,
    tier: Annotated[
        str, typer.Option(metavar="TIER", help="Only this tier (introductory, interview, competition).")
    ] = "",
    reason: Annotated[str, typer.Option(metavar="REASON", help="Only items with this reason.")] = "",
    state: Annotated[
        str, typer.Option(metavar="STATE", help="Only this state: open, done, stale, disagreement or flagged.")
    ] = "",
    search: Annotated[
        str,
        typer.Option(metavar="WORDS", help="Only items with all these words in id, title, suggestion or reviewers."),
    ] = "",
    mine: Annotated[bool, typer.Option("--mine", help="With --reviewers: only the items assigned to me.")] = False,
    reviewer: Reviewer = None,
    reviewers: Reviewers = None,
    overlap: Overlap = 0.0,
    as_json: Json = False,
) -> None:
    """List the review queue, one item per line.

    A line has the id, tier, state, suggestion with votes, reviewers who decided, and evidence. "(note)" stands where
    one of them left a note, which review show prints.

    Example:

        apps-plus review list my-apps-plus --state open --tier interview
    """
    from curation.review.console import counts_line, queue_lines
    from curation.review.queue import State, matches, open_queue
    from curation.review.reviewer import reviewer_and_assignment
    from curation.review_decisions import read_decisions

    if state and state not in set(State):
        raise typer.BadParameter(f"{state!r} is not a state: give one of {', '.join(State)}", param_hint="--state")
    with open_queue(directory) as queue:
        me, assignment = reviewer_and_assignment(directory, reviewer, reviewers, overlap)
        rows = queue.rows(read_decisions(queue.decisions_folder), me, assignment)
    shown = [row for row in rows if matches(row, tier, reason, state, search, mine)]
    if as_json:
        print_json({"items": [_row_json(row) for row in shown], "total": len(rows)})
        return
    print_lines(queue_lines(shown))
    typer.echo(counts_line(shown) + ("" if len(shown) == len(rows) else f" (of {len(rows)})"), err=True)


def show(
    directory: BuildDir,
    problem_id: ProblemId,
    solution: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Print only the source of this solution.")
    ] = None,
    test: Annotated[int | None, typer.Option(min=0, metavar="N", help="Print only this test, in full.")] = None,
    as_json: Json = False,
) -> None:
    """Show one item: suggestion, proposed checker, disputed tests, solutions, statement, history.

    Long outputs are cut around their first difference; --test prints them in full.

    Example:

        apps-plus review show my-apps-plus train/0051 --test 2
    """
    from apps_plus.printable import printable
    from curation.review import console
    from curation.review.queue import open_queue
    from curation.review.rerun import require_test, solution_source
    from curation.review.session import proposal_of
    from curation.review_decisions import read_decisions

    with open_queue(directory) as queue:
        wanted = queue.find(problem_id)
        item = queue.item(wanted)
        history = [d for d in read_decisions(queue.decisions_folder) if d.problem_id == wanted]
        row, proposal = queue.row(wanted, history), proposal_of(queue.headers[wanted].suggestion)
    if solution is not None:
        source = solution_source(item.problem, solution)
    if test is not None:
        require_test(item.problem, test)
    if as_json:
        print_json(console.item_json(item, row, proposal, history))
    elif solution is not None:
        typer.echo(printable(source))
    elif test is not None:
        print_lines(console.test_lines(item.problem, test))
    else:
        print_lines(console.item_lines(item, row, proposal, history))


def decide(
    directory: BuildDir,
    problem_id: ProblemId,
    action: Annotated[
        DecideAction,
        typer.Argument(
            help="keep: the tests are right as they are. correct: release it with the given changes. drop: do not "
            "release it. apply: apply the suggestion. adopt: adopt the proposed checker. "
            "skip: no opinion. flag: ask for a second reviewer; the note says why. retract: undo "
            "my last decision about it."
        ),
    ],
    reason: Annotated[
        str, typer.Option(metavar="REASON", help="The reason to drop it; default: the item's first reason.")
    ] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="A note that is saved with the decision.")] = "",
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEST=TEXT",
            help="The new expected output of a test: a text, or JSON for a call-based problem; @FILE reads a file, @@ "
            "stands for a text that begins with @. Can be repeated.",
        ),
    ] = None,
    comparison: Annotated[
        str, typer.Option(metavar="MODE", help="The new comparison: exact, tokens, case, float, unordered or checker.")
    ] = "",
    canonical: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="The number of the solution to release as canonical; it must pass."),
    ] = None,
    checker: Annotated[
        str,
        typer.Option(
            metavar="FILE|NAME",
            help="A Python file with check(input, expected, actual) -> bool, or the name of a checker of the catalogue "
            "(`review checkers` lists them).",
        ),
    ] = "",
    new_input: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="TEST=TEXT",
            help="The new input of a test, whose input is bad: a text, or the JSON list of arguments; @FILE as above. "
            "Can be repeated.",
        ),
    ] = None,
    drop_test: Annotated[
        list[int] | None,
        typer.Option(min=0, metavar="TEST", help="Leave out a test, whose input is bad. Can be repeated."),
    ] = None,
    reviewer: Reviewer = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Run the solutions and print the result, but write no decision.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Write the decision even if no build can apply it because no solution passes; adopt a checker "
            "in spite of its caution.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a decision about one item.

    Before a correction is saved, every solution runs on the changed tests in the sandbox, and the results before and
    after are printed; a correction that no solution passes is refused.

    Example:

        apps-plus review decide my-apps-plus train/0051 correct --output 2=4 --note "the last puddle is empty"
    """
    from curation.review import console, decide_command
    from curation.review.worklist import Worklist
    from harness.sandbox import Isolation

    changes = decide_command.changes_from_options(output, comparison, canonical, checker, new_input, drop_test)
    isolation = Isolation(require_isolation, unsafe)
    with open_session(directory, reviewer) as session, session.queue as queue:
        found = queue.find(problem_id, settled_too=action is DecideAction.RETRACT)
        if not dry_run:
            session.require_writable()  # before running solutions whose result could not be saved
        if action is DecideAction.ADOPT:
            forced = force or dry_run
            act, reason, changes = decide_command.adopt_checker(session, found, reason, changes, force=forced)
        else:
            given = None if action is DecideAction.APPLY else Action(action)
            act, reason, changes = decide_command.resolve_action(session, found, given, reason, changes)
        decide_command.require_reason_to_flag(act, note)
        if act is Action.KEEP:
            decide_command.require_keepable(session, found, force)
        trial = (
            decide_command.run_trial(queue, queue.item(found), changes, isolation) if act is Action.CORRECT else None
        )
        if trial is not None:
            print_lines(() if as_json else console.trial_lines(trial))
            decide_command.require_applicable(trial, force)
            changes = trial.changes
        decision = None if dry_run else decide_command.write_decision(session, found, act, reason, note, changes, force)
        state = str(session.row(found).state) if found in queue.headers else "the next build applies it"
        summary = Worklist(session).summary()
    if as_json:
        written = {"decision": decision.to_row() if decision else None, "state": state}
        print_json({**written, "trial": console.trial_json(trial) if trial else None, "left": summary.left})
    elif decision is None:
        typer.echo("dry run: nothing was decided", err=True)
    else:
        typer.echo(f"{decision.reviewer}: {console.describe(decision.action, decision.reason, decision)}: {state}")
        for line in summary.next_lines():
            typer.echo(line, err=True)


COMMANDS: dict[str, Callable[..., None]] = {
    "open": open_app,
    "serve": serve,
    "list": list_items,
    "show": show,
    "decide": decide,
    "checkers": checkers,
    "guidelines": guidelines,
    "agreement": agreement,
    "export": export,
    "shipped": shipped,
}
"""The commands by name; the first is the default."""


def open_session(
    directory: Path, reviewer: str | None, reviewers: str | None = None, overlap: float = 0.0, wait: float = 0.0
) -> Session:
    """Open the reviewer's session on a build; wait some seconds for another one of theirs to end.

    The caller closes the queue.
    """
    import time

    from apps_plus.errors import BusyError
    from curation.review.queue import open_queue
    from curation.review.reviewer import reviewer_and_assignment
    from curation.review.session import Session

    queue = open_queue(directory)
    try:
        names = reviewer_and_assignment(directory, reviewer, reviewers, overlap)
        until = time.monotonic() + wait
        while True:
            try:
                return Session(queue, *names)
            except BusyError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.1)
    except BaseException:  # also ctrl+c while it waits: the caller has no session whose queue it could close
        queue.close()
        raise


def _row_json(row: QueueRow) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(row).items()}
