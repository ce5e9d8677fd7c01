"""Boards: which records stand on one, in what order, what is said about them, and two of them compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from board_records import day, numbered, solved, tiered

from apps_plus.errors import InputError
from harness.scoring.paired_comparison import mcnemar
from harness.scoring.result_record import DatasetFacts, HarnessFacts, ModelFacts, Record, Status, TierScore
from leaderboards.assemble_boards import boards_of, compare, ks_of, make_board, make_sheet, tiers_of
from leaderboards.board import Board, BoardKey, Difference, Interval
from leaderboards.record_files import load
from leaderboards.score_difference import conclusion, difference_interval, how_compared, two_proportions
from leaderboards.scores import FROM_NUMBER

HUMANEVAL = BoardKey("humaneval")
PAPER = BoardKey("apps+", "paper", "test")


@pytest.fixture(scope="module")
def paper() -> list[Record]:
    return boards_of(load().records)[PAPER]


def board(*records: Record, **options: object) -> Board:
    return make_board(BoardKey.of(records[0]), records, **options)


def by_id(of: Board, record_id: str):
    return next(row for row in of.rows if row.record.id == record_id)


# ---- which records, which tiers, which k


def test_records_of_other_problems_stand_on_other_boards() -> None:
    records = [
        numbered(0.5, "b"),
        numbered(0.5, "a"),
        numbered(0.5, "c", dataset=DatasetFacts(name="humaneval", version="2", tiers={"": 164})),
        numbered(0.5, "d", dataset=DatasetFacts(name="apps+", split="test", tiers={"": 164})),
    ]
    boards = boards_of(records)
    assert list(boards) == [BoardKey("apps+", "", "test"), HUMANEVAL, BoardKey("humaneval", "2")]
    assert [record.id for record in boards[HUMANEVAL]] == ["a", "b"]


def test_tiers_stand_in_the_datasets_order_after_overall(paper: list[Record]) -> None:
    assert tiers_of(paper) == ["overall", "introductory", "interview", "competition"]


def test_problems_without_tiers_have_overall_only() -> None:
    assert tiers_of([numbered(0.5)]) == ["overall"]


def test_every_k_that_some_record_has() -> None:
    records = [numbered(0.5, scores=[TierScore(value=0.5, k=k)]) for k in (10, 1, 100)]
    assert ks_of(records, "overall") == [1, 10, 100]


def test_rows_of_another_board_are_passed_over(paper: list[Record]) -> None:
    assert len(make_board(PAPER, [*paper, numbered(0.99)]).rows) == len(paper) == 14


@pytest.mark.parametrize(
    ("tier", "k", "message"),
    [
        ("overall", 7, "apps+ (paper, test), overall, has no pass@7: choose k from 1"),
        (
            "hard",
            1,
            "apps+ (paper, test) has no tier hard: choose one of overall, introductory, interview, competition",
        ),
    ],
)
def test_what_is_not_there_is_told_with_what_is(paper: list[Record], tier: str, k: int, message: str) -> None:
    with pytest.raises(InputError) as error:
        make_board(PAPER, paper, tier, k)
    assert str(error.value) == message


def test_a_board_of_no_records_is_told() -> None:
    with pytest.raises(InputError, match="no record is of mbpp"):
        make_board(BoardKey("mbpp"), [numbered(0.5)])


# ---- ranks and notes


def test_at_140_problems_the_papers_numbers_do_not_differ(paper: list[Record]) -> None:
    competition = make_board(PAPER, paper, "competition")
    assert by_id(competition, "paper-rltf-apps-plus").tied_with_best  # 6.4 and 8.6
    assert competition.notes[0] == (
        "StepCoder 6.7B and StepCoder w/o FGO 6.7B (8.6% each) cannot be distinguished from 8 others at 140 problems: "
        "StepCoder w/o CCCS 6.7B, PPOCoder 6.7B, RLTF 6.7B, SFT on APPS+ 6.7B, DeepSeek-Coder-Base 6.7B, "
        "Vanilla PPO 6.7B, WizardCoder-Python-V1.0 13B and DeepSeek-Coder-Instruct 6.7B."
    )


def test_at_1840_problems_stepcoder_is_ahead_of_the_other_methods(paper: list[Record]) -> None:
    overall = make_board(PAPER, paper)
    tied = [row.record.model.title for row in overall.rows if row.tied_with_best]
    assert tied == ["StepCoder 6.7B", "StepCoder w/o FGO 6.7B", "StepCoder w/o CCCS 6.7B"]
    assert "Only the scores are known of all rows" in overall.notes[1]


def test_a_lone_winner_is_called_one() -> None:
    assert board(numbered(0.9, "a"), numbered(0.1, "b")).notes[0] == (
        "a (90.0%) is better than every other row, at 164 problems."
    )


def test_equal_best_rows_are_named_together() -> None:
    notes = board(numbered(0.9, "a"), numbered(0.9, "b"), numbered(0.1, "c")).notes
    assert notes[0] == "a and b (90.0% each) cannot be distinguished at 164 problems."


def test_one_row_alone_is_not_compared() -> None:
    assert len(board(solved([0, 1, 1])).notes) == 0


def test_rows_are_the_best_first_then_by_name() -> None:
    rows = board(numbered(0.1, "x"), numbered(0.5, "z"), numbered(0.5, "y")).rows
    assert [(row.record.id, row.rank) for row in rows] == [("y", 1), ("z", 1), ("x", 3)]


def test_two_records_of_one_model_are_told_apart_in_remarks() -> None:
    model = ModelFacts(id="m")
    notes = board(numbered(0.5, "a", model=model), solved([0, 1] * 82, "b", model=model)).notes
    assert notes[0] == "m (reported) and m (self-reported) (50.0% each) cannot be distinguished at 164 problems."


def test_what_has_no_such_score_is_named() -> None:
    ten = numbered(0.8, "ten", scores=[TierScore(value=0.8, k=10)])
    assert board(numbered(0.5, "one"), ten).notes[-1] == "pass@1 of all problems is not known for ten."


# ---- rows of fewer, of more, of other problems


def test_who_was_scored_on_fewer_problems_is_shown_and_not_ranked() -> None:
    """It solved 40 of the 50 easy ones, and would be first; the other one solved all of these."""
    part = solved([int(i % 5 > 0) for i in range(50)] + [None] * 50, "part")
    whole = solved([1] * 50 + [0] * 40 + [1] * 10, "whole")
    rows = board(part, whole, numbered(0.3, "number", 100)).rows
    assert [(row.record.id, row.rank) for row in rows] == [("whole", 1), ("number", 2), ("part", None)]
    assert rows[-1].unranked == "scored on 50 of 100 problems, others on 100"
    notes = board(part, whole).notes
    assert "Not ranked, being scored on 50 of 100 problems, others on 100: part." in notes
    assert "apps-plus leaderboard compare" in notes[-1]
    assert not any("better" in note for note in notes)


def test_among_rows_of_fewer_problems_no_other_row_is_spoken_of() -> None:
    rows = [solved([1] * n + [0] * (90 - n), f"m{n}") for n in (80, 20)]
    notes = board(*rows, solved([1] * 10 + [None] * 80, "part")).notes
    assert notes[0] == "m80 (88.9%) is better than every other ranked row, at 90 problems."


def test_rows_of_the_same_few_problems_are_ranked() -> None:
    rows = [solved([*passed, None, None], f"m{sum(passed)}") for passed in ([0, 1, 1], [0, 0, 1])]
    assert [row.rank for row in board(*rows).rows] == [1, 2]
    assert "Scored on 3 of 5 problems only: m2 and m1." in board(*rows).notes


def test_rows_of_as_many_other_problems_are_not() -> None:
    first, second = ([1, 0, None, None], f"a{1}"), ([1, 1, None, None], "b")
    rows = board(solved(*first), solved(*second), solved([None, None, 1, 1], "other")).rows
    assert [(row.record.id, row.rank) for row in rows] == [("b", 1), ("a1", 2), ("other", None)]
    assert rows[-1].unranked == "scored on 2 other problems than most rows"


@pytest.mark.parametrize("size", [2, 10_000])
def test_a_row_that_counts_the_problems_otherwise_takes_no_place_and_nobody_elses(size: int) -> None:
    odd = solved([1, 1], "odd") if size == 2 else numbered(1.0, "odd", size)
    rows = board(odd, *(numbered(value, f"m{value}") for value in (0.5, 0.9))).rows
    assert [(row.record.id, row.rank) for row in rows] == [("m0.9", 1), ("m0.5", 2), ("odd", None)]
    assert rows[-1].unranked == f"of {size:,} problems, where most rows are of 164"


def test_many_reasons_are_told_in_one_sentence() -> None:
    parts = [solved([1] * n + [None] * (20 - n), f"m{n}") for n in range(1, 12)]
    notes = [r for r in board(solved([0] * 20, "all"), *parts).notes if r.startswith("Not ranked")]
    assert len(notes) == 1
    assert notes[0].startswith("Not ranked, being scored on fewer problems than others, or on other ones: m1, ")


def test_other_tests_under_one_name_are_told() -> None:
    datasets = [DatasetFacts(name="humaneval", sha256=c * 64, tiers={"": 164}) for c in "ab"]
    notes = board(*(numbered(0.5, f"m{i}", dataset=facts) for i, facts in enumerate(datasets))).notes
    assert any("2 different sets of problems or tests" in note for note in notes)


def test_contaminated_rows_keep_their_rank_unless_asked_otherwise() -> None:
    seen = numbered(0.9, "seen", model=ModelFacts(id="seen", cutoff=day("2023-01-01")))
    clean = numbered(0.5, "clean", model=ModelFacts(id="clean", cutoff=day("2020-01-01")))
    unknown = numbered(0.4, "unknown")
    ranked, unranked = (board(seen, clean, unknown, unrank_contaminated=flag) for flag in (False, True))
    assert [row.rank for row in ranked.rows] == [1, 2, 3]
    assert [(row.record.id, row.rank, row.rank_range) for row in unranked.rows] == [
        ("clean", 1, (1, 2)),
        ("unknown", 2, (1, 2)),
        ("seen", None, None),
    ]
    assert unranked.rows[-1].contaminated
    assert "Not ranked, since their training data may hold the problems: seen." in unranked.notes


def test_a_board_may_be_left_with_no_ranked_row() -> None:
    seen = numbered(0.9, model=ModelFacts(id="m", cutoff=day("2023-01-01")))
    assert [row.rank for row in board(seen, unrank_contaminated=True).rows] == [None]


def test_a_sheet_leaves_out_tiers_without_that_k() -> None:
    record = tiered((0.3, 0.5, 0.2, 0.1))
    ten = record.model_copy(update={"scores": [TierScore(value=0.6, k=10)]})
    assert list(make_sheet(BoardKey.of(ten), [record, ten], tiers_of([record]), 10).boards) == ["overall"]


# ---- compare


def test_newcombes_own_example() -> None:
    """56 of 70 and 48 of 80: Newcombe 1998, table II, example (a), method 10; the two-proportion z-test by hand."""
    a, b = board(numbered(0.6, "b", 80)), board(numbered(0.8, "a", 70))
    low, high = difference_interval(a.rows[0].score, b.rows[0].score)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    pooled = 104 / 150
    z = 0.2 / math.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    assert two_proportions(a.rows[0].score, b.rows[0].score) == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_two_numbers_are_compared_as_if_of_other_problems() -> None:
    difference = compare(numbered(0.064, "a", 140), numbered(0.086, "b", 140))
    assert (difference.paired, difference.n_problems, difference.is_noise) == (False, 140, True)
    assert difference.difference == pytest.approx(0.022)
    assert difference.p_value > 0.4
    assert conclusion(difference) == "it may be noise: the interval contains 0"
    assert "scores alone" in how_compared(difference)


def test_outcomes_are_compared_problem_by_problem() -> None:
    difference = compare(solved([1, 0, 0, 1, 0], "a"), solved([1, 1, 1, 0, 0], "b"))
    assert difference.paired
    assert (difference.a_only, difference.b_only) == (("P/3",), ("P/1", "P/2"))
    assert difference.difference == pytest.approx(0.2)
    assert difference.p_value == mcnemar(1, 2)


def test_pairing_makes_the_interval_narrower() -> None:
    a, b = [1] * 50 + [0] * 50, [1] * 60 + [0] * 40
    paired = compare(solved(a, "a"), solved(b, "b"))
    alone = compare(numbered(0.5, "a", 100), numbered(0.6, "b", 100))
    assert paired.high - paired.low < (alone.high - alone.low) / 2
    assert (paired.is_noise, alone.is_noise) == (False, True)
    assert conclusion(paired) == "B is better: the interval does not contain 0"


def test_only_common_problems_are_paired() -> None:
    difference = compare(solved([1, 0, None, 1], "a"), solved([None, 1, 1, 1], "b"))
    assert (difference.n_problems, difference.difference) == (2, 0.5)


def test_both_scores_on_the_common_problems_are_told() -> None:
    """By its own score B is ahead, on the problems that both tried it is not."""
    whole = solved([1] * 50 + [0] * 40 + [1] * 10, "a")
    part = solved([int(i % 5 > 0) for i in range(50)] + [None] * 50, "b")
    difference = compare(whole, part)
    assert [(score.value, score.n_problems) for score in difference.on_common] == [(1.0, 50), (0.8, 50)]
    assert difference.difference == pytest.approx(-0.2)
    assert conclusion(difference).startswith("A is better")
    assert compare(numbered(0.5, "a"), numbered(0.5, "b")).on_common is None


@pytest.mark.parametrize(("hashes", "paired"), [("ab", False), ("aa", True), ("a-", True), ("--", True)])
def test_other_tests_are_not_compared_problem_by_problem(hashes: str, paired: bool) -> None:
    facts = [DatasetFacts(name="humaneval", sha256=None if c == "-" else c * 64, tiers={"": 4}) for c in hashes]
    a, b = (solved([1, 0, 1, 0], f"m{i}", dataset=its) for i, its in enumerate(facts))
    difference = compare(a, b)
    assert difference.paired is paired
    assert ("different sets of problems or tests, by their hashes" in how_compared(difference)) is not paired


@pytest.mark.parametrize("noise", [0.0, 1e-10, -1e-10])
def test_an_interval_that_ends_at_0_but_for_rounding_contains_it(noise: float) -> None:
    record = numbered(0.5)
    for low, high in ((noise, 0.1), (-0.1, noise)):
        assert Difference(record, record, "overall", 1, 0.0, low, high, 1.0, True, 10).is_noise


def test_without_a_common_problem_the_numbers_are_compared() -> None:
    difference = compare(solved([1, 0, None, None], "a"), solved([None, None, 1, 1], "b"))
    assert (difference.paired, difference.difference) == (False, 0.5)


def test_outcomes_against_a_number_are_not_paired() -> None:
    assert not compare(solved([1, 0] * 50, "a"), numbered(0.9, "b", 100)).paired


def test_exchanging_the_two_turns_the_difference_round() -> None:
    a, b = numbered(0.3, "a"), numbered(0.5, "b")
    there, back = compare(a, b), compare(b, a)
    assert (there.low, there.high, there.p_value) == pytest.approx((-back.high, -back.low, back.p_value))


def test_a_record_does_not_differ_from_itself() -> None:
    record = solved([1, 0, 1, 1])
    difference = compare(record, record)
    assert (difference.difference, difference.p_value, difference.is_noise) == (0, 1, True)
    assert difference.low < 0 < difference.high  # the same outcomes, but of few problems


def test_a_whole_board_of_zeros_compares() -> None:
    difference = compare(numbered(0.0, "a"), numbered(0.0, "b"))
    assert (difference.p_value, difference.is_noise) == (1.0, True)


def test_the_unpaired_p_value_is_uniform_where_nothing_differs() -> None:
    random = np.random.default_rng(9)
    shares = random.binomial(200, 0.3, (400, 2)) / 200
    below = np.mean([two_proportions(_number(a), _number(b)) < 0.05 for a, b in shares.tolist()])
    assert 0.02 <= below <= 0.09


def _number(share: float, n: int = 200) -> Interval:
    return Interval(share, 0.0, 1.0, n, FROM_NUMBER)


def test_records_of_other_boards_do_not_compare() -> None:
    with pytest.raises(InputError, match=r"a is of humaneval, m of apps\+: give two records of one board"):
        compare(numbered(0.5, "a"), tiered((0.3, 0.5, 0.2, 0.1)))


def test_a_missing_score_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="a has no pass@10 of tier overall: it has overall: pass@1"):
        compare(numbered(0.5, "a"), numbered(0.5, "b"), k=10)


def test_every_status_may_stand_on_a_board() -> None:
    records = [numbered(0.5, "a"), solved([1, 0, 1], "b", status=Status.SELF_REPORTED)]
    assert len(board(*records).rows) == 2


def test_boards_say_how_strong_the_tests_are() -> None:
    def row(name: str, strength: float | None) -> Record:
        return solved([1, 0, 1], name, dataset=DatasetFacts(name="apps+", tiers={"": 3}, test_strength=strength))

    def told(*strengths: float | None) -> list[str]:
        rows = [row("abc"[i], strength) for i, strength in enumerate(strengths)]
        return [note for note in board(*rows).notes if "wrong programs" in note]

    assert told(None, None) == []
    [one] = told(0.843, 0.843, None)
    assert one.startswith("The tests of a problem reject 84.3% of wrong programs")
    [two] = told(0.9, 0.75)
    assert "75.0% to 90.0%" in two


def test_rows_that_were_given_imports_are_named_where_others_were_not() -> None:
    def row(name: str, given: bool | None) -> Record:
        return solved([1, 0, 1], name, harness=HarnessFacts(given_imports=given))

    told = [note for note in board(row("a", True), row("b", False), row("c", None)).notes if "import" in note]
    assert told == ["Missing imports were added to the programs of these rows, not of the others: a."]
    assert not any("import" in note for note in board(row("a", True), row("b", True)).notes)
    assert not any("import" in note for note in board(row("a", False), row("b", None)).notes)
