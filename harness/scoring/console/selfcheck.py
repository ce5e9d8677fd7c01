"""Print the selfcheck of a benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from apps_plus.printable import one_line, printable
from harness.judging.verdict import Verdict
from harness.scoring.console.tables import DETAIL_WIDTH, STYLES, bare_table, cell, print_parts
from harness.scoring.results import SampleResult
from harness.scoring.summary import last_results

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text


def print_selfcheck(
    task: str, task_ids: Sequence[str], results: Iterable[SampleResult], console: Console | None = None
) -> None:
    """Print how many of a benchmark's own solutions pass, and the verdicts of the others.

    Args:
        task: Name of the benchmark.
        task_ids: All its problems; one without a result is shown as having no solution.
        results: The results of the canonical solutions.
        console: By default stdout.
    """
    print_parts(_selfcheck(task, task_ids, {result.task_id: result for result in last_results(results)}), console)


def _selfcheck(task: str, task_ids: Sequence[str], results: Mapping[str, SampleResult]) -> Iterator[RenderableType]:
    from rich.text import Text

    found = {task_id: results.get(task_id) for task_id in task_ids}
    failing = {i: result for i, result in found.items() if result is None or result.verdict is not Verdict.PASSED}
    passed, style = len(found) - len(failing), "yellow" if failing else "green"
    numbers = f"{passed:,} of {len(found):,}"
    yield Text.assemble((printable(task), "bold"), ": ", (numbers, f"bold {style}"), " canonical solutions pass")
    if failing:
        table = bare_table()
        table.add_column("problem", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        table.add_column("why", overflow="fold", ratio=1)
        for task_id, result in failing.items():
            table.add_row(cell(task_id), *_why(result))
        yield table


def _why(result: SampleResult | None) -> tuple[Text, Text]:
    from rich.text import Text

    if result is None:
        return Text("not run", style="dim"), Text("the benchmark has no solution for it", style="dim")
    detail = one_line(result.detail, DETAIL_WIDTH)
    tests = f"{result.tests_passed:,} of {result.tests_total:,} tests pass" if result.tests_total else ""
    return Text(str(result.verdict), style=STYLES[result.category]), Text("; ".join(filter(None, (detail, tests))))
