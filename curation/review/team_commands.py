"""The commands under ``apps-plus review`` that are about many items: the catalogue, agreement, export, what ships.

Slow imports are inside the functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json
from apps_plus.terminal import print_json

BuildDir = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a build.")]


def checkers(as_json: Json = False) -> None:
    """List the checkers of the catalogue, from the strictest to the laxest.

    A line has the name, what it accepts besides the expected output, and how to use it: `decide DIR ID correct
    --checker NAME`, or `--comparison NAME` for one that is built in.

    Example:

        apps-plus review checkers
    """
    from curation.checkers.catalogue import CATALOGUE
    from curation.review.console import catalogue_lines

    if as_json:
        print_json({"checkers": [checker.to_json() for checker in CATALOGUE]})
    else:
        print_lines(catalogue_lines(CATALOGUE))


def guidelines(directory: BuildDir) -> None:
    """Print the guidelines of a review: those in DIR/guidelines.md, or the usual ones.

    The screen shows them with F1.

    Example:

        apps-plus review guidelines my-apps-plus
    """
    from apps_plus.printable import printable
    from curation.review.guidelines import read_guidelines
    from curation.review.queue import require_build

    typer.echo(printable(read_guidelines(require_build(directory))), nl=False)


def agreement(directory: BuildDir, as_json: Json = False) -> None:
    """Measure the agreement of reviewers: Cohen's kappa on the items that two of them judged.

    The categories are keep, correct and drop.

    Example:

        apps-plus review agreement my-apps-plus
    """
    from dataclasses import asdict

    from curation.review.agreement import compare_reviewers, count_actions
    from curation.review.console import agreement_lines
    from curation.review.queue import require_build
    from curation.review_decisions import read_decisions

    decisions = read_decisions(require_build(directory) / "decisions")
    pairs, judged = compare_reviewers(decisions), count_actions(decisions)
    if as_json:
        print_json({"reviewers": {name: dict(n) for name, n in judged.items()}, "pairs": [asdict(p) for p in pairs]})
        return
    print_lines(agreement_lines(pairs))
    if not pairs:
        typer.echo(
            f"no item was judged by two reviewers ({len(judged)} reviewers decided): review with --overlap", err=True
        )


def export(
    directory: BuildDir,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write the decisions to.")],
    portable: Annotated[
        bool,
        typer.Option(
            "--portable",
            help="Let each decision hold wherever the raw problem is the same, also if solutions run or vote "
            "differently on another machine or version of Python.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy a build's decisions into a folder for `build --decisions`.

    With raw APPS and that folder, anyone can rebuild the dataset. Decisions that are already in OUT stay, so OUT can be
    a git repository that collects the decisions of several reviewers.

    Example:

        apps-plus review export my-apps-plus my-decisions
    """
    from apps_plus.storage import look_at, output_error, read_json_lines
    from curation.review.portable import make_portable
    from curation.review.queue import require_build
    from curation.review_decisions import add_decisions, find_decisions, read_decisions

    try:
        is_build = look_at(out / "manifest.json") is not None
    except OSError as error:
        raise output_error(out, error) from error
    if is_build:
        raise InputError(f"{out} is a build: give a folder for decisions only, such as {out / 'decisions'}")
    decisions = read_decisions(find_decisions(require_build(directory)))
    if portable:
        decisions = make_portable(decisions, read_json_lines(directory / "ledger.jsonl"))
    new = add_decisions(decisions, out)
    total = len(read_decisions(out))
    if as_json:
        print_json({"out": str(out), "new": new, "total": total})
    else:
        typer.echo(f"{new} new decisions in {out}, {total} in all: apps-plus build --decisions {out} applies them")


def shipped(
    as_json: Json = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page docs/decisions.md of this package.")
    ] = False,
) -> None:
    """List the decisions that ship with apps-plus, which a build of raw APPS replays.

    A line has the problem's id, the decision, its checker and the reason. `build --decisions none` leaves them out.

    Example:

        apps-plus review shipped --markdown
    """
    from dataclasses import asdict

    from curation.decisions import read_shipped_decisions
    from curation.decisions.table import decided_problems, markdown, table_lines

    problems = decided_problems(read_shipped_decisions())
    if as_json:
        print_json({"problems": [{**asdict(p), "decision": p.decision.to_row()} for p in problems]})
    elif as_markdown:
        typer.echo(markdown(problems), nl=False)
    else:
        print_lines(table_lines(problems))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on stdout."""
    for line in lines:
        typer.echo(line)
