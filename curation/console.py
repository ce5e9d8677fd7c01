"""Print for people: progress on stderr, tables and explanations on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from apps_plus.durations import TimeLeft
from apps_plus.printable import printable
from apps_plus.problem import DEFAULT_TOLERANCE, Comparison, ComparisonRule, Tests, Tolerance, ToleranceKind
from apps_plus.wording import plural
from curation.difficulty.console import print_rates, rate_line
from curation.pipeline.shorten import as_text, first_difference, shorten
from curation.stats import ENOUGH_TESTS, PUBLISHED_COUNTS

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from curation.build_options import BuildProgress, ReportProgress
    from curation.explain import Explanation

OUTCOME_STYLES = {"kept": "green", "corrected": "cyan", "dropped": "red", "needs_review": "yellow"}
FAILURES_SHOWN = 3
"""Failed solutions of one reason that are shown one by one."""
STATEMENT_LINES, STATEMENT_CHARACTERS = 4, 400
"""The beginning of a statement that is shown."""
SHOWN_OF_TEST = 80
"""Characters of the input, and of the expected output, of a generated test."""


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """Show a progress bar on stderr; if stderr is not a terminal, print a line from time to time."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _print_lines()
        return
    shown = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn())
    at_problem = bars.TextColumn("{task.fields[at]}", markup=False)
    with bars.Progress("{task.description:<11}", *shown, "{task.fields[left]}", at_problem, console=console) as bar:
        tasks: dict[str, tuple[Any, TimeLeft]] = {}

        def report(progress: BuildProgress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage, at="", left=""), TimeLeft()
            task, estimate = tasks[progress.stage]
            left = estimate.text(progress.done - progress.reused, progress.total - progress.reused)
            at = printable(progress.problem_id) + (f" ({progress.reused} from before)" if progress.reused else "")
            bar.update(task, completed=progress.done, total=progress.total, at=at, left=left)

        yield report


def _print_lines() -> ReportProgress:
    """Print one line for each tenth of a stage, with the time left once it is known."""
    printed: set[tuple[str, int]] = set()
    estimates: dict[str, TimeLeft] = {}

    def report(progress: BuildProgress) -> None:
        tenth = 10 * progress.done // max(progress.total, 1)
        estimate = estimates.setdefault(progress.stage, TimeLeft())
        left = estimate.text(progress.done - progress.reused, progress.total - progress.reused)
        if (progress.stage, tenth) not in printed:
            printed.add((progress.stage, tenth))
            with suppress(OSError):  # stderr was closed: the build continues
                count = f"{progress.done} of {progress.total}{f', {left}' if left else ''}"
                print(f"{progress.stage}: {count}", file=sys.stderr, flush=True)

    return report


def print_funnel(counts: Mapping[str, Any]) -> None:
    """Print the counts from raw to released, by tier, and the published counts for comparison."""
    from rich.console import Console

    console = Console()
    console.print(funnel_table(counts))
    published = ", ".join(f"{number} in {where}" for where, number in PUBLISHED_COUNTS.items())
    console.print(f"Published sizes of APPS+: {published}.", style="dim", soft_wrap=True)


def funnel_table(counts: Mapping[str, Any]) -> Table:
    """Return a table with one row per reason, between raw and released."""
    table = _table("", counts["tiers"], title="The funnel")
    _row(table, "raw", counts["raw"], counts, "bold")
    for reason, by_tier in counts["dropped"].items():
        _row(table, f"  dropped: {reason}", by_tier, counts, OUTCOME_STYLES["dropped"])
    for reason, by_tier in counts["needs_review"].items():
        _row(table, f"  review: {reason}", by_tier, counts, OUTCOME_STYLES["needs_review"])
    if "not_selected" in counts:
        _row(table, "  not selected: solve rate", counts["not_selected"], counts, OUTCOME_STYLES["dropped"])
    table.add_section()
    _row(table, "released", counts["released"], counts, "bold")
    _row(table, "  kept as they were", counts["outcomes"]["kept"], counts, OUTCOME_STYLES["kept"])
    for reason, by_tier in counts["corrected"].items():
        _row(table, f"  corrected: {reason}", by_tier, counts, OUTCOME_STYLES["corrected"])
    table.add_section()
    for split, by_tier in counts["splits"].items():
        _row(table, f"  {split}", by_tier, counts)
    return table


def print_counts(counts: Mapping[str, Any]) -> None:
    """Print the funnel, the kinds of released problems, and the results of the solutions."""
    from rich.console import Console

    console = Console()
    print_funnel(counts)
    released = _table("", counts["tiers"], title="Released problems")
    for kind, by_tier in counts["kinds"].items():
        _row(released, kind, by_tier, counts)
    _row(released, "unit tests", counts["tests"], counts)
    console.print(released)
    if "strengthened" in counts:
        _print_strengthened(console, counts)
    if counts.get("strength"):
        from curation.mutation.console import strength_table

        console.print(strength_table(counts["strength"]))
    if "solve_rates" in counts:
        print_rates(counts["solve_rates"])
    solutions = _table("", [], title="Raw solutions")
    for code, count in sorted(counts["solutions"].items(), key=lambda item: -item[1]):
        solutions.add_row(code, f"{count:,}")
    console.print(solutions)


