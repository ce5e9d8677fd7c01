"""The commands under ``apps-plus review``: the terminal UI, and its plain twins for scripts and screen readers.

``COMMANDS`` holds them by name; the first is the one that ``apps-plus review DIR`` runs without naming it. stdout is
data, stderr is talk. What is heavy is imported inside the functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, RequireIsolation, Unsafe
from apps_plus.terminal import print_json
from curation.review_decisions import Action

if TYPE_CHECKING:
    from curation.review.rows import QueueRow
    from curation.review.session import Session


class Verb(StrEnum):
    """What ``decide`` can be told to do."""

    KEEP = "keep"
    CORRECT = "correct"
    DROP = "drop"
    SKIP = "skip"
    FLAG = "flag"
    APPLY = "apply"
    """What the consensus suggests."""
    RETRACT = "retract"
    """Take my last decision about the item back."""


BuildDir = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")]
ProblemId = Annotated[str, typer.Argument(metavar="ID", help="Such as train/0042, or 42.")]
Reviewer = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Who reviews; else $APPS_PLUS_REVIEWER, git's user.name or the login name. Names the decisions' file.",
    ),
]
Reviewers = Annotated[
    str | None,
    typer.Option(metavar="A,B,...", help="Share the items among these reviewers, by a hash of the item's id."),
]
Overlap = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="With --reviewers: the share that two judge.")
]


def open_app(
    directory: BuildDir,
    reviewer: Reviewer = None,
    reviewers: Reviewers = None,
    overlap: Overlap = 0.0,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
) -> None:
    """Work through the problems that a build left for a person.

    Opens a terminal UI; ? shows its keys. Every decision is saved in DIR/decisions at once, one file a reviewer, and
    the next build of DIR takes it. The other commands do the same in plain text. (A folder named as one of them: write
    ./list.)

    Example:

        apps-plus review my-apps-plus
    """
    if not _has_terminal():
        raise InputError(
            f"the review screen needs a terminal: apps-plus review list {directory} shows the queue in plain text, "
            "review show and review decide do the rest"
        )
    from curation.review.tui.app import run_app
    from harness.sandbox import Isolation

    with open_session(directory, reviewer, reviewers, overlap) as session, session.queue:
        run_app(session, Isolation(require_isolation, unsafe))


def _has_terminal() -> bool:
    """Whether a person sees the screen, which Textual draws on stderr, and can press keys."""
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def list_items(
    directory: BuildDir,
    tier: Annotated[str, typer.Option(metavar="TIER", help="Only this tier.")] = "",
    reason: Annotated[str, typer.Option(metavar="REASON", help="Only items with this reason.")] = "",
    state: Annotated[str, typer.Option(metavar="STATE", help="Only open, done, stale, disagreement or flagged.")] = "",
    search: Annotated[
        str, typer.Option(metavar="WORDS", help="Only where id, title, suggestion or reviewers hold all words.")
    ] = "",
    mine: Annotated[bool, typer.Option("--mine", help="With --reviewers: only what is assigned to me.")] = False,
    reviewer: Reviewer = None,
    reviewers: Reviewers = None,
    overlap: Overlap = 0.0,
    as_json: Json = False,
) -> None:
    """List the review queue, one item a line.

    A line says id, tier, state, suggestion with votes, who decided (a * marks a note) and the evidence.

    Example:

        apps-plus review list my-apps-plus --state open --tier interview
    """
    from curation.review.plain_text import counts_line, queue_lines
    from curation.review.queue import State, matches, open_queue
    from curation.review.reviewer import who_and_what
    from curation.review_decisions import read_decisions

    if state and state not in set(State):
        raise typer.BadParameter(f"{state!r} is no state: {', '.join(State)}", param_hint="--state")
    with open_queue(directory) as queue:
        me, assignment = who_and_what(directory, reviewer, reviewers, overlap)
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
    solution: Annotated[int | None, typer.Option(min=0, metavar="N", help="Only the source of this solution.")] = None,
    test: Annotated[int | None, typer.Option(min=0, metavar="N", help="Only this test, in full.")] = None,
    as_json: Json = False,
) -> None:
    """Show one item: suggestion, disputed tests, solutions, statement, history.

    Long outputs are cut around their first difference; --test has them in full.

    Example:

        apps-plus review show my-apps-plus train/0051 --test 2
    """
    from apps_plus.printable import printable
    from curation.review import plain_text as plain
    from curation.review.queue import open_queue
    from curation.review.session import proposal_of
    from curation.review.trial import check_test, source_of
    from curation.review_decisions import read_decisions

    with open_queue(directory) as queue:
        wanted = queue.find(problem_id)
        item = queue.item(wanted)
        history = [d for d in read_decisions(queue.decisions_folder) if d.problem_id == wanted]
        row, proposal = queue.row(wanted, history), proposal_of(queue.headers[wanted].suggestion)
    if solution is not None:
        source = source_of(item.problem, solution)
    if test is not None:
        check_test(item.problem, test)
    if as_json:
        print_json(plain.item_json(item, row, proposal, history))
    elif solution is not None:
        typer.echo(printable(source))
    elif test is not None:
        print_lines(plain.one_test_lines(item.problem, test))
    else:
        print_lines(plain.item_lines(item, row, proposal, history))


def decide(
    directory: BuildDir,
    problem_id: ProblemId,
    action: Annotated[
        Verb,
        typer.Argument(
            help="keep: the tests are right as they are. correct: release it with the changes given. apply: do what "
            "is suggested. skip: no opinion. flag: a second reviewer should look. retract: take my last decision back."
        ),
    ],
    reason: Annotated[str, typer.Option(metavar="REASON", help="Of a drop; without it the item's own.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Goes with the decision.")] = "",
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEST=TEXT",
            help="The new expected output of a test: a text, or JSON for a call-based problem; @FILE reads it, @@ "
            "begins a text that begins with @. May be given several times.",
        ),
    ] = None,
    comparison: Annotated[
        str, typer.Option(metavar="MODE", help="exact, tokens, case, float, unordered or checker.")
    ] = "",
    canonical: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="The solution to release; it must pass.")
    ] = None,
    checker: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Python source of check(input, expected, actual) -> bool.")
    ] = None,
    reviewer: Reviewer = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run and show everything, decide nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take a decision that no build can apply, as no solution passes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Decide about one item.

    Before tests are corrected, every solution runs again on them in the sandbox, and before and after is printed; what
    no solution passes is refused.

    Example:

        apps-plus review decide my-apps-plus train/0051 correct --output 2=4 --note "the last puddle is empty"
    """
    from curation.review import decide_command as deciding
    from curation.review import plain_text as plain
    from harness.sandbox import Isolation

    changes = deciding.changes_of(output, comparison, canonical, checker)
    isolation = Isolation(require_isolation, unsafe)
    with open_session(directory, reviewer) as session, session.queue as queue:
        wanted = queue.find(problem_id, settled_too=action is Verb.RETRACT)
        if not dry_run:
            session.require_writable()  # before solutions run for nothing
        said = None if action is Verb.APPLY else Action(action)
        act, reason, changes = deciding.settle(session, wanted, said, reason, changes)
        if act is Action.KEEP:
            deciding.refuse_keep(session, wanted, force)
        trial = deciding.try_them(queue, queue.item(wanted), changes, isolation) if act is Action.CORRECT else None
        if trial is not None:
            print_lines(() if as_json else plain.trial_lines(trial))
            deciding.refuse(trial, force)
            changes = trial.changes
        decision = None if dry_run else deciding.write(session, wanted, act, reason, note, changes, force)
        state = str(session.row(wanted).state) if wanted in queue.headers else "the next build takes it"
    if as_json:
        told = {"decision": decision.to_row() if decision else None, "state": state}
        print_json({**told, "trial": plain.trial_json(trial) if trial else None})
    elif decision is None:
        typer.echo("nothing was decided: it was a dry run", err=True)
    else:
        typer.echo(f"{decision.reviewer}: {plain.describe(decision.action, decision.reason, decision)}: {state}")


