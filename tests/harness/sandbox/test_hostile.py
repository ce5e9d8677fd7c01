"""Nothing that a program does harms, hangs or fools the sandbox: in every way of running that claims so.

The programs are in ``hostile_programs``; what they reach for, and the look from outside, in ``hostile_world``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hostile_programs import HOSTILE, Hostile
from hostile_world import MODES, REPO, Watch, is_meant, reaches_out, watched
from shares import EVERY_CASE

from apps_plus.errors import SandboxError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has layers that hold a hostile program")

NOBODY = 65534
PYTHON_FOR_ALL = "/usr/bin/python3"


@pytest.fixture(scope="module")
def watch() -> Iterator[Callable[[str], Watch]]:
    """A sandbox under observation in a mode, one at a time: each looks at all processes of this one."""
    with ExitStack() as stack:
        current: tuple[str, Watch | None] = ("", None)

        def switch(mode: str) -> Watch:
            nonlocal current
            if current[0] != mode:
                stack.close()
                current = mode, None
                with suppress(SandboxError):
                    current = mode, stack.enter_context(watched(MODES[mode]))
            if current[1] is None:
                pytest.skip(f"no sandbox here in this mode: {mode}")
            return current[1]

        yield switch


def mode_and_program(mode: str, hostile: Hostile) -> Any:
    return pytest.param(mode, hostile, id=f"{mode}-{hostile.style}-{hostile.kind}".replace(" ", "-"))


def one_of_each_kind(hostiles: list[Hostile]) -> list[Hostile]:
    """One program of every kind, in a style that changes from kind to kind."""
    kinds: dict[str, list[Hostile]] = {}
    for hostile in hostiles:
        kinds.setdefault(hostile.kind, []).append(hostile)
    return [same[number % len(same)] for number, same in enumerate(kinds.values())]


def programs_of(number: int, mode: str) -> Sequence[Hostile]:
    """Return the programs to try in the mode of that number. Every program in every mode takes minutes."""
    hostiles = HOSTILE if mode == "full" else list(filter(reaches_out, HOSTILE))
    if EVERY_CASE:
        return hostiles
    kinds = one_of_each_kind(hostiles)
    return kinds[::3] if mode == "full" else kinds[number % 6 :: 6]


TRIED = [mode_and_program(mode, hostile) for number, mode in enumerate(MODES) for hostile in programs_of(number, mode)]


@pytest.mark.parametrize(("mode", "hostile"), TRIED)
def test_a_hostile_program_gets_its_verdict_and_nothing_else(
    watch: Callable[[str], Watch], mode: str, hostile: Hostile
) -> None:
    watching = watch(mode)
    if not is_meant(hostile, watching.sandbox.layers):
        pytest.skip(f"holds with {', '.join(sorted(hostile.needs))} and {', '.join(hostile.packages) or 'no package'}")
    outcome, wrong = watching.judge(hostile)
    assert not wrong, outcome


@pytest.mark.parametrize("mode", MODES)
def test_a_user_without_rights_is_as_safe(mode: str) -> None:
    """The same programs, judged by ``nobody``, whose interpreter and whose copy of the packages anyone can read."""
    if os.getuid() != 0:
        pytest.skip("only root can become nobody; the tests above ran without rights already")
    if not can_be_run_by_nobody(PYTHON_FOR_ALL):
        pytest.skip(f"{PYTHON_FOR_ALL} is not a Python 3.11 or newer that every user can run")
    with tempfile.TemporaryDirectory(prefix="nobody-", dir="/tmp") as folder:
        copy_for_all(Path(folder))
        options = ["--mode", mode, "--reaching-out", "--every", "1" if EVERY_CASE else "12"]
        done = run_as_nobody([PYTHON_FOR_ALL, "-s", f"{folder}/hostile_world.py", *options], folder)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr[-3000:]
    assert lines[0]["uid"] == NOBODY
    assert len(lines) > 10
    assert [line for line in lines[1:] if line["wrong"]] == []


def can_be_run_by_nobody(python: str) -> bool:
    try:
        done = run_as_nobody([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], "/")
    except OSError:
        return False
    return done.returncode == 0


def run_as_nobody(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/", "PATH": "/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def copy_for_all(folder: Path) -> None:
    """The packages and the programs where any user can read them."""
    for package in ("apps_plus", "harness"):
        shutil.copytree(REPO / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("hostile_programs.py", "hostile_world.py"):
        shutil.copy(Path(__file__).with_name(name), folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 130
    assert len({hostile.kind for hostile in HOSTILE}) >= 65
    assert {hostile.style for hostile in HOSTILE} == {"script", "function", "checks"}
