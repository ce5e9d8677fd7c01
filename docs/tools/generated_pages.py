"""Write the pages of the site that are made from other files: the help of every command, and the repository's pages.

They are not kept in the repository: ``docs/conf.py`` writes them when the site is built.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COPIES = {
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "findings/README.md": "findings.md",
}
"""Pages of the repository that the site has, too, and their names there."""


def write_pages(docs: Path) -> None:
    """Write all of them into ``docs/reference/made/``."""
    made = docs / "reference/made"
    made.mkdir(parents=True, exist_ok=True)
    _write(made / "commands.md", command_page())
    for source, name in COPIES.items():
        _write(made / name, copied_page(docs.parent, source, made / name))


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def copied_page(root: Path, source: str, target: Path) -> str:
    """Return a page of the repository, with its relative links as seen from ``target``."""
    here = (root / source).parent

    def replace(match: re.Match[str]) -> str:
        path, anchor = match[2], match[3] or ""
        return f"{match[1]}({os.path.relpath(here / path, target.parent)}{anchor})"

    text = (root / source).read_text(encoding="utf-8")
    return re.sub(r"(\[[^\]]*\])\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)", replace, text)


def command_page() -> str:
    """Return the help of every command, in the order of ``apps-plus --help``."""
    import typer

    from apps_plus.cli import app

    root = typer.main.get_command(app)
    parts = ["# Commands\n\nThe help of every command, as `apps-plus COMMAND --help` prints it.\n"]
    for words, command in _commands(root, ["apps-plus"]):
        context = type(command).context_class(command, info_name=" ".join(words), max_content_width=84)
        context.terminal_width = 84
        parts.append(f"{'#' * (len(words) + (len(words) < 2))} {' '.join(words)}\n")
        parts.append(f"```text\n{inspect.cleandoc(command.get_help(context))}\n```\n")
    return "\n".join(parts)


def _commands(command: Any, words: list[str]) -> Iterator[tuple[list[str], Any]]:
    import typer

    yield words, command
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from _commands(command.get_command(context, name), [*words, name])
