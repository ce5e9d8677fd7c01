"""The proposed checker of an item: in the file, in the plain-text commands, adopted as a decision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from review_screens import divisors, item, least_then_plan, write_build
from typer.testing import CliRunner

from apps_plus.errors import InputError, WorkError
from curation.review.cli import COMMANDS
from curation.review.decide_command import adopt_checker
from curation.review.queue import open_queue
from curation.review.session import Session
from curation.review_decisions import Action, Changes, read_decisions

app = typer.Typer(add_completion=False)
for name, function in COMMANDS.items():
    app.command(name)(function)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_build(tmp_path / "build", [divisors("train/0001"), least_then_plan("train/0002"), item("train/0003")])


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr + str(result.exception or "")


def test_list_and_item_have_the_same_proposal(folder: Path) -> None:
    with open_queue(folder) as queue:
        header, found = queue.headers["train/0001"], queue.item("train/0001")
        assert header.checker == found.checker
        assert found.checker is not None
        assert found.checker.comparison == "unordered"
        assert found.digest == found.problem.digest() == divisors("train/0001").digest()
        assert queue.headers["train/0003"].checker is None


def test_a_queue_of_an_earlier_version_has_no_proposals(folder: Path) -> None:
    path = folder / "review.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["checker_proposal"]
    path.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    with open_queue(folder) as queue:
        assert [header.checker for header in queue.headers.values()] == [None] * 3
        assert queue.item("train/0001").checker is None


def test_list_and_show(folder: Path) -> None:
    _, listed, _ = run("list", folder)
    lines = listed.splitlines()
    assert "[checker: compare as unordered: lines, or elements, in any order]" in lines[0]
    assert "[checker: same_first_line: " in lines[1]
    assert "checker" not in lines[2]
    _, listed, _ = run("list", folder, "--json")
    assert json.loads(listed)["items"][0]["checker_evidence"].startswith("accepts 4 of 4 solutions' outputs, rejects ")
    _, shown, _ = run("show", folder, 2)
    assert "proposed checker: same_first_line: the same first line" in shown
    assert "def check(input: object, expected: str, actual: str) -> bool:" in shown
    _, shown, _ = run("show", folder, 2, "--json")
    assert json.loads(shown)["checker_proposal"]["caution"] == "it looks at little else"


def test_adopt_decides_after_a_trial(folder: Path) -> None:
    code, out, error = run("decide", folder, 1, "adopt", "--reviewer", "ana", "--note", "any order is right")
    assert code == 0, error
    assert "1 of 4 different solutions passed before, 4 pass now" in out
    [decision] = read_decisions(folder / "decisions")
    assert (decision.action, decision.changes) == (Action.CORRECT, Changes(comparison="unordered"))


def test_adopt_refuses_a_caution_a_missing_proposal_and_other_options(folder: Path) -> None:
    with open_queue(folder) as queue, Session(queue, "ana") as session:
        with pytest.raises(WorkError, match="same_first_line is a start for a checker of your own, since it looks at"):
            adopt_checker(session, "train/0002", "", Changes(), force=False)
        action, _, changes = adopt_checker(session, "train/0002", "", Changes(), force=True)
        assert (action, changes.comparison) == (Action.CORRECT, "checker")
        assert "def check(" in changes.checker
        with pytest.raises(InputError, match="train/0003 has no proposed checker"):
            adopt_checker(session, "train/0003", "", Changes(), force=True)
        with pytest.raises(InputError, match="takes the proposed checker as it is"):
            adopt_checker(session, "train/0001", "", Changes(comparison="case"), force=True)
