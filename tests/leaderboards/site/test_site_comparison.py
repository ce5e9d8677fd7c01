"""Two models side by side in a browser: verdict and flipped problems are those of ``leaderboard compare``."""

from __future__ import annotations

import random
from typing import Any

import pytest
from browsing import Watched

from harness.scoring.paired_comparison import format_p, mcnemar, sign_flip
from harness.scoring.pass_at_k import pass_at_k
from harness.scoring.result_record import Record
from leaderboards.board import Difference
from leaderboards.score_difference import compare, mean_difference

pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[browser]'")
pytestmark = pytest.mark.browser


def chosen(board: Watched, a: str, b: str) -> str:
    """Choose two models; what the page says of them."""
    board.page.select_option('[name="a"]', a)
    board.page.select_option('[name="b"]', b)
    board.page.wait_for_selector("#comparison .verdict")
    return board.page.inner_text("#comparison .verdict").replace("−", "-")


def of(records: list[Record], a: str, b: str, tier: str = "overall", k: int = 1) -> Difference:
    by_id = {record.id: record for record in records}
    return compare(by_id[a], by_id[b], tier, k)


def points(it: Difference) -> str:
    return f"{100 * it.difference:+.1f} points [{100 * it.low:+.1f}, {100 * it.high:+.1f}]"


def flipped(board: Watched) -> list[set[str]]:
    """The problems that A passes more often, and those of B."""
    lists = board.page.locator("#comparison .flips > div")
    return [set(lists.nth(i).locator("code").all_inner_texts()) for i in (0, 1)]


# ---- problem by problem


@pytest.mark.parametrize(("tier", "k"), [("overall", 1), ("competition", 1), ("interview", 10)])
def test_flipped_problems_are_those_that_python_finds(
    board: Watched, board_records: list[Record], tier: str, k: int
) -> None:
    board.page.select_option('[name="tier"]', tier)
    board.page.select_option('[name="k"]', str(k))
    text = chosen(board, "model-4", "model-5")
    it = of(board_records, "model-4", "model-5", tier, k)
    assert it.a_only
    assert it.b_only
    assert flipped(board) == [set(it.a_only), set(it.b_only)]
    assert f"over the {it.n_problems} problems that both have outcomes of" in text
    assert f"{100 * it.difference:+.1f} points" in text
    heads = board.page.locator("#comparison .flips h3").all_inner_texts()
    assert heads == [f"A passes more often: {len(it.a_only)}", f"B passes more often: {len(it.b_only)}"]


def test_the_verdict_is_that_of_python(board: Watched, board_records: list[Record]) -> None:
    """But where an end of the interval is within half a point of 0: there the bootstrap's own noise decides."""
    ids = [record.id for record in board_records if record.problems]
    seen = set()
    for a, b in [("model-3", b) for b in ids if b != "model-3"]:
        it = of(board_records, a, b)
        if min(abs(it.low), abs(it.high)) < 0.005 or abs(it.p_value - 0.05) < 0.01:
            continue
        verdict = "may be noise" if it.is_noise else "On the edge" if it.p_value > 0.05 else "is better"
        text = chosen(board, a, b)
        assert verdict in text, (a, b, it.low, it.high, it.p_value)
        if verdict == "is better":
            assert ("B" if it.difference > 0 else "A") + " is better" in text
        seen.add(verdict)
    assert {"may be noise", "is better"} <= seen


def test_single_samples_are_compared_by_mcnemars_test(board: Watched, board_records: list[Record]) -> None:
    text = chosen(board, "model-10", "model-11")
    it = of(board_records, "model-10", "model-11")
    assert f"({format_p(it.p_value)}, McNemar’s exact test)" in text
    assert flipped(board) == [set(it.a_only), set(it.b_only)]


def test_outcomes_are_loaded_when_they_are_asked_for(board: Watched) -> None:
    assert not [url for url in board.requests if "/data/" in url]
    chosen(board, "model-1", "model-2")
    assert sorted(url.rpartition("/data/")[2] for url in board.requests if "/data/" in url) == [
        "model-1.js",
        "model-2.js",
    ]
    chosen(board, "model-2", "model-1")
    assert len([url for url in board.requests if "/data/" in url]) == 2, "once each"


