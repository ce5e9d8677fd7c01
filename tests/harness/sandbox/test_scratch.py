"""Measuring a scratch directory: at any depth, also while it changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.runtime import scratch
from harness.sandbox.runtime.scratch import empty_scratch, scratch_size

DEEP = 3000
"""Folders in one another: a path of them is far longer than PATH_MAX."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """An empty current directory."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    yield tmp_path
    empty_scratch(str(tmp_path))
    os.fchdir(before)
    os.close(before)


def write(path: str, size: int = 100_000) -> int:
    """Write a file. Returns the bytes that it takes."""
    Path(path).write_bytes(bytes(size))
    return Path(path).stat().st_blocks * 512


def test_an_empty_directory_has_no_size(here: Path) -> None:
    assert scratch_size(1 << 30) == 0


def test_files_at_every_level_count(here: Path) -> None:
    total = write("top")
    for folder in ("a", "a/b", "a/b/c", "d", "d/e"):
        Path(folder).mkdir()
        total += write(f"{folder}/file") + write(f"{folder}/other")
    Path("a/to-the-top").symlink_to(here)
    total += Path("a/to-the-top").lstat().st_blocks * 512
    assert scratch_size(1 << 30) == total
    assert scratch_size(1) < total


def test_a_file_too_deep_for_a_path_counts_and_few_descriptors_are_open(here: Path) -> None:
    for _ in range(DEEP):
        Path("d").mkdir()
        os.chdir("d")
    deepest = write("file")
    os.chdir(here)
    total = deepest + write("z")
    free = os.open("/", os.O_RDONLY)
    os.close(free)
    assert scratch_size(1 << 30) == total
    again = os.open("/", os.O_RDONLY)
    os.close(again)
    assert again == free


def test_a_folder_that_moves_while_it_is_measured_ends_the_count(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a/b/c").mkdir(parents=True)
    Path("elsewhere").mkdir()
    write("elsewhere/file")
    inner, files_in = Path("a/b/c"), scratch._files_in

    def move(folder: int) -> tuple[int, list[str]]:
        if inner.exists() and os.path.samestat(os.fstat(folder), inner.stat()):
            inner.rename("elsewhere/c")
        return files_in(folder)

    monkeypatch.setattr(scratch, "_files_in", move)
    assert scratch_size(1 << 30) in (0, Path("elsewhere/file").stat().st_blocks * 512)
    assert not inner.exists()


def test_a_folder_that_is_removed_while_it_is_measured_is_left_out(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").mkdir()
    total, files_in = write("file"), scratch._files_in

    def remove(folder: int) -> tuple[int, list[str]]:
        found = files_in(folder)
        if found[1]:
            Path("a").rmdir()
        return found

    monkeypatch.setattr(scratch, "_files_in", remove)
    assert scratch_size(1 << 30) == total
