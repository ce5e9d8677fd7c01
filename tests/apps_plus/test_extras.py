"""The command that installs an extra, in each kind of environment that apps-plus runs in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from apps_plus.extras import install_command


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an environment with a Python and pip, which is not activated."""
    for name in ("python", "pip"):
        path = tmp_path / "clone/.venv/bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "clone/.venv"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "clone/.venv/bin/python"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "clone/.venv"


def test_an_activated_environment_has_pip_as_a_command(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(environment / "bin"))
    assert install_command("plots") == "pip install 'apps-plus[plots]'"


def test_elsewhere_the_python_is_named(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install_command("plots") == ".venv/bin/python -m pip install 'apps-plus[plots]'"
    monkeypatch.chdir("/")
    assert install_command("plots").endswith("clone/.venv/bin/python -m pip install 'apps-plus[plots]'")


@pytest.mark.parametrize(("mark", "keeper"), [("uv-receipt.toml", "uv tool"), ("pipx_metadata.json", "pipx")])
def test_an_application_is_installed_again(environment: Path, mark: str, keeper: str) -> None:
    (environment / mark).touch()
    assert install_command("api") == f"{keeper} install --force '.[api]' in the clone of apps-plus"
