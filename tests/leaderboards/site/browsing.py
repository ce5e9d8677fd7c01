"""A small site and a Chromium that looks at it, for the tests that drive one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from generated_records import generated, reported

from harness.scoring.result_record import ModelFacts, Record
from leaderboards.board import BoardKey

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TIERS = {"introductory": 30, "interview": 40, "competition": 12}
BOARD = "apps+-v0-test.html"
KEY = BoardKey("apps+", "v0", "test")

ROWS = """() => [...document.querySelectorAll("#board tbody tr")].filter((row) => !row.hidden).map((row) => ({
  title: row.querySelector("th a").textContent,
  rank: row.querySelector(".rank").textContent,
  score: row.querySelector("td.score").textContent.trim().replace(/\\s+/g, " "),
  bar: Number(row.querySelector("td.score .val")?.getAttribute("width") ?? 0),
  tiers: [...row.querySelectorAll("td.tier")].map((cell) => cell.textContent.trim().replace(/\\s+/g, " ")),
  unranked: row.classList.contains("unranked"),
}))"""
"""The table as shown, row by row."""


def some_records() -> list[Record]:
    """A dozen models: two tell their scores alone, two have one sample a problem, one tells next to nothing."""
    unknown = generated(9, TIERS, samples=10, id="unknown", model=ModelFacts(id="lab/unknown"), categories={})
    told = [generated(number, TIERS, samples=10) for number in range(7)]
    single = [generated(number, TIERS, samples=1) for number in (10, 11)]
    return [*told, *single, reported(7, TIERS), reported(8, TIERS), unknown]


class Watched:
    """A page, and all that it complained about or asked for."""

    def __init__(self, page: Any, site: Path) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str = BOARD, address: str = "") -> Any:
        """Load a page of the site anew, with what stands after "#"."""
        self.page.goto("about:blank")
        self.page.goto((self.site / path).as_uri() + (f"#{address}" if address else ""))
        return self.page

    def rows(self) -> list[dict[str, Any]]:
        """Return the board's table as shown."""
        return self.page.evaluate(ROWS)

    def check(self) -> None:
        """Nothing went wrong, and nothing outside the site was asked for."""
        assert self.complaints == []
        outside = [url for url in self.requests if not url.startswith((self.site.as_uri() + "/", "about:", "data:,"))]
        assert outside == []


@contextmanager
def started() -> Iterator[Any]:
    """A Chromium without a screen."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome is on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser: Any, site: Path, **options: Any) -> Iterator[Watched]:
    """A fresh page that is held to be quiet at its end."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
    context.set_default_timeout(60_000)
    it = Watched(context.new_page(), site)
    yield it
    it.check()
    context.close()
