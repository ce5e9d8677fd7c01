"""The files that ship the application agree: the project, its version, the container file and its context."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import apps_plus

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COPIED = {
    name
    for line in re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for name in line.split()
}
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_package_and_the_project_name_one_version() -> None:
    assert apps_plus.__version__ == PROJECT["project"]["version"]


def test_every_package_of_the_wheel_is_copied() -> None:
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= COPIED


def test_the_context_is_what_is_copied() -> None:
    assert "*" in IGNORED
    assert {line[1:] for line in IGNORED if line.startswith("!")} == COPIED
    assert all((ROOT / name).exists() for name in COPIED)
