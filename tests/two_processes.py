"""Run a script on two processes, as ``torchrun --nproc-per-node 2`` does."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shares import EVERY_CASE

ROOT = Path(__file__).parents[1]


def run_on_two(script: Path, arguments: Sequence[object], folder: Path) -> None:
    """Run a script in a folder on two processes that find each other by the variables that torchrun sets.

    ``make test-all`` starts torchrun. Else the processes are forked from one that has imported torch: torchrun's three
    take 15 s of processor time to import it. Raises AssertionError, with what they printed, unless both end well.
    """
    words = [str(argument) for argument in arguments]
    if EVERY_CASE:
        launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [*launcher, str(script), *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
        )
        assert ran.returncode == 0, ran.stderr
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch.distributed", "transformers", "trl.trainer.grpo_trainer"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [context.Process(target=_run, args=(rank, port, str(script), words, str(folder))) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
        process.kill()
        process.join()
    printed = "\n".join((folder / f"rank-{rank}.log").read_text() for rank in range(2))
    assert [process.exitcode for process in processes] == [0, 0], printed


def _run(rank: int, port: int, script: str, arguments: Sequence[str], folder: str) -> None:
    os.chdir(folder)
    with Path(f"rank-{rank}.log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    here = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in here.items()}, MASTER_ADDR="127.0.0.1", OMP_NUM_THREADS="1")
    import torch

    torch.set_num_threads(1)
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
