"""Draw small charts as SVG: scores with whiskers, and error categories. Pure functions from numbers to markup.

The markup names classes of ``static/site.css`` only, so that charts follow the light, dark and print styles.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from leaderboards.site.wording import CATEGORIES, WITHIN_RUNTIME_ERROR, category_title

TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Possible upper ends of an axis of shares."""

BAR_WIDTH, BAR_HEIGHT = 120, 14
STACK_WIDTH, STACK_HEIGHT = 190, 18
LABELLED = 27
"""Least width of a part of a stacked bar that shows its number."""


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Make an element; escapes attributes and plain strings. ``class_`` is ``class``, ``data_i`` is ``data-i``."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value not in (None, ""))
    opening = "".join(f' {key}="{escape(str(value))}"' for key, value in pairs)
    content = "".join(escape(child) for child in children)
    return Markup(f"<{name}{opening}>{content}</{name}>" if content else f"<{name}{opening}/>")  # noqa: S704 - escaped


def number(value: float) -> str:
    """Format a coordinate with one decimal place at most."""
    return f"{value:.1f}".removesuffix(".0")


def axis_top(most: float) -> float:
    """Return the upper end of an axis for values up to ``most``."""
    return next((top for top in TOPS if most <= top + 1e-9), 1.0)


def whisker_bar(value: float, low: float, high: float, top: float) -> Markup:
    """Draw a score as a bar from 0, with its interval as a whisker; hidden from screen readers."""
    x, left, right = (number(BAR_WIDTH * min(share / top, 1)) for share in (value, low, high))
    return tag(
        "svg",
        tag("rect", class_="val", y=3, width=x, height=8),
        tag("path", class_="whisker", d=whisker_path(left, right)),
        class_="bar",
        viewBox=f"-1 0 {BAR_WIDTH + 2} {BAR_HEIGHT}",
        width=BAR_WIDTH + 2,
        height=BAR_HEIGHT,
        aria_hidden="true",
    )


def whisker_path(left: str, right: str) -> str:
    """Return the SVG path of a horizontal whisker with caps, in the middle of a bar."""
    return f"M{left} 7H{right}M{left} 4v6M{right} 4v6"


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return each category's share of all samples, in the order of the chart; unknown categories come last."""
    exclusive = {name: counts.get(name, 0) for name in CATEGORIES}
    exclusive |= {name: n for name, n in sorted(counts.items()) if name not in (*CATEGORIES, WITHIN_RUNTIME_ERROR)}
    total = sum(exclusive.values())
    return {name: n / total for name, n in exclusive.items() if n} if total else {}


def shares_text(counts: Mapping[str, int]) -> str:
    """Write the shares in words: ``passed 36.1%, failure 40.2%, ...``."""
    parts = [f"{category_title(name)} {100 * share:.1f}%" for name, share in shares(counts).items()]
    if (timeouts := counts.get(WITHIN_RUNTIME_ERROR)) and (total := _total(counts)):
        parts.append(f"timeouts among the runtime errors {100 * timeouts / total:.1f}%")
    return ", ".join(parts) or "no samples"


def _total(counts: Mapping[str, int]) -> int:
    return sum(n for name, n in counts.items() if name != WITHIN_RUNTIME_ERROR)


def stacked_bar(counts: Mapping[str, int], title: str) -> Markup:
    """Draw the error categories of samples (the paper's figure 4): a bar with a part for each category."""
    parts: list[Markup] = []
    left = 0.0
    for name, share in shares(counts).items():
        width = STACK_WIDTH * share
        cls = f"c-{name.replace('_', '-')}" if name in CATEGORIES else "c-other"
        # A gap of 0.8 pixels separates neighbours for readers who cannot distinguish their colours.
        parts.append(tag("rect", class_=cls, x=number(left), width=number(max(width - 0.8, 0.2)), height=STACK_HEIGHT))
        if width >= LABELLED:
            parts.append(tag("text", f"{100 * share:.0f}", x=number(left + width / 2), y=13))
        left += width
    return tag(
        "svg",
        tag("title", f"{title}: {shares_text(counts)}"),
        *parts,
        class_="stack",
        viewBox=f"0 0 {STACK_WIDTH} {STACK_HEIGHT}",
        width=STACK_WIDTH,
        height=STACK_HEIGHT,
        role="img",
    )
