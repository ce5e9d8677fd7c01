"""Simulate builds on 4 to 256 nodes, from measured costs of problems.

    python -m benchmarks.cluster_simulation measure raw_apps --limit 300 --out costs.jsonl
    python -m benchmarks.cluster_simulation measure raw_apps --limit 300 --strengthen --out costs-strengthen.jsonl
    python -m benchmarks.cluster_simulation simulate costs.jsonl --problems 10000

``measure`` verifies (and strengthens) each problem in one sandbox, and writes the processor time that it took, the
bytes that would travel, and the processor time of the machine that hands out: packing the job, reading and journaling
the answer. ``simulate`` draws as many problems as a build has from these, with replacement, and follows every job
through the rules of ``harness.cluster.ray_pool``: one machine hands out, one job after another; an actor holds two
jobs; at the end, free actors take over what waits. It says what limits each size: the work itself, the machine that
hands out, or the longest problem, which one actor does alone.
"""

from __future__ import annotations

import argparse
import heapq
import json
import pickle
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from apps_plus.raw import open_raw
from apps_plus.storage import read_json_lines
from benchmarks.processor_time import processor_seconds
from benchmarks.sandbox import print_progress
from curation.build_folder import StrengthenedJournal, VerifiedJournal
from curation.build_options import BUILD_LIMITS
from curation.decisions import BuildDecisions
from curation.generated_tests.infer_model import infer_model
from curation.generated_tests.strengthen_problem import StrengthenOptions, strengthen_problem
from curation.pipeline.decide import decide
from curation.pipeline.steps import verify_problem
from harness.cluster.parcel import pack
from harness.sandbox import Sandbox
from harness.sandbox.pool import QUEUED_PER_WORKER


@dataclass(frozen=True, slots=True)
class JobCost:
    """What one problem costs."""

    problem_id: str
    seconds: float
    """Processor time in the sandbox and its worker."""
    hand_out_seconds: float
    """Processor time of the machine that hands out, without Ray's own."""
    bytes: int
    """The job and its answer, pickled."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, and what it costs to reach."""

    nodes: int
    cores: int
    """Cores of a node."""
    call_seconds: float = 0.0007
    """Processor time of the machine that hands out for each call of Ray's (see docs/scaling.md)."""
    latency_seconds: float = 0.002
    """Seconds from the machine that hands out to an actor."""
    bytes_per_second: float = 125e6
    """Speed of the network at the machine that hands out: one gigabit a second."""
    start_seconds: float = 10.0
    """Seconds until the actors are ready."""

    @property
    def actors(self) -> int:
        """Number of actors: one for each core."""
        return self.nodes * self.cores


@dataclass(frozen=True, slots=True)
class Outcome:
    """Duration of a build on a cluster, and what limits it."""

    seconds: float
    """Wall-clock time, with the start of the actors."""
    busy: float
    """Share of the actors' time, from their start on, in which they work."""
    limits: dict[str, float]
    """Least duration in seconds that each cause alone allows."""

    @property
    def limit(self) -> str:
        """The cause that binds most."""
        return max(self.limits, key=lambda name: self.limits[name])


def simulate(jobs: Sequence[JobCost], cluster: Cluster) -> Outcome:
    """Follow jobs, in their order, through a cluster."""
    simulation = _Simulation(jobs, cluster)
    end = simulation.run()
    work, longest = sum(job.seconds for job in jobs), max(job.seconds for job in jobs)
    limits = {
        "the work": cluster.start_seconds + work / cluster.actors,
        "the hand-out": cluster.start_seconds + sum(map(simulation.hand_out_seconds, jobs)),
        "the longest problem": cluster.start_seconds + longest,
    }
    return Outcome(end, work / (cluster.actors * (end - cluster.start_seconds)), limits)


class _Simulation:
    def __init__(self, jobs: Sequence[JobCost], cluster: Cluster) -> None:
        self.cluster = cluster
        self.waiting = iter(jobs)
        self.free_at = cluster.start_seconds
        """Time at which the machine that hands out has nothing more to do."""
        self.actor_free_at = [cluster.start_seconds] * cluster.actors
        self.held = [0] * cluster.actors
        self.events: list[tuple[float, int, int]] = []
        """Ends of jobs: time, number, actor."""
        self.queued: dict[int, tuple[float, JobCost, int]] = {}
        """Jobs that wait behind another at their actor: start, job, actor; by number."""
        self.number = 0

    def hand_out_seconds(self, job: JobCost) -> float:
        """Return how long a job and its answer occupy the machine that hands out, and its network."""
        occupied = self.cluster.call_seconds + job.hand_out_seconds
        return max(occupied, job.bytes / self.cluster.bytes_per_second)

    def run(self) -> float:
        """Return when the last answer is there."""
        for _ in range(QUEUED_PER_WORKER):
            for actor in range(self.cluster.actors):
                self.give_next(actor)
        end = self.cluster.start_seconds
        taken_over: set[int] = set()
        while self.events:
            now, number, actor = heapq.heappop(self.events)
            if number in taken_over:
                continue
            self.queued.pop(number, None)
            self.held[actor] -= 1
            end = max(end, now + self.cluster.latency_seconds)
            self.free_at = max(self.free_at, now + self.cluster.latency_seconds)
            if not self.give_next(actor) and not self.held[actor]:
                taken_over |= self.take_over(actor, now)
        return max(end, self.free_at)

    def give_next(self, actor: int) -> bool:
        """Hand the next job to an actor. Returns whether there is one."""
        for job in self.waiting:
            self.give(actor, job)
            return True
        return False

    def give(self, actor: int, job: JobCost) -> None:
        self.free_at += self.hand_out_seconds(job)
        arrives = self.free_at + self.cluster.latency_seconds
        begins = max(arrives, self.actor_free_at[actor])
        self.actor_free_at[actor] = begins + job.seconds
        self.number += 1
        self.held[actor] += 1
        if begins > arrives:
            self.queued[self.number] = begins, job, actor
        heapq.heappush(self.events, (begins + job.seconds, self.number, actor))

    def take_over(self, idle: int, now: float) -> set[int]:
        """Give an idle actor the job that would begin last elsewhere; return its former number."""
        self.queued = {number: entry for number, entry in self.queued.items() if entry[0] > now}
        if not self.queued:
            return set()
        number = max(self.queued, key=lambda number: self.queued[number][0])
        begins, job, holder = self.queued.pop(number)
        if begins <= now + 2 * self.cluster.latency_seconds:
            return set()
        self.held[holder] -= 1
        self.actor_free_at[holder] -= job.seconds
        self.free_at = max(self.free_at, now)
        self.give(idle, job)
        return {number}


