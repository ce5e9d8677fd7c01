"""Worker processes, each with a sandbox."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps_plus.errors import WorkError
from harness.sandbox import USUAL_ISOLATION, Sandbox, pool
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Program
from harness.sandbox.pool import SandboxPool, run_all, worker_count
from harness.sandbox.worker import descendants, is_alive


def doubled(sandbox: Sandbox, job: int) -> str:
    """Run a program in the worker's sandbox on a number, and return its output."""
    (execution,) = sandbox.execute(Program("print(2 * int(input()))"), [f"{job}\n"])
    return execution.output


def process_of(sandbox: Sandbox, job: Path) -> int:
    return os.getpid()


def raising(sandbox: Sandbox, job: int) -> None:
    raise LookupError(f"job {job}")


def dying(sandbox: Sandbox, job: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupted(sandbox: Sandbox, job: int) -> str:
    """Send Ctrl-C to a worker, which must ignore it."""
    os.kill(os.getpid(), signal.SIGINT)
    return "still here"


def waiting(sandbox: Sandbox, job: int) -> int:
    if job:
        time.sleep(3600)
    return os.getpid()


def echoed(sandbox: Sandbox, job: str) -> str:
    return job


def process_with_sandbox(sandbox: Sandbox, job: int) -> int:
    assert sandbox.layers
    return os.getpid()


class UnpicklableError(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def raising_unpicklable(sandbox: Sandbox, job: int) -> None:
    raise UnpicklableError(1, job)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(params=["fork", "spawn"], autouse=True)
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start workers in each of both ways."""
    monkeypatch.setattr(pool, "start_method", lambda: request.param)
    return str(request.param)


def test_every_job_is_done_once_in_the_sandboxes_of_the_workers() -> None:
    answers = [done.answer for done in run_all(doubled, iter(range(9)), 2)]
    assert sorted(answers, key=int) == [f"{2 * number}\n" for number in range(9)]


def test_no_jobs_no_answers() -> None:
    assert list(run_all(doubled, [], 1)) == []


def test_what_the_work_raises_arrives() -> None:
    with pytest.raises(LookupError, match="job 7"):
        list(run_all(raising, [7], 1))


def test_an_error_that_cannot_be_pickled_arrives_as_text() -> None:
    with pytest.raises(RuntimeError, match="UnpicklableError: 1 and 2"):
        list(run_all(raising_unpicklable, [2], 1))


def test_long_jobs_with_long_answers_pass_one_after_another() -> None:
    texts = [str(number) * (2 << 20) for number in range(5)]
    assert [done.answer for done in run_all(echoed, texts, 1)] == texts


def test_long_and_short_jobs_come_back_in_the_order_of_one_worker() -> None:
    texts = ["a", "b" * (1 << 20), "c", "d", "e" * (1 << 20), "f"]
    assert [done.answer for done in run_all(echoed, texts, 1)] == texts


STARTED_BESIDE_A_THREAD = """
import signal, threading
from pathlib import Path
from harness.sandbox.pool import SandboxPool, start_method

if __name__ == "__main__":
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    assert start_method() == "spawn"
    with SandboxPool(2) as pool:
        for worker in pool._workers:
            status = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
            masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigBlk", "SigIgn"))]
            print(any(mask >> (signal.SIGINT - 1) & 1 for mask in masks))
    over.set()
"""


def test_a_worker_that_is_spawned_is_never_interrupted_while_it_imports(tmp_path: Path) -> None:
    script = tmp_path / "script.py"  # the resource tracker of a process starts once: a process of its own
    script.write_text(STARTED_BESIDE_A_THREAD)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_a_pool_runs_one_set_of_jobs_after_another_in_the_same_processes() -> None:
    with SandboxPool(2) as workers:
        first = {done.answer for done in workers.run(process_of, range(6))}
        second = {done.answer for done in workers.run(process_of, range(3), alone=True)}
    assert len(second) == 1
    assert second < first


def test_jobs_are_taken_when_a_worker_is_about_to_be_free() -> None:
    taken: list[int] = []
    jobs = (taken.append(number) or number for number in range(100))
    with SandboxPool(1) as workers:
        answers = workers.run(echoed, jobs)
        next(answers)
        assert len(taken) <= 1 + pool.QUEUED_PER_WORKER


def test_nothing_of_a_sandbox_is_left_when_a_pool_is_closed() -> None:
    with SandboxPool(1) as workers:
        [process] = [done.answer for done in workers.run(process_with_sandbox, [0])]
        below = descendants(process)
        assert below
    assert not any(is_alive(pid) for pid in below)


def test_a_worker_that_dies_is_told_with_what_to_do() -> None:
    with pytest.raises(WorkError, match="run the same command again, with fewer --workers"):
        list(run_all(dying, [1], 1))


def test_an_interrupt_is_the_parents_to_handle() -> None:
    assert [done.answer for done in run_all(interrupted, [1], 1)] == ["still here"]


def test_leaving_early_ends_the_workers_whatever_they_do() -> None:
    answers = run_all(waiting, [0, 1, 1], 1)
    process = next(answers).answer
    assert is_running(process)
    answers.close()
    assert not is_running(process)


def test_the_workers_share_a_cache_and_say_what_it_was_good_for(tmp_path: Path) -> None:
    cache = ExecutionCache(tmp_path / "programs.cache")
    first = [done.cache_use for done in run_all(doubled, [1, 2], 1, cache)]
    again = [done.cache_use for done in run_all(doubled, [1, 2], 1, cache)]
    assert [(use.hits, use.misses) for use in first] == [(0, 1)] * 2
    assert [(use.hits, use.misses) for use in again] == [(1, 0)] * 2


def test_workers_are_forked_by_a_process_of_one_thread_only() -> None:
    code = (
        "import threading\nfrom harness.sandbox.pool import start_method\nprint(start_method())\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\nprint(start_method())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.stdout.split() == (["fork", "spawn"] if sys.platform == "linux" else ["spawn"] * 2)


@pytest.mark.parametrize(("wanted", "workers"), [(0, 3), (1, 1), (12, 12), (13, 12), (10_000, 12)])
def test_no_more_than_four_workers_a_core(monkeypatch: pytest.MonkeyPatch, wanted: int, workers: int) -> None:
    monkeypatch.setattr(pool, "available_cores", lambda: 3)
    assert worker_count(wanted) == workers


def test_a_worker_whose_parent_is_gone_before_it_answers_ends_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (theirs, [], os.getpid(), None, None, USUAL_ISOLATION)
    process = context.Process(target=pool._serve, args=arguments)
    process.start()
    theirs.close()
    ours.send_bytes(pickle.dumps((process_of, Path())))
    ours.close()
    process.join(60)
    assert process.exitcode == 0
    assert "Traceback" not in capfd.readouterr().err
