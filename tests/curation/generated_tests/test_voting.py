"""The rules of the vote on candidate inputs."""

from __future__ import annotations

from curation.generated_tests.candidate import Risk
from curation.generated_tests.voting import (
    NO_ANSWER,
    Ballot,
    hold_election,
    hold_election_of_two,
    majority_against,
)


def ballot(
    *groups: int, risk: Risk = Risk.SEEN, generator: str = "random", features: frozenset[str] = frozenset()
) -> Ballot:
    return Ballot((generator, risk), dict(enumerate(groups)), features)


def elected(*ballots: Ballot) -> tuple[int, ...]:
    return hold_election(ballots).elected


def test_three_agreeing_voters_elect_an_input_like_the_given_ones():
    assert elected(ballot(0, 0, 0), ballot(0, 0)) == (0,)


def test_one_dissenter_in_ten_is_tolerated_and_one_in_nine_is_not():
    assert elected(ballot(*[0] * 9, 1)) == (0,)
    assert elected(ballot(*[0] * 8, 1)) == ()


def test_a_voter_that_raises_dissents():
    assert elected(ballot(0, 0, 0, NO_ANSWER)) == ()


def test_an_open_input_needs_five_votes_and_no_dissent():
    assert elected(ballot(*[0] * 5, risk=Risk.OPEN)) == (0,)
    assert elected(ballot(*[0] * 4, risk=Risk.OPEN)) == ()
    assert elected(ballot(*[0] * 20, 1, risk=Risk.OPEN)) == ()


def test_a_family_with_much_dissent_is_distrusted_as_a_whole():
    good = [ballot(*[0] * 6, risk=Risk.OPEN, generator="boundary") for _ in range(8)]
    bad = [ballot(0, 0, 0, 0, NO_ANSWER, NO_ANSWER, risk=Risk.OPEN, generator="boundary") for _ in range(2)]
    other = [ballot(*[0] * 6, risk=Risk.OPEN, generator="small")]
    election = hold_election([*good, *bad, *other])
    assert election.distrusted == {("boundary", Risk.OPEN)}
    assert election.elected == (10,)


def test_two_distrusted_open_families_cast_doubt_on_all_open_inputs():
    bad = [ballot(0, 0, 0, 1, 2, risk=Risk.OPEN, generator=g) for g in ("boundary", "large") for _ in range(2)]
    good = [ballot(*[0] * 6, risk=Risk.OPEN, generator="small"), ballot(*[0] * 6, generator="small")]
    election = hold_election([*bad, *good])
    assert election.elected == (5,)


def test_a_lone_dissenter_on_several_inputs_is_an_outlier_and_votes_no_more():
    wrong = [ballot(0, 0, 0, 0, 1) for _ in range(3)]
    election = hold_election([*wrong, ballot(0, 0, 0, 0, 0)])
    assert election.outliers == {4}
    assert election.elected == (0, 1, 2, 3)


def test_too_many_outliers_are_a_sign_of_bad_inputs():
    ballots = [ballot(0, 0, 0, 1) for _ in range(3)] + [ballot(0, 0, 1, 0) for _ in range(3)]
    assert hold_election(ballots).outliers == frozenset()


def test_two_groups_of_some_size_have_parted():
    parted = [ballot(0, 0, 0, 0, 1, 1) for _ in range(2)]
    assert hold_election([*parted, *[ballot(*[0] * 6)] * 8]).parted == (0, 1)


def test_scattered_wrong_answers_are_no_parting():
    scattered = [ballot(0, 0, 0, 0, 1, 2) for _ in range(2)]
    assert hold_election([*scattered, *[ballot(*[0] * 6)] * 8]).parted == ()


def test_solutions_that_raise_on_the_same_input_have_not_parted():
    raising = [ballot(0, 0, 0, 0, NO_ANSWER, NO_ANSWER) for _ in range(2)]
    assert hold_election([*raising, *[ballot(*[0] * 6)] * 8]).parted == ()


