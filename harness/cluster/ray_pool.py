"""Hand out jobs to the actors of a Ray cluster, each with a sandbox of its own.

An actor takes one core, and two jobs at a time: whoever is fast takes more. The jobs of an actor that is lost, alone or
with its node, are done again by others, and another actor takes its place wherever the cluster has a free core. At the
end, actors that are free take over what waits behind another job, or has run for long on another node; the first answer
counts.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeVar

from apps_plus.errors import SandboxError, WorkError
from apps_plus.printable import one_line
from harness.cluster.join import join
from harness.cluster.parcel import pack
from harness.cluster.worker import actor_class, code_here
from harness.sandbox import Isolation, Sandbox
from harness.sandbox.pool import QUEUED_PER_WORKER, Done, read_answer

_log = logging.getLogger(__name__)

MOST_LOSSES = 3
"""Number of actors that may be lost while they do one job; one more, and the job counts as the cause."""
SLOW_SECONDS = 60.0
"""Seconds after which a job without an answer is also given to an idle actor of another node."""
_PASS_SECONDS = 0.2
"""Seconds between two passes over all actors."""
_LOOK_SECONDS = 5.0
"""Seconds between two looks at the size of the cluster."""
_PATIENCE_SECONDS = 30.0
"""Seconds without a first actor, after which a note says that the command waits for a free core."""

Job = TypeVar("Job")
Answer = TypeVar("Answer")


@dataclass(eq=False, slots=True)
class _Task:
    """One job."""

    parcel: bytes
    references: list[Any]
    """References to the shared objects that are not in the parcel."""
    holders: int = 0
    """Number of actors that have it."""
    losses: int = 0
    """Number of actors that were lost while they did it."""
    answered: bool = False


@dataclass(eq=False, slots=True)
class _Call:
    """A task in the hands of an actor."""

    task: _Task
    reference: Any
    """Ray's reference to the answer."""
    since: float
    """When the actor got it, in seconds of ``time.monotonic``."""


@dataclass(eq=False, slots=True)
class _Actor:
    """An actor, as the command sees it."""

    handle: Any
    address: str = ""
    """The IP address of its node, for messages; empty until it is ready."""
    node: str = ""
    """The id of its node; empty until it is ready."""
    calls: deque[_Call] = field(default_factory=deque)
    """The calls without an answer, in the order in which it does them."""
    lost: bool = False


class _Tasks:
    """The tasks of one run that wait for an actor."""

    def __init__(self, tasks: Iterator[_Task]) -> None:
        self._new = tasks
        self.again: deque[_Task] = deque()
        """Tasks that were taken before and wait again; they go first."""
        self.unanswered = 0
        """Number of tasks that were taken and have no answer."""

    def take(self) -> _Task | None:
        """Take the next task; None if no task waits."""
        if self.again:
            return self.again.popleft()
        for task in self._new:
            self.unanswered += 1
            return task
        return None

    def release(self, task: _Task) -> None:
        """Take a task from an actor: it waits again if no other has it and it has no answer."""
        task.holders -= 1
        if not task.holders and not task.answered:
            self.again.append(task)

    def is_waiting(self) -> bool:
        """Return whether a task waits."""
        if not self.again and (task := self.take()) is not None:
            self.again.append(task)
        return bool(self.again)


