"""The simulated cluster, on sizes that can be counted by hand."""

from __future__ import annotations

import random

import pytest

from benchmarks.cluster_simulation import Cluster, JobCost, simulate

FREE = {"call_seconds": 0.0, "latency_seconds": 0.0, "bytes_per_second": float("inf"), "start_seconds": 0.0}


def jobs(*seconds: float, hand_out: float = 0.0, size: int = 0) -> list[JobCost]:
    return [JobCost(str(number), time, hand_out, size) for number, time in enumerate(seconds)]


def test_one_actor_does_one_job_after_another() -> None:
    outcome = simulate(jobs(3, 1, 2), Cluster(1, 1, **FREE))
    assert outcome.seconds == 6
    assert outcome.busy == 1
    assert outcome.limit == "the work"


def test_the_longest_job_limits_many_actors() -> None:
    outcome = simulate(jobs(*[1.0] * 20, 9.0), Cluster(4, 8, **FREE))
    assert outcome.seconds == 9
    assert outcome.limit == "the longest problem"


def test_what_waits_behind_a_long_job_is_taken_over() -> None:
    """Two jobs go to each of two actors: the one behind the long job begins when the other actor is free."""
    outcome = simulate(jobs(10, 1, 1, 1), Cluster(1, 2, **FREE))
    assert outcome.seconds == 10
    assert simulate(jobs(10, 1, 9, 1), Cluster(1, 2, **FREE)).seconds == 11


@pytest.mark.parametrize("cost", [{"hand_out": 0.5}, {"size": 50}])
def test_the_machine_that_hands_out_limits_short_jobs(cost: dict) -> None:
    cluster = Cluster(8, 8, **FREE | {"bytes_per_second": 100.0})
    outcome = simulate(jobs(*[0.1] * 40, **cost), cluster)
    assert outcome.seconds == pytest.approx(20.1)
    assert outcome.limit == "the hand-out"


def test_no_build_is_faster_than_any_of_its_limits_and_every_job_is_done() -> None:
    draw = random.Random(7)
    some = jobs(*(draw.expovariate(1) for _ in range(300)), hand_out=0.002, size=1000)
    for nodes in (1, 3, 20):
        cluster = Cluster(nodes, 4)
        outcome = simulate(some, cluster)
        assert outcome.seconds >= max(outcome.limits.values())
        assert outcome.seconds <= cluster.start_seconds + 2 * sum(outcome.limits.values())
        assert 0 < outcome.busy <= 1
