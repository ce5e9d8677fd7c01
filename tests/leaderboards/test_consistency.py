"""Numbers that cannot stand together are told; rounding is not."""

from __future__ import annotations

import numpy as np
import pytest
from board_records import SOURCE, numbered, solved, tiered

from harness.scoring.result_record import GenerationFacts, Status, TierScore
from leaderboards.consistency import check, possible_counts, unit
from leaderboards.record_files import load

ONE = GenerationFacts(samples=1)


def texts(record) -> list[str]:
    return [finding.text for finding in check([record])]


def test_of_the_papers_rows_these_do_not_add_up() -> None:
    """PPOCoder's overall no rounding explains; four were cut off after the first decimal place, not rounded."""
    found = {finding.record_id: finding.text for finding in check(load().records) if finding.is_note}
    assert found == {
        "paper-ppocoder-apps-plus": "pass@1 overall is 32.1%, the tiers weighted 700 : 1,000 : 140 give 32.22%",
        "paper-codellama-13b-apps-plus": "pass@1 overall is 13.0% (cut off, not rounded?): "
        "with one sample per problem the tiers are 131 + 110 + 0 of 1,840, 13.10%",
        "paper-rltf-apps-plus": "pass@1 overall is 32.7% (cut off, not rounded?): "
        "with one sample per problem the tiers are 386 + 208 + 9 of 1,840, 32.77%",
        "paper-sft-on-apps-plus-apps-plus": "pass@1 overall is 29.8% (cut off, not rounded?): "
        "with one sample per problem the tiers are 351 + 190 + 9 of 1,840, 29.89%",
        "paper-stepcoder-without-cccs-apps-plus": "pass@1 overall is 34.6% (cut off, not rounded?): "
        "with one sample per problem the tiers are 411 + 217 + 10 of 1,840, 34.67%",
    }


def test_the_shipped_records_that_were_measured_add_up() -> None:
    assert [finding for finding in check(load().records) if not finding.is_note] == []


