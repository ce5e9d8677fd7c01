"""Share between the tests of all packages: a handful of raw problems, a sandbox, one build of the bundled sample."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from raw_problems import LIMITS, doubling, write_raw
from shares import EVERY_CASE

from curation.build import BuildOptions, build
from harness.sandbox import Sandbox

# The models of the tests are too small for more than one thread, and several workers would only wait for each other's.
# Before anything imports torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A busy machine fails no test.
settings.register_profile("tests", deadline=None, max_examples=200 if EVERY_CASE else 40)
settings.load_profile("tests")


# What is collected stays until the end: the garbage collector need not look at ten thousand tests again and again.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Collect garbage again, but not in what is there before the first test."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Eight sound problems."""
    return write_raw(tmp_path / "raw", {f"{number:04d}": doubling(number) for number in range(8)})


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the caches that commands make by default out of the user's folder."""
    os.environ["APPS_PLUS_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests that just run programs. A test of the sandbox itself makes its own."""
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample, built once per test run and shared by its workers: tests read it, or copy it to change it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a folder of its own below the run's
        folder = folder.parent
    out, built = folder / "sample-build", folder / "sample-build.done"
    with FileLock(folder / "sample-build.lock"):
        if not built.exists():
            build(BuildOptions(None, out, workers=2, limits=LIMITS))
            built.touch()
    return out


@pytest.fixture
def rows() -> Callable[[Path], list[dict]]:
    """Reads a JSON-lines file."""
    return lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
