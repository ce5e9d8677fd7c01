"""The pages for every reader: narrow, wide, light, dark, by keyboard, without JavaScript; nothing leaves the folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browsing import BOARD, Watched, watched

from harness.scoring.result_record import Record
from leaderboards.board_notes import percent

pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[browser]'")
pytestmark = pytest.mark.browser

PAGES = (
    ("index.html", ""),
    ("models/lab-model-5.html", ""),
    ("models/lab-unknown.html", ""),
    (BOARD, ""),
    (BOARD, "a=model-1&b=model-5"),
    (BOARD, "a=paper-7&b=paper-8"),
)
"""One of each kind: path, and what stands after "#"."""


def each_page(it: Watched) -> Any:
    """Opens one after the other, and waits until it is drawn."""
    for path, address in PAGES:
        page = it.open(path, address)
        page.wait_for_selector(".verdict" if "a=" in address else "h1")
        yield f"{path}#{address}", page


# ---- without JavaScript


def test_without_javascript_the_board_is_the_same(browser: Any, browsed_site: Path, board: Watched) -> None:
    cells = "all => all.map((one) => one.textContent.trim().replace(/\\s+/g, ' '))"
    with watched(browser, browsed_site, java_script_enabled=False) as plain:
        texts = plain.open().locator("#board tbody tr > *").all_text_contents()
    assert [" ".join(text.split()) for text in texts] == board.page.locator("#board tbody tr > *").evaluate_all(cells)


def test_without_javascript_every_tier_and_k_is_shown(
    browser: Any, browsed_site: Path, board_records: list[Record]
) -> None:
    with watched(browser, browsed_site, java_script_enabled=False) as plain:
        page = plain.open()
        seen = page.inner_text("main")
        for record in board_records:
            for score in record.scores:
                assert percent(score.value) in seen
        assert re.search(r"^pass@10$", seen, re.MULTILINE)
        for notes in page.locator(".notes").all():
            assert notes.is_visible()


def test_without_javascript_nothing_is_dead(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site, java_script_enabled=False) as plain:
        for path, address in PAGES[:-2]:
            page = plain.open(path, address)
            assert page.locator("form, button, select, input, .js-only").filter(visible=True).count() == 0


# ---- every width


@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_is_wider_than_the_window(browser: Any, browsed_site: Path, width: int) -> None:
    with watched(browser, browsed_site, viewport={"width": width, "height": 800}) as it:
        for name, page in each_page(it):
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name


OUT_OF_SIGHT = """() => [...document.querySelectorAll("#board, .groups, .record table")].flatMap((table) =>
  [...table.querySelectorAll("tbody tr")].map((row) => row.querySelector(".score .num")).filter(Boolean))
  .filter((number) => number.getBoundingClientRect().right > innerWidth).map((number) => number.textContent)"""


def test_the_first_score_of_each_row_is_seen_on_a_phone(browser: Any, browsed_site: Path) -> None:
    """Tables are wider than a phone; what one has to scroll for is what is beside the score."""
    with watched(browser, browsed_site, viewport={"width": 360, "height": 800}) as it:
        for name, page in each_page(it):
            assert page.evaluate(OUT_OF_SIGHT) == [], name


CUT = """() => [...document.querySelectorAll("td, th, dt")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent.trim())"""


@pytest.mark.parametrize("width", [360, 1440])
def test_no_cell_is_cut_or_runs_into_the_next_one(browser: Any, browsed_site: Path, width: int) -> None:
    with watched(browser, browsed_site, viewport={"width": width, "height": 800}) as it:
        for name, page in each_page(it):
            assert page.evaluate(CUT) == [], name


def test_the_intervals_of_the_best_of_each_group_are_seen_on_a_phone(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site, viewport={"width": 360, "height": 800}) as it:
        rights = it.open().locator(".groups .ci").evaluate_all("all => all.map(e => e.getBoundingClientRect().right)")
        assert rights
        assert max(rights) <= 360


PAPER = 680
"""Width in CSS pixels of what a browser prints on A4 with its usual margins."""


def test_a_board_fits_on_paper_and_its_controls_are_not_printed(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site, viewport={"width": PAPER, "height": 960}) as it:
        for name, page in each_page(it):
            page.emulate_media(media="print")
            assert page.evaluate("document.documentElement.scrollWidth") <= PAPER, name
            assert page.locator(":not(th) > button, select, input").filter(visible=True).count() == 0, name
            page.emulate_media(media="screen")


# ---- every light

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((x) => x / 255)
      .map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.getClientRects().length || node.closest(".stack, title, desc")) continue;
    const style = getComputedStyle(node);
    const [x, y] = [light(node.namespaceURI.endsWith("svg") ? style.fill : style.color), light(behind(node))];
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (ratio < 4.5) poor.push(`${node.localName}.${node.getAttribute("class")}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Any, browsed_site: Path, scheme: str) -> None:
    with watched(browser, browsed_site, color_scheme=scheme) as it:
        for name, page in each_page(it):
            assert page.evaluate(CONTRAST) == [], name


def test_light_and_dark_by_the_system_and_by_the_button(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site, color_scheme="dark") as it:
        page = it.open()
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        assert page.get_attribute("#theme", "aria-pressed") == "true"
        page.click("#theme")
        assert page.get_attribute("#theme", "aria-pressed") == "false"
        assert page.evaluate(colour) != dark
        it.open("models/lab-model-5.html")
        assert page.evaluate(colour) != dark, "the choice holds on other pages"
        page.click("#theme")
        assert page.evaluate(colour) == dark


# ---- every way to read


def test_the_first_tab_skips_to_the_content(board: Watched) -> None:
    board.page.keyboard.press("Tab")
    assert board.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    board.page.keyboard.press("Enter")
    assert board.page.evaluate("document.activeElement.id") == "main"


def test_the_keyboards_place_is_seen(board: Watched) -> None:
    board.page.focus("#board th button")
    board.page.keyboard.press("Tab")
    assert board.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_every_control_and_table_has_a_name(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site) as it:
        for _, page in each_page(it):
            assert page.locator("html").get_attribute("lang") == "en"
            assert page.locator("table:not(:has(caption))").count() == 0
            assert page.locator("thead th:not([scope]), tbody th:not([scope])").count() == 0
            assert page.locator("svg[role=img]:not(:has(> title))").count() == 0
            assert page.locator("svg:not([role=img]):not([aria-hidden=true])").count() == 0
            unnamed = "all => all.filter((one) => !one.labels.length).length"
            assert page.locator("select, input").evaluate_all(unnamed) == 0
            assert page.locator("h1").count() == 1


# ---- comparing, by hand


def test_a_and_b_change_places(board: Watched) -> None:
    page = board.open(address="a=model-1&b=model-5")
    page.wait_for_selector(".flips")
    page.click("#swap")
    assert (page.input_value("[name=a]"), page.input_value("[name=b]")) == ("model-5", "model-1")
    assert "a=model-5&b=model-1" in page.url
