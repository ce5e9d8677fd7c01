"""The board in a browser: what it sorts by, filters and shows is what Python has, and its address keeps the choice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from browsing import BOARD, KEY, TIERS, Watched

from harness.scoring.result_record import Record
from leaderboards.assemble_boards import make_board
from leaderboards.board import Board, Interval
from leaderboards.board_notes import percent
from leaderboards.contamination import known
from leaderboards.scores import score_of
from leaderboards.site.charts import BAR_WIDTH, axis_top
from leaderboards.site.wording import interval, rank_range

pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[browser]'")
pytestmark = pytest.mark.browser

ALL_TIERS = ("overall", *TIERS)
STATUSES = ["reproduced", "self_reported", "reported"]
GROUPS = ["base", "instruct", "rl"]


def told(score: Interval | None) -> str:
    return f"{percent(score.value)} [{interval(score.low, score.high)}]" if score else "–"


def titles(board: Watched) -> list[str]:
    return [row["title"] for row in board.rows()]


def sort(board: Watched, column: str) -> str:
    """Press a column's head; which way it then says that it sorts."""
    board.page.click(f'#board th[data-sort="{column}"] button')
    heads = board.page.locator("#board th[aria-sort]")
    assert heads.count() == 1
    assert heads.get_attribute("data-sort") == column
    return heads.get_attribute("aria-sort")


# ---- sorting


