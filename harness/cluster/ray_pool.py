"""Hand out jobs to the actors of a Ray cluster, each with a sandbox of its own.

An actor takes one core, and two calls at a time: whoever is fast takes more. A call is one job, or several where jobs
are short, because Ray spends some three milliseconds of processor time on a call. The jobs of an actor that is lost,
alone or with its node, are done again by others, each in a call of its own, and another actor takes its place wherever
the cluster has a free core. At the end, calls are small again, and actors that are free take over what waits behind
another job, or has run for long on another node; the first answer counts.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
CALL_SECONDS = 0.25
"""Seconds that a call with several jobs is meant to take."""
MOST_JOBS = 16
"""Number of jobs that a call may have."""
_MOST_BYTES = 64 << 10
"""Bytes of jobs after which none is added to a call; Ray sends more by way of the object store."""
_NEWS_SHARE = 0.1
"""Share of the last call in the mean time of a job; the rest is that of the calls before."""
BEHIND_SECONDS = 1.0
"""Seconds after which an idle actor takes jobs out of a call in which one job holds up the others."""
SLOW_SECONDS = 60.0
"""Seconds after which a job without an answer is also given to an idle actor of another node."""
_MOST_AHEAD = 512
"""Number of jobs that are packed before an actor is free for them, so that calls become small before the last job."""
_PASS_SECONDS = 0.2
"""Seconds between two passes over all actors."""
_LOOK_SECONDS = 5.0
"""Seconds between two looks at the size of the cluster."""
_TO_SEND_NONE = "; if all of them are, the cluster may have no token: try RAY_AUTH_MODE=disabled"
"""End of the message where every actor is lost at its start: the command may send a token (~/.ray/auth_token) to a
cluster that has none, which Ray's own error does not say."""
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
    """Tasks in the hands of an actor."""

    tasks: list[_Task]
    reference: Any
    """Ray's reference to the answers."""
    since: float
    """When the actor got it, or had done the call before it, in seconds of ``time.monotonic``."""


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

    def __init__(self, tasks: Iterator[_Task], most: int) -> None:
        """Take the tasks, and the most of them that one call may have."""
        self._new = tasks
        self._most = most
        self._all_taken = False
        """No new tasks are left."""
        self._waiting: deque[_Task] = deque()
        """Tasks that were taken from the new ones, and wait for an actor."""
        self._seconds = float("inf")
        """The mean time of a job in recent calls."""
        self.unanswered = 0
        """Number of tasks that were taken and have no answer."""

    def take(self, takers: int) -> list[_Task]:
        """Take the tasks of the next call; none if no task waits.

        Args:
            takers: The number of actors: the last tasks are divided between all of them.
        """
        size = int(min(self._most, max(1.0, CALL_SECONDS / self._seconds)))
        share = 2 * takers
        self._look_ahead(min(size * share, _MOST_AHEAD) if size > 1 else 1)
        if self._all_taken:
            size = min(size, -(-len(self._waiting) // share))
        taken: list[_Task] = []
        length = 0
        while self._waiting and len(taken) < size and length <= _MOST_BYTES:
            if taken and (taken[0].losses or self._waiting[0].losses):
                break
            taken.append(self._waiting.popleft())
            length += len(taken[-1].parcel)
        return taken

    def _look_ahead(self, count: int) -> None:
        """Take new tasks until ``count`` wait, or none is left."""
        while len(self._waiting) < count and not self._all_taken:
            task = next(self._new, None)
            if task is None:
                self._all_taken = True
            else:
                self.unanswered += 1
                self._waiting.append(task)

    def release(self, tasks: Sequence[_Task]) -> None:
        """Take tasks from an actor: those that no other has, and that have no answer, wait again, before all others."""
        for task in reversed(tasks):
            task.holders -= 1
            if not task.holders and not task.answered:
                self._waiting.appendleft(task)

    def is_waiting(self) -> bool:
        """Return whether a task waits."""
        self._look_ahead(1)
        return bool(self._waiting)

    def learn(self, seconds: float, jobs: int) -> None:
        """Take note of how long a call took, which decides how many jobs the next ones have."""
        mean = seconds / jobs
        known = mean if self._seconds == float("inf") else self._seconds
        self._seconds = max(known + _NEWS_SHARE * (mean - known), 1e-6)


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
        tasks = (self._task(work, job, shared) for job in jobs)
        return self._answers(_Tasks(tasks, 1 if alone else MOST_JOBS), alone)

    def _answers(self, tasks: _Tasks, alone: bool) -> Iterator[Done[Any]]:
        try:
            looked = float("-inf")
            while tasks.is_waiting() or tasks.unanswered:
                if time.monotonic() - looked >= _PASS_SECONDS:
                    looked = time.monotonic()
                    self._staff()
                    self._hand_out(tasks, alone)
                with contextlib.suppress(queue.Empty):
                    for answer in self._deal_with(*self._events.get(timeout=_PASS_SECONDS), tasks, alone):
                        yield read_answer(answer)
        except BaseException:  # also where the iterator is left: the next run must not get this one's calls
            self.close()
            raise
        self._put.clear()

    def _deal_with(
        self, actor: _Actor, call: _Call | None, future: Future[Any], tasks: _Tasks, alone: bool
    ) -> list[bytes]:
        """Record an event of an actor, and give it more to do. Returns the answers to tasks if it has some."""
        answers: list[bytes] = []
        if actor.lost:
            return answers
        if call is None:
            self._welcome(actor, future)
        else:
            answers = self._answer(actor, call, future, tasks)
        if self._may_work(actor, alone):
            self._fill(actor, tasks)
        return answers

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
        for holder, call, late in self._late_tasks() if idle and not tasks.is_waiting() else ():
            running = late[0] is call.tasks[0] and call is holder.calls[0]
            free = next((actor for actor in idle if not running or actor.node != holder.node), None)
            if free is not None:
                idle.remove(free)
                if call is not holder.calls[0]:
                    with contextlib.suppress(Exception):  # of many kinds; it is then done twice, which does no harm
                        self._ray.cancel(call.reference)
                self._give(free, late)

    def _may_work(self, actor: _Actor, alone: bool) -> bool:
        """Return whether an actor is ready and, when jobs run alone, is the first of its node."""
        if actor.lost or not actor.node:
            return False
        return not alone or actor is next(other for other in self._actors if other.node == actor.node)

    def _fill(self, actor: _Actor, tasks: _Tasks) -> None:
        while len(actor.calls) < QUEUED_PER_WORKER and (taken := tasks.take(max(1, len(self._actors)))):
            self._give(actor, taken)

    def _late_tasks(self) -> Iterator[tuple[_Actor, _Call, list[_Task]]]:
        """Yield what an idle actor may take over, in one call: of the oldest calls first.

        That is a whole call that waits behind another; a job of a call that is held up, but not the first, since that
        may be the one that holds it up; and any job that has run for long.
        """
        now = time.monotonic()
        calls = [(actor, call) for actor in self._actors for call in actor.calls]
        for actor, call in sorted(calls, key=lambda found: found[1].since):
            late = [task for task in call.tasks if task.holders == 1 and not task.answered]
            if call is not actor.calls[0]:
                if late:
                    yield actor, call, late
            elif call.since < now - BEHIND_SECONDS:
                long = call.since < now - SLOW_SECONDS
                yield from ((actor, call, [task]) for task in late if long or task is not call.tasks[0])

    def _give(self, actor: _Actor, tasks: list[_Task]) -> None:
        reference = actor.handle.do.remote([task.parcel for task in tasks], [task.references for task in tasks])
        call = _Call(tasks, reference, time.monotonic())
        for task in tasks:
            task.holders += 1
        actor.calls.append(call)
        self._listen(actor, call, reference)

    def _listen(self, actor: _Actor, call: _Call | None, reference: Any) -> None:
        reference.future().add_done_callback(lambda future: self._events.put((actor, call, future)))

    def _answer(self, actor: _Actor, call: _Call, future: Future[Any], tasks: _Tasks) -> list[bytes]:
        """Return the answers to a call, without those to tasks that others have answered. Raises WorkError."""
        error = future.exception()
        if error is not None and self._is_loss(error):
            self._lose(actor, tasks)
            return []
        actor.calls.remove(call)
        if actor.calls:
            actor.calls[0].since = time.monotonic()
        unanswered = [place for place, task in enumerate(call.tasks) if not task.answered]
        if error is not None and unanswered and not isinstance(error, self._ray.exceptions.TaskCancelledError):
            raise WorkError(f"the node {actor.address} cannot do its work: {one_line(str(error), 400)}")
        answers: list[bytes] = []
        if error is None:
            seconds, answers = future.result()
            tasks.learn(seconds, len(call.tasks))
            answers = [bytes(answers[place]) for place in unanswered]
            tasks.unanswered -= len(unanswered)
            for task in call.tasks:
                task.answered = True
        tasks.release(call.tasks)
        return answers

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
                raise WorkError(f"actors are lost as soon as they start: {one_line(str(error), 300)}{_TO_SEND_NONE}")
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
        for task in actor.calls[0].tasks if actor.calls else ():
            task.losses += 1
            if task.losses > MOST_LOSSES:
                raise WorkError(
                    f"{task.losses} workers were lost while they did the same job (out of memory?): finished jobs are "
                    "kept; run the same command again, with fewer --workers a node if it happens twice"
                )
        tasks.release([task for call in actor.calls for task in call.tasks])

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
