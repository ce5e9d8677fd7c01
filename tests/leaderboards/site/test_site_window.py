"""The window of days on a board's page: what it shows is what ``leaderboard show --since --until`` does."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Watched, watched
from generated_records import generated, reported

from harness.scoring.result_record import CostFacts, DatasetFacts, Record
from leaderboards.assemble_boards import boards_of, make_board
from leaderboards.score_difference import compare
from leaderboards.site.builder import build_site
from leaderboards.site.wording import rank_range
from leaderboards.window import in_window

pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[browser]'")
pytestmark = pytest.mark.browser

TIERS = {"easy": 60, "hard": 40}
DAYS = {
    f"{tier}/{i:04d}": datetime.date(2024, 1, 1) + datetime.timedelta(days=7 * i + 3 * (tier == "hard"))
    for tier, n in TIERS.items()
    for i in range(n)
}
DATASET = DatasetFacts(name="livecodebench", version="v0", split="all", sha256="a" * 64, tiers=TIERS, days=DAYS)
OTHER_TESTS = DATASET.model_copy(update={"sha256": "b" * 64})
BOARD = "livecodebench-v0-all.html"


def _windowed_records() -> list[Record]:
    """Records with many samples, with one, of other tests, of few problems, of no solved one; two without days."""
    many = [generated(number, TIERS, samples=10, dataset=DATASET) for number in range(4)]
    single = [
        generated(number, TIERS, dataset=DATASET, cost=CostFacts(samples=100, completion_tokens=900))
        for number in (4, 5)
    ]
    other = generated(6, TIERS, samples=10, dataset=OTHER_TESTS)
    whole = generated(7, TIERS, samples=10, dataset=DATASET)
    early = {tier: dict(list(its.items())[:10]) for tier, its in whole.problems.items()}
    half = {"easy": dict(list(whole.problems["easy"].items())[::2]), "hard": whole.problems["hard"]}
    none = {tier: dict.fromkeys(its, (10, 0)) for tier, its in whole.problems.items()}
    changed = [
        whole.model_copy(
            update={"id": name, "problems": its, "model": whole.model.model_copy(update={"id": name, "name": name})}
        )
        for name, its in (("early", early), ("half", half), ("none", none))
    ]
    undated = generated(8, TIERS, dataset=DATASET.model_copy(update={"days": {}}))
    return [*many, *single, other, *changed, undated, reported(9, TIERS, dataset=DATASET)]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return _windowed_records()


@pytest.fixture(scope="module")
def window_site(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("windowed") / "site"
    build_site(records, out)
    return out


@pytest.fixture
def board(browser: Any, window_site: Path) -> Iterator[Watched]:
    with watched(browser, window_site) as it:
        it.open(BOARD)
        yield it


def choose_window(board: Watched, since: str, until: str) -> None:
    """Fill in both days, and wait for the board of the window."""
    board.page.fill('[name="since"]', since)
    board.page.fill('[name="until"]', until)
    board.page.wait_for_function(
        "(window) => window === [leaderboard.board.source().since, leaderboard.board.source().until].join('..')",
        arg=f"{since}..{until}",
    )


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", text)]


@pytest.mark.parametrize(("tier", "k"), [("overall", 1), ("easy", 1), ("hard", 10)])
@pytest.mark.parametrize(("since", "until"), [("2024-06-01", ""), ("", "2024-07-31"), ("2024-04-01", "2024-08-15")])
def test_the_board_is_that_of_show(
    board: Watched, records: list[Record], tier: str, k: int, since: str, until: str
) -> None:
    """Scores are the same; ends of intervals are within 15% of the width, and ranges of ranks within one rank."""
    kept, _ = in_window(records, since or None, until or None)
    [(key, members)] = boards_of(kept).items()
    expected = make_board(key, members, tier, k)
    board.page.select_option('[name="tier"]', tier)
    board.page.select_option('[name="k"]', str(k))
    choose_window(board, since, until)
    shown = {row["title"]: row for row in board.rows()}
    assert set(shown) == {record.model.title for record in kept}
    for row in expected.rows:
        seen = shown.pop(row.record.model.title)
        value, low, high = numbers(seen["score"])
        assert value == pytest.approx(100 * row.score.value, abs=0.0501)
        assert [low, high] == pytest.approx(
            [100 * row.score.low, 100 * row.score.high], abs=15 * (row.score.high - row.score.low) + 0.1
        )
        if row.rank_range is None:
            assert (seen["rank"], seen["unranked"]) == (rank_range(None), True)
        else:
            ours = [int(number) for number in seen["rank"].split("–")]
            assert [ours[0], ours[-1]] == pytest.approx(row.rank_range, abs=1)
    assert {row["score"] for row in shown.values()} <= {"–"}


def test_models_without_problems_in_the_window_are_named_with_the_reason(board: Watched) -> None:
    choose_window(board, "2024-06-01", "")
    note = board.page.inner_text("#window")
    inside = sum(day >= datetime.date(2024, 6, 1) for day in DAYS.values())
    assert note.startswith(f"{inside} problems, with contests from 2024-06-01.")
    assert "Not ranked, being of fewer or more problems than most: half." in note
    assert "Left out, none of their problems is in the window: early." in note
    assert "Left out, the days of their problems are not known: Model 8." in note
    assert "Left out, it is not known which problems they solve: Model 9." in note
    assert board.page.inner_text("#shown") == "9 of 12 models"


def test_what_is_known_of_all_problems_only_is_hidden_and_comes_back(board: Watched) -> None:
    page = board.page
    sections = "#board th[data-sort=tokens], #groups, #win-rates, #errors, .notes"
    before, rows = page.locator(sections).filter(visible=True).count(), board.rows()
    assert before >= 4
    choose_window(board, "2024-06-01", "")
    assert page.locator(sections).filter(visible=True).count() == 0
    assert board.rows() != rows
    assert "2024-06-01.." in page.inner_text("#board caption")
    page.click("#controls button[type=reset]")
    assert page.input_value('[name="since"]') == ""
    assert board.rows() == rows
    assert page.locator(sections).filter(visible=True).count() == before
    assert page.is_hidden("#window")


def test_a_comparison_is_over_the_problems_in_the_window(board: Watched, records: list[Record]) -> None:
    kept, _ = in_window(records, "2024-03-01", "2024-05-31")
    by_id = {record.id: record for record in kept}
    expected = compare(by_id["model-1"], by_id["model-2"])
    choose_window(board, "2024-03-01", "2024-05-31")
    board.page.select_option('[name="a"]', "model-1")
    board.page.select_option('[name="b"]', "model-2")
    board.page.wait_for_selector("#comparison .flips")
    text = board.page.inner_text("#comparison .verdict").replace("−", "-")
    assert f"{100 * expected.difference:+.1f} points" in text
    assert f"over the {expected.n_problems} problems that both have outcomes of" in text
    lists = board.page.locator("#comparison .flips > div")
    assert [set(lists.nth(i).locator("code").all_inner_texts()) for i in (0, 1)] == [
        set(expected.a_only),
        set(expected.b_only),
    ]


def test_the_keyboard_sets_a_day(board: Watched) -> None:
    board.page.focus('[name="since"]')
    board.page.keyboard.type("06012024")
    board.page.wait_for_function("leaderboard.board.source().since === '2024-06-01'")
    assert len(board.rows()) == 9


def test_the_address_brings_back_the_window(board: Watched) -> None:
    choose_window(board, "2024-06-01", "2024-09-30")
    url, rows, note = board.page.url, board.rows(), board.page.inner_text("#window")
    assert "since=2024-06-01&until=2024-09-30" in url
    board.open(BOARD, url.partition("#")[2])
    board.page.wait_for_function("leaderboard.board.source().until === '2024-09-30'")
    assert (board.rows(), board.page.inner_text("#window")) == (rows, note)
    assert board.page.input_value('[name="until"]') == "2024-09-30"


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("2024-09-01", "2024-06-01", "2024-09-01 is after 2024-06-01: no problem is between them."),
        ("2031-01-01", "", "0 problems, with contests from 2031-01-01."),
    ],
)
def test_a_window_of_no_problem_says_so(board: Watched, since: str, until: str, told: str) -> None:
    choose_window(board, since, until)
    assert board.page.inner_text("#window").startswith(told)
    assert board.rows() == []


def test_a_day_that_does_not_exist_is_no_limit(board: Watched) -> None:
    rows = board.rows()
    for address in ("since=2024-13-45", "since=2024-02-30", "until=soon", "since=%3Cb%3E"):
        board.open(BOARD, address)
        assert board.rows() == rows
        assert board.page.is_hidden("#window")


def test_a_board_without_days_has_no_window(browser: Any, browsed_site: Path) -> None:
    with watched(browser, browsed_site) as it:
        page = it.open()
        rows = it.rows()
        assert page.locator('[name="since"], [name="until"], #window').count() == 0
        it.open(address="since=2024-06-01&until=2024-09-30")
        assert it.rows() == rows


def test_outcomes_that_are_not_there_leave_their_models_out(
    browser: Any, records: list[Record], tmp_path: Path
) -> None:
    build_site(records, tmp_path / "site")
    (tmp_path / "site/data/model-1.js").unlink()
    with watched(browser, tmp_path / "site") as it:
        it.open(BOARD)
        choose_window(it, "2024-06-01", "")
        assert (
            "Left out, their outcomes cannot be read (the folder data/ belongs to the site): Model 1."
            in it.page.inner_text("#window")
        )
        it.complaints.clear()  # of the browser, of the file that is not there


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_page_with_a_window_is_not_wider_than_the_screen(browser: Any, window_site: Path, width: int) -> None:
    with watched(browser, window_site, viewport={"width": width, "height": 800}) as it:
        it.open(BOARD, "since=2024-06-01")
        it.page.wait_for_function("leaderboard.board.source().since === '2024-06-01'")
        assert it.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
