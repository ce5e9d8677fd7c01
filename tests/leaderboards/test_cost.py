"""Cost on boards: tokens of a sample and problems solved for them, in columns that appear only where they are known."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from board_records import solved

from harness.scoring.result_record import CostFacts, Money, Record
from leaderboards.assemble_boards import Sheet, make_sheet
from leaderboards.board import BoardKey
from leaderboards.console import sheets_as_text
from leaderboards.cost import solved_per_1000_tokens, tokens_of
from leaderboards.latex_table import as_latex
from leaderboards.site.builder import build_site
from leaderboards.table_formats import as_csv, as_json, as_markdown

MONEY = Money(amount=1.25, currency="EUR")
COST = CostFacts(samples=4, prompt_tokens=40, completion_tokens=2_000, reasoning_tokens=900, seconds=8.0, money=MONEY)
FRUGAL = solved([1, 1, 0, 0], "frugal", cost=COST)
UNKNOWN = solved([1, 1, 1, 0], "unknown")


def sheet(*records: Record) -> Sheet:
    return make_sheet(BoardKey("humaneval"), records, ["overall"])


def test_tokens_are_of_one_sample_and_solved_is_of_1000_of_them() -> None:
    assert tokens_of(FRUGAL) == 500
    assert solved_per_1000_tokens(FRUGAL) == 1.0  # half a problem for 500 tokens
    assert (tokens_of(UNKNOWN), solved_per_1000_tokens(UNKNOWN)) == (None, None)


@pytest.mark.parametrize("cost", [CostFacts(samples=4, money=MONEY), CostFacts(samples=4, completion_tokens=0)])
def test_without_tokens_nothing_is_divided(cost: CostFacts) -> None:
    assert solved_per_1000_tokens(solved([1, 0], cost=cost)) is None


@pytest.mark.parametrize(
    "write, heads",
    [
        (lambda it: sheets_as_text([it], width=120), ("tokens", "solved/1k")),
        (lambda it: as_markdown([it]), ("tokens", "solved/1k")),
        (lambda it: as_latex([it]), ("Tokens", "Solved/1k")),
    ],
)
def test_columns_are_shown_where_some_record_has_tokens(write, heads: tuple[str, str]) -> None:
    both, without = write(sheet(FRUGAL, UNKNOWN)), write(sheet(UNKNOWN))
    assert all(head in both and head not in without for head in heads)
    [line] = [line for line in both.splitlines() if "frugal" in line and "500" in line]
    assert "1.00" in line


def test_a_narrow_terminal_says_that_it_leaves_tokens_out() -> None:
    text = sheets_as_text([sheet(FRUGAL, UNKNOWN)], width=32)
    assert "solved/1k" not in text
    assert "too narrow for: tokens" in " ".join(text.split())


def test_csv_and_json_hold_what_is_known() -> None:
    [best, row] = csv.DictReader(io.StringIO(as_csv([sheet(FRUGAL, UNKNOWN)])))
    assert (best["id"], best["tokens_per_sample"], best["money"]) == ("unknown", "", "")
    told = ("completion_tokens", "tokens_per_sample", "solved_per_1000_tokens", "generation_seconds", "currency")
    assert [row[name] for name in told] == ["2000", "500.0", "1.0", "8.0", "EUR"]
    first, second = as_json([sheet(FRUGAL, UNKNOWN)])["boards"][0]["rows"]
    assert "tokens_per_sample" not in first
    assert (second["tokens_per_sample"], second["solved_per_1000_tokens"]) == (500, 1.0)
    assert second["record"]["cost"]["money"] == {"amount": 1.25, "currency": "EUR"}


def test_the_site_shows_the_columns_and_what_the_samples_cost(tmp_path: Path) -> None:
    build_site([FRUGAL, UNKNOWN], tmp_path / "site")
    page = (tmp_path / "site" / "humaneval.html").read_text("utf-8")
    assert 'data-sort="tokens"' in page
    assert '<td class="r whole">1.00</td>' in page
    assert '"tokens":500.0' in page.replace(" ", "")
    model = (tmp_path / "site" / "models" / "frugal.html").read_text("utf-8")
    assert "Tokens of answers of 4 samples</dt><dd>2,000" in model
    assert "1.25 EUR" in model
    build_site([UNKNOWN], tmp_path / "site")
    assert 'data-sort="tokens"' not in (tmp_path / "site" / "humaneval.html").read_text("utf-8")
