"""The agreement of reviewers. Expected numbers are computed by hand, or in exact fractions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.review.agreement import Kappa, cohen_kappa, compare_reviewers, count_actions
from curation.review_decisions import Action, Changes, Decision

KINDS = ["keep", "correct", "drop"]
PAIRS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)))


def decision(problem: int, action: str, reviewer: str, minute: int = 0, **more: object) -> Decision:
    time = f"2024-05-01T10:{minute:02}:00Z"
    return replace(Decision(f"train/{problem:04}", "d1g3st", Action(action), reviewer, time), **more)


def spread(table: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, count in table.items() for _ in range(count)]


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    """Observed (10 + 4 + 6) / 25 = 0.8; by chance (12 * 11 + 6 * 6 + 7 * 8) / 625 = 224 / 625 = 0.3584.

    kappa = (0.8 - 0.3584) / (1 - 0.3584) = 0.4416 / 0.6416 = 276 / 401.
    """
    table = {
        ("keep", "keep"): 10,
        ("keep", "correct"): 1,
        ("keep", "drop"): 1,
        ("correct", "keep"): 1,
        ("correct", "correct"): 4,
        ("correct", "drop"): 1,
        ("drop", "correct"): 1,
        ("drop", "drop"): 6,
    }
    kappa = cohen_kappa(spread(table))
    assert (kappa.n, kappa.observed) == (25, 0.8)
    assert kappa.expected == pytest.approx(0.3584)
    assert kappa.kappa == pytest.approx(276 / 401)


def test_chance_agreement_has_kappa_zero_and_contrariness_is_below() -> None:
    by_chance = [(a, b) for a in ("keep", "drop") for b in ("keep", "drop")]
    assert cohen_kappa(by_chance) == Kappa(4, 0.5, 0.5, 0.0)
    contrary = [("keep", "drop"), ("drop", "keep")]
    assert cohen_kappa(contrary) == Kappa(2, 0.0, 0.5, -1.0)


def test_without_items_or_with_one_category_kappa_is_undefined() -> None:
    assert cohen_kappa([]) == Kappa(0, None, None, None)
    assert cohen_kappa([("drop", "drop")] * 3) == Kappa(3, 1.0, 1.0, None)
    assert cohen_kappa([("drop", "keep")] * 3) == Kappa(3, 0.0, 0.0, 0.0)


@given(PAIRS)
def test_kappa_is_the_definition_in_exact_fractions(pairs: list[tuple[str, str]]) -> None:
    kappa = cohen_kappa(pairs)
    if not pairs:
        return
    n = len(pairs)
    counts = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = Fraction(sum(a == b for a, b in pairs), n)
    chance = sum(Fraction(counts[0][kind], n) * Fraction(counts[1][kind], n) for kind in KINDS)
    if chance == 1:
        assert kappa.kappa is None
    else:
        assert kappa.kappa == pytest.approx(float((observed - chance) / (1 - chance)))
        assert -1 <= (kappa.kappa or 0) <= 1


@given(PAIRS)
def test_who_comes_first_does_not_count(pairs: list[tuple[str, str]]) -> None:
    assert cohen_kappa(pairs) == cohen_kappa([(b, a) for a, b in pairs])


def test_what_both_judged_is_compared_pair_by_pair() -> None:
    decisions = [
        decision(1, "keep", "ada"),
        decision(1, "keep", "bob"),
        decision(1, "drop", "eve"),
        decision(2, "drop", "ada", reason="timeout"),
        decision(2, "drop", "bob", reason="no_output"),
        decision(3, "keep", "ada"),
    ]
    ada_bob, ada_eve, bob_eve = compare_reviewers(decisions)
    assert (ada_bob.first, ada_bob.second, ada_bob.kappa.n, ada_bob.kappa.observed) == ("ada", "bob", 2, 1.0)
    assert (ada_bob.kappa.kappa, ada_bob.identical, ada_bob.differing) == (1.0, 1, ("train/0002",))
    assert ada_bob.table["drop"] == {"keep": 0, "correct": 0, "drop": 1}
    assert (ada_eve.kappa.n, ada_eve.kappa.observed, ada_eve.differing) == (1, 0.0, ("train/0001",))
    assert ada_eve.table["keep"]["drop"] == 1
    assert (bob_eve.first, bob_eve.second) == ("bob", "eve")


def test_corrections_are_one_category_and_not_the_very_same() -> None:
    decisions = [
        decision(1, "correct", "ada", changes=Changes({"0": "1"})),
        decision(1, "correct", "bob", changes=Changes({"0": "2"})),
    ]
    (pair,) = compare_reviewers(decisions)
    assert (pair.kappa.observed, pair.identical) == (1.0, 0)


@pytest.mark.parametrize(
    "bobs",
    [
        [decision(1, "skip", "bob")],
        [decision(1, "flag", "bob")],
        [decision(1, "keep", "bob", item_digest="older")],
        [back := decision(1, "keep", "bob"), decision(1, "retract", "bob", 1, retracts=back.decision_id)],
        [decision(1, "keep", "bob"), decision(1, "skip", "bob", 1)],
        [decision(2, "keep", "bob")],
    ],
)
def test_what_is_no_judgement_of_the_same_item_does_not_count(bobs: list[Decision]) -> None:
    assert compare_reviewers([decision(1, "keep", "ada"), *bobs]) == []


def test_the_last_word_counts() -> None:
    (pair,) = compare_reviewers([decision(1, "keep", "ada"), decision(1, "drop", "bob"), decision(1, "keep", "bob", 1)])
    assert pair.kappa.observed == 1.0


def test_each_reviewers_last_words_are_counted() -> None:
    decisions = [decision(1, "keep", "ada"), decision(1, "drop", "ada", 1), decision(2, "drop", "ada")]
    assert count_actions([*decisions, decision(1, "flag", "bob")]) == {"ada": {"drop": 2}, "bob": {"flag": 1}}
