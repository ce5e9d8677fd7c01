"""Who gets which job, with actors that do what a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_ray import FakeActor, FakeCall, FakeRay, RayError, RayTaskError, TaskCancelledError

from apps_plus.errors import SandboxError, WorkError
from harness.cluster import ray_pool
from harness.cluster.ray_pool import CALL_SECONDS, MOST_JOBS, MOST_LOSSES, RayPool
from harness.cluster.worker import code_here
from harness.sandbox import USUAL_ISOLATION
from harness.sandbox.pool import QUEUED_PER_WORKER


def work(sandbox: Any, job: Any) -> None: ...


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[RayPool, FakeRay]]:
    def start(on_call: Callable[[FakeCall], None], nodes: int = 2, workers: int = 0) -> tuple[RayPool, FakeRay]:
        ray = FakeRay(nodes, on_call)
        monkeypatch.setitem(__import__("sys").modules, "ray", ray)
        monkeypatch.setattr(ray_pool, "join", lambda address, workers: lambda: None)
        monkeypatch.setattr(ray_pool, "_PASS_SECONDS", 0.001)
        return RayPool("ray", workers, USUAL_ISOLATION), ray

    return start


def jobs_of(answers: Any) -> list[Any]:
    return [done.answer[0] for done in answers]


def test_every_job_is_answered_once_and_no_actor_holds_more_than_two(cluster) -> None:
    most = []

    def on_call(call: FakeCall) -> None:
        most.append(len(call.actor.unanswered))
        if len(call.actor.unanswered) == QUEUED_PER_WORKER:
            call.actor.unanswered[0].answer()

    def end(call: FakeCall) -> None:
        on_call(call)
        if call.job == 19:
            for other in ray.actors:
                for held in other.unanswered:
                    held.answer()

    pool, ray = cluster(end)
    assert sorted(jobs_of(pool.run(work, range(20)))) == list(range(20))
    assert max(most) == QUEUED_PER_WORKER
    assert len(ray.actors) == 2


def test_jobs_are_taken_when_an_actor_is_about_to_be_free(cluster) -> None:
    taken = []
    pool, _ = cluster(lambda call: call.answer() if call.job == 0 else None)
    answers = pool.run(work, (taken.append(job) or job for job in range(100)))
    assert next(answers).answer[0] == 0
    assert len(taken) <= 1 + 2 * QUEUED_PER_WORKER
    answers.close()


def test_the_jobs_of_a_lost_actor_are_done_by_others_and_it_is_replaced(cluster) -> None:
    def on_call(call: FakeCall) -> None:
        if call.actor.number == 0:
            call.fail(RayError("lost"))
        else:
            call.answer()

    pool, ray = cluster(on_call, nodes=1)
    assert sorted(jobs_of(pool.run(work, range(9)))) == list(range(9))
    assert [actor.killed for actor in ray.actors] == [True, False]


def test_a_job_that_loses_whoever_does_it_is_told(cluster) -> None:
    pool, ray = cluster(lambda call: call.fail(RayError("lost")) if call.job == 3 else call.answer())
    with pytest.raises(WorkError, match=f"{MOST_LOSSES + 1} workers were lost while they did the same job"):
        list(pool.run(work, range(9)))
    assert all(actor.killed for actor in ray.actors)


def test_a_job_that_waits_behind_another_is_not_blamed(cluster) -> None:
    """The first job of an actor loses it three times; the one behind it is lost as often, and is done at last."""
    losses = []

    def on_call(call: FakeCall) -> None:
        if call.job == "deadly" and len(losses) < MOST_LOSSES:
            return
        if len(call.actor.unanswered) > 1 and len(losses) < MOST_LOSSES:
            losses.append(call.job)
            call.actor.lose()
        else:
            call.answer()

    pool, _ = cluster(on_call, nodes=1)
    assert sorted(jobs_of(pool.run(work, ["deadly", "behind"]))) == ["behind", "deadly"]
    assert losses == ["behind"] * MOST_LOSSES


def test_a_free_actor_takes_over_what_waits_behind_a_slow_job(cluster) -> None:
    def on_call(call: FakeCall) -> None:
        if call.job == "slow":
            return
        if call.actor is ray.actors[0]:
            return  # behind the slow job
        call.answer()
        if call.job == "behind":
            ray.cancelled[0].fail(TaskCancelledError())
            ray.actors[0].calls[0].answer()

    pool, ray = cluster(on_call)
    assert sorted(jobs_of(pool.run(work, ["slow", "behind", "quick"]))) == ["behind", "quick", "slow"]
    assert [call.job for call in ray.cancelled] == ["behind"]


def test_a_job_that_was_taken_over_from_an_actor_is_not_lost_with_the_one_that_took_it(cluster) -> None:
    """The taker is lost first, then the first holder says that the job was cancelled: nobody has it any more."""

    def on_call(call: FakeCall) -> None:
        if call.job == "slow" or call.actor is ray.actors[0]:
            return
        if call.job == "behind" and call.actor is ray.actors[1]:
            call.fail(RayError("lost"))
            ray.cancelled[0].fail(TaskCancelledError())
            return
        call.answer()
        if call.job == "behind":
            ray.actors[0].calls[0].answer()

    pool, ray = cluster(on_call)
    assert sorted(jobs_of(pool.run(work, ["slow", "behind", "quick"]))) == ["behind", "quick", "slow"]


# ---- short jobs


def test_a_call_has_as_many_jobs_as_take_a_quarter_of_a_second_and_few_at_the_end(cluster) -> None:
    calls: list[int] = []
    pool, ray = cluster(lambda call: (calls.append(len(call.jobs)), call.answer()))
    ray.job_seconds = CALL_SECONDS / 5.5
    assert sorted(jobs_of(pool.run(work, range(1000)))) == list(range(1000))
    assert calls[0] == 1  # how long a job takes is not known
    assert max(calls) == 5
    assert calls[-4:] == [1] * 4
    assert len(calls) < 1000 / 4


@pytest.mark.parametrize(("seconds", "most"), [(0.0, MOST_JOBS), (CALL_SECONDS, 1), (40.0, 1)])
def test_a_call_has_one_job_at_least_and_not_too_many(cluster, seconds: float, most: int) -> None:
    calls: list[int] = []
    pool, ray = cluster(lambda call: (calls.append(len(call.jobs)), call.answer()))
    ray.job_seconds = seconds
    assert len(jobs_of(pool.run(work, range(500)))) == 500
    assert max(calls) == most


def test_long_jobs_make_the_next_calls_small_again(cluster) -> None:
    calls: list[int] = []

    def on_call(call: FakeCall) -> None:
        calls.append(len(call.jobs))
        ray.job_seconds = 0.01 if max(call.jobs) < 500 else 10.0
        call.answer()

    pool, ray = cluster(on_call)
    assert len(jobs_of(pool.run(work, range(1000)))) == 1000
    assert max(calls) == MOST_JOBS
    assert set(calls[-400:]) == {1}


def test_large_jobs_are_not_put_together(cluster) -> None:
    calls: list[int] = []
    pool, ray = cluster(lambda call: (calls.append(len(call.jobs)), call.answer()))
    ray.job_seconds = 0.0
    assert len(jobs_of(pool.run(work, ["x" * (40 << 10) for _ in range(40)]))) == 40
    assert max(calls) == 2


def test_jobs_that_run_alone_have_calls_of_their_own(cluster) -> None:
    pool, ray = cluster(lambda call: call.answer())
    ray.job_seconds = 0.0
    assert len(jobs_of(pool.run(work, range(100), alone=True))) == 100
    assert {len(call.jobs) for actor in ray.actors for call in actor.calls} == {1}


def test_the_jobs_of_a_lost_call_are_done_again_one_by_one_until_the_deadly_one_is_found(cluster) -> None:
    """The other jobs of its call are not blamed, however often it loses an actor."""
    lost: list[list[int]] = []

    def on_call(call: FakeCall) -> None:
        if 33 in call.jobs and len(lost) < MOST_LOSSES:
            lost.append(call.jobs)
            call.actor.lose()
        else:
            call.answer()

    pool, ray = cluster(on_call)
    ray.job_seconds = 0.0
    assert sorted(jobs_of(pool.run(work, range(60)))) == list(range(60))
    assert len(lost[0]) > 1
    assert lost[1:] == [[33]] * (MOST_LOSSES - 1)


def test_free_actors_take_jobs_out_of_a_call_that_is_held_up_but_not_its_first(cluster, monkeypatch) -> None:
    """The first may be the one that holds up the others."""
    monkeypatch.setattr(ray_pool, "BEHIND_SECONDS", 0.0)
    monkeypatch.setattr(ray_pool, "_LOOK_SECONDS", 0.0)
    held: list[FakeCall] = []
    taken_over: list[Any] = []

    def on_call(call: FakeCall) -> None:
        if not held and len(call.jobs) == 3:
            held.append(call)
            return
        call.answer()
        if held and call.actor is not held[0].actor:
            taken_over.extend(set(call.jobs) & set(held[0].jobs))

    def look() -> dict[str, float]:
        if len(taken_over) == 2:
            held[0].answer()
        return {"CPU": 2.0}

    pool, ray = cluster(on_call)
    ray.job_seconds = CALL_SECONDS / 3.5
    ray.cluster_resources = look  # type: ignore[method-assign]
    answers = [done.answer for done in pool.run(work, range(40))]
    assert sorted(job for job, _ in answers) == list(range(40))
    assert taken_over == held[0].jobs[1:]
    assert dict(answers)[held[0].jobs[0]] == held[0].actor.number


# ---- the end of a run


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_job_that_runs_for_long_is_done_on_another_node_too(cluster, monkeypatch, nodes: int) -> None:
    """On one node it is not: the first actor answers at last."""
    monkeypatch.setattr(ray_pool, "SLOW_SECONDS", 0.0)
    looks = []

    def on_call(call: FakeCall) -> None:
        if call.job == "slow" and call.actor is ray.actors[0]:
            return
        call.answer()

    def look() -> dict[str, float]:
        looks.append(1)
        if nodes == 1 and len(looks) == 20:
            ray.actors[0].calls[0].answer()
        return {"CPU": 2.0}

    pool, ray = cluster(on_call, nodes=nodes)
    monkeypatch.setattr(ray_pool, "_LOOK_SECONDS", 0.0)
    ray.cluster_resources = look  # type: ignore[method-assign]
    [(job, actor)] = [done.answer for done in pool.run(work, ["slow"])]
    assert (job, actor) == ("slow", nodes - 1)


def test_an_answer_that_comes_second_is_dropped_also_in_the_next_run(cluster, monkeypatch) -> None:
    monkeypatch.setattr(ray_pool, "SLOW_SECONDS", 0.0)

    def on_call(call: FakeCall) -> None:
        if call.job == "slow" and call.actor is ray.actors[0]:
            return
        if call.job == "next":
            ray.actors[0].calls[0].answer()
        call.answer()

    pool, ray = cluster(on_call)
    assert jobs_of(pool.run(work, ["slow"])) == ["slow"]
    assert jobs_of(pool.run(work, ["next"] * 4)) == ["next"] * 4


def test_jobs_that_run_alone_use_one_actor_of_each_node(cluster) -> None:
    pool, ray = cluster(lambda call: call.answer(), nodes=2, workers=6)
    assert len(jobs_of(pool.run(work, range(30), alone=True))) == 30
    assert {actor.node for actor in ray.actors if actor.calls} == {"node 0", "node 1"}
    assert sum(bool(actor.calls) for actor in ray.actors) == 2


def test_a_shared_object_is_put_into_the_store_once(cluster) -> None:
    pool, ray = cluster(lambda call: call.answer())
    shared = frozenset({1})
    assert len(jobs_of(pool.run(work, [(shared, number) for number in range(9)], shared=(frozenset,)))) == 9
    assert len(ray.puts) == 1


def test_nodes_that_join_get_actors(cluster, monkeypatch) -> None:
    monkeypatch.setattr(ray_pool, "_LOOK_SECONDS", 0.0)
    pool, ray = cluster(lambda call: call.answer(), nodes=1)
    monkeypatch.setattr(ray_pool, "_PASS_SECONDS", 0.0)  # else one actor may answer all before the next pass
    answers = pool.run(work, range(50))
    next(answers)
    ray.nodes = 3
    assert len(list(answers)) == 49
    assert len(ray.actors) == 3


@pytest.mark.parametrize("number", [0, 1])
def test_a_node_that_differs_ends_the_run(cluster, number: int) -> None:
    pool, ray = cluster(lambda call: None)
    other = {"Python": "3.11.99"} if number == 0 else {"the packages": "numpy 1.0"}
    usual = code_here() | {"the packages": "numpy 2.0"}
    ray.begin = lambda actor: {"facts": usual | other if actor.number == number else usual}
    told = (
        "has Python 3.11.99, this machine has " if number == 0 else "has the packages numpy 1.0, the node 10.0.0.0 has "
    )
    with pytest.raises(WorkError, match=f"the node 10.0.0.{number} {told}.*: install the same everywhere"):
        list(pool.run(work, range(9)))
    assert all(actor.killed for actor in ray.actors)


@pytest.mark.parametrize(
    ("told", "error", "text"),
    [
        (
            {"kind": "SandboxError", "error": "SandboxError: the sandbox is not safe here: no seccomp"},
            SandboxError,
            "the node 10.0.0.0: the sandbox is not safe here: no seccomp",
        ),
        (
            {"kind": "ModuleNotFoundError", "error": "ModuleNotFoundError: No module named 'harness'"},
            WorkError,
            "the node 10.0.0.0 cannot import apps-plus (ModuleNotFoundError: No module named 'harness'): install the "
            "same version there as here",
        ),
        (
            {"kind": "OSError", "error": "OSError: no space"},
            WorkError,
            "the node 10.0.0.0 cannot start a worker: OSError: no space",
        ),
    ],
)
def test_a_node_that_cannot_begin_ends_the_run(cluster, told: dict[str, str], error: type, text: str) -> None:
    pool, ray = cluster(lambda call: None)
    ray.begin = lambda actor: told
    with pytest.raises(error) as raised:
        list(pool.run(work, range(9)))
    assert type(raised.value) is error
    assert str(raised.value) == text


def test_actors_that_are_lost_at_their_start_are_replaced_but_not_for_ever(cluster) -> None:
    pool, ray = cluster(lambda call: call.answer())
    usual = ray.begin
    ray.begin = lambda actor: RayError("no memory") if actor.number < 3 else usual(actor)
    assert len(jobs_of(pool.run(work, range(9)))) == 9
    pool, ray = cluster(lambda call: call.answer())
    ray.begin = lambda actor: RayError("no memory")
    with pytest.raises(WorkError, match="actors are lost as soon as they start: no memory"):
        list(pool.run(work, range(9)))


def test_a_fault_of_a_node_is_no_loss(cluster) -> None:
    pool, _ = cluster(lambda call: call.fail(RayTaskError("disk full")))
    with pytest.raises(WorkError, match=r"the node 10\.0\.0\.\d cannot do its work: disk full"):
        list(pool.run(work, range(9)))


def test_leaving_early_kills_the_actors(cluster) -> None:
    pool, ray = cluster(lambda call: call.answer() if call.job == 0 else None)
    answers = pool.run(work, range(9))
    next(answers)
    answers.close()
    assert all(actor.killed for actor in ray.actors)


def test_no_jobs_no_answers(cluster) -> None:
    pool, _ = cluster(FakeActor.lose)
    assert list(pool.run(work, [])) == []
