"""Hostile programs in random order, thousands of them: nothing may pile up.

    python -m benchmarks.soak --programs 20000

Two workers, each with a sandbox, judge the programs of ``tests/harness/sandbox/hostile_programs.py``. Between programs
each worker says how much memory, how many descriptors and how many processes it and its sandbox hold, and what lies in
the temporary folder and in /dev/shm. Exits with 1 where a program got a verdict that it must not get, or something
grew.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processor_time import descendants
from harness.sandbox import Sandbox

HOSTILE_FOLDER = Path(__file__).parent.parent / "tests" / "harness" / "sandbox"
QUICK_SECONDS = 0.05
"""A program that takes longer is drawn less often, in proportion: the point is many programs, not long ones."""
TOLD = 200
"""Characters of what is wrong."""
GROWTH_SHARE = 0.05
GROWTH_BYTES = 4 << 20
"""How much memory may differ between the first and the last quarter of the samples, share and bytes, to be flat."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What is held between two programs."""

    memory: int
    """Resident bytes of the worker."""
    sandbox_memory: int
    """Resident bytes of all processes of its sandbox, added up."""
    descriptors: int
    """Of the worker and of its sandbox's processes."""
    processes: int
    """Below the worker; none of them runs a program at that moment."""
    temporary_files: int
    shared_memory_files: int
    """In /dev/shm, whoever put them there."""


def sample() -> Sample:
    """Look at this worker and at everything below it."""
    below = descendants()
    return Sample(
        memory=_resident(os.getpid()),
        sandbox_memory=sum(map(_resident, below)),
        descriptors=sum(_count(Path(f"/proc/{pid}/fd")) for pid in [os.getpid(), *below]),
        processes=len(below),
        temporary_files=sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
        shared_memory_files=_count(Path("/dev/shm")),
    )


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _count(folder: Path) -> int:
    try:
        return len(os.listdir(folder))  # noqa: PTH208 - names are enough
    except OSError:
        return 0


def load_world() -> Any:
    """The module ``hostile_world`` of the tests' folder, which is no package: programs and what they reach for."""
    sys.path.insert(0, str(HOSTILE_FOLDER))
    try:
        return importlib.import_module("hostile_world")
    except ImportError as error:
        raise SystemExit(f"{error}: run from a checkout, with its tests") from error


# --- one worker ------------------------------------------------------------------------------------------------------


def work(connection: Connection) -> None:
    """Judge the programs whose numbers come in, look around when told to, and stop at the end."""
    module = load_world()
    with module.World() as world, Sandbox() as sandbox:
        while True:
            try:
                index = connection.recv()
            except EOFError:
                return
            if index is None:
                connection.send(sample())
                continue
            hostile, wrong = module.HOSTILE[index], []
            start = time.perf_counter()
            if module.is_meant(hostile, sandbox.layers):
                outcome = module.run(sandbox, hostile.within(world.names))
                wrong = module.complaints(hostile, outcome) + world.harm()
            fault = f"{hostile.kind} ({hostile.style}): {'; '.join(wrong)[:TOLD]}" if wrong else ""
            connection.send((index, time.perf_counter() - start, fault))


# --- all of them -----------------------------------------------------------------------------------------------------


