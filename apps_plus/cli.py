"""The command line ``apps-plus COMMAND``.

Each package has a ``cli.py`` whose functions are commands. A command's module is imported when the command runs or its
own ``--help`` describes it; heavy modules are imported inside the functions. ``apps-plus --help`` imports none of them.
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
from typer.core import TyperCommand, TyperGroup

from apps_plus.errors import AppsPlusError, InputError, WorkError
from apps_plus.help_example import CopyableExample
from apps_plus.import_paths import leave_current_folder, refuse_other_packages
from apps_plus.option_values import PlainValues
from apps_plus.printable import printable

COMMANDS = {
    "build": ("curation.cli:build", "Rebuild APPS+ from raw APPS: `apps-plus build raw_apps`, say."),
    "explain": ("curation.cli:explain", "Explain the outcome of a problem."),
    "stats": ("curation.cli:stats", "Count a build: reasons by tier, splits, tests, solutions."),
    "strength": (
        "curation.mutation.cli:strength",
        "Measure how many wrong programs the tests of each problem reject, and write it into the build.",
    ),
    "overlap": ("curation.overlap.cli:overlap", "Measure how much of a build occurs in a benchmark."),
    "difficulty": (
        "curation.difficulty.cli:difficulty",
        "Add solve rates of models to a build, as columns; choose problems by them.",
    ),
    "review": ("curation.review.cli:COMMANDS", "Review the problems that a build could not decide."),
    "generate": ("harness.generation.cli:generate", "Generate samples for the problems of a benchmark."),
    "convert": (
        "harness.scoring.samples.convert_cli:convert",
        "Show how a file of samples is read, and write it as JSON lines that evaluate and others read.",
    ),
    "evaluate": (
        "harness.scoring.cli:evaluate",
        "Score a model's samples: pass@k with 95% intervals, and the errors by category.",
    ),
    "errors": (
        "harness.scoring.cli:errors",
        "Show the commonest errors of a model, with an example of each.",
    ),
    "compare": (
        "harness.scoring.cli:compare",
        "Test whether one model is better than another, or the difference is noise.",
    ),
    "selfcheck": ("harness.scoring.cli:selfcheck", "Run a benchmark's own solutions: every one must pass."),
    "leaderboard": (
        "leaderboards.cli:COMMANDS",
        "Show boards of result records, ranked with 95% intervals of scores and ranks.",
    ),
    "train": (
        "stepcoder.cli:COMMANDS",
        "Train a model on problems whose tests run in the sandbox: StepCoder, its ablations, its baselines.",
    ),
    "trace": (
        "harness.tracing.cli:trace",
        "Show which lines of a program ran, which did not, and where its conditional statements are.",
    ),
    "serve": ("harness.serving.cli:serve", "Serve the sandbox and the judge over HTTP."),
    "export": (
        "harness.integrations.export.cli:export",
        "Export the problems of a build for a trainer or the Hugging Face hub, or in the shape of the released APPS+.",
    ),
    "lm-eval-path": ("harness.integrations.cli:lm_eval_path", "Print the folder of the tasks for lm-eval."),
    "doctor": ("harness.doctor_cli:doctor", "Check whether this machine can run untrusted programs safely."),
}
"""Function of each command, and the first sentence of its docstring, in the order of ``--help``. The function may be a
table of subcommands, the first of which is the default."""

INTERRUPTED = 130
"""Exit code of an interrupted command (128 + SIGINT)."""


def report_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command: print each error that a user can fix as one line on stderr, and exit with its code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except AppsPlusError as error:
            sys.exit(_print_error(str(error), error.exit_code))
        except KeyboardInterrupt:
            message = "interrupted; finished work is kept, and the same command resumes it"
            sys.exit(_print_error(message, INTERRUPTED))
        except BrokenPipeError:  # the reader of stdout has closed it; results are printed last, so the work is done
            _discard_stdout()
            sys.exit(0)
        except OSError as error:
            if error.filename is not None and error.errno in _UNREACHABLE:
                sys.exit(_print_error(*_describe_unreachable(os.fsdecode(error.filename), error, kwargs)))
            if error.filename is not None or error.errno not in _STDOUT_FAILS:
                raise
            _discard_stdout()
            sys.exit(_print_error(f"cannot write to standard output: {error.strerror}", WorkError.exit_code))

    return run


_STDOUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
_UNREACHABLE = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP, errno.EROFS)
"""Errors of a path that cannot be accessed. Even ``Path.exists`` raises some of them (Python < 3.14), so any path on
the command line may cause one."""
_OUTPUTS = ("out", "to", "plot")
"""Names of the parameters that are paths to write."""


def _describe_unreachable(path: str, error: OSError, parameters: Mapping[str, Any]) -> tuple[str, int]:
    """Return the message for a path that cannot be accessed, and the exit code: 1 for a path to write, else 2."""
    for name in _OUTPUTS:
        out = parameters.get(name)
        if isinstance(out, Path) and _is_within(Path(path), out):
            from apps_plus.storage import output_error

            refused = output_error(out, error)
            return str(refused), refused.exit_code
    return f"cannot read {path}: {error.strerror}: give a path that you may read", InputError.exit_code


def _is_within(path: Path, folder: Path) -> bool:
    """Return whether a path is the folder, is in it, or is its lock or temporary file beside it (``.NAME.lock``)."""
    path, folder = path.absolute(), folder.absolute()
    is_beside = path.parent == folder.parent and path.name.startswith(f".{folder.name}.")
    return path.is_relative_to(folder) or is_beside


def _discard_stdout() -> None:
    """Send the rest of stdout's buffer to /dev/null, so that flushing it at exit raises no second error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(message: str, exit_code: int) -> int:
    print(f"apps-plus: {printable(message)}", file=sys.stderr)  # the message may quote a file
    return exit_code


