"""Draw model size against score as SVG: a scatter plot with whiskers on a logarithmic axis. Pure functions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from leaderboards.board_notes import percent
from leaderboards.site.charts import axis_top, number, tag
from leaderboards.site.wording import interval, size

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 48, 742, 14, 352
"""Frame of the plot within the drawing, in pixels."""
MARGIN = 72
"""Pixels between the frame and the outermost models: room for models side by side."""
DODGE, WIDEST = 15.0, 120.0
"""Pixels between two models of one size, and between the outermost ones at most."""
LETTER = 6.0
"""Approximate width of a letter of a label, in pixels."""
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "M-4-4h8v8h-8z",
    "M0-5.2L5 3.8h-10z",
    "M0-5.8L5.2 0L0 5.8L-5.2 0z",
    "M0 5.2L5-3.8h-10z",
    "M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
)
"""SVG path of the marker of each group; further groups share the last."""


@dataclass(frozen=True, slots=True)
class Point:
    """One model in the plot."""

    index: int
    """Index of its row on the page."""
    label: str
    parameters: float
    value: float
    low: float
    high: float
    group: int
    status: str


@dataclass(slots=True)
class Labels:
    """Occupied boxes: a label that would cover a marker or another label is left out."""

    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, x: float, y: float, width: float, height: float) -> bool:
        """Occupy a box (left, top, width, height) if it is free and within the frame; return whether it was."""
        if x < LEFT or x + width > RIGHT or y < TOP - 8 or y + height > BOTTOM:
            return False
        if any(
            x < right and left < x + width and y < bottom and top < y + height
            for left, top, right, bottom in self.boxes
        ):
            return False
        self.boxes.append((x, y, x + width, y + height))
        return True


def scatter(points: Sequence[Point], title: str, groups: Sequence[str]) -> Markup:
    """Draw the plot; empty if no model has a size.

    Args:
        points: Models in the order of the board: the best are labelled first.
        title: Title of the drawing.
        groups: Names of the groups, indexed by ``Point.group``.
    """
    if not points:
        return Markup()
    top = axis_top(max(point.high for point in points))
    places = {point.index: x for point, x in zip(points, _places(points), strict=True)}
    description = f"{len(points)} models by parameters and score, with 95% intervals. The table holds the numbers."
    return tag(
        "svg",
        tag("title", title),
        tag("desc", description),
        *_x_axis(points),
        _y_axis(top),
        *(_point(point, places[point.index], top) for point in points),
        *_labels(points, places, top),
        *_legend(groups),
        class_="scatter",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        data_top=top,
        data_y0=BOTTOM,
        data_height=BOTTOM - TOP,
    )


def _x(parameters: float, points: Sequence[Point]) -> float:
    least, most = (math.log(pick(p.parameters for p in points)) for pick in (min, max))
    if most - least < 1e-9:
        return (LEFT + RIGHT) / 2
    share = (math.log(parameters) - least) / (most - least)
    return LEFT + MARGIN + share * (RIGHT - LEFT - 2 * MARGIN)


def _y(share: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(share / top, 1)


def _places(points: Sequence[Point]) -> list[float]:
    """Return the x of each point. Models of one size are placed side by side, so that all whiskers are visible."""
    by_size: dict[float, list[int]] = defaultdict(list)
    for i, point in enumerate(points):
        by_size[point.parameters].append(i)
    places = [0.0] * len(points)
    for parameters, members in by_size.items():
        middle = _x(parameters, points)
        step = min(DODGE, WIDEST / max(len(members) - 1, 1))
        for order, i in enumerate(members):
            places[i] = middle + step * (order - (len(members) - 1) / 2)
    return places


def _ticks(points: Sequence[Point]) -> list[float]:
    """Return the ticks of the x axis: round numbers of parameters, or the sizes themselves if they are few."""
    sizes = sorted({point.parameters for point in points})
    if len(sizes) <= 5:
        kept = sizes[:1]
        for value in sizes[1:]:
            if _x(value, points) - _x(kept[-1], points) >= 40:
                kept.append(value)
        return kept
    low, high = math.floor(math.log10(sizes[0])), math.ceil(math.log10(sizes[-1]))
    steps = (1, 2, 5) if high - low <= 3 else (1,)
    ticks = [step * 10.0**power for power in range(low, high + 1) for step in steps]
    return [tick for tick in ticks if sizes[0] <= tick <= sizes[-1]] or [sizes[0], sizes[-1]]


def _x_axis(points: Sequence[Point]) -> Iterator[Markup]:
    yield tag("path", class_="axis", d=f"M{LEFT} {BOTTOM}H{RIGHT}")
    for tick in _ticks(points):
        x = number(_x(tick, points))
        yield tag("path", class_="axis", d=f"M{x} {BOTTOM}v5")
        yield tag("text", size(tick), class_="tick", x=x, y=BOTTOM + 18, text_anchor="middle")
    yield tag("text", "parameters (log scale)", class_="tick", x=RIGHT, y=HEIGHT - 8, text_anchor="end")


def _y_axis(top: float) -> Markup:
    """Draw the y axis: grid lines from 0 to ``top``. ``charts.js`` redraws it for another tier."""
    steps = 5 if round(top * 100) % 5 == 0 and round(top * 100) not in (20, 40, 60, 80) else 4
    lines = []
    for step in range(steps + 1):
        share = top * step / steps
        y = number(_y(share, top))
        lines.append(tag("path", class_="grid", d=f"M{LEFT} {y}H{RIGHT}"))
        lines.append(
            tag("text", f"{100 * share:g}%", class_="tick", x=LEFT - 6, y=number(_y(share, top) + 4), text_anchor="end")
        )
    return tag("g", *lines, class_="y-axis", data_left=LEFT, data_right=RIGHT)


def _point(point: Point, x: float, top: float) -> Markup:
    low, high = number(_y(point.low, top)), number(_y(point.high, top))
    title = f"{point.label}, {size(point.parameters)}: {percent(point.value)}% [{interval(point.low, point.high)}]"
    return tag(
        "g",
        tag("title", title),
        tag("path", class_="whisker", d=f"M0 {low}V{high}M-3 {low}h6M-3 {high}h6"),
        tag("path", class_="marker", d=shape(point.group), transform=f"translate(0 {number(_y(point.value, top))})"),
        class_=f"point g{min(point.group, len(SHAPES) - 1)} {point.status}",
        data_i=point.index,
        transform=f"translate({number(x)} 0)",
    )


def shape(group: int) -> str:
    """Return the SVG path of a group's marker."""
    return SHAPES[min(group, len(SHAPES) - 1)]


