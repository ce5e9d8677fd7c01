"""A reviewer's session: decisions, undo, two sessions at once, crashes, merges."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flawed_problems import ANY_DIVISOR, QUEUE
from raw_problems import LIMITS

from apps_plus.errors import BuildFolderError, BusyError, InputError, OutputError, WorkError
from curation.review.queue import Queue, State, open_queue
from curation.review.reviewer import reviewer_name
from curation.review.session import Session
from curation.review.trial import try_changes
from curation.review_decisions import Action, Changes, Decision, append_decision, encode_line, read_decisions, resolve
from harness.sandbox import Sandbox

FIRST, ADDING, CHOOSING, LAST = QUEUE
FIXED = Changes({"1": "15"})


@pytest.fixture
def ada(queue: Queue) -> Iterator[Session]:
    with Session(queue, "ada") as session:
        yield session


def lines(folder: Path, reviewer: str = "ada") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "decisions" / f"{reviewer}.jsonl").read_text().splitlines()]


# ---- deciding


@pytest.mark.parametrize(
    ("problem_id", "action", "more", "state"),
    [
        (ADDING, "keep", {"note": "the statement says so"}, State.DONE),
        (FIRST, "correct", {"changes": FIXED}, State.DONE),
        (CHOOSING, "correct", {"changes": Changes(checker=ANY_DIVISOR, comparison="checker")}, State.DONE),
        (CHOOSING, "drop", {"reason": "interactive"}, State.DONE),
        (FIRST, "skip", {}, State.OPEN),
        (FIRST, "flag", {"note": "?"}, State.FLAGGED),
    ],
)
def test_a_decision_is_in_the_file_when_it_is_taken(
    ada: Session, review_folder: Path, problem_id: str, action: str, more: dict[str, Any], state: State
) -> None:
    decision = ada.decide(problem_id, Action(action), **more)
    assert read_decisions(review_folder / "decisions") == [decision] == ada.history(problem_id)
    assert (decision.reviewer, decision.action, decision.item_digest) == (
        "ada",
        action,
        ada.queue.headers[problem_id].digest,
    )
    assert ada.row(problem_id).state is state
    assert [row for row in ada.rows() if row.problem_id == problem_id] == [ada.row(problem_id)]


def test_the_folder_tells_git_how_to_merge_it_and_a_users_own_word_stays(ada: Session, review_folder: Path) -> None:
    ada.decide(FIRST, Action.SKIP)
    attributes = review_folder / "decisions" / ".gitattributes"
    assert attributes.read_text() == "*.jsonl merge=union\n"
    attributes.write_text("mine\n")
    ada.decide(FIRST, Action.SKIP)
    assert attributes.read_text() == "mine\n"


def test_a_drop_without_a_reason_takes_the_items_own(ada: Session) -> None:
    assert ada.decide(CHOOSING, Action.DROP).reason == "multiple_outputs"
    assert ada.decide(FIRST, Action.DROP).reason == "output_mismatch"


def test_two_who_mean_the_same_agree_however_they_write_it(ada: Session, queue: Queue) -> None:
    ada.decide(FIRST, Action.CORRECT, changes=Changes({"1": " 15\n", "0": "3"}))
    ada.decide(ADDING, Action.CORRECT, changes=Changes({"2": "102"}))
    with Session(queue, "bob") as bob:
        bob.decide(FIRST, Action.CORRECT, changes=Changes({"1": "15"}))
        bob.decide(ADDING, Action.CORRECT, changes=Changes({"2": "102  \n\n", "0": "3\n\n"}))
        assert [bob.row(problem_id).state for problem_id in (FIRST, ADDING)] == [State.DONE, State.DONE]


@pytest.mark.parametrize(
    ("problem_id", "action", "more", "told"),
    [
        ("train/0099", "drop", {}, "no problem"),
        ("train/0000", "drop", {}, "does not need review"),
        (FIRST, "drop", {"reason": "ugly"}, "'ugly' is not a reason to drop a problem: give one of"),
        (ADDING, "keep", {"reason": "timeout"}, "only `drop` has a reason"),
        (FIRST, "drop", {"changes": FIXED}, "only `correct` changes tests"),
        (FIRST, "correct", {}, "changes nothing"),
        (FIRST, "correct", {"changes": Changes({"1": "16"})}, "changes nothing"),
        (FIRST, "correct", {"changes": Changes({"3": "1"})}, "no test 3: its tests are numbered 0 to 2"),
        (FIRST, "correct", {"changes": Changes({"x": "1"})}, "no test x"),
        (FIRST, "correct", {"changes": Changes({"1": "[1"})}, "not JSON"),
        (FIRST, "correct", {"changes": Changes(canonical=6)}, "no solution 6: its solutions are numbered 0 to 5"),
        (FIRST, "correct", {"changes": Changes(comparison="roughly")}, "is not a comparison"),
        (FIRST, "correct", {"changes": Changes(comparison="checker")}, "need each other"),
        (FIRST, "correct", {"changes": Changes(comparison="float", checker=ANY_DIVISOR)}, "need each other"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    ada: Session, review_folder: Path, problem_id: str, action: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        ada.decide(problem_id, Action(action), **more)
    assert not list(review_folder.glob("decisions/*.jsonl"))


def test_what_no_solution_passes_is_kept_by_force_only(ada: Session) -> None:
    with pytest.raises(WorkError, match="no solution passes"):
        ada.decide(FIRST, Action.KEEP)
    assert ada.decide(FIRST, Action.KEEP, force=True).action is Action.KEEP


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".ada", "ada\n"])
def test_a_name_that_cannot_be_a_files_is_refused_before_anything_is_made(queue: Queue, name: str) -> None:
    before = sorted(queue.folder.rglob("*"))
    with pytest.raises(InputError, match="cannot be a reviewer's name"):
        Session(queue, name)
    assert sorted(queue.folder.rglob("*")) == before


# ---- suggestions


def test_what_is_suggested_can_be_applied(ada: Session) -> None:
    proposal = ada.proposal_for(FIRST)
    assert proposal is not None
    assert (proposal.action, proposal.changes, proposal.reason) == (Action.CORRECT, FIXED, "")
    drop = ada.proposal_for(CHOOSING)
    assert drop is not None
    assert (drop.action, drop.changes, drop.reason) == (Action.DROP, Changes(), "multiple_outputs")


def test_similar_items_are_open_and_have_the_same_kind_of_suggestion_reason_and_tier(ada: Session) -> None:
    assert ada.similar_items(FIRST) == [LAST]
    assert ada.similar_items(ADDING) == ada.similar_items(CHOOSING) == []
    ada.decide(LAST, Action.CORRECT, changes=FIXED)
    assert ada.similar_items(FIRST) == []
    assert ada.similar_items(LAST) == [FIRST]


# ---- undo and redo


def test_undo_takes_back_one_decision_after_the_other_and_redo_decides_anew(ada: Session, review_folder: Path) -> None:
    drop, flag = ada.decide(FIRST, Action.DROP), ada.decide(ADDING, Action.FLAG, note="hm")
    assert (ada.undo(), ada.undo(), ada.undo()) == (flag, drop, None)
    assert {row.state for row in ada.rows()} == {State.OPEN}
    assert ada.row(ADDING).has_note is False
    again = ada.redo()
    assert again is not None
    assert replace(again, time=drop.time) == drop
    assert ada.row(FIRST).state is State.DONE
    assert ada.redo() is not None
    assert ada.redo() is None
    assert [line["action"] for line in lines(review_folder)] == ["drop", "flag", "retract", "retract", "drop", "flag"]


def test_undo_brings_back_what_was_decided_before(ada: Session) -> None:
    ada.decide(FIRST, Action.DROP)
    ada.decide(FIRST, Action.SKIP)
    assert ada.row(FIRST).state is State.OPEN
    ada.undo()
    assert ada.row(FIRST).state is State.DONE


def test_a_new_decision_ends_what_could_be_redone(ada: Session) -> None:
    ada.decide(FIRST, Action.DROP)
    ada.undo()
    ada.decide(ADDING, Action.SKIP)
    assert ada.redo() is None


def test_another_session_can_undo_but_only_its_own_reviewers_decisions(queue: Queue) -> None:
    with Session(queue, "ada") as ada:
        drop = ada.decide(FIRST, Action.DROP)
    with Session(queue, "bob") as bob:
        assert bob.undo() is None
        assert bob.retract(FIRST) is None
    with Session(queue, "ada") as ada:
        assert ada.redo() is None
        assert ada.undo() == drop


def test_retract_takes_back_what_was_decided_about_one_item(ada: Session) -> None:
    drop = ada.decide(FIRST, Action.DROP)
    ada.decide(ADDING, Action.DROP)
    assert ada.retract(FIRST) == drop
    assert ada.retract(FIRST) is None
    assert [ada.row(problem_id).state for problem_id in (FIRST, ADDING)] == [State.OPEN, State.DONE]


# ---- times


def test_times_give_the_order_even_if_the_clock_stops_or_goes_back(queue: Queue, review_folder: Path) -> None:
    now = datetime(2024, 5, 1, 10, tzinfo=UTC)
    clock = iter([now, now, now - timedelta(hours=1), now + timedelta(seconds=1)])
    with Session(queue, "ada", clock=lambda: next(clock)) as ada:
        made = [ada.decide(FIRST, Action(action)) for action in ("drop", "skip", "flag", "drop")]
    assert [decision.time[-7:] for decision in made] == ["000000Z", "000001Z", "000002Z", "000000Z"]
    assert read_decisions(review_folder / "decisions") == made


def test_the_last_possible_time_is_an_error(queue: Queue, review_folder: Path) -> None:
    last = Decision(FIRST, "older", Action.DROP, "ada", "9999-12-31T23:59:59.999999Z")
    append_decision(review_folder / "decisions", last)
    with Session(queue, "ada") as ada, pytest.raises(WorkError, match=r"ada\.jsonl has a decision dated 9999"):
        ada.decide(FIRST, Action.DROP)


@pytest.mark.parametrize("seed", range(5))
def test_one_reviewer_on_two_machines_comes_to_the_same_whatever_the_order_of_lines(
    queue: Queue, review_folder: Path, seed: int
) -> None:
    """The result of git's union merge: the lines of both, in any order."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    made = []
    for machine in range(2):
        ticks = iter(start + timedelta(seconds=2 * n + machine) for n in range(99))
        with Session(queue, "ada", clock=lambda ticks=ticks: next(ticks)) as ada:
            ada.decide(FIRST, Action.DROP if machine else Action.FLAG)
            ada.decide(ADDING, Action.KEEP)
            ada.undo()
            ada.decide(CHOOSING, Action.DROP)
        file = review_folder / "decisions" / "ada.jsonl"
        made += file.read_bytes().splitlines(keepends=True)
        file.unlink()
    random.Random(seed).shuffle(made)
    (review_folder / "decisions" / "ada.jsonl").write_bytes(b"".join(made))
    decisions = read_decisions(review_folder / "decisions")
    states = {row.problem_id: row.state for row in queue.rows(decisions)}
    assert states == {FIRST: State.DONE, ADDING: State.OPEN, CHOOSING: State.DONE, LAST: State.OPEN}
    last = resolve(decisions, FIRST, queue.headers[FIRST].digest).decisions
    assert [decision.action for decision in last] == [Action.DROP]  # the later machine's


