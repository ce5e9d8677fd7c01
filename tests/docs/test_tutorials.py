"""The tutorials, followed as a reader would: commands after ``$`` and blocks of Python, in order, in one folder.

Blocks marked ``sh`` need a model, a network or minutes: their options are only parsed, in ``test_links.py``.
"""

from __future__ import annotations

import contextlib
import functools
import re
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import run
from raw_problems import LIMITS

import apps_plus
from curation import build_options
from curation.build_options import BuildOptions

TUTORIALS = Path(__file__).parents[2] / "docs/tutorials"
BUILD = "apps-plus build --out my-apps-plus"
CHEAPER = {"apps-plus strength my-apps-plus": ("--mutants", "4", "--pool", "20")}
"""Options that make a step take a second instead of a minute."""


def steps(page: str) -> list[tuple[str, str]]:
    """The commands (``$``) and programs (``python``) of a page."""
    text = (TUTORIALS / page).read_text(encoding="utf-8")
    found = []
    for language, block in re.findall(r"^```(console|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language == "python":
            found.append(("python", block))
        else:
            found += [("$", line.removeprefix("$ ")) for line in block.splitlines() if line.startswith("$ ")]
    return found


@pytest.fixture(autouse=True)
def _limits_of_the_sample_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build with the limits of ``sample_build``, so that its journal is used."""
    monkeypatch.setattr(build_options, "BuildOptions", functools.partial(BuildOptions, limits=LIMITS))


def follow(page: str, folder: Path, sample_build: Path) -> list[str]:
    """Run a page's steps; return what was printed by each. The first build is a copy of one that was made."""
    printed = []
    for kind, step in steps(page):
        if kind == "python":
            with contextlib.chdir(folder):
                exec(compile(step, page, "exec"), {"__name__": "__main__"})
            printed.append("")
        elif step == BUILD and not (folder / "my-apps-plus").exists():
            shutil.copytree(sample_build, folder / "my-apps-plus")
            printed.append("")
        else:
            result = run(*shlex.split(step, comments=True)[1:], *CHEAPER.get(step, ()), cwd=folder)
            assert result.exit_code == 0, f"{step}: {result.stderr[-800:]}"
            printed.append(result.stdout)
    return printed


def test_rebuild(tmp_path: Path, sample_build: Path) -> None:
    printed = follow("rebuild.md", tmp_path, sample_build)
    assert "1 of 6 solutions give the expected output, 5 agree on another" in " ".join("".join(printed).split())


def test_review(tmp_path: Path, sample_build: Path) -> None:
    printed = "".join(follow("review.md", tmp_path, sample_build))
    assert "train/0051: 0 of 5 different solutions passed before, 5 pass now" in printed
    assert "differ on test/0000" in printed
    assert apps_plus.load(tmp_path / "my-apps-plus").problem("train/0051").outcome == "corrected"
    assert sorted(path.name for path in (tmp_path / "decisions").glob("*.jsonl")) == ["ada.jsonl", "ben.jsonl"]


def test_score_and_rank(tmp_path: Path, sample_build: Path) -> None:
    printed = "".join(follow("score.md", tmp_path, sample_build))
    assert "66.5 [64.0,69.5]" in printed
    assert "may be noise: the interval contains 0 (p = 0.89)" in printed
    assert "ours: agrees" in printed
    printed = "".join(follow("rank.md", tmp_path, sample_build))
    assert "+2.2 [-4.2,+8.7] points, p = 0.48" in printed
    assert (tmp_path / "board/index.html").exists()


@pytest.mark.parametrize("page", sorted(path.name for path in TUTORIALS.glob("*.md")))
def test_a_tutorial_has_steps_of_a_known_kind(page: str) -> None:
    text = (TUTORIALS / page).read_text(encoding="utf-8")
    assert set(re.findall(r"^```(\w+)$", text, re.MULTILINE)) <= {"console", "python", "sh", "text"}
