"""Jobs on their way to another machine."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.cluster.parcel import Unpacker, pack


@dataclass(frozen=True)
class Large:
    text: str


class Job(NamedTuple):
    large: Large
    number: int
    more: tuple[Large, ...] = ()


def work(sandbox: Any, job: Job) -> None: ...


class Store:
    """Holds shared objects as an object store does, and counts what is fetched."""

    def __init__(self, objects: list[Any]) -> None:
        self.objects = objects
        self.fetched: list[int] = []

    def fetch(self, reference: int) -> bytes:
        self.fetched.append(reference)
        return pickle.dumps(self.objects[reference])


def test_shared_objects_are_left_out_and_come_back() -> None:
    job = Job(Large("x" * 100_000), 7, (Large("y"), Large("z")))
    parcel, left_out = pack(work, job, (Large,))
    assert left_out == [job.large, *job.more]
    assert len(parcel) < 1000
    assert Unpacker(Store(left_out).fetch).unpack(parcel, [0, 1, 2]) == (work, job)


def test_without_shared_types_everything_is_in_the_parcel() -> None:
    job = Job(Large("x"), 7)
    parcel, left_out = pack(work, job, ())
    assert left_out == []
    assert Unpacker(Store([]).fetch).unpack(parcel, []) == (work, job)


def test_a_worker_fetches_what_several_jobs_share_once() -> None:
    store = Store([Large("x"), Large("y")])
    unpacker = Unpacker(store.fetch)
    parcels = [pack(work, Job(store.objects[0], number), (Large,))[0] for number in range(3)]
    jobs = [unpacker.unpack(parcel, [0])[1] for parcel in parcels]
    assert [job.number for job in jobs] == [0, 1, 2]
    assert jobs[0].large is jobs[2].large
    assert store.fetched == [0]


def test_a_worker_keeps_only_the_last_shared_objects() -> None:
    store = Store([Large(str(number)) for number in range(100)])
    unpacker = Unpacker(store.fetch)
    for number, large in enumerate(store.objects):
        unpacker.unpack(pack(work, Job(large, 0), (Large,))[0], [number])
    unpacker.unpack(pack(work, Job(store.objects[99], 0), (Large,))[0], [99])
    unpacker.unpack(pack(work, Job(store.objects[0], 0), (Large,))[0], [0])
    assert store.fetched == [*range(100), 0]