# ---- measuring


def measure(source: str | None, limit: int, strengthen: bool) -> Iterator[JobCost]:
    """Measure the problems of raw APPS, spread over all of it.

    Args:
        source: RAW, as ``apps-plus build`` takes it.
        limit: The number of problems; a few more where it does not divide all of them.
        strengthen: Also generate tests for those that would be released; its cost comes on top.
    """
    raw = open_raw(source)
    step = max(1, len(raw) // limit)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(Sandbox())
        verified_journal = VerifiedJournal(folder, None, stack)
        strengthened_journal = StrengthenedJournal(folder, None, stack)
        sandbox.blocked  # noqa: B018  # starts it, and tries its probes
        for place, problem in enumerate(raw):
            if place % step:
                continue
            begun = processor_seconds()
            verified = verify_problem(problem, sandbox, BUILD_LIMITS, None)
            strengthened = None
            if strengthen:
                decided = decide(verified, BuildDecisions([], None).resolve(verified), None)
                if decided.released:
                    strengthened = strengthen_problem(
                        decided.problem, sandbox, StrengthenOptions(), infer_model, decided.checker, False
                    )
            seconds = processor_seconds() - begun
            own = time.process_time()
            parcel, _ = pack(verify_problem, problem, ())
            answer = pickle.dumps((verified, strengthened))
            pickle.loads(answer)
            verified_journal.add(str(place), verified)
            if strengthened is not None:
                strengthened_journal.add(str(place), strengthened)
            handed_out = time.process_time() - own
            yield JobCost(problem.problem_id, seconds, handed_out, len(parcel) + len(answer))


def print_table(jobs: Sequence[JobCost], outcomes: Sequence[tuple[Cluster, Outcome]]) -> None:
    """Print the simulated sizes, with what limits each."""
    work = sum(job.seconds for job in jobs)
    print(f"{len(jobs):,} problems, {work / 3600:.1f} hours of processor time on one core\n")
    print("| nodes | cores | time | speed-up | cores at work | limited by |")
    print("| --: | --: | --: | --: | --: | :-- |")
    for cluster, outcome in outcomes:
        print(
            f"| {cluster.nodes} | {cluster.actors:,} | {outcome.seconds / 60:.1f} min | "
            f"{work / outcome.seconds:,.0f} | {outcome.busy:.0%} | {outcome.limit} |"
        )


def main() -> None:
    """Measure problems, or simulate builds of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cluster_simulation",
        description="Simulate builds on many nodes, from measured costs of problems.",
        epilog="Example: python -m benchmarks.cluster_simulation simulate costs.jsonl --problems 10000",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="measure problems")
    measuring.add_argument("raw", nargs="?", metavar="RAW")
    measuring.add_argument("--limit", type=int, default=300, metavar="N")
    measuring.add_argument("--strengthen", action="store_true")
    measuring.add_argument("--out", type=Path, required=True, metavar="FILE")
    simulating = commands.add_parser("simulate", help="simulate clusters")
    simulating.add_argument("costs", type=Path, metavar="FILE")
    simulating.add_argument("--nodes", default="1,4,16,64,256", metavar="N,N")
    simulating.add_argument("--cores", type=int, default=16, metavar="N", help="of a node")
    simulating.add_argument("--problems", type=int, default=10_000, metavar="N")
    simulating.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    if options.command == "measure":
        with options.out.open("w", encoding="utf-8") as out:
            for number, cost in enumerate(measure(options.raw, options.limit, options.strengthen), 1):
                out.write(json.dumps(asdict(cost)) + "\n")
                out.flush()
                print_progress(f"{number}: {cost.problem_id} {cost.seconds:.2f} s")
        return
    measured = [JobCost(**row) for row in read_json_lines(options.costs)]
    jobs = random.Random(options.seed).choices(measured, k=options.problems)
    clusters = [Cluster(int(nodes), options.cores) for nodes in options.nodes.split(",")]
    print_table(jobs, [(cluster, simulate(jobs, cluster)) for cluster in clusters])


if __name__ == "__main__":
    main()