def _labels(points: Sequence[Point], places: dict[int, float], top: float) -> Iterator[Markup]:
    taken = Labels(
        [(places[p.index] - 5, _y(p.value, top) - 5, places[p.index] + 5, _y(p.value, top) + 5) for p in points]
    )
    for point in points:
        x, y = places[point.index], _y(point.value, top)
        text = point.label if len(point.label) <= 30 else point.label[:29] + "…"
        width = LETTER * len(text)
        for dx, dy, anchor in (
            (9, 4, "start"),
            (-9, 4, "end"),
            (9, -9, "start"),
            (-9, -9, "end"),
            (9, 16, "start"),
            (-9, 16, "end"),
        ):
            left = x + dx - (width if anchor == "end" else 0)
            if taken.take(left, y + dy - 10, width, 12):
                yield tag(
                    "text",
                    text,
                    class_="label",
                    data_i=point.index,
                    data_dy=dy,
                    x=number(x + dx),
                    y=number(y + dy),
                    text_anchor=anchor,
                )
                break


def _legend(groups: Sequence[str]) -> Iterator[Markup]:
    """Draw the legend of the groups' markers, below the axis."""
    if len(groups) < 2:
        return
    names = [*groups[: len(SHAPES) - 1], *(["others"] if len(groups) > len(SHAPES) else groups[len(SHAPES) - 1 :])]
    widths = [LETTER * len(name) + 30 for name in names]
    lefts = [LEFT + 8.0]
    for _, width in pairwise([0.0, *widths]):
        lefts.append(lefts[-1] + width)
    for group, (name, left) in enumerate(zip(names, lefts, strict=False)):
        yield tag(
            "path", class_=f"marker key g{group}", d=shape(group), transform=f"translate({number(left)} {HEIGHT - 12})"
        )
        yield tag("text", name, class_="tick", x=number(left + 10), y=HEIGHT - 8)
