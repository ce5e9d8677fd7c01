"""Tell which versions of libraries ran a model."""

from __future__ import annotations

from harness.installed_packages import installed_version


def versions_of(*packages: str) -> dict[str, str | None]:
    """Return the versions of installed packages; of torch as it says itself.

    The wheels of PyPI for GPUs are 2.13.0 by their metadata, and 2.13.0+cu130 by torch, which tells the build, too.
    """
    import torch

    known = {"torch": str(torch.__version__)}
    return {package: known.get(package) or installed_version(package) for package in packages}
