"""Draw the error categories with matplotlib (extra ``plots``), after StepCoder's figure 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from apps_plus.printable import one_line
from apps_plus.storage import output_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEGMENTS = {
    "passed": ("#009e73", "white"),
    "failure": ("#f0e442", "black"),
    "runtime error": ("#d55e00", "white"),
    "timeout": ("#cc79a7", "black"),
    "compile error": ("#0072b2", "white"),
    "harness error": ("#999999", "black"),
}
"""Segments of a bar, in order: the colour (Okabe and Ito's, safe for the colour-blind) and the label's colour."""
CHARACTER = 0.012
"""Width of a digit with padding, as a share of the axes' width."""


def draw_categories(summary: Mapping[str, Any], path: Path) -> None:
    """Draw for each group a bar of all its samples by category, with the counts.

    Args:
        summary: A summary that ``harness.scoring.summary.summarise`` made.
        path: A ``.png``, ``.svg`` or ``.pdf`` file.

    Raises:
        InputError: As ``check_plot_path`` raises.
        OutputError: The file cannot be written.
    """
    check_plot_path(path)
    from matplotlib.figure import Figure

    bars = {group: segments(counts) for group, counts in summary["categories"].items()}
    figure = Figure(figsize=(9, 1.5 + 0.55 * len(bars)), layout="constrained")
    axes = figure.subplots()
    _draw_bars(axes, list(bars.values()))
    axes.set_yticks(range(len(bars)), [_label(group, sum(bar.values())) for group, bar in bars.items()])
    axes.set_title(_plain(one_line(title_of(summary), 100)), loc="left", fontsize=10, fontweight="bold")
    if axes.containers:
        figure.legend(loc="outside lower center", ncols=len(SEGMENTS), frameon=False, fontsize=9, handlelength=1.2)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise output_error(path, error) from error


def title_of(summary: Mapping[str, Any]) -> str:
    """Return the title ``humaneval: gpt2, 2026-01-02``: the model, or else the samples file, and today."""
    named = (summary.get("generation") or {}).get("model")
    model = named.get("name") if isinstance(named, Mapping) else named
    samples = (summary.get("samples") or {}).get("file")
    return f"{summary['task']}: {model or samples or 'samples'}, {date.today().isoformat()}"


def check_plot_path(path: Path) -> None:
    """Check before any work that ``draw_categories`` can draw ``path``.

    Raises:
        InputError: matplotlib is not installed, the suffix is not supported, or the folder does not exist.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise InputError(f"--plot needs matplotlib: {install_command('plots')}") from error
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise InputError(f"cannot draw {path}: the name must end in .png, .svg or .pdf")
    if not path.absolute().parent.is_dir():
        raise InputError(f"cannot draw {path}: there is no folder {path.parent}; make it, or choose another")


def segments(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the segments of a bar, which add up to all samples: runtime errors without the timeouts."""
    return {
        "passed": counts["passed"],
        "failure": counts["failure"],
        "runtime error": counts["runtime_error"] - counts["timeout"],
        "timeout": counts["timeout"],
        "compile error": counts["compile_error"],
        "harness error": counts.get("harness_error", 0),
    }


def _draw_bars(axes: Axes, bars: Sequence[Mapping[str, int]]) -> None:
    """Draw horizontal bars of 100% with the count in each segment, or at the right if the segment is too narrow."""
    lefts, narrow = [0.0] * len(bars), [[] for _ in bars]  # type: tuple[list[float], list[list[str]]]
    for name, (colour, ink) in SEGMENTS.items():
        if not any(bar[name] for bar in bars):
            continue
        widths = [100 * bar[name] / max(sum(bar.values()), 1) for bar in bars]
        axes.barh(range(len(bars)), widths, left=lefts, height=0.72, color=colour, label=name, ec="white", lw=0.4)
        for y, (bar, width) in enumerate(zip(bars, widths, strict=True)):
            label = f"{bar[name]:,}"
            if width >= 100 * CHARACTER * (len(label) + 0.5):
                axes.text(lefts[y] + width / 2, y, label, ha="center", va="center", color=ink, fontsize=9)
            elif bar[name]:
                narrow[y].append(f"{name} {label}")
        lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
    for y, labels in enumerate(narrow):
        axes.text(101, y, "\n".join(labels), va="center", fontsize=7.5, color="#444444", linespacing=1.1)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of the samples", fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _label(group: str, n_samples: int) -> str:
    name = "\n".join(wrap(one_line(group, 60), 24)) or "(no tier)"
    return _plain(f"{name}\n{n_samples:,} samples")


def _plain(text: str) -> str:
    """Escape text so that matplotlib does not read it as mathematics."""
    return text.replace("$", r"\$")
