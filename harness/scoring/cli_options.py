"""Options of the scoring commands: their types and help, and the checks of their values.

A value that cannot be used raises typer.BadParameter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from apps_plus.errors import InputError

Task = Annotated[
    str,
    typer.Argument(
        metavar="TASK", help="humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, apps, apps+ or livecodebench."
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="The problems, if they do not come with apps-plus: mbpp.jsonl, sanitized-mbpp.json, EvalPlus's files, "
        "raw APPS (or `sample`), the folder of a build, or a release of LiveCodeBench.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="train, validation, test, prompt (MBPP) or all, if the problems have splits."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="livecodebench: only problems of contests since that day: 2024-08-01."),
]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="livecodebench: only those up to that day.")]
Timeout = Annotated[
    float | None,
    typer.Option(metavar="S", help="Processor time for each test, in seconds; by default 4."),
]
Field = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The field of each row that holds the text, such as filtered_resps or output_list; by default it is "
        "detected.",
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Keep executions in FILE, and do not run a program again that it has."),
]


def parse_ks(text: str | None) -> tuple[int, ...] | None:
    """Parse a list of numbers above zero: ``1,10,100``."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < len(part) < 7 and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"{text!r} is not a list of numbers above zero: write 1,10,100", param_hint="--k")
    return tuple(sorted({int(part) for part in parts}))


def parse_timeout(seconds: float | None) -> float | None:
    """Check a timeout in seconds."""
    if seconds is not None and not 0 < seconds <= 3600:
        raise typer.BadParameter(f"{seconds} is not a number of seconds above 0 and up to 3600", param_hint="--timeout")
    return seconds


def parse_selection(min_strength: float | None, solve_rate: str | None) -> Any:
    """Return the selection of problems that the options ask for."""
    from apps_plus.selection import Selection, parse_range

    try:
        return Selection(min_strength, parse_range(solve_rate) if solve_rate is not None else None)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--solve-rate") from error


def parse_record(record: Path | None, model: str | None, facts: Path | None, options: Any) -> Any:
    """Plan the record that ``--record`` asks for; None without it. Raises as ``plan_record`` does, too."""
    if record is None:
        for name, value in (("--model", model), ("--model-facts", facts)):
            if value is not None:
                raise typer.BadParameter("this is for a record: give --record FILE too", param_hint=name)
        return None
    from harness.scoring.make_result_record import plan_record

    return plan_record(record, facts, model, options)


def parse_rule(name: str | None) -> Any:
    """Return the rule of that name."""
    from harness.scoring.samples.sample_programs import ProgramRule

    if name is None:
        return None
    try:
        return ProgramRule(name)
    except ValueError:
        choices = ", ".join(ProgramRule)
        raise typer.BadParameter(f"there is no rule {name}: choose one of {choices}", param_hint="--rule") from None


def parse_judge(name: str | None, task: str) -> Any:
    """Return the judge of that name, which must know the task's problems; None without a name."""
    from harness.scoring.other_judges.judges import OtherJudge

    if name is None:
        return None
    if task != "apps":
        raise typer.BadParameter(f"other judges are compared with on the task apps, not on {task}", param_hint="--as")
    try:
        return OtherJudge(name)
    except ValueError:
        choices = ", ".join(OtherJudge)
        raise typer.BadParameter(f"there is no judge {name}: choose one of {choices}", param_hint="--as") from None


def parse_reasoning_end(text: str | None, rule: str | None) -> str | None:
    """Check that the text is not empty, and that the rule looks for reasoning."""
    if text is not None and not text.strip():
        raise typer.BadParameter("give the text that ends the reasoning, or none", param_hint="--reasoning-end")
    if text not in (None, "none") and rule not in (None, "fenced_block"):
        raise typer.BadParameter(
            f"the rule {rule} does not remove reasoning: leave --rule out", param_hint="--reasoning-end"
        )
    return text