def _print_strengthened(console: Console, counts: Mapping[str, Any]) -> None:
    """Print how many tests were generated, for which problems not, and what held-out solutions and mutants say."""
    from curation.generated_tests.strengthened import LEFT_ALONE, LeftAlone

    found = counts["strengthened"]
    table = _table("", counts["tiers"], title="Generated tests")
    _row(table, "problems with generated tests", found["extended"], counts)
    _row(table, "  tests generated", found["generated_tests"], counts)
    _row(table, f"problems with {ENOUGH_TESTS} tests or more", found["enough_tests"], counts)
    for reason, by_tier in found["left_alone"].items():
        _row(table, f"left alone: {LEFT_ALONE[LeftAlone(reason)]}", by_tier, counts)
    console.print(table)
    held_out, mutants = found["held_out"], found["judge_mutants"]
    if held_out["solutions"]:
        failing = f"{held_out['failing']:,} of {held_out['solutions']:,} held-out solutions"
        console.print(f"{failing} fail a generated test.")
    else:
        console.print("No solution could be held out: no problem with generated tests has five accepted ones.")
    killed = f"the given tests kill {mutants['before']:,}, all tests {mutants['after']:,}"
    console.print(f"Of {mutants['mutants']:,} mutants of the solutions of problems with generated tests, {killed}.")


