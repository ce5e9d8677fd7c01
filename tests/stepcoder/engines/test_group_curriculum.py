"""A curriculum that is asked and told roll-out by roll-out: a group has one start, and counts once."""

import pytest

from apps_plus.errors import InputError
from stepcoder.curriculum import Curriculum
from stepcoder.engines.group_curriculum import GroupCurriculum
from stepcoder.prefix_curricula import MixedStages

STARTS = {"a": (60, 30, 0), "b": (50, 0)}


def curriculum(rho=0.5, group=2):
    return GroupCurriculum(Curriculum(STARTS, rho, group))


def tell(curriculum, group, outcomes, policy=0):
    for number, passed in enumerate(outcomes):
        curriculum.tell(group, number, passed, 0.5, policy)


def stage(curriculum, task_id="a", step=100):
    return curriculum.draw(f"a probe at {step}", task_id, step)[0]


def test_a_problem_begins_at_its_first_stage():
    assert curriculum().draw("g", "a", 1) == (1, 60)


def test_a_group_that_passes_moves_its_problem_when_the_step_ends():
    one = curriculum()
    one.draw("g", "a", 1)
    tell(one, "g", [True, True])
    assert stage(one) == 1
    one.advance(1)
    assert one.draw("h", "a", 2) == (2, 30)


def test_the_start_of_a_group_does_not_change_between_its_roll_outs():
    one = GroupCurriculum(MixedStages({"a": tuple(range(90, -1, -1))}))
    first = one.draw("g", "a", 1)
    assert [one.draw("g", "a", 1) for _ in range(3)] == [first] * 3
    others = {one.draw(f"other {number}", "a", number) for number in range(20)}
    assert len(others) > 5, "every draw is the same: the test shows nothing"


def test_a_group_counts_once():
    one = curriculum(group=4)
    one.draw("g", "a", 1)
    tell(one, "g", [True, True])
    tell(one, "g", [True, True])  # told again, as after a lost answer
    one.advance(1)
    one.advance(1)
    tell(one, "g", [True, True])  # too late
    one.advance(2)
    assert one.state()["a"] == {"stage": 1, "successes": 2, "attempts": 2}


def test_the_roll_outs_of_two_groups_of_a_problem_are_added():
    one = curriculum(group=4)
    for name in ("g", "h"):
        one.draw(name, "a", 1)
        tell(one, name, [True, True])
    one.advance(1)
    assert one.state()["a"]["stage"] == 2


def test_a_group_of_an_older_stage_is_not_counted():
    one = curriculum()
    for name in ("g", "h"):
        one.draw(name, "a", 1)
        tell(one, name, [True, True])
    one.advance(1)  # the first moves the problem, and the second was drawn before that
    assert one.state()["a"] == {"stage": 2, "successes": 0, "attempts": 0}


def test_a_roll_out_of_an_older_policy_is_not_counted():
    one = curriculum()
    one.draw("g", "a", 3)
    tell(one, "g", [True, True], policy=1)
    one.advance(3)
    assert one.state()["a"]["attempts"] == 0


def test_a_group_of_an_older_step_is_forgotten():
    one = curriculum()
    one.draw("g", "a", 1)
    tell(one, "g", [True, True])
    one.advance(2)
    assert one.state()["a"] == {"stage": 1, "successes": 0, "attempts": 0}


def test_a_group_of_a_later_step_is_kept():
    one = curriculum()
    one.draw("g", "a", 2)
    tell(one, "g", [True, True], policy=1)
    one.advance(1)
    assert one.state()["a"]["attempts"] == 0
    one.advance(2)
    assert one.state()["a"]["stage"] == 2


def test_the_order_in_which_outcomes_arrive_changes_nothing():
    states = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        one = curriculum(group=4)
        one.draw("g", "a", 1)
        for number in order:
            one.tell("g", number, number < 3, 0.5, 0)
        states.append((one.advance(1), one.state()))
    assert states[0] == states[1]
    assert states[0][0]["pass_rate"] == 0.75 and states[0][0]["stage/2"] == 1


def test_state_and_restore():
    one, other = curriculum(), curriculum()
    one.draw("g", "a", 1)
    tell(one, "g", [True, True])
    one.advance(1)
    one.draw("h", "a", 2)
    other.restore(one.state())
    assert other.state() == one.state()
    tell(other, "h", [True, True])  # begun before the resume
    other.advance(2)
    assert other.state() == one.state()


def test_an_unknown_problem_is_refused():
    with pytest.raises(InputError, match="no problem c"):
        curriculum().draw("g", "c", 1)