def natural(text: str) -> tuple[Any, ...]:
    """Numbers within a text count as numbers."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text.lower()))


def value_of(tier: str) -> Callable[[Record], Any]:
    return lambda record: round(score.value, 6) if (score := score_of(record, tier)) else None


KEYS: dict[str, tuple[str, Callable[[Record], Any]]] = {
    "rank": ("ascending", lambda record: -value_of("overall")(record)),
    "title": ("ascending", lambda record: natural(record.model.title)),
    "score": ("descending", value_of("overall")),
    "tier0": ("descending", value_of("introductory")),
    "tier2": ("descending", value_of("competition")),
    "group": ("ascending", lambda record: GROUPS.index(record.model.group) if record.model.group else None),
    "size": ("descending", lambda record: record.model.parameters),
    "released": ("descending", lambda record: record.model.released),
    "status": ("ascending", lambda record: STATUSES.index(record.status)),
}
"""Of each column: which way it sorts first, and by what."""


@pytest.mark.parametrize("column", KEYS)
def test_a_column_sorts_both_ways_with_what_is_unknown_last(
    board: Watched, board_records: list[Record], column: str
) -> None:
    first, key = KEYS[column]
    if column == "rank":  # by which the page comes sorted
        sort(board, "title")
    by_title = {record.model.title: key(record) for record in board_records}
    for direction in (first, "descending" if first == "ascending" else "ascending"):
        assert sort(board, column) == direction
        values = [by_title[title] for title in titles(board)]
        there = [value for value in values if value is not None]
        assert values == there + [None] * (len(values) - len(there))
        assert there == sorted(there, reverse=direction == "descending")
        assert len(set(there)) > 1


def test_the_keyboard_moves_between_heads_and_sorts(board: Watched) -> None:
    board.page.focus('#board th[data-sort="title"] button')
    board.page.keyboard.press("Tab")
    assert board.page.evaluate("document.activeElement.closest('th').dataset.sort") == "score"
    before = titles(board)
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("Space")
    assert titles(board) == before[::-1]


# ---- filters


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("q", "  MODEL-3 ", lambda record: record.id == "model-3"),
        ("q", "lab/model rl", lambda record: record.model.group == "rl"),
        ("q", "instruct models", lambda record: record.model.group == "instruct"),
        ("group", "RL-based models", lambda record: record.model.group == "rl"),
        ("status", "reported", lambda record: record.status == "reported"),
        ("status", "reproduced", lambda record: record.status == "reproduced"),
        ("band", "1", lambda record: record.model.parameters and 3e9 <= record.model.parameters < 10e9),
        ("band", "-1", lambda record: record.model.parameters is None),
    ],
)
def test_filters(board: Watched, board_records: list[Record], field: str, value: str, fits: Any) -> None:
    box = board.page.locator(f'#controls [name="{field}"]')
    box.fill(value) if field == "q" else box.select_option(value)
    expected = {record.model.title for record in board_records if fits(record)}
    assert 0 < len(expected) < len(board_records)
    assert set(titles(board)) == expected
    assert board.page.inner_text("#shown") == f"{len(expected)} of {len(board_records)} models"
    assert board.page.is_hidden("#nothing")


def test_filters_narrow_each_other_and_reset_together(board: Watched, board_records: list[Record]) -> None:
    board.page.select_option('[name="group"]', "RL-based models")
    board.page.select_option('[name="status"]', "reproduced")
    assert titles(board) == ["Model 5"]
    board.page.click("#controls button[type=reset]")
    assert len(titles(board)) == len(board_records)
    assert board.page.input_value('[name="group"]') == ""


def test_where_nothing_fits_the_page_says_so(board: Watched, board_records: list[Record]) -> None:
    board.page.fill('[name="q"]', "no such model")
    assert titles(board) == []
    assert board.page.inner_text("#nothing").startswith("No model matches the filters.")
    board.page.click("#all")
    assert len(titles(board)) == len(board_records)
    assert board.page.input_value('[name="q"]') == ""


# ---- tiers, k, contamination


def assert_shows(board: Watched, expected: Board) -> None:
    """Ranks, scores and bars are those of a board that Python made."""
    shown = {row["title"]: row for row in board.rows()}
    top = axis_top(max(row.score.high for row in expected.rows))
    for row in expected.rows:
        seen = shown.pop(row.record.model.title)
        assert seen["rank"] == rank_range(row.rank_range)
        assert seen["score"] == told(row.score)
        assert seen["bar"] == pytest.approx(BAR_WIDTH * row.score.value / top, abs=0.06)
        assert seen["unranked"] == (row.rank is None)
    for seen in shown.values():  # without such a score
        assert (seen["rank"], seen["score"], seen["bar"], seen["unranked"]) == ("–", "–", 0, True)


def test_every_tier_and_k_shows_the_board_of_it(board: Watched, board_records: list[Record]) -> None:
    by_title = {record.model.title: record for record in board_records}
    for tier in ALL_TIERS:
        for k in (1, 10):
            board.page.select_option('[name="tier"]', tier)
            board.page.select_option('[name="k"]', str(k))
            assert_shows(board, make_board(KEY, board_records, tier, k))
            others = [name for name in ALL_TIERS if name != tier]
            for row in board.rows():
                assert row["tiers"] == [told(score_of(by_title[row["title"]], name, k)) for name in others]
            assert f"{tier.capitalize()}, pass@{k}" in board.page.inner_text("#board caption")
            assert board.page.inner_text('th[data-sort="score"] button') == f"{tier.capitalize()} pass@{k}"


def test_remarks_are_those_of_the_tier_that_is_shown(board: Watched, board_records: list[Record]) -> None:
    board.page.select_option('[name="tier"]', "competition")
    expected = make_board(KEY, board_records, "competition").notes
    assert expected
    assert board.page.locator(".notes:visible li").all_inner_texts() == list(expected)


def test_contaminated_models_can_be_left_unranked(board: Watched, board_records: list[Record]) -> None:
    assert 0 < sum(bool(known(record)) for record in board_records) < len(board_records)
    board.page.check('[name="unrank"]')
    assert_shows(board, make_board(KEY, board_records, unrank_contaminated=True))
    board.page.select_option('[name="tier"]', "interview")
    assert_shows(board, make_board(KEY, board_records, "interview", unrank_contaminated=True))
    board.page.uncheck('[name="unrank"]')
    assert_shows(board, make_board(KEY, board_records, "interview"))


def test_the_plot_follows_tier_and_filters(board: Watched, board_records: list[Record]) -> None:
    board.page.select_option('[name="tier"]', "competition")
    board.page.fill('[name="q"]', "model-3")
    assert board.page.inner_text("#plotted") == "Competition, pass@1"
    [point] = board.page.locator(".scatter .point:not(.away) title").all_text_contents()
    score = score_of(next(record for record in board_records if record.id == "model-3"), "competition")
    assert point.startswith("Model 3, ")
    assert point.endswith(f"{percent(score.value)}% [{interval(score.low, score.high)}]")


# ---- the address

CHOSEN = """() => [...document.querySelectorAll("#controls [name], #pair [name]")].map(
  (field) => [field.name, field.type === "checkbox" ? field.checked : field.value])"""


def test_the_address_brings_back_all_that_was_chosen(board: Watched) -> None:
    page = board.page
    for name, option in {"tier": "interview", "k": "10", "group": "Base models", "status": "self_reported"}.items():
        page.select_option(f'[name="{name}"]', option)
    page.fill('[name="q"]', "model &=%+#")
    assert titles(board) == []
    page.fill('[name="q"]', "lab/model ")
    page.check('[name="unrank"]')
    sort(board, "size")
    page.select_option('[name="a"]', "model-1")
    page.select_option('[name="b"]', "model-3")
    page.wait_for_selector("#comparison .flips")
    url, rows, chosen, compared = page.url, board.rows(), page.evaluate(CHOSEN), page.inner_text("#comparison")
    assert rows
    board.open(BOARD, url.partition("#")[2])
    page.wait_for_selector("#comparison .flips")
    assert page.evaluate(CHOSEN) == chosen
    assert board.rows() == rows
    assert page.inner_text("#comparison") == compared
    assert page.get_attribute('th[data-sort="size"]', "aria-sort") == "descending"


def test_back_leads_from_a_warning_to_what_was_chosen(board: Watched) -> None:
    board.page.select_option('[name="tier"]', "interview")
    rows = board.rows()
    board.page.locator("#board .flag").first.click()
    assert "#warning-" in board.page.url
    assert board.rows() == rows
    board.page.go_back()
    assert "tier=interview" in board.page.url
    assert board.rows() == rows


def test_the_address_is_plain_while_nothing_is_chosen(board: Watched) -> None:
    plain = board.page.url
    board.page.select_option('[name="tier"]', "interview")
    assert board.page.url != plain
    board.page.select_option('[name="tier"]', "overall")
    assert board.page.url == plain


def test_an_address_that_means_nothing_shows_the_board_as_it_is(board: Watched) -> None:
    rows = board.rows()
    for address in ("tier=none&k=7", "k=1e9", "sort=__proto__&dir=up", "a=nobody&b=", "group=%3Cb%3E&band=99", "="):
        board.open(address=address)
        assert board.rows() == rows
