"""The command ``doctor``.

Data goes to stdout, messages to stderr. Heavy packages are imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.options import Json

if TYPE_CHECKING:
    from rich.table import Table

    from harness.doctor import DoctorReport, Extra


def doctor(
    extras: Annotated[
        bool,
        typer.Option("--extras", help="Print for each optional extra that is missing the command that installs it."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check whether this machine can run untrusted programs safely.

    Programs in a real sandbox try to get through each layer. Exits with 0 where programs can be run sandboxed here,
    with 1 where not.

    Example:

        apps-plus doctor --json
    """
    import json
    from dataclasses import asdict

    from harness.doctor import examine

    report = examine()
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        from rich.console import Console

        Console().print(report_table(report, extras=extras))
    if not report.ok:
        typer.echo(f"apps-plus: programs cannot be run safely here: {why_not(report)}", err=True)
        raise typer.Exit(1)


def why_not(report: DoctorReport) -> str:
    """Return why programs cannot be run safely here, and what to do about it."""
    if not report.python_supported:
        return f"{report.python} is not supported; use CPython 3.11 or newer"
    if report.sandbox.error:
        return report.sandbox.error
    could = ", ".join(finding.what for finding in report.sandbox.probes if not finding.blocked)
    needs = "; ".join(f"{layer}: {why}" for layer, why in (report.sandbox.missing or {}).items())
    return f"a program could {could}" + (f" ({needs})" if needs else "")


def report_table(report: DoctorReport, *, extras: bool = False) -> Table:
    """Return the report as a table; with ``extras``, a row for each optional extra instead of one for all."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"apps-plus {report.version}: " + ("ready" if report.ok else "not ready"), show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")

    def row(name: str, text: str, good: bool | None = None) -> None:
        mark = {True: ("yes  ", "green"), False: ("NO   ", "red"), None: ("", "")}[good]
        table.add_row(name, Text.assemble(mark, text))

    supported = "" if report.python_supported else " (not supported: needs CPython 3.11 or newer)"
    row("Python", report.python + supported)
    row("system", f"{report.system}, {report.cores} cores, {report.memory_bytes / (1 << 30):.1f} GiB of memory")
    table.add_section()
    row("sandbox", report.sandbox.error or "runs programs", report.sandbox.works)
    for text in report.sandbox.limits:
        row("  limit", text)
    for layer in report.sandbox.layers:
        row(f"  {layer}", "in force", True)
    for layer, why in (report.sandbox.missing or {}).items():
        row(f"  {layer}", why, False)
    for finding in report.sandbox.probes:
        row(
            f"  {finding.name}",
            f"{'cannot' if finding.blocked else 'could'} {finding.what}: {finding.detail}",
            finding.blocked,
        )
    table.add_section()
    for name, version in report.packages.items():
        row(name, version or f"not installed: pip install {name}")
    table.add_section()
    row("GPU", "\n".join(report.gpus) or "none that nvidia-smi sees")
    row("torch", report.torch)
    if not extras:
        row("extras", extras_line(report.extras))
        return table
    for extra in report.extras:
        row(f"extra {extra.name}", "installed" if extra.installed else f"{extra.install} ({', '.join(extra.missing)})")
    return table


def extras_line(extras: Sequence[Extra]) -> str:
    """Return which optional extras are installed, and how to get the others: ``train, plots; not installed: api``."""
    there = ", ".join(extra.name for extra in extras if extra.installed) or "none"
    missing = ", ".join(extra.name for extra in extras if not extra.installed)
    return f"{there}; not installed: {missing} (--extras says how)" if missing else there