class RayPool:
    """Actors with a sandbox each, which do the jobs of one caller. They start with the first run."""

    def __init__(self, address: str, workers: int, isolation: Isolation) -> None:
        """Join the cluster.

        Args:
            address: ``ray`` or ``ray://HOST:PORT``.
            workers: The actors; 0: one for each core of the cluster, and of nodes that join later.
            isolation: The isolation of their sandboxes.

        Raises:
            InputError: Ray is not installed.
            WorkError: The cluster cannot be reached.
        """
        self._leave = join(address, workers)
        import ray

        self._ray = ray
        self._class = ray.remote(num_cpus=1)(actor_class())
        self._isolation = asdict(isolation)
        self._asked = workers
        self._actors: list[_Actor] = []
        self._events: queue.SimpleQueue[tuple[_Actor, _Call | None, Future[Any]]] = queue.SimpleQueue()
        """Answers of actors: the actor, the call (None for ``begin``), the finished future."""
        self._first: _Actor | None = None
        self._facts: dict[str, str] = {}
        """The facts of ``harness.cluster.worker.begin`` at the first actor; all others must agree."""
        self._failed_starts = 0
        """Number of actors lost before they were ready, since one last became ready."""
        self._looked = float("-inf")
        """When the size of the cluster was last asked for."""
        self._wanted = 0
        """Number of actors that there should be."""
        self._waits_since: float | None = None
        """When the wait for the first actor began; infinity once that was told."""
        self._put: dict[int, tuple[Any, Any]] = {}
        """The shared objects of this run with their references, by ``id``."""

    def run(
        self,
        work: Callable[[Sandbox, Job], Answer],
        jobs: Iterable[Job],
        *,
        alone: bool = False,
        shared: tuple[type, ...] = (),
    ) -> Iterator[Done[Answer]]:
        """Run jobs as ``Executor.run`` says; ``alone`` uses one actor of each node.

        The iterator raises:
            SandboxError: A node cannot run programs with this isolation.
            WorkError: A node differs from the others, actors are lost again and again, or one job loses them all.
            Exception: What ``work`` raised.
        """
        self._staff()
        return self._answers(_Tasks(self._task(work, job, shared) for job in jobs), alone)

    def _answers(self, tasks: _Tasks, alone: bool) -> Iterator[Done[Any]]:
        try:
            looked = float("-inf")
            while tasks.is_waiting() or tasks.unanswered:
                if time.monotonic() - looked >= _PASS_SECONDS:
                    looked = time.monotonic()
                    self._staff()
                    self._hand_out(tasks, alone)
                with contextlib.suppress(queue.Empty):
                    answer = self._deal_with(*self._events.get(timeout=_PASS_SECONDS), tasks, alone)
                    if answer is not None:
                        yield read_answer(answer)
        except BaseException:  # also where the iterator is left: the next run must not get this one's calls
            self.close()
            raise
        self._put.clear()

    def _deal_with(
        self, actor: _Actor, call: _Call | None, future: Future[Any], tasks: _Tasks, alone: bool
    ) -> bytes | None:
        """Record an event of an actor, and give it more to do. Returns the answer to a task if it is one."""
        answer = None
        if actor.lost:
            return None
        if call is None:
            self._welcome(actor, future)
        else:
            answer = self._answer(actor, call, future, tasks)
        if self._may_work(actor, alone):
            self._fill(actor, tasks)
        return answer

    def close(self) -> None:
        """Kill the actors, whatever they do; their sandboxes end with them. Leave the cluster."""
        for actor in self._actors:
            self._dismiss(actor)
        self._actors.clear()
        self._put.clear()
        leave, self._leave = self._leave, lambda: None
        leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- jobs

    def _task(self, work: Callable[..., Any], job: Any, shared: tuple[type, ...]) -> _Task:
        parcel, left_out = pack(work, job, shared)
        return _Task(parcel, [self._reference(thing) for thing in left_out])

    def _reference(self, thing: Any) -> Any:
        """Return a reference to a shared object, which is put into the object store once."""
        if id(thing) not in self._put:
            self._put[id(thing)] = thing, self._ray.put(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
        return self._put[id(thing)][1]

    def _hand_out(self, tasks: _Tasks, alone: bool) -> None:
        """Fill every actor; once no task waits, give idle actors what is late at others."""
        users = [actor for actor in self._actors if self._may_work(actor, alone)]
        for actor in users:
            self._fill(actor, tasks)
        idle = [actor for actor in users if not actor.calls]
        for holder, call in self._late_calls() if idle and not tasks.is_waiting() else ():
            running = call is holder.calls[0]
            free = next((actor for actor in idle if not running or actor.node != holder.node), None)
            if free is not None:
                idle.remove(free)
                with contextlib.suppress(Exception):  # of many kinds; it is then done twice, which does no harm
                    self._ray.cancel(call.reference)
                self._give(free, call.task)

    def _may_work(self, actor: _Actor, alone: bool) -> bool:
        """Return whether an actor is ready and, when jobs run alone, is the first of its node."""
        if actor.lost or not actor.node:
            return False
        return not alone or actor is next(other for other in self._actors if other.node == actor.node)

    def _fill(self, actor: _Actor, tasks: _Tasks) -> None:
        while len(actor.calls) < QUEUED_PER_WORKER and (task := tasks.take()) is not None:
            self._give(actor, task)

    def _late_calls(self) -> list[tuple[_Actor, _Call]]:
        """Return the calls that wait behind another, or have run for long: the oldest first."""
        slow = time.monotonic() - SLOW_SECONDS
        late = [
            (actor, call)
            for actor in self._actors
            for place, call in enumerate(actor.calls)
            if call.task.holders == 1 and not call.task.answered and (place > 0 or call.since < slow)
        ]
        return sorted(late, key=lambda found: found[1].since)

    def _give(self, actor: _Actor, task: _Task) -> None:
        reference = actor.handle.do.remote(task.parcel, task.references)
        call = _Call(task, reference, time.monotonic())
        task.holders += 1
        actor.calls.append(call)
        self._listen(actor, call, reference)

    def _listen(self, actor: _Actor, call: _Call | None, reference: Any) -> None:
        reference.future().add_done_callback(lambda future: self._events.put((actor, call, future)))

    def _answer(self, actor: _Actor, call: _Call, future: Future[Any], tasks: _Tasks) -> bytes | None:
        """Return the answer to a call; None if it has none, or another actor was faster. Raises WorkError."""
        error = future.exception()
        if error is not None and self._is_loss(error):
            self._lose(actor, tasks)
            return None
        actor.calls.remove(call)
        if call.task.answered or isinstance(error, self._ray.exceptions.TaskCancelledError):
            tasks.release(call.task)
            return None
        if error is not None:
            raise WorkError(f"the node {actor.address} cannot do its work: {one_line(str(error), 400)}")
        call.task.answered = True
        tasks.unanswered -= 1
        tasks.release(call.task)
        return bytes(future.result())

    def _is_loss(self, error: BaseException) -> bool:
        """Return whether an error says that an actor is lost, or cannot be reached."""
        kinds = self._ray.exceptions
        return isinstance(error, kinds.RayError) and not isinstance(
            error, kinds.RayTaskError | kinds.TaskCancelledError
        )

    # ---- actors

    def _staff(self) -> None:
        """Start an actor for each core that has none."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._wanted = self._asked or max(1, int(self._ray.cluster_resources().get("CPU", 0)))
            self._say_waiting(now)
        while len(self._actors) < self._wanted:
            actor = _Actor(self._class.remote())
            self._actors.append(actor)
            self._listen(actor, None, actor.handle.begin.remote(self._isolation))

    def _say_waiting(self, now: float) -> None:
        """Log once that no actor has been ready for ``_PATIENCE_SECONDS``."""
        if self._first is not None:
            return
        self._waits_since = self._waits_since or now
        if now - self._waits_since >= _PATIENCE_SECONDS:
            _log.warning("note: waiting for a free core of the cluster; `ray status` shows who has them")
            self._waits_since = float("inf")

    def _welcome(self, actor: _Actor, future: Future[Any]) -> None:
        """Take an actor into use. Raises SandboxError or WorkError where its node must not be used."""
        error = future.exception()
        if error is not None:
            if not self._is_loss(error):
                raise WorkError(f"an actor cannot start: {one_line(str(error), 400)}")
            self._failed_starts += 1
            if self._failed_starts > self._wanted + MOST_LOSSES:
                raise WorkError(f"actors are lost as soon as they start: {one_line(str(error), 400)}")
            self._drop(actor)
            return
        told = future.result()
        actor.address = told["address"]
        if "error" in told:
            raise _refusal(told)
        self._compare(actor.address, told["facts"], "this machine", code_here())
        if self._first is None:
            self._first, self._facts = actor, told["facts"]
        self._compare(actor.address, told["facts"], f"the node {self._first.address}", self._facts)
        self._failed_starts = 0
        actor.node = told["id"]

    def _compare(self, address: str, theirs: dict[str, str], other: str, ours: dict[str, str]) -> None:
        """Raise WorkError at the first difference."""
        for name, value in ours.items():
            if theirs.get(name) != value:
                raise WorkError(
                    f"the node {address} has {name} {theirs.get(name, '(unknown)')}, {other} has {value}: verdicts "
                    "would depend on the node: install the same everywhere"
                )

    def _lose(self, actor: _Actor, tasks: _Tasks) -> None:
        """Remove a lost actor: its tasks wait again. Raises WorkError where one of them seems to be the cause."""
        self._drop(actor)
        for place, call in enumerate(actor.calls):
            task = call.task
            task.losses += place == 0
            if task.losses > MOST_LOSSES:
                raise WorkError(
                    f"{task.losses} workers were lost while they did the same job (out of memory?): finished jobs are "
                    "kept; run the same command again, with fewer --workers a node if it happens twice"
                )
            tasks.release(task)

    def _drop(self, actor: _Actor) -> None:
        self._actors.remove(actor)
        self._dismiss(actor)

    def _dismiss(self, actor: _Actor) -> None:
        actor.lost = True
        with contextlib.suppress(Exception):  # of many kinds, Ray's and its client's: the actor or cluster is gone
            self._ray.kill(actor.handle)


def _refusal(told: dict[str, Any]) -> WorkError:
    """Return the error for a node whose actor could not begin."""
    if told["kind"] == SandboxError.__name__:
        return SandboxError(f"the node {told['address']}: {told['error'].partition(': ')[2]}")
    if told["kind"] in ("ModuleNotFoundError", "ImportError"):
        return WorkError(
            f"the node {told['address']} cannot import apps-plus ({told['error']}): install the same version there as "
            "here"
        )
    return WorkError(f"the node {told['address']} cannot start a worker: {told['error']}")