def _table(first: str, tiers: list[str], title: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", title_style="bold")
    table.add_column(first, overflow="fold")  # it wraps before a number is cut
    for tier in [*tiers, "total"]:
        table.add_column(Text(printable(tier) or "(no tier)"), justify="right", no_wrap=True)
    return table


def _row(table: Table, name: str, by_tier: Mapping[str, int], counts: Mapping[str, Any], style: str = "") -> None:
    numbers = [by_tier[tier] for tier in [*counts["tiers"], "total"]]
    table.add_row(name, *(f"{number:,}" if number else "-" for number in numbers), style=style)


def print_explanation(explanation: Explanation, *, whole_statement: bool = False) -> None:
    """Print what a build recorded about one problem: outcome, findings in the order of the stages, statement."""
    from rich.console import Console

    console = Console()
    for part in _explanation(explanation, whole_statement):
        console.print(part)


def _explanation(explanation: Explanation, whole_statement: bool) -> Iterator[RenderableType]:
    from rich.rule import Rule
    from rich.text import Text

    ledger = explanation.ledger
    style = OUTCOME_STYLES[ledger["outcome"]]
    yield Rule(Text(printable(ledger["problem_id"]), style="bold"), align="left", style=style)
    headline = Text(ledger["outcome"].replace("_", " "), style=f"bold {style}")
    if ledger["reasons"]:
        headline.append(": " + ", ".join(ledger["reasons"]))
    if ledger["released_in"]:
        headline.append(f", released in the {ledger['released_in']} split", style="dim")
    if "not_selected" in ledger:
        headline.append(f", not selected: {ledger['not_selected']}", style="dim")
    yield headline
    yield Text(printable(_facts(explanation)), style="dim")
    if explanation.problem is not None:
        if rates := rate_line(explanation.problem):
            yield Text(rates, style="dim")
        yield from _generated_tests(explanation.problem["tests"])
    for stage in dict.fromkeys(finding["stage"] for finding in explanation.findings):
        yield Rule(stage, align="left", style="dim")
        yield from _stage([finding for finding in explanation.findings if finding["stage"] == stage])
    if explanation.problem is not None:
        yield Rule("statement", align="left", style="dim")
        yield from _statement(explanation.problem["question"], whole_statement)


def _facts(explanation: Explanation) -> str:
    ledger = explanation.ledger
    fared = ", ".join(f"{count} {code}" for code, count in ledger["solutions"].items()) or "none was run"
    parts = [ledger["difficulty"] or "no tier", ledger["kind"], plural(ledger["tests"], "test")]
    facts = " | ".join([*parts, f"compared as {compared_as(ledger)}"]) + f"\nsolutions: {fared}"
    return "\n".join([facts, *_strength(explanation)])


def _strength(explanation: Explanation) -> Iterator[str]:
    """Yield how many wrong programs the tests reject, and where those that pass differ."""
    strength = (explanation.problem or {}).get("test_strength")
    if strength is not None:
        yield f"strength of the tests: they reject {strength:.0%} of wrong programs"
    if explanation.survivors:
        at = ", ".join(f"{survivor['operator']} in line {survivor['line']}" for survivor in explanation.survivors[:5])
        more = f", and {len(explanation.survivors) - 5} more" if len(explanation.survivors) > 5 else ""
        yield f"wrong programs that pass every test: {at}{more}"


def compared_as(ledger: Mapping[str, Any]) -> str:
    """Describe how outputs are compared; ledgers of earlier versions have no tolerance."""
    tolerance = Tolerance(ledger.get("tolerance", DEFAULT_TOLERANCE), ToleranceKind(ledger.get("tolerance_kind", "")))
    return str(ComparisonRule(Comparison(ledger["comparison"]), tolerance, ledger.get("cases", "")))


def _statement(question: str, whole: bool) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    text = printable(question).strip()
    yield Padding(Text(text if whole else beginning(text), style="italic"), (1, 2))


def beginning(statement: str) -> str:
    """Return the first lines of a statement, and how to see the others: some of APPS's are one line of a whole page."""
    lines = [line for line in statement.split("\n") if line.strip()]
    text = "\n".join(lines[:STATEMENT_LINES])
    shown = text if len(text) <= STATEMENT_CHARACTERS else text[:STATEMENT_CHARACTERS].rsplit(maxsplit=1)[0]
    return shown if shown == "\n".join(lines) else f"{shown} ...\n(--statement prints all of it)"


def _generated_tests(tests: str) -> Iterator[RenderableType]:
    """Yield a table of the generated tests: number, origin, votes, input and expected output."""
    from rich import box
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    read = Tests.from_json(tests)
    if not read.generated:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Generated tests", title_justify="left")
    for name in ("test", "generator", "risk", "seed", "votes", "input", "expected"):
        table.add_column(name, no_wrap=name not in ("input", "expected"), overflow="fold")
    for test in read.generated:
        given, expected = read.inputs[test.test], read.outputs[test.test]
        texts = (Text(printable(shorten(as_text(value).rstrip("\n"), SHOWN_OF_TEST))) for value in (given, expected))
        votes = f"{test.votes}/{test.voters}"
        table.add_row(str(test.test), test.generator, test.risk, str(test.seed), votes, *texts)
    yield Padding(table, (0, 0, 0, 2))


def _stage(findings: list[dict[str, Any]]) -> Iterator[RenderableType]:
    from rich.text import Text

    counts: dict[str, int] = {}
    shown: list[Any] = []
    for finding in findings:
        evidence = finding["evidence"]
        counts[finding["code"]] = counts.get(finding["code"], 0) + 1
        if "solution" in evidence and counts[finding["code"]] > FAILURES_SHOWN:
            continue
        yield Text.assemble((f"{finding['code']}  ", "bold"), printable(finding["detail"]))
        case = [evidence.get(name) for name in ("input", "expected", "actual")]
        if "actual" in evidence and case in shown:
            yield from _labelled("the same as above", "")
        else:
            yield from _evidence(finding)
        shown.append(case)
    for code, count in counts.items():
        if count > FAILURES_SHOWN and any("solution" in f["evidence"] for f in findings if f["code"] == code):
            yield Text(f"{code}  ... and {count - FAILURES_SHOWN} more solutions", style="dim")


def _evidence(finding: Mapping[str, Any]) -> Iterator[RenderableType]:
    evidence = finding["evidence"]
    if "options" in evidence:
        yield from _votes(evidence)
    elif "actual" in evidence:
        yield from _side_by_side(evidence["input"], evidence["expected"], evidence["actual"])
    elif "input" in evidence:
        yield from _labelled("input", evidence["input"])
    else:
        from rich.padding import Padding
        from rich.text import Text

        rest = {key: value for key, value in evidence.items() if key not in ("solution", "failed_tests") and value}
        if rest:
            text = "  ".join(f"{key.replace('_', ' ')}: {printable(_plain(value))}" for key, value in rest.items())
            yield Padding(Text(text, style="dim"), (0, 0, 0, 4))


def _plain(value: Any) -> str:
    """Write a list or a mapping of the evidence as people do."""
    if isinstance(value, Mapping):
        return ", ".join(f"{its} {str(name).replace('_', ' ')}" for name, its in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(" and ".join(map(_plain, item)) if isinstance(item, list) else _plain(item) for item in value)
    return str(value)


def _votes(evidence: Mapping[str, Any]) -> Iterator[RenderableType]:
    leading = evidence["options"][0]
    yield from _side_by_side(evidence["input"], evidence["expected"], leading["output"])
    others = sum(option["votes"] for option in evidence["options"][1:])
    from rich.padding import Padding
    from rich.text import Text

    text = f"votes: {evidence['for_expected']} for the expected, {leading['votes']} for the other"
    text += f", {others} for {len(evidence['options']) - 1} more" if others else ""
    yield Padding(Text(f"{text}, of {evidence['voters']}", style="dim"), (0, 0, 1, 4))


def _side_by_side(given: str, expected: str, actual: str) -> Iterator[RenderableType]:
    """Yield expected and actual in two columns, each marked from the first difference on."""
    from rich import box
    from rich.padding import Padding
    from rich.table import Table

    yield from _labelled("input", given)
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("expected", overflow="fold", ratio=1)
    table.add_column("actual", overflow="fold", ratio=1)
    start = first_difference(expected, actual)
    table.add_row(_marked(expected, start, "green"), _marked(actual, start, "red"))
    yield Padding(table, (0, 0, 0, 4))


def _marked(text: str, start: int, style: str) -> Text:
    from rich.text import Text

    return Text.assemble(printable(text[:start]), (printable(text[start:]), f"bold {style}"))


def _labelled(label: str, text: str) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    yield Padding(Text.assemble((f"{label} ", "dim"), printable(text.rstrip("\n"))), (0, 0, 0, 4))
