"""The front door: ``apps-plus COMMAND``.

Each package has a ``cli.py`` whose functions are commands. A command's module is imported when the command runs or
``--help`` describes it; what is heavy is imported inside the functions, so that ``apps-plus --help`` answers at once.
"""

from __future__ import annotations

import errno
import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from apps_plus.errors import AppsPlusError, InputError, WorkError
from apps_plus.printable import printable

COMMANDS = {
    "build": "curation.cli:build",
    "explain": "curation.cli:explain",
    "stats": "curation.cli:stats",
    "overlap": "curation.overlap.cli:overlap",
    "review": "curation.review.cli:COMMANDS",
    "generate": "harness.generation.cli:generate",
    "convert": "harness.scoring.samples.convert_cli:convert",
    "evaluate": "harness.scoring.cli:evaluate",
    "errors": "harness.scoring.cli:errors",
    "compare": "harness.scoring.cli:compare",
    "selfcheck": "harness.scoring.cli:selfcheck",
    "leaderboard": "leaderboards.cli:COMMANDS",
    "train": "stepcoder.cli:COMMANDS",
    "trace": "harness.tracing.cli:trace",
    "doctor": "harness.cli:doctor",
}
"""Every command and the function that is it, in the order of ``--help``; or a table of commands under it, by name, of
which the first runs where none is named."""

INTERRUPTED = 130


def mending(command: Callable[..., None]) -> Callable[..., None]:
    """The command, with every error that a person can mend as one line on stderr and its exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except AppsPlusError as error:
            sys.exit(_say(str(error), error.exit_code))
        except KeyboardInterrupt:
            sys.exit(_say("interrupted; what was finished is kept, the same command goes on from it", INTERRUPTED))
        except BrokenPipeError:  # the reader of our results has seen enough: they are printed when all is done
            _close_stdout()
            sys.exit(0)
        except OSError as error:
            if error.filename is not None and error.errno in _UNREACHABLE:
                sys.exit(_say(*_unreachable(os.fsdecode(error.filename), error, kwargs)))
            if error.filename is not None or error.errno not in _STDOUT_FAILS:
                raise
            _close_stdout()
            sys.exit(_say(f"cannot write to standard output: {error.strerror}", WorkError.exit_code))

    return run


_STDOUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
_UNREACHABLE = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP, errno.EROFS)
"""Errors that say that a path cannot be looked at. Even ``Path.exists`` raises some of them (Python < 3.14), so any
path on the command line can end here."""
_OUTPUTS = ("out", "to", "plot")
"""Parameters that name what a command writes."""


def _unreachable(path: str, error: OSError, parameters: Mapping[str, Any]) -> tuple[str, int]:
    """What to say of a path that cannot be looked at, and the exit code: 1 where it is one to write to, else 2."""
    for name in _OUTPUTS:
        out = parameters.get(name)
        if isinstance(out, Path) and _is_within(Path(path), out):
            from apps_plus.storage import output_error

            refused = output_error(out, error)
            return str(refused), refused.exit_code
    return f"cannot read {path}: {error.strerror}: give a path that you may read", InputError.exit_code


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a path is the folder, lies in it, or is a file beside it that is written first (``.NAME.lock``)."""
    place, folder = path.absolute(), folder.absolute()
    is_beside = place.parent == folder.parent and place.name.startswith(f".{folder.name}.")
    return place.is_relative_to(folder) or is_beside


def _close_stdout() -> None:
    """What is still in its buffer goes nowhere, so that no second complaint comes at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, exit_code: int) -> int:
    print(f"apps-plus: {printable(message)}", file=sys.stderr)  # it may quote a file that nobody checked
    return exit_code


class DefaultGroup(TyperGroup):
    """A group whose first command runs where none is named: ``review DIR`` is ``review open DIR``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the first command where the first word is none, nor asks for help."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the table, which is the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        target = getattr(importlib.import_module(module), name)
        return _group(cmd_name, target) if isinstance(target, Mapping) else _command(cmd_name, target)


def _command(name: str, function: Callable[..., None]) -> Any:
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    text, example = _told(function)
    single.command(name=name, help=text, epilog=example)(mending(function))
    return typer.main.get_command(single)


def _group(name: str, functions: Mapping[str, Callable[..., None]]) -> Any:
    group = typer.Typer(
        name=name,
        cls=DefaultGroup,
        subcommand_metavar="[COMMAND] ...",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )
    for subname, function in functions.items():
        text, example = _told(function)
        group.command(name=subname, help=text, epilog=example)(mending(function))
    text, example = _told(next(iter(functions.values())))
    group.callback(help=text, epilog=example)(lambda: None)
    return typer.main.get_command(group)


def _told(function: Callable[..., None]) -> tuple[str, str]:
    """The text and the last line of the help, from the docstring."""
    text, _, example = (inspect.getdoc(function) or "").partition("\nExample:\n")
    return text, f"Example:  {example.strip()}"


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import apps_plus

        typer.echo(f"apps-plus {apps_plus.__version__}")
        raise typer.Exit


@app.callback(epilog="Example:  apps-plus build --out my-apps-plus")
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """APPS+, made reproducible: rebuild the dataset, run programs safely, see why."""


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
