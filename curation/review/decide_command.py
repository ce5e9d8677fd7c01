"""Turn the options of ``apps-plus review decide`` into a decision: parse them, try the changes, write it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from apps_plus.errors import InputError, WorkError
from curation.review.changes import normalize_changes
from curation.review.checker_choices import named_checker
from curation.review.queue import Item, Queue
from curation.review.session import Session
from curation.review.trial import Trial, try_changes
from curation.review_decisions import Action, Changes, Decision
from harness.sandbox import Isolation, Sandbox


def changes_from_options(
    outputs: list[str] | None,
    comparison: str,
    canonical: int | None,
    checker: str,
    inputs: list[str] | None = None,
    dropped_tests: list[int] | None = None,
) -> Changes:
    """Parse the options into changes; ``@FILE`` reads a file, ``@@`` stands for a text that begins with @.

    ``checker`` is a file, or the name of a checker of the catalogue. Raises InputError if an output or an input is not
    TEST=TEXT, or a file cannot be read.
    """
    new_outputs, new_inputs = _texts_by_test("--output", outputs), _texts_by_test("--input", inputs)
    return Changes(
        new_outputs,
        comparison,
        canonical,
        _checker_source(checker),
        new_inputs,
        tuple(sorted(set(dropped_tests or ()))),
    )


def _texts_by_test(option: str, options: list[str] | None) -> dict[str, str]:
    new: dict[str, str] = {}
    for given in options or []:
        test, equals, text = given.partition("=")
        if not equals or not test.strip().isdecimal():
            raise InputError(f"{option} {given!r} is not TEST=TEXT: write 3=36")
        if text.startswith("@@"):
            text = text[1:]
        elif text.startswith("@"):
            text = _read(Path(text[1:]))
        new[test.strip()] = text
    return new


def _checker_source(given: str) -> str:
    if not given:
        return ""
    try:
        return _read(Path(given))
    except InputError:
        if not given.isidentifier():
            raise
        return named_checker(given)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {why}: give a text file that you may read") from error


def resolve_action(
    session: Session, problem_id: str, action: Action | None, reason: str, changes: Changes
) -> tuple[Action, str, Changes]:
    """Return the action, reason and changes to decide: those given, or the suggestion's if ``action`` is None.

    Raises InputError if there is no suggestion to apply, or an option does not belong to the action.
    """
    if action is not None:
        if action is not Action.CORRECT and changes != Changes():
            raise InputError(
                f"`{action}` changes nothing: --output, --input, --drop-test, --comparison, --canonical and --checker "
                "go with `correct`"
            )
        return action, reason, changes
    if reason or changes != Changes():
        raise InputError("`apply` takes the suggestion as it is: use `correct` or `drop` to decide something else")
    proposal = session.proposal_for(problem_id)
    if proposal is None:
        raise InputError(
            f"{problem_id} has no suggestion to apply, a person must look at it: apps-plus review show "
            f"{session.queue.folder} {problem_id}"
        )
    return proposal.action, proposal.reason, proposal.changes


def adopt_checker(
    session: Session, problem_id: str, reason: str, changes: Changes, *, force: bool
) -> tuple[Action, str, Changes]:
    """Return the decision that adopts the proposed checker.

    Raises InputError if there is none, or an option does not belong to the action; WorkError if the proposal comes with
    a caution, unless it is forced.
    """
    if reason or changes != Changes():
        raise InputError(
            "`adopt` takes the proposed checker as it is: use `correct --checker FILE` to give another one"
        )
    checker = session.checker_for(problem_id)
    if checker is None:
        raise InputError(f"{problem_id} has no proposed checker: write one, and use `correct --checker FILE`")
    if checker.caution and not force:
        raise WorkError(
            f"{checker.name} is a start for a checker of your own, since {checker.caution}: `correct --checker FILE` "
            "takes yours; nothing was decided (--force adopts it anyway)"
        )
    return Action.CORRECT, "", checker.changes


def run_trial(queue: Queue, item: Item, changes: Changes, isolation: Isolation) -> Trial:
    """Run every solution on the changed tests. Raises InputError if the changes do not fit the problem."""
    fitted = normalize_changes(item.problem, changes)
    with Sandbox(**asdict(isolation)) as sandbox:
        return try_changes(sandbox, item, fitted, queue.limits())


def require_applicable(trial: Trial, force: bool) -> None:
    """Raise WorkError if no build could apply the changes; ``force`` overrides that only if the solutions did run."""
    if trial.error and not trial.after:
        raise WorkError(f"{trial.error}; nothing was decided")
    if trial.error and not force:
        raise WorkError(f"{trial.error}; nothing was decided (--force decides it anyway)")


def require_reason_to_flag(action: Action, note: str) -> None:
    """Raise InputError if an item is flagged without a word for the second reviewer."""
    if action is Action.FLAG and not note.strip():
        raise InputError("`flag` needs a note: say why a second reviewer should look, with --note TEXT")


def require_keepable(session: Session, problem_id: str, force: bool) -> None:
    """Raise WorkError if no build could apply a ``keep``, unless it is forced."""
    if not force and (why_not := session.why_not_kept(problem_id)):
        raise WorkError(f"{why_not}; correct or drop it (--force decides it anyway)")


def write_decision(
    session: Session, problem_id: str, action: Action, reason: str, note: str, changes: Changes, force: bool
) -> Decision:
    """Write the decision or the retraction. Raises like ``Session.decide``; InputError if nothing can be retracted."""
    if action is not Action.RETRACT:
        return session.decide(problem_id, action, reason=reason, note=note, changes=changes, force=force)
    if session.retract(problem_id) is None:
        raise InputError(f"{session.reviewer} has no decision about {problem_id}: there is nothing to retract")
    return session.history(problem_id)[-1]
