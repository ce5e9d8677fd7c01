"""A small build with a review queue, made once; every test uses a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flawed_problems import FLAWED
from raw_problems import LIMITS, write_raw

from curation.build import BuildOptions, build
from curation.review.queue import Queue, open_queue


@pytest.fixture(scope="session")
def flawed_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw problems, four of which need review."""
    return write_raw(tmp_path_factory.mktemp("flawed") / "raw", FLAWED)


@pytest.fixture(scope="session")
def flawed_build(flawed_raw: Path) -> Path:
    """The build of these problems, shared by all tests: write decisions only in a copy (``review_folder``)."""
    build(BuildOptions(flawed_raw, flawed_raw.parent / "build", workers=1, limits=LIMITS))
    return flawed_raw.parent / "build"


@pytest.fixture
def review_folder(flawed_build: Path, tmp_path: Path) -> Path:
    """A copy of the build, for one test."""
    shutil.copytree(flawed_build, tmp_path / "build")
    return tmp_path / "build"


@pytest.fixture
def queue(review_folder: Path) -> Iterator[Queue]:
    """The queue of the copy."""
    with open_queue(review_folder) as opened:
        yield opened


@pytest.fixture
def rebuild(flawed_raw: Path, review_folder: Path) -> Callable[[], Path]:
    """Return a function that builds the copy again, with its decisions."""

    def again() -> Path:
        build(BuildOptions(flawed_raw, review_folder, workers=1, limits=LIMITS))
        return review_folder

    return again
