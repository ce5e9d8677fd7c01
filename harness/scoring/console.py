"""What the scoring commands print for people, on stdout. Nothing is decided here.

Whatever programs, models or files wrote goes through ``printable`` and into ``Text``: neither control characters nor
rich's markup in it does anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable
from harness.judging.verdict import CATEGORIES, Verdict
from harness.scoring.benchmarks.benchmark import SampleResult
from harness.scoring.paired_comparison import MCNEMAR, Flip, PairedComparison
from harness.scoring.pass_at_k import Estimate
from harness.scoring.summary import OVERALL, CommonError, last_results

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from harness.scoring.samples.convert import Conversion

STYLES = {
    "passed": "green",
    "failure": "yellow",
    "runtime_error": "red",
    "compile_error": "magenta",
    "harness_error": "bold red",
}
EXCEPTIONS_SHOWN = 6
FLIPS_SHOWN = 20
DETAIL_WIDTH = 240
NAME_WIDTH = 24

Row = tuple[str, list[str], str]
"""Of a table of groups: its name, a cell for each group, its style."""


# ---- numbers


def percent(value: float) -> str:
    """A share in percent: one decimal; two below 10%, where the first alone says little."""
    return f"{100 * value:.2f}" if 0 < abs(value) < 0.0995 else f"{100 * value:.1f}"


def with_interval(value: float, low: float, high: float) -> str:
    """``43.9 [36.5,51.6]``, in percent. Its one blank is where a narrow column may break it."""
    decimals = len(percent(value).partition(".")[2])
    return f"{100 * value:.{decimals}f} [{100 * low:.{decimals}f},{100 * high:.{decimals}f}]"


def points(estimate: Estimate) -> str:
    """A difference with its interval, in percentage points: ``+3.7 [-1.2,8.5]``."""
    return f"{100 * estimate.value:+.1f} [{100 * estimate.low:.1f},{100 * estimate.high:.1f}]"


# ---- evaluate


def print_summary(summary: Mapping[str, Any], console: Console | None = None) -> None:
    """pass@k with intervals, the errors and what there is to remark, from what ``summarise`` gives."""
    from rich.console import Console

    console = console or Console()
    _print(_summary(summary, console.width), console)


def _summary(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    covered, of = coverage(summary), f"{summary['n_samples']:,} samples"
    partial = summary["n_problems"] < summary.get("n_benchmark_problems", 0)
    yield Text.assemble(
        (printable(summary["task"]), "bold"), ": ", (covered, "bold yellow" if partial else ""), f", {of}"
    )
    yield Text.assemble(
        ("\npass@k in percent", "dim"),
        (f" over {covered}" if partial else "", "yellow"),
        (", with 95% intervals", "dim"),
    )
    yield score_table(summary, width)
    yield Text("what became of the samples (percent)", style="dim")
    yield error_table(summary, width)
    yield from _notes(summary["remarks"])


def coverage(summary: Mapping[str, Any]) -> str:
    """How many problems were scored: ``164 problems``, or ``20 of 164 problems`` where some have no samples."""
    scored, total = summary["n_problems"], summary.get("n_benchmark_problems", 0)
    return f"{scored:,} of {total:,} problems" if scored < total else f"{scored:,} problems"


def score_table(summary: Mapping[str, Any], width: int = 80) -> Table:
    """A row for each k (and for each k under the base tests alone), a column for each group."""
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
    """The categories, and below each what it is made of; a column for each group."""
    categories, verdicts = summary["categories"], summary["verdicts"]
    rows: list[Row] = []
    totals = {group: sum(of_group.values()) for group, of_group in verdicts.items()}
    for category, style in STYLES.items():
        counts = {group: of_group.get(category, 0) for group, of_group in categories.items()}
        if category == "harness_error" and not any(counts.values()):
            continue
        rows.append((category, _shares(counts, totals), style))
        for name, finer in _finer(summary, category):
            rows.append(("  " + one_line(name, NAME_WIDTH), _shares(finer, totals), "dim"))
    rows.append(("all samples", [f"{total:,}" for total in totals.values()], "dim"))
    return _table(categories, rows, width)


def _finer(summary: Mapping[str, Any], category: str) -> Iterator[tuple[str, dict[str, int]]]:
    """What a category is made of, by group: types of exceptions, then verdicts by other names than its own."""
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


# ---- errors


def print_errors(errors: Sequence[CommonError], shown: int = 10, console: Console | None = None) -> None:
    """The commonest ways to fail, each with an example; pass all of them to be told what is cut."""
    _print(_errors(errors, shown), console)


def _errors(errors: Sequence[CommonError], shown: int) -> Iterator[RenderableType]:
    from rich.text import Text

    if not errors:
        yield Text("every sample passed")
        return
    yield Text("share: percent of the samples that did not pass", style="dim")
    table = _bare_table()
    for heading in ("samples", "share", "problems"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("error, and an example", overflow="fold", ratio=1)
    for error in errors[:shown]:
        numbers = (f"{error.count:,}", f"{100 * error.share:.1f}", f"{error.n_problems:,}")
        table.add_row(*numbers, _example(error))
    yield table
    if len(errors) > shown:
        yield Text(f"and {_more(len(errors) - shown, 'kind')} of error", style="dim")


def _example(error: CommonError) -> Text:
    from rich.text import Text

    where = f"{printable(error.task_id)}, sample {error.sample}"
    detail = one_line(error.detail, DETAIL_WIDTH)
    example = f"{where}: {detail}" if detail else where
    return Text.assemble((one_line(error.error, 60), STYLES.get(error.category, "")), "\n", (example, "dim"))


# ---- compare


def print_comparison(comparison: PairedComparison, name_a: str, name_b: str, console: Console | None = None) -> None:
    """The difference and how sure it is, by group, and the problems that flipped."""
    _print(_comparison(comparison, name_a, name_b), console)


def _comparison(comparison: PairedComparison, name_a: str, name_b: str) -> Iterator[RenderableType]:
    from rich.text import Text

    yield Text(f"A  {printable(name_a)}\nB  {printable(name_b)}")
    yield Text("\npass@1 in percent, with 95% intervals", style="dim")
    yield difference_table(comparison)
    yield Text.assemble("B minus A: ", (comparison.conclusion, "bold"), ".")
    yield Text(f"{comparison.test.name}; problems that both have: {comparison.n_problems:,}", style="dim")
    single = comparison.test.name == MCNEMAR
    told = "Problems that only {} passes" if single else "Problems that {} passes more often"
    yield from _flips(told.format("A"), comparison.a_better, single)
    yield from _flips(told.format("B"), comparison.b_better, single)
    yield from _notes(comparison.remarks)


def difference_table(comparison: PairedComparison) -> Table:
    """A row for each group: pass@1 of both, and B minus A."""
    table = _bare_table()
    table.add_column("")
    for heading in ("problems", "A", "B", "B - A"):
        table.add_column(heading, justify="right")
    for group, difference in comparison.groups.items():
        each = (with_interval(e.value, e.low, e.high) for e in (difference.a, difference.b))
        style = "bold" if group == OVERALL else ""
        numbers = (f"{difference.a.n_problems:,}", *each, points(difference.b_minus_a))
        table.add_row(_heading(group), *numbers, style=style)
    return table


def _flips(title: str, flips: Sequence[Flip], single: bool) -> Iterator[RenderableType]:
    from rich.columns import Columns
    from rich.padding import Padding
    from rich.text import Text

    yield Text(f"\n{title}: {len(flips):,}", style="bold")
    shown = [_cell(flip.task_id + ("" if single else f"  {_rates(flip)}")) for flip in flips[:FLIPS_SHOWN]]
    if shown:
        yield Padding(Columns(shown, padding=(0, 3)), (0, 0, 0, 2))
    if len(flips) > FLIPS_SHOWN:
        yield Padding(Text(f"and {len(flips) - FLIPS_SHOWN:,} more", style="dim"), (0, 0, 0, 2))


def _rates(flip: Flip) -> str:
    return f"{flip.a_passed}/{flip.a_samples} -> {flip.b_passed}/{flip.b_samples}"


# ---- selfcheck


def print_selfcheck(
    task: str, task_ids: Sequence[str], results: Iterable[SampleResult], console: Console | None = None
) -> None:
    """How many of a benchmark's own solutions pass, and what became of the others.

    Args:
        task: Name of the benchmark.
        task_ids: All its problems; one without a result is told as having no solution.
        results: What became of the canonical solutions.
        console: Where to print; stdout by default.
    """
    _print(_selfcheck(task, task_ids, {result.task_id: result for result in last_results(results)}), console)


def _selfcheck(task: str, task_ids: Sequence[str], results: Mapping[str, SampleResult]) -> Iterator[RenderableType]:
    from rich.text import Text

    found = {task_id: results.get(task_id) for task_id in task_ids}
    failing = {i: result for i, result in found.items() if result is None or result.verdict is not Verdict.PASSED}
    passed, style = len(found) - len(failing), "yellow" if failing else "green"
    numbers = f"{passed:,} of {len(found):,}"
    yield Text.assemble((printable(task), "bold"), ": ", (numbers, f"bold {style}"), " canonical solutions pass")
    if failing:
        table = _bare_table()
        table.add_column("problem", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        table.add_column("why", overflow="fold", ratio=1)
        for task_id, result in failing.items():
            table.add_row(_cell(task_id), *_why(result))
        yield table


def _why(result: SampleResult | None) -> tuple[Text, Text]:
    from rich.text import Text

    if result is None:
        return Text("not run", style="dim"), Text("the benchmark has no solution of it", style="dim")
    detail = one_line(result.detail, DETAIL_WIDTH)
    tests = f"{result.tests_passed:,} of {result.tests_total:,} tests pass" if result.tests_total else ""
    return Text(str(result.verdict), style=STYLES[result.category]), Text("; ".join(filter(None, (detail, tests))))


# ---- convert


def print_conversion(conversion: Conversion, console: Console | None = None) -> None:
    """What was understood of a file of samples, with its first sample."""
    _print(_conversion(conversion), console)


def _conversion(conversion: Conversion) -> Iterator[RenderableType]:
    from rich.text import Text

    least, most = conversion.per_problem()
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    total = conversion.n_benchmark_problems
    covered = f"{conversion.n_problems():,}" + (f" of {total:,}" if total is not None else "")
    yield Text.assemble((printable(conversion.name), "bold"), f": {printable(conversion.shape)}")
    table = _bare_table()
    table.show_header = False
    table.add_column("", no_wrap=True, style="dim")
    table.add_column("", overflow="fold")
    table.add_row("samples", f"{len(conversion.samples):,}, for {covered} problems ({each} each)")
    kinds = ", ".join(f"{count:,} {name}" for name, count in conversion.kinds().items())
    table.add_row("fields", Text(f"{_named_counts(conversion.fields())}, written as {kinds}"))
    if conversion.empty():
        table.add_row("empty", f"{conversion.empty():,}")
    with_verdict, passed = conversion.published()
    if with_verdict:
        table.add_row("verdicts brought along", f"{with_verdict:,}, of which {passed:,} passed")
    first = conversion.samples[0]
    table.add_row("the first", _cell(f"{first.task_id}: {one_line(first.text, DETAIL_WIDTH)}"))
    yield table
    yield from _notes(conversion.remarks)


def _named_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} in {one_line(name, NAME_WIDTH)}" for name, count in counts.items())


# ---- what they share


def _print(parts: Iterable[RenderableType], console: Console | None) -> None:
    from rich.console import Console

    console = console or Console()
    for part in parts:
        console.print(part)


def _notes(remarks: Iterable[str]) -> Iterator[Text]:
    from rich.text import Text

    for remark in remarks:
        yield Text.assemble(("note: ", "yellow"), printable(remark))


def _bare_table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _table(groups: Iterable[str], rows: Sequence[Row], width: int) -> Table:
    """A column of names and one for each group. Where that is too wide, every cell breaks at its blank, not a few."""
    from rich.text import Text

    table = _bare_table()
    table.add_column("", no_wrap=True)
    headings = [_heading(group) for group in groups]
    for heading in headings:
        table.add_column(heading, justify="right")
    columns = zip(headings, zip(*(cells for _, cells, _ in rows), strict=True), strict=True)
    needed = [max(map(len, (name for name, _, _ in rows)))]
    needed += [max(len(heading.plain), *map(len, cells)) for heading, cells in columns]
    blank = "\n" if sum(needed) + 2 * len(needed) > width else " "
    for name, cells, style in rows:
        table.add_row(Text(name), *(cell.replace(" ", blank) for cell in cells), style=style)
    return table


def _heading(group: str) -> Text:
    return _cell(group or "(no tier)")


def _cell(text: str) -> Text:
    from rich.text import Text

    return Text(one_line(text))


def _more(number: int, noun: str) -> str:
    return f"{number:,} more {noun}" if number == 1 else f"{number:,} more {noun}s"
