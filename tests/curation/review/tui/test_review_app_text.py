"""The functions behind the screens, without a terminal: differences, answers, the worklist, the keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, item, with_texts, write_build

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, ComparisonRule
from curation.records import Option, Suggestion, VerifiedProblem
from curation.review.output_diff import compare_texts, first_difference, fold, show_text, visible
from curation.review.queue import Item, State, open_queue
from curation.review.session import Session, proposal_of
from curation.review.solution_answers import (
    RerunResult,
    answers_on,
    disputed_tests,
    input_text,
    most_disputed_test,
    permissive_sentences,
    statement_evidence,
)
from curation.review.tui.diff_pane import answer_lines
from curation.review.tui.item_heading import suggestion_line
from curation.review.tui.item_view import ItemView, first_view
from curation.review.tui.keys import KEYS, display, find_fault, keymap_path, read_keymap
from curation.review.tui.solutions_pane import solution_line
from curation.review.worklist import MINE, QueueProgress, RowFilter, Worklist
from curation.review_decisions import Action, Changes


def item_of(problem: VerifiedProblem) -> Item:
    """The problem as an item of a queue."""
    return Item(problem, "digest", ("output_mismatch",))


# ---- the first difference


@pytest.mark.parametrize(
    ("expected", "actual", "marked"),
    [
        ("40\n", "36\n", ("40", "36")),
        ("12", "123", ("12", "123")),
        ("12", "12 3", ("", "3")),
        ("a b c", "a x c", ("b", "x")),
        ("a\nb\nc", "a\nb", ("c", "")),
        ("", "x", ("", "x")),
        ("x", "\n\n", ("x", "")),
        ("1 2", "1\n2", ("2", "")),
        ("1 2 3", "1  2 3", (" ", "  ")),
        ("héllo", "hello", ("héllo", "hello")),
        ("x y", "x yz w", ("y", "yz")),
    ],
)
def test_the_first_token_that_differs_is_marked(expected: str, actual: str, marked: tuple[str, str]) -> None:
    spans = first_difference(expected, actual)
    assert spans is not None
    assert (expected[spans[0].start : spans[0].end], actual[spans[1].start : spans[1].end]) == marked


@pytest.mark.parametrize(
    ("expected", "actual", "mode"),
    [
        ("a  \nb\n\n", "a\nb", Comparison.EXACT),
        ("a\r\nb".replace("\r", ""), "a\nb", Comparison.EXACT),
        ("1 2", "1\n2", Comparison.TOKENS),
        ("1.0000001 5", "1.0 5.0", Comparison.FLOAT),
        ("a\nb", "b\na", Comparison.UNORDERED),
    ],
)
def test_what_does_not_count_in_a_mode_is_not_marked(expected: str, actual: str, mode: Comparison) -> None:
    assert first_difference(expected, actual, ComparisonRule(mode)) is None
    assert compare_texts(expected, actual, ComparisonRule(mode)).expected.mark is None


def test_in_a_value_brackets_and_commas_end_a_token() -> None:
    spans = first_difference("[1,22,3]", "[1,23,3]", values=True)
    assert spans is not None
    assert (spans[0].start, spans[0].end) == (3, 5)
    assert first_difference("[1.0,2]", "[1,2]", ComparisonRule(Comparison.FLOAT), values=True) is None


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        ("1 2\n3 4", "1 2\n3 5", "first difference: line 2, token 2"),
        ("1\n2", "1", "the output ends before line 2, token 1"),
        ("1", "1\n2", "more is printed than expected, after line 1"),
        ("1", "", "nothing was printed"),
        ("", "1", "no output is expected"),
        ("1", "1", "the same"),
    ],
)
def test_the_difference_in_words(expected: str, actual: str, told: str) -> None:
    assert compare_texts(expected, actual).verdict == told


def test_a_long_text_is_cut_around_the_difference_and_says_what_is_cut() -> None:
    lines = [str(n) for n in range(10_000)]
    other = [*lines[:5000], "x", *lines[5001:]]
    side = compare_texts("\n".join(lines), "\n".join(other)).expected
    assert side.mark is not None
    assert side.lines[side.mark[0]] == "5000"
    assert side.above == "[4,996 lines, 23,870 characters above not shown]"
    assert side.below.endswith("below not shown]")
    assert len(side.lines) < 50


def test_a_short_text_is_shown_whole() -> None:
    side = show_text("a\nb\n")
    assert (side.lines, side.above, side.below, side.ended) == (("a", "b"), "", "", True)


def test_lines_that_only_one_side_has_stand_alone() -> None:
    assert compare_texts("a\nb\nc", "a\nc").pairs == ((0, 0), (1, None), (2, 1))


def test_folding_counts_cells_and_carries_the_mark_on() -> None:
    chunks = fold(list("ab界界cd"), 4, lambda c: 2 if c == "界" else 1, (3, 5))
    assert [(chunk.text, chunk.mark) for chunk in chunks] == [("ab界", None), ("界cd", (0, 2))]
    assert [chunk.text for chunk in fold([], 4, len)] == [""]


def test_white_space_and_control_characters_are_visible() -> None:
    assert visible("a b\tc", whitespace=True, ended=True) == ["a", "·", "b", "→   ", "c", "↵"]
    assert visible("\x1b\r\t") == ["\\x1b", "\\x0d", "    "]


# ---- who says what


def test_voices_are_the_votes_then_the_expected_then_those_who_say_nothing() -> None:
    answers = answers_on(SIX[0], 1)
    assert [(answer.label, answer.solutions, answer.output) for answer in answers] == [
        ("A", (0, 1), "8"),
        ("runtime_error", (2,), None),
    ]
    assert [answer.label for answer in answers_on(SIX[2], 0)] == ["A", "expected"]


def test_reruns_are_grouped_by_their_output() -> None:
    reruns = {
        0: RerunResult("8\n", False),
        1: RerunResult("8", False),
        2: RerunResult(None, False, "timeout"),
        3: RerunResult("5", True),
        4: RerunResult("7", False),
    }
    answers = answers_on(SIX[0], 1, reruns)
    assert [(answer.label, answer.solutions) for answer in answers] == [
        ("A", (0, 1)),
        ("B", (4,)),
        ("expected", (3,)),
        ("timeout", (2,)),
    ]


def test_a_call_is_shown_as_a_call() -> None:
    assert input_text(SIX[5], [3]) == "double(3)"
    assert input_text(SIX[5], [[1] * 60, "x"]).splitlines()[2] == '    "x",'
    assert input_text(SIX[0], "3\n") == "3\n"


def test_disputed_tests_are_those_with_votes_else_those_that_fail() -> None:
    assert disputed_tests(SIX[0]) == (1,)
    assert most_disputed_test(SIX[0]) == 1
    assert disputed_tests(item("train/1", votes=())) == (0, 1)
    assert most_disputed_test(item("train/1", votes=(), solutions=())) == 0


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("Input\n4 4 2\nOutput\n9", "this input is in the statement, followed by answer A"),
        ("Input\n4 4\n2\n\nOutput\n5 5\n", "this input is in the statement, followed by the expected output"),
        ("4 4 2", "this input is in the statement"),
        ("Something else.", ""),
    ],
)
def test_what_the_statement_itself_says_about_a_test(question: str, evidence: str) -> None:
    problem = with_texts("train/1", f"{question}\n", "4 4 2\n", "5 5\n", "9")
    assert statement_evidence(problem, 0) == evidence


def test_the_sentence_that_allows_several_answers_is_found() -> None:
    question = "Print a number. If there are multiple answers, print any of them. Be quick."
    [(start, end)] = permissive_sentences(question)
    assert question[start:end] == "If there are multiple answers, print any of them."


def test_an_abbreviation_ends_no_sentence() -> None:
    question = "Find any suitable permutation (i.e. one that fits, e.g. the first). Be quick."
    [(start, end)] = permissive_sentences(question)
    assert question[start:end] == "Find any suitable permutation (i.e. one that fits, e.g. the first)."


def test_answers_with_other_lines_do_not_look_alike() -> None:
    problem = with_texts("train/1", "", "1\n", "1 2\n3\n", "1\n2 3\n")
    problem = replace(
        problem, votes=(replace(problem.votes[0], options=(Option("1\n2 3", (0,)), Option("1 2 3", (1,)))),)
    )
    shown = "\n".join(line.plain for line in answer_lines(ItemView(item_of(problem)), 100))
    assert "A 1 ⏎ 2 3 by 0" in " ".join(shown.split())
    assert "B 1 2 3 by 1" in " ".join(shown.split())


def test_a_row_of_a_solution_names_the_answer_that_it_gave() -> None:
    options = Option("8", (0,)), Option("9", (1,))
    problem = replace(SIX[0], votes=(replace(SIX[0].votes[0], options=options),))
    rows = [solution_line(problem, result, 80).plain for result in problem.solutions]
    assert rows[0] == "✗   0  output_mismatch, answer A to test 1: test 1: gave another output"
    assert rows[1] == "✗   1  output_mismatch, answer B to test 1: test 1: gave another output"
    assert rows[2] == "✗   2  runtime_error: test 0: ValueError: no, 2 tests fail"


@pytest.mark.parametrize(("text", "test"), [("test 0", 0), ("of test 1: drop it", 1), ("test 7", 1), ("", 1)])
def test_a_review_begins_at_the_test_that_the_suggestion_names(text: str, test: int) -> None:
    problem = replace(SIX[0], suggestion=Suggestion("drop", text))
    assert first_view(item_of(problem)).test == test


SCATTERED = (
    "the statement allows several answers, and solutions give 5 others than expected to test 0: "
    "write a checker, or drop it"
)


@pytest.mark.parametrize(
    ("suggestion", "line"),
    [
        (Suggestion("drop", SCATTERED), "[a] Drop it, or [c] write a checker: the statement allows sever"),
        (Suggestion("comparison", "9/9", comparison="unordered"), "[a] Compare as unordered: 9/9"),
        (Suggestion("expected_output", "9/9", {"3": "1\n2"}), "[a] Correct test 3 to 1 ⏎ 2: 9/9"),
        (Suggestion("expected_output", "9/9", {"3": "1", "4": "2"}), "[a] Correct test 3 to 1 (and 1 more): 9/9"),
        (Suggestion("look", "9/9 differ"), "Look: 9/9 differ"),
    ],
)
def test_the_suggestion_says_first_what_applying_it_would_do(suggestion: Suggestion, line: str) -> None:
    problem = replace(SIX[0], suggestion=suggestion)
    shown = suggestion_line(item_of(problem), proposal_of(suggestion), ("a", "c"), 110).plain
    assert shown.startswith(line)
    assert len(shown) <= 110


# ---- the worklist


@pytest.fixture
def worklist(tmp_path: Path) -> Worklist:
    folder = write_build(tmp_path / "build")
    with open_queue(folder) as queue, Session(queue, "ana") as session:
        yield Worklist(session)


def test_the_next_open_item_comes_after_this_one_and_then_from_the_start(worklist: Worklist) -> None:
    assert worklist.next_open("test/0001") == "train/0001"
    worklist.decide("train/0003", Action.DROP)
    assert worklist.next_open("train/0002") == "train/0004"
    worklist.apply_filter(RowFilter(tier="competition"))
    assert worklist.next_open("train/0001") == "train/0005"
    assert worklist.next_open("train/0005") is None


def test_a_step_from_an_item_that_the_filter_hides(worklist: Worklist) -> None:
    worklist.apply_filter(RowFilter(state=str(State.OPEN)))
    worklist.decide("train/0002", Action.DROP)
    assert worklist.neighbour("train/0002", 1) == "train/0003"
    assert worklist.neighbour("train/0002", -1) == "train/0001"
    assert worklist.neighbour("train/0001", -1) is None


def test_mine_is_what_waits_for_me(worklist: Worklist) -> None:
    worklist.decide("train/0003", Action.KEEP)
    worklist.apply_filter(RowFilter(state=MINE))
    assert len(worklist.visible) == 5


def test_a_decision_that_cannot_be_written_keeps_note_and_draft(worklist: Worklist) -> None:
    worklist.notes["train/0001"], worklist.drafts["train/0001"] = "see line 3", Changes({"1": "8"})
    worklist.session.read_only = "read only"
    with pytest.raises(Exception, match="read only"):
        worklist.decide("train/0001", Action.DROP)
    assert worklist.notes == {"train/0001": "see line 3"}
    assert worklist.drafts


def test_the_same_is_my_decision_or_the_others_own_suggestion(worklist: Worklist) -> None:
    assert worklist.same_decision_for("train/0001", "train/0002").changes == Changes({"1": "8"})
    worklist.decide("train/0001", Action.CORRECT, changes=Changes(comparison="float"))
    assert worklist.same_decision_for("train/0001", "train/0002").changes == Changes(comparison="float")
    worklist.decide("train/0001", Action.DROP, "timeout")
    assert worklist.same_decision_for("train/0001", "train/0002").reason == "timeout"


def test_progress_in_a_line() -> None:
    progress = QueueProgress(4, 1, (("open", 2), ("stale", 1)))
    assert progress.describe(60).endswith("1 of 4 done · 2 open · 1 stale")
    assert progress.describe(60).startswith("█")
    assert progress.describe(20) == "1 of 4 done"


# ---- keys


def test_no_two_actions_of_a_screen_have_one_key() -> None:
    assert find_fault({}) == ""
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_the_keys_are_those_of_the_issue() -> None:
    keys = {key.id: key.keys.split(",") for key in KEYS}
    wanted = {
        "item.next_item": "j", "item.previous_item": "k", "queue.down": "j", "queue.up": "k", "queue.open": "enter",
        "item.close": "escape", "item.tab_1": "1", "item.tab_5": "5", "item.next_test": "n", "item.previous_test": "N",
        "item.next_solution": "s", "item.previous_solution": "S", "item.whitespace": "w", "item.apply": "a",
        "item.keep": "y", "item.drop": "x", "item.edit": "e", "item.comparison": "c", "item.run_again": "r",
        "item.note": "m", "item.flag": "exclamation_mark", "item.skip": "o", "app.undo": "u", "app.redo": "U",
        "app.batch": "b", "queue.search": "slash", "queue.filter": "f", "app.go_to": "g", "app.leave": "q",
        "app.help": "question_mark",
    }  # fmt: skip
    assert {name: key for name, key in wanted.items() if key not in keys[name]} == {}
    assert display("j,down") == "j / ↓"
    assert display("exclamation_mark") == "!"


def test_a_keymap_is_found_beside_other_settings() -> None:
    assert keymap_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/apps-plus/keymap.toml")
    assert keymap_path({"HOME": "/home/ana"}) == Path("/home/ana/.config/apps-plus/keymap.toml")


@pytest.mark.parametrize(
    "text", ['item.keep = "v"', '"item.keep" = "v"', '[item]\nkeep = "v"'], ids=["dotted", "quoted", "table"]
)
def test_a_keymap_may_be_written_in_several_ways(tmp_path: Path, text: str) -> None:
    (tmp_path / "keymap.toml").write_text(text)
    assert read_keymap(tmp_path / "keymap.toml") == {"item.keep": "v"}


def test_no_keymap_is_no_error(tmp_path: Path) -> None:
    assert read_keymap(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('item.kep = "o"', "there is no action 'item.kep'"),
        ("item.keep = 3", "item.keep must be keys with commas between them"),
        ('item.keep = ""', "item.keep must be keys"),
        ('item.keep = "x"', "item.keep and item.drop would both have the key 'x'"),
        ('item.keep = "u"', "item.keep and app.undo would both have the key 'u'"),
        ("item.keep = ", "is not TOML"),
    ],
)
def test_a_keymap_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "keymap.toml").write_text(text)
    with pytest.raises(InputError, match=r"keymap\.toml") as refusal:
        read_keymap(tmp_path / "keymap.toml")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
