"""A Ray of this process, in which a test decides what every actor does with every call."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from harness.cluster.worker import code_here
from harness.sandbox.cache import CacheUse


class RayError(Exception):
    """An actor is lost."""


class RayTaskError(RayError):
    """A call raised."""


class TaskCancelledError(RayError):
    """A call was cancelled before it began."""


class FakeReference:
    def __init__(self) -> None:
        self.made: Future[Any] = Future()

    def future(self) -> Future[Any]:
        return self.made


class FakeCall(FakeReference):
    """A call of ``do``: a test answers it, holds it, or loses the actor."""

    def __init__(self, actor: FakeActor, jobs: list[Any]) -> None:
        super().__init__()
        self.actor = actor
        self.jobs = jobs

    @property
    def job(self) -> Any:
        """The only job of the call."""
        [job] = self.jobs
        return job

    def answer(self) -> None:
        """Answer with each job and the actor's number."""
        if not self.made.done():
            answers = [pickle.dumps((True, (job, self.actor.number), CacheUse())) for job in self.jobs]
            self.made.set_result((self.actor.ray.job_seconds * len(self.jobs), answers))

    def fail(self, error: Exception) -> None:
        if not self.made.done():
            self.made.set_exception(error)


class FakeActor:
    def __init__(self, ray: FakeRay, number: int) -> None:
        self.ray = ray
        self.number = number
        self.node = f"node {number % ray.nodes}"
        self.calls: list[FakeCall] = []
        self.begin = SimpleNamespace(remote=self._begin)
        self.do = SimpleNamespace(remote=self._do)
        self.killed = False

    @property
    def unanswered(self) -> list[FakeCall]:
        return [call for call in self.calls if not call.made.done()]

    def lose(self) -> None:
        """Lose the actor with all it has to do."""
        for call in self.unanswered:
            call.fail(RayError("lost"))

    def _begin(self, isolation: dict[str, bool]) -> FakeReference:
        reference = FakeReference()
        told = self.ray.begin(self)
        if isinstance(told, Exception):
            reference.made.set_exception(told)
        else:
            reference.made.set_result({"address": f"10.0.0.{self.number}", "id": self.node, **told})
        return reference

    def _do(self, parcels: list[bytes], references: list[list[Any]]) -> FakeCall:
        jobs = [shared or pickle.loads(parcel)[1] for parcel, shared in zip(parcels, references, strict=True)]
        call = FakeCall(self, jobs)
        self.calls.append(call)
        self.ray.on_call(call)
        return call


class FakeRay:
    """The part of Ray that ``RayPool`` uses, on ``nodes`` nodes with one core each."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError, TaskCancelledError=TaskCancelledError)

    def __init__(self, nodes: int, on_call: Callable[[FakeCall], None]) -> None:
        self.nodes = nodes
        self.on_call = on_call
        self.begin: Callable[[FakeActor], Any] = lambda actor: {"facts": code_here()}
        self.actors: list[FakeActor] = []
        self.puts: list[Any] = []
        self.cancelled: list[FakeCall] = []
        self.job_seconds = 1.0
        """Seconds that a job appears to take."""

    def remote(self, **_: Any) -> Callable[[type], Any]:
        return lambda _: SimpleNamespace(remote=self._start)

    def _start(self) -> FakeActor:
        self.actors.append(FakeActor(self, len(self.actors)))
        return self.actors[-1]

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": float(self.nodes)}

    def put(self, thing: Any) -> str:
        self.puts.append(thing)
        return f"reference {len(self.puts)}"

    def cancel(self, call: FakeCall) -> None:
        self.cancelled.append(call)

    def kill(self, actor: FakeActor) -> None:
        actor.killed = True
