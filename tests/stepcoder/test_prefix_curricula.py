"""The curricula of R3, PrefixRL, AdaBack and BREAD, worked out by hand on groups of four roll-outs."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from apps_plus.errors import InputError
from stepcoder import prefix_curricula
from stepcoder.curriculum import Curriculum
from stepcoder.prefix_curricula import AnchorSearch, MixedStages, RevealedShares, ShareRange

STARTS = {"a": (60, 40, 20, 0), "b": (0,)}


# --- R3 and PrefixRL: every stage at any time


def drawn(curriculum: MixedStages, task_id: str, count: int = 2000) -> Counter[tuple[int, int]]:
    return Counter(curriculum.draw(task_id, seed) for seed in range(count))


def test_r3_draws_every_stage_alike() -> None:
    counts = drawn(MixedStages(STARTS), "a")
    assert counts.keys() == {(1, 60), (2, 40), (3, 20), (4, 0)}
    assert all(abs(count - 500) < 5 * (2000 * 3 / 16) ** 0.5 for count in counts.values())


def test_prefix_mix_draws_whole_problems_in_half_of_the_groups_and_prefixes_alike() -> None:
    counts = drawn(MixedStages(STARTS, 0.5), "a")
    assert abs(counts[4, 0] - 1000) < 5 * (2000 / 4) ** 0.5
    assert all(abs(counts[stage] - 333) < 5 * (2000 * 5 / 36) ** 0.5 for stage in ((1, 60), (2, 40), (3, 20)))


@pytest.mark.parametrize("whole", [None, 0.5])
def test_a_problem_without_conditionals_is_always_whole(whole: float | None) -> None:
    assert drawn(MixedStages(STARTS, whole), "b", 20).keys() == {(1, 0)}


@pytest.mark.parametrize("whole", [None, 0.5])
def test_no_success_moves_a_mixed_problem(whole: float | None) -> None:
    curriculum, untouched = MixedStages(STARTS, whole), MixedStages(STARTS, whole)
    for _ in range(9):
        assert not curriculum.observe("a", 1, 4, 4)
    assert [curriculum.draw("a", seed) for seed in range(50)] == [untouched.draw("a", seed) for seed in range(50)]
    assert (curriculum.counts(), curriculum.full_generation_share()) == ({}, 0.5)


# --- AdaBack: a range of shares


def adaback(**ranges: ShareRange) -> RevealedShares:
    curriculum = RevealedShares({"a": 100, "b": 100}, threshold=0.5)
    curriculum._ranges.update(ranges)
    return curriculum


def test_a_group_that_reaches_the_threshold_lowers_the_upper_end() -> None:
    """Two of four pass with 0.6 of the solution: at most 0.6 are revealed from now on, and less may be tried."""
    curriculum = adaback(a=ShareRange(0.3, 0.8))
    assert not curriculum.observe("a", 1, 2, 4, 0.6)
    assert curriculum.range_of("a") == ShareRange(0.0, 0.6)


def test_a_group_below_the_threshold_raises_the_lower_end() -> None:
    curriculum = adaback(a=ShareRange(0.3, 0.8))
    assert not curriculum.observe("a", 1, 1, 4, 0.6)
    assert curriculum.range_of("a") == ShareRange(0.6, 0.8)


def test_shares_are_drawn_uniformly_from_the_range_and_cut_to_characters() -> None:
    curriculum = adaback(a=ShareRange(0.2, 0.6))
    starts = [curriculum.draw("a", seed)[1] for seed in range(2000)]
    given = [start for start in starts if start]
    assert 0.5 * 200 < len(starts) - len(given) < 1.5 * 200, "about a tenth has no prefix"
    assert min(given) == 20 and max(given) == 59
    assert sum(given) / len(given) == pytest.approx(39.5, abs=1)


def test_success_without_a_prefix_ends_the_search() -> None:
    curriculum = adaback(a=ShareRange(0.1, 0.4))
    assert curriculum.counts() == {1: 2}
    assert curriculum.observe("a", 1, 3, 4, 0.0)
    assert curriculum.range_of("a") == ShareRange(0.0, 0.0)
    assert {curriculum.draw("a", seed) for seed in range(50)} == {(2, 0)}
    assert (curriculum.counts(), curriculum.full_generation_share()) == ({1: 1, 2: 1}, 0.5)


def test_failure_without_a_prefix_says_nothing_about_the_lower_end() -> None:
    curriculum = adaback(a=ShareRange(0.3, 0.8))
    curriculum.observe("a", 1, 0, 4, 0.0)
    assert curriculum.range_of("a") == ShareRange(0.3, 0.8)


def test_an_end_never_passes_the_other() -> None:
    """A prefix that was drawn before the range narrowed may lie outside of it."""
    curriculum = adaback(a=ShareRange(0.0, 0.4))
    curriculum.observe("a", 1, 0, 4, 0.7)
    assert curriculum.range_of("a") == ShareRange(0.4, 0.4)
    curriculum.observe("a", 1, 4, 4, 0.7)
    assert curriculum.range_of("a") == ShareRange(0.0, 0.4)


def test_a_problem_that_was_not_seen_begins_with_the_moving_averages() -> None:
    """After one group of another problem: 0.95 of [0, 1] and 0.05 of [0, 0.6]."""
    curriculum = adaback()
    curriculum.observe("a", 1, 4, 4, 0.6)
    assert (curriculum.range_of("b").low, curriculum.range_of("b").high) == pytest.approx((0.0, 0.98))
    curriculum.observe("b", 1, 0, 4, 0.5)
    assert (curriculum.range_of("b").low, curriculum.range_of("b").high) == pytest.approx((0.5, 0.98))
    assert curriculum._average.low == pytest.approx(0.05 * 0.5)


def test_a_group_without_verdicts_changes_nothing() -> None:
    curriculum = adaback(a=ShareRange(0.3, 0.8))
    curriculum.observe("a", 1, 0, 0, 0.6)
    assert curriculum.range_of("a") == ShareRange(0.3, 0.8)


def test_restored_ranges_go_on_as_the_first_would() -> None:
    first, second = adaback(), adaback()
    first.observe("a", 1, 1, 4, 0.25)
    first.observe("b", 1, 4, 4, 0.0)
    second.restore(json.loads(json.dumps(first.state())))
    assert second.state() == first.state()
    for seed in range(50):
        assert first.draw("a", seed) == second.draw("a", seed)
    assert second.draw("b", 0) == (2, 0)


def test_the_state_of_another_method_is_refused() -> None:
    curriculum = adaback(a=ShareRange(0.3, 0.8))
    with pytest.raises(InputError, match="another method"):
        curriculum.restore(Curriculum({"a": (0,), "b": (0,)}).state())
    with pytest.raises(InputError, match="same data"):
        curriculum.restore(RevealedShares({"a": 100}, 0.5).state())
    assert curriculum.range_of("a") == ShareRange(0.3, 0.8)


# --- BREAD: a prefix where all fail


def test_bread_begins_without_a_prefix_whatever_passed() -> None:
    curriculum = AnchorSearch(STARTS)
    curriculum.observe("a", 2, 1, 4)
    assert {curriculum.draw("a", seed) for seed in range(9)} == {(4, 0)}
    assert [curriculum.start_of("a", stage) for stage in (1, 2, 3, 4)] == [60, 40, 20, 0]


def test_the_anchor_is_the_shortest_prefix_of_the_last_step_that_passed() -> None:
    """A step's groups are counted in the order of their stages."""
    curriculum = AnchorSearch(STARTS)
    assert (curriculum.counts(), curriculum.full_generation_share()) == ({1: 1, 4: 1}, 1.0)
    for stage, successes in ((2, 4), (3, 1), (4, 0)):
        curriculum.observe("a", stage, successes, 4)
    assert curriculum.state()["a"] == {"stage": 3, "successes": 1, "attempts": 4}
    assert curriculum.full_generation_share() == 0.5
    assert curriculum.observe("a", 4, 1, 4)