class PlainCommand(CopyableExample, PlainValues, TyperCommand):
    """A command that starts without pydantic."""


class DefaultGroup(CopyableExample, PlainValues, TyperGroup):
    """A group whose first command is the default: ``review DIR`` is ``review open DIR``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the first command's name unless the first argument is a command or a help option."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands with their first sentences, whole: click would cut them off at the margin."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(limit=1000)) for name, command in self.commands.items()]
            )


class LazyGroup(CopyableExample, PlainValues, TyperGroup):
    """A group that imports a command's module when the command is looked up."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return the command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        target = getattr(importlib.import_module(module), name)
        return _group(cmd_name, target) if isinstance(target, Mapping) else _command(cmd_name, target)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands with the sentences of the table: nothing is imported to describe them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _command(name: str, function: Callable[..., None]) -> Any:
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    text, example = _help_and_example(function)
    single.command(name=name, cls=PlainCommand, help=text, epilog=example)(report_errors(function))
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
        text, example = _help_and_example(function)
        group.command(name=subname, cls=PlainCommand, help=text, epilog=example)(report_errors(function))
    text, example = _help_and_example(next(iter(functions.values())))
    group.callback(help=text, epilog=example)(lambda: None)
    return typer.main.get_command(group)


def _help_and_example(function: Callable[..., None]) -> tuple[str, str]:
    """Split a docstring into the help text and its last line, the example."""
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
    """Make APPS+ reproducible: rebuild the dataset, run programs in a sandbox, score and train models."""


def main() -> None:
    """Run the command line. A reader that closes stdout early, as ``head`` does, ends it quietly, with exit code 0."""
    try:
        refuse_other_packages()
    except InputError as error:
        sys.exit(_print_error(str(error), error.exit_code))
    if "_APPS_PLUS_COMPLETE" in os.environ:
        from typer.completion import get_completion_inspect_parameters

        get_completion_inspect_parameters()  # registers the shells; without it there is no completion
    try:
        app()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # rich and click end with 1 then
            _discard_stdout()
            sys.exit(0)
        _flush_stdout()
        raise


def _flush_stdout() -> None:
    """Flush stdout, which a command that ends by ``SystemExit``, such as ``--help``, did not."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()


if __name__ == "__main__":
    leave_current_folder()
    main()
