"""Temporary folders of the sandbox: removed on close whatever is in them, and by the next one after a death."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_processes import wait_for

import harness
from harness.sandbox import Sandbox, temporary_folder
from harness.sandbox.execution import Program
from harness.sandbox.pool import run_all
from harness.sandbox.temporary_folder import TemporaryFolder, remove_stale

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leaves out layers of Linux")

ROOT = Path(harness.__file__).parents[1]
WRITES = Program("import os\nopen('f', 'w').write('x')\nprint(os.getcwd())")
OWNER = """
import sys, time
from harness.sandbox import Sandbox
from harness.sandbox.execution import Program
with Sandbox(without=("namespaces",)) as sandbox:
    [execution] = sandbox.execute(Program("import os\\nprint(os.getcwd())"), [""])
    print(execution.output, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    temporary_folder._remove_stale_once.cache_clear()


def scratch_in_worker(sandbox: Sandbox, job: int) -> str:
    """Run a program without namespaces. Returns its scratch directory."""
    with Sandbox(without=("namespaces",)) as without_namespaces:
        if job == 0:
            return without_namespaces.execute(WRITES, [""])[0].output.strip()
        without_namespaces.execute(Program("import time\ntime.sleep(60)"), [""])
    return ""


def nest(folder: Path, depth: int) -> None:
    """Make folders so deep that no path leads to the last, with a file in it."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        for _ in range(depth):
            Path("a" * 100).mkdir()
            os.chdir("a" * 100)
        Path("file").write_text("x")
    finally:
        os.fchdir(before)
        os.close(before)


def test_a_folder_is_removed_whatever_its_depth_permissions_and_names(parent: Path) -> None:
    kept = parent / "kept"
    kept.write_text("x")
    folder = TemporaryFolder()
    nest(folder.path, 1200)
    (folder.path / "closed/inner/more").mkdir(parents=True)
    (folder.path / "closed/inner/link").symlink_to(parent)
    (folder.path / "link").symlink_to(kept)
    (folder.path / "closed/inner").chmod(0)
    (folder.path / "closed").chmod(0)
    folder.remove()
    folder.remove()
    assert list(parent.iterdir()) == [kept]


def test_the_folder_of_a_living_owner_is_kept_and_that_of_a_dead_one_removed(parent: Path) -> None:
    living = TemporaryFolder()
    foreign = [parent / "apps-plus-results", parent / f"apps-plus-sandbox-{os.getpid()}-mine"]
    for path in foreign:
        path.mkdir()
    dead = parent / "apps-plus-sandbox-1-abcdefgh"
    (dead / "inner").mkdir(parents=True)
    (parent / "apps-plus-sandbox-1-iklmnopq").symlink_to(foreign[0])
    remove_stale(str(parent))
    assert not dead.exists()
    assert living.path.is_dir()
    assert all(path.is_dir() for path in foreign)
    assert (parent / "apps-plus-sandbox-1-iklmnopq").is_symlink()


def test_where_nothing_can_be_written_there_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert temporary_folder.temporary_folder() is None


def test_scratch_is_in_the_temporary_folder_of_the_user(parent: Path) -> None:
    with Sandbox(without=("namespaces",)) as sandbox:
        scratch = Path(sandbox.execute(WRITES, [""])[0].output.strip())
        assert scratch.parent.parent == parent
        assert list(scratch.iterdir()) == []
    assert list(parent.iterdir()) == []


def test_with_a_private_scratch_nothing_stays_in_the_temporary_folder(parent: Path) -> None:
    with Sandbox() as sandbox:
        if "namespaces" not in sandbox.layers:
            pytest.skip("no namespaces here")
        assert list(parent.iterdir()) == []


def test_workers_that_are_killed_leave_no_folder(parent: Path) -> None:
    answers: Any = run_all(scratch_in_worker, [0, 1, 1], 1)
    scratch = Path(next(answers).answer)
    assert scratch.is_relative_to(parent)
    assert wait_for(lambda: list(parent.glob("*/*/*")))
    answers.close()
    assert list(parent.iterdir()) == []


def test_what_a_killed_owner_left_is_removed_by_the_next_sandbox(parent: Path) -> None:
    env = {**os.environ, "TMPDIR": str(parent)}
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        scratch = Path(owner.stdout.readline().strip())
        temporary_folder._remove_stale_once.cache_clear()
        with Sandbox(without=("namespaces",)) as sandbox:
            assert sandbox.execute(WRITES, [""])
            assert scratch.is_dir()
        owner.kill()
    assert scratch.is_dir()
    temporary_folder._remove_stale_once.cache_clear()
    with Sandbox(without=("namespaces",)) as sandbox:
        assert sandbox.execute(WRITES, [""])
        assert not scratch.parent.exists()