# ---- by the numbers


@pytest.mark.parametrize(("a", "b"), [("paper-7", "paper-8"), ("model-3", "paper-8")])
def test_numbers_alone_are_compared_as_python_does(board: Watched, board_records: list[Record], a: str, b: str) -> None:
    it = of(board_records, a, b)
    text = chosen(board, a, b)
    assert points(it) in text
    assert f"by their scores alone, at {it.n_problems} problems" in text
    assert f"({format_p(it.p_value)}, " in text
    assert board.page.locator("#comparison .flips").count() == 0
    assert not [url for url in board.requests if "/data/" in url]


def test_where_one_has_no_such_score_the_page_says_so(board: Watched) -> None:
    board.page.select_option('[name="k"]', "10")
    assert chosen(board, "model-1", "model-10") == "There is no pass@10 of both for overall."


def test_a_model_is_not_compared_with_itself(board: Watched) -> None:
    board.page.select_option('[name="a"]', "model-1")
    board.page.select_option('[name="b"]', "model-1")
    assert board.page.inner_text("#comparison") == "A and B are the same model: choose another."


def test_settings_that_differ_are_marked(board: Watched, board_records: list[Record]) -> None:
    chosen(board, "model-1", "model-2")
    rows = board.page.locator("#comparison table.settings tbody tr").all_inner_texts()
    told = {name: cells for name, *cells in (row.split("\t") for row in rows)}
    assert told["Temperature"] == ["0.4", "0.2", "≠"]
    assert told["Engine"] == ["vllm", "vllm", "="]


# ---- the numbers themselves


def test_the_interval_is_that_of_the_bootstrap(board: Watched) -> None:
    rng = random.Random(0)
    for n, weights in ((40, (1, 8, 3)), (164, (9, 120, 35)), (164, (1, 160, 3)), (1840, (60, 1700, 80))):
        values = rng.choices((-1.0, 0.0, 1.0), weights, k=n)
        ours = board.page.evaluate("(values) => leaderboard.statistics.meanInterval(values)", values)
        import numpy as np

        spread = float(np.std(values)) / n**0.5
        assert ours == pytest.approx(mean_difference(np.array(values)), abs=0.15 * spread)


def test_where_all_problems_agree_the_interval_is_that_of_python(board: Watched) -> None:
    import numpy as np

    for value in (0.0, 1.0, -0.3):
        ours = board.page.evaluate("(values) => leaderboard.statistics.meanInterval(values)", [value] * 30)
        assert ours == pytest.approx(mean_difference(np.full(30, value)), abs=1e-9)


def test_p_values_are_those_of_python(board: Watched) -> None:
    evaluate: Any = board.page.evaluate
    for a, b in ((0, 0), (1, 0), (3, 9), (0, 12), (200, 260)):
        assert evaluate("([a, b]) => leaderboard.statistics.mcnemar(a, b)", [a, b]) == pytest.approx(mcnemar(a, b))
    rng = random.Random(1)
    for n, shift in ((6, 0.2), (15, 0.1), (200, 0.03), (1840, 0.01)):
        values = [round(rng.uniform(-1, 1) + shift, 1) for _ in range(n)]
        ours = evaluate("(values) => leaderboard.statistics.signFlip(values)", values)
        assert ours == pytest.approx(sign_flip(values), abs=0.015)


def test_pass_at_k_of_a_problem_is_that_of_python(board: Watched) -> None:
    for n, c, k in ((10, 3, 1), (10, 3, 5), (10, 0, 10), (10, 1, 10), (200, 7, 100), (3, 3, 2)):
        ours = board.page.evaluate("(args) => leaderboard.statistics.passAtK(...args)", [n, c, k])
        assert ours == pytest.approx(pass_at_k({"P": (n, c)}, [k]).estimates[k].value)
