"""Draw a trace as in the paper's figure 1, in a terminal and as SVG or HTML.

All texts of the program go through ``printable`` and into ``Text``, so that control characters and markup have no
effect.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps_plus.printable import one_line, printable
from apps_plus.storage import write_atomically
from harness.tracing.trace import Trace, TracedRun

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

RUNS_SHOWN = 12
"""Most runs in the table."""
TAB = 4
WIDTHS = (76, 132)
"""Least and most columns of a picture in a file."""
RAN, MISSED, PLAIN = "green", "red", "bright_black"
BARS = {RAN: "▌", MISSED: "░", PLAIN: " "}
"""The bar beside a line, to read the picture without colours."""
GOOD = frozenset(("passed", "finished"))
_FONT_FACES = re.compile(r"\s*@font-face\s*\{[^}]*\}")
"""The part of the SVG that would load a font from the network."""
_FONTS = re.compile(r"font-family: ?(?:Fira Code|Menlo)[^;\"]*")
_BAND = "on #3a1d1d"
"""The background of lines that did not run, in files only: a terminal may have a light background."""


def print_trace(trace: Trace) -> None:
    """Print a trace on stdout."""
    from rich.console import Console

    for part in _parts(trace):
        Console().print(part)


def write_picture(trace: Trace, path: Path) -> None:
    """Write a trace as SVG or HTML, by the suffix.

    Raises:
        OutputError: The file cannot be written.
    """
    text = svg(trace) if path.suffix == ".svg" else html(trace)
    with write_atomically(path) as file:
        file.write(text)


def svg(trace: Trace) -> str:
    """Return a trace as a self-contained SVG; the same trace gives the same text."""
    from rich.terminal_theme import DIMMED_MONOKAI

    console = _recorded(trace)
    picture = console.export_svg(title=one_line(trace.name, 60), theme=DIMMED_MONOKAI, unique_id="trace")
    return _FONTS.sub("font-family: monospace", _FONT_FACES.sub("", picture))


def html(trace: Trace) -> str:
    """Return a trace as a self-contained HTML page."""
    from rich.terminal_theme import DIMMED_MONOKAI

    page = _recorded(trace).export_html(theme=DIMMED_MONOKAI, inline_styles=True)
    return _FONTS.sub("font-family: monospace", page)


def _recorded(trace: Trace) -> Console:
    from rich.console import Console

    longest = max((len(line.expandtabs(TAB)) for line in trace.lines), default=0)
    width = min(max(longest + 22, WIDTHS[0]), WIDTHS[1])
    console = Console(record=True, file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    for part in _parts(trace, _BAND):
        console.print(part)
    return console


def _parts(trace: Trace, band: str = "") -> list[RenderableType]:
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    rule = Rule(Text(one_line(trace.name, 60), style="bold"), align="left", style=PLAIN)
    return [rule, _headline(trace), Padding(_listing(trace, band), (1, 0)), *_runs(trace), _legend(trace)]


def _headline(trace: Trace) -> Text:
    from rich.text import Text

    outcomes = Counter(run.outcome for run in trace.runs)
    text = Text()
    if trace.executable is None or trace.executed is None:
        why = "it does not compile" if trace.compile_error else "it could not be traced"
        text.append(f"the executed lines are unknown: {why}", style="yellow")
    else:
        ran = len(trace.executable & trace.executed)
        text.append(f"{ran} of {len(trace.executable)} lines of code ran", style=f"bold {RAN}")
        if missed := len(trace.executable) - ran:
            text.append(f", {missed} did not", style=f"bold {MISSED}")
    for outcome, number in outcomes.items():
        text.append("  |  ", style=PLAIN)
        text.append(f"{number} x {outcome.replace('_', ' ')}", style=RAN if outcome in GOOD else MISSED)
    return text


# ---- the source


def _listing(trace: Trace, band: str) -> RenderableType:
    """Return the numbered source, with the number of runs of each line, a bar, and marks at conditional statements."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    starts = {conditional.start_line for conditional in trace.conditionals}
    failures = {run.execution.line for run in trace.runs if run.execution.line and run.outcome not in GOOD}
    for number, code in enumerate(_highlighted(trace), 1):
        state = line_style(trace, number)
        if state == MISSED:
            code = Text(code.plain, style=f"{MISSED} {band}")
        table.add_row(
            Text(str(number), style="bold red" if number in failures else PLAIN),
            Text(_count(trace, number), style=state),
            Text("◆" if number in starts else " ", style="bold yellow"),
            Text("✗" if number in failures else BARS[state], style=MISSED if number in failures else state),
            code,
        )
    return table


