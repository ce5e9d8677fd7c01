"""Judge thousands of hostile programs in random order, and check that no resource leaks.

    python -m benchmarks.soak --programs 20000

Two workers, each with a sandbox, judge the programs of ``tests/harness/sandbox/hostile_programs.py``. Between programs
each worker reports the memory, descriptors and processes that it and its sandbox hold, and the files in the temporary
folder and in /dev/shm. The exit code is 1 if a program got a forbidden verdict, or a resource grew.
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
"""A slower program is drawn less often, in proportion, so that many programs run."""
FAULT_CHARACTERS = 200
"""Longest description of a fault."""
GROWTH_SHARE = 0.05
GROWTH_BYTES = 4 << 20
"""Memory counts as flat if the last quarter of the samples exceeds the first by at most this share plus these bytes."""


@dataclass(frozen=True, slots=True)
class ResourceSample:
    """The resources held between two programs."""

    memory: int
    """Resident bytes of the worker."""
    sandbox_memory: int
    """Sum of the resident bytes of all processes of its sandbox."""
    descriptors: int
    """Open descriptors of the worker and of its sandbox's processes."""
    processes: int
    """Descendants of the worker; none of them runs a program at that moment."""
    temporary_files: int
    shared_memory_files: int
    """Files in /dev/shm, of any process."""


def sample() -> ResourceSample:
    """Sample this worker and its descendants."""
    below = descendants()
    return ResourceSample(
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
    """Import ``hostile_world`` from the folder of tests, which is not a package: the programs and their targets."""
    sys.path.insert(0, str(HOSTILE_FOLDER))
    try:
        return importlib.import_module("hostile_world")
    except ImportError as error:
        raise SystemExit(f"{error}: run from a checkout, with its tests") from error


# --- one worker ------------------------------------------------------------------------------------------------------


def work(connection: Connection) -> None:
    """Judge the programs whose numbers arrive; None asks for a sample; the end of the connection stops the worker."""
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
            fault = f"{hostile.kind} ({hostile.style}): {'; '.join(wrong)[:FAULT_CHARACTERS]}" if wrong else ""
            connection.send((index, time.perf_counter() - start, fault))


# --- all workers -----------------------------------------------------------------------------------------------------


class Worker:
    """The process of a worker, seen from the parent."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), name=name)
        self._process.start()
        theirs.close()
        self.samples: list[ResourceSample] = []
        self._judging = -1

    def give(self, index: int) -> None:
        """Send a program to judge."""
        self._judging = index
        self.connection.send(index)

    def take(self) -> tuple[int, float, str]:
        """Receive the number of the judged program, its seconds, and its fault (empty without one)."""
        try:
            index, seconds, fault = self.connection.recv()
        except EOFError:
            raise SystemExit(f"{self.name} died while judging program {self._judging}") from None
        return index, seconds, fault

    def take_sample(self) -> None:
        """Take a sample; no program of this worker may be running."""
        self.connection.send(None)
        self.samples.append(self.connection.recv())

    def close(self) -> None:
        """End the process."""
        self.connection.close()
        self._process.join()


class ProgramDraw:
    """Draw programs at random: each once at first, then slow ones less often, in proportion."""

    def __init__(self, count: int, rng: random.Random) -> None:
        self.lap = count
        """Number of programs until which resources may grow, as workers start processes on first use."""
        self._rng = rng
        self._first = rng.sample(range(count), count)
        self._weights = [1.0] * count

    def next(self) -> int:
        """Return the number of the next program."""
        if self._first:
            return self._first.pop()
        return self._rng.choices(range(len(self._weights)), self._weights)[0]

    def took(self, index: int, seconds: float) -> None:
        """Record the seconds of a program."""
        self._weights[index] = min(1.0, QUICK_SECONDS / max(seconds, 1e-6))


def soak(programs: int, workers: Sequence[Worker], every: int, draw: ProgramDraw) -> Counter[str]:
    """Judge the programs; return the faults with their counts."""
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
        # All workers are idle here, so that none counts another's temporary files.
        for worker in workers if done >= min(draw.lap, programs) else ():
            worker.take_sample()
        print(f"{done} programs, {time.perf_counter() - start:.0f} s, {faults.total()} faults", file=sys.stderr)
    return faults


def growth(samples: Sequence[ResourceSample]) -> dict[str, str]:
    """Describe each resource: its amount at first and at last, and whether it is flat."""
    quarter = max(1, len(samples) // 4)
    texts = {}
    for name in asdict(samples[0]):
        first = median(getattr(one, name) for one in samples[:quarter])
        last = median(getattr(one, name) for one in samples[-quarter:])
        if "memory" in name and "files" not in name:
            flat = last <= first * (1 + GROWTH_SHARE) + GROWTH_BYTES
            texts[name] = f"{first / 2**20:.1f} MiB at first, {last / 2**20:.1f} MiB at last: {_flat_or_grew(flat)}"
        else:
            texts[name] = f"{first:.0f} at first, {last:.0f} at last: {_flat_or_grew(last <= first)}"
    return texts


_FLAT, _GREW = "flat", "GREW"


def _flat_or_grew(flat: bool) -> str:
    return _FLAT if flat else _GREW


def main() -> None:
    """Parse the command line, judge the programs, and print the result."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Judge thousands of hostile programs in random order and check that no resource leaks.",
        epilog="Example: python -m benchmarks.soak --programs 20000 --workers 2",
    )
    parser.add_argument("--programs", type=int, default=20_000, metavar="N", help="number of programs (20000)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes with a sandbox each (2)")
    parser.add_argument("--every", type=int, default=500, metavar="N", help="programs between samples (500)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the random order (0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to this file")
    options = parser.parse_args()
    count = len(load_world().HOSTILE)
    draw = ProgramDraw(count, random.Random(options.seed))
    start = time.perf_counter()
    with ExitStack() as stack:
        # A temporary folder of its own, to count the files that the sandbox leaves.
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
        for name, text in growth(worker.samples).items():
            print(f"  {name.replace('_', ' ')}: {text}")
            grew = grew or text.endswith(_GREW)
    if options.json:
        samples = {worker.name: [asdict(one) for one in worker.samples] for worker in workers}
        options.json.write_text(json.dumps({"seconds": seconds, "faults": faults, "samples": samples}, indent=1) + "\n")
    sys.exit(bool(faults) or grew)


if __name__ == "__main__":
    main()
