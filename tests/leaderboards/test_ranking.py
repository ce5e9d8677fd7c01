"""Intervals and rank ranges are as wide as the data require."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from board_records import numbered, solved

from harness.scoring.pass_at_k import pass_at_k, wilson_interval
from harness.scoring.result_record import OVERALL, DatasetFacts, Record, TierScore
from leaderboards.ranking import Ranked, placed, rank, replicates
from leaderboards.score_difference import compare
from leaderboards.scores import AS_RECORDED, FROM_NUMBER, score_of, values_of, wilson_of_share


def ranked(records: list[Record], k: int = 1, **options: int) -> list[Ranked]:
    return rank(records, [score_of(record, OVERALL, k) for record in records], OVERALL, k, **options)


def ranges(records: list[Record], **options: int) -> list[tuple[int, int]]:
    return [place.range for place in ranked(records, **options)]


def first(n_passed: int, n: int = 100) -> list[int]:
    """The first ``n_passed`` of ``n`` problems are solved."""
    return [1] * n_passed + [0] * (n - n_passed)


# ---- a score and its interval


def test_a_records_own_interval_is_taken_where_it_claims_no_more_than_the_number_allows() -> None:
    record = numbered(0.5, scores=[TierScore(value=0.5, ci95=(0.4, 0.7))])
    score = score_of(record)
    assert (score.value, score.low, score.high, score.method) == (0.5, 0.4, 0.7, AS_RECORDED)


@pytest.mark.parametrize("interval", [(0.5, 0.5), (0.4999, 0.5001), (0.4999, 0.9), (0.1, 0.5001)])
def test_an_interval_that_cannot_be_checked_is_not_believed(interval: tuple[float, float]) -> None:
    record = numbered(0.5, scores=[TierScore(value=0.5, ci95=interval, method="measured twice")])
    assert score_of(record) == score_of(numbered(0.5))
    rivals = [record, numbered(0.49, "b"), numbered(0.48, "c")]
    assert ranges(rivals) == ranges([numbered(0.5), *rivals[1:]])


@pytest.mark.parametrize("method", ["bootstrap", "wilson", "bca bootstrap over problems", None])
@pytest.mark.parametrize("interval", [(0.49, 0.51), (0.0, 1.0)])
@pytest.mark.parametrize("samples", [1, 4])
def test_where_outcomes_are_told_no_other_interval_is_believed(
    method: str | None, interval: tuple[float, float], samples: int
) -> None:
    passed = [samples, 0] * 50 if samples == 1 else [0, 1, 2, 3, 4] * 20
    forged = solved(passed, samples=samples, scores=[TierScore(value=0.5, ci95=interval, method=method)])
    assert score_of(forged) == score_of(solved(passed, samples=samples))


def test_where_outcomes_are_told_no_other_score_is_believed() -> None:
    assert score_of(solved([1, 0, 1, 0], scores=[TierScore(value=0.9)])).value == 0.5


@pytest.mark.parametrize("k", [1, 3])
def test_a_bootstrap_interval_that_is_where_it_should_be_is_not_drawn_again(
    k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = np.random.default_rng(4).binomial(8, 0.4, 300).tolist()
    known = pass_at_k({f"P/{i}": (8, c) for i, c in enumerate(passed)}, [k]).estimates[k]
    told = TierScore(k=k, value=known.value, ci95=(known.low, known.high), method=known.method)
    monkeypatch.setattr("leaderboards.scores._estimate", lambda *_: pytest.fail("drawn"))
    score = score_of(solved(passed, samples=8, scores=[told]), k=k)
    assert (score.low, score.high, score.method) == (known.low, known.high, "bootstrap over problems")


def test_outcomes_give_the_interval_where_the_record_gives_none() -> None:
    record = solved([0, 1, 2, 4, 4, 0, 3, 1], samples=4)
    expected = pass_at_k(record.outcomes(), [1]).estimates[1]
    score = score_of(record)
    assert (score.low, score.high, score.method) == (expected.low, expected.high, "bootstrap over problems")


def test_outcomes_give_a_score_that_the_record_does_not() -> None:
    record = solved([0, 1, 2, 4], samples=4)
    assert score_of(record, k=2).value == pass_at_k(record.outcomes(), [2]).estimates[2].value
    assert score_of(record, k=5) is None


def test_a_number_alone_has_wilsons_interval() -> None:
    score = score_of(numbered(0.5, n=164))
    assert (score.low, score.high) == pytest.approx(wilson_interval(82, 164))
    assert score.method == FROM_NUMBER


@pytest.mark.parametrize("k", [1, 10])
def test_a_number_alone_is_never_surer_than_the_outcomes_behind_it(k: int) -> None:
    random = np.random.default_rng(5)
    record = solved(random.binomial(20, random.beta(1, 2, 164)).tolist(), samples=20)
    known = score_of(record, k=k)
    alone = score_of(numbered(0, scores=[TierScore(value=known.value, k=k)]), k=k)
    assert alone.high - alone.low > known.high - known.low


@pytest.mark.parametrize("count", [0, 1, 12, 140])
def test_wilson_of_a_share_is_wilson_of_its_count(count: int) -> None:
    assert wilson_of_share(count / 140, 140) == pytest.approx(wilson_interval(count, 140))


def test_a_rounded_share_lies_between_whole_counts() -> None:
    below, between, above = (wilson_of_share(share, 140) for share in (12 / 140, 0.086, 13 / 140))
    assert below[0] < between[0] < above[0]
    assert below[1] < between[1] < above[1]


def test_values_of_problems_are_pass_at_k() -> None:
    assert values_of([(4, 0), (4, 1), (4, 4)], 1).tolist() == [0, 0.25, 1]
    assert values_of([(4, 0), (4, 1), (4, 4)], 2).tolist() == [0, 0.5, 1]


# ---- ranks


def test_rows_far_apart_have_one_rank_each() -> None:
    records = [numbered(value, f"m{value}") for value in (0.9, 0.6, 0.3, 0.05)]
    assert ranges(records) == [(1, 1), (2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize(
    "make",
    [
        lambda i: numbered(0.5, f"m{i}"),
        lambda i: numbered(0.0, f"m{i}"),
        lambda i: solved(first(50), f"m{i}"),
        lambda i: solved(first(0), f"m{i}"),
        lambda i: solved(first(100), f"m{i}"),
        lambda i: solved(first(0)[:1], f"m{i}"),
    ],
    ids=["numbers", "zeros", "same problems", "all fail", "all pass", "one problem"],
)
def test_rows_that_are_equal_share_a_rank_and_may_have_any(make: Callable[[int], Record]) -> None:
    places = ranked([make(i) for i in range(6)])
    assert {place.rank for place in places} == {1}
    assert {place.range for place in places} == {(1, 6)}
    assert all(place.tied_with_best for place in places)


def test_none_of_140_is_not_certain_to_be_none() -> None:
    scores = [score_of(numbered(0.0, n=140)), score_of(numbered(1 / 140, n=140))]
    draws = replicates(scores, [{}, {}], 1)
    assert 0 < draws[:, 0].mean() < 0.02
    assert 0.05 < (draws[:, 0] > draws[:, 1]).mean() < 0.4


def test_who_fails_all_few_problems_may_still_be_the_better_one() -> None:
    assert ranges([solved(first(1, 20), "one"), solved(first(0, 20), "none")]) == [(1, 2), (1, 2)]


def test_pairing_over_problems_tells_more_than_two_numbers() -> None:
    better, worse = first(60), first(50)
    assert ranges([solved(better, "a"), solved(worse, "b")]) == [(1, 1), (2, 2)]
    assert ranges([numbered(0.6, "a", 100), numbered(0.5, "b", 100)]) == [(1, 2), (1, 2)]


def test_problems_that_others_find_hard_do_not_make_a_row_move() -> None:
    """Each solves what the next one does and eight more: their own intervals overlap, their order is certain."""
    records = [solved(first(90 - 8 * i), f"m{i}") for i in range(10)]
    assert ranges(records) == [(i, i) for i in range(1, 11)]


def test_the_same_seed_gives_the_same_ranges_and_another_about_the_same() -> None:
    random = np.random.default_rng(1)
    records = [solved(random.binomial(1, 0.4 + i / 50, 100).tolist(), f"m{i}") for i in range(8)]
    assert ranges(records) == ranges(records)
    other = ranges(records, seed=7)
    assert all(abs(x - y) <= 1 for a, b in zip(ranges(records), other, strict=True) for x, y in zip(a, b, strict=True))


def test_a_range_holds_the_rank_itself() -> None:
    random = np.random.default_rng(2)
    records = [solved(random.binomial(3, 0.5, 30).tolist(), f"m{i}", samples=3) for i in range(15)]
    records += [numbered(float(value), f"n{i}", 30) for i, value in enumerate(random.random(15))]
    for place in ranked(records):
        assert place.range[0] <= place.rank <= place.range[1]


def test_the_order_of_records_does_not_matter_to_paired_rows() -> None:
    records = [solved(first(n), f"m{n}") for n in (55, 50, 48, 20)]
    assert ranges(records) == ranges(records[::-1])[::-1]


def test_a_problem_that_one_row_lacks_is_left_out_of_that_row_only() -> None:
    all_of_them = solved([*first(40, 50), *first(50, 50)], "all")
    first_half = solved([*first(45, 50), *[None] * 50], "half")
    twin = solved([*first(45, 50), *first(45, 50)], "twin")
    places = ranked([all_of_them, first_half, twin])
    assert [place.rank for place in places] == [1, 1, 1]  # 90% of 100, of 50, and of 100
    assert {place.range for place in places} == {(1, 3)}


def test_rows_may_have_no_problem_in_common() -> None:
    left, right = [*first(30, 50), *[None] * 50], [*[None] * 50, *first(25, 50)]
    assert ranges([solved(left, "a"), solved(right, "b")]) == [(1, 2), (1, 2)]


def test_ties_within_a_replicate_count_for_both_orders() -> None:
    best, worst = placed(np.array([[0.5, 0.7, 0.5, 0.1]]))
    assert best.tolist() == [[2, 1, 2, 4]]
    assert worst.tolist() == [[3, 1, 3, 4]]


def test_rows_of_other_tests_than_most_are_ranked_by_their_numbers() -> None:
    def of(sha: str, n_passed: int) -> Record:
        facts = DatasetFacts(name="humaneval", sha256=sha * 64, tiers={"": 100})
        return solved(first(n_passed), f"{sha}{n_passed}", dataset=facts)

    same, others = [of("a", 60), of("a", 52), of("a", 44)], [of("a", 60), of("b", 52), of("a", 44)]
    assert ranges(same) == [(1, 1), (2, 2), (3, 3)]
    assert ranges(others)[1] == (1, 3)
    assert [place.tied_with_best for place in ranked(others)] == [True, True, False]


def test_who_is_behind_on_the_common_problems_is_not_told_from_a_row_behind_it() -> None:
    """The one with the better score is the worse one on the problems that both tried."""
    whole, part = solved([*first(50, 50), *first(17, 50)], "whole"), solved([*first(40, 50), *[None] * 50], "part")
    assert [place.tied_with_best for place in ranked([whole, part])] == [True, True]


def test_nobody_is_ranked_among_none() -> None:
    assert rank([], [], OVERALL, 1) == []


def test_who_is_level_with_the_best_is_whom_compare_calls_so() -> None:
    random = np.random.default_rng(3)
    difficulty = random.beta(0.6, 0.6, 100)
    for _ in range(6):
        strength = random.uniform(0.4, 1.0, 12)
        records = [
            solved(random.binomial(1, difficulty * s).tolist(), f"m{i}")
            if i % 3
            else numbered(round(float(s) / 2, 3), f"m{i}", 100)
            for i, s in enumerate(strength)
        ]
        best = max(records, key=lambda record: score_of(record).value)
        for record, place in zip(records, ranked(records), strict=True):
            assert place.tied_with_best == (record is best or compare(record, best).is_noise)


@pytest.mark.parametrize("paired", [True, False])
def test_rank_ranges_hold_the_true_rank_about_as_often_as_they_say(paired: bool) -> None:
    """Five models of known strength, 60 benchmarks of 100 problems: at least 93% of ranges hold the true rank."""
    random = np.random.default_rng(11)
    strengths = [0.75, 0.7, 0.64, 0.6, 0.5]
    held = []
    for _ in range(60):
        difficulty = random.beta(2, 1, 100)  # of mean 2/3
        passed = [random.binomial(1, np.clip(s * difficulty * 1.2, 0, 1)) for s in strengths]
        records = [
            solved(p.tolist(), f"m{i}") if paired else numbered(float(p.mean()), f"m{i}", 100)
            for i, p in enumerate(passed)
        ]
        held += [low <= i <= high for i, (low, high) in enumerate(ranges(records), 1)]
    assert 0.93 <= np.mean(held) <= 1.0


def test_ten_thousand_rows_are_ranked() -> None:
    one = numbered(0.5)
    values = np.random.default_rng(0).random(10_000)
    records = [one.model_copy(update={"scores": [TierScore(value=float(value))]}) for value in values]
    places = ranked(records)
    best = places[int(values.argmax())]
    assert best.rank == 1
    assert best.range[0] == 1
    assert sorted(place.rank for place in places) == list(range(1, 10_001))
