"""Every text of the review app is readable in every theme that it offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_screens import SIX, Person, review, scenario, write_build
from textual.color import Color
from textual.filter import DimFilter
from textual.screen import ModalScreen

from curation.review.tui.readable_colors import TEXT_CONTRAST, contrast, readable, readable_variables

SCREENS = (
    ((), ()),
    (("f",), ("escape",)),
    (("question_mark",), ("escape",)),
    (("f1",), ("escape",)),
    (("enter",), ()),
    (("3",), ()),
    (("5",), ()),
    (("x",), ("escape",)),
    (("e",), ("escape", "escape")),
)
"""Keys that show a screen or a dialog, and those that close it."""


def pale_texts(person: Person) -> Iterator[str]:
    """Yield the texts with too little contrast: those of the dialog, where there is one."""
    app = person.app
    strips = list(app.screen._compositor.render_strips())
    if isinstance(app.screen, ModalScreen):
        region = app.screen.query_one(".window").region
        strips = [strip.crop(region.x, region.right) for strip in strips[region.y : region.bottom]]
    for strip in strips:
        for segment in strip.apply_filter(DimFilter(), Color(0, 0, 0)):
            style = segment.style
            if style is None or style.color is None or style.bgcolor is None or not segment.text.strip():
                continue
            ink, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if any(character.isalnum() for character in segment.text) and contrast(ink, ground) < TEXT_CONTRAST:
                yield f"{app.theme}: {segment.text.strip()!r} {ink.hex} on {ground.hex}"


@scenario
async def test_every_text_is_readable_in_every_theme(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build", SIX), size=(120, 35)) as person:
        themes = [name for name, theme in person.app.available_themes.items() if not theme.ansi]
        assert {"textual-dark", "textual-light", "solarized-light"} <= set(themes)
        for opened, closed in SCREENS:
            await person.press(*opened)
            for theme in themes:
                person.app.theme = theme
                await person.pilot.pause()
                assert list(pale_texts(person)) == []
            await person.press(*closed)


def test_a_readable_colour_is_kept_and_a_pale_one_moves_away_from_the_background() -> None:
    white, grey, black = Color.parse("#ffffff"), Color.parse("#bbbbbb"), Color.parse("#000000")
    assert readable(black, [white]) == black
    darker = readable(grey, [white])
    assert contrast(grey, white) < TEXT_CONTRAST <= contrast(darker, white)
    assert darker.r < grey.r
    assert contrast(black, white) == pytest.approx(21)
    assert readable(grey, [Color.parse("#777777")], least=21) in (white, black), "as far as it goes"


def test_a_text_that_is_drawn_half_transparent_gets_more_contrast() -> None:
    white = Color.parse("#ffffff")
    whole, half = readable(Color.parse("#999999"), [white]), readable(Color.parse("#999999"), [white], opacity=0.8)
    assert contrast(half, white) > contrast(whole, white)
    assert contrast(white.blend(half, 0.8, 1.0), white) >= TEXT_CONTRAST


@scenario
async def test_the_muted_colour_differs_from_that_of_other_texts(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build", SIX)) as person:
        variables = readable_variables(person.app.theme_variables)
        assert variables["text-muted"] != variables["foreground"]