def agreement(directory: BuildDir, as_json: Json = False) -> None:
    """Say how far reviewers agree: Cohen's kappa on what both judged.

    The categories are keep, correct and drop.

    Example:

        apps-plus review agreement my-apps-plus
    """
    from dataclasses import asdict

    from curation.review.agreement import agreement as compare
    from curation.review.agreement import judged_by
    from curation.review.plain_text import agreement_lines
    from curation.review.queue import require_build
    from curation.review_decisions import read_decisions

    decisions = read_decisions(require_build(directory) / "decisions")
    pairs, judged = compare(decisions), judged_by(decisions)
    if as_json:
        print_json({"reviewers": {name: dict(n) for name, n in judged.items()}, "pairs": [asdict(p) for p in pairs]})
        return
    print_lines(agreement_lines(pairs))
    if not pairs:
        typer.echo(f"no two of {len(judged)} reviewers judged the same item: review with --overlap", err=True)


def export(
    directory: BuildDir,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder that the decisions go to.")],
    as_json: Json = False,
) -> None:
    """Copy a build's decisions into a folder that `build --decisions` takes.

    Whoever has raw APPS and that folder can rebuild the dataset. Decisions that OUT has already stay, so that it can be
    a git repository in which several reviewers' decisions meet.

    Example:

        apps-plus review export my-apps-plus my-decisions
    """
    from curation.review.queue import require_build
    from curation.review_decisions import import_decisions, read_decisions

    if (out / "manifest.json").exists():
        raise InputError(f"{out} is a build: give a folder for decisions alone, such as {out / 'decisions'}")
    new = import_decisions(require_build(directory), out)
    total = len(read_decisions(out))
    if as_json:
        print_json({"out": str(out), "new": new, "total": total})
    else:
        typer.echo(f"{new} new decisions in {out}, {total} in all: apps-plus build --decisions {out} takes them")


COMMANDS: dict[str, Callable[..., None]] = {
    "open": open_app,
    "list": list_items,
    "show": show,
    "decide": decide,
    "agreement": agreement,
    "export": export,
}
"""The commands by name; the first is the default."""


def open_session(directory: Path, reviewer: str | None, reviewers: str | None = None, overlap: float = 0.0) -> Session:
    """The reviewer's session on a build. The queue is the caller's to close."""
    from curation.review.queue import open_queue
    from curation.review.reviewer import who_and_what
    from curation.review.session import Session

    queue = open_queue(directory)
    try:
        return Session(queue, *who_and_what(directory, reviewer, reviewers, overlap))
    except BaseException:
        queue.close()
        raise


def _row_json(row: QueueRow) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(row).items()}


def print_lines(lines: Iterable[str]) -> None:
    """Lines on stdout."""
    for line in lines:
        typer.echo(line)
