"""Draw the counts of a build with matplotlib (extra ``plots``)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from apps_plus.printable import one_line
from apps_plus.storage import output_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TIER_COLOURS = ("#8ecae6", "#219ebc", "#023047")
"""One per tier of APPS, easiest lightest."""
OTHER_COLOUR = "#adb5bd"


def draw_funnel(counts: Mapping[str, Any], path: Path, title: str = "") -> None:
    """Draw raw, each reason and released as stacked bars by tier.

    Args:
        counts: From ``curation.stats.summarize``.
        path: A ``.png``, ``.svg`` or ``.pdf`` file.
        title: The build and the date.

    Raises:
        InputError: matplotlib is not installed, or cannot write this kind of file.
        OutputError: The file cannot be written.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise InputError(f"--plot needs matplotlib: {install_command('plots')}") from error
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise InputError(f"cannot draw {path}: the name must end in .png, .svg or .pdf")
    figure = funnel_figure(counts, title)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise output_error(path, error) from error


def funnel_figure(counts: Mapping[str, Any], title: str = "") -> Figure:
    """Return the figure of ``draw_funnel``. The legend is below the bars, and names the tiers that have problems."""
    from matplotlib.figure import Figure

    bars = funnel_bars(counts)
    figure = Figure(figsize=(9, 1.8 + 0.34 * len(bars)), layout="constrained")
    axes = figure.subplots()
    left = [0] * len(bars)
    colours = chain(TIER_COLOURS, repeat(OTHER_COLOUR))
    for tier, colour in zip(counts["tiers"], colours, strict=False):
        if not counts["raw"][tier]:
            continue
        widths = [by_tier[tier] for _, by_tier in bars]
        axes.barh(range(len(bars)), widths, left=left, color=colour, label=tier or "(no tier)")
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for y, total in enumerate(left):
        axes.text(total, y, f" {total:,}", va="center", fontsize=8)
    axes.set_yticks(range(len(bars)), [name for name, _ in bars])
    axes.invert_yaxis()
    axes.set_xlabel("problems")
    axes.margins(x=0.08)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(one_line(title, 100).replace("$", r"\$"), loc="left", fontsize=10)  # $ would begin mathematics
    if axes.containers:
        figure.legend(loc="outside lower center", ncols=len(axes.containers), frameon=False, fontsize=9)
    return figure


def funnel_bars(counts: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int]]]:
    """Return the bars of the funnel, top to bottom: a name and its counts by tier."""
    dropped = [(f"dropped: {reason}", by_tier) for reason, by_tier in counts["dropped"].items()]
    review = [(f"review: {reason}", by_tier) for reason, by_tier in counts["needs_review"].items()]
    outcomes = counts["outcomes"]
    released = [("released: kept", outcomes["kept"]), ("released: corrected", outcomes["corrected"])]
    return [("raw", counts["raw"]), *dropped, *review, *released]
