"""The command ``strength``. stdout is data, stderr is messages; heavy packages are imported inside the function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps_plus.options import Json, On, RequireIsolation, Unsafe, Workers
from apps_plus.phases import phase
from apps_plus.terminal import print_json


def strength(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")],
    workers: Workers = 0,
    on: On = "here",
    mutants: Annotated[
        int, typer.Option(min=2, metavar="N", help="Mutants of a problem at most; half of them are run, by a hash.")
    ] = 100,
    pool: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Valid inputs on which a mutant that survives is compared with the canonical solution, to tell "
            "whether it is equivalent; 0: not at all.",
        ),
    ] = 500,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the strengths as PNG, SVG or PDF.")] = None,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
    as_json: Json = False,
) -> None:
    """Measure how many wrong programs the tests of each problem reject, and write it into the build.

    A wrong program is a mutant: the canonical solution with one small change. The share of them that a problem's tests
    reject becomes its `test_strength`, in the released files; strength.jsonl lists those that pass. An interrupted run
    resumes when the same command runs again.

    Example:

        apps-plus strength my-apps-plus --plot strength.png
    """
    from curation.console import progress_bar
    from curation.mutation.measure_strength import StrengthSettings
    from curation.mutation.strength import StrengthOptions, measure_build, read_strengths
    from harness.sandbox import Isolation

    if plot is not None:
        from harness.scoring.plots import check_plot_path

        check_plot_path(plot)
    isolation = Isolation(require_isolation, unsafe)
    options = StrengthOptions(directory, workers, StrengthSettings(mutants, pool), isolation, on=on)
    with progress_bar() as report:
        sums = measure_build(options, report, phase)
    rows = read_strengths(directory)
    if plot is not None:
        from curation.mutation.plot_strength import draw_strength

        draw_strength(sums, rows, plot, directory.resolve().name)
        typer.echo(f"wrote {plot}", err=True)
    if as_json:
        print_json({"build": str(directory), **sums})
        return
    from curation.mutation.console import print_strength

    print_strength(sums, rows)
    typer.echo(f"The strengths are in {directory}: the column test_strength, and strength.jsonl.", err=True)
