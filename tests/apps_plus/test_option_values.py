"""Plain option values become what typer itself makes of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.core import TyperCommand

from apps_plus.cli import PlainCommand
from apps_plus.option_values import NotPlainError, plain_value


def command_of(function: Any, kind: type[TyperCommand] = TyperCommand) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(cls=kind)(function)
    return typer.main.get_command(app)


def options(
    file: Annotated[Path | None, typer.Argument()] = None,
    text: Annotated[str, typer.Option()] = "",
    count: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    share: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    paths: Annotated[list[Path] | None, typer.Option()] = None,
    numbers: Annotated[list[int] | None, typer.Option()] = None,
    flag: Annotated[bool | None, typer.Option("--flag/--no-flag")] = None,
) -> None:
    typer.echo(repr((file, text, count, share, paths, numbers, flag)))


GIVEN = [
    [],
    ["a file"],
    [""],
    ["--text", "0", "--count", "7", "--share", "0.25"],
    ["--count", "0"],
    ["--count", "1001"],
    ["--count", "+7"],
    ["--count", " 7 "],
    ["--count", "7.0"],
    ["--count", "1_0"],
    ["--count", "\u0667"],
    ["--count", "9" * 30],
    ["--count", "seven"],
    ["--share", "1"],
    ["--share", "1.5"],
    ["--share", "-0.0"],
    ["--share", "nan"],
    ["--share", "1e-3"],
    ["--share", ".5"],
    ["--paths", "a", "--paths", "b/"],
    ["--numbers", "1", "--numbers", "2"],
    ["--numbers", "1", "--numbers", "x"],
    ["--flag"],
    ["--no-flag", "--text", ""],
]


@pytest.mark.parametrize("arguments", GIVEN, ids=" ".join)
def test_a_value_is_converted_or_refused_as_by_typer(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: Any) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            command.main(arguments, prog_name="tool")
        return ended.value.code, *capsys.readouterr()

    assert run(command_of(options, PlainCommand)) == run(command_of(options))


def test_a_file_that_nobody_may_read_is_left_to_typer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    parameter = next(p for p in command_of(options).params if p.name == "file")
    assert plain_value(parameter, str(file)) == file
    assert plain_value(parameter, str(tmp_path / "new")) == tmp_path / "new"
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(NotPlainError):
        plain_value(parameter, str(file))


def test_the_options_of_a_command_are_read_without_pydantic() -> None:
    code = (
        "import sys\nfrom apps_plus.cli import LazyGroup\n"
        "command = LazyGroup(name='x').get_command(None, 'evaluate')\n"
        "command.make_context('x', 'humaneval file --workers 2 --timeout 3 --min-strength 0.5'.split())\n"
        "print('pydantic' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (result.stdout, result.stderr) == ("False\n", "")
