"""What tests of several packages share: a handful of raw problems, and the bundled sample, built once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from raw_problems import LIMITS, doubling, write_raw

from curation.build import BuildOptions, build

settings.register_profile("no_deadline", deadline=None)  # a busy machine fails no test
settings.load_profile("no_deadline")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Eight sound problems."""
    return write_raw(tmp_path / "raw", {f"{number:04d}": doubling(number) for number in range(8)})


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample, built."""
    out = tmp_path_factory.mktemp("sample") / "build"
    build(BuildOptions(None, out, workers=2, limits=LIMITS))
    return out


@pytest.fixture
def rows() -> Callable[[Path], list[dict]]:
    """Reads a JSON-lines file."""
    return lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
