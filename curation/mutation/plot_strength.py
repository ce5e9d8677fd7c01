"""Draw the strengths of a build with matplotlib (extra ``plots``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from apps_plus.printable import one_line
from apps_plus.storage import output_error
from curation.overlap.plot_histograms import undated
from harness.scoring.plots import check_plot_path

BINS = 20
KILLED, EQUIVALENT, SURVIVED = "#219ebc", "#adb5bd", "#d1495b"


def draw_strength(sums: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], path: Path, build: str = "") -> None:
    """Draw how many problems have which strength, and how many mutants survive by the number of given tests.

    Args:
        sums: From ``curation.mutation.score.summarize``.
        rows: The lines of ``strength.jsonl``.
        path: A ``.png``, ``.svg`` or ``.pdf`` file.
        build: The name of the build, for the title.

    Raises:
        InputError: matplotlib is not installed, or cannot write this kind of file.
        OutputError: The file cannot be written.
    """
    check_plot_path(path)
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.hist(
        [row["test_strength"] for row in rows if row["test_strength"] is not None], BINS, range=(0, 1), color=KILLED
    )
    left.set_title(one_line(build, 60).replace("$", r"\$"), loc="left", fontsize=10)  # $ would begin mathematics
    left.set_xlabel("strength: share of wrong programs rejected")
    left.set_ylabel("problems")
    left.set_xlim(0, 1)
    left.xaxis.set_major_formatter(PercentFormatter(1))
    left.yaxis.set_major_locator(MaxNLocator(integer=True))
    _draw_groups(right, sums["given_tests"])
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    try:
        with rc_context({"svg.hashsalt": "strength"}):  # otherwise the ids of an SVG are random
            figure.savefig(path, dpi=150, metadata=undated(path))
    except OSError as error:
        raise output_error(path, error) from error


def _draw_groups(axes: Any, groups: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the shares of the mutants that survive, by number of given tests."""
    from matplotlib.ticker import PercentFormatter

    names = [name for name, group in groups.items() if group["mutants"]]
    every = [groups[name]["mutants"] for name in names]
    equivalent = [groups[name]["equivalent"] / mutants for name, mutants in zip(names, every, strict=True)]
    alive = [
        (groups[name]["mutants"] - groups[name]["killed"]) / mutants for name, mutants in zip(names, every, strict=True)
    ]
    other = [share - its for share, its in zip(alive, equivalent, strict=True)]
    axes.bar(names, other, color=SURVIVED, label="survive")
    axes.bar(names, equivalent, bottom=other, color=EQUIVALENT, label="survive, very probably equivalent")
    axes.set_xlabel("given tests")
    axes.set_ylabel("share of the mutants")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)  # above, where no bar is