def test_anchors_are_restored() -> None:
    first, second = AnchorSearch(STARTS), AnchorSearch(STARTS)
    first.observe("a", 2, 1, 4)
    second.restore(json.loads(json.dumps(first.state())))
    assert second.stage("a") == 2
    assert second.counts() == first.counts()


# --- all of them


@pytest.mark.parametrize(
    "curriculum", [MixedStages(STARTS), MixedStages(STARTS, 0.5), RevealedShares({"a": 9}, 0.5), AnchorSearch(STARTS)]
)
@pytest.mark.parametrize(("successes", "attempts"), [(5, 4), (-1, 4)])
def test_impossible_counts_are_refused(curriculum: Curriculum, successes: int, attempts: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        curriculum.observe("a", 1, successes, attempts)


def test_the_longest_prefix_is_known_before_a_draw() -> None:
    assert MixedStages(STARTS).longest_start("a") == AnchorSearch(STARTS).longest_start("a") == 60
    assert RevealedShares({"a": 9, "b": 0}, 0.5).longest_start("a") == 9
    assert RevealedShares({"a": 9, "b": 0}, 0.5).draw("b", 0) == (1, 0)


def test_the_page_names_the_constants_of_this_module() -> None:
    assert (prefix_curricula.WHOLE, prefix_curricula.UNREVEALED, prefix_curricula.AVERAGING) == (0.5, 0.1, 0.05)
