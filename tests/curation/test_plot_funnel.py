"""The funnel as a picture: its legend, and its title."""

from __future__ import annotations

from datetime import date

import pytest

from curation.plot_funnel import funnel_figure
from curation.stats import summarize, title_of

pytest.importorskip("matplotlib")


def counts(*tiers: str) -> dict:
    row = {"outcome": "kept", "reasons": [], "released_in": "train", "kind": "call-based", "tests": 1, "solutions": {}}
    return summarize([{**row, "problem_id": str(i), "difficulty": tier} for i, tier in enumerate(tiers)])


def test_the_legend_names_the_tiers_that_are_there_and_covers_no_bar() -> None:
    figure = funnel_figure(counts("interview", "interview", ""), "a build")
    figure.canvas.draw()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["interview", "(no tier)"]
    box = legend.get_window_extent()
    (axes,) = figure.axes
    assert not any(box.overlaps(bar.get_window_extent()) for bars in axes.containers for bar in bars)
    assert not box.overlaps(axes.get_window_extent())


def test_a_tier_keeps_its_colour_where_another_is_absent() -> None:
    def colours(*tiers: str) -> dict:
        bars = funnel_figure(counts(*tiers)).axes[0].containers
        return {bar.get_label(): bar[0].get_facecolor() for bar in bars}

    assert colours("competition")["competition"] == colours("introductory", "competition")["competition"]


def test_the_title_names_the_build_and_the_day(tmp_path) -> None:
    (tmp_path / "manifest.json").write_text('{"tool": "apps-plus 1.0", "input": {"name": "raw", "problems": 1000}}')
    day = date.today().isoformat()
    assert title_of(tmp_path) == f"{tmp_path.name}: 1,000 problems of raw by apps-plus 1.0, {day}"
    assert funnel_figure(counts("interview"), "$a$").axes[0].get_title(loc="left") == r"\$a\$"
    (tmp_path / "manifest.json").write_text("{}")
    assert title_of(tmp_path) == f"{tmp_path.name}, {day}"
