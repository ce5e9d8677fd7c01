"""Figures of the speed table: medians and ranges over rounds beside their targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured in each round, and its target."""

    work: str
    measure: str
    unit: str
    """As printed behind a value; empty for ratios."""
    values: tuple[float, ...]
    """One for each round."""
    target: float
    at_least: bool
    """True if the target is a lower bound, False for an upper one."""
    medians: str = ""
    """The medians that a ratio was made of."""
    remark: str = ""
    """True if both sides gave the same verdicts or files."""
    others: float | None = None
    """Cores that other processes of the machine kept busy meanwhile."""

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return median(self.values)

    @property
    def met(self) -> bool:
        """Return whether the median reaches the target."""
        return self.median >= self.target if self.at_least else self.median <= self.target

    def as_row(self) -> dict[str, Any]:
        """Return the figure for the JSON file."""
        return {
            "work": self.work,
            "measure": self.measure,
            "unit": self.unit,
            "values": list(self.values),
            "median": self.median,
            "target": self.target,
            "at_least": self.at_least,
            "met": self.met,
            "medians": self.medians,
            "remark": self.remark,
            "others": self.others,
        }


def ratio(
    work: str,
    measure: str,
    over: tuple[str, Sequence[float]],
    under: tuple[str, Sequence[float]],
    target: float,
    *,
    at_least: bool,
    unit: str = "s",
    remark: str = "",
) -> Figure:
    """Divide one contender's values by another's, within each round, so that a slow phase of the machine cancels out.

    Args:
        work: What both did.
        measure: What the values are, such as ``processor time``.
        over: Name and values of the contender above the line.
        under: Name and values of the one below it.
        target: The bound of the ratio.
        at_least: Whether it is a lower bound.
        unit: The unit of the values.
        remark: Stands in the last column.
    """
    values = tuple(a / b for a, b in zip(over[1], under[1], strict=True))
    medians = " / ".join(f"{name} {_number(median(of))} {unit}".rstrip() for name, of in (over, under))
    return Figure(work, measure, "", values, target, at_least, medians, remark)


def table(figures: Sequence[Figure]) -> str:
    """Format the figures as a Markdown table."""
    lines = [
        "| work | measure | median (lowest to highest round) | target | met | of | other load | same? |",
        "| :-- | :-- | --: | --: | :-- | :-- | --: | :-- |",
    ]
    before = ""
    for figure in figures:
        unit = f" {figure.unit}" if figure.unit else ""
        low, high = _number(min(figure.values)), _number(max(figure.values))
        spread = f" ({low} to {high})" if len(figure.values) > 1 else ""
        bound = ">=" if figure.at_least else "<="
        others = f"{figure.others:.1f}" if figure.others is not None else ""
        cells = (
            figure.work if figure.work != before else "",
            figure.measure,
            f"{_number(figure.median)}{unit}{spread}",
            f"{bound} {figure.target:g}{unit}",
            "yes" if figure.met else "no",
            figure.medians,
            others,
            figure.remark,
        )
        lines.append(f"| {' | '.join(cells)} |")
        before = figure.work
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