class Worker:
    """A worker's process, from here."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), name=name)
        self._process.start()
        theirs.close()
        self.samples: list[Sample] = []
        self._judging = -1

    def give(self, index: int) -> None:
        """Have a program judged."""
        self._judging = index
        self.connection.send(index)

    def take(self) -> tuple[int, float, str]:
        """Which program it was, how long it took, and what is wrong with its verdicts."""
        try:
            index, seconds, fault = self.connection.recv()
        except EOFError:
            raise SystemExit(f"{self.name} died while judging program {self._judging}") from None
        return index, seconds, fault

    def look_around(self) -> None:
        """Take a sample; no program of this worker may be running."""
        self.connection.send(None)
        self.samples.append(self.connection.recv())

    def close(self) -> None:
        """Let it end."""
        self.connection.close()
        self._process.join()


class Draw:
    """Draws programs at random: all equally often at first, later the slow ones in proportion less often."""

    def __init__(self, count: int, chance: random.Random) -> None:
        self.lap = count
        """Until then what is held may grow: a worker starts what it needs when it first needs it."""
        self._chance = chance
        self._first = chance.sample(range(count), count)
        self._weights = [1.0] * count

    def next(self) -> int:
        """The number of a program."""
        if self._first:
            return self._first.pop()
        return self._chance.choices(range(len(self._weights)), self._weights)[0]

    def took(self, index: int, seconds: float) -> None:
        """Note how long a program took."""
        self._weights[index] = min(1.0, QUICK_SECONDS / max(seconds, 1e-6))


def soak(programs: int, workers: Sequence[Worker], every: int, draw: Draw) -> Counter[str]:
    """Have the programs judged; the faults and how often each occurred."""
    faults: Counter[str] = Counter()
    done = 0
    start = time.perf_counter()
    while done < programs:
        waiting = min(every, programs - done)
        busy: dict[Any, Worker] = {}
        for worker in workers[:waiting]:
            worker.give(draw.next())
            busy[worker.connection] = worker
        waiting -= len(busy)
        while busy:
            for connection in wait(list(busy)):
                index, seconds, fault = busy[connection].take()
                done += 1
                draw.took(index, seconds)
                faults.update([fault] if fault else [])
                if waiting:
                    busy[connection].give(draw.next())
                    waiting -= 1
                else:
                    del busy[connection]
        # All workers stand still for this, so that none sees another's files come and go.
        for worker in workers if done >= min(draw.lap, programs) else ():
            worker.look_around()
        print(f"{done} programs, {time.perf_counter() - start:.0f} s, {faults.total()} faults", file=sys.stderr)
    return faults


def growth(samples: Sequence[Sample]) -> dict[str, str]:
    """For each thing held: how much at first and at last, and whether that is flat."""
    quarter = max(1, len(samples) // 4)
    told = {}
    for name in asdict(samples[0]):
        first = median(getattr(one, name) for one in samples[:quarter])
        last = median(getattr(one, name) for one in samples[-quarter:])
        if "memory" in name and "files" not in name:
            flat = last <= first * (1 + GROWTH_SHARE) + GROWTH_BYTES
            told[name] = f"{first / 2**20:.1f} MiB at first, {last / 2**20:.1f} MiB at last: {_said(flat)}"
        else:
            told[name] = f"{first:.0f} at first, {last:.0f} at last: {_said(last <= first)}"
    return told


_FLAT, _GREW = "flat", "GREW"


def _said(flat: bool) -> str:
    return _FLAT if flat else _GREW


def main() -> None:
    """Parse the command line, soak, and say what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Judge thousands of hostile programs in random order and watch what piles up.",
        epilog="Example: python -m benchmarks.soak --programs 20000 --workers 2",
    )
    parser.add_argument("--programs", type=int, default=20_000, metavar="N", help="how many in all (20000)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes with a sandbox each (2)")
    parser.add_argument("--every", type=int, default=500, metavar="N", help="programs between looks around (500)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the order (0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    options = parser.parse_args()
    count = len(load_world().HOSTILE)
    draw = Draw(count, random.Random(options.seed))
    start = time.perf_counter()
    with ExitStack() as stack:
        # What the sandbox leaves in the temporary folder is countable in one of its own.
        os.environ["TMPDIR"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-"))
        workers = [Worker(f"worker {number + 1}") for number in range(options.workers)]
        for worker in workers:
            stack.callback(worker.close)
        faults = soak(options.programs, workers, options.every, draw)
    seconds = time.perf_counter() - start
    print(f"{options.programs} programs of {count} in {seconds:.0f} s; {faults.total()} faults")
    for fault, times in faults.most_common():
        print(f"  {times} times {fault}")
    grew = False
    for worker in workers:
        print(f"{worker.name}:")
        for name, told in growth(worker.samples).items():
            print(f"  {name.replace('_', ' ')}: {told}")
            grew = grew or told.endswith(_GREW)
    if options.json:
        samples = {worker.name: [asdict(one) for one in worker.samples] for worker in workers}
        options.json.write_text(json.dumps({"seconds": seconds, "faults": faults, "samples": samples}, indent=1) + "\n")
    sys.exit(bool(faults) or grew)


if __name__ == "__main__":
    main()