def test_git_merges_two_branches_without_a_conflict(queue: Queue, review_folder: Path) -> None:
    folder = review_folder / "decisions"

    def git(*words: str) -> None:
        command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    def commit_as(branch: str, problem_id: str, reviewer: str = "ada") -> Decision:
        git("checkout", "-q", "-b", branch, "start")
        with Session(queue, reviewer) as session:
            decision = session.decide(problem_id, Action.DROP)
        git("add", ".")
        git("commit", "-q", "-m", branch)
        return decision

    with Session(queue, "ada") as session:
        first = session.decide(LAST, Action.SKIP)
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "start")
    git("branch", "start")
    desk, laptop, bobs = commit_as("desk", FIRST), commit_as("laptop", ADDING), commit_as("bob", CHOOSING, "bob")
    git("merge", "-q", "--no-edit", "desk")
    git("merge", "-q", "--no-edit", "laptop")
    assert read_decisions(folder) == [first, desk, laptop, bobs]


# ---- others at work


def test_what_another_reviewer_decides_meanwhile_is_seen_at_the_next_look(ada: Session, queue: Queue) -> None:
    ada.decide(ADDING, Action.KEEP)
    with Session(queue, "bob") as bob:
        bob.decide(ADDING, Action.DROP)
        bob.decide(FIRST, Action.DROP)
    states = {row.problem_id: (row.state, row.reviewers) for row in ada.rows()}
    assert states[ADDING] == (State.DISAGREEMENT, ("ada", "bob"))
    assert states[FIRST] == (State.DONE, ("bob",))
    assert [decision.reviewer for decision in ada.history(ADDING)] == ["ada", "bob"]


