"""Print the summary of an evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable
from harness.judging.verdict import CATEGORIES, Verdict
from harness.scoring.console.tables import (
    NAME_WIDTH,
    STYLES,
    bare_table,
    group_heading,
    note_lines,
    print_parts,
    with_interval,
)
from harness.scoring.other_judges.summary import headline
from harness.scoring.summary import OVERALL

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

EXCEPTIONS_SHOWN = 6

Row = tuple[str, list[str], str]
"""A row of a table of groups: its name, a cell for each group, its style."""


def print_summary(summary: Mapping[str, Any], console: Console | None = None) -> None:
    """Print pass@k with intervals, the errors and the notes of a summary that ``summarise`` made."""
    from rich.console import Console

    console = console or Console()
    print_parts(_summary(summary, console.width), console)


def _summary(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    covered, of = coverage(summary), f"{summary['n_samples']:,} samples"
    partial = summary["n_problems"] < summary.get("n_benchmark_problems", 0)
    yield Text.assemble(
        (printable(summary["task"]), "bold"), ": ", (covered, "bold yellow" if partial else ""), f", {of}"
    )
    remarks = summary["remarks"]
    if any(summary["pass_at_k"].values()):
        yield Text.assemble(
            ("\npass@k in percent", "dim"),
            (f" over {covered}" if partial else "", "yellow"),
            (", with 95% intervals", "dim"),
        )
        yield score_table(summary, width)
    else:  # the reasons stand where the scores would
        reasons = [remark for remark in remarks if " was not computed: " in remark]
        remarks = [remark for remark in remarks if remark not in reasons]
        yield Text("\n" + "\n".join(map(printable, reasons)) + "\n", style="yellow")
    yield Text("samples by category (percent)", style="dim")
    yield error_table(summary, width)
    if "as_judge" in summary:
        yield from _differences(summary["as_judge"])
    yield from note_lines(remarks)


def _differences(differences: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield how many verdicts could differ under another judge, and the reasons."""
    from rich.text import Text

    yield Text.assemble((f"\nas {differences['judge']}: ", "bold"), headline(differences))
    yield Text(f"({differences['version']}; predicted, it did not run)", style="dim")
    table = bare_table()
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("")
    for reason in differences["reasons"].values():
        table.add_row(f"{reason['samples']:,}", Text(reason["why"]))
    if differences["reasons"]:
        yield table


def coverage(summary: Mapping[str, Any]) -> str:
    """Describe how many problems were scored: ``164 problems``, or ``20 of 164 problems``."""
    scored, total = summary["n_problems"], summary.get("n_benchmark_problems", 0)
    return f"{scored:,} of {total:,} problems" if scored < total else f"{scored:,} problems"


def score_table(summary: Mapping[str, Any], width: int = 80) -> Table:
    """Return a table with a row for each k (and each k under the base tests alone) and a column for each group."""
    scores = summary["pass_at_k"]
    rows: list[Row] = []
    parts = {"": scores, ", base tests": summary.get("base", {}).get("pass_at_k", {})}
    for k in dict.fromkeys(k for of_group in scores.values() for k in of_group):
        for label, part in parts.items():
            if part:
                rows.append((f"pass@{k}{label}", [_score(part.get(group, {}).get(k)) for group in scores], ""))
    n_problems = ({entry["n_problems"] for entry in of_group.values()} for of_group in scores.values())
    rows.append(("problems", [f"{max(n, default=0):,}" for n in n_problems], "dim"))
    return _table(scores, rows, width)


def _score(entry: Mapping[str, Any] | None) -> str:
    return "-" if entry is None else with_interval(entry["value"], *entry["ci95"])


def error_table(summary: Mapping[str, Any], width: int = 80) -> Table:
    """Return a table of the categories, each followed by its exceptions and verdicts; a column for each group."""
    categories, verdicts = summary["categories"], summary["verdicts"]
    rows: list[Row] = []
    totals = {group: sum(of_group.values()) for group, of_group in verdicts.items()}
    for category, style in STYLES.items():
        counts = {group: of_group.get(category, 0) for group, of_group in categories.items()}
        if category == "harness_error" and not any(counts.values()):
            continue
        rows.append((category, _shares(counts, totals), style))
        for name, parts in _parts_of_category(summary, category):
            rows.append(("  " + one_line(name, NAME_WIDTH), _shares(parts, totals), "dim"))
    rows.append(("all samples", [f"{total:,}" for total in totals.values()], "dim"))
    return _table(categories, rows, width)


def _parts_of_category(summary: Mapping[str, Any], category: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield the parts of a category, counted by group: types of exceptions, then verdicts."""
    exceptions, verdicts = summary["exceptions"], summary["verdicts"]
    if category in exceptions.get(OVERALL, {}):
        types = {group: of_group[category] for group, of_group in exceptions.items()}
        shown = list(types[OVERALL])[:EXCEPTIONS_SHOWN]
        for name in shown:
            yield name, {group: of_type.get(name, 0) for group, of_type in types.items()}
        named = {group: sum(of_type.get(name, 0) for name in shown) for group, of_type in types.items()}
        rest = {group: verdicts[group].get(category, 0) - named[group] for group in types}
        if shown and rest[OVERALL]:
            yield (
                f"{len(types[OVERALL]) - len(shown)} other types" if len(types[OVERALL]) > len(shown) else "other",
                rest,
            )
    for verdict in Verdict:
        if CATEGORIES[verdict] == category and verdict != category and verdict in verdicts[OVERALL]:
            yield str(verdict), {group: of_group.get(verdict, 0) for group, of_group in verdicts.items()}


def _shares(counts: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    return [f"{n:,} ({100 * n / totals[group]:.1f})" if n else "-" for group, n in counts.items()]


def _table(groups: Iterable[str], rows: Sequence[Row], width: int) -> Table:
    """Return a table with a column of names and one for each group; if too wide, every cell breaks at its blank."""
    from rich.text import Text

    table = bare_table()
    table.add_column("", no_wrap=True)
    headings = [group_heading(group) for group in groups]
    for heading in headings:
        table.add_column(heading, justify="right")
    columns = zip(headings, zip(*(cells for _, cells, _ in rows), strict=True), strict=True)
    needed = [max(map(len, (name for name, _, _ in rows)))]
    needed += [max(len(heading.plain), *map(len, cells)) for heading, cells in columns]
    blank = "\n" if sum(needed) + 2 * len(needed) > width else " "
    for name, cells, style in rows:
        table.add_row(Text(name), *(cell.replace(" ", blank) for cell in cells), style=style)
    return table
