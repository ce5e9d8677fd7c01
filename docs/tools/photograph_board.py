"""Photograph a board of the leaderboard's site for ``docs/leaderboards.md``: ``python docs/tools/photograph_board.py``.

The site is built from the records that ship. Needs the extra ``browser`` and a Chromium; ``make pictures`` runs it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "docs/images"
WIDTH = 1440
"""Width of the window in CSS pixels."""


def main() -> None:
    """Write ``docs/images/leaderboard.png``. Raises SystemExit without Playwright or a Chromium."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("photographing needs Playwright: pip install -e '.[browser]'")
    if chromium is None:
        sys.exit("photographing needs chromium, chromium-browser or google-chrome on PATH")
    from leaderboards.record_files import load
    from leaderboards.site.builder import build_site

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build_site(load().records, Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto((Path(folder) / "apps+-paper-test.html").as_uri())
        page.locator("#board").screenshot(path=IMAGES / "leaderboard.png")
        browser.close()
    print("wrote docs/images/leaderboard.png")


if __name__ == "__main__":
    main()
