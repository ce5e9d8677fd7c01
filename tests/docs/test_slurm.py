"""The script for Slurm: what each task of the array runs, and what the job after it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from raw_problems import doubling, write_raw

from curation.build import BuildOptions, build

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "slurm/build.sbatch"
SBATCH = """#!/bin/bash
# Run a job at once, with the variables that Slurm sets; the tasks of an array beside each other.
array=() options=()
for word; do
    case $word in
        --array=*) array=($(seq $(tr - ' ' <<< "${word#*=}"))) ;;
        --parsable | --dependency=afterok:42) ;;
        -*) echo "sbatch: unrecognized option '$word'" >&2; exit 1 ;;
        *) script=$word ;;
    esac
done
[ ${#array[@]} != 0 ] || exec bash "$script" >&2
for task in "${array[@]}"; do
    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=${#array[@]} bash "$script" >&2 &
done
for _ in "${array[@]}"; do wait -n || exit 1; done
echo 42
"""


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


# ---- whole builds


@pytest.fixture
def slurm(tmp_path: Path) -> Path:
    """A folder with ``sbatch``, and with this environment's ``apps-plus``."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in {"sbatch": SBATCH, "apps-plus": f'#!/bin/sh\nexec {sys.executable} -m apps_plus "$@"\n'}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def released(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".build" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if not path.name.startswith(".")}


def test_the_commands_of_the_page_build_what_one_machine_builds(slurm: Path, raw: Path, tmp_path: Path) -> None:
    page = (DOCS / "scaling.md").read_text(encoding="utf-8")
    [commands] = re.findall(r"^```\n(export RAW=.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for written, here in {
        "RAW=/shared/raw_apps": f"RAW={raw}",
        "OUT=/shared/my-apps-plus": f"OUT={tmp_path / 'out'}",
        "--array=1-16": "--array=1-3",
    }.items():
        assert written in commands
        commands = commands.replace(written, here)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=DOCS.parent,
        env=os.environ | {"PATH": f"{slurm}:{os.environ['PATH']}", "SLURM_CPUS_PER_TASK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    journals = {path.name: path.read_bytes().count(b"\n") for path in (tmp_path / "out/.build").glob("verified*.jsonl")}
    merged = journals.pop("verified.jsonl", 0)
    assert merged == 0  # the job after the array found everything done
    assert sorted(journals) == [f"verified-{task}-of-3.jsonl" for task in (1, 2, 3)]
    build(BuildOptions(raw, tmp_path / "whole"))
    assert released(tmp_path / "out") == released(tmp_path / "whole")


def test_a_task_that_is_killed_and_requeued_goes_on_where_it_was(slurm: Path, tmp_path: Path) -> None:
    slow = "import time\ndef f(x):\n    time.sleep(0.1)\n    return 2 * x + {}\n"
    problems = {f"{n:04d}": doubling(n, **{"solutions.json": [slow.format(n)]}) for n in range(5)}
    raw = write_raw(tmp_path / "raw", problems)
    journal = tmp_path / "out/.build/verified-1-of-1.jsonl"
    task = {"RAW": str(raw), "OUT": str(tmp_path / "out"), "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "1"}
    environment = os.environ | {"PATH": f"{slurm}:{os.environ['PATH']}", "SLURM_CPUS_PER_TASK": "1"} | task
    process = subprocess.Popen(["bash", SCRIPT], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = journal.read_bytes()
    requeued = run(slurm, **task, SLURM_CPUS_PER_TASK="1", SLURM_RESTART_COUNT="1", OPTIONS="--json")
    assert requeued.returncode == 0, requeued.stderr
    assert json.loads(requeued.stdout)["verified"] == 5
    assert journal.read_bytes().startswith(before[: before.rindex(b"\n") + 1])
    assert run(slurm, **task | {"SLURM_ARRAY_TASK_ID": "", "SLURM_CPUS_PER_TASK": "1"}).returncode == 0
    build(BuildOptions(raw, tmp_path / "whole"))
    assert released(tmp_path / "out") == released(tmp_path / "whole")


def test_an_array_that_counts_from_zero_is_refused(slurm: Path, raw: Path, tmp_path: Path) -> None:
    done = run(slurm, RAW=str(raw), OUT=str(tmp_path / "out"), SLURM_ARRAY_TASK_ID="0", SLURM_ARRAY_TASK_COUNT="16")
    assert done.returncode == 2
    assert "0/16" in done.stderr
    assert not (tmp_path / "out").exists()
