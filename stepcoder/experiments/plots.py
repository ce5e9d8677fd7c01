"""Draw the learning curves of runs with matplotlib (extra ``plots``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from apps_plus.printable import one_line
from apps_plus.storage import output_error
from stepcoder.experiments.learning_curves import Curve, LoggedRun, by_rollouts, curves, metrics_of
from stepcoder.methods import METHODS, no_curriculum
from stepcoder.model_card import MADE, evaluated_on

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

STYLES = {
    "stepcoder": ("#d55e00", "-"),
    "stepcoder-no-fgo": ("#009e73", "-"),
    "stepcoder-no-cccs": ("#56b4e9", "-"),
    "stepcoder-random-mask": ("#999999", "--"),
    "ppo": ("#0072b2", "-"),
    "ppocoder": ("#cc79a7", "-"),
    "rltf": ("#e69f00", "-"),
    "coderl": ("#8c6d1f", "--"),
    "sft": ("#000000", ":"),
}
"""Colour (Okabe and Ito's palette for colour blindness) and line style of each method."""
OTHER_STYLES = tuple(
    (colour, dashes)
    for dashes in ("-.", "--", ":")
    for colour in ("#332288", "#44aa99", "#882255", "#117733", "#aa4499", "#bbaa33")
)
"""Of the methods and runs that have none in ``STYLES``, in turn."""
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Marks of the lines, in turn, at other places of each: two lines that coincide are both seen, without colour too."""
CROWD = 6
"""Above so many lines the intervals are drawn paler, since they lie on one another."""
MARK_DISTANCE = 0.2
"""Distance of two marks of a line, as a part of the panel's diagonal."""
METRICS = ("eval/pass@1", "pass_rate", "reward", "full_generation", "kl", "mask_share", "loss")
"""Metrics drawn by default, if a run has measured them."""
SHARES = ("eval/", "pass_rate", "full_generation", "mask_share", "clipfrac")
"""Prefixes of metrics between 0 and 1."""
COLUMNS = 3


def draw_runs(runs: Sequence[LoggedRun], path: Path, metrics: Sequence[str] = (), smooth: int = 1) -> list[str]:
    """Draw a panel for each metric, with a line for each group of runs (see ``stepcoder.experiments.learning_curves``).

    Args:
        runs: From ``stepcoder.experiments.learning_curves.read_run``.
        path: A ``.png``, ``.svg`` or ``.pdf`` file.
        metrics: Keys of the log; default: those of ``METRICS`` that were measured.
        smooth: Window of the running mean, in values.

    Returns:
        The metrics that were drawn.

    Raises:
        InputError: As ``check_plot_path``; or no run has measured a metric.
        OutputError: The file cannot be written.
    """
    check_plot_path(path)
    chosen = _chosen(runs, metrics)
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = Figure(figsize=(1.2 + 4.0 * columns, 0.9 + 2.7 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    labelled: dict[str, Artist] = {}
    drawn = {metric: curves(runs, metric, smooth) for metric in chosen}
    labels = list(dict.fromkeys(curve.label for each in drawn.values() for curve in each))
    end = max((max(curve.x) for each in drawn.values() for curve in each if curve.x), default=0.0)
    for metric, axes in zip(chosen, panels, strict=False):
        labelled |= _draw(axes, metric, drawn[metric], labels, by_rollouts(runs))
        scored = {evaluated_on(run.config) for run in runs}
        if metric.startswith("eval/") and len(scored) == 1:
            _title(axes, f"{metric} ({scored.pop().replace('`', '')})")
        if end:  # the same for all panels: an evaluation is a point among many steps
            axes.set_xlim(-0.02 * end, 1.02 * end)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    figure.suptitle(_plain(subject(runs)), x=0.01, ha="left", fontsize=10)
    names = [_legend(label, drawn.values()) for label in labelled]
    figure.legend(list(labelled.values()), names, loc="outside lower center", ncols=min(4, len(names)), frameon=False)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise output_error(path, error) from error
    return chosen


def subject(runs: Sequence[LoggedRun]) -> str:
    """Return what the runs have in common, as the figure's title: model and data, where they are the same."""
    models = {MADE if run.config.model.is_toy else run.config.model.name for run in runs}
    data = {run.config.data.path for run in runs}
    common = (("model", models), ("data", data))
    return "; ".join(f"{what}: {min(names)}" for what, names in common if len(names) == 1)


def check_plot_path(path: Path) -> None:
    """Check, before any work, that ``draw_runs`` can write ``path``.

    Raises:
        InputError: matplotlib is not installed, the suffix is not supported, or the folder does not exist.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise InputError(f"plots need matplotlib: {install_command('plots')}") from error
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise InputError(f"cannot draw {path}: the name must end in .png, .svg or .pdf")
    if not path.absolute().parent.is_dir():
        raise InputError(f"cannot draw {path}: there is no folder {path.parent}; make it, or choose another")


def _chosen(runs: Sequence[LoggedRun], wanted: Sequence[str]) -> list[str]:
    known = metrics_of(runs)
    for name in wanted:
        if name not in known:
            raise InputError(f"no run has measured {name}: choose from {', '.join(known)}")
    chosen = list(dict.fromkeys(wanted)) or [name for name in METRICS if name in known] or known[:1]
    if not chosen:
        raise InputError("no run has measured anything yet")
    return chosen


def _draw(
    axes: Axes, metric: str, drawn: Sequence[Curve], labels: Sequence[str], over_rollouts: bool
) -> dict[str, Artist]:
    """Draw one panel, with the mark that a label has in all panels. Return the lines by label, for the legend."""
    lines: dict[str, Artist] = {}
    others = iter(OTHER_STYLES * len(drawn))
    taken: set[str] = set()
    for curve in drawn:
        colour, dashes = STYLES[curve.method] if curve.method in STYLES.keys() - taken else next(others)
        taken.add(curve.method)
        place = labels.index(curve.label)
        mark = MARKS[place % len(MARKS)] if len(labels) > 1 or len(curve.x) == 1 else ""  # one point makes no line
        every = (MARK_DISTANCE * place / len(labels), MARK_DISTANCE)
        [line] = axes.plot(
            curve.x, curve.mean, color=colour, linestyle=dashes, linewidth=1.6, marker=mark, markersize=4.5
        )
        line.set_markevery(every if len(curve.x) > 1 else None)
        if curve.runs > 1:
            alpha = 0.15 if len(drawn) <= CROWD else 0.05
            axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=alpha, linewidth=0)
        lines[curve.label] = line
    if metric.startswith(SHARES):
        axes.set_ylim(-0.02, 1.02)
    stages = metric == "pass_rate" and any(METHODS[curve.method].curriculum is not no_curriculum for curve in drawn)
    note = " (from each problem's stage on)" if stages else ""
    _title(axes, metric + note)
    axes.set_xlabel("roll-outs" if over_rollouts else "steps", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", alpha=0.3, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    return lines


def _legend(label: str, panels: Iterable[Sequence[Curve]]) -> str:
    """Return a line's name with the number of its runs, which differs where some have not measured a metric."""
    runs = sorted({curve.runs for panel in panels for curve in panel if curve.label == label})
    count = f"{runs[0]} to {runs[-1]}" if len(runs) > 1 else str(runs[0])
    return _plain(label if runs == [1] else f"{label} ({count} runs)")


def _title(axes: Axes, text: str) -> None:
    axes.set_title(_plain(text), loc="left", fontsize=10, fontweight="bold")


def _plain(text: str) -> str:
    """Escape ``$``, which begins mathematics in matplotlib."""
    return one_line(text, 100).replace("$", r"\$")
