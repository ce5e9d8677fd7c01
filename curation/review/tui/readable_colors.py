"""Change the colours of a theme as far as a text needs to be readable: many themes are too pale. Pure functions.

Contrast is that of WCAG 2.1: 4.5 to 1 for texts, 3 to 1 for marks such as the thumb of a scrollbar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.color import BLACK, WHITE, Color

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0
CURSOR_OPACITY = 0.3
"""Opacity of ``$primary`` in the row under a cursor (``RowList``)."""
_CODE_OPACITY = 0.8
"""The palest opacity in which Textual's highlighting draws ``$text-success``."""
_ACCENTS = ("primary", "secondary", "accent", "success", "warning", "error")
_STEPS = 20


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two opaque colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(color: Color, backgrounds: Sequence[Color], least: float = TEXT_CONTRAST, opacity: float = 1.0) -> Color:
    """Return the colour, or the nearest one on the way to white or black that has the contrast.

    Args:
        color: The colour of a theme.
        backgrounds: What it is drawn on; the contrast holds on each of them.
        least: The least contrast.
        opacity: The opacity with which it is drawn.
    """
    is_dark = sum(map(_luminance, backgrounds)) / len(backgrounds) < 0.18  # where white and black contrast alike
    goal = WHITE if is_dark else BLACK
    for step in range(_STEPS):
        moved = color.blend(goal, step / _STEPS, 1.0)
        if all(contrast(ground.blend(moved, opacity, 1.0), ground) >= least for ground in backgrounds):
            return moved
    return goal


def readable_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a theme's variables with readable colours for texts and scrollbars.

    ``$text-muted``, which Textual draws in 60% of a text's contrast, becomes a colour of its own: it is used for all
    that is less important, where the style ``dim`` would be too pale.
    """
    of = {name: Color.parse(variables[name]) for name in ("background", "surface", "panel", "foreground", "primary")}
    grounds = [of["background"], of["surface"], of["panel"]]
    cursor = of["surface"].blend(of["primary"], CURSOR_OPACITY, 1.0)
    foreground = readable(of["foreground"], [*grounds, cursor])
    changed = {"foreground": foreground, "text-muted": readable(foreground.blend(of["background"], 0.4, 1.0), grounds)}
    for name in _ACCENTS:
        text = Color.parse(variables[f"text-{name}"])
        changed[f"text-{name}"] = readable(text, grounds, opacity=_CODE_OPACITY)
    changed |= {"footer-background": of["panel"], "footer-description-background": of["panel"]}
    changed |= {"footer-foreground": foreground, "footer-description-foreground": foreground}
    changed["footer-key-foreground"] = readable(Color.parse(variables["accent"]), grounds)
    changed |= {"input-cursor-background": foreground, "input-cursor-foreground": of["background"]}
    track = Color.parse(variables["scrollbar-background"])
    for name in ("scrollbar", "scrollbar-hover", "scrollbar-active"):
        changed[name] = readable(Color.parse(variables[name]), [track], MARK_CONTRAST)
    return {**variables, **{name: color.hex for name, color in changed.items()}}
