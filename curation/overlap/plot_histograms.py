"""Draw the histograms of ``overlap`` with matplotlib (extra ``plots``): the paper's Figure 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from apps_plus.printable import one_line
from apps_plus.storage import output_error
from curation.overlap.console import bin_labels
from harness.scoring.plots import check_plot_path

BELOW, ABOVE = "#219ebc", "#d1495b"
"""Up to half of the lines, and more."""


def draw_histograms(reports: Sequence[Mapping[str, Any]], path: Path, build: str = "APPS+") -> None:
    """Draw one panel a benchmark: the share of the problems by the share of their lines that occurs there.

    Args:
        reports: From ``curation.overlap.cli.report_on``.
        path: A ``.png``, ``.svg`` or ``.pdf`` file.
        build: The name of the build, for the titles.

    Raises:
        InputError: matplotlib is not installed, or cannot write this kind of file.
        OutputError: The file cannot be written.
    """
    check_plot_path(path)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.5 + 2.9 * len(reports)), layout="constrained")
    for axes, report in zip(figure.subplots(len(reports), squeeze=False)[:, 0], reports, strict=True):
        _draw(axes, report, one_line(build, 60).replace("$", r"\$"))  # $ would begin mathematics
    axes.set_xlabel("share of the canonical solution's telling lines that occur there")
    try:
        with rc_context({"svg.hashsalt": "overlap"}):  # otherwise the ids of an SVG are random
            figure.savefig(path, dpi=150, metadata=undated(path))
    except OSError as error:
        raise output_error(path, error) from error


def undated(path: Path) -> dict[str, None]:
    """Return metadata without the time, so that the same figures give the same file."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})


def _draw(axes: Any, report: Mapping[str, Any], build: str) -> None:
    counts = [row["problems"] for row in report["histogram"]]
    labels = bin_labels(len(counts))
    shares = [100 * count / report["problems"] for count in counts]
    half = len(counts) // 2
    axes.bar(range(len(counts)), shares, color=[ABOVE if i > half else BELOW for i in range(len(counts))])
    for x, (count, share) in enumerate(zip(counts, shares, strict=True)):
        axes.text(x, share, f"{count:,}", ha="center", va="bottom", fontsize=8)
    axes.axvline(half + 0.5, color="#6c757d", linestyle="--", linewidth=1)
    axes.text(half + 0.6, 0.9, _caption(report), transform=axes.get_xaxis_transform(), va="top", fontsize=9)
    axes.set_xticks(range(len(counts)), labels)
    axes.set_ylabel("% of problems")
    axes.margins(y=0.12)
    axes.set_title(f"{report['problems']:,} problems of {build} and {report['benchmark']}", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def _caption(report: Mapping[str, Any]) -> str:
    above = report["more_than_half"][report["rule"]]
    text = f"more than half: {above['count']:,} ({100 * above['share']:.1f}%)"
    return text if report["paper"] is None else f"{text}\nin the paper: {100 * report['paper']:.1f}%"
