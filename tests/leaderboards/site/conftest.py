"""One site and one Chromium for the tests of this folder; no longer, as an open Playwright disturbs what runs after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Watched, some_records, started, watched

from harness.scoring.result_record import Record
from leaderboards.site.builder import build_site


@pytest.fixture(scope="package")
def board_records() -> list[Record]:
    return some_records()


@pytest.fixture(scope="package")
def browsed_site(board_records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browsed") / "a site"
    build_site(board_records, out)
    return out


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="package")
def board_window(browser: Any, browsed_site: Path) -> Iterator[Watched]:
    with watched(browser, browsed_site) as it:
        yield it


@pytest.fixture
def board(board_window: Watched) -> Iterator[Watched]:
    """The board, opened anew, and held to be quiet."""
    board_window.requests.clear()
    board_window.open()
    yield board_window
    board_window.check()