def test_a_single_input_is_no_parting():
    assert hold_election([ballot(0, 0, 0, 1, 1), *[ballot(*[0] * 5)] * 8]).parted == ()


def test_much_dissent_leaves_only_the_families_without_any():
    mixed = [ballot(0, 0, 0, 0, 1, 1), ballot(0, 0, 0, 0, 1, 1), *[ballot(*[0] * 6)] * 3]
    clean = [ballot(*[0] * 6, generator="small"), ballot(*[0] * 6, generator="pieces", risk=Risk.OPEN)]
    election = hold_election([*mixed, *clean])
    assert election.elected == (5,)
    assert election.parted == ()


def test_where_a_person_has_decided_only_families_without_dissent_count():
    parted = [ballot(0, 0, 0, 0, 1, 1), ballot(0, 0, 0, 0, 1, 1), *[ballot(*[0] * 6)] * 8]
    clean = [ballot(*[0] * 6, generator="small"), ballot(*[0] * 6, generator="pieces", risk=Risk.OPEN)]
    election = hold_election([*parted, *clean], is_settled=True)
    assert (election.elected, election.parted) == ((10,), (0, 1))
    assert hold_election([*parted[2:], *clean], is_settled=True) == hold_election([*parted[2:], *clean])


def test_where_a_person_has_decided_dissent_on_nearly_every_input_elects_none():
    ballots = [*[ballot(0, 0, 0, 0, 1, 1)] * 9, ballot(*[0] * 6, generator="small")]
    election = hold_election(ballots, is_settled=True)
    assert (election.elected, election.parted) == ((), tuple(range(9)))


def test_dissent_on_nearly_every_input_is_a_parting():
    assert hold_election([ballot(0, 0, 0, 0, 1, 1) for _ in range(9)]).parted == tuple(range(9))


def test_where_most_families_are_distrusted_nothing_is_elected():
    bad = [ballot(0, 0, 0, 1, 2, generator=g) for g in ("boundary", "large", "random") for _ in range(2)]
    good = [ballot(*[0] * 5, generator=g) for g in ("small", "ties")]
    assert elected(*bad, *good) == ()
    assert elected(*bad[:4], *good) == (4, 5)


def test_a_large_majority_that_agrees_on_other_answers_outvotes_the_canonical_solution():
    against = [ballot(0, 1, 1, 1, 1, 1) for _ in range(3)]
    assert majority_against(against) == {1, 2, 3, 4, 5}
    assert majority_against([*against, ballot(*[0] * 6)]) == {1, 2, 3, 4, 5}


def test_answers_that_differ_from_each_other_outvote_nothing():
    assert majority_against([ballot(0, 1, 2, 3, 4, 5) for _ in range(5)]) == frozenset()
    assert majority_against([ballot(0, *[NO_ANSWER] * 6) for _ in range(5)]) == frozenset()


def test_few_inputs_or_voters_or_open_ones_outvote_nothing():
    assert majority_against([ballot(0, 1, 1, 1, 1, 1) for _ in range(2)]) == frozenset()
    assert majority_against([ballot(0, 1, 1) for _ in range(5)]) == frozenset()
    assert majority_against([ballot(0, 0, 1, 1, 1) for _ in range(5)]) == frozenset()
    assert majority_against([ballot(0, *[1] * 9, risk=Risk.OPEN) for _ in range(5)]) == frozenset()


def test_a_single_input_with_dissent_casts_no_doubt_on_others():
    open_ones = [ballot(*[0] * 6, risk=Risk.OPEN, generator="beyond: larger") for _ in range(8)]
    assert elected(ballot(0, 0, 0, 1, 1, 1), *open_ones) == tuple(range(1, 9))
    assert elected(*[ballot(0, 0, 0, 1, 2, 3)] * 2, *open_ones) == ()