def test_what_another_writes_in_the_same_moment_is_seen_too(
    ada: Session, review_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(folder: Path, decision: Decision) -> None:
        append_decision(folder, replace(decision, reviewer="bob", problem_id=ADDING, item_digest="older"))
        append_decision(folder, decision)

    monkeypatch.setattr("curation.review.session.append_decision", both)
    ada.decide(FIRST, Action.DROP)
    assert {row.problem_id: row.reviewers for row in ada.rows()}[ADDING] == ("bob",)


def test_what_a_git_pull_brings_into_ones_own_file_is_seen_too(ada: Session, review_folder: Path) -> None:
    mine = ada.decide(ADDING, Action.KEEP)
    with (review_folder / "decisions" / "ada.jsonl").open("ab") as file:
        file.write(encode_line(replace(mine, problem_id=FIRST, item_digest="older")))
    assert ada.row(FIRST).state is State.STALE
    ada.decide(FIRST, Action.DROP)
    assert ada.row(FIRST).state is State.DONE


def test_a_session_leaves_nothing_behind_but_decisions(queue: Queue, review_folder: Path) -> None:
    before = sorted(review_folder.rglob("*"))
    with Session(queue, "ada"):
        pass
    assert sorted(review_folder.rglob("*")) == sorted([*before, review_folder / "decisions"])


def test_a_second_session_of_the_same_reviewer_is_refused_until_the_first_is_closed(queue: Queue) -> None:
    with Session(queue, "ada") as first:
        with pytest.raises(BusyError, match=rf"ada already has a session on .* \(process {os.getpid()}\): close"):
            Session(queue, "ada")
        with Session(queue, "bob") as bob:
            bob.decide(FIRST, Action.SKIP)
        first.decide(FIRST, Action.SKIP)
    with Session(queue, "ada"):
        pass


def test_where_nothing_can_be_written_it_opens_for_reading(
    queue: Queue, review_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_decision(review_folder / "decisions", Decision(FIRST, "older", Action.DROP, "bob", "2024-05-01T10:00:00Z"))

    def refuse(path: Path) -> None:
        raise OutputError(f"cannot write {path}: Read-only file system: choose a place where you may write")

    monkeypatch.setattr("curation.review.session.lock", refuse)
    with Session(queue, "ada") as ada:
        assert "Read-only file system" in ada.read_only
        assert ada.row(FIRST).state is State.STALE
        for attempt in (lambda: ada.decide(FIRST, Action.DROP), lambda: ada.decide(ADDING, Action.SKIP)):
            with pytest.raises(OutputError, match="Read-only file system"):
                attempt()
        assert [row.state for row in ada.rows()].count(State.DONE) == 0
    assert not (review_folder / "decisions" / "ada.jsonl").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes where it has no permissions")
def test_a_folder_without_write_permission_opens_for_reading(queue: Queue, review_folder: Path) -> None:
    review_folder.chmod(0o500)
    with Session(queue, "ada") as ada, pytest.raises(OutputError, match="cannot write"):
        ada.decide(FIRST, Action.DROP)


def test_a_write_that_fails_decides_nothing(ada: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    skip = ada.decide(FIRST, Action.SKIP)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OutputError, match="free some space"):
            ada.decide(FIRST, Action.DROP)
    assert ada.decisions() == [skip]
    assert len(lines(ada.queue.folder)) == 1


# ---- files as crashes and people leave them


def test_a_torn_last_line_is_passed_over_and_work_goes_on(queue: Queue, review_folder: Path) -> None:
    with Session(queue, "ada") as ada:
        kept = ada.decide(FIRST, Action.DROP)
        torn = encode_line(replace(kept, problem_id=ADDING))[:-20]
        with (review_folder / "decisions" / "ada.jsonl").open("ab") as file:
            file.write(torn)
        assert ada.row(ADDING).state is State.OPEN
        new = ada.decide(CHOOSING, Action.DROP)
    assert read_decisions(review_folder / "decisions") == [kept, new]


def test_a_broken_line_is_named_and_the_reviewer_can_come_again_once_it_is_mended(
    queue: Queue, review_folder: Path
) -> None:
    with Session(queue, "ada") as ada:
        ada.decide(FIRST, Action.DROP)
    file = review_folder / "decisions" / "ada.jsonl"
    whole = file.read_bytes()
    file.write_bytes(b"<<<<<<< HEAD\n" + whole)
    with pytest.raises(BuildFolderError, match=r"ada\.jsonl:1: not a JSON object .*: fix or remove the line"):
        Session(queue, "ada")
    assert file.read_bytes() == b"<<<<<<< HEAD\n" + whole
    file.write_bytes(whole)
    with Session(queue, "ada") as ada:
        assert ada.row(FIRST).state is State.DONE


def test_kill_9_loses_no_decision_that_was_reported(review_folder: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from curation.review_decisions import Action
        from curation.review.queue import open_queue
        from curation.review.session import Session
        session = Session(open_queue(Path(sys.argv[1])), "ada")
        while True:
            print(session.decide("train/0001", Action.DROP).decision_id, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(review_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    with open_queue(review_folder) as queue, Session(queue, "ada") as ada:
        assert [decision.decision_id for decision in ada.decisions()][: len(told)] == told
        assert ada.row(FIRST).state is State.DONE


# ---- what a build makes of it


def test_the_next_build_takes_the_decisions_and_says_who_when_and_what(
    queue: Queue, review_folder: Path, rebuild: Callable[[], Path], rows: Callable[[Path], list[dict]]
) -> None:
    with Session(queue, "Ada Lovelace") as ada:
        made = [
            ada.decide(FIRST, Action.CORRECT, changes=FIXED, note="by hand"),
            ada.decide(ADDING, Action.KEEP),
            ada.decide(CHOOSING, Action.CORRECT, changes=Changes(checker=ANY_DIVISOR)),
            ada.decide(LAST, Action.DROP, reason="irrelevant_code"),
        ]
    ledger = {row["problem_id"]: row for row in rows(rebuild() / "ledger.jsonl")}
    outcomes = [ledger[problem_id]["outcome"] for problem_id in QUEUE]
    assert outcomes == ["corrected", "kept", "corrected", "dropped"]
    assert ledger[LAST]["reasons"] == ["irrelevant_code"]
    for decision in made:
        (told,) = ledger[decision.problem_id]["decisions"]
        assert (told["reviewer"], told["time"], told["action"]) == (decision.reviewer, decision.time, decision.action)
    findings = [row for row in rows(review_folder / "findings.jsonl") if row["code"] == "decision"]
    assert findings[0]["detail"].endswith("by hand")
    with open_queue(review_folder) as anew, Session(anew, "Ada Lovelace") as ada:
        assert anew.ids == ()
        assert ada.undo() is None  # a decision of an earlier build is retracted by its id
        assert ada.retract(FIRST) == made[0]
    assert "needs_review" in [row["outcome"] for row in rows(rebuild() / "ledger.jsonl")]


@pytest.mark.parametrize(
    ("problem_id", "can_be_kept", "changes"),
    [("train/0000", True, Changes(comparison="float")), ("train/0005", False, Changes({"0": "0", "1": "0", "2": "0"}))],
    ids=["that the rules keep", "that the rules drop"],
)
def test_a_problem_that_a_person_sends_to_review_can_be_corrected_like_any_other(
    review_folder: Path,
    rebuild: Callable[[], Path],
    rows: Callable[[Path], list[dict]],
    sandbox: Sandbox,
    problem_id: str,
    can_be_kept: bool,
    changes: Changes,
) -> None:
    """An item without a suggestion has its solutions, too."""
    digest = next(r["item_digest"] for r in rows(review_folder / "ledger.jsonl") if r["problem_id"] == problem_id)
    flag = Decision(problem_id, digest, Action.FLAG, "bob", "2024-05-01T10:00:00Z")
    append_decision(review_folder / "decisions", flag)
    with open_queue(rebuild()) as queue, Session(queue, "ada") as ada:
        assert (ada.row(problem_id).state, ada.proposal_for(problem_id)) == (State.FLAGGED, None)
        assert (ada.why_not_kept(problem_id) == "") is can_be_kept
        trial = try_changes(sandbox, queue.item(problem_id), changes, LIMITS)
        assert (trial.error, trial.canonical) == ("", 0)
        ada.decide(problem_id, Action.CORRECT, changes=trial.changes)
    ledger = {row["problem_id"]: row for row in rows(rebuild() / "ledger.jsonl")}
    assert (ledger[problem_id]["outcome"], ledger[problem_id]["item_digest"]) == ("corrected", digest)


# ---- who reviews


def test_the_reviewer_is_who_was_given_then_the_variable_then_git_then_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curation.review.reviewer._git_name", lambda folder: "Grace Hopper")
    monkeypatch.setattr("curation.review.reviewer._login_name", lambda: "login")
    variable = {"APPS_PLUS_REVIEWER": "ada"}
    assert reviewer_name("bob", tmp_path, variable) == "bob"
    assert reviewer_name(None, tmp_path, variable) == "ada"
    assert reviewer_name(None, tmp_path, {}) == "Grace Hopper"
    monkeypatch.setattr("curation.review.reviewer._git_name", lambda folder: "no/file")
    assert reviewer_name(None, tmp_path, {}) == "login"
    monkeypatch.setattr("curation.review.reviewer._login_name", lambda: "")
    with pytest.raises(InputError, match="give --reviewer NAME"):
        reviewer_name(None, tmp_path, {})


@pytest.mark.parametrize(("given", "variable"), [("a/b", ""), (None, "a/b")])
def test_a_name_given_for_this_is_refused_rather_than_passed_over(
    tmp_path: Path, given: str | None, variable: str
) -> None:
    with pytest.raises(InputError, match="'a/b' cannot be a reviewer's name"):
        reviewer_name(given, tmp_path, {"APPS_PLUS_REVIEWER": variable})


def test_gits_name_is_that_of_the_folder(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=30)
    subprocess.run(["git", "-C", tmp_path, "config", "user.name", "Zoe\u0308"], check=True, timeout=30)
    assert reviewer_name(None, tmp_path, {}) == "Zo\u00eb"
