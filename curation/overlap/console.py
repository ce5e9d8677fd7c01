"""Print the report of ``overlap``: a histogram, the figures and those of the paper, the shared lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable
from apps_plus.wording import plural

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

BAR = 44
LINES_SHOWN = 6
TASKS_SHOWN = 2
PAIRS_SHOWN = 10
RULE_LABELS = {
    "telling": "telling lines (the rule)",
    "normalised": "trivial ones too",
    "plain": "plain stripped lines of text",
}


def print_report(report: Mapping[str, Any], similarity: float) -> None:
    """Print the report on one benchmark, within 80 columns."""
    from rich.console import Console

    console = Console(highlight=False)
    for part in _report(report, similarity):
        console.print(part)
    console.print()


def _report(report: Mapping[str, Any], similarity: float) -> Iterator[RenderableType]:
    from rich.rule import Rule
    from rich.text import Text

    name = report["benchmark"]
    split = f", split {report['split']}" if report["split"] != "all" else ""
    yield Rule(Text(f"APPS+ and {name}", style="bold"), align="left")
    sizes = f"{plural(report['problems'], 'problem')}, {plural(report['tasks'], 'task')}"
    yield Text(f"{sizes}{split} ({printable(report['source'])})")
    yield Text(
        f"{report['matched_lines']:,} of {report['lines']:,} telling lines occur in canonical solutions of {name}"
    )
    yield Text("\nHow much of a problem's canonical solution occurs there:", style="dim")
    yield _histogram(report["histogram"])
    yield Text("\nMore than half of the lines occur on the other side:", style="dim")
    yield _shares(report)
    yield from _evidence(report)
    yield from _statements(report, similarity)


def _histogram(bins: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    longest = max(row["problems"] for row in bins)
    for label, row in zip(bin_labels(len(bins)), bins, strict=True):
        style = "red" if row["up_to"] > 0.5 else "cyan"
        table.add_row(f"  {label}", f"{row['problems']:,}" if row["problems"] else "-", bar(row["problems"], longest))
        table.rows[-1].style = style
    return table


def bin_labels(count: int) -> list[str]:
    """Return the labels of the histogram's bins: ``none``, ``to 10%``, ..."""
    return ["none", *(f"to {100 * i // (count - 1)}%" for i in range(1, count))]


def bar(value: int, longest: int) -> str:
    """Draw a bar in eighths of a character; the smallest count is one eighth."""
    if not value:
        return ""
    whole, eighths = divmod(max(8 * BAR * value // longest, 1), 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[eighths].strip()


def _shares(report: Mapping[str, Any]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("")
    table.add_column("APPS+ problems", justify="right")
    table.add_column(f"{report['benchmark']} tasks", justify="right")
    for rule, label in RULE_LABELS.items():
        there, back = report["more_than_half"][rule], report["benchmark_in_apps_plus"][rule]
        table.add_row(label, _share(there), _share(back), style="bold" if rule == report["rule"] else "")
    if report["paper"] is not None:
        table.add_row("the paper, of its APPS+, by its rule", f"{100 * report['paper']:.1f}%", "", style="dim")
    return table


def _share(above: Mapping[str, Any]) -> str:
    return f"{above['count']:,} ({100 * above['share']:.1f}%)"


def _evidence(report: Mapping[str, Any]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    if report["top"]:
        yield Text("The problems that overlap most, with the lines:", style="dim")
    for row in report["top"]:
        head = f"{100 * row['fraction']:.0f}%  {row['matched']} of {row['lines']} lines"
        yield Text.assemble((printable(row["problem_id"]), "bold"), f"  {printable(row['difficulty'])}  {head}")
        for line, tasks in list(row["shared"].items())[:LINES_SHOWN]:
            more = f" and {len(tasks) - TASKS_SHOWN} more" if len(tasks) > TASKS_SHOWN else ""
            where = ", ".join(tasks[:TASKS_SHOWN]) + more
            code = Text(one_line(line, 74 - len(where)), style="cyan")
            yield Padding(Text.assemble(code, (f"  {printable(where)}", "dim")), (0, 0, 0, 4))
        if (left := len(row["shared"]) - LINES_SHOWN) > 0:
            yield Text(f"    and {left} more", style="dim")


def _statements(report: Mapping[str, Any], similarity: float) -> Iterator[RenderableType]:
    from rich.text import Text

    pairs, nearest = report["near_statements"], report["nearest_statement"]
    share = f"{100 * similarity:.0f}% of a task's runs of five words"
    if not pairs:
        near = f"; nearest: {_pair(nearest)}" if nearest else ""
        yield Text(f"\nNo statement holds {share}{near}", style="dim")
        return
    yield Text(f"\nStatements that hold at least {share}:", style="dim")
    for pair in pairs[:PAIRS_SHOWN]:
        yield Text(f"  {_pair(pair)}")
    if len(pairs) > PAIRS_SHOWN:
        yield Text(f"  and {len(pairs) - PAIRS_SHOWN} more (--json has them all)", style="dim")


def _pair(pair: Mapping[str, Any]) -> str:
    ids = f"{printable(pair['problem_id'])} and {printable(pair['task_id'])}"
    return f"{100 * pair['similarity']:.0f}%  {ids} (Jaccard {pair['jaccard']:.2f})"
