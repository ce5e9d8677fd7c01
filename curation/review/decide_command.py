"""From the words of ``apps-plus review decide`` to a decision: what is meant, whether it works, and its writing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from apps_plus.errors import InputError, WorkError
from curation.review.changes import fit_changes
from curation.review.queue import Item, Queue
from curation.review.session import Session
from curation.review.trial import Trial, try_changes
from curation.review_decisions import Action, Changes, Decision
from harness.sandbox import Isolation, Sandbox


def changes_of(outputs: list[str] | None, comparison: str, canonical: int | None, checker: Path | None) -> Changes:
    """The changes that the options give: texts, ``@FILE`` for what a file holds, ``@@`` for a text that begins with @.

    Raises InputError where an output is not TEST=TEXT, or a file cannot be read.
    """
    new = {}
    for given in outputs or []:
        test, equals, text = given.partition("=")
        if not equals or not test.strip().isdecimal():
            raise InputError(f"--output {given!r} is not TEST=TEXT: write 3=36")
        if text.startswith("@@"):
            text = text[1:]
        elif text.startswith("@"):
            text = _read(Path(text[1:]))
        new[test.strip()] = text
    return Changes(new, comparison, canonical, _read(checker) if checker else "")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {why}: give a text file that you may read") from error


def settle(
    session: Session, problem_id: str, action: Action | None, reason: str, changes: Changes
) -> tuple[Action, str, Changes]:
    """What to decide: what was said, or what is suggested where ``action`` is None.

    Raises InputError where there is nothing to apply, or more is given than can be meant.
    """
    if action is not None:
        if action is not Action.CORRECT and changes != Changes():
            raise InputError(f"`{action}` changes nothing: give --output and the like with `correct`")
        return action, reason, changes
    if reason or changes != Changes():
        raise InputError("`apply` takes what is suggested: give `correct` or `drop` what you want otherwise")
    proposal = session.suggested(problem_id)
    if proposal is None:
        raise InputError(
            f"nothing to apply to {problem_id}, a person must look: apps-plus review show "
            f"{session.queue.folder} {problem_id}"
        )
    return proposal.action, proposal.reason, proposal.changes


def try_them(queue: Queue, item: Item, changes: Changes, isolation: Isolation) -> Trial:
    """Run every solution on the changed tests. Raises InputError where the changes do not fit the problem."""
    fitted = fit_changes(item.problem, changes)
    with Sandbox(**asdict(isolation)) as sandbox:
        return try_changes(sandbox, item, fitted, queue.limits())


def refuse(trial: Trial, force: bool) -> None:
    """Raise WorkError where no build could apply the changes; what nothing ran on cannot be forced."""
    if trial.error and not trial.after:
        raise WorkError(f"{trial.error}; nothing was decided")
    if trial.error and not force:
        raise WorkError(f"{trial.error}; nothing was decided (--force decides it all the same)")


def refuse_keep(session: Session, problem_id: str, force: bool) -> None:
    """Raise WorkError, which says how to decide it all the same, where no build could apply a ``keep``."""
    if not force and (why_not := session.why_not_kept(problem_id)):
        raise WorkError(f"{why_not}; correct or drop it (--force decides it all the same)")


def write(
    session: Session, problem_id: str, action: Action, reason: str, note: str, changes: Changes, force: bool
) -> Decision:
    """Decide, or take back. Raises what ``Session.decide`` does, and InputError where there is nothing to take back."""
    if action is not Action.RETRACT:
        return session.decide(problem_id, action, reason=reason, note=note, changes=changes, force=force)
    if session.retract(problem_id) is None:
        raise InputError(f"{session.reviewer} has decided nothing about {problem_id}: there is nothing to take back")
    return session.history(problem_id)[-1]