def test_every_figure_of_the_papers_tiers_is_a_whole_number_of_problems() -> None:
    for record in load().records:
        for score in record.scores if record.status is Status.REPORTED else ():
            assert possible_counts(score.value, record.n_problems(score.tier), 0.001), (record.id, score)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_rounded_honestly_is_never_told(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = (700, 1000, 140)
    for _ in range(50):
        counts = [int(random.integers(0, n + 1)) for n in sizes]
        shares = [sum(counts) / sum(sizes), *(c / n for c, n in zip(counts, sizes, strict=True))]
        for decimals in (3, 4, 17):
            assert texts(tiered([round(share, decimals) for share in shares], generation=ONE)) == []


def test_several_samples_a_problem_need_no_whole_count() -> None:
    record = tiered((0.3616, 0.5971, 0.2353, 0.0857), generation=GenerationFacts(samples=16))
    assert texts(record) == []


def test_an_overall_that_is_the_plain_mean_is_told() -> None:
    record = tiered((0.306, 0.597, 0.235, 0.086), status=Status.SELF_REPORTED)
    [finding] = check([record])
    assert finding.text == "pass@1 overall is 30.6%, the tiers weighted 700 : 1,000 : 140 give 36.14%"
    assert not finding.is_note


def test_each_k_is_checked() -> None:
    scores = [
        TierScore(tier=tier, k=k, value=v) for k, v in ((1, 0.2), (5, 0.4)) for tier in ("introductory", "interview")
    ]
    scores += [TierScore(tier="competition", k=k, value=0.1) for k in (1, 5)]
    record = tiered((0, 0, 0, 0), scores=[*scores, TierScore(value=0.1924), TierScore(k=5, value=0.5)])
    [text] = texts(record)
    assert text.startswith("pass@5 overall is 50.0%")


def test_without_all_tiers_nothing_can_be_said() -> None:
    record = tiered((0.9, 0.1, 0.1, 0.1), status=Status.SELF_REPORTED)
    assert texts(record.model_copy(update={"scores": record.scores[:3]})) == []


def test_one_sample_a_problem_makes_whole_counts() -> None:
    assert texts(numbered(0.333, n=10, generation=ONE)) == [
        "pass@1 of overall is 33.3%, not a whole number of 10 problems: 3 are 30.0% and 4 are 40.0%"
    ]
    assert texts(numbered(0.3, n=10, generation=ONE)) == []


def test_scores_are_held_to_their_problems() -> None:
    record = solved([1, 0, 1, 0], scores=[TierScore(value=0.6)])
    assert texts(record) == ["pass@1 of overall is 60.0%, its problems give 50.0%"]
    assert texts(solved([1, 0, 1])) == []
    assert texts(solved([1, 0, 1], scores=[TierScore(value=0.666667)])) == []


def test_what_tells_its_outcomes_has_no_need_to_round() -> None:
    eighty = [1] * 73 + [0] * 91  # 44.5%
    assert texts(solved(eighty, scores=[TierScore(value=0.45)])) == [
        "pass@1 of overall is 45.0%, its problems give 44.5122%"
    ]
    rounded = {"scores": [TierScore(value=0.44512)]}
    assert texts(solved(eighty, **rounded)) == ["pass@1 of overall is 44.512%, its problems give 44.5122%"]
    assert texts(solved(eighty, status=Status.REPORTED, source=SOURCE, **rounded)) == []


# ---- intervals, categories


@pytest.mark.parametrize("method", ["bootstrap", "wilson", "measured twice", None])
@pytest.mark.parametrize("interval", [(0.4999, 0.5001), (0.0, 1.0)])
def test_an_interval_is_held_to_the_outcomes_whatever_its_method_is_called(
    method: str | None, interval: tuple[float, float]
) -> None:
    [text] = texts(solved([1, 0] * 80, scores=[TierScore(value=0.5, ci95=interval, method=method)]))
    assert "its interval and the one that its problems give differ" in text


def test_an_interval_narrower_than_the_number_allows_is_told() -> None:
    scores = [TierScore(value=0.5, ci95=(0.4999, 0.5001), method="measured twice")]
    measured = numbered(0, n=1840, scores=scores, status=Status.SELF_REPORTED)
    assert texts(measured) == [
        "the interval of pass@1 of overall, [49.99%, 50.01%], is narrower than 1,840 problems allow: Wilson's is "
        "[47.72%, 52.28%]: add the outcomes, or leave ci95 out"
    ]
    # with more samples of each problem it may be so narrow: it is not ranked by, and not told
    assert texts(measured.model_copy(update={"generation": GenerationFacts(samples=16)})) == []


def test_usual_intervals_of_a_number_are_not_told() -> None:
    wald = 1.96 * (0.2 * 0.8 / 164) ** 0.5
    assert texts(numbered(0, scores=[TierScore(value=0.2, ci95=(0.2 - wald, 0.2 + wald))])) == []


def test_more_passes_than_samples_are_told() -> None:
    categories = {"overall": {"passed": 1000, "failure": 2}}
    assert texts(solved([1, 0, 1, 0], categories=categories)) == [
        "categories: overall has 1000 of 1002 samples passed, its problems have 2 of 4"
    ]


def test_a_wrong_score_is_told_once() -> None:
    assert len(texts(solved([1, 0, 1, 0], scores=[TierScore(value=0.9, ci95=(0.8, 1.0))]))) == 1


def test_a_wrong_pass_at_k_is_told_too() -> None:
    record = solved([1, 0, 2, 0], samples=2, scores=[TierScore(value=0.375), TierScore(k=2, value=0.6)])
    assert texts(record) == ["pass@2 of overall is 60.0%, its problems give 50.0%"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [((0.187, 0.11), 0.001), ((0.5,), 0.01), ((0.2973,), 0.0001), ((1 / 3,), 0.0), ((0.29, 1 / 7), 0.0)],
)
def test_what_scores_were_rounded_to_is_seen_in_them(values: tuple[float, ...], expected: float) -> None:
    scores = [TierScore(k=k, value=value) for k, value in enumerate(values, 1)]
    assert unit(numbered(0, scores=scores)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "n", "expected"),
    [
        (0.086, 140, [12]),
        (0.0, 140, [0]),
        (1.0, 140, [140]),
        (0.333, 10, []),
        (0.5, 1000, [500]),
        (0.1, 2000, [199, 200, 201]),
    ],
)
def test_the_counts_behind_a_rounded_share(value: float, n: int, expected: list[int]) -> None:
    assert list(possible_counts(value, n, 0.001)) == expected