def line_style(trace: Trace, line: int) -> str:
    """Return the style of a line: it ran, it did not run, or it is not code (or that is unknown)."""
    if trace.executable is None or trace.executed is None or line not in trace.executable:
        return PLAIN
    return RAN if line in trace.executed else MISSED


def _count(trace: Trace, line: int) -> str:
    if line_style(trace, line) == PLAIN:
        return ""
    return f"{trace.counts.get(line, 0)}/{len(trace.runs)}"


def _highlighted(trace: Trace) -> list[Text]:
    """Return each line of the source, highlighted as Python."""
    from rich.syntax import Syntax
    from rich.text import Text

    lines = [printable(line).replace("\n", " ").expandtabs(TAB) for line in trace.lines]
    while lines and not lines[-1]:
        lines.pop()
    syntax = Syntax("", "python", theme="ansi_dark", background_color="default")
    coloured = syntax.highlight("\n".join(lines)).split("\n", allow_blank=True)
    if [line.plain for line in coloured][: len(lines)] != lines:  # the lexer has removed or added something
        return [Text(line) for line in lines]
    return list(coloured)[: len(lines)]


# ---- the runs


def _runs(trace: Trace) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    shown = runs_to_show(trace.runs)
    for run in shown:
        good = run.outcome in GOOD
        outcome = Text(run.outcome.replace("_", " "), style=RAN if good else MISSED)
        table.add_row(Text(one_line(run.name, 24)), outcome, Text(result_text(run), style=PLAIN))
    if left := len(trace.runs) - len(shown):
        table.add_row(Text(f"... {left} more", style=PLAIN))
    return [table] if trace.runs else []


def runs_to_show(runs: tuple[TracedRun, ...]) -> list[TracedRun]:
    """Return at most ``RUNS_SHOWN`` runs in their order; failed runs are kept first."""
    chosen = sorted(range(len(runs)), key=lambda i: (runs[i].outcome in GOOD, i))[:RUNS_SHOWN]
    return [runs[i] for i in sorted(chosen)]


def result_text(run: TracedRun) -> str:
    """Describe the result of a run: the exception and its line, or the printed output or returned value."""
    execution = run.execution
    if execution.exception:
        message = f"{execution.exception}: {execution.message}" if execution.message else execution.exception
        return one_line(message, 120) + (f" (line {execution.line})" if execution.line else "")
    if run.outcome not in GOOD and run.verdict is None:
        return ""
    answer = execution.result if execution.result is not None else execution.result_type or execution.output
    verb = "returned" if execution.result is not None or execution.result_type else "printed"
    return f"{verb} {one_line(answer, 60)}" if answer.strip() else ""


def _legend(trace: Trace) -> Any:
    from rich.text import Text

    parts: list[Any] = ["\n"]
    if trace.executed is not None:
        parts += [(BARS[RAN], RAN), (" ran (on how many inputs)  ", PLAIN)]
        parts += [(BARS[MISSED], MISSED), (" did not run  ", PLAIN)]
    if trace.conditionals:
        parts += [("◆", "bold yellow"), (" a conditional statement starts  ", PLAIN)]
    if any(run.execution.line and run.outcome not in GOOD for run in trace.runs):
        parts += [("✗", MISSED), (" the line that failed", PLAIN)]
    return Text.assemble(*parts)
