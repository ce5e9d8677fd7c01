"""Run ``apps-plus`` in the process of the tests: what starts a process of its own costs half a second."""

from __future__ import annotations

import contextlib
from pathlib import Path

import typer
from click.testing import Result
from typer.core import TyperGroup
from typer.testing import CliRunner

from apps_plus.cli import app

ROOT = typer.main.get_command(app)


def run(*arguments: object, cwd: Path | None = None) -> Result:
    """Run a command in a folder. What it did not handle is raised: a traceback fails the test."""
    with contextlib.nullcontext() if cwd is None else contextlib.chdir(cwd):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def parse(words: list[str]) -> None:
    """Walk to the command that the words name, and parse the rest as its options. Raises click's UsageError."""
    context = ROOT.make_context("apps-plus", list(words))
    while isinstance(context.command, TyperGroup):
        name, child, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        context = child.make_context(name, rest, parent=context)
