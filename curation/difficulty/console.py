"""Print solve rates: each model's, and the problems by rate and tier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable

if TYPE_CHECKING:
    from rich.table import Table


def print_rates(counts: Mapping[str, Any]) -> None:
    """Print the entry ``solve_rates`` of the manifest's counts."""
    from rich.console import Console

    console = Console(highlight=False)
    for table in rate_tables(counts):
        console.print(table)


def rate_tables(counts: Mapping[str, Any]) -> Iterator[Table]:
    """Yield a table of the models, and one of the problems by rate and tier."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    look: dict[str, Any] = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "title_justify": "left"}
    models = Table(title="Solve rates", title_style="bold", **look)
    models.add_column("model")
    for column in ("problems", "samples", "passed", "mean rate", "95%"):
        models.add_column(column, justify="right", no_wrap=True)
    for row in counts["models"]:
        numbers = (f"{row[name]:,}" for name in ("problems", "samples", "passed"))
        low, high = row["ci95"]
        models.add_row(
            Text(one_line(row["model"], 40)),
            *numbers,
            f"{100 * row['mean_rate']:.1f}%",
            f"{100 * low:.1f} to {100 * high:.1f}",
        )
    yield models
    tiers = [tier for tier in next(iter(counts["bins"].values())) if tier != "total"]
    bins = Table(title="Problems by the rate over all models", title_style="bold", **look)
    bins.add_column("solved", no_wrap=True)
    for tier in [*tiers, "total"]:
        bins.add_column(Text(printable(tier) or "(no tier)"), justify="right")
    for name, by_tier in counts["bins"].items():
        if by_tier["total"] or name != "no samples":
            bins.add_row(name, *(f"{by_tier[tier]:,}" if by_tier[tier] else "-" for tier in [*tiers, "total"]))
    yield bins


def rate_line(row: Mapping[str, Any]) -> str | None:
    """Return the solve rates of one released row in a line; None where nothing was measured."""
    rates = row.get("solve_rates") or []
    if not rates:
        return None
    parts = [
        f"{one_line(rate['model'], 40)} {rate['passed']} of {rate['samples']} ({100 * rate['rate']:.0f}%, "
        f"95%: {100 * rate['low']:.0f} to {100 * rate['high']:.0f})"
        for rate in rates
    ]
    return "solved by: " + ", ".join(parts)
