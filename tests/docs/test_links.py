"""The pages of the repository hold together: links, anchors, commands, the table of contents, the pictures."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from command_line import parse

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *(ROOT / name for name in ("benchmarks/README.md", "findings/README.md")),
    *sorted(path for path in DOCS.rglob("*.md") if not {"made", "_build"} & set(path.relative_to(DOCS).parts)),
]
FENCE = re.compile(r"^(`{3,}|:{3,}).*?^\1`*\s*$", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """The text of a page without its blocks of code and its spans of code."""
    return re.sub(r"`[^`\n]*`", "code", FENCE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6} +(.+?) *$", text, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_and_anchors_exist(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        if not to.is_relative_to(ROOT) or not to.exists() or (anchor and anchor not in anchors(to)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_options_of_every_command_exist(page: Path) -> None:
    refused = []
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for block in FENCE.finditer(text):
        for line in block[0].splitlines():
            command = re.match(r"(?:\$ )?(?:\.venv/bin/)?apps-plus (.*)", line)
            if command:
                words = shlex.split(command[1].partition(" | ")[0].partition(" > ")[0], comments=True)
                try:
                    parse(words)
                except typer.Exit as ended:
                    assert ended.exit_code == 0  # --help, --version
                except Exception as error:
                    refused.append(f"{line}: {error}")
    assert refused == []


def test_every_page_is_in_the_table_of_contents() -> None:
    named = set(re.findall(r"^([a-z_]+(?:/[a-z_]+)*)$", (DOCS / "index.md").read_text(), re.MULTILINE))
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES if path.is_relative_to(DOCS)}
    assert {name for name in named if "/made/" not in name} == pages - {"index"}


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_recorded_terminals_show_commands_that_exist_and_load_nothing() -> None:
    recorded = sorted((DOCS / "images").glob("terminal-*.svg"))
    assert recorded
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for path in recorded:
        assert path.name in shown
        svg = path.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|href=)[\"']?https?:", svg)
        command = re.search(r"apps-plus(?:&#160;[^<]*)", svg)
        assert command, path.name
        parse(command[0].replace("&#160;", " ").split()[1:])
