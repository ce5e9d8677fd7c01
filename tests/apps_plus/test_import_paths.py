"""Folders of the same name as a package of apps-plus: they are not imported, or the command says so in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import apps_plus

ROOT = Path(apps_plus.__file__).parent.parent


@pytest.fixture
def beside(tmp_path):
    """A folder in which another package is named ``harness``."""
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness/__init__.py").write_text("raise SystemExit('the other harness was imported')\n")
    return tmp_path


def run_in(folder: Path, *command: str, path: str = str(ROOT)) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=folder, env=environment, timeout=120
    )


@pytest.mark.parametrize("module", ["apps_plus", "apps_plus.cli"])
def test_as_a_module_it_runs_beside_a_folder_named_harness(beside, module):
    result = run_in(beside, "-m", module, "evaluate", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Score a model's samples" in result.stdout


def test_the_launcher_of_training_runs_beside_a_folder_named_harness(beside):
    pytest.importorskip("accelerate")
    launch = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1", "--num_machines", "1"]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    result = run_in(beside, *launch, "-m", "apps_plus", "evaluate", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Score a model's samples" in result.stdout


def test_another_harness_on_pythonpath_is_one_clear_line(beside):
    result = run_in(beside.parent, "-m", "apps_plus", "doctor", path=f"{beside}{os.pathsep}{ROOT}")
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"apps-plus: {beside / 'harness'} is imported instead of apps-plus's package harness: ")


@pytest.mark.parametrize("arguments", [["--help"], ["leaderboard", "show"], ["leaderboard", "show", "--format", "csv"]])
def test_a_reader_that_is_gone_ends_it_quietly(arguments):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        command = [sys.executable, "-m", "apps_plus", *arguments]
        result = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")