EMPTY, OTHER = frozenset({"empty"}), frozenset({"sorted"})


def test_a_feature_that_all_inputs_with_dissent_share_explains_it():
    disputed = [ballot(0, 0, 0, 0, 0, 1, 2, features=EMPTY) for _ in range(12)]
    agreed = [ballot(*[0] * 7, features=OTHER) for _ in range(12)]
    agreed_with_it = ballot(*[0] * 7, features=EMPTY)
    election = hold_election([*disputed, *agreed, agreed_with_it])
    assert election.avoided == "empty"
    assert election.elected == tuple(range(12, 24))


def test_no_feature_explains_dissent_on_inputs_without_it():
    disputed = [ballot(0, 0, 0, 0, 0, 1, 2, features=EMPTY) for _ in range(12)]
    agreed = [ballot(*[0] * 7, features=OTHER) for _ in range(12)]
    election = hold_election([*disputed, *agreed, ballot(0, 0, 0, 0, 0, 1, 2)])
    assert (election.avoided, election.elected) == ("", ())


def test_few_inputs_or_voters_explain_nothing():
    disputed = [ballot(0, 0, 0, 0, 0, 1, 2, features=EMPTY) for _ in range(12)]
    assert hold_election([*disputed, *[ballot(*[0] * 7)] * 5]).avoided == ""
    four = [ballot(0, 0, 1, 2, features=EMPTY) for _ in range(12)]
    assert hold_election([*four, *[ballot(*[0] * 4, features=OTHER)] * 12]).elected == ()


def test_where_most_families_are_distrusted_whole_given_cases_may_still_be_elected():
    made_up = ("random", "boundary", "small", "large", "ties")
    bad = [ballot(0, 0, 0, 1, NO_ANSWER, generator=generator) for generator in made_up for _ in range(2)]
    pieces = [ballot(*[0] * 5, risk=Risk.STATED, generator="pieces") for _ in range(3)]
    election = hold_election([*bad, *pieces])
    assert election.elected == (10, 11, 12)
    assert ("pieces", Risk.STATED) not in election.distrusted
    disputed = [*pieces, ballot(0, 0, 0, 0, 1, risk=Risk.STATED, generator="pieces")]
    assert elected(*bad, *disputed) == ()


def test_many_whole_given_cases_do_not_restore_trust_in_what_is_made_up():
    made_up = ("random", "boundary", "small", "large")
    bad = [ballot(0, 0, 0, 1, NO_ANSWER, generator=generator) for generator in made_up]
    good = [ballot(*[0] * 5, generator=generator) for generator in made_up]
    pieces = [ballot(*[0] * 5, risk=Risk.STATED, generator="pieces") for _ in range(40)]
    assert elected(*bad, *good, *pieces) == tuple(range(8, 48))


def test_two_voters_elect_what_both_answer_alike_unless_it_is_open():
    election = hold_election_of_two([ballot(0, 0), ballot(0, 0, risk=Risk.STATED), ballot(0, 0, risk=Risk.OPEN)])
    assert election.elected == (0, 1)


def test_a_family_on_which_two_voters_differ_once_is_distrusted():
    agreed = [ballot(0, 0, generator="small") for _ in range(20)]
    election = hold_election_of_two([*agreed, ballot(0, 1), ballot(0, 0)])
    assert election.elected == tuple(range(20))
    assert ("random", Risk.SEEN) in election.distrusted


def test_two_voters_that_differ_on_more_than_one_input_in_twenty_elect_nothing():
    agreed = [ballot(0, 0, generator="small") for _ in range(20)]
    election = hold_election_of_two([*agreed, ballot(0, 1), ballot(0, NO_ANSWER, generator="large")])
    assert election.elected == ()


def test_one_that_is_too_slow_for_an_input_leaves_the_other_alone():
    assert hold_election_of_two([ballot(0), ballot(0, 0, generator="small")]).elected == (1,)
