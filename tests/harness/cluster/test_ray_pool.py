"""Jobs on a cluster of two nodes with one core each. Needs Ray."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster_jobs
import pytest
from cluster_jobs import doubled, dying, hanging_first, raising, same, signals_of, sleeping, waiting_for
from raw_problems import doubling, write_raw

from curation.build import BuildOptions, build
from harness.cluster import ray_pool
from harness.sandbox import USUAL_ISOLATION
from harness.sandbox.executor import Executor, open_executor
from harness.sandbox.worker import descendants, is_alive
from harness.scoring.evaluate import evaluate
from harness.scoring.options import EvaluateOptions

# `Cluster` starts nodes without the token that Ray asks for elsewhere; Ray reads this when it is imported.
os.environ["RAY_AUTH_MODE"] = "disabled"
ray = pytest.importorskip("ray")
pytestmark = pytest.mark.worker_processes


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    patient = {"enable_worker_prestart": False, "worker_register_timeout_seconds": 600}
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    add_node(cluster, no_monitor=True, ray_client_server_port=port, _system_config=patient)
    cluster.client_address = f"ray://127.0.0.1:{port}"
    path = [str(Path(cluster_jobs.__file__).parent), os.environ.get("PYTHONPATH", "")]
    ray.init(
        cluster.address,
        runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(filter(None, path))}},
        log_to_driver=False,
    )
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def second_node(cluster: Any) -> Any:
    """The node beside the head; a new one where an earlier test has killed it."""
    others = [node for node in cluster.list_all_nodes() if node is not cluster.head_node]
    return others[0] if others else add_node(cluster)


def add_node(cluster: Any, **settings: Any) -> Any:
    """Start a node of few processes, again where the machine was too busy: Ray gives it a quarter of a minute."""
    for attempt in range(6):
        try:
            return cluster.add_node(num_cpus=1, include_dashboard=False, include_log_monitor=False, **settings)
        except Exception:  # of many kinds, for whichever of Ray's processes was late
            if attempt == 5:
                raise
    return None


@pytest.fixture
def executor(second_node: Any) -> Iterator[Executor]:
    with open_executor(2, None, USUAL_ISOLATION, "ray") as executor:
        yield executor


def test_every_job_is_done_once_by_actors_of_both_nodes(executor: Executor) -> None:
    answers = [done.answer for done in executor.run(doubled, iter(range(40)))]
    assert sorted(int(output) for output, _ in answers) == [2 * number for number in range(40)]
    assert len({process for _, process in answers}) == 2
    assert list(executor.run(doubled, [])) == []


def test_programs_find_the_signals_as_in_a_local_worker(executor: Executor) -> None:
    source = "import signal\nprint(signal.getsignal(2), signal.getsignal(15), signal.pthread_sigmask(0, []))"
    with open_executor(1, None, USUAL_ISOLATION) as local:
        [here] = [done.answer for done in local.run(signals_of, [source])]
    assert [done.answer for done in executor.run(signals_of, [source])] == [here]


def test_what_the_work_raises_arrives(executor: Executor) -> None:
    with pytest.raises(LookupError, match="job 7"):
        list(executor.run(raising, [7]))


def test_a_job_whose_worker_dies_is_done_again_by_another(executor: Executor, tmp_path: Path) -> None:
    answers = [done.answer for done in executor.run(dying, [tmp_path / str(number) for number in range(3)])]
    assert answers == ["done"] * 3


def test_nobody_waits_behind_a_slow_job(executor: Executor, tmp_path: Path) -> None:
    """The first job ends when all others have: also the one that its worker took ahead."""
    names = [tmp_path / str(number) for number in range(4)]
    jobs = [(names[1:], names[0]), *(([], name) for name in names[1:])]
    answers = [done.answer for done in executor.run(waiting_for, jobs)]
    assert sorted(answers) == ["0", "1", "2", "3"]


def test_what_hangs_on_one_node_is_done_by_another(
    executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_pool, "SLOW_SECONDS", 1.0)
    job = tmp_path / "job"
    [process] = [done.answer for done in executor.run(hanging_first, [job])]
    assert process != int(job.read_text())


def test_a_node_that_dies_is_replaced_by_one_that_joins(cluster: Any, second_node: Any, executor: Executor) -> None:
    deadline = time.monotonic() + 300
    processes: set[int] = set()
    alive = [second_node]
    given: list[int] = []

    def until_a_third_actor_has_answered() -> Iterator[int]:
        while len(processes) < 3 and time.monotonic() < deadline:
            given.append(len(given))
            yield given[-1]

    outputs = []
    for done in executor.run(doubled, until_a_third_actor_has_answered()):
        outputs.append(int(done.answer[0]))
        processes.add(done.answer[1])
        if len(processes) == 2 and alive:
            cluster.remove_node(alive.pop(), allow_graceful=False)
            add_node(cluster)
    assert len(processes) == 3
    assert sorted(outputs) == [2 * number for number in given]


def test_shared_objects_travel_once(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    puts: list[Any] = []
    put = ray.put
    monkeypatch.setattr(ray, "put", lambda thing: puts.append(thing) or put(thing))
    shared = [frozenset({1, 2})]
    assert len(list(executor.run(same, [(shared[0], number) for number in range(9)], shared=(frozenset,)))) == 9
    assert len(puts) == 1


def test_nothing_is_left_when_the_pool_is_closed_in_the_middle_of_a_job(executor: Executor, tmp_path: Path) -> None:
    files, processes = [tmp_path / "a", tmp_path / "b"], []

    def interrupt_when_both_are_at_work() -> None:
        while not all(file.exists() for file in files):
            time.sleep(0.02)
        for file in files:
            actor = int(file.read_text())
            processes.extend([actor, *descendants(actor)])
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_when_both_are_at_work, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        list(executor.run(sleeping, files))
    assert len(processes) > 2
    deadline = time.monotonic() + 60
    while any(map(is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, processes))


# ---- whole commands


def test_a_build_of_which_a_node_is_killed_has_the_same_bytes(cluster: Any, second_node: Any, tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {f"{number:04d}": doubling(number) for number in range(12)})
    alive = [second_node]

    def kill_in_the_middle(progress: Any) -> None:
        if progress.stage == "verify" and 3 <= progress.done < progress.total and alive:
            cluster.remove_node(alive.pop(), allow_graceful=False)

    build(BuildOptions(raw, tmp_path / "here", workers=2))
    build(BuildOptions(raw, tmp_path / "there", workers=2, on="ray"), kill_in_the_middle)
    assert not alive
    assert released(tmp_path / "there") == released(tmp_path / "here")


def test_a_build_begun_here_goes_on_there_and_the_other_way_round(second_node: Any, tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {f"{number:04d}": doubling(number) for number in range(6)})
    build(BuildOptions(raw, tmp_path / "here"))
    for first, then in (("here", "ray"), ("ray", "here")):
        out, seen = tmp_path / f"{first} {then}", []
        with pytest.raises(KeyboardInterrupt):
            build(BuildOptions(raw, out, workers=2, on=first), stop_after_three)
        build(BuildOptions(raw, out, workers=2, on=then), seen.append)
        assert max(progress.reused for progress in seen) >= 3
        assert released(out) == released(tmp_path / "here")


def test_an_evaluation_has_the_same_verdicts(second_node: Any, tmp_path: Path) -> None:
    samples = tmp_path / "samples.jsonl"
    rows = [
        {"task_id": f"HumanEval/{number}", "completion": completion}
        for number in range(4)
        for completion in ("    return 1\n", "    return (\n", "    raise KeyError\n")
    ]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for on in ("here", "ray"):
        evaluate(EvaluateOptions("humaneval", samples, out=tmp_path / f"{on}.jsonl", workers=2, on=on))
    verdicts = [
        [{**json.loads(line), "seconds": 0} for line in (tmp_path / f"{on}.jsonl").read_text().splitlines()]
        for on in ("here", "ray")
    ]
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == len(rows)


def test_a_build_by_way_of_a_client_has_the_same_bytes(cluster: Any, second_node: Any, tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {f"{number:04d}": doubling(number) for number in range(6)})
    build(BuildOptions(raw, tmp_path / "here"))
    options = ["--out", tmp_path / "there", "--on", cluster.client_address]
    command = [sys.executable, "-m", "apps_plus", "build", raw, *options]
    done = subprocess.run([str(word) for word in command], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert released(tmp_path / "there") == released(tmp_path / "here")


def stop_after_three(progress: Any) -> None:
    if progress.done == 3:
        raise KeyboardInterrupt


def released(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".build" not in path.parts and not path.name.startswith(".")
    }
