"""The plain-text commands: their output for scripts and screen readers, and one line for every error."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
import typer
from flawed_problems import ANY_DIVISOR, QUEUE
from raw_problems import LIMITS
from review_screens import item, write_build
from typer.testing import CliRunner

from apps_plus.errors import AppsPlusError
from apps_plus.problem import dump_json
from curation.build import BuildOptions, build
from curation.records import Option, Suggestion, Vote
from curation.review.cli import COMMANDS
from curation.review.queue import open_queue
from curation.review.session import Session
from curation.review_decisions import Changes, read_decisions
from harness.sandbox import LAYERS, Isolation, Sandbox

FIRST, ADDING, CHOOSING, LAST = QUEUE
ESCAPE = "\x1b[31m"

app = typer.Typer(add_completion=False)
for name, function in COMMANDS.items():
    app.command(name)(function)


@pytest.fixture(autouse=True)
def _is_ada(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPS_PLUS_REVIEWER", "ada")


def review(*words: object) -> str:
    """Run a command that succeeds; return its stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None, result.output
    return result.stdout


def refused(*words: object) -> tuple[int, str]:
    """Run a command that fails; return its exit code and its error line."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, AppsPlusError):
        return result.exception.exit_code, str(result.exception)
    assert isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


def decided(folder: Path) -> list[tuple[str, str]]:
    return [(decision.problem_id, str(decision.action)) for decision in read_decisions(folder / "decisions")]


def test_every_command_ends_its_help_with_an_example() -> None:
    assert next(iter(COMMANDS)) == "open"
    for name, function in COMMANDS.items():
        example = (inspect.getdoc(function) or "").splitlines()[-1].strip()
        assert example.startswith("apps-plus review my-apps-plus" if name == "open" else f"apps-plus review {name}")


# ---- list


def test_list_prints_a_line_an_item(review_folder: Path) -> None:
    review("decide", review_folder, ADDING, "drop", "--note", "why not")
    lines = review("list", review_folder).splitlines()
    assert [line.split()[0] for line in lines] == list(QUEUE)
    assert lines[1].split()[:7] == [ADDING, "interview", "done", "expected_output", "4/5", "ada", "(note)"]
    assert lines[1].endswith("4/5 solutions agree on another output for test 2")


def test_list_as_json_says_the_same(review_folder: Path) -> None:
    told = json.loads(review("list", review_folder, "--state", "open", "--tier", "interview", "--json"))
    assert (len(told["items"]), told["total"]) == (2, 4)
    assert told["items"][0]["problem_id"] == ADDING
    assert told["items"][0]["reasons"] == ["output_mismatch"]
    assert told["items"][0]["votes"] == "4/5"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--reason", "multiple_outputs"], [CHOOSING]),
        (["--search", "TRIPLED 4"], [FIRST, LAST]),
        (["--state", "done"], []),
        (["--mine"], list(QUEUE)),
    ],
)
def test_list_takes_filters(review_folder: Path, options: list[str], found: list[str]) -> None:
    assert [line.split()[0] for line in review("list", review_folder, *options).splitlines()] == found


def test_items_can_be_shared_among_reviewers(review_folder: Path) -> None:
    def of(name: str, *more: str) -> set[str]:
        listed = review("list", review_folder, "--mine", "--reviewer", name, "--reviewers", "ada, bob", *more)
        return {line.split()[0] for line in listed.splitlines()}

    assert of("ada") | of("bob") == set(QUEUE)
    assert of("ada") & of("bob") == set()
    assert of("ada", "--overlap", "1") == of("bob", "--overlap", "1") == set(QUEUE)
    assert refused("list", review_folder, "--reviewer", "eve", "--reviewers", "ada,bob")[0] == 2


# ---- show


def test_show_prints_everything_about_an_item(review_folder: Path) -> None:
    review("decide", review_folder, ADDING, "skip", "--note", f"not {ESCAPE}sure")
    told = review("show", review_folder, "2")
    assert "train/0002: open; interview, standard input, compared as exact" in told
    assert "apply would decide: correct test 2 expects '102'" in told
    assert "test 2: 1 of 5 solutions give the expected output" in told
    assert "input: 100 2" in told
    assert "expected: 1\n" in told
    assert "given by 4 (differs from character 1 on): 102" in told
    assert "0: output_mismatch: test 2: gave another output" in told
    assert "    They are on one line; print their sum." in told
    assert r"ada: skip: not \x1b[31msure" in told
    assert ESCAPE not in told


def test_show_prints_one_test_or_one_solution_in_full(review_folder: Path) -> None:
    assert "given by solutions 0, 1, 2, 3: 102" in review("show", review_folder, ADDING, "--test", 2)
    assert review("show", review_folder, ADDING, "--solution", 0).startswith("a, b = map(int")
    assert refused("show", review_folder, ADDING, "--test", 3) == (
        2,
        "train/0002 has no test 3: its tests are numbered 0 to 2",
    )
    assert refused("show", review_folder, ADDING, "--solution", 9)[0] == 2


def test_show_as_json_has_it_all(review_folder: Path) -> None:
    code, told = refused("decide", review_folder, FIRST, "flag")
    assert (code, "`flag` needs a note" in told) == (2, True)
    review("decide", review_folder, FIRST, "flag", "--note", "two readings")
    told = json.loads(review("show", review_folder, FIRST, "--json"))
    assert (told["problem_id"], told["state"]) == (FIRST, "flagged")
    assert told["tests"]["outputs"] == [3, 16, -6]
    assert told["proposal"]["changes"]["outputs"] == {"1": "15"}
    assert told["votes"][0]["options"][0]["output"] == "15"
    assert [decision["action"] for decision in told["history"]] == ["flag"]
    assert told["sources"]["0"] == "def f(x):\n    return 3 * x\n"


def test_history_says_what_was_taken_back_and_what_is_stale(review_folder: Path) -> None:
    review("decide", review_folder, FIRST, "drop")
    review("decide", review_folder, FIRST, "retract")
    review("decide", review_folder, FIRST, "skip")
    file = review_folder / "review.jsonl"
    file.write_text(file.read_text().replace('"item_digest":"', '"item_digest":"0'))
    told = review("show", review_folder, FIRST).splitlines()[-3:]
    assert [line.partition("ada: ")[2] for line in told] == [
        "drop for output_mismatch (retracted) (of an earlier version)",
        "retract (of an earlier version)",
        "skip (of an earlier version)",
    ]


def test_whatever_is_in_the_data_cannot_move_the_cursor(review_folder: Path) -> None:
    path = review_folder / "review.jsonl"
    text = path.read_text().replace("tripled", "tripled\\u001b[31m\\u0007").replace("introductory", "in\\u001b[2J")
    path.write_text(text)
    for words in (["list", review_folder], ["show", review_folder, FIRST], ["list", review_folder, "--search", "x"]):
        assert not set(review(*words)) & {"\x1b", "\x07"}


# ---- decide


def test_a_correction_is_tried_and_before_and_after_are_printed(review_folder: Path) -> None:
    told = review("decide", review_folder, FIRST, "correct", "--output", "1=15", "--note", "3 * 5")
    assert "train/0001: 0 of 5 different solutions passed before, 4 pass now" in told
    assert "    0: output_mismatch -> passed" in told
    assert "    4: runtime_error" in told
    assert "solution 0 would be canonical; outputs compared as exact" in told
    assert told.endswith("ada: correct test 1 expects '15': done\n")
    assert decided(review_folder) == [(FIRST, "correct")]


def test_apply_does_what_is_suggested(review_folder: Path) -> None:
    told = json.loads(review("decide", review_folder, FIRST, "apply", "--json"))
    assert told["decision"]["changes"]["outputs"] == {"1": "15"}
    assert (told["state"], told["trial"]["passed_after"], told["trial"]["canonical"]) == ("done", 4, 0)
    told = json.loads(review("decide", review_folder, CHOOSING, "apply", "--json"))
    assert (told["decision"]["action"], told["decision"]["reason"], told["trial"]) == ("drop", "multiple_outputs", None)


def test_outputs_and_checkers_come_from_files_too(review_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "output").write_text("102\n")
    (tmp_path / "checker.py").write_text(ANY_DIVISOR)
    review("decide", review_folder, ADDING, "correct", "--output", f"2=@{tmp_path / 'output'}")
    review("decide", review_folder, CHOOSING, "correct", "--checker", tmp_path / "checker.py")
    decisions = read_decisions(review_folder / "decisions")
    assert [d.changes.outputs for d in decisions] == [{"2": "102"}, {}]
    assert (decisions[1].changes.comparison, decisions[1].changes.checker) == ("checker", ANY_DIVISOR)
    code, told = refused("decide", review_folder, ADDING, "correct", "--output", "2=@@102")
    assert code == 1  # a text that begins with @, which no solution prints
    assert "no solution passes" in told


def test_what_no_solution_passes_is_refused_unless_it_is_wanted(review_folder: Path) -> None:
    wrong = ("decide", review_folder, FIRST, "correct", "--output", "1=17")
    code, told = refused(*wrong)
    assert code == 1
    assert told.startswith("no solution passes the tests of train/0001 as changed")
    assert "nothing was decided" in told
    assert decided(review_folder) == []
    review(*wrong, "--force")
    assert decided(review_folder) == [(FIRST, "correct")]


def test_a_keep_that_no_build_can_apply_is_taken_by_force(review_folder: Path) -> None:
    assert review("decide", review_folder, FIRST, "keep", "--force") == "ada: keep: done\n"
    assert decided(review_folder) == [(FIRST, "keep")]


def test_a_checker_that_does_not_work_is_refused_even_by_force(review_folder: Path, tmp_path: Path) -> None:
    """A checker that raises would stop the next build."""
    (tmp_path / "checker.py").write_text("def check(:")
    code, told = refused("decide", review_folder, CHOOSING, "correct", "--checker", tmp_path / "checker.py", "--force")
    assert (code, "does not work" in told, decided(review_folder)) == (1, True, [])


def test_what_a_suggested_comparison_would_also_accept_stands_under_the_suggestion(tmp_path: Path) -> None:
    suggested = item(
        "train/0001",
        tests=dump_json({"inputs": ["3\n"], "outputs": ["6\n1\n"]}),
        votes=(Vote(0, "6\n1\n", 1, (Option("1\n6", (0, 1)),), 3),),
        suggestion=Suggestion("comparison", "2/3 in another order", comparison="unordered", votes="2/3"),
    )
    told = review("show", write_build(tmp_path / "build", [suggested]), "train/0001")
    assert "compared as unordered, another output would also be accepted for test 0 (all lines sorted):" in told
    assert "    also accepted:\n        1\n        6\n" in told


def test_what_another_comparison_would_also_accept_is_shown(review_folder: Path) -> None:
    wanted = ("decide", review_folder, ADDING, "correct", "--comparison", "float", "--output", "2=102", "--dry-run")
    told = review(*wanted)
    assert "compared as float, another output would also be accepted for test" in told
    assert "also accepted: 102.0" in told
    trial = json.loads(review(*wanted, "--json"))["trial"]
    assert (trial["comparison"], trial["tolerance"], trial["tolerance_kind"]) == ("float", 1e-6, "")
    assert (trial["accepted"]["output"].strip(), trial["accepted"]["expected"].strip()) == ("102.0", "102")


def test_a_dry_run_decides_nothing(review_folder: Path) -> None:
    assert "4 pass now" in review("decide", review_folder, FIRST, "apply", "--dry-run")
    assert json.loads(review("decide", review_folder, CHOOSING, "drop", "--dry-run", "--json"))["decision"] is None
    assert decided(review_folder) == []


def test_retract_takes_a_decision_back(review_folder: Path) -> None:
    review("decide", review_folder, FIRST, "drop")
    assert review("decide", review_folder, FIRST, "retract").endswith(": open\n")
    assert decided(review_folder) == [(FIRST, "drop"), (FIRST, "retract")]
    assert refused("decide", review_folder, FIRST, "retract") == (
        2,
        "ada has no decision about train/0001: there is nothing to retract",
    )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([FIRST, "keep"], 1, "no solution passes its tests, so no build can release it; correct or drop it (--force"),
        ([FIRST, "keep", "--dry-run"], 1, "no solution passes its tests"),
        ([FIRST, "keep", "--output", "1=15"], 2, "go with `correct`"),
        ([FIRST, "drop", "--reason", "ugly"], 2, "is not a reason to drop a problem"),
        ([ADDING, "keep", "--reason", "timeout"], 2, "only `drop` has a reason"),
        ([FIRST, "apply", "--output", "1=15"], 2, "`apply` takes the suggestion as it is"),
        ([FIRST, "correct"], 2, "changes nothing"),
        ([FIRST, "correct", "--output", "15"], 2, "not TEST=TEXT"),
        ([FIRST, "correct", "--output", "1=@/no/such/file"], 2, "cannot read /no/such/file"),
        ([FIRST, "correct", "--checker", "no_such.py"], 2, "cannot read no_such.py"),
        ([FIRST, "correct", "--checker", "any_ordr"], 2, "no checker 'any_ordr' in the catalogue: give one of "),
        ([FIRST, "correct", "--output", "7=1"], 2, "has no test 7"),
        ([FIRST, "correct", "--output", "1=one"], 2, "not JSON"),
        ([FIRST, "correct", "--input", "1=7"], 2, "not a list of arguments in JSON"),
        ([FIRST, "correct", "--input", "7"], 2, "--input '7' is not TEST=TEXT"),
        ([FIRST, "correct", "--drop-test", "9"], 2, "has no test 9"),
        ([FIRST, "keep", "--drop-test", "1"], 2, "go with `correct`"),
        ([FIRST, "correct", "--output", "1=15", "--reason", "timeout"], 2, "`correct` has not"),
        ([FIRST, "correct", "--comparison", "roughly"], 2, "is not a comparison"),
        ([FIRST, "correct", "--comparison", "checker"], 2, "need each other"),
        ([FIRST, "correct", "--canonical", "77"], 2, "no solution 77"),
        (["train/0000", "drop"], 2, "does not need review, it is kept"),
        (["77", "drop"], 2, "no problem 77"),
        ([FIRST, "drop", "--reviewer", "a/b"], 2, "cannot be a reviewer's name"),
        ([FIRST, "burn"], 2, "burn"),
    ],
)
def test_what_cannot_be_decided_is_one_clear_line_and_nothing_is_written(
    review_folder: Path, words: list[str], code: int, told: str
) -> None:
    exit_code, line = refused("decide", review_folder, *words)
    assert (exit_code, told in line) == (code, True), line
    assert not list(review_folder.glob("decisions/*.jsonl"))


def test_a_suggestion_that_only_says_look_cannot_be_applied(review_folder: Path) -> None:
    path = review_folder / "review.jsonl"
    path.write_text(path.read_text().replace('"kind":"drop"', '"kind":"look"'))
    code, told = refused("decide", review_folder, CHOOSING, "apply")
    assert code == 2
    assert "train/0003 has no suggestion to apply, a person must look" in told


def test_decide_is_refused_while_the_same_reviewer_has_the_app_open(review_folder: Path) -> None:
    with open_queue(review_folder) as queue, Session(queue, "ada"):
        code, told = refused("decide", review_folder, FIRST, "drop")
        review("decide", review_folder, FIRST, "drop", "--reviewer", "bob")
    assert code == 1
    assert told.startswith("ada already has a session on")


# ---- agreement, export, build


def test_agreement_says_kappa_of_what_both_judged(review_folder: Path) -> None:
    for reviewer, action in (("ada", "drop"), ("bob", "keep")):
        review("decide", review_folder, ADDING, action, "--reviewer", reviewer)
        review("decide", review_folder, CHOOSING, "drop", "--reviewer", reviewer)
    told = review("agreement", review_folder)
    assert told.startswith("ada and bob: kappa 0.000, n 2, same category 50.0% (by chance 50.0%)")
    assert "differ on train/0002" in told
    as_json = json.loads(review("agreement", review_folder, "--json"))
    assert as_json["reviewers"] == {"ada": {"drop": 2}, "bob": {"drop": 1, "keep": 1}}
    assert as_json["pairs"][0]["kappa"] == {"n": 2, "observed": 0.5, "expected": 0.5, "kappa": 0.0}
    listed = review("list", review_folder, "--state", "disagreement").splitlines()
    assert [line.split()[0] for line in listed] == [ADDING]


def test_agreement_with_nobody_to_compare_prints_nothing(review_folder: Path) -> None:
    assert review("agreement", review_folder) == ""
    assert json.loads(review("agreement", review_folder, "--json")) == {"reviewers": {}, "pairs": []}


def test_decisions_travel_to_another_build_by_export(
    review_folder: Path, flawed_raw: Path, tmp_path: Path, rows: Callable[[Path], list[dict[str, Any]]]
) -> None:
    out, other = tmp_path / "decisions", tmp_path / "other"
    code, told = refused("export", review_folder, out)
    assert code == 2 and f"{review_folder} holds no decisions yet" in told
    code, told = refused("export", review_folder, review_folder)
    assert code == 2 and "is a build: give a folder for decisions only" in told
    review("decide", review_folder, FIRST, "apply")
    review("decide", review_folder, CHOOSING, "drop", "--reviewer", "bob")
    assert json.loads(review("export", review_folder, out, "--json")) == {"out": str(out), "new": 2, "total": 2}
    assert "0 new decisions" in review("export", review_folder, out)
    assert {path.name for path in out.iterdir()} == {"ada.jsonl", "bob.jsonl", ".gitattributes"}
    assert "2 new decisions" in review("export", review_folder, tmp_path / "portable", "--portable")
    raw_digests = {row["problem_id"]: row["raw_digest"] for row in rows(review_folder / "ledger.jsonl")}
    portable = read_decisions(tmp_path / "portable")
    assert [d.raw_digest for d in portable] == [raw_digests[FIRST], raw_digests[CHOOSING]]
    build(BuildOptions(flawed_raw, other, decisions=out, workers=1, limits=LIMITS))
    build(BuildOptions(flawed_raw, review_folder, workers=1, limits=LIMITS))
    ledger = {row["problem_id"]: row["outcome"] for row in rows(other / "ledger.jsonl")}
    assert [ledger[problem_id] for problem_id in QUEUE] == ["corrected", "needs_review", "dropped", "needs_review"]
    for name in ("ledger.jsonl", "findings.jsonl", "train.jsonl", "manifest.json"):
        assert (other / name).read_bytes() == (review_folder / name).read_bytes()
    assert decided(other) == decided(review_folder)
    review("decide", review_folder, FIRST, "retract")  # settled by the build, and still one's own to take back


def test_a_changed_input_and_a_test_left_out_are_replayed_exported_and_in_the_ledger(
    review_folder: Path, flawed_raw: Path, tmp_path: Path, rows: Callable[[Path], list[dict[str, Any]]]
) -> None:
    wanted = ("decide", review_folder, ADDING, "correct", "--input", "2=3 4", "--drop-test", "0")
    told = refused(*wanted)
    assert told[0] == 1 and "no solution passes" in told[1]
    told = review(*wanted, "--output", "2=7", "--note", "bad")
    assert "5 of 5 solutions answer the changed input of test 2 with the expected output" in told
    assert "ada: correct test 2 has the input '3 4\\n'; test 2 expects '7'; without test 0" in told
    (decision,) = read_decisions(review_folder / "decisions")
    assert (decision.reason, decision.changes) == (
        "bad_input",
        Changes({"2": "7"}, inputs={"2": "3 4\n"}, dropped_tests=(0,)),
    )
    out, other = tmp_path / "decisions", tmp_path / "other"
    review("export", review_folder, out, "--portable")
    build(BuildOptions(flawed_raw, other, decisions=out, workers=1, limits=LIMITS))
    ledger = next(row for row in rows(other / "ledger.jsonl") if row["problem_id"] == ADDING)
    assert (ledger["outcome"], ledger["tests"], ledger["comparison"]) == ("corrected", 2, "exact")
    applied = ledger["decisions"][0]
    assert applied["reason"] == "bad_input"
    assert applied["changes"] == ["input of test 2", "output of test 2", "without test 0"]
    released = [
        row
        for split in ("train", "validation", "test")
        if (other / f"{split}.jsonl").exists()
        for row in rows(other / f"{split}.jsonl")
        if row["problem_id"] == ADDING
    ]
    tests = json.loads(released[0]["tests"])
    assert (tests["inputs"], [text.strip() for text in tests["outputs"]]) == (["5 5\n", "3 4\n"], ["10", "7"])


def test_a_checker_of_the_catalogue_is_taken_by_its_name(review_folder: Path) -> None:
    listed = review("checkers").splitlines()
    assert any(line.split()[:2] == ["any_order_of_lines", "texts"] for line in listed)
    assert {row["name"] for row in json.loads(review("checkers", "--json"))["checkers"]} == {
        line.split()[0] for line in listed
    }
    told = review("decide", review_folder, ADDING, "correct", "--checker", "any_order_of_lines", "--output", "2=102")
    assert "the checker rejects" in told
    (decision,) = read_decisions(review_folder / "decisions")
    assert decision.changes.checker.startswith('"') or "def check" in decision.changes.checker
    for given, expected in (("tokens", "give --comparison tokens"), ("any_known_answer", "needs a table of answers")):
        code, line = refused("decide", review_folder, ADDING, "correct", "--checker", given)
        assert (code, expected in line) == (2, True), line


def test_the_guidelines_are_printed_also_those_of_a_team(review_folder: Path) -> None:
    usual = review("guidelines", review_folder)
    assert "Read the statement first" in usual
    assert f"write them to `{review_folder / 'guidelines.md'}`" in usual
    (review_folder / "guidelines.md").write_text("# Ours\n")
    assert review("guidelines", review_folder) == "# Ours\n"
    (review_folder / "guidelines.md").write_bytes(b"\xff")
    code, told = refused("guidelines", review_folder)
    assert (code, "guidelines.md: it is not UTF-8" in told) == (2, True)


def test_a_decision_says_how_many_are_left_and_the_next_command(review_folder: Path) -> None:
    told = [json.loads(review("decide", review_folder, item, "drop", "--json"))["left"] for item in QUEUE]
    assert told == [3, 2, 1, 0]


# ---- what is no queue


def test_the_decisions_that_ship_are_listed_one_a_line() -> None:
    lines = review("shipped").splitlines()
    problems = json.loads(review("shipped", "--json"))["problems"]
    assert [line.partition(":")[0] for line in lines] == [problem["problem_id"] for problem in problems]
    assert review("shipped", "--markdown").count("\n| train/") == len(lines)


@pytest.mark.parametrize("words", [["list"], ["show", "1"], ["decide", "1", "drop"], ["agreement"], ["export", "x"]])
def test_what_is_no_build_is_refused_by_every_command(tmp_path: Path, words: list[str]) -> None:
    command, *rest = words
    code, told = refused(command, tmp_path / "nowhere", *rest)
    assert code == 2
    assert "is not a whole build: make or finish it with apps-plus build RAW --out" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["list"], ["show", "1"], ["decide", "1", "drop"], ["agreement"], ["export", "x"]])
def test_a_broken_line_of_a_reviewer_is_named_by_every_command(review_folder: Path, words: list[str]) -> None:
    review("decide", review_folder, FIRST, "drop", "--reviewer", "bob")
    file = review_folder / "decisions" / "bob.jsonl"
    broken = file.read_bytes() + b"broken\n"
    file.write_bytes(broken)
    command, *rest = words
    code, told = refused(command, review_folder, *rest)
    assert (code, "bob.jsonl:2: not a JSON object" in told) == (2, True)
    assert file.read_bytes() == broken


# ---- the screen, and where programs run


def test_the_screen_and_decide_use_the_isolation_options(review_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("curation.review.cli._has_terminal", lambda: True)
    monkeypatch.setattr("curation.review.tui.app.run_app", lambda session, isolation: seen.append(isolation))
    for options in ([], ["--unsafe"], ["--require-isolation"]):
        review("open", review_folder, *options)
    assert seen == [Isolation(), Isolation(unsafe=True), Isolation(require_isolation=True)]


def test_the_screen_is_not_opened_on_what_is_no_build_nor_twice_at_once(
    review_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curation.review.cli._has_terminal", lambda: True)
    monkeypatch.setattr("curation.review.tui.app.run_app", lambda *_: pytest.fail("it opened"))
    code, told = refused("open", tmp_path / "nowhere")
    assert (code, "is not a whole build: make or finish it with apps-plus build RAW --out" in told) == (2, True)
    with open_queue(review_folder) as queue, Session(queue, "ada"):
        code, told = refused("open", review_folder)
    assert (code, told.startswith("ada already has a session on")) == (1, True)
    (review_folder / "decisions" / "bob.jsonl").write_text("broken\n{}\n")
    code, told = refused("open", review_folder)
    assert (code, "bob.jsonl:1: not a JSON object" in told) == (2, True)


def test_without_a_sandbox_nothing_is_decided_unless_that_is_accepted(
    review_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sandbox, "__init__", partialmethod(Sandbox.__init__, without=LAYERS[:-1]))
    code, told = refused("decide", review_folder, FIRST, "apply")
    assert (code, decided(review_folder)) == (1, [])
    assert "programs would run without isolation" in told
    assert "--unsafe accepts that" in told
    review("decide", review_folder, FIRST, "apply", "--unsafe")
    assert decided(review_folder) == [(FIRST, "correct")]


def test_the_screen_needs_a_terminal_and_says_what_does_not(review_folder: Path) -> None:
    code, told = refused("open", review_folder)
    assert code == 2
    assert "needs a terminal" in told
    assert "review list" in told
