"""The script for Slurm: what each task of the array runs, and what the job after it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs/slurm/build.sbatch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a command ``apps-plus`` that prints its arguments."""
    command = tmp_path / "apps-plus"
    command.write_text('#!/bin/sh\necho "$@"\n')
    command.chmod(0o755)
    return tmp_path


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "SLURM_CPUS_PER_TASK": "16", **variables}
    return subprocess.run(["bash", SCRIPT], env=environment, capture_output=True, text=True, timeout=60)


TASK = {"RAW": "raw apps", "OUT": "out", "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "16"}


def test_a_task_of_the_array_verifies_its_share(folder: Path) -> None:
    assert run(folder, **TASK).stdout == "build raw apps --out out --workers 16 --shard 3/16\n"


def test_a_task_that_is_sent_again_alone_has_the_share_it_had(folder: Path) -> None:
    assert run(folder, **TASK | {"SLURM_ARRAY_TASK_COUNT": "1", "SHARES": "16"}).stdout.endswith("--shard 3/16\n")


def test_the_job_after_the_array_merges_with_the_same_options(folder: Path) -> None:
    options = {"RAW": "raw", "OUT": "out", "OPTIONS": "--strengthen --tests 20"}
    assert run(folder, **options).stdout == "build raw --out out --workers 16 --strengthen --tests 20\n"


def test_without_the_data_it_says_what_is_missing(folder: Path) -> None:
    done = run(folder, OUT="out")
    assert done.returncode != 0
    assert "the folder or file of raw APPS" in done.stderr
